"""Who stays and who moves (流动与固化): hazards of poverty, spells, chronic and transient poverty, ranks, Shorrocks.

A panel is an array of shape (years, n): one row per year, oldest first, one column per household, the same household
in all years. Weights are the persons of the last year; a household that was not there in all years gets weight 0.
The rules for weights and empty populations stand in `abm.measures`. Entry and exit are in `abm.measures.poverty`.

Sources:
    Chronic and transient: J. Jalan and M. Ravallion (1998), "Transient poverty in postreform rural China", Journal of
    Comparative Economics 26(2), 338–357.
    Mobility as evening-out: A. F. Shorrocks (1978), "Income inequality and income mobility", Journal of Economic
    Theory 19(2), 376–393.
    Spells: M. J. Bane and D. T. Ellwood (1986), "Slipping into and out of poverty", Journal of Human Resources 21(1),
    1–23.
    Rank correlation: C. Spearman (1904), American Journal of Psychology 15(1), 72–101.
"""

from dataclasses import dataclass
from math import isnan, nan

import numpy as np
import numpy.typing as npt

from abm.measures.arrays import BoolArray, FloatArray, IntArray, checked, weighted_mean
from abm.measures.groups import ratio
from abm.measures.inequality import Distribution
from abm.measures.poverty import has_fgt


def reentry_rate(poor: npt.ArrayLike, weight: npt.ArrayLike | None = None, k: int = 3) -> float:
    """Share of the persons who left poverty within the last *k* years that are poor again in the last one (返贫率).

    With t the last year, a household is at risk if it was not poor in t − 1 and left poverty in one of the years
    t − k to t − 1: that is, poor in one of the years t − k − 1 to t − 2. Years that the panel does not hold count as
    years without poverty.

    Args:
        poor: masks, shape (years, n); the last k + 2 years are used.
        k: years, 1 or more.

    Returns:
        The rate; NaN where nobody is at risk, and with fewer than 3 years.

    Raises:
        ValueError: k below 1.
    """
    if k < 1:
        raise ValueError(f"k must be 1 or more, got {k}")
    panel, persons = _masks(poor, weight)
    if len(panel) < 3:
        return nan
    at_risk = panel[-(k + 2) : -2].any(axis=0) & ~panel[-2]
    return _share(panel[-1], at_risk, persons)


def spells_in_progress(poor: npt.ArrayLike) -> IntArray:
    """Years in a row, the last one included, that each household has been poor; 0 for who is not poor now.

    Args:
        poor: masks, shape (years, n).

    Returns:
        Shape (n,). A spell that began before the panel counts from the panel's first year.
    """
    panel = _panel_of_masks(poor)
    length = np.zeros(panel.shape[1], np.int64)
    for year in panel:
        length = np.where(year, length + 1, 0)
    return length


def mean_spell(poor: npt.ArrayLike, weight: npt.ArrayLike | None = None) -> float:
    """Mean length so far, in years, of the spells of the persons who are poor in the last year; NaN if nobody is."""
    panel, persons = _masks(poor, weight)
    length = spells_in_progress(panel)
    now = length > 0
    base = float(persons[now].sum())
    return float((persons * length)[now].sum()) / base if base > 0 else nan


@dataclass(frozen=True, eq=False)
class Spells:
    """Spells of poverty that began and ended within the panel, one entry each, in order of household and start.

    Attributes:
        household: column of the panel.
        start: row of the panel in which it began.
        length: years.
        weight: persons.
    """

    household: IntArray
    start: IntArray
    length: IntArray
    weight: FloatArray

    @property
    def mean(self) -> float:
        """Mean length over spells, by weight; NaN without any. Long spells are cut off by a short panel."""
        return weighted_mean(self.length.astype(np.float64), self.weight)


