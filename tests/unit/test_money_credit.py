"""Interest both ways, who can borrow, and what a default does to whom."""

from math import expm1

import numpy as np
import pytest

from abm.mechanisms.base import Mechanism
from abm.model.model import JointPointModel
from abm.scenario.parameters import values_of
from abm.world.credit import borrow, room
from abm.world.world import BANK, OUTSIDE, World
from tests.limits.quiet import alike, quiet_model
from tests.worlds import t_district


def rule(model: JointPointModel, name: str) -> Mechanism:
    return next(m for m in model.mechanisms if m.name == name)


def empty_purses(world: World) -> None:
    """Nobody has any money."""
    world.ledger.transfer(("household", None), OUTSIDE, world.ledger.yuan("household"), "consumption")


@pytest.fixture
def model() -> JointPointModel:
    """A quiet world in its first tick; nothing has been done yet."""
    quiet = quiet_model(alike(), years=2)
    quiet.world.calendar.advance()
    return quiet


def lend(world: World, row: int, yuan: float) -> None:
    fen = world.ledger.transfer(BANK, ("household", row), yuan, "loan")
    world.households.debt[row] += fen.sum()


def test_interest_is_on_what_there_was_when_the_tick_began(model: JointPointModel) -> None:
    world, h = model.world, model.world.households
    empty_purses(world)
    world.ledger.transfer(OUTSIDE, ("household", None), 50_000.0, "own_account_sales")
    h.cash_first = 10_000.0
    lend(world, 3, 8_000.0)
    before = world.ledger.balances["household"].copy()
    rule(model, "debt").distribution(world)
    change = (world.ledger.balances["household"] - before) / 100.0
    p = values_of(world.settings, "credit")
    assert change[4] == pytest.approx(p.deposit_rate * 0.25 * 10_000.0, abs=0.01)
    assert change[3] == pytest.approx(change[4] - p.interest * 0.25 * 8_000.0, abs=0.02)
    assert world.ledger.income[2, 4] == round(100 * change[4])  # property income
    assert world.ledger.income[2, 3] == round(100 * change[3])
    assert h.debt[3] == 800_000
    assert world.ledger.imbalance() == 0


def test_food_comes_before_interest_and_what_is_not_paid_is_owed(model: JointPointModel) -> None:
    world, h = model.world, model.world.households
    empty_purses(world)
    lend(world, 3, 8_000.0)
    empty_purses(world)
    h.cash_first = 0.0
    floor = values_of(world.settings, "consumption").floor * world.index * world.residents()[3] * world.dt
    world.ledger.transfer(OUTSIDE, ("household", 3), floor + 50.0, "own_account_sales")
    due = values_of(world.settings, "credit").interest * 0.25 * 8_000.0
    rule(model, "debt").distribution(world)
    assert world.ledger.yuan("household", 3) == pytest.approx(floor, abs=0.01)
    assert h.debt[3] / 100.0 == pytest.approx(8_000.0 + due - 50.0, abs=0.01)
    assert h.unpaid_interest[3] == pytest.approx(due - 50.0, abs=0.01)


def test_who_pays_nothing_for_a_year_defaults_and_the_bank_settles_its_loss(model: JointPointModel) -> None:
    world, h, ledger = model.world, model.world.households, model.world.ledger
    debt = rule(model, "debt")
    h.expected_income = 40_000.0
    for row in (3, 4):
        lend(world, row, 8_000.0)
    for _ in range(4):
        ledger.transfer(("household", 3), OUTSIDE, ledger.yuan("household", 3), "consumption")
        h.cash_first = 0.0
        debt.distribution(world)
    owed = h.debt[3] / 100.0
    quarterly = values_of(world.settings, "credit").interest / 4.0
    assert owed == pytest.approx(8_000.0 * (1.0 + quarterly) ** 4, abs=0.05)
    debt.year_end(world)
    assert (h.debt[3], h.debt[4]) == (0, 800_000)
    assert h.no_credit_until[3] == world.year + 6
    assert h.no_credit_until[4] == 0
    notes = {e.event: e.detail for e in world.events}
    assert notes["debt_written_off"] == f"{owed:.2f}"
    assert notes["households_in_default"] == "1"
    # the bank is left with what it is owed; the outside world has made good what it lost, less the interest it got
    assert ledger.balances["bank"][0] == -h.debt.sum()
    assert ledger.imbalance() == 0
    assert h.unpaid_interest[3] == 0.0


