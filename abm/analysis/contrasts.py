"""Paired contrasts between arms, with Student-t intervals over replications.

Every comparison of arms is a weighted sum of arm means, the weights adding up to zero. It is formed within
each unit (seed) first, since all arms of a unit share their luck, and averaged over units after that: the seeds
of the scenario's own values, or, in a table without these, the draws, each averaged over its seeds. The
unpaired interval, as if every arm had had its own seeds, stands beside it: it says how much the pairing
gained.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import combinations
from math import nan, sqrt

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from abm.analysis.arms import ARMS, UNIT, arm_of, in_order, independent, require_one_comparison
from abm.core.names import LAYERS

CONFIDENCE = 0.95
_CANCELLED = 1e-14  # part of the terms below which their sum is rounding
EVERY_LAYER = "all"
"""In tables of effects, the row for all three layers at once."""


@dataclass(frozen=True)
class Estimate:
    """A mean over units with its uncertainty.

    Args:
        mean: NaN without any complete unit.
        se: standard error over units; NaN with one unit, like the intervals.
        low, high: 95 % interval by Student t with n − 1 degrees of freedom.
        n: number of complete units.
        unpaired_low, unpaired_high: the 95 % interval if the arms had not shared their seeds (Satterthwaite).
    """

    mean: float
    se: float
    low: float
    high: float
    n: int
    unpaired_low: float = nan
    unpaired_high: float = nan

    @property
    def excludes_zero(self) -> bool:
        """Whether the interval lies on one side of zero; False where there is none."""
        return self.low > 0 or self.high < 0


def half_width(se: ArrayLike, degrees: ArrayLike, comparisons: int = 1) -> np.ndarray:
    """Half the width of a t-interval; NaN below one degree of freedom.

    With several *comparisons* all their intervals hold at once with the same confidence (Bonferroni).
    """
    degrees = np.asarray(degrees, dtype=float)
    tail = (1 - CONFIDENCE) / (2 * comparisons)
    quantile = stdtrit(np.where(degrees > 0, degrees, nan), 1 - tail)  # SciPy's own t.ppf, without its checks
    return np.asarray(quantile * np.asarray(se, dtype=float))


def simultaneous(found: Estimate, comparisons: int) -> Estimate:
    """The estimate with the interval that it has as one of several comparisons, see ``half_width``."""
    half = float(half_width(found.se, found.n - 1, comparisons))
    return replace(found, low=found.mean - half, high=found.mean + half)


def by_unit(
    outcomes: pd.DataFrame, measure: str, years: Iterable[int] | None = None, population: str = "all"
) -> pd.DataFrame:
    """Mean of a measure over years, one row per unit (draw, seed) and one column per arm; all draws.

    A run that lacks the measure in any of the years is NaN, so that no comparison rests on different years.

    Raises:
        ValueError: the table mixes questions or budgets.
    """
    require_one_comparison(outcomes)
    rows = _of_population(outcomes, population, [*UNIT, "arm", "year", measure])
    if years is not None:
        rows = rows[rows["year"].isin(list(years))]
    grouped = rows.groupby([*UNIT, "arm"])[measure]
    means = grouped.mean().where(grouped.count() == rows["year"].nunique())
    table = means.unstack("arm")
    return table[in_order(table.columns)]


def _of_population(outcomes: pd.DataFrame, population: str, columns: list[str]) -> pd.DataFrame:
    """Some columns of a population's rows; not all, since a copy of a hundred takes most of the time."""
    return outcomes.loc[outcomes["population"] == population, columns]


def by_arm(
    outcomes: pd.DataFrame, measure: str, years: Iterable[int] | None = None, population: str = "all"
) -> pd.DataFrame:
    """As ``by_unit``, one row for each of what is independent (``arms.independent``): seeds of draw 0, or draws.

    Raises:
        ValueError: the table mixes questions or budgets.
    """
    return independent(by_unit(outcomes, measure, years, population))


def estimate(values: ArrayLike) -> Estimate:
    """Mean of one number per unit with its t-interval; missing ones are left out."""
    return contrast(pd.DataFrame({"value": np.asarray(values, dtype=float)}), {"value": 1.0})


def contrast(values: pd.DataFrame, weights: Mapping[str, float]) -> Estimate:
    """A weighted sum of arms, formed within units.

    Args:
        values: one row per unit, one column per arm (see ``by_arm``). Units that lack an arm are left out.
        weights: arm to weight.
    """
    used = values.reindex(columns=list(weights)).dropna()
    n = len(used)
    if n == 0:
        return Estimate(nan, nan, nan, nan, 0)
    matrix = used.to_numpy(dtype=float)
    factors = np.array(list(weights.values()), dtype=float)
    within = matrix @ factors
    # what cancels leaves its last bit, on two seeds maybe the same one, and a t-interval would take it for an effect
    within[np.abs(within) <= _CANCELLED * (np.abs(matrix) @ np.abs(factors))] = 0.0
    mean = float(within.mean())
    if n == 1:
        return Estimate(mean, nan, nan, nan, 1)
    se = float(within.std(ddof=1)) / sqrt(n)
    half = float(half_width(se, n - 1))
    parts = factors**2 * matrix.var(axis=0, ddof=1) / n
    total = float(parts.sum())
    # Welch and Satterthwaite; arms that do not vary at all leave nothing to be uncertain about
    degrees = total**2 / float((parts**2).sum() / (n - 1)) if total > 0 else n - 1
    apart = float(half_width(sqrt(total), degrees))
    return Estimate(mean, se, mean - half, mean + half, n, mean - apart, mean + apart)


