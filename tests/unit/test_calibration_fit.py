"""Calibration: known parameters are found again, and a stopped one ends as if it had not been stopped."""

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from abm.analysis.abc_smc import last_generation
from abm.analysis.calibration import _SEARCH_SEEDS, calibrate, priors_of, problem_of
from abm.analysis.evaluations import Log, Task, Workers, attempt, simulate_all
from abm.analysis.fit_report import write_report
from abm.analysis.fit_tables import correlated, fit_tables, quantile, verdict
from abm.analysis.moment_search import Found, latin_hypercube, search
from abm.core.draws import replication_seed
from abm.core.errors import InputError
from abm.model import plan
from abm.model.plan import load_scenario
from tests.unit.calibration_data import (
    GOOD_ROW,
    HERE,
    PRIORS,
    TRUE,
    MadeUp,
    budget,
    made_up_problem,
    town,
    write_targets,
)


@pytest.fixture(scope="module")
def fit(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fit")
    found = calibrate(made_up_problem(), folder, budget=budget(900), workers=HERE)
    write_report(found, folder)
    return found, folder


def test_moments_find_known_parameters(fit):
    best = fit[0].best
    assert best["a.x"] == pytest.approx(TRUE["a.x"], abs=0.04)
    assert best["a.y"] == pytest.approx(TRUE["a.y"], abs=0.04)


def test_the_posterior_covers_them_and_knows_what_it_has_not_learned(fit):
    table = fit_tables(fit[0])[1].set_index("parameter")
    for name, value in TRUE.items():
        assert table.p5[name] - 0.05 <= value <= table.p95[name] + 0.05
        assert table.verdict[name] == "informed"
    assert table.verdict["a.idle"] == "not informed by these data"
    posterior = fit[0].posterior
    assert posterior.weights.sum() == pytest.approx(1.0)
    low, high = np.array(list(PRIORS.values())).T
    assert ((posterior.values >= low) & (posterior.values <= high)).all()


def test_the_report_holds_targets_parameters_and_a_picture(fit):
    _, folder = fit
    page = (folder / "calibration.md").read_text(encoding="utf-8")
    assert "of 3 targets met" in page
    assert "not informed by these data" in page
    assert (folder / "calibration.png").read_bytes().startswith(b"\x89PNG")
    assert len((folder / "calibration.csv").read_text().splitlines()) == 4


@pytest.mark.slow
def test_stopped_and_resumed_is_as_if_never_stopped(fit, tmp_path):
    whole = fit[0]
    for calls in (40, 40, 250, 100):  # in the search, in it again, in a generation, in a later one
        with pytest.raises(KeyboardInterrupt):
            calibrate(made_up_problem(MadeUp(calls)), tmp_path, budget=budget(900), workers=HERE)
    log = tmp_path / "simulations.jsonl"
    log.write_bytes(log.read_bytes() + b'{"key": "moments 0.1')  # killed while it wrote
    resumed = calibrate(made_up_problem(), tmp_path, budget=budget(900), workers=HERE)
    assert MadeUp.calls == 900 - 430
    assert resumed.best == whole.best
    assert np.array_equal(resumed.posterior.values, whole.posterior.values)
    assert np.array_equal(resumed.posterior.weights, whole.posterior.weights)
    assert [json.loads(line)["key"] for line in log.read_text().splitlines()]


def test_a_larger_budget_goes_on(tmp_path):
    first = calibrate(made_up_problem(), tmp_path, method="abc", budget=budget(120), workers=HERE)
    second = calibrate(made_up_problem(), tmp_path, method="abc", budget=budget(400), workers=HERE)
    assert second.generation > first.generation
    assert second.posterior.about["threshold"] < first.posterior.about["threshold"]
    assert MadeUp.calls <= 400 - 120


def test_a_failing_simulation_is_far_away_and_logged(tmp_path):
    problem = made_up_problem(MadeUp(fails=True))
    found = calibrate(problem, tmp_path, budget=budget(400), workers=HERE)
    assert found.failed > 0
    assert found.best["a.x"] < 0.9
    assert (found.posterior.values[:, 0] <= 0.9).all()
    assert "ZeroDivisionError: too far" in (tmp_path / "simulations.jsonl").read_text()


def test_without_a_whole_generation_there_is_no_posterior(tmp_path):
    found = calibrate(made_up_problem(), tmp_path, method="abc", budget=budget(5), workers=HERE)
    assert found.posterior is None
    assert found.best is None
    assert not (tmp_path / "posterior.csv").exists()


def test_a_search_whose_budget_ends_early_has_the_best_of_what_it_saw(tmp_path):
    found = calibrate(made_up_problem(), tmp_path, method="moments", budget=budget(9), workers=HERE)
    assert found.points == 4
    assert not found.search_finished
    assert found.best is not None


def test_a_folder_of_another_calibration_is_refused(tmp_path):
    calibrate(made_up_problem(), tmp_path / "a", method="moments", budget=budget(4), workers=HERE)
    with pytest.raises(InputError, match="another seed; name an empty folder"):
        calibrate(made_up_problem(seed=4), tmp_path / "a", budget=budget(4), workers=HERE)
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "thesis.txt").write_text("mine")
    with pytest.raises(InputError, match="holds something else"):
        calibrate(made_up_problem(), tmp_path / "b", budget=budget(4), workers=HERE)
    with pytest.raises(InputError, match="--method"):
        calibrate(made_up_problem(), tmp_path / "c", method="magic", budget=budget(4), workers=HERE)


