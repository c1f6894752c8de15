"""One household on own account follows its closed form: sales, costs, pension, interest, consumption and investment
written out once more in plain numbers, from the docstrings of the rules."""

from math import exp

import numpy as np
import pytest

from abm.core.names import INCOME_SOURCES
from abm.model.plan import settings
from abm.scenario.parameters import values_of
from abm.scenario.schema import Scenario
from abm.world.own_lines import OF_CAPITAL
from tests.limits import cut_down
from tests.limits.quiet import alike, quiet_model


def values(model, owner):
    return values_of(settings(model.world.scenario), owner)


def with_rules(*names: str) -> Scenario:
    """The quiet scenario with these rules only."""
    return cut_down.with_rules(alike(), names)


@pytest.mark.parametrize("uniforms", [{}, {"population.person1": 0.1}], ids=["workers", "with an elder"])
def test_money_and_capital_follow_their_equations(uniforms: dict[str, float]) -> None:
    model = quiet_model(with_rules("pensions", "consumption", "debt", "investment", "own_account"), uniforms)
    world, h = model.world, model.world.households
    own, eat, credit, pensions, invest, better = (
        values(model, o)
        for o in ("own_account", "consumption", "credit", "pensions", "investment", "technique")
    )
    elders, residents = int(h.elders[0]), int(world.residents()[0])
    assert (elders > 0) is bool(uniforms)
    cash, capital, expected = (
        float(world.ledger.yuan("household")[0]),
        float(h.capital[0]),
        float(h.expected_income[0]),
    )
    kappa = own.capital_exponent * OF_CAPITAL[h.line[0]]
    scale = (
        float(h.own_value[0]) / world.index / (capital / world.index) ** kappa
    )  # labour and land stay as they are
    dt, late, improved = 0.25, 0.0, False
    while model.running:
        model.step()
        x = world.outside.index(world.year)
        gain = better.gain if improved else 1.0
        net = gain * scale * x * (capital / x) ** kappa  # of a year
        interest = credit.deposit_rate * dt * cash
        income = net * dt + pensions.resident * x * dt * elders + interest
        now = (income + late) / dt  # capital was replaced after the last expectation
        expected += (1 - exp(-eat.adaptation * dt)) * (now - expected)
        wish = dt * (eat.floor * x * residents + eat.from_income * expected + eat.from_savings * cash)
        cash += income
        cash -= min(wish, cash)
        worn = invest.wear * dt * capital
        ratio = kappa * net / ((credit.interest + invest.wear) * capital)
        wanted = capital * ratio ** (1 / (1 - kappa))
        trend = world.outside.index(world.year + 1) / x - 1
        bought = min(
            max(worn + (invest.adjustment * (wanted - capital) + trend * capital) * dt, 0),
            max(cash - credit.buffer * expected, 0),
        )
        capital = max(capital + bought - worn, 100.0 * x)
        improved = (
            improved or capital / x >= better.threshold
        ) and capital / x >= better.repair * better.threshold
        cash, late = cash - bought, -min(bought, worn)
        assert float(world.ledger.yuan("household")[0]) == pytest.approx(cash, abs=0.03 * (world.tick + 1))
        assert float(h.capital[0]) == pytest.approx(capital, abs=0.03 * (world.tick + 1))
        assert float(h.expected_income[0]) == pytest.approx(expected, abs=0.1 * (world.tick + 1))
        assert h.debt[0] == 0


@pytest.mark.parametrize("ticks", [4, 12])
def test_trust_follows_its_exact_solution(ticks: int) -> None:
    """τ(t) = τ* + (τ₀ − τ*) e^{−(g c₀ + δ) t}, at any length of tick."""
    scenario = with_rules("consumption", "own_account", "trust")
    head = scenario.scenario.model_copy(update={"ticks_per_year": ticks})
    model = quiet_model(scenario.model_copy(update={"scenario": head}))
    p, h = values(model, "trust"), model.world.households
    first = float(h.trust[0])
    pull = p.gain * p.everyday
    level = pull / (pull + p.decay)
    for tick in range(1, 8 * ticks + 1):
        model.step()
        years = tick / ticks
        assert float(h.trust[0]) == pytest.approx(
            level + (first - level) * exp(-(pull + p.decay) * years), abs=1e-9
        )


