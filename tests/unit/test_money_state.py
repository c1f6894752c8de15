"""Premiums and what they insure; income tax and contributions by hand."""

import numpy as np
import pytest

from abm.core.draws import FixedDraws
from abm.mechanisms.background.insurance import Insurance
from abm.mechanisms.background.taxes import income_tax
from abm.mechanisms.base import Mechanism
from abm.model.model import JointPointModel
from abm.population.households import LOCAL_JOB, members
from abm.scenario.parameters import values_of
from abm.world.world import OUTSIDE, World
from tests.limits.quiet import alike
from tests.worlds import t_district


def rule(model: JointPointModel, name: str) -> Mechanism:
    return next(m for m in model.mechanisms if m.name == name)


def make(uniforms: dict[str, float] | None = None) -> JointPointModel:
    luck = FixedDraws(uniforms)
    model = JointPointModel(alike(), households=400, years=3, views=False, rng=1, luck=luck)
    model.world.calendar.advance()
    return model


def only_cash(world: World, yuan: float) -> None:
    world.ledger.transfer(("household", None), OUTSIDE, world.ledger.yuan("household"), "consumption")
    world.ledger.transfer(OUTSIDE, ("household", None), yuan, "opening")


def test_a_household_pays_for_each_member_if_that_leaves_it_food() -> None:
    model = make()
    world, h = model.world, model.world.households
    only_cash(world, 0.0)
    premium = values_of(world.settings, "insurance").premium * world.index
    due = premium * members(h)[3]
    food = values_of(world.settings, "consumption").floor * world.index * world.residents()[3] / 12.0
    world.ledger.transfer(OUTSIDE, ("household", np.array([3])), due + food + 1.0, "opening")
    world.ledger.transfer(OUTSIDE, ("household", np.array([4])), due + food - 1.0, "opening")
    before = world.ledger.income.copy()
    rule(model, "insurance").shocks(world)
    assert np.flatnonzero(h.insured).tolist() == [3]
    assert world.ledger.yuan("household", 3) == pytest.approx(food + 1.0, abs=0.02)
    change = (world.ledger.income - before)[:, 3]
    assert change.tolist() == [0, 0, 0, -round(due * 100)]  # a transfer paid
    assert world.ledger.imbalance() == 0


def test_whom_an_employer_insures_pays_no_premium() -> None:
    model = JointPointModel(t_district(), households=600, years=1, views=False, rng=1)
    world, h = model.world, model.world.households
    due = Insurance.to_insure(world)
    town = h.urban & h.registered
    assert np.array_equal(due[~town], members(h)[~town])
    assert np.array_equal(due[town], (members(h) - h.local_workers - h.elders)[town])
    assert due[town].sum() < members(h)[town].sum()


@pytest.mark.parametrize("settlement", [0.1, 0.9], ids=["on the spot", "on a claim"])
def test_who_has_not_paid_is_not_reimbursed(settlement: float) -> None:
    model = make({"illness.onset": 0.0001, "illness.settlement": settlement})
    world, h = model.world, model.world.households
    only_cash(world, 100_000.0)
    p = values_of(world.settings, "illness")
    illness = rule(model, "illness")
    h.insured = False
    h.insured[3] = True
    illness.shocks(world)
    assert h.ill.all()
    cost = float(h.care_due[4])
    assert cost > 0
    assert not h.on_the_spot[4]
    illness.spending(world)
    spent = 100_000.0 - world.ledger.yuan("household")
    at_once = settlement < p.on_the_spot
    assert spent[4] == pytest.approx(cost, abs=0.02)
    assert spent[3] == pytest.approx(cost * (1.0 - p.reimbursed) if at_once else cost, abs=0.02)
    assert h.claim[4] == 0.0
    assert h.claim[3] == pytest.approx(0.0 if at_once else p.reimbursed * cost, abs=0.02)
    assert world.ledger.imbalance() == 0


def test_the_old_are_ill_for_longer() -> None:
    model = make({"illness.onset": 0.9999})
    world, h = model.world, model.world.households
    p = values_of(world.settings, "illness")
    h.children, h.workers, h.elders, h.disabled = 0, 1, 0, 0
    h.elders[3], h.workers[3] = 1, 0
    slow, quick = (-np.expm1(-p.recovery * part * world.dt) for part in (1.0 - p.chronic, 1.0))
    for u, still in (((slow + quick) / 2, [3]), (slow / 2, []), ((1 + quick) / 2, list(range(len(h))))):
        h.ill, h.untreated = True, False
        world.draws.uniforms["illness.recovery"] = u
        rule(model, "illness").shocks(world)
        assert np.flatnonzero(h.ill).tolist() == still


def test_the_tax_of_the_brackets_by_hand() -> None:
    taxable = [-5_000.0, 0.0, 10_000.0, 36_000.0, 100_000.0, 200_000.0, 400_000.0]
    # 3 % up to 36 000, 10 % up to 144 000, 20 % up to 300 000, then 25 %
    tax = [0.0, 0.0, 300.0, 1_080.0, 1_080.0 + 6_400.0, 11_880.0 + 11_200.0, 11_880.0 + 31_200.0 + 25_000.0]
    assert income_tax(taxable).tolist() == pytest.approx(tax)


@pytest.mark.parametrize("ticks", [4, 12])
def test_who_pays_what_on_a_wage(ticks: int) -> None:
    scenario = t_district(scenario__ticks_per_year=ticks)
    model = JointPointModel(scenario, households=600, years=1, views=False, rng=1)
    world, h, workers = model.world, model.world.households, model.world.workers
    world.calendar.advance()
    p, index = values_of(world.settings, "taxes"), world.index
    at_work = np.flatnonzero(workers.activity == LOCAL_JOB)
    town = (h.urban & h.registered)[workers.household[at_work]]
    first, other = at_work[town][0], at_work[~town][0]
    workers.pay = 0.0
    yearly = 120_000.0 * index
    workers.pay[[first, other]] = yearly / ticks
    before = world.ledger.income.copy()
    public = world.ledger.yuan("government")[0]
    for _ in range(ticks):
        rule(model, "taxes").distribution(world)
    paid = (before - world.ledger.income)[3] / 100.0
    funds = 0.105 * yearly
    expected = {
        int(workers.household[first]): funds + index * float(income_tax(120_000.0 * 0.895 - 60_000.0)),
        int(workers.household[other]): index * float(income_tax(60_000.0)),
    }
    for row, yuan in expected.items():
        assert paid[row] == pytest.approx(yuan, abs=0.02 * ticks)
    assert paid.sum() == pytest.approx(sum(expected.values()), abs=0.04 * ticks)
    taxes = sum(expected.values()) - funds
    share = world.ledger.yuan("government")[0] - public
    assert share == pytest.approx(p.district_share * taxes, abs=0.02 * ticks)
    assert world.ledger.imbalance() == 0
