"""Illness."""

from math import exp

from tests.reference.model import Rule
from tests.reference.shared.credit import borrow


class Illness(Rule):
    name = "illness"

    def shocks(self) -> None:
        """Who is ill gets well again, who is well falls ill; care for the newly ill costs a lognormal sum."""
        m, luck = self.model, self.model.luck
        for home in m.households:
            old = home.elders / max(home.members, 1)
            if home.ill:
                rate = self.p.recovery_untreated if home.untreated else self.p.recovery
                well_again = min(rate * (1.0 - self.p.chronic * old) * m.dt, 1.0)
                if luck.uniform("illness.recovery", m.tick, home.key) < well_again:
                    home.ill = home.untreated = False
            if home.ill or home.members == 0:
                continue
            onset = m.chance(self.p.rate) * (0.5 + 0.5 * old)
            if luck.uniform("illness.onset", m.tick, home.key) < onset:
                home.ill = True
                spread = self.p.cost_spread
                size = exp(spread * luck.normal("illness.cost", m.tick, home.key) - spread**2 / 2)
                at_once = luck.uniform("illness.settlement", m.tick, home.key) < self.p.on_the_spot
                home.on_the_spot = at_once and home.insured
                own_part = 1.0 - self.p.reimbursed if home.on_the_spot else 1.0
                home.care_due = self.p.cost * m.index * size * own_part

    def spending(self) -> None:
        """Care is paid from cash, then on credit; who cannot pay nine tenths counts as untreated."""
        m, share = self.model, self.p.reimbursed
        for home in m.households:
            if home.care_due <= 0:
                continue
            borrow(m, home, max(home.care_due - home.cash, 0.0))
            paid = m.ledger.pay(home, m.outside, home.care_due, "care")
            home.untreated = paid < 0.9 * home.care_due
            if home.on_the_spot:  # the insurance pays its share, and the household hands it on
                insurance = paid * share / (1.0 - share)
                m.ledger.pay(m.outside, home, insurance, "reimbursement")
                m.ledger.pay(home, m.outside, insurance, "care")
            elif home.insured:
                home.claim += share * paid