def test_what_is_known_is_not_done_again(tmp_path):
    model, tasks = MadeUp(), [Task(f"k{i}", {"a.x": 0.1 * i, "a.y": 0.2}, i) for i in (1, 2, 2)]
    log = Log(tmp_path / "log", lambda moments: float(moments[0]))
    with log.opened():
        done = list(simulate_all(model, tasks, log, Workers(), budget(10)))
    assert MadeUp.calls == 2
    assert done[1] == done[2] == attempt(model, tasks[1].values, 2)
    again = Log(tmp_path / "log", lambda moments: float(moments[0]))
    assert list(simulate_all(MadeUp(stop_after=-1), tasks, again, Workers(), budget(2))) == done
    assert again.best == min(d.moments[0] for d in done)


@pytest.mark.parametrize(
    ("contraction", "says"),
    [(0.9, "informed"), (0.5, "informed"), (0.49, "weakly"), (0.2, "weakly"), (0.19, "not"), (-0.3, "not")],
)
def test_verdicts(contraction, says):
    assert verdict(contraction).startswith(says)


def test_weighted_quantiles():
    values, weights = np.array([3.0, 1.0, 2.0]), np.array([0.2, 0.5, 0.3])
    assert [quantile(values, weights, q) for q in (0.0, 0.25, 0.65, 0.9, 1.0)] == [1, 1, 2, 3, 3]
    assert quantile(values, weights, 0.5) == pytest.approx(1.625)
    assert quantile(np.array([4.0, 2.0]), np.ones(2), 0.5) == 3.0
    assert quantile(np.arange(101.0), np.ones(101), 0.05) == pytest.approx(4.55)


def test_correlated_pairs_are_named(fit):
    assert all(abs(r) > 0.6 for _, _, r in correlated(fit[0]))


def test_a_latin_hypercube_fills_every_slice():
    points = latin_hypercube(20, 3, seed=5)
    for side in points.T:
        assert sorted(np.floor(side * 20)) == list(range(20))
    assert np.array_equal(points, latin_hypercube(20, 3, seed=5))


def test_priors_lie_within_the_parameters_bounds(tmp_path):
    path = town(
        tmp_path,
        'targets = "aims.csv"\nfree = ["own_account.gross", "consumption.floor"]\n'
        'bounds = { "consumption.floor" = [2000.0, 4000.0] }\n',
    )
    scenario = load_scenario(path)
    priors = priors_of(scenario)
    assert priors["consumption.floor"] == (2000.0, 4000.0)
    assert priors["own_account.gross"][0] > 0
    one = problem_of(scenario, households=300)
    assert one.about["years"] == 2
    assert len(one.targets) == 1  # the other row is a check
    assert one.at(np.array([0.0, 0.5]))["consumption.floor"] == 3000.0


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ('free = ["own_account.gros"]', "did you mean 'own_account.gross'"),
        ('free = ["own_account.gross", "own_account.gross"]', "freed twice"),
        ("free = []", "is empty"),
        ("free = [" + ", ".join(f'"a.p{i}"' for i in range(13)) + "]", "frees 13 parameters, and 12 are the most"),
        ('free = ["consumption.floor"]\nbounds = { "consumption.floor" = [0.0, 9e9] }', "leaves the parameter"),
        ('free = ["consumption.floor"]\nbounds = { "consumption.floor" = [4000.0, 2000.0] }', "do not rise"),
        ('free = ["consumption.floor"]\nbounds = { "labour.quit_rat" = [0.1, 0.2] }', "mean 'labour.quit_rate'"),
        ('free = ["consumption.floor"]\nhouseholds = 20', "at least 200"),
        ('fre = ["consumption.floor"]', "did you mean 'free'"),
    ],
)  # fmt: skip
def test_a_wrong_table_is_named(tmp_path, table, says):
    path = town(tmp_path, f'targets = "aims.csv"\n{table}\n')
    with pytest.raises(InputError, match=says):
        problem_of(load_scenario(path), households=300)


