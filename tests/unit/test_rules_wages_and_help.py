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
