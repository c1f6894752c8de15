"""One household on own account follows its closed form: sales, costs, pension, interest, consumption and investment
written out once more in plain numbers, from the docstrings of the rules."""

from math import exp

import pytest

from abm.model.plan import settings
from abm.scenario.parameters import values_of
from tests.limits.quiet import alike, quiet_model


def values(model, owner):
    return values_of(settings(model.world.scenario), owner)


@pytest.mark.parametrize("uniforms", [{}, {"population.person1": 0.1}], ids=["workers", "with an elder"])
def test_money_and_capital_follow_their_equations(uniforms: dict[str, float]) -> None:
    model = quiet_model(alike(), uniforms)
    world, h = model.world, model.world.households
    own, spend, credit, pensions = (
        values(model, o) for o in ("own_account", "spending", "credit", "pensions")
    )
    workers, elders, residents = int(h.workers[0]), int(h.elders[0]), int(world.residents()[0])
    assert (elders > 0) is bool(uniforms)
    cash, capital, expected = (
        float(world.ledger.yuan("household")[0]),
        float(h.capital[0]),
        float(h.expected_income[0]),
    )
    labour = workers + own.elder_labour * elders
    dt, seen = 0.25, 0.0
    while model.running:
        model.step()
        x = world.outside.index(world.year)
        factor = x * own.gross * (capital / (own.capital_norm * x)) ** own.capital_exponent
        sales = factor * labour**own.labour_exponent * dt
        income = (1 - own.inputs) * sales + pensions.resident * x * dt * elders
        cash += income
        now = (income + seen) / dt  # interest came after the last expectation
        expected += (1 - exp(-spend.adaptation * dt)) * (now - expected)
        interest = credit.deposit_rate * dt * cash
        cash, seen = cash + interest, interest
        wish = dt * (spend.floor * x * residents + spend.from_income * expected + spend.from_savings * cash)
        cash -= min(wish, cash)
        worn = spend.wear * dt * capital
        product = (1 - own.inputs) * factor * labour ** (own.labour_exponent - 1)
        wanted = own.capital_exponent * product * workers / (credit.interest + spend.wear)
        bought = min(
            max(worn + spend.adjustment * dt * (wanted - capital), 0), max(cash - spend.buffer * expected, 0)
        )
        capital = max(capital + bought - worn, 100.0)
        cash -= bought
        assert float(world.ledger.yuan("household")[0]) == pytest.approx(cash, abs=0.03 * (world.tick + 1))
        assert float(h.capital[0]) == pytest.approx(capital, abs=0.03 * (world.tick + 1))
        assert float(h.expected_income[0]) == pytest.approx(expected, abs=0.1 * (world.tick + 1))
        assert h.debt[0] == 0


@pytest.mark.parametrize("ticks", [4, 12])
def test_trust_follows_its_exact_solution(ticks: int) -> None:
    """τ(t) = τ* + (τ₀ − τ*) e^{−(g c₀ + δ) t}, at any length of tick."""
    scenario = alike()
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
    """Without any means it draws credit for its floor up to its limit, and owes interest on it."""
    model = quiet_model(alike(), years=1)
    world, h = model.world, model.world.households
    credit, spend = values(model, "credit"), values(model, "spending")
    h.own_workers[:] = 0
    h.elders[:] = 0
    world.ledger.transfer(("household", None), ("outside", 0), world.ledger.yuan("household"), "consumption")
    h.expected_income[:] = 8000.0
    row, x = 0, world.outside.index(2014)
    floor = spend.floor * x * int(world.residents()[row]) * 0.25
    for mechanism in model.mechanisms:
        if mechanism.name == "spending":
            world.calendar.advance()
            mechanism.spending(world)
    expected = 8000.0 * exp(-spend.adaptation * 0.25)  # nothing came in
    drawn = min(floor, credit.limit * expected)
    assert h.debt[row] / 100 == pytest.approx(drawn, abs=0.01)
    assert h.spent[row] == pytest.approx(drawn, abs=0.01)
    assert world.ledger.yuan("household")[row] == 0.0