def test_a_scenario_without_the_table_says_so(tmp_path):
    scenario = load_scenario(town(tmp_path)).model_copy(update={"calibration": None})
    with pytest.raises(InputError, match=r"no table \[calibration\]"):
        problem_of(scenario)


@pytest.mark.slow
def test_moments_recover_parameters_of_a_small_world(tmp_path):
    """Targets made by a run at known values, with the luck that the search has."""
    row = {**GOOD_ROW, "id": "transfers", "measure": "share_transfer", "unit": "share", "value": "0.2"}
    other = {**GOOD_ROW, "id": "saved", "measure": "savings_years", "unit": "years", "value": "2"}
    path = town(tmp_path, 'targets = "aims.csv"\nfree = ["pensions.resident", "consumption.from_income"]\n')
    write_targets(tmp_path / "aims.csv", {**row, "tolerance": "0.01"}, {**other, "tolerance": "0.05"})
    problem = problem_of(load_scenario(path), households=300, seeds=1)
    true = np.array([0.7, 0.25])
    luck = replication_seed(replication_seed(1, _SEARCH_SEEDS), 0)
    aims = problem.model(problem.at(true), luck)
    targets = tuple(replace(t, value=float(v)) for t, v in zip(problem.targets, aims, strict=True))
    problem = replace(problem, targets=targets)
    found = calibrate(problem, tmp_path / "fit", method="moments", budget=budget(40), workers=HERE)
    for u, (name, (low, high)) in zip(true, problem.priors.items(), strict=True):
        assert abs(found.best[name] - (low + u * (high - low))) < 0.1 * (high - low)


def test_the_search_begins_at_the_scenarios_own_values():
    """A good fit is never lost: it is looked at first, and what surrounds it next."""
    own, looked = np.array([0.9, 0.2, 0.6]), []

    def residuals(points):
        for point in points:
            looked.append(point)
            yield 10.0 * (point - own)

    found = Found()
    search(residuals, 3, 1, found, own)
    assert np.array_equal(looked[0], own)
    assert np.array_equal(found.point, own)
    assert found.cost == 0.0
    near = np.abs(np.array(looked[1:9]) - own).max(axis=1)
    assert (near <= 0.15 + 1e-9).all()
    assert near.max() > 0.05


def test_own_values_are_a_point_of_the_cube_of_priors():
    scenario = load_scenario("t_district")
    problem = problem_of(scenario)
    assert ((problem.own >= 0) & (problem.own <= 1)).all()
    at = problem.at(problem.own)
    assert at["own_account.gross"] == pytest.approx(plan.settings(scenario)["own_account.gross"].value)


def test_a_generation_of_one_heavy_particle_is_no_posterior():
    """The last generation that is worth a quarter of its particles counts, else the first."""

    class History:
        def __init__(self, *weights):
            self.weights, self.max_t = weights, len(weights) - 1

        def get_population(self, t):
            each = [
                SimpleNamespace(weight=w, parameter={"a": t}, distance=1.0, sum_stat={"moments": np.zeros(1)})
                for w in self.weights[t]
            ]
            return SimpleNamespace(particles=each)

        def get_all_populations(self):
            numbers = range(-1, self.max_t + 1)
            return pd.DataFrame({"t": numbers, "epsilon": [9.0 - t for t in numbers], "samples": 10})

    even, one = [0.05] * 20, [0.981] + [0.001] * 19
    found = last_generation(History(even, even, one), ("a",))
    assert (found.number, found.epsilon, found.simulations) == (1, 8.0, 40)
    assert found.effective == pytest.approx(20.0)
    assert last_generation(History(even, even), ("a",)).number == 1
    assert last_generation(History(one, one), ("a",)).number == 0
    assert last_generation(History(), ("a",)) is None
