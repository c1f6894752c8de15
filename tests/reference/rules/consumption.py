"""Consumption."""

from math import exp

from tests.reference.agents import Place
from tests.reference.model import Rule
from tests.reference.shared.credit import borrow


class Consumption(Rule):
    name = "consumption"

    def spending(self) -> None:
        """c = min(cash, Δ · [floor per resident + b_i · expected income + φ · S]); for the floor there is credit."""
        m, p = self.model, self.p
        for home in m.households:
            income = home.income_so_far - home.income_seen
            home.income_seen = home.income_so_far
            step = 1.0 - exp(-p.adaptation * m.dt)
            home.expected_income += step * (income / m.dt - home.expected_income)
            if m.year_begins:
                thrift = m.luck.normal("consumption.thrift", 0, home.key)
                home.from_income = min(max(p.from_income + p.thrift_spread * thrift, 0.0), 1.0)
            floor = p.floor * m.index * home.residents * m.dt
            from_income = home.from_income * max(home.expected_income, 0.0)
            if home.cash < floor:
                borrow(m, home, floor - home.cash)
            home.spent = min(floor + m.dt * (from_income + p.from_savings * home.cash_first), home.cash)
        for place in m.places:
            self.shop(place)

    def shop(self, place: Place) -> None:
        """A share is bought from enterprises of the place by what they have for sale, as far as they have it."""
        m = self.model
        free = {firm: firm.sales - firm.prepaid * m.dt for firm in place.firms if firm.sells}
        shops = [(firm, yuan) for firm, yuan in free.items() if yuan > 0]
        on_offer = sum(yuan for _, yuan in shops)
        wanted = sum(self.p.bought_here * home.spent for home in place.dwellings)
        part = min(1.0, on_offer / max(wanted, 0.01))
        here = [(home, self.p.bought_here * home.spent * part) for home in place.dwellings]
        sold = m.ledger.clear(here, shops, "consumption")
        for home, yuan in here:
            m.ledger.pay(home, m.outside, max(home.spent - yuan, 0.0), "consumption")
        place.local_sales = sum(sold) / m.dt

    def year_end(self) -> None:
        """What came in after the last expectation counts in the next one, when this year's income is counted anew."""
        for home in self.model.households:
            home.income_seen -= home.income_so_far
