"""Earmarked grants: public money for the works, the fund and the ecological farms of a village."""

from abm.world.own_lines import HERDS
from tests.reference.agents import Household, Payer, Place
from tests.reference.model import Rule
from tests.reference.shared.firms import buy_here
from tests.reference.shared.subsidies import Applicant, start_ups


class Grant(Rule):
    name = "grant"
    remembers = ("for_works",)

    def start(self) -> None:
        """Nothing is set apart yet."""
        self.for_works = [0.0 for _ in self.model.places]

    def granted(self) -> dict[Place, Payer]:
        """Accounts with money in them, of places with an active link."""
        m, envelope = self.model, self.model.envelope("grant")
        tied = [link.place for link in m.points.active("grant")] if envelope else []
        purses = {place: envelope.purses[place.row] for place in tied}
        return {place: purse for place, purse in purses.items() if purse.fen > 0}

    def distribution(self) -> None:
        """At the year's start a part to the funds; in every tick a part for farms."""
        m, purses = self.model, self.granted()
        if not purses:
            return
        budget = {place: purse.cash for place, purse in purses.items()}
        if m.year_begins:
            self.for_works = [0.0 for _ in m.places]
            for place, yuan in budget.items():
                has_members = any(home.reaches("fund") for home in place.dwellings)
                due = self.p.to_fund * yuan * has_members
                m.ledger.pay(purses[place], place.fund, due, "earmarked", "organizational")
                m.messages["organizational"] += 1
                budget[place] = yuan - due
                self.for_works[place.row] = (1.0 - self.p.to_farms) * budget[place]
        budget = {place: max(yuan - self.for_works[place.row], 0.0) for place, yuan in budget.items()}
        farmers = [home for home in m.households if budget.get(home.place, 0.0) > 0 and self.thinks(home)]
        applicants = [
            Applicant(home, max(home.improved_needs * m.index - home.capital, 0.0), 0.0) for home in farmers
        ]
        start_ups(m, purses, budget, applicants, self.p.matched, "grant.lot", "organizational")

    def thinks(self, home: Household) -> bool:
        """Households of villages on crops or herds without the improved technique think of it at a rate."""
        m = self.model
        farms = home.line <= HERDS and not home.improved and not home.urban and home.inhabited
        return farms and m.luck.uniform("grant.thinks", m.tick, home.key) < m.chance(self.p.thinks)

    def year_end(self) -> None:
        """What is left buys public works."""
        orders = [(purse, place, purse.cash) for place, purse in self.granted().items()]
        buy_here(self.model, orders, layer="organizational")
