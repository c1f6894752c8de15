"""In how many draws of the assumed parameters a layer raises an outcome, and in how many it lowers it.

A layer whose effect has one sign over the whole range of what is merely assumed is a suspected tautology: its sign may
be built in rather than found. It is to be traced to the line that makes it (docs/DESIGN.md, promise 1).
"""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from scipy import stats

from abm.analysis.arms import comparisons, select
from abm.analysis.contrasts import CONFIDENCE, by_unit, half_width, layer_weights
from abm.core.names import LAYERS

MEASURES = ("gini", "headcount_anchored_60", "mean_income")
ONE_SIGN, NO_EFFECT = "one sign in every draw: trace it", "no effect in any draw: trace it"


def signs(
    outcomes: pd.DataFrame,
    years: Sequence[int],
    measures: Iterable[str] = MEASURES,
    population: str = "all",
    others: str = "on",
) -> pd.DataFrame:
    """Share of draws by the sign of each layer's effect, paired within draw and averaged over its seeds.

    Args:
        outcomes: of a factorial with draws; draw 0, the scenario's own values, is left out.
        others: the state of the other two layers: ``on``, ``off`` or ``averaged``.

    Returns:
        One row per question, budget, measure and layer, with ``population``, ``others`` and the years ``first_year`` to
        ``last_year``: ``draws``, ``raises``, ``lowers`` (shares), each with its Wilson interval ``…_low``, ``…_high``;
        ``told``, the share of draws whose own interval over seeds excludes 0 (NaN with one seed a draw); ``flag``,
        empty or what to do.

    Raises:
        ValueError: there are no draws.
    """
    drawn = outcomes[outcomes["draw"] > 0]
    if drawn.empty:
        raise ValueError("there are no draws of the parameters")
    asked = {"population": population, "others": others, "first_year": min(years), "last_year": max(years)}
    rows = []
    for question, budget in comparisons(drawn):
        for measure in measures:
            values = by_unit(select(drawn, question, budget), measure, years, population)
            for layer in LAYERS:
                weights = layer_weights(layer, others)
                # a seed that lacks an arm is missing, not the sum of what is left
                effect = (
                    values.reindex(columns=list(weights)).mul(pd.Series(weights)).sum(axis=1, skipna=False)
                )
                key = {"question": question, "budget": budget, "measure": measure, "layer": layer}
                rows.append({**key, **asked, **_counted(effect)})
    return pd.DataFrame(rows)


def _counted(effect: pd.Series) -> dict[str, object]:
    """Counts of one effect's signs over draws; ``effect`` by draw and seed."""
    by_draw = effect.dropna().groupby("draw").agg(["mean", "std", "count"])
    mean, n = by_draw["mean"].to_numpy(), len(by_draw)
    up, down = int((mean > 0).sum()), int((mean < 0).sum())
    half = half_width(by_draw["std"] / np.sqrt(by_draw["count"]), by_draw["count"] - 1)
    told = float((np.abs(mean) > half).mean()) if n and np.isfinite(half).all() else float("nan")
    row: dict[str, object] = {"draws": n}
    for name, count in (("raises", up), ("lowers", down)):
        low, high = wilson(count, n)
        row |= {name: count / n if n else float("nan"), f"{name}_low": low, f"{name}_high": high}
    flag = ONE_SIGN if n > 1 and n in (up, down) else NO_EFFECT if n > 1 and up == down == 0 else ""
    return row | {"told": told, "flag": flag}


def wilson(count: int, n: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share (Wilson 1927); NaN without any draw."""
    if n == 0:
        return float("nan"), float("nan")
    found = stats.binomtest(count, n).proportion_ci(CONFIDENCE, method="wilson")
    return float(found.low), float(found.high)