def test_a_household_in_debt_follows_its_closed_form() -> None:
    """Without any means it draws credit for its floor up to its limit."""
    model = quiet_model(alike(), years=1)
    world, h = model.world, model.world.households
    credit, eat = values(model, "credit"), values(model, "consumption")
    world.ledger.transfer(("household", None), ("outside", 0), world.ledger.yuan("household"), "consumption")
    h.expected_income[:] = 8000.0
    h.cash_first = 0.0
    row, x = 0, world.index
    floor = eat.floor * x * int(world.residents()[row]) * 0.25
    world.calendar.advance()
    next(m for m in model.mechanisms if m.name == "consumption").spending(world)
    expected = 8000.0 * exp(-eat.adaptation * 0.25)  # nothing came in
    drawn = min(floor, credit.limit * expected)
    assert h.debt[row] / 100 == pytest.approx(drawn, abs=0.01)
    assert h.spent[row] == pytest.approx(drawn, abs=0.01)
    assert world.ledger.yuan("household")[row] == 0.0


@pytest.mark.parametrize("ticks", [4, 12])
def test_a_household_with_migrants_follows_its_closed_form(ticks: int) -> None:
    """All but one leave in the first tick and stay away. For half a year they are usual residents, whose pay is wage
    income and whose living in the city costs; then they are none, and what they send is transfer income:

    n (W s − K) Δ,   then   n m (W s − K) Δ,   W being the city's wage and K the cost of being away, on the trend.
    """
    scenario = with_rules("migration", "own_account", "wages")
    head = scenario.scenario.model_copy(update={"ticks_per_year": ticks})
    goes = {"migration.leave": 0.001, "migration.leave.choice": 1e-9, "migration.return": 0.999}
    model = quiet_model(scenario.model_copy(update={"scenario": head}), goes, years=3)
    world, h, row = model.world, model.world.households, 0
    away_cost, remitted = values(model, "migration").away_cost, values(model, "wages").remitted
    skill = world.workers.skill[world.workers.household == row]
    persons, dt = int(world.residents()[row]), 1.0 / ticks
    wage, business, transfer = (INCOME_SOURCES.index(name) for name in ("wage", "business", "transfer"))
    for tick in range(3 * ticks):
        before, cash = world.ledger.income[:, row].copy(), world.ledger.yuan("household")[row]
        if world.calendar.year_ends or tick == 0:
            before[:] = 0
        model.step()
        n = int(h.migrants[row])
        assert n == persons - 1 > 0
        pay = n * float(skill[0]) * world.outside.wage(world.year) * dt
        cost = n * away_cost * world.outside.index(world.year) * dt
        settled = tick * dt >= 0.5
        assert world.residents()[row] == persons - n * settled
        if world.calendar.year_ends:
            continue  # the ledger has closed the year's books
        came = (world.ledger.income[:, row] - before) / 100.0
        expected = {wage: 0.0 if settled else pay, transfer: remitted * (pay - cost) if settled else 0.0}
        for source, yuan in expected.items():
            assert came[source] == pytest.approx(yuan, abs=0.01 * n)
        spent = 0.0 if settled else cost
        change = float(world.ledger.yuan("household")[row] - cash)
        assert change == pytest.approx(came[wage] + came[transfer] + came[business] - spent, abs=0.01 * n)
        assert came[business] == pytest.approx(h.own_value[row] * dt, rel=1e-6, abs=0.05)
    assert np.ptp(world.ledger.balances["household"]) <= 3 * ticks  # all are alike
