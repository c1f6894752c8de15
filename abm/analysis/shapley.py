"""Exact Shapley values of the three layers.

A layer's value is what switching it on adds, averaged over the six orders in which the three can be switched
on. The values add up to the whole difference between all on and all off, a layer that never changes anything
gets zero, and two layers that do the same get the same (Shapley 1953; for decompositions of inequality
Shorrocks 2013, *Journal of Economic Inequality* 11:99–126).
"""

from collections.abc import Iterable
from dataclasses import asdict
from itertools import permutations
from math import nan

import pandas as pd

from abm.analysis.arms import ARMS, arm_of
from abm.analysis.contrasts import EVERY_LAYER, by_arm, contrast, layer_weights
from abm.analysis.ratios import fieller
from abm.core.names import LAYERS


def shapley_weights(layer: str) -> dict[str, float]:
    """Weight of each arm in a layer's Shapley value."""
    counts = dict.fromkeys(ARMS, 0)
    orders = list(permutations(LAYERS))
    for order in orders:
        before = set(order[: order.index(layer)])
        counts[arm_of(before | {layer})] += 1
        counts[arm_of(before)] -= 1
    return {arm: count / len(orders) for arm, count in counts.items()}


def shapley_values(values: pd.DataFrame) -> pd.DataFrame:
    """Shapley value of each layer within each unit.

    Args:
        values: one row per unit, one column per arm (``contrasts.by_arm``); all eight arms are needed.

    Returns:
        One row per unit with all eight arms, one column per layer; a row adds up to ``OIS`` minus ``none``.

    Raises:
        KeyError: an arm is missing altogether.
    """
    full = values[list(ARMS)].dropna()
    return pd.DataFrame({layer: full @ pd.Series(shapley_weights(layer))[list(ARMS)] for layer in LAYERS})


def shapley_table(
    outcomes: pd.DataFrame,
    measures: Iterable[str],
    years: Iterable[int],
    populations: Iterable[str] = ("all",),
) -> pd.DataFrame:
    """Shapley value of each layer with its interval over units.

    Returns:
        One row per population, measure and layer (and layer ``"all"``: the whole difference), with the fields
        of ``Estimate``; ``share``, the value as a share of the whole difference of the same units, and its interval
        ``share_low``, ``share_high`` (``ratios.fieller``): NaN where the whole difference cannot be told from 0.
    """
    years = list(years)
    rows = []
    for population in populations:
        for measure in measures:
            # a unit without all eight arms would break the adding-up
            values = by_arm(outcomes, measure, years, population).reindex(columns=list(ARMS)).dropna()
            whole = contrast(values, layer_weights(EVERY_LAYER))
            found = {layer: contrast(values, shapley_weights(layer)) for layer in LAYERS} | {
                EVERY_LAYER: whole
            }
            parts = shapley_values(values)
            parts[EVERY_LAYER] = (
                values["OIS"] - values["none"]
            )  # a sum of parts would leave rounding for nothing
            for layer, value in found.items():
                low, high = fieller(parts[layer], parts[EVERY_LAYER])
                share = {"share": value.mean / whole.mean if whole.mean else nan}
                share |= {"share_low": low, "share_high": high}
                key = {"population": population, "measure": measure, "layer": layer}
                rows.append(key | asdict(value) | share)
    return pd.DataFrame(rows)
