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
    )
    assert strongest(table, 2) == ["a", "b"]
    assert strongest(table, 9) == ["a", "b", "c"]


def test_another_design_is_refused():
    made, _ = results("sobol")
    with pytest.raises(InputError, match="kind 'sobol'"):
        screening(made, [("all", "gini")])
