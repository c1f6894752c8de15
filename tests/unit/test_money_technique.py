"""Two techniques: a little less capital and no credit can keep a household where it is; what is bought is booked."""

import numpy as np
import pytest

from abm.mechanisms.background.investment import best_capital
from abm.mechanisms.base import Mechanism
from abm.model.model import JointPointModel
from abm.scenario.parameters import values_of
from abm.world import technique
from abm.world.own_lines import TRADE
from abm.world.world import OUTSIDE
from tests.limits.quiet import alike
from tests.worlds import t_district

POORER, RICHER = 3, 4


def rule(model: JointPointModel, name: str) -> Mechanism:
    return next(m for m in model.mechanisms if m.name == name)


def two_neighbours(**settings: float) -> JointPointModel:
    """Two households in trade that live from hand to mouth; one has 2 000 yuan more of capital, and just enough."""
    quick = {"investment__decision": 12.0, "technique__spread": 0.0, "scenario__ticks_per_year": 12}
    model = JointPointModel(t_district(**{**quick, **settings}), households=200, years=1, views=False, rng=1)
    world, h = model.world, model.world.households
    world.calendar.advance()
    world.ledger.transfer(("household", None), OUTSIDE, world.ledger.yuan("household"), "consumption")
    h.line, h.capital, h.improved, h.own_value = TRADE, 0.0, False, 0.0
    threshold = values_of(world.settings, "technique").threshold * world.index
    h.capital[[POORER, RICHER]] = threshold - 5_000.0, threshold - 3_000.0
    h.expected_income = 40_000.0
    return model


def live(model: JointPointModel, years: int, saved: float) -> None:
    """Own-account product at a constant labour and land; all of it is eaten but ``saved`` yuan at the start."""
    world, h = model.world, model.world.households
    p = values_of(world.settings, "own_account")
    rows = np.array([POORER, RICHER])
    base = 40_000.0 / h.capital[RICHER] ** p.capital_exponent
    buffer = values_of(world.settings, "credit").buffer * 40_000.0
    world.ledger.transfer(OUTSIDE, ("household", rows), saved + buffer, "opening")
    for _ in range(12 * years):
        h.own_value[rows] = base * h.capital[rows] ** p.capital_exponent * technique.factor(world)[rows]
        wear = values_of(world.settings, "investment").wear * h.capital[rows] / 12.0
        world.ledger.transfer(OUTSIDE, ("household", rows), wear, "own_account_sales")
        rule(model, "investment").spending(world)
        world.calendar.advance()


def test_without_credit_a_little_capital_decides_and_with_ample_credit_it_does_not() -> None:
    barred = two_neighbours(credit__limit=0.0)
    live(barred, 6, saved=3_500.0)
    assert barred.world.households.improved[[POORER, RICHER]].tolist() == [False, True]
    ample = two_neighbours(credit__limit=2.0)
    live(ample, 6, saved=3_500.0)
    assert ample.world.households.improved[[POORER, RICHER]].tolist() == [True, True]
    assert ample.world.households.debt[POORER] > 0
    for model in (barred, ample):
        assert model.world.ledger.imbalance() == 0


def test_a_technique_that_does_not_pay_is_not_bought() -> None:
    model = two_neighbours(credit__limit=2.0, technique__gain=1.0)
    live(model, 1, saved=50_000.0)
    assert not model.world.households.improved[POORER]


def test_best_capital_is_where_the_return_meets_the_cost() -> None:
    capital, value, exponent = (
        np.array([5_000.0, 80_000.0]),
        np.array([9_000.0, 30_000.0]),
        np.array([0.15, 0.08]),
    )
    best = best_capital(value, capital, exponent, 0.18)
    at_best = value * (best / capital) ** exponent
    assert exponent * at_best / best == pytest.approx(0.18)