def completed_spells(poor: npt.ArrayLike, weight: npt.ArrayLike | None = None) -> Spells:
    """The spells that began after the panel's first year and ended before its last is over.

    A spell that is under way in the first year has an unknown start, one under way in the last an unknown end: both
    are left out.

    Args:
        poor: masks, shape (years, n).
    """
    panel, persons, columns = _masks_kept(poor, weight)
    later = panel[1:].T
    before = panel[:-1].T
    who, began = np.nonzero(later & ~before)
    ended_who, ended = np.nonzero(~later & before)
    # each end belongs to the last start before it; an end without one closes a spell of unknown start
    years = max(panel.shape[0], 1)
    place = np.searchsorted(who * years + began, ended_who * years + ended) - 1
    known = place >= 0
    known[known] = who[place[known]] == ended_who[known]
    place, ended = place[known], ended[known]
    return Spells(
        columns[who[place]], began[place] + 1, (ended - began[place]).astype(np.int64), persons[who[place]]
    )


@dataclass(frozen=True)
class ChronicTransient:
    """Poverty over several years in two parts; ``total`` is their sum."""

    total: float
    chronic: float
    transient: float


def chronic_transient(
    income: npt.ArrayLike, line: float, weight: npt.ArrayLike | None = None, alpha: float = 2
) -> ChronicTransient:
    """Jalan and Ravallion's parts of poverty over the years of a panel.

    With p(y) = ((z − y)/z)^α below the line z and 0 else, total is the mean over persons and years of p(y_it), chronic
    poverty the mean over persons of p(ȳ_i), ȳ_i being the household's mean income over the years, and transient
    poverty the rest. α = 2 (the squared gap) is the authors' own choice; with α = 0 (headcounts) the transient part
    is negative where many are poor on average and not always.

    Args:
        income: per head, shape (years, n), at constant prices.
        line: the poverty line; poor is below it.
        alpha: 0 or more.

    Returns:
        The parts; NaN without persons, for a NaN line, and for α > 0 at a line that is not positive.
    """
    panel, persons, _ = _incomes(income, weight)
    if persons.size == 0 or len(panel) == 0 or not has_fgt(line, alpha):
        return ChronicTransient(nan, nan, nan)
    total = float((_poverty(panel, line, alpha).mean(axis=0) * persons).sum() / persons.sum())
    chronic = float((_poverty(panel.mean(axis=0), line, alpha) * persons).sum() / persons.sum())
    return ChronicTransient(total, chronic, total - chronic)


def fifths_of(income: npt.ArrayLike, weight: npt.ArrayLike | None = None, parts: int = 5) -> IntArray:
    """The part of the persons (0: the poorest fifth) in which each household's middle person stands.

    Equal incomes share their middle rank and stand in one part.

    Returns:
        Shape (n,); −1 for rows of weight 0.
    """
    incomes, persons, kept = checked(income, weight)
    place = np.full(kept.size, -1, np.int64)
    if incomes.size:
        share = middle_ranks(incomes, persons) / persons.sum()
        place[kept] = np.minimum((share * parts).astype(np.int64), parts - 1)
    return place


def mobility_matrix(
    before: npt.ArrayLike, after: npt.ArrayLike, weight: npt.ArrayLike | None = None, parts: int = 5
) -> FloatArray:
    """Where the persons of each fifth of an earlier year stand in a later one (流动矩阵).

    Args:
        before, after: income per head of the same households, shape (n,).
        weight: persons of the later year.
        parts: fifths unless told otherwise.

    Returns:
        Shape (parts, parts), from by to; each row sums to 1, or is NaN where nobody stands in the part.
    """
    panel, persons, _ = _incomes(np.stack([before, after]), weight)
    start, end = (fifths_of(year, persons, parts) for year in panel)
    moved = np.bincount(start * parts + end, weights=persons, minlength=parts * parts).reshape(parts, parts)
    base = moved.sum(axis=1, keepdims=True)
    return ratio(moved, np.broadcast_to(base, moved.shape))


