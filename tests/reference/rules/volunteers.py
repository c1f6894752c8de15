"""Volunteers: joint activity, which costs time and money."""

from statistics import fmean

from tests.reference.agents import Household, Place
from tests.reference.model import Rule
from tests.reference.shared.firms import buy_here


class Volunteers(Rule):
    name = "volunteers"

    def needs(self) -> None:
        """Organisations plan by means and participation; who takes part this season spends time on it."""
        m = self.model
        self.pay_budgets()
        orders, joins = [], []
        for place in m.places:
            members = [home for home in place.dwellings if home.reaches("volunteer")]
            if not members:
                place.organization.activity, place.organization.dormant = 0.0, False
                continue
            orders.append((place.organization, place, self.plan(place, members)))
            joins += [home for home in members if self.takes_part(home)]
        buy_here(m, orders, "activity", "social")
        for home in joins:
            home.joint_activity = home.place.organization.activity
            home.busy = min(home.busy + self.p.time * home.joint_activity, 1.0)
            if home.joint_activity > 0:
                m.messages["social"] += 4.0 * m.dt

    def pay_budgets(self) -> None:
        """This tick's part of the programme's money, where it has members."""
        m, envelope = self.model, self.model.envelope("volunteer")
        for place in m.places if envelope else ():
            purse = envelope.purses[place.row]
            if m.paid_for(place, envelope):
                due = purse.cash / m.ticks_left
                m.ledger.pay(purse, place.organization, due, "volunteer_budget", "social")

    def plan(self, place: Place, members: list[Household]) -> float:
        """The organisation's activity; returns what it spends, yuan."""
        m, p, one = self.model, self.p, place.organization
        full = p.full_cost * m.index * len(members) * m.dt
        means = min(p.own_means + one.cash / full, 1.0)
        guided = any(link.target is one for link in m.points.active("station"))
        participation = fmean(home.participation for home in members)
        return min(one.plan(means, participation, p.wake, p.guidance * guided) * full, one.cash)

    def takes_part(self, home: Household) -> bool:
        m = self.model
        return m.luck.uniform("volunteers.part", m.season, home.key) < home.participation

    def year_end(self) -> None:
        """What an organisation could not use goes back to its programme."""
        m, envelope = self.model, self.model.envelope("volunteer")
        for place in m.places if envelope else ():
            one = place.organization
            m.ledger.pay(one, envelope.purses[place.row], one.cash, "envelope_return")
