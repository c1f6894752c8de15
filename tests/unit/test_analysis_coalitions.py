"""Sampled Shapley values: axioms order by order, the exact values where all orders are run, honest intervals."""

from itertools import combinations
from math import factorial
from zlib import crc32

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abm.analysis.arms import ARMS
from abm.analysis.coalitions import WHOLE, design_of, gains, shapley_design, shapley_of
from abm.analysis.shapley import shapley_values
from abm.core.names import LAYERS

KINDS = tuple("abcdefgh")


def game(design, worth, units=1, noise=0.0, seed=1):
    """Outcomes of a design's coalitions, all units of one worth but for noise and a level of their own."""
    luck = np.random.default_rng(seed)
    plain = np.array([worth(met) for met in design.coalitions], dtype=float)
    level = luck.normal(0, 10, (units, 1))
    return pd.DataFrame(plain + level + noise * luck.normal(0, 1, (units, len(plain))))


def exact(worth, players):
    """By the formula with factorials, over all coalitions."""
    n, found = len(players), {}
    for player in players:
        others = [p for p in players if p != player]
        found[player] = sum(
            factorial(size)
            * factorial(n - size - 1)
            / factorial(n)
            * (worth({*met, player}) - worth(set(met)))
            for size in range(n)
            for met in combinations(others, size)
        )
    return found


def saturating(met):
    """What adds less the more is there, with players of different weight."""
    return 1 - np.exp(-sum(0.1 * (1 + KINDS.index(p)) for p in met))


@given(st.integers(1, 2**31), st.integers(1, 12), st.integers(1, 3))
@settings(max_examples=40, deadline=None)
def test_every_order_adds_up_to_the_whole(seed, pairs, units):
    design = shapley_design(KINDS, 2 * pairs, seed)
    values = game(
        design, lambda met: crc32("".join(sorted(met)).encode()) % 1000 / 7, units, noise=3.0, seed=seed
    )
    whole = (values[1] - values[0]).to_numpy()
    found = gains(design, values)
    assert found.shape == (2 * pairs, units, 8)
    assert found.sum(axis=2) == pytest.approx(np.tile(whole, (2 * pairs, 1)), abs=1e-11)
    table = shapley_of(design, values).set_index("player")
    assert table.loc[list(KINDS), "mean"].sum() == pytest.approx(table.loc[WHOLE, "mean"], abs=1e-11)
    assert table.loc[list(KINDS), "share"].sum() == pytest.approx(1, abs=1e-9)


def test_with_all_orders_it_is_the_exact_value_of_the_layers():
    design = shapley_design(LAYERS, 6)
    assert (design.complete, len(design.orders), len(design.coalitions)) == (True, 6, 8)
    luck = np.random.default_rng(2)
    arms = pd.DataFrame(luck.normal(0, 1, (5, 8)), columns=list(ARMS))
    named = ["".join(x[0].upper() for x in LAYERS if x in met) or "none" for met in design.coalitions]
    table = shapley_of(design, arms[named].set_axis(range(8), axis=1)).set_index("player")
    by_unit = shapley_values(arms)
    for layer in LAYERS:
        assert table.loc[layer, "mean"] == pytest.approx(by_unit[layer].mean(), abs=1e-12)
        assert table.loc[layer, "se"] == pytest.approx(by_unit[layer].sem(), abs=1e-12)


def test_a_sum_of_parts_needs_one_pair_of_orders():
    weights = dict(zip(KINDS, range(8), strict=True))
    design = shapley_design(KINDS, 2)
    table = shapley_of(design, game(design, lambda met: sum(weights[p] for p in met))).set_index("player")
    assert table["mean"].to_dict() == pytest.approx(weights | {WHOLE: 28})
    assert len(design.coalitions) == 2 * 7 + 2


def test_dummy_and_symmetry():
    """h never adds anything; a and b can stand in for each other, and only chance tells them apart."""
    design = shapley_design(KINDS, 2000)
    values = game(design, lambda met: len(met - {"h"}) ** 2)
    table = shapley_of(design, values).set_index("player")
    assert table.loc["h", ["mean", "se"]].tolist() == pytest.approx([0, 0], abs=1e-11)
    assert table.loc["a", "mean"] == pytest.approx(7, abs=0.3)


def test_sampled_values_approach_the_exact_ones():
    truth = exact(saturating, KINDS)
    design = shapley_design(KINDS, 400)
    table = shapley_of(design, game(design, saturating)).set_index("player")
    for player, value in truth.items():
        assert table.loc[player, "mean"] == pytest.approx(value, abs=4 * table.loc[player, "se"])
        assert table.loc[player, "se"] < 0.05 * value


