"""Placebo contrasts, against numbers put in by hand."""

import pandas as pd
import pytest

from abm.analysis.placebo import COMPARISONS, placebo_effects, placebo_weights
from abm.core.names import LAYERS
from abm.scenario.switches import placebo_arms

GINI = {  # by arm, in two seeds
    "OIS": (0.40, 0.42),
    "O*IS": (0.41, 0.42),
    "OI*S": (0.43, 0.46),
    "OIS*": (0.40, 0.42),
    "IS": (0.41, 0.43),
    "OS": (0.45, 0.49),
    "OI": (0.40, 0.42),
}


def outcomes() -> pd.DataFrame:
    rows = [
        {
            "draw": 0,
            "seed": seed,
            "arm": arm,
            "question": "programme",
            "budget": "neutral",
            "population": "all",
        }
        | {"year": year, "gini": values[seed]}
        for arm, values in GINI.items()
        for seed in (0, 1)
        for year in (2021, 2022)
    ]
    return pd.DataFrame(rows)


def test_the_arms_of_the_design_are_those_that_are_compared() -> None:
    named = {arm.name for arm in placebo_arms(2019)}
    assert named == set(GINI)
    used = {arm for layer in LAYERS for weights in placebo_weights(layer).values() for arm in weights}
    assert used == named


def test_real_rewired_and_what_is_owed_to_ties() -> None:
    found = placebo_effects(outcomes(), ("gini",), (2021, 2022)).set_index(["layer", "comparison"])
    assert found.loc[("interest", "real"), "mean"] == pytest.approx((-0.05 - 0.07) / 2)
    assert found.loc[("interest", "rewired"), "mean"] == pytest.approx((-0.02 - 0.03) / 2)
    assert found.loc[("interest", "ties"), "mean"] == pytest.approx((-0.03 - 0.04) / 2)
    assert found.loc[("organizational", "rewired"), "mean"] == pytest.approx((0.0 - 0.01) / 2)
    for layer in LAYERS:
        real, rewired, ties = (found.loc[(layer, name), "mean"] for name in COMPARISONS)
        assert real == pytest.approx(rewired + ties)
    assert (found.loc["social", ["mean", "low", "high"]] == 0).all(axis=None)
    assert (found["n"] == 2).all()


def test_all_three_rest_on_the_same_seeds() -> None:
    table = outcomes()
    table = table[~((table["arm"] == "OI*S") & (table["seed"] == 1))]
    found = placebo_effects(table, ("gini",), (2021, 2022)).set_index(["layer", "comparison"])
    assert found.loc["interest", "n"].tolist() == [1, 1, 1]
    assert found.loc[("interest", "real"), "mean"] == pytest.approx(-0.05)
    assert found.loc["social", "n"].tolist() == [2, 2, 2]