def test_a_debt_far_above_the_limit_is_given_up(model: JointPointModel) -> None:
    world, h = model.world, model.world.households
    p = values_of(world.settings, "credit")
    factor = values_of(world.settings, "debt").write_off
    h.expected_income = 10_000.0
    limit = p.limit * 10_000.0
    lend(world, 3, factor * limit + 1.0)
    lend(world, 4, factor * limit - 1.0)
    assert rule(model, "debt").failing(world).tolist() == [3]


def test_after_a_default_nobody_lends_for_some_years(model: JointPointModel) -> None:
    world, h = model.world, model.world.households
    rows = np.array([3, 4])
    h.expected_income = 40_000.0
    h.no_credit_until[3] = world.year + 1
    limit = values_of(world.settings, "credit").limit * 40_000.0
    assert room(world, rows).tolist() == [0.0, limit]
    assert room(world, rows, 0.5).tolist() == [0.0, limit / 2]
    borrow(world, rows, np.array([1e6, 1e6]))
    assert h.debt[rows].tolist() == [0, round(limit * 100)]
    h.no_credit_until[3] = world.year
    assert room(world, rows).tolist() == [limit, 0.0]


@pytest.mark.parametrize("ticks", [4, 12])
def test_savings_at_a_constant_income_follow_their_closed_form(ticks: int) -> None:
    """S′ = (r − φ) S + (1 − b) y − floor, by ticks: the same at quarters and months but for the compounding."""
    scenario = t_district(scenario__ticks_per_year=ticks, consumption__thrift_spread=0.0)
    model = JointPointModel(scenario, households=200, years=1, views=False, rng=1)
    world, h = model.world, model.world.households
    row, y = 5, 60_000.0
    c, p = values_of(world.settings, "consumption"), values_of(world.settings, "credit")
    empty_purses(world)
    world.ledger.transfer(OUTSIDE, ("household", row), 20_000.0, "opening")
    h.expected_income = y
    h.expected_income[row] = y / (1.0 - p.deposit_rate)  # some value off the present, so that it has to adapt
    expected, savings = float(h.expected_income[row]), 20_000.0
    world.calendar.advance()
    consumption, debt = rule(model, "consumption"), rule(model, "debt")
    floor = c.floor * world.index * world.residents()[row]
    for _ in range(5 * ticks):
        h.cash_first = world.ledger.yuan("household")
        world.ledger.transfer(OUTSIDE, ("household", row), y / ticks, "local_wage")
        debt.distribution(world)
        consumption.spending(world)
        income = y + p.deposit_rate * savings
        expected += -expm1(-c.adaptation / ticks) * (income - expected)
        savings += (income - floor - c.from_income * expected - c.from_savings * savings) / ticks
        assert world.ledger.yuan("household", row) == pytest.approx(savings, abs=2.0)
    rate = c.from_savings - p.deposit_rate * (1.0 - c.from_income)
    level = ((1.0 - c.from_income) * y - floor) / rate
    end = level + (20_000.0 - level) * np.exp(-rate * 5.0)
    assert savings == pytest.approx(
        end, rel=0.015
    )  # the solution in continuous time; expectations lag a little
    assert world.ledger.imbalance() == 0


def test_who_has_nearly_repaid_does_not_default_for_what_went_unpaid_of_a_larger_debt(
    model: JointPointModel,
) -> None:
    world, h, debt = model.world, model.world.households, rule(model, "debt")
    h.expected_income = 40_000.0
    lend(world, 3, 8_000.0)
    for quarter in range(4):
        if quarter == 0:
            world.ledger.transfer(("household", 3), OUTSIDE, world.ledger.yuan("household", 3), "consumption")
        else:
            world.ledger.transfer(OUTSIDE, ("household", 3), 10_000.0, "own_account_sales")
        h.cash_first = 0.0
        debt.distribution(world)
    assert h.unpaid_interest[3] > 0
    h.debt[3] = 100_00  # the rest has been repaid
    assert 3 not in debt.failing(world)
    h.interest_due[3] = 0.0
    assert 3 in debt.failing(world)  # as if that had been all that was ever owed