def test_the_reverse_order_makes_it_surer():
    truth, error = exact(saturating, KINDS), {}
    for paired in (True, False):
        design = [shapley_design(KINDS, 20, seed, paired=paired) for seed in range(30)]
        tables = [shapley_of(d, game(d, saturating)).set_index("player") for d in design]
        error[paired] = np.mean([(t.loc["a", "mean"] - truth["a"]) ** 2 for t in tables])
    assert error[True] < 0.5 * error[False]


@pytest.mark.parametrize(("units", "noise"), [(1, 0.0), (6, 0.15), (4, 0.02)])
def test_intervals_hold_the_exact_value_as_often_as_they_say(units, noise):
    truth, held, told = exact(saturating, KINDS), 0, 0
    for seed in range(60):
        design = shapley_design(KINDS, 24, seed)
        table = shapley_of(design, game(design, saturating, units, noise, seed)).set_index("player")
        for player in KINDS:
            held += table.loc[player, "low"] <= truth[player] <= table.loc[player, "high"]
            told += 1
    assert 0.90 <= held / told <= 1


def test_the_same_seed_gives_the_same_orders_and_more_only_add():
    few, many = shapley_design(KINDS, 6, 3), shapley_design(KINDS, 10, 3)
    assert many.orders[:6] == few.orders
    assert few.orders != shapley_design(KINDS, 6, 4).orders
    assert shapley_design(KINDS[::-1], 6, 3).orders == few.orders  # luck goes by name
    assert few.orders[1] == few.orders[0][::-1]


def test_settings_are_strengths_of_switches():
    design = shapley_design(KINDS, 2)
    table = design.settings()
    assert table.iloc[0].tolist() == [0.0] * 8
    assert table.iloc[1].tolist() == [1.0] * 8
    for number, met in enumerate(design.coalitions):
        assert set(table.columns[table.loc[number] == 1.0]) == met
    assert not table.duplicated().any()


def test_failed_runs_leave_values_that_still_add_up():
    design = shapley_design(KINDS, 8)
    values = game(design, saturating, units=4, noise=0.1)
    values.loc[2, 5] = np.nan
    table = shapley_of(design, values).set_index("player")
    assert table.loc[list(KINDS), "mean"].sum() == pytest.approx(table.loc[WHOLE, "mean"], abs=1e-12)
    assert set(zip(table["orders"], table["units"], strict=True)) <= {(8, 3), (6, 4)}
    values[1] = np.nan  # everybody on failed in every unit
    empty = shapley_of(design, values)
    assert empty["mean"].isna().all()


def test_exact_values_are_of_units_that_have_all_orders():
    """Two seeds, and one of them lacks a coalition: four orders of six on both would be no Shapley value."""
    design = shapley_design(LAYERS, 6)
    single = next(number for number, met in enumerate(design.coalitions) if len(met) == 1)
    values = pd.DataFrame([[float(len(met) ** 2) for met in design.coalitions]] * 2)
    values.loc[1, single] = np.nan
    table = shapley_of(design, values).set_index("player")
    assert table.loc[list(LAYERS), "mean"].tolist() == pytest.approx([3, 3, 3])
    assert set(zip(table["orders"], table["units"], strict=True)) == {(6, 1)}
    values[single] = np.nan
    assert shapley_of(design, values)["mean"].isna().all()


@pytest.mark.parametrize(
    ("players", "permutations", "word"),
    [((), 2, "at least one"), (("a", "a"), 2, "once"), (KINDS, 0, "too few"), (KINDS, 3, "even")],
)
def test_what_cannot_be_is_refused(players, permutations, word):
    with pytest.raises(ValueError, match=word):
        shapley_design(players, permutations)


def test_a_list_of_points_tells_its_design():
    design = shapley_design(KINDS, 6, 3)
    listed = design.settings().sample(frac=1, random_state=1)
    found, number = design_of(listed, 6, 3)
    assert found == design
    assert number.to_dict() == {coalition: coalition for coalition in listed.index}
    for points, problem in (
        (listed.iloc[1:], "coalitions of 6 permutations"),
        (listed.replace(0.0, 0.5), "neither on nor off"),
        (listed.astype(object).replace(0.0, "rewired"), "neither on nor off"),
    ):
        with pytest.raises(ValueError, match=problem):
            design_of(points, 6, 3)
    with pytest.raises(ValueError, match="seed 4"):
        design_of(listed, 6, 4)
