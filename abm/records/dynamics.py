"""Measures of a year that need earlier ones, for all populations and villages at once.

Definitions: `abm.measures.mobility` and `abm.measures.poverty`; this is the same arithmetic on groups. Weights are the
persons of the last year, 0 for households that did not live in their dwelling in all the years needed.
"""

import numpy as np
from numpy.typing import NDArray

from abm.measures.grouped import Grouped, mobility_matrices, rank_correlations, shorrocks
from abm.measures.groups import Groups, by_income, ratio
from abm.records.panel import KEPT, LAGS, WINDOW, PanelYear

Floats = NDArray[np.float64]
LINES = (40, 50, 60)
POPULATION_SPLITS = 3
"""The splits of ``Groups`` that make the populations: all, town and country, registered or not."""


def rank_dynamics(years: list[PanelYear]) -> tuple[dict[str, Floats], dict[int, Floats]]:
    """What needs no poverty line.

    Args:
        years: the last ones, up to ``KEPT``, oldest first; the last is measured.

    Returns:
        Measures by name, shape (groups,); and by lag the mobility matrices of the populations, shape
        (populations, 5, 5), of the lags that the years reach back.
    """
    now = years[-1]
    measures: dict[str, Floats] = {}
    moves: dict[int, Floats] = {}
    for lag in LAGS:
        before = next((year for year in years if year.year == now.year - lag), None)
        if before is None:
            continue
        weight = _persons(now, lag + 1)
        correlations, matrices = [], []
        years_of_two = (year.measured_for(now.groups, weight) for year in (before, now))
        for place, (earlier, later) in enumerate(zip(*years_of_two, strict=True)):
            ranks = earlier.ranks(), later.ranks()
            correlations.append(rank_correlations(later.groups, weight, *ranks))
            if place < POPULATION_SPLITS:
                matrices.append(mobility_matrices(later.groups, weight, *ranks, splits=1))
        measures[f"rank_correlation_{lag}"] = np.concatenate(correlations)
        moves[lag] = np.concatenate(matrices)
    window = years[-WINDOW:]
    if len(window) == WINDOW:
        weight = _persons(now, WINDOW)
        longer = np.mean([year.income for year in window], axis=0)
        order = by_income(longer, weight)
        measures["shorrocks_r_5"] = np.concatenate(
            [
                shorrocks(yearly, Grouped(longer, weight, split, split.line_up(order, longer)))
                for split, *yearly in zip(
                    now.groups.splits,
                    *(year.measured_for(now.groups, weight) for year in window),
                    strict=True,
                )
            ]
        )
    return measures, moves


def anchored(years: list[PanelYear], median: float, spell: NDArray[np.int16]) -> dict[str, Floats]:
    """What rests on a line anchored to *median*.

    Args:
        years: the last ones, up to ``KEPT``, oldest first; the last is measured.
        spell: as ``spells`` left it for the last year.

    Returns:
        Measures by name, shape (groups,); none if the median is not positive, as where nobody lives in a village.
    """
    now = years[-1]
    groups, line = now.groups, 0.6 * median
    if not line > 0:
        return {}
    everybody = groups.sums(now.persons)
    measures = {
        f"headcount_anchored_{share}": ratio(
            groups.sums(now.persons * (now.income < share / 100.0 * median)), everybody
        )
        for share in LINES
    }
    poor = [year.income < line for year in years]
    if len(years) > 1:
        weight = _persons(now, 2)
        measures["poverty_entry"] = _share(groups, weight, ~poor[-2], poor[-1])
        measures["poverty_exit"] = _share(groups, weight, poor[-2], ~poor[-1])
    window = years[-WINDOW:]
    if len(window) > 2:
        out = np.any(poor[-len(window) : -2], axis=0) & ~poor[-2]
        measures["poverty_reentry"] = _share(groups, _persons(now, len(window)), out, poor[-1])
    weight = now.persons * (spell > 0)
    measures["poverty_spell"] = ratio(groups.sums(weight * spell), groups.sums(weight))
    if len(window) == WINDOW:
        weight = _persons(now, WINDOW)
        base = groups.sums(weight)
        total = np.mean([_squared_gap(year.income, line) for year in window], axis=0)
        chronic = _squared_gap(np.mean([year.income for year in window], axis=0), line)
        measures["chronic_poverty"] = ratio(groups.sums(weight * chronic), base)
        measures["transient_poverty"] = ratio(groups.sums(weight * (total - chronic)), base)
    return measures


def spells(last: NDArray[np.int16] | None, now: PanelYear, line: float) -> NDArray[np.int16]:
    """Years in a row below the line, this one included, of the household in each dwelling.

    Args:
        last: the same a year before; None: there is no year before.
    """
    poor = (now.income < line) & (now.tenure > 0)
    so_far = np.where(now.tenure > 1, last, 0) if last is not None else 0
    return np.where(poor, so_far + 1, 0).astype(np.int16)


def _persons(now: PanelYear, years: int) -> Floats:
    return np.where(now.tenure >= years, now.persons, 0.0)


def _squared_gap(income: Floats, line: float) -> Floats:
    gap = np.maximum(1.0 - income / line, 0.0)
    return np.asarray(gap * gap)


def _share(groups: Groups, weight: Floats, at_risk: NDArray[np.bool_], event: NDArray[np.bool_]) -> Floats:
    exposed = weight * at_risk
    return ratio(groups.sums(exposed * event), groups.sums(exposed))


__all__ = ["KEPT", "LINES", "anchored", "rank_dynamics", "spells"]
