"""Schooling beyond what is compulsory."""

from tests.reference.model import Rule


class Schooling(Rule):
    name = "schooling"

    def spending(self) -> None:
        """A fee for some of the children, from what food leaves; what is missed counts as a slow average."""
        m, floor = self.model, self.model.parameters["consumption"].floor
        kept = m.kept(self.p.memory)
        for home in m.households:
            missed = 0.0
            if home.children > 0:
                due = self.p.fee * self.p.pupils * m.index * m.dt * home.children
                food = floor * m.index * m.dt * home.residents
                paid = m.ledger.pay(home, m.outside, min(due, max(home.cash - food, 0.0)), "school_fees")
                missed = 1.0 - paid / due
                if missed < 1e-4:  # rounding to fen
                    missed = 0.0
            home.school_missed = kept * home.school_missed + (1.0 - kept) * self.p.years_lost * missed
