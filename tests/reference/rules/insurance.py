"""Residents' medical insurance."""

from tests.reference.model import Rule


class Insurance(Rule):
    name = "insurance"

    def shocks(self) -> None:
        """With a year's first tick households pay for whom no employer insures, if a month's food is left."""
        m = self.model
        if not m.year_begins:
            return
        floor = m.parameters["consumption"].floor
        for home in m.households:
            employed = home.local_workers + home.elders if home.local else 0
            due = self.p.premium * m.index * max(home.members - employed, 0)
            food = floor * m.index * home.residents / 12.0
            home.insured = home.members > 0 and home.cash >= due + food
            if home.insured:
                m.ledger.pay(home, m.outside, due, "insurance_premium")
