"""The labour market of ``experiments/searching``, in which those with a job look for a better one."""

from pathlib import Path

import numpy as np
import pytest

from abm import JointPointModel, load_scenario, simulate
from abm.population.households import LOCAL_JOB
from abm.scenario.schema import Scenario

STUDY = Path(__file__).resolve().parents[2] / "experiments" / "searching"
BRIEF = {"scenario.burn_in": 2}
SIZE = {"seed": 3, "households": 300, "years": 6}


@pytest.fixture
def searching(monkeypatch: pytest.MonkeyPatch) -> Scenario:
    """Its scenario, whose rule Python finds."""
    monkeypatch.syspath_prepend(str(STUDY))
    return load_scenario(STUDY / "scenario.toml", BRIEF)


def test_it_has_the_rules_of_t_district_but_for_one(searching: Scenario) -> None:
    whole = load_scenario("t_district", BRIEF)
    listed = ["searching:SearchingLabour" if name == "labour" else name for name in whole.scenario.mechanisms]
    assert list(searching.scenario.mechanisms) == listed, "copy t_district's list into its scenario.toml"


def test_where_nobody_looks_while_in_a_job_it_is_t_district(searching: Scenario) -> None:
    nobody = simulate(searching, settings={"labour.on_the_job": 0.0}, **SIZE).outcomes
    without = simulate(load_scenario("t_district", BRIEF), **SIZE).outcomes
    apart = ["run_id", "scenario"]
    assert nobody.drop(columns=apart).equals(without.drop(columns=apart))


def test_who_looks_while_in_a_job_moves_to_a_better_one(searching: Scenario) -> None:
    """Some hundred change enterprises within a tick (29 where nobody looks while in a job), mostly for more pay;
    others save the way to work."""
    model = JointPointModel(searching, households=600, years=4, views=False, rng=1)
    world, moved, gained = model.world, 0, 0
    for _ in range(8):
        before = {
            int(key): (int(employer), float(pay)) for key, employer, pay in zip(*_jobs(model), strict=True)
        }
        model.step()
        for key, employer, pay in zip(*_jobs(model), strict=True):
            old = before.get(int(key))
            if old is not None and old[0] != int(employer):
                moved, gained = moved + 1, gained + (float(pay) > old[1])
    assert np.isclose(world.ledger.imbalance(), 0)
    assert moved > 80
    assert gained > 0.7 * moved


def _jobs(model: JointPointModel) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Key, employer's key and yearly pay of everybody with a job."""
    workers, firms = model.world.workers, model.world.enterprises
    rows = np.flatnonzero(workers.activity == LOCAL_JOB)
    employer = workers.employer[rows]
    wage = model.world.places.wage[firms.place[employer]]
    return workers.key[rows], firms.key[employer], wage * workers.skill[rows] * np.exp(workers.terms[rows])
