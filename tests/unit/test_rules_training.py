"""Courses: what is learnt and paid, who goes, for which sector, and what it is worth."""

from typing import Any

import numpy as np
import pytest

from abm.core.draws import FixedDraws
from abm.core.errors import InputError
from abm.core.names import SECTORS
from abm.model.model import JointPointModel
from abm.model.plan import check_scenario
from abm.population.households import LOCAL_JOB, OWN_ACCOUNT
from abm.scenario.schema import Scenario
from abm.scenario.switches import Arm
from tests.limits.quiet import alike, quiet_model
from tests.worlds import t_district

SERVICES, FARM = SECTORS.index("services"), SECTORS.index("farm")
COME = {"training.thinks": 0.001, "training.supply_led": 0.999}


def rule(model: JointPointModel, name: str = "training") -> Any:
    return next(m for m in model.mechanisms if m.name == name)


def all_linked(per_head: float = 1000.0) -> Scenario:
    """Eight places alike, in three of which all households have been offered courses from the first year on."""
    whole = t_district()
    plan = next(p for p in whole.joint_points if p.kind == "course")
    money = next(p for p in whole.programmes if p.pays_for == "course")
    changes = {
        "joint_points": (plan.model_copy(update={"from_year": 2014, "share": 1.0}),),
        "programmes": (money.model_copy(update={"from_year": 2014, "per_head": per_head}),),
    }
    return alike().model_copy(update=changes)


def ready(per_head: float = 1000.0, **draws: float) -> JointPointModel:
    """After a tick in which nobody thought of a course; from now on everybody does, and jobs are in services alone."""
    model = quiet_model(all_linked(per_head))
    model.step()
    training = rule(model)
    training.openings[:] = 0.0
    training.openings[SERVICES] = 10.0
    training.p.memory = 0.0
    training.p.horizon = 1000.0  # it pays for all who see a chance
    model.world.households.busy[:] = 0.0
    model.world.households.local_workers[::5] = 1  # some in a job, for all to see
    model.world.draws = FixedDraws({**COME, "training.sector": 0.5, **draws})
    return model


def free(model: JointPointModel) -> np.ndarray:
    """Workers on own account of the households that are offered courses."""
    workers = model.world.workers
    offered = model.world.points.reaches("course")[workers.household]
    return np.flatnonzero((workers.activity == OWN_ACCOUNT) & offered)


def test_what_is_learnt_what_it_takes_and_what_it_costs_by_hand() -> None:
    model = ready()
    world, workers, h, p = model.world, model.world.workers, model.world.households, rule(model).p
    rows = free(model)
    workers.schooling[rows] = np.where(np.arange(len(rows)) % 2, 6.0, 15.0)
    before = world.ledger.yuan("programme").sum()
    rule(model).enterprise(world)
    assert (workers.trained_sector[rows] == SERVICES).all()
    kept = np.where(np.arange(len(rows)) % 2, 0.5, 1.0)
    assert workers.trained_years[rows] == pytest.approx(p.years * kept)
    others = np.setdiff1d(np.arange(len(workers)), rows)
    assert not workers.trained_years[others].any()
    alone = rows[h.own_workers[workers.household[rows]] == 1]
    assert h.busy[workers.household[alone]] == pytest.approx(p.time / world.dt)
    both = rows[h.own_workers[workers.household[rows]] == 2]
    assert h.busy[workers.household[both]] == pytest.approx(
        p.time / world.dt
    )  # each half of the household's time
    paid = before - world.ledger.yuan("programme").sum()
    assert paid == pytest.approx(p.price * world.index * len(rows), abs=0.05)
    assert world.ledger.flows["programme", "outside", "course", "social"] == pytest.approx(100 * paid)


