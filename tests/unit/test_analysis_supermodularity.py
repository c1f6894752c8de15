"""Second differences of the eight arms: known surfaces, the verdict, and intervals that hold at once."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.analysis import supermodularity as sm
from abm.analysis.arms import ARMS
from abm.analysis.contrasts import by_arm, contrast
from tests.unit.reports_data import INTERACTION, factorial

YEARS = range(2022, 2027)
ROWS = st.lists(st.floats(-1e4, 1e4, allow_nan=False), min_size=8, max_size=8)


def letters(arm):
    return set() if arm == "none" else set(arm)


def outcomes(surface, seeds=6, noise=0.0):
    """A table of outcomes in which an arm's Gini is what the surface says of its letters."""
    rows = factorial(seeds=seeds, first=2018).outcomes
    luck = np.random.default_rng(5)
    level = rows["seed"].map({seed: luck.normal() for seed in rows["seed"].unique()})
    own = luck.normal(0, 1, len(rows)) * noise
    return rows.assign(gini=rows["arm"].map({arm: surface(letters(arm)) for arm in ARMS}) + level + own)


def judged(surface, **options):
    return sm.verdicts(sm.supermodularity(outcomes(surface, **options), ["gini"], YEARS)).iloc[0]


@given(ROWS)
def test_the_six_conditions_are_the_definition(row):
    """v(S ∪ ij) + v(S) ≥ v(S ∪ i) + v(S ∪ j), over all pairs and all states of the third."""
    value = dict(zip(map(frozenset, map(letters, ARMS)), row, strict=True))
    named = dict(zip(ARMS, row, strict=True))
    found = {
        name: sum(w * named[arm] for arm, w in ws.items()) for name, ws in sm.second_differences().items()
    }
    by_hand = {}
    for i, j in combinations("OIS", 2):
        (third,) = set("OIS") - {i, j}
        for state, rest in enumerate((frozenset(), frozenset(third))):
            both, first, second = rest | {i, j}, rest | {i}, rest | {j}
            by_hand[f"{i}{j}|{third}={state}"] = value[both] - value[first] - value[second] + value[rest]
    assert found == pytest.approx(by_hand, abs=1e-9)
    three = sum(w * named[arm] for arm, w in sm.three_way_weights().items())
    for pair, third in (("OI", "S"), ("OS", "I"), ("IS", "O")):
        assert three == pytest.approx(found[f"{pair}|{third}=1"] - found[f"{pair}|{third}=0"], abs=1e-8)


def test_all_contrasts_add_up_to_zero():
    assert len(sm.family()) == 8
    for weights in sm.family().values():
        assert sum(weights.values()) == 0


@pytest.mark.parametrize(
    ("surface", "layers", "joint"),
    [
        (lambda on: float(len(on) ** 2), "supermodular", "exceeds the sum"),
        (lambda on: float(len(on)) ** 0.5, "submodular", "falls short"),
        (lambda on: 1.0 * ({"O", "I"} <= on) - 1.0 * ({"O", "S"} <= on), "neither", "undecided"),
        (lambda on: 1.0 * ({"O", "I"} <= on), "not submodular", "exceeds the sum"),
        (lambda on: -1.0 * ({"O", "I"} <= on), "not supermodular", "falls short"),
        (lambda on: float(len(on)), "undecided", "undecided"),
    ],
)
def test_verdicts_on_known_surfaces(surface, layers, joint):
    found = judged(surface, noise=0.01)
    assert (found["layers"], found["joint"]) == (layers, joint)


@pytest.mark.parametrize("seeds", [2, 3])
def test_what_cancels_is_no_finding(seeds):
    """O does nothing, and on two seeds what rounding leaves of v(OI) − v(O) − v(I) + v(none) is the same number."""
    rows = outcomes(lambda on: 0.0, seeds=seeds)
    value = {(False, False): 0.1, (True, False): 0.7, (False, True): 0.35, (True, True): 0.95}
    gini = [
        value["I" in arm, "S" in arm] + 0.001 * (seed % 7)
        for arm, seed in zip(rows["arm"], rows["seed"], strict=True)
    ]
    table = sm.supermodularity(rows.assign(gini=gini), ["gini"], YEARS).set_index("term")
    for term in ("OI|S=0", "OI|S=1", "OS|I=0", "OS|I=1", sm.THREE_WAY):
        assert table.loc[term, ["mean", "low", "high"]].tolist() == [0, 0, 0]
    assert sm.verdicts(table.reset_index())["layers"].tolist() == ["undecided"]


def test_noise_hides_what_is_small():
    assert judged(lambda on: 0.01 * len(on) ** 2, noise=3.0)["layers"] == "undecided"


def test_finds_the_interaction_that_was_put_in():
    rows = factorial(seeds=8).outcomes
    table = sm.supermodularity(rows, ["gini"], YEARS).set_index("term")
    assert table.loc["OI|S=0", "mean"] == pytest.approx(INTERACTION, abs=4 * table.loc["OI|S=0", "se"])
    plain = contrast(by_arm(rows, "gini", YEARS), sm.family()["joint"])
    assert table.loc["joint", "mean"] == plain.mean
    assert table.loc["joint", "high"] > plain.high


def test_intervals_hold_at_once_as_often_as_they_say():
    """Of 300 experiments in which nothing interacts, at most 5 % (give or take) have any interval that leaves out 0."""
    luck, wrong = np.random.default_rng(6), 0
    for _ in range(300):
        values = pd.DataFrame(luck.normal(0, 1, (5, 8)), columns=list(ARMS))
        found = [sm.simultaneous(contrast(values, weights), 8) for weights in sm.family().values()]
        wrong += any(one.excludes_zero for one in found)
    assert wrong <= 25
