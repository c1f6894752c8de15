"""What every measure does to its arrays first: check them, and leave out rows that stand for nobody.

Sums are written ``(a * b).sum()`` and never as a dot product: the linear-algebra library behind a dot
product adds in an order that depends on its number of threads, and results must not depend on where a run
was done.
"""

from math import nan

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

MEAN_ROUNDING = 1e-14  # a mean this small, in parts of the largest value, is what rounding leaves of zero


def checked(
    values: npt.ArrayLike, weight: npt.ArrayLike | None, *, columns: bool = False
) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Values and weights of the rows with a positive weight, and the mask of these rows.

    Args:
        values: shape (n,), or (n, k) with *columns*.
        weight: shape (n,), not negative; None counts each row as one.
        columns: whether *values* is a table.

    Raises:
        ValueError: wrong shape, a negative or non-finite weight, a non-finite value in a row that counts.
    """
    table = np.asarray(values, dtype=np.float64)
    if table.ndim != (2 if columns else 1):
        raise ValueError(f"expected {2 if columns else 1} dimension(s), got shape {table.shape}")
    rows = table.shape[0]
    persons = np.ones(rows) if weight is None else np.asarray(weight, dtype=np.float64)
    if persons.shape != (rows,):
        raise ValueError(f"{rows} rows need as many weights, got shape {persons.shape}")
    if not (np.isfinite(persons).all() and (persons >= 0).all()):
        raise ValueError("weights must be finite and not negative")
    kept = persons > 0
    if not kept.all():
        table, persons = table[kept], persons[kept]
    if not np.isfinite(table).all():
        raise ValueError("a row with a positive weight holds NaN or infinity")
    return table, persons, kept


def weighted_mean(values: FloatArray, weight: FloatArray) -> float:
    """Weighted mean of checked values; NaN without rows.

    Held between the least and the greatest value, so that the mean of equal incomes is that income to the
    last bit. What gains and losses that cancel leave by rounding counts as zero.
    """
    if values.size == 0:
        return nan
    raw = float((values * weight).sum() / weight.sum())
    least, greatest = float(values.min()), float(values.max())
    if abs(raw) <= MEAN_ROUNDING * max(abs(least), abs(greatest)):
        raw = 0.0
    return min(max(raw, least), greatest)


def checked_mask(rows: npt.ArrayLike) -> BoolArray:
    """A mask of booleans.

    Raises:
        ValueError: anything else, since row numbers or incomes in its place would pass for True.
    """
    mask = np.asarray(rows)
    if mask.size and mask.dtype != np.bool_:
        raise ValueError(f"expected a mask of booleans, got {mask.dtype}")
    return mask.astype(np.bool_)