def test_courses_add_up_to_a_most_and_another_trade_takes_the_place_of_the_first() -> None:
    model = ready()
    world, workers, p = model.world, model.world.workers, rule(model).p
    same, other = free(model)[:2]
    workers.schooling[:] = 16.0
    workers.trained_sector[same], workers.trained_years[same] = SERVICES, p.most - 0.1
    workers.trained_sector[other], workers.trained_years[other] = FARM, 1.0
    p.fade = 0.0
    rule(model).enterprise(world)
    assert workers.trained_years[same] == pytest.approx(p.most)
    assert (workers.trained_sector[other], workers.trained_years[other]) == (SERVICES, pytest.approx(p.years))


def test_who_expects_less_than_the_time_lost_does_not_go() -> None:
    model = ready()
    world, workers, h, p = model.world, model.world.workers, model.world.households, rule(model).p
    p.horizon = 8.0
    row = int(free(model)[0])
    home, place = int(workers.household[row]), int(h.place[workers.household[row]])
    rule(model).openings[FARM] = 30.0  # services are a quarter of what is open
    workers.schooling[row] = 12.0
    rate = world.settings["synthesis.schooling_return"].value
    job = world.by_place(h.local_workers)[place] / world.places.workers[place]
    wage = world.places.wage[place] * workers.skill[row]
    expected = 8.0 * wage * job * rate * p.years * 0.25
    assert job > 0
    assert rule(model)._expected(world, np.array([row]), np.array([SERVICES]), np.array([p.years])) == (
        pytest.approx(expected)
    )
    world.draws.uniforms["training.sector"] = 0.999  # services
    margin = world.settings["own_account.labour_exponent"].value  # of the average product
    for factor, goes in ((1.01, False), (0.99, True)):
        h.own_product[home] = factor * expected / p.time / margin
        rule(model).enterprise(world)
        assert bool(workers.trained_years[row]) is goes


def test_nobody_goes_where_no_job_is_to_be_had() -> None:
    model = ready()
    rule(model).openings[:] = 0.0
    rule(model).enterprise(model.world)
    assert not model.world.workers.trained_years.any()
    assert not model.world.households.busy.any()


@pytest.mark.parametrize("u", [0.1, 0.9])
def test_seats_end_with_the_money_and_a_part_of_one_goes_by_lot(u: float) -> None:
    model = ready(**{"training.part": u})
    world, workers, h = model.world, model.world.workers, model.world.households
    price = rule(model).p.price * world.index
    accounts = world.envelope("course").accounts
    for account in accounts.tolist():
        money = world.ledger.yuan("programme", account)
        world.ledger.transfer(("programme", account), ("outside", 0), money, "envelope_return")
    world.ledger.transfer(("outside", 0), ("programme", int(accounts[0])), 3.5 * price, "envelope")
    rule(model).enterprise(world)
    trained = np.bincount(h.place[workers.household[workers.trained_years > 0]], minlength=3)
    assert trained.tolist() == [4 if u < 0.5 else 3, 0, 0]
    left = world.ledger.yuan("programme", int(accounts[0]))
    assert left == pytest.approx(0.0 if u < 0.5 else 0.5 * price, abs=0.02)
    rule(model).enterprise(world)  # nobody gets what is not there
    assert (workers.trained_years > 0).sum() == trained.sum()


