"""Disputes and claims, settled by own means."""

from tests.reference.model import Rule


class Needs(Rule):
    name = "needs"

    def needs(self) -> None:
        """Disputes arise and end; claims get through; a dispute takes working time while it lasts."""
        m, luck = self.model, self.model.luck
        ends = (
            self.p.own_means * m.dt / (1.0 + self.p.own_means * m.dt)
        )  # maybe in the tick in which it arose
        for home in m.households:
            arises = luck.uniform("needs.dispute", m.tick, home.key) < m.chance(self.p.dispute_rate)
            if arises and home.inhabited:
                home.dispute = True
            if home.dispute and luck.uniform("needs.dispute_settled", m.tick, home.key) < ends:
                home.dispute = False
            if home.claim > 0:
                settled = luck.uniform("needs.claim_settled", m.tick, home.key) < self.p.own_means * m.dt
                if settled:
                    m.ledger.pay(m.outside, home, home.claim, "reimbursement")
                    home.claim = 0.0
            if home.dispute:
                home.busy = min(home.busy + self.p.dispute_time, 1.0)

    def adaptation(self) -> None:
        """Who has had a need open for half a year is waiting."""
        m = self.model
        for home in m.households:
            need = home.dispute or home.claim > 0 or (home.entitled and not home.dibao)
            if not need:
                home.need_since = -1
            elif home.need_since < 0:
                home.need_since = m.tick
            home.waiting = need and (m.tick - home.need_since) * m.dt >= 0.5
