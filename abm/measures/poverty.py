"""Poverty (贫困): lines, the Foster–Greer–Thorbecke family, entry and exit.

FGT_α = Σ w_i ((z − y_i) / z)^α · 1[y_i < z] / W, with z the line: α = 0 is the headcount (贫困发生率), 1
the poverty gap, 2 the severity. Incomes count as they are, so the gap of a household with a negative income
is above 1.

Source: Foster, Greer and Thorbecke (1984), "A class of decomposable poverty measures", Econometrica 52(3),
761–766.
"""

from math import isnan, nan

import numpy.typing as npt

from abm.measures.arrays import BoolArray, FloatArray, checked, checked_mask


def poverty_line(k: float, median: float) -> float:
    """A relative line: *k* times *median*, in the unit of the median. NaN where the median is not positive.

    With the median of the same population and year it is a floating line, with that of a fixed population
    and year an anchored one. Half or more without income leave no standard to be relative to.
    """
    return k * median if median > 0 else nan


def fgt_sum(income: FloatArray, weight: FloatArray, line: float, alpha: float) -> float:
    """Σ w ((z − y) / z)^α over rows that are all below the line *z*; not yet divided by the population."""
    if alpha == 0:
        return float(weight.sum())
    return float((weight * (1.0 - income / line) ** alpha).sum())


def has_fgt(line: float, alpha: float) -> bool:
    """Whether FGT_α exists for this line: a headcount needs any line, a gap in parts of it a positive one.

    Raises:
        ValueError: negative or NaN *alpha*.
    """
    if not alpha >= 0:
        raise ValueError(f"alpha must be 0 or more, got {alpha}")
    return not isnan(line) and (alpha == 0 or line > 0)


def fgt(income: npt.ArrayLike, weight: npt.ArrayLike | None, line: float, alpha: float) -> float:
    """Foster–Greer–Thorbecke index of order *alpha*.

    Args:
        income: per head, shape (n,).
        weight: persons, shape (n,); None for one each.
        line: poverty line in the unit of income; poor means strictly below it.
        alpha: 0 or more.

    Returns:
        The index; NaN without persons, for a NaN line, and for α > 0 at a line that is not positive.
    """
    incomes, persons, _ = checked(income, weight)
    if incomes.size == 0 or not has_fgt(line, alpha):
        return nan
    poor = incomes < line
    return fgt_sum(incomes[poor], persons[poor], line, alpha) / float(persons.sum())


def headcount(income: npt.ArrayLike, weight: npt.ArrayLike | None, line: float) -> float:
    """Share of persons with an income below *line* (贫困发生率): FGT_0."""
    return fgt(income, weight, line, 0)


def poverty_gap(income: npt.ArrayLike, weight: npt.ArrayLike | None, line: float) -> float:
    """Mean shortfall over all persons, in parts of the line (贫困差距指数): FGT_1."""
    return fgt(income, weight, line, 1)


def poverty_severity(income: npt.ArrayLike, weight: npt.ArrayLike | None, line: float) -> float:
    """Mean squared shortfall over all persons, in parts of the line (贫困强度指数): FGT_2."""
    return fgt(income, weight, line, 2)


def entry_rate(was_poor: npt.ArrayLike, is_poor: npt.ArrayLike, weight: npt.ArrayLike | None = None) -> float:
    """Share of the persons not poor in the earlier year who are poor in the later one (致贫率).

    Args:
        was_poor: mask of the earlier year, shape (n,), one row per household.
        is_poor: mask of the later year, the same households in the same rows.
        weight: persons, shape (n,); give 0 to a household that does not exist in both years.

    Returns:
        The rate; NaN where nobody is at risk.
    """
    was, now, persons = _aligned(was_poor, is_poor, weight)
    return _share(now, ~was, persons)


def exit_rate(was_poor: npt.ArrayLike, is_poor: npt.ArrayLike, weight: npt.ArrayLike | None = None) -> float:
    """Share of the persons poor in the earlier year who are no longer poor in the later one (脱贫率).

    Arguments as for `entry_rate`; NaN where nobody was poor.
    """
    was, now, persons = _aligned(was_poor, is_poor, weight)
    return _share(~now, was, persons)


def _aligned(
    was_poor: npt.ArrayLike, is_poor: npt.ArrayLike, weight: npt.ArrayLike | None
) -> tuple[BoolArray, BoolArray, FloatArray]:
    was, now = checked_mask(was_poor), checked_mask(is_poor)
    if was.shape != now.shape:
        raise ValueError(f"the two years must hold the same rows, got shapes {was.shape} and {now.shape}")
    _, persons, kept = checked(now, weight)
    return was[kept], now[kept], persons


def _share(event: BoolArray, at_risk: BoolArray, persons: FloatArray) -> float:
    base = float(persons[at_risk].sum())
    return float(persons[at_risk & event].sum()) / base if base > 0 else nan