def test_what_the_provider_can_teach_and_what_an_enterprise_asks_for() -> None:
    """Without a contract s of all courses are the provider's; with one (1 − a) s, and the others the enterprise's."""
    model = ready(**{"training.teaches": 0.001, "training.supply_led": 0.3, "training.sector": 0.5})
    world, training = model.world, rule(model)
    rows = free(model)
    place = world.households.place[world.workers.household[rows]]
    firms = world.enterprises
    firm = int(np.flatnonzero(firms.place == 0)[0])
    firms.sector[firm], firms.wanted[firm] = SECTORS.index("solar"), 3.0
    sector, asked = training._sectors(world, rows)
    assert (sector == 0).all()  # .3 < s: what the provider can teach
    assert not asked.any()
    few, name = world.institutions, f"enterprise:{world.place_names[0]}/{firms.number[firm]}"
    world.draws.uniforms["ties.dud"] = 0.999
    world.form_link("project", name, few.collectives[0].name, 0, 0.5)
    world.points.household["membership"].active[world.households.place == 0] = True
    rule(model, "project").enterprise(world)
    sector, asked = training._sectors(world, rows)
    assert ((1.0 - training.p.asked) * training.p.supply_led) < 0.3 < training.p.supply_led
    assert (sector[place == 0] == SECTORS.index("solar")).all()
    assert asked[place == 0].all()
    assert (sector[place != 0] == 0).all()
    assert not asked[place != 0].any()
    world.draws.uniforms["training.supply_led"] = 0.6  # beyond s: by the vacancies of the district
    sector, _ = training._sectors(world, rows)
    assert (sector[place != 0] == SERVICES).all()


@pytest.mark.parametrize("ticks", [4, 12])
def test_what_is_not_used_fades(ticks: int) -> None:
    scenario = t_district(scenario__ticks_per_year=ticks)
    model = JointPointModel(scenario, households=300, years=1, views=False, rng=1)
    world, workers, training = model.world, model.world.workers, rule(model)
    job = np.flatnonzero(workers.activity == LOCAL_JOB)
    trade = world.enterprises.sector[workers.employer[job]]
    workers.trained_years[:] = 1.0
    workers.trained_sector[:] = FARM
    for _ in range(2 * ticks):
        training._fade(world)
    left = np.exp(-2.0 * training.p.fade)
    used = job[trade == FARM]
    assert len(used) > 0
    assert (workers.trained_years[used] == 1.0).all()
    assert np.delete(workers.trained_years, used) == pytest.approx(left)


def test_it_counts_in_a_job_of_that_sector_and_in_no_other() -> None:
    scenario = t_district(labour__fit_spread=0.0, labour__outsider=0.0, training__fade=0.0)
    model = JointPointModel(scenario, households=600, years=1, views=False, rng=4)
    world, workers, firms = model.world, model.world.workers, model.world.enterprises
    workers.trained_sector[:] = SERVICES
    workers.trained_years[:] = 0.8
    before = workers.employer.copy()
    model.step()
    new = np.flatnonzero((workers.employer >= 0) & (workers.employer != before))
    in_trade = firms.sector[workers.employer[new]] == SERVICES
    assert in_trade.any()
    assert (~in_trade).any()
    worth = world.settings["synthesis.schooling_return"].value * 0.8 * in_trade
    assert workers.fit[new] == pytest.approx(worth, abs=1e-12)
    assert workers.terms[new] == pytest.approx(worth, abs=1e-12)


def test_without_the_link_nobody_is_taught_and_people_find_jobs_all_the_same() -> None:
    scenario = t_district(switches=({"kind": "course"},))
    model = JointPointModel(scenario, households=400, years=8, views=False, rng=7)
    model.run()
    assert not model.world.workers.trained_years.any()
    assert (model.world.workers.activity == LOCAL_JOB).mean() > 0.2


def test_with_the_social_layer_on_some_are_taught() -> None:
    trained = []
    for arm in (Arm(), Arm(social=False, from_year=2019)):
        model = JointPointModel(t_district(), households=400, years=10, views=False, rng=7, arm=arm)
        model.run()
        trained.append(int((model.world.workers.trained_years > 0).sum()))
    assert trained[0] > trained[1] == 0


def test_courses_need_the_labour_market_in_the_list() -> None:
    scenario = t_district()
    listed = tuple(name for name in scenario.scenario.mechanisms if name != "labour")
    head = scenario.scenario.model_copy(update={"mechanisms": listed})
    with pytest.raises(InputError, match="'training' needs 'labour'"):
        check_scenario(scenario.model_copy(update={"scenario": head}))
