"""The district's budget, and programme money left over."""

from tests.reference.model import Rule
from tests.reference.shared.capital import lay_out
from tests.reference.shared.firms import buy_here


class PublicBudget(Rule):
    name = "public_budget"

    def distribution(self) -> None:
        """A grant per person of the start."""
        m = self.model
        people = sum(place.members_first for place in m.places)
        m.ledger.pay(m.outside, m.government, self.p.grant * m.index * people * m.dt, "grant")

    def year_end(self) -> None:
        """What is left buys public goods by people; programme money goes to its named use, or back."""
        m = self.model
        people, left = sum(place.members for place in m.places), m.government.cash
        buy_here(m, [(m.government, place, left * place.members / people) for place in m.places])
        for envelope in m.envelopes:
            rest = {place: purse.cash for place, purse in zip(m.places, envelope.purses, strict=True)}
            if m.budget == "withheld":
                due = [(envelope.purses[place.row], m.outside, yuan) for place, yuan in rest.items()]
                m.ledger.pay_all(due, "envelope_return")
            elif envelope.purse == "public":
                buy_here(m, [(envelope.purses[place.row], place, yuan) for place, yuan in rest.items()])
            else:
                for place, yuan in rest.items():
                    lay_out(m, envelope.purses[place.row], place, yuan)
