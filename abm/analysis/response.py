"""How an outcome answers to what a design varies: dose and response, and maps over two parameters.

A *dose* is the strength of links or any other number; the outcome's mean at each dose has a t-interval over seeds.
Since all doses share their luck, what tells them apart is formed within seeds: the change from the lowest dose, and
the step from each dose to the next. The intervals of the steps and of the whole way hold at once (Bonferroni), and
only they decide whether the response is monotone.

Intervals of changes and of maps hold one by one. Which of them are *told* from 0, and where a sign turns, is said of
all that stand in a table at once: their wider intervals (``at_once_low``, ``at_once_high``, Bonferroni) decide it.
"""

from dataclasses import asdict
from itertools import pairwise

import numpy as np
import pandas as pd

from abm.analysis.arms import UNIT, independent
from abm.analysis.contrasts import Estimate, contrast, estimate, simultaneous

RISES, FALLS = "rises at every step", "falls at every step"
MOSTLY_RISES, MOSTLY_FALLS = "rises, no step shown to fall", "falls, no step shown to rise"
PARTLY_RISES, PARTLY_FALLS = (
    "rises at some step, the rest cannot be told",
    "falls at some step, the rest cannot be told",
)
TURNS, UNTOLD = "turns", "cannot be told from flat"
_PART = ("mean", "se", "low", "high", "n")
_AT_ONCE = ("at_once_low", "at_once_high")


def dose_response(dose: pd.Series, values: pd.DataFrame) -> pd.DataFrame:
    """An outcome by dose.

    Args:
        dose: the number of each point, all different.
        values: one row per point, one column per seed (``observed.observed``); all points on the same seeds.

    Returns:
        One row per dose, ascending: ``dose``; ``mean``, ``se``, ``low``, ``high``, ``n``; the paired difference
        from the lowest dose ``change``, ``change_low``, ``change_high``; and from the dose before ``step``,
        ``step_low``, ``step_high``, whose intervals hold at once, together with that of the whole way from lowest to
        highest, ``whole_low``, ``whole_high`` in the last row. NaN where there is no such change.

    Raises:
        ValueError: two points of one dose, or points with seeds of their own.
    """
    if dose.duplicated().any():
        raise ValueError("two points have the same dose: something else varies, too")
    units = _units(values)
    order = dose.sort_values().index
    steps = len(order) - 1
    family = steps + 1 if steps > 1 else 1  # of one step it is the whole way
    rows = []
    for place, point in enumerate(order):
        found = asdict(estimate(units[point]))
        row = {"dose": dose[point]} | {name: found[name] for name in _PART}
        for name, other, comparisons in (
            ("change", order[0], 1),
            ("step", order[max(place - 1, 0)], family),
        ):
            gap = contrast(units, {point: 1.0, other: -1.0}) if place else estimate([])
            gap = simultaneous(gap, comparisons)
            row |= {name: gap.mean, f"{name}_low": gap.low, f"{name}_high": gap.high}
        whole = contrast(units, {point: 1.0, order[0]: -1.0}) if place == steps > 0 else estimate([])
        whole = simultaneous(whole, family)
        row |= {"whole_low": whole.low, "whole_high": whole.high}
        rows.append(row)
    return pd.DataFrame(rows)


def monotony(table: pd.DataFrame) -> str:
    """What the steps of ``dose_response`` say.

    *Rises at every step*: all steps' intervals lie above 0. *Rises, no step shown to fall*: the highest dose does,
    against the lowest. *Rises at some step*: a step is shown to rise, the highest dose against the lowest is not.
    *Turns*: of the steps and the whole way one is shown to rise and another to fall.
    """
    steps, last = table.iloc[1:], table.iloc[-1]
    up, down = steps["step_low"] > 0, steps["step_high"] < 0
    above, below = last["whole_low"] > 0, last["whole_high"] < 0
    if (up.any() or above) and (down.any() or below):
        return TURNS
    if len(steps) and (up.all() or down.all()):
        return RISES if up.all() else FALLS
    if above or below:
        return MOSTLY_RISES if above else MOSTLY_FALLS
    if up.any() or down.any():
        return PARTLY_RISES if up.any() else PARTLY_FALLS
    return UNTOLD


