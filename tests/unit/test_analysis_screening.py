"""Standardized elementary effects over several outcomes, on a plane whose slopes are known."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from SALib.sample import morris

from abm.analysis.screening import screening, strongest
from abm.core.errors import InputError
from tests.unit.points_data import outcomes_of

NAMES = ["a.x", "b.y", "c.z"]
PROBLEM = {"num_vars": 3, "names": NAMES, "bounds": [[0.0, 1.0]] * 3}


def results(kind="morris"):
    """Level 3x + y; with the switch on z is added. Seeds shift all points alike."""
    sample = morris.sample(PROBLEM, 4, seed=1)
    rows = [(*row, on) for row in sample.tolist() for on in (1.0, 0.0)]
    level = np.array([3 * x + y + on * (5 + z) for x, y, z, on in rows])
    outcomes, points = outcomes_of(level[:, None] + np.array([[0.0, 2.0]]))
    design = {"kind": kind, "names": [*NAMES, "switches.social"], "points": rows, "problem": PROBLEM}
    design["options"] = {"trajectories": 4, "grid_levels": 4, "each": [{}, {"switches.social": 0.0}]}
    manifest = {"scenario": {"switch_year": 2019}, "design": design}
    made = SimpleNamespace(folder=Path("r"), outcomes=outcomes, points=points, manifest=manifest)
    return made, sample[:, 2]


def test_effects_are_in_standard_deviations_of_their_outcome():
    made, z = results()
    table = screening(made, [("all", "gini"), ("rural", "gini")])
    assert len(table) == 6
    assert set(table["effect"]) == {"switches.social"}
    row = table.set_index(["population", "name"]).loc[("all", "c.z")]
    assert row["mu_star"] == pytest.approx(1)
    assert row["standardized"] == pytest.approx(1 / np.std(z, ddof=1))
    assert row["luck"] == pytest.approx(0, abs=1e-9)
    # rural is ten times as much, and so is its standard deviation
    wide = table.pivot(index="name", columns="population", values="standardized")
    assert wide["all"].to_numpy() == pytest.approx(wide["rural"].to_numpy(), abs=1e-9)
    assert wide.loc[["a.x", "b.y"], "all"].to_numpy() == pytest.approx([0, 0], abs=1e-9)


def test_the_strongest_are_so_for_any_outcome():
    table = pd.DataFrame(
        {"name": list("abcabc"), "standardized": [0.1, 0.2, 0.0, 0.9, 0.1, 0.2], "measure": list("xxxyyy")}
    ).assign(told=True, luck=np.nan)
    assert strongest(table, 2) == ["a", "b"]
    assert strongest(table, 9) == ["a", "b", "c"]


def test_who_is_not_told_follows_by_what_luck_shows():
    """2.0 beside a luck of 1.9 is less than 1.5 beside one of .9."""
    table = pd.DataFrame(
        {"name": list("abc"), "standardized": [2.0, 1.5, 0.3], "luck": [1.9, 0.9, 0.1]}
    ).assign(told=[False, False, True])
    assert strongest(table, 3) == ["c", "b", "a"]


def test_an_outcome_of_luck_alone_chooses_no_group():
    """Its numbers are the largest, being luck over luck. Level is 3x + y/2 + z, and that of villages is noise."""
    sample = morris.sample(PROBLEM, 10, seed=1)
    draws = np.random.default_rng(3)
    level = sample @ np.array([3.0, 0.5, 1.0])
    outcomes, points = outcomes_of(level[:, None] + draws.normal(0, 0.02, (len(sample), 3)))
    rural = outcomes["population"] == "rural"
    outcomes.loc[rural, "gini"] = draws.normal(0, 1, rural.sum())
    design = {"kind": "morris", "names": NAMES, "points": sample.tolist(), "problem": PROBLEM}
    design["options"] = {"trajectories": 10}
    manifest = {"scenario": {"switch_year": 2019}, "design": design}
    made = SimpleNamespace(folder=Path("r"), outcomes=outcomes, points=points, manifest=manifest)
    table = screening(made, [("all", "gini"), ("rural", "gini")])
    by_outcome = table.set_index(["population", "name"]).sort_index()
    assert by_outcome.loc["all", "told"].all()
    assert not by_outcome.loc["rural", "told"].any()
    assert by_outcome.loc["rural", "standardized"].min() > by_outcome.loc[("all", "b.y"), "standardized"]
    assert strongest(table, 3) == ["a.x", "c.z", "b.y"]
    # and where nothing is told all the same, all groups are still in order
    assert len(strongest(table[table["population"] == "rural"], 3)) == 3


def test_a_group_whose_effect_only_seeds_make_is_not_told():
    """The same μ* of 1: of c.z on every seed, of b.y as the mean of +6 on one and −4 on the other."""
    sample = morris.sample(PROBLEM, 10, seed=1)
    draws = np.random.default_rng(4)
    level = sample @ np.array([[3.0, 3.0], [6.0, -4.0], [1.0, 1.0]])
    outcomes, points = outcomes_of(level + draws.normal(0, 0.02, level.shape))
    design = {"kind": "morris", "names": NAMES, "points": sample.tolist(), "problem": PROBLEM}
    design["options"] = {"trajectories": 10}
    manifest = {"scenario": {"switch_year": 2019}, "design": design}
    made = SimpleNamespace(folder=Path("r"), outcomes=outcomes, points=points, manifest=manifest)
    table = screening(made, [("all", "gini")]).set_index("name")
    assert table.loc["b.y", "mu_star"] == pytest.approx(1, abs=0.1)
    assert not table.loc["b.y", "told"]
    assert set(table["over"]) == {"trajectories and seeds"}
    assert table.loc["b.y", "low"] == 0
    assert table.loc["c.z", "low"] > 0.9


def test_of_one_trajectory_nothing_is_told():
    sample = morris.sample(PROBLEM, 4, seed=1)[:4]
    level = sample @ np.array([3.0, 2.0, 1.0])
    outcomes, points = outcomes_of(level[:, None] + np.array([[0.0, 2.0]]))
    design = {"kind": "morris", "names": NAMES, "points": sample.tolist(), "problem": PROBLEM}
    design["options"] = {"trajectories": 1}
    manifest = {"scenario": {"switch_year": 2019}, "design": design}
    made = SimpleNamespace(folder=Path("r"), outcomes=outcomes, points=points, manifest=manifest)
    table = screening(made, [("all", "gini")])
    assert table["low"].isna().all()
    assert not table["told"].any()


def test_another_design_is_refused():
    made, _ = results("sobol")
    with pytest.raises(InputError, match="kind 'sobol'"):
        screening(made, [("all", "gini")])