def test_the_improved_technique_is_lost_only_when_much_has_worn_out() -> None:
    model = two_neighbours()
    world, h = model.world, model.world.households
    p = values_of(world.settings, "technique")
    states = []
    for part in (0.99, 1.0, 0.9, p.repair - 0.01, 0.9):
        h.capital[POORER] = part * p.threshold * world.index
        technique.settle(world)
        states.append(bool(h.improved[POORER]))
    assert states == [False, True, True, False, False]
    h.improved[POORER] = True
    assert technique.factor(world)[[POORER, RICHER]].tolist() == [p.gain, 1.0]


def test_replacement_is_a_business_cost_and_net_investment_is_not() -> None:
    model = JointPointModel(alike(), households=400, years=1, views=False, rng=1)
    world, h = model.world, model.world.households
    world.calendar.advance()
    world.ledger.transfer(OUTSIDE, ("household", None), 500_000.0, "opening")
    h.capital, h.improved, h.own_value, h.line = 10_000.0, False, 20_000.0, TRADE
    before, cash = world.ledger.income.copy(), world.ledger.yuan("household")
    rule(model, "investment").spending(world)
    worn = 10_000.0 * values_of(world.settings, "investment").wear * world.dt
    income = (world.ledger.income - before) / 100.0
    paid = cash - world.ledger.yuan("household")
    assert income[1] == pytest.approx(np.full(len(h), -worn), abs=0.01)
    assert (income[[0, 2, 3]] == 0).all()
    assert (paid > worn + 1.0).all()
    assert h.capital == pytest.approx(10_000.0 + paid - worn, abs=0.02)
    assert world.ledger.imbalance() == 0


def test_capital_is_borrowed_for_while_it_pays_and_no_further_than_a_part_of_the_limit() -> None:
    model = JointPointModel(alike(), households=400, years=1, views=False, rng=1)
    world, h = model.world, model.world.households
    world.calendar.advance()
    world.ledger.transfer(("household", None), OUTSIDE, world.ledger.yuan("household"), "consumption")
    h.own_value, h.line, h.improved, h.expected_income = 20_000.0, TRADE, False, 1_000.0
    h.capital = 1_000.0
    h.capital[RICHER] = 100_000.0 * world.index  # more than it wants: it borrows nothing to replace it
    rule(model, "investment").spending(world)
    credit, invest = values_of(world.settings, "credit"), values_of(world.settings, "investment")
    debt = h.debt / 100.0
    assert debt[POORER] == pytest.approx(invest.on_credit * credit.limit * 1_000.0, abs=0.01)
    assert h.capital[POORER] == pytest.approx(
        1_000.0 * (1.0 - invest.wear * world.dt) + debt[POORER], abs=0.02
    )
    assert debt[RICHER] == 0.0
    assert world.ledger.balances["bank"][0] == -h.debt.sum()
    assert (world.ledger.balances["household"] == 0).all()


def test_what_a_year_brings_follows_the_technique_at_once() -> None:
    """Else, in the tick after, the gain would be divided out of a product that has never held it."""
    model = two_neighbours()
    world, h = model.world, model.world.households
    gain, needed = values_of(world.settings, "technique").gain, h.improved_needs[POORER] * world.index
    h.own_value[POORER] = h.own_product[POORER] = 1000.0
    others = h.own_value.sum() - 1000.0
    h.capital[POORER] = needed
    technique.settle(world, np.array([POORER]))
    assert h.improved[POORER]
    assert (h.own_value[POORER], h.own_product[POORER]) == pytest.approx((1000.0 * gain, 1000.0 * gain))
    technique.settle(world, np.array([POORER]))
    assert h.own_value[POORER] == pytest.approx(1000.0 * gain)
    h.capital[POORER] = 0.1 * needed
    technique.settle(world, np.array([POORER]))
    assert (h.own_value[POORER], h.own_product[POORER]) == pytest.approx((1000.0, 1000.0))
    assert h.own_value.sum() - h.own_value[POORER] == others