def rank_correlation(
    before: npt.ArrayLike, after: npt.ArrayLike, weight: npt.ArrayLike | None = None
) -> float:
    """Spearman's rank correlation of two years' incomes, weighted: Pearson's of the middle ranks of persons.

    Returns:
        −1 to 1; NaN with fewer than two different incomes in either year.
    """
    panel, persons, _ = _incomes(np.stack([before, after]), weight)
    if persons.size == 0:
        return nan
    half = float(persons.sum()) / 2
    one, other = (middle_ranks(year, persons) - half for year in panel)
    spread = float((persons * one * one).sum()) * float((persons * other * other).sum())
    return float((persons * one * other).sum()) / spread**0.5 if spread > 0 else nan


def shorrocks_r(income: npt.ArrayLike, weight: npt.ArrayLike | None = None) -> float:
    """Shorrocks' mobility: what of yearly inequality the mean over the years evens out.

    R = 1 − G(ȳ) / Σ_t (μ_t / Σ_s μ_s) G(y_t), with ȳ the household's mean income over the years, μ_t the mean of
    year t over persons and G the Gini coefficient. 0: nobody's relative income ever changes. Shorrocks calls 1 − R
    rigidity.

    Args:
        income: per head, shape (years, n), at constant prices.

    Returns:
        R; NaN without persons, where a year's mean is not positive, or without any inequality.
    """
    panel, persons, _ = _incomes(income, weight)
    if len(panel) == 0:
        return nan
    years = [Distribution(year, persons) for year in panel]
    yearly = sum(year.mean * year.gini for year in years)
    if isnan(yearly) or not yearly > 0:
        return nan
    longer = Distribution(panel.mean(axis=0), persons)
    return 1.0 - longer.gini * sum(year.mean for year in years) / yearly


def middle_ranks(income: FloatArray, persons: FloatArray) -> FloatArray:
    """Persons with less, and half of those with the same income; all rows count."""
    order = np.argsort(income)
    ascending, reached = income[order], np.cumsum(persons[order])
    starts = np.flatnonzero(np.concatenate(([True], ascending[1:] != ascending[:-1])))
    upper = reached[np.append(starts[1:], reached.size) - 1]
    lower = np.concatenate(([0.0], upper[:-1]))
    rank = np.empty(income.size)
    rank[order] = np.repeat((lower + upper) / 2, np.diff(np.append(starts, reached.size)))
    return rank


def _poverty(income: FloatArray, line: float, alpha: float) -> FloatArray:
    if alpha == 0:
        return np.asarray(income < line, np.float64)
    return np.asarray(np.maximum(1.0 - income / line, 0.0) ** alpha)


def _panel_of_masks(poor: npt.ArrayLike) -> BoolArray:
    panel = np.asarray(poor)
    if panel.ndim != 2 or (panel.size and panel.dtype != np.bool_):
        raise ValueError(f"expected masks of shape (years, n), got {panel.dtype} of shape {panel.shape}")
    return panel.astype(np.bool_)


def _masks_kept(poor: npt.ArrayLike, weight: npt.ArrayLike | None) -> tuple[BoolArray, FloatArray, IntArray]:
    panel = _panel_of_masks(poor)
    _, persons, kept = checked(np.zeros(panel.shape[1]), weight)
    return panel[:, kept], persons, np.flatnonzero(kept)


def _masks(poor: npt.ArrayLike, weight: npt.ArrayLike | None) -> tuple[BoolArray, FloatArray]:
    return _masks_kept(poor, weight)[:2]


def _incomes(income: npt.ArrayLike, weight: npt.ArrayLike | None) -> tuple[FloatArray, FloatArray, BoolArray]:
    panel = np.asarray(income, dtype=np.float64)
    if panel.ndim != 2:
        raise ValueError(f"expected incomes of shape (years, n), got shape {panel.shape}")
    table, persons, kept = checked(panel.T, weight, columns=True)
    return np.ascontiguousarray(table.T), persons, kept


def _share(event: BoolArray, at_risk: BoolArray, persons: FloatArray) -> float:
    base = float(persons[at_risk].sum())
    return float(persons[at_risk & event].sum()) / base if base > 0 else nan
