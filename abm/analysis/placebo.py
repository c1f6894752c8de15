"""What a layer does by whom it ties, and what by there being links and money at all (placebo, 安慰剂).

Three paired differences for each layer, the other two on: *real* is everything on minus the arm without the layer's
added links, *rewired* the same with these links tied at random, and *ties* the one minus the other: what is owed to who
is tied with whom. A layer whose rewired links do as much as the real ones works through anything but its social
meaning.
"""

from collections.abc import Iterable
from dataclasses import asdict

import pandas as pd

from abm.analysis.arms import arm_of
from abm.analysis.contrasts import by_arm, contrast, difference_weights
from abm.core.names import LAYERS
from abm.scenario.switches import Arm

COMPARISONS = ("real", "rewired", "ties")


def placebo_weights(layer: str) -> dict[str, dict[str, float]]:
    """Weights of the arms in each comparison of one layer."""
    on, off = arm_of(set(LAYERS)), arm_of(set(LAYERS) - {layer})
    rewired = Arm(placebo=(layer,), from_year=0).name
    return {
        "real": difference_weights(on, off),
        "rewired": difference_weights(rewired, off),
        "ties": difference_weights(on, rewired),
    }


def placebo_effects(
    outcomes: pd.DataFrame, measures: Iterable[str], years: Iterable[int], population: str = "all"
) -> pd.DataFrame:
    """The three comparisons of each layer: a row per measure, layer and comparison, with the fields of ``Estimate``.

    Raises:
        ValueError: the table mixes questions or budgets.
    """
    years, rows = list(years), []
    for measure in measures:
        values = by_arm(outcomes, measure, years, population)
        for layer in LAYERS:
            # all three of the same seeds, so that they add up
            weights = placebo_weights(layer)
            arms = list(dict.fromkeys(arm for each in weights.values() for arm in each))
            complete = values.reindex(columns=arms).dropna()
            for name in COMPARISONS:
                key = {"measure": measure, "layer": layer, "comparison": name}
                rows.append(key | asdict(contrast(complete, weights[name])))
    return pd.DataFrame(rows)
