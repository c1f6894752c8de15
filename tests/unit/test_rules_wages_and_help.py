"""Who is paid for which job, and how much help is given."""

import numpy as np
import pytest

from abm import JointPointModel
from abm.population.households import LOCAL_JOB
from abm.world.helping import help_along
from abm.world.world import World
from tests.worlds import t_district


@pytest.fixture
def world() -> World:
    model = JointPointModel(t_district(), households=300, years=2, rng=5, views=False)
    for _ in range(3):
        model.step()
    return model.world


def test_each_household_gets_the_wages_of_its_own_workers(world: World) -> None:
    model_wages = next(m for m in world.institutions.government.model.mechanisms if m.name == "wages")
    world.ledger.balances["enterprise"][:] += 10**12  # everybody can pay
    world.ledger.balances["outside"][0] -= 10**12 * len(world.enterprises)
    before = world.ledger.income[0].copy()
    migrant_pay = world.ledger.flows[("outside", "household", "migrant_wage", "")]
    model_wages.production(world)
    workers, firms = world.workers, world.enterprises
    due = np.zeros(len(world.households))
    for row in np.flatnonzero(workers.activity == LOCAL_JOB):
        wage = world.places.wage[firms.place[workers.employer[row]]]
        due[workers.household[row]] += wage * workers.skill[row] * np.exp(workers.terms[row]) * world.dt
    got = (world.ledger.income[0] - before) / 100.0
    at_home = (world.households.migrants == 0) & ~world.households.ill
    assert got[at_home] == pytest.approx(due[at_home], abs=0.05)
    assert due[at_home].sum() > 0
    assert world.ledger.flows[("outside", "household", "migrant_wage", "")] >= migrant_pay


def test_nobody_gets_more_than_it_lacks_or_gives_more_than_it_can_spare(world: World) -> None:
    h, ledger = world.households, world.ledger
    needy = np.arange(0, len(h), 7)
    taken = ledger.balances["household"][needy].copy()
    ledger.balances["household"][needy] = 0
    ledger.balances["outside"][0] += int(taken.sum())
    before = ledger.balances["household"].copy()
    lack = np.full(len(needy), 3000.0)
    ties = world.points.pairs["kin"]
    settings = {
        "generosity": 0.2,
        "buffer": 0.1,
        "by_trust": False,
        "kind": "kin_help",
        "layer": "background",
    }
    gifts = help_along(world, ties, needy, lack, **settings)
    change = ledger.balances["household"] - before
    assert gifts > 0
    assert change.sum() == 0
    assert (change[needy] <= 3000_00 + 20).all()
    assert (change[needy] >= 0).all()
    others = np.setdiff1d(np.arange(len(h)), needy)
    spare = 0.2 * np.maximum(before[others] - 0.1 * 100 * h.expected_income[others], 0.0)
    assert (-change[others] <= spare + 20).all()
    assert (change[others] <= 0).all()


@pytest.mark.parametrize("ticks", [4, 12])
def test_care_is_helped_with_at_once_and_food_by_the_quarter(ticks: int) -> None:
    """Care is owed in one tick only: a month's part of a quarter's help would leave the rest of it undone."""
    scenario = t_district(scenario__ticks_per_year=ticks)
    world = JointPointModel(scenario, households=300, years=2, rng=5, views=False).world
    world.calendar.advance()
    h, ledger = world.households, world.ledger
    neighbours = world.points.pairs["kin"].neighbours(len(h))
    taker = int(np.flatnonzero(np.diff(neighbours.indptr) > 0)[0])
    giver = int(neighbours.indices[neighbours.indptr[taker]])
    help_of = {"generosity": 0.2, "buffer": 0.0, "by_trust": False, "kind": "kin_help", "layer": "background"}

    def given(care: float) -> float:
        ledger.transfer(("household", None), ("outside", 0), ledger.yuan("household"), "consumption")
        ledger.transfer(("outside", 0), ("household", giver), 10_000.0, "opening")
        h.care_due[taker] = care
        help_along(world, world.points.pairs["kin"], np.array([taker]), np.array([1e6]), **help_of)
        return float(ledger.yuan("household", taker))

    assert given(care=5000.0) == pytest.approx(2000.0)
    assert given(care=0.0) == pytest.approx(10_000.0 * (1.0 - 0.8 ** (4.0 / ticks)), abs=0.01)


def test_illness_takes_what_it_says_of_a_household_that_works_here_and_there(world: World) -> None:
    """Half a worker in all, from own account and from jobs in proportion to who works where."""
    model = world.institutions.government.model
    h = world.households
    own_account, wages = (
        next(m for m in model.mechanisms if m.name == name) for name in ("own_account", "wages")
    )
    h.busy.fill(0.0)
    mixed = (h.own_workers > 0) & (h.own_workers < h.workers)
    assert mixed.sum() > 5
    h.ill.fill(False)
    well = own_account._labour(world)
    h.ill.fill(True)
    lost = well - own_account._labour(world)
    elsewhere = (h.workers - h.own_workers) * (1.0 - wages._time_at_work(world)) / (1.0 - wages.p.sick_pay)
    assert (lost + elsewhere)[mixed] == pytest.approx(own_account.p.illness_loss)


def test_the_usual_wage_that_founders_plan_with_is_that_of_the_year_from_its_first_tick() -> None:
    model = JointPointModel(t_district(), households=300, years=3, rng=5, views=False)
    wages = next(m for m in model.mechanisms if m.name == "wages")
    places, calendar = model.world.places, model.world.calendar
    for _ in range(4):
        model.step()
    last_year = places.usual_wage.copy()
    calendar.advance()
    assert calendar.year_begins
    wages.calendar(model.world)
    planned = places.usual_wage.copy()  # founders look at it before wages are set
    wages.enterprise(model.world)
    assert planned == pytest.approx(places.usual_wage)
    assert (planned > 1.02 * last_year).all()
