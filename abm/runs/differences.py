"""Where two tables of one run differ, and by how much; and where two environments do."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from abm.records.schema import SORT_KEYS
from abm.runs.digest import sorted_by_key

SMALL = 1e-3
"""Values smaller than this differ relative to it, so that noise about zero is no difference."""
_NTH = "nth row of these keys"


@dataclass(frozen=True)
class Cell:
    """The first place where two tables differ.

    Args:
        year: its year; None where the tables differ as a whole.
        column: name of the column; a row or a column that is missing is said in the values.
        row: what tells the row apart within its year, as ``population=rural``.
        published, now: the two values.
    """

    year: int | None
    column: str
    row: str
    published: object
    now: object


@dataclass(frozen=True)
class Unlike:
    """A part of the environment that is not as it was: its name, and how it was and is."""

    name: str
    published: str
    here: str


def compared(name: str, published: pa.Table, now: pa.Table, tolerance: float) -> tuple[Cell | None, float]:
    """The first cell beyond the tolerance, by year and then column, and the largest difference within it.

    Two numbers agree when |a - b| is at most tolerance times the largest of |a|, |b| and ``SMALL``. Whole numbers,
    truth values and text agree when they are equal, and what is missing agrees with what is missing.
    """
    before, after = _frame(name, published), _frame(name, now)
    for column in [*before.columns, *(c for c in after.columns if c not in before)]:
        if column not in before or column not in after:
            here, there = ("missing", "there") if column not in before else ("there", "missing")
            return Cell(None, str(column), "", here, there), 0.0
    cells = [_missing_row(before, after)]
    common = before.index.intersection(after.index)
    old, new, largest = before.loc[common], after.loc[common], 0.0
    for column in before.columns:
        apart, size = _apart(old[column].to_numpy(), new[column].to_numpy(), tolerance)
        largest = max(largest, size)
        rows = np.flatnonzero(apart)
        if len(rows):
            years = common.get_level_values("year")[rows]
            row = rows[int(np.argmin(years))]
            at = _named(common[row], common.names)
            cells.append(_cell(at, str(column), old[column].iloc[row], new[column].iloc[row]))
    found = [cell for cell in cells if cell is not None]
    return min(found, key=lambda cell: cell.year or 0, default=None), largest


def unlike(published: Mapping[str, Any], here: Mapping[str, Any]) -> tuple[Unlike, ...]:
    """What differs between two environments, as the manifest has them."""
    found = []
    for name in [*published, *(name for name in here if name not in published)]:
        was, now = published.get(name), here.get(name)
        if was == now:
            continue
        if isinstance(was, list) and isinstance(now, list):
            lost, won = sorted(set(was) - set(now)), sorted(set(now) - set(was))
            found.append(Unlike(name, " ".join(lost) or "nothing else", " ".join(won) or "nothing else"))
        elif name == "code":
            found.append(Unlike(name, str(was)[:16], str(now)[:16]))
        else:
            found.append(Unlike(name, _said(was), _said(now)))
    return tuple(found)


def _said(value: object) -> str:
    return "not said" if value is None else str(value)


def _frame(name: str, table: pa.Table) -> pd.DataFrame:
    """Rows in the order of their keys, which are the index; rows with equal keys are counted."""
    keys = [key for key in SORT_KEYS[name] if key in table.column_names]
    frame = sorted_by_key(name, table).to_pandas()
    frame[_NTH] = frame.groupby(keys, dropna=False).cumcount()
    return frame.set_index([*keys, _NTH])


def _missing_row(before: pd.DataFrame, after: pd.DataFrame) -> Cell | None:
    """The first row that only one of the tables has."""
    cells = []
    for mine, other, published, now in (
        (before, after, "there", "missing"),
        (after, before, "missing", "there"),
    ):
        alone = mine.index.difference(other.index)
        if len(alone):
            row = alone[int(np.argmin(alone.get_level_values("year")))]
            cells.append(_cell(_named(row, alone.names), "(the row)", published, now))
    return min(cells, key=lambda cell: cell.year or 0, default=None)


def _named(row: Any, names: Any) -> dict[str, Any]:
    return dict(zip(names, row, strict=True))


def _cell(at: dict[str, Any], column: str, published: Any, now: Any) -> Cell:
    skip = {"run_id", "year"} | ({_NTH} if at[_NTH] == 0 else set())
    row = ", ".join(f"{key}={value}" for key, value in at.items() if key not in skip)
    year = int(at["year"])
    return Cell(year, column, row, *(v.item() if hasattr(v, "item") else v for v in (published, now)))


def _apart(old: Any, new: Any, tolerance: float) -> tuple[NDArray[np.bool_], float]:
    """Which values differ beyond the tolerance, and the largest relative difference of the others."""
    if old.dtype.kind == "f" and new.dtype.kind == "f":
        same = (old == new) | (np.isnan(old) & np.isnan(new))
        with np.errstate(invalid="ignore"):
            scale = np.maximum(np.maximum(np.abs(old), np.abs(new)), SMALL)
            size = np.where(same, 0.0, np.abs(old - new) / scale)
        apart = ~(same | (size <= tolerance))
        return apart, float(np.max(size[~apart], initial=0.0))
    same = np.asarray((pd.Series(old) == pd.Series(new)).fillna(False), dtype=bool)
    return ~(same | (pd.isna(old) & pd.isna(new))), 0.0