def changes_from_base(points: pd.DataFrame, values: pd.DataFrame) -> pd.DataFrame:
    """What each point changes against the first, of a design that leaves the base one step at a time.

    Args:
        points: one row per point, the base first.
        values: one row per point, one column per seed; all points on the same seeds.

    Returns:
        One row per other point: ``name`` (of what differs from the base, several joined by ``+``), ``value``, and the
        paired difference ``mean``, ``se``, ``low``, ``high``, ``n``, ``at_once_low``, ``at_once_high``.

    Raises:
        ValueError: points with seeds of their own.
    """
    units, base = _units(values), points.index[0]
    rows = []
    for point in points.index[1:]:
        moved = [name for name in points.columns if points[name][point] != points[name][base]]
        value = points[moved[0]][point] if moved else ""
        change = contrast(units, {point: 1.0, base: -1.0})
        rows.append({"name": "+".join(moved), "value": value} | _one_of(change, len(points) - 1))
    return pd.DataFrame(rows, columns=["name", "value", *_PART, *_AT_ONCE])


def map_of(points: pd.DataFrame, values: pd.DataFrame, first: str, second: str) -> pd.DataFrame:
    """An outcome over two parameters.

    Args:
        points: one row per point, one column per parameter; all but the two stay as they are.
        values: one row per point, one column per seed.
        first, second: columns of ``points``: across and up.

    Returns:
        One row per point, by ``first`` and ``second`` ascending: both, and the fields ``mean``, ``se``, ``low``,
        ``high``, ``n``, ``at_once_low``, ``at_once_high`` of the outcome.

    Raises:
        ValueError: another parameter varies, or two points lie in one place.
    """
    others = [name for name in points.columns if name not in (first, second) and points[name].nunique() > 1]
    if others:
        raise ValueError(f"'{others[0]}' varies, too: take the points of one of its values")
    if points.duplicated([first, second]).any():
        raise ValueError(f"two points have the same '{first}' and '{second}'")
    rows = []
    for point, row in points[[first, second]].iterrows():
        numbers = independent(values.loc[[point]].T) if _drawn(values) else values.loc[[point]].T
        place = {first: row[first], second: row[second]}
        rows.append(place | _one_of(estimate(numbers[point]), len(points)))
    return pd.DataFrame(rows).sort_values([first, second], ignore_index=True)


def told(table: pd.DataFrame, level: float = 0.0) -> pd.Series:
    """Which rows of ``changes_from_base`` or ``map_of`` differ from a level, all of them at once."""
    return (table["at_once_low"] > level) | (table["at_once_high"] < level)


def cells(table: pd.DataFrame, first: str, second: str, column: str = "mean") -> pd.DataFrame:
    """A map as a rectangle: a row per value of ``second``, the largest first, a column per value of ``first``."""
    return table.pivot(index=second, columns=first, values=column).sort_index(ascending=False)


def turning_points(table: pd.DataFrame, first: str, second: str, level: float = 0.0) -> pd.DataFrame:
    """Where a map crosses a level along ``first``, by linear interpolation: where the sign of an effect turns.

    Where points in between lie at the level itself, the crossing is in their middle.

    Returns:
        Columns ``second``, ``first``, ``told``, one row per crossing; ``told``: of the neighbouring points of one sign,
        on either side at least one is ``told``, of all points of the map at once. Else luck may have made the crossing.
    """
    rows = []
    for other, line in table.groupby(second, sort=True):
        line = line.sort_values(first)
        x, y = line[first].to_numpy(dtype=float), line["mean"].to_numpy(dtype=float) - level
        sure, off = told(line, level).to_numpy(), np.flatnonzero(y)  # a gap is off the level, and of no sign
        for left, right in pairwise(off):
            before, after = y[left], y[right]
            if before * after < 0:
                place = x[left] + (x[left + 1] - x[left]) * before / (before - after)
                place = place if right == left + 1 else x[left + 1 : right].mean()
                sides = (y[left::-1] * before, sure[left::-1]), (y[right:] * after, sure[right:])
                both = all(bool(seen[np.cumprod(same > 0) > 0].any()) for same, seen in sides)
                rows.append({second: other, first: place, "told": both})
    return pd.DataFrame(rows, columns=[second, first, "told"])


def _one_of(found: Estimate, comparisons: int) -> dict[str, float]:
    """The fields of an estimate, and the interval that it has as one of several."""
    wide, fields = simultaneous(found, comparisons), asdict(found)
    return {name: fields[name] for name in _PART} | dict(zip(_AT_ONCE, (wide.low, wide.high), strict=True))


def _drawn(values: pd.DataFrame) -> bool:
    return list(values.columns.names) == list(UNIT)


def _units(values: pd.DataFrame) -> pd.DataFrame:
    """One row for each of what is independent, one column per point."""
    if not values.attrs.get("common", True):
        raise ValueError(
            "the points have seeds of their own: what differs between them cannot be formed within seeds"
        )
    return independent(values.T) if _drawn(values) else values.T
