"""Shapley's axioms: efficiency, symmetry, dummy player, additivity."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from abm.analysis.arms import ARMS, LETTERS, arm_of
from abm.analysis.contrasts import by_arm
from abm.analysis.ratios import fieller
from abm.analysis.shapley import shapley_table, shapley_values, shapley_weights
from abm.core.names import LAYERS
from tests.unit.reports_data import factorial

ROWS = st.lists(st.floats(-1e5, 1e5, allow_nan=False), min_size=8, max_size=8)
LAYER = st.sampled_from(LAYERS)


def values_of(*rows):
    return pd.DataFrame(list(rows), columns=list(ARMS), dtype=float)


def without(arm, layer):
    return arm_of({name for name, letter in LETTERS.items() if letter in arm and arm != "none"} - {layer})


def swapped(arm, first, second):
    exchange = {first: second, second: first}
    on = {name for name, letter in LETTERS.items() if letter in arm and arm != "none"}
    return arm_of({exchange.get(name, name) for name in on})


@given(ROWS)
def test_the_values_add_up_to_the_whole_difference(row):
    values = values_of(row)
    whole = (values["OIS"] - values["none"]).iloc[0]
    assert shapley_values(values).sum(axis=1).iloc[0] == pytest.approx(
        whole, abs=1e-12 * (1 + max(map(abs, row)))
    )


@given(ROWS, LAYER)
def test_a_layer_that_changes_nothing_gets_nothing(row, layer):
    values = values_of(row)
    values = pd.DataFrame({arm: values[without(arm, layer)] for arm in ARMS})
    assert shapley_values(values)[layer].iloc[0] == pytest.approx(0, abs=1e-12 * (1 + max(map(abs, row))))


@given(ROWS, st.permutations(LAYERS))
def test_layers_that_do_the_same_get_the_same(row, order):
    first, second, _ = order
    plain = values_of(row)
    even = pd.DataFrame({arm: (plain[arm] + plain[swapped(arm, first, second)]) / 2 for arm in ARMS})
    found = shapley_values(even).iloc[0]
    assert found[first] == pytest.approx(found[second], abs=1e-11 * (1 + max(map(abs, row))))


@given(ROWS, ROWS)
def test_the_value_of_a_sum_is_the_sum_of_values(one, other):
    together = shapley_values(values_of(np.add(one, other)))
    apart = shapley_values(values_of(one)) + shapley_values(values_of(other))
    scale = 1 + max(map(abs, one + other))
    assert together.to_numpy() == pytest.approx(apart.to_numpy(), abs=1e-11 * scale)


@given(ROWS)
def test_it_is_the_average_over_the_six_orders(row):
    values = dict(zip(ARMS, row, strict=True))
    for layer in LAYERS:
        steps = []
        for order in permutations(LAYERS):
            before = set(order[: order.index(layer)])
            steps.append(values[arm_of(before | {layer})] - values[arm_of(before)])
        by_hand = sum(steps) / 6
        assert shapley_values(values_of(row))[layer].iloc[0] == pytest.approx(
            by_hand, abs=1e-11 * (1 + max(map(abs, row)))
        )


def test_weights_by_hand():
    weights = shapley_weights("social")
    assert weights["OIS"] == weights["S"] == pytest.approx(1 / 3)
    assert weights["OI"] == weights["none"] == pytest.approx(-1 / 3)
    assert weights["OS"] == weights["IS"] == pytest.approx(1 / 6)
    assert sum(weights.values()) == pytest.approx(0)


def test_table_over_seeds():
    outcomes = factorial(seeds=5).outcomes
    years = range(2022, 2027)
    table = shapley_table(outcomes, ["gini"], years).set_index("layer")
    values = by_arm(outcomes, "gini", years)
    whole = (values["OIS"] - values["none"]).mean()
    assert table.loc["all", "mean"] == pytest.approx(whole, abs=1e-15)
    assert table.loc[list(LAYERS), "mean"].sum() == pytest.approx(whole, abs=1e-12)
    assert table.loc[list(LAYERS), "share"].sum() == pytest.approx(1, abs=1e-12)
    assert (table["n"] == 5).all()
    assert (table["low"] < table["mean"]).all()


def test_shares_have_the_interval_of_fieller():
    """Against the definition: the ratios whose difference from 0 cannot be told by a t-test over the units."""
    outcomes = factorial(seeds=5).outcomes
    row = shapley_table(outcomes, ["gini"], [2025, 2026]).set_index("layer").loc["interest"]
    values = by_arm(outcomes, "gini", [2025, 2026])
    part, whole = shapley_values(values)["interest"], values["OIS"] - values["none"]
    assert row["share_low"] < row["share"] < row["share_high"]
    for ratio in (row["share_low"], row["share_high"]):
        assert stats.ttest_1samp(part - ratio * whole, 0).pvalue == pytest.approx(0.05, abs=1e-6)


def test_a_share_of_nothing_has_no_interval():
    outcomes = factorial(seeds=4).outcomes
    row = shapley_table(outcomes, ["gini_grouped"], [2025]).set_index("layer").loc["interest"]
    assert np.isnan(row[["share", "share_low", "share_high"]].astype(float)).all()
    assert np.isnan(fieller([1.0], [2.0])).all()
    assert np.isnan(fieller([1.0, 2.0, 3.0], [-1.0, 0.0, 1.5])).all()
    assert fieller([22.0, 24.0, 26.0], [11.0, 12.0, 13.0]) == pytest.approx((2, 2))


def test_units_without_all_arms_are_left_out_of_every_row():
    outcomes = factorial(seeds=3).outcomes
    first = outcomes.seed.min()
    table = shapley_table(outcomes[(outcomes.seed != first) | (outcomes.arm != "S")], ["gini"], [2025, 2026])
    assert (table["n"] == 2).all()
    parts = table.set_index("layer")["mean"]
    assert parts[list(LAYERS)].sum() == pytest.approx(parts["all"], abs=1e-12)


def test_a_missing_arm_is_an_error_for_values_and_a_gap_in_the_table():
    outcomes = factorial(seeds=2, arms=("OIS", "OI", "none")).outcomes
    with pytest.raises(KeyError):
        shapley_values(by_arm(outcomes, "gini"))
    table = shapley_table(outcomes, ["gini"], [2025])
    assert table["mean"].isna().all()
    assert (table["n"] == 0).all()
