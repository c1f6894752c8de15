"""Profit sharing: what the five parties of a contract bargain for."""

from statistics import fmean

from tests.reference.agents import Firm, Household, Payer, Place
from tests.reference.model import Rule
from tests.reference.shared.firms import buy_here

OTHERS = ("government", "collective", "committee", "households")
ONE_SIDE = {"enterprise": 0.65, "government": 0.0, "collective": 0.105, "committee": 0.0, "households": 0.245}
"""Weights where the scenario has no contract: the village is one side, and bargains each time."""
FULL = 0.5
"""Participation and management at which a weight counts in full."""


class ProfitSharing(Rule):
    name = "profit_sharing"

    def distribution(self) -> None:
        """Interest on savings of collectives; surpluses are shared, and once a year dividends paid."""
        m = self.model
        rate = m.parameters["credit"].deposit_rate * m.dt
        due = [(m.bank, place.collective, rate * place.collective.cash) for place in m.places]
        m.ledger.pay_all(due, "deposit_interest")
        works = []
        for link in m.points.active("project"):
            works += self.share(link.source, link.target.place)
        buy_here(m, works, layer="interest")
        if m.year_ends:
            self.pay_dividends()

    @staticmethod
    def members(place: Place) -> list[Household]:
        return [home for home in place.dwellings if home.reaches("membership")]

    def share(self, firm: Firm, place: Place) -> list[tuple[Payer, Place, float]]:
        """S = max(0, profit − (r + δ) · capital − earlier losses) goes to the parties; returns the orders of the
        village committee."""
        m, shared = self.model, self.model.parameters["enterprise"]
        members = self.members(place)
        if not members:
            return []
        if firm.bargained_in + (m.contract.years if m.contract else 0) <= m.year:
            self.bargain(firm, place, members)
        least = (shared.cost_of_capital + shared.depreciation) * firm.capital * m.dt
        surplus = firm.profit - least + firm.carried
        firm.carried = min(surplus, 0.0)
        if surplus <= 0:
            return []
        paid = m.ledger.pay(firm, m.government, firm.to_government * surplus, "government_share", "interest")
        mine = m.ledger.pay(
            firm, place.collective, firm.to_collective * surplus, "collective_share", "interest"
        )
        place.collective.income_year += mine
        each = self.by_residents(members, firm.to_households * surplus)
        paid += mine + sum(m.ledger.share_out(firm, each, "profit_share", "interest"))
        works = min(firm.to_committee * surplus, firm.cash)
        firm.profit -= paid + works
        return [(firm, place, works)]

    def bargain(self, firm: Firm, place: Place, members: list[Household]) -> None:
        """Of the surplus ω_i q_i / Σ ω q: q is participation for households, management for collective and committee,
        their product for a village that is one side, each over .5."""
        given = self.model.contract
        weights = dict(given.weights) if given else ONE_SIDE
        takes_part = fmean(home.participation for home in members) / FULL
        managed = place.management / FULL
        if given:
            power = {"government": 1.0, "collective": managed, "committee": managed, "households": takes_part}
        else:
            power = {"government": 1.0, **dict.fromkeys(OTHERS[1:], managed * takes_part)}
        counts = {party: self.p.local_power * weights[party] * power[party] for party in OTHERS}
        total = weights["enterprise"] + sum(counts.values())
        firm.bargained_in = self.model.year
        for party in OTHERS:
            setattr(firm, f"to_{party}", counts[party] / total if total > 0 else 0.0)

    @staticmethod
    def by_residents(members: list[Household], yuan: float) -> list[tuple[Household, float]]:
        people = max(sum(home.residents for home in members), 1)
        return [(home, yuan * home.residents / people) for home in members]

    def pay_dividends(self) -> None:
        """Of the collective's income of the year, a share to members and another for public goods."""
        m, incomes = self.model, {}
        for place in m.places:
            one = place.collective
            incomes[place] = min(one.income_year, one.cash)
            one.income_last, one.income_year = one.income_year, 0.0
        buy_here(m, [(place.collective, place, self.p.welfare * yuan) for place, yuan in incomes.items()])
        for place, yuan in incomes.items():
            each = self.by_residents(self.members(place), self.p.dividend * yuan)
            m.ledger.share_out(place.collective, each, "collective_dividend", "interest")
