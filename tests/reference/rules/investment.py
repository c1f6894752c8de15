"""Productive capital of households, and the improved technique."""

from math import exp

from abm.world.own_lines import OF_CAPITAL
from tests.reference.agents import Household
from tests.reference.model import Rule
from tests.reference.shared.credit import borrow, room, spare_cash
from tests.reference.shared.people import LEAST_TOOLS
from tests.reference.shared.technique import factor, find_need, settle


def best_capital(value: float, capital: float, exponent: float, cost: float) -> float:
    """K* at which κ·v/K is the yearly cost of capital, v being in proportion to K^κ."""
    return capital * (exponent * value / (cost * capital)) ** (1.0 / (1.0 - exponent))


class Investment(Rule):
    name = "investment"

    def start(self) -> None:
        """Who has enough capital starts with the improved technique."""
        for home in self.model.households:
            find_need(self.model, home)
            settle(self.model, home)

    def spending(self) -> None:
        """Wear is made good and a part of the gap to K* closed; the improved technique is bought at once."""
        m, p, credit = self.model, self.p, self.model.parameters["credit"]
        growth = m.outside_world.index(m.year + 1) / m.index - 1.0
        for home in m.households:
            if m.year_begins:
                find_need(m, home)
            worn = p.wear * m.dt * home.capital
            best = best_capital(
                max(home.own_value, 0.0),
                max(home.capital, 1.0),
                self.exponent(home),
                credit.interest + p.wear,
            )
            gap = p.adjustment * (best - home.capital) + growth * home.capital
            wish, pays = max(worn + gap * m.dt, 0.0), best > home.capital
            missing = home.improved_needs * m.index - (home.capital - worn)
            if missing > 0 and home.own_value > 0 and self.goes_for_it(home, missing):
                wish, pays = max(wish, missing), True
            spare = spare_cash(m, home)
            if pays and wish > spare:
                spare += borrow(m, home, wish - spare, p.on_credit)
            due = min(wish, spare)
            bought = m.ledger.pay(home, m.outside, min(due, worn), "replacement")
            bought += m.ledger.pay(home, m.outside, due - min(due, worn), "household_investment")
            home.capital = max(home.capital + bought - worn, LEAST_TOOLS * m.index)
            settle(m, home)

    def exponent(self, home: Household) -> float:
        """κ of its line."""
        return self.model.parameters["own_account"].capital_exponent * float(OF_CAPITAL[home.line])

    def goes_for_it(self, home: Household, missing: float) -> bool:
        """Who has the technique keeps it up; others think of it at a rate, or since they were shown; and it must be
        within reach and pay."""
        m, decision = self.model, self.p.decision
        u = m.luck.uniform("investment.decision", m.tick, home.key)
        by_itself = home.improved or u < 1.0 - exp(-decision * m.dt)
        if by_itself:
            return self.gains(home, missing, copies=False)
        was_shown = u < 1.0 - exp(-decision * m.dt) * (1.0 - home.shown)
        return was_shown and self.gains(home, missing, copies=True)

    def gains(self, home: Household, missing: float, *, copies: bool) -> bool:
        """Whether the improved product at the threshold less the traditional one at its best capital is above wear and
        funds of the capital between the two."""
        m, credit, kappa = self.model, self.model.parameters["credit"], self.exponent(home)
        capital, needed = max(home.capital, 1.0), home.improved_needs * m.index
        plain = home.own_value / factor(m, home)
        if copies:
            c = self.p.copying
            plain = plain ** (1.0 - c) * max(home.shown_product, 1.0) ** c
        own = min(spare_cash(m, home), missing)
        lent = missing - own
        if lent > room(m, home, self.p.on_credit):
            return False
        best = best_capital(plain, capital, kappa, credit.interest + self.p.wear)
        fallback = min(best, needed)
        improved = m.parameters["technique"].gain * plain * (needed / capital) ** kappa
        traditional = plain * (fallback / capital) ** kappa
        funds = (credit.deposit_rate * own + credit.interest * lent) / missing
        return improved - traditional > (self.p.wear + funds) * (needed - fallback)