def difference(values: pd.DataFrame, on: str | Sequence[str], off: str | Sequence[str]) -> Estimate:
    """Paired difference *on* minus *off*; a list of arms stands for their average."""
    return contrast(values, difference_weights(on, off))


def difference_weights(on: str | Sequence[str], off: str | Sequence[str]) -> dict[str, float]:
    """Weights of *on* minus *off*, each an arm or the average of several."""
    weights: dict[str, float] = {}
    for arms, sign in ((on, 1.0), (off, -1.0)):
        names = [arms] if isinstance(arms, str) else list(arms)
        for arm in names:
            weights[arm] = weights.get(arm, 0.0) + sign / len(names)
    return weights


def layer_weights(layer: str, others: str = "on") -> dict[str, float]:
    """Weights for the effect of one layer, on minus off.

    Args:
        layer: one of the three, or ``"all"`` for all on minus all off.
        others: the state of the other two layers: ``"on"``, ``"off"``, or ``"averaged"`` over their four
        states.
    """
    if layer == EVERY_LAYER:
        return difference_weights(arm_of(set(LAYERS)), arm_of(set()))
    rest = [other for other in LAYERS if other != layer]
    states: list[set[str]] = [set(on) for size in (0, 1, 2) for on in combinations(rest, size)]
    kept = {"on": [set(rest)], "off": [set[str]()], "averaged": states}[others]
    return difference_weights([arm_of(s | {layer}) for s in kept], [arm_of(s) for s in kept])


def interaction_weights(first: str, second: str) -> dict[str, float]:
    """How much more (or less) two layers do together than the sum of each alone, averaged over the third."""
    (third,) = [layer for layer in LAYERS if layer not in (first, second)]
    weights = dict.fromkeys(ARMS, 0.0)
    for rest in (set[str](), {third}):
        for on, sign in (({first, second}, 1.0), ({first}, -1.0), ({second}, -1.0), (set[str](), 1.0)):
            weights[arm_of(on | rest)] += sign / 2
    return weights


def layer_effects(
    outcomes: pd.DataFrame,
    measures: Iterable[str],
    years: Iterable[int],
    populations: Iterable[str] = ("all",),
    others: Iterable[str] = ("on",),
) -> pd.DataFrame:
    """The effect of each layer and of all three, on minus off, in the measures' own units.

    Returns:
        One row per population, measure, layer and state of the others, with the fields of ``Estimate``. The
        row of layer ``"all"`` is all on minus all off and stands once, under the first state.
    """
    years, others = list(years), list(others)
    rows = []
    for population in populations:
        for measure in measures:
            values = by_arm(outcomes, measure, years, population)
            for state in others:
                for layer in (*LAYERS, EVERY_LAYER):
                    if layer == EVERY_LAYER and state != others[0]:
                        continue
                    found = contrast(values, layer_weights(layer, state))
                    key = {"population": population, "measure": measure, "layer": layer, "others": state}
                    rows.append(key | asdict(found))
    return pd.DataFrame(rows)


def interactions(
    outcomes: pd.DataFrame, measures: Iterable[str], years: Iterable[int], population: str = "all"
) -> pd.DataFrame:
    """The interaction of each pair of layers: a row per measure and pair, with the fields of ``Estimate``."""
    years = list(years)
    rows = []
    for measure in measures:
        values = by_arm(outcomes, measure, years, population)
        for first, second in combinations(LAYERS, 2):
            found = contrast(values, interaction_weights(first, second))
            rows.append({"measure": measure, "first": first, "second": second} | asdict(found))
    return pd.DataFrame(rows)


def levels(outcomes: pd.DataFrame, measure: str, population: str = "all") -> pd.DataFrame:
    """Mean of a measure over units by arm and year: columns arm, year, mean, se, low, high, n."""
    require_one_comparison(outcomes)
    rows = _of_population(outcomes, population, [*UNIT, "arm", "year", measure])
    return _over_units(rows, ["arm", "year"], measure)


def effects_by_year(outcomes: pd.DataFrame, measure: str, population: str = "all") -> pd.DataFrame:
    """The effect of each layer (others on) and of all three in each year, on minus off, paired.

    Returns:
        Columns layer, year, mean, se, low, high, n. Before the switch year every arm is the same run.
    """
    require_one_comparison(outcomes)
    rows = _of_population(outcomes, population, [*UNIT, "arm", "year", measure])
    wide = rows.set_index([*UNIT, "year", "arm"])[measure].unstack("arm").reindex(columns=list(ARMS))
    parts = []
    for layer in (*LAYERS, EVERY_LAYER):
        weights = layer_weights(layer)
        effect = sum(weight * wide[arm] for arm, weight in weights.items())
        parts.append(effect.rename("effect").reset_index().assign(layer=layer))
    return _over_units(pd.concat(parts, ignore_index=True), ["layer", "year"], "effect")


def _over_units(rows: pd.DataFrame, by: list[str], column: str) -> pd.DataFrame:
    """Mean and t-interval of a column over the independent rows of each group."""
    rows = independent(rows.set_index([*UNIT, *by])[column]).reset_index()
    table = rows.groupby(by, sort=False)[column].agg(["mean", "std", "count"]).reset_index()
    table["n"] = table.pop("count")
    table["se"] = table.pop("std") / np.sqrt(table["n"].where(table["n"] > 0))
    half = half_width(table["se"], table["n"] - 1)
    return table.assign(low=table["mean"] - half, high=table["mean"] + half).sort_values(
        by, ignore_index=True
    )
