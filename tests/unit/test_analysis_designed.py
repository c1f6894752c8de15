"""Results of an experiment's file, made up: outcomes by point, with something subtracted, sliced, or as an effect."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from abm.analysis.designed import at_values, designs_of, effect_of
from abm.core.errors import InputError
from tests.unit.points_data import outcomes_of

POINTS = [[on, x] for on in (1.0, 0.0) for x in (0.0, 0.5, 1.0)]
NAMES = ["switches.social", "fund.set_aside"]
VALUES = np.array([[2 * on + x * on + 10 * seed for seed in range(3)] for on, x in POINTS])


def results(values=VALUES, kind="grid", names=NAMES, points=POINTS, folder="r", **options):
    budget = options.pop("budget", "neutral")
    outcomes, of_points = outcomes_of(values, **options)
    return SimpleNamespace(
        folder=Path(folder),
        outcomes=outcomes.assign(budget=budget),
        points=of_points,
        manifest={
            "scenario": {"switch_year": 2019},
            "design": {"kind": kind, "names": names, "points": points, "options": {}, "problem": None},
        },
    )


def test_points_and_numbers_stand_side_by_side():
    (found,) = designs_of(results(), "gini")
    assert found.x.to_numpy().tolist() == POINTS
    assert found.values.to_numpy() == pytest.approx(VALUES)
    assert (found.years, found.question, found.budget, found.runs) == ((2019, 2020), "cut", "neutral", 18)
    assert found.varying == NAMES
    (last,) = designs_of(results(), "gini", length=1)
    assert last.values.to_numpy() == pytest.approx(VALUES + 1)


def test_the_effect_of_a_switch_is_formed_at_each_point():
    found = effect_of(designs_of(results(), "gini")[0], "switches.social")
    assert found.x["fund.set_aside"].tolist() == [0, 0.5, 1]
    assert found.values.to_numpy() == pytest.approx(np.array([[2.0] * 3, [2.5] * 3, [3.0] * 3]))
    assert found.contrast == "switches.social: 1 − 0"
    words = [["rewired" if on == 0 else 1.0, x] for on, x in POINTS]
    found = effect_of(designs_of(results(points=words), "gini")[0], "switches.social")
    assert found.contrast == "switches.social: 1 − rewired"
    assert found.values.to_numpy()[0] == pytest.approx([2.0] * 3)
    with pytest.raises(InputError, match="has 3 values"):
        effect_of(designs_of(results(), "gini")[0], "fund.set_aside")
    with pytest.raises(InputError, match=r"did you mean 'switches\.social'"):
        effect_of(designs_of(results(), "gini")[0], "switches.socal")


def test_a_sample_run_under_several_arms_is_taken_by_effect():
    """Each of three rows, two of them the same, with all on and with each of two switches cut."""
    arms = [{}, {"switches.social": 0.0}, {"switches.interest": 0.0}]
    rows = [
        (x, table.get("switches.social", 1.0), table.get("switches.interest", 1.0))
        for x in (0.5, 0.5, 0.8)
        for table in arms
    ]
    level = [x * (1 + 2 * social + 5 * interest) for x, social, interest in rows]
    luck = np.array([[0.0, 1.0]])
    made = results(
        np.array(level)[:, None] + luck, "morris", ["a.x", "switches.social", "switches.interest"], rows
    )
    made.manifest["design"]["options"] = {"each": arms, "trajectories": 1.5}
    made.manifest["design"]["problem"] = {"names": ["a.x"]}
    (found,) = designs_of(made, "gini")
    assert found.arms == ["switches.social", "switches.interest"]
    with pytest.raises(InputError, match=r"--effect switches\.social"):
        assert found.sample is None
    for switch, factor in (("switches.social", 2), ("switches.interest", 5)):
        effect = effect_of(found, switch)
        assert effect.sample["a.x"].tolist() == [0.5, 0.5, 0.8]
        assert effect.values.to_numpy() == pytest.approx(np.array([[0.5], [0.5], [0.8]]) * [factor, factor])


def test_arms_that_share_their_rows_seeds_are_paired():
    """Rows with seeds of their own: arms of a row may be compared, rows may not."""
    rows = [(x, on) for x in (0.5, 0.8) for on in (1.0, 0.0)]
    level = np.array([[x * on + 10 * seed for seed in range(2)] for x, on in rows])
    made = results(level, "morris", ["a.x", "switches.social"], rows, common=False)
    (apart,) = designs_of(made, "gini")
    with pytest.raises(InputError, match="seeds of their own"):
        effect_of(apart, "switches.social")
    made.outcomes["seed"] = made.outcomes["run_id"].map(
        lambda run: 100 * (int(run.split("-")[1]) // 2) + int(run[-1])
    )
    made.manifest["runs"] = [
        {"run_id": run, "draw": 0, "replication": int(run[-1])} for run in made.points["run_id"]
    ]
    made.outcomes = made.outcomes[made.outcomes["run_id"] != "OIS-0-0"]
    (found,) = designs_of(made, "gini")
    effect = effect_of(found, "switches.social")
    assert np.isnan(effect.values.iloc[0, 0])
    assert effect.values.to_numpy()[[0, 1, 1], [1, 0, 1]] == pytest.approx([0.5, 0.8, 0.8])


def test_a_slice_has_the_points_of_one_value():
    found = at_values(designs_of(results(), "gini")[0], {"fund.set_aside": "0.50"})
    assert found.x["switches.social"].tolist() == [1, 0]
    assert found.values.to_numpy() == pytest.approx(VALUES[[1, 4]])
    assert found.varying == ["switches.social"]
    with pytest.raises(InputError, match=r"never 0\.7"):
        at_values(found, {"switches.social": "0.7"})


def test_other_results_are_subtracted_point_by_point():
    cut = results(VALUES / 2, folder="cut")
    (found,) = designs_of(results(folder="on"), "gini", minus=cut)
    assert found.values.to_numpy() == pytest.approx(VALUES / 2)
    assert found.contrast == "on − cut"
    with pytest.raises(InputError, match="other points"):
        designs_of(results(), "gini", minus=results(points=POINTS[::-1]))
    with pytest.raises(InputError, match="other seeds"):
        designs_of(results(), "gini", minus=results(common=False))


def test_budgets_are_told_apart():
    both = results()
    more = results(VALUES + 1, arm="OS", budget="withheld")
    both.outcomes = pd.concat([both.outcomes, more.outcomes])
    both.points = pd.concat([both.points, more.points])
    first, second = designs_of(both, "gini")
    assert (first.budget, second.budget) == ("neutral", "withheld")
    assert second.values.to_numpy() == pytest.approx(VALUES + 1)


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("gin",), "did you mean 'gini'"),
        (("seed",), "no outcome"),
        (("gini", "rurl"), "did you mean 'rural'"),
    ],
)
def test_what_is_not_there_is_named(words, problem):
    with pytest.raises(InputError, match=problem):
        designs_of(results(), *words)


def test_without_an_experiments_file_there_are_no_points():
    plain = results()
    plain.manifest["design"] = None
    with pytest.raises(InputError, match="abm batch"):
        designs_of(plain)
