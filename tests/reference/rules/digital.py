"""Platforms of villages and communities."""

from math import exp

from tests.reference.agents import Household
from tests.reference.luck import key_of
from tests.reference.model import Rule
from tests.reference.shared.firms import buy_here


class Digital(Rule):
    name = "digital"

    def needs(self) -> None:
        """Who can use a platform learns to at a rate, which takes time once, and from then on is online."""
        m = self.model
        for home in self.able():
            if not home.platform_learnt:
                u = m.luck.uniform("digital.learns", m.tick, home.key)
                if u >= m.chance(self.p.learns):
                    continue
                home.platform_learnt = True
                if home.own_workers > 0:
                    home.busy = min(home.busy + self.p.time / m.dt / home.own_workers, 1.0)
            home.online = True
            m.messages["organizational"] += 4.0 * m.dt

    def able(self) -> list[Household]:
        """P = f · d/(1 + e^{−(y − ȳ)/σ}) by a fixed lot, f the part of the upkeep that is paid for."""
        m, p, envelope = self.model, self.p, self.model.envelope("digital")
        linked = {place: m.paid_for(place, envelope) for place in m.places} if envelope else {}
        if not any(linked.values()):
            return []
        able, orders = [], []
        for place, homes in linked.items():
            purse = envelope.purses[place.row]
            money, due = purse.cash / m.ticks_left, p.upkeep * m.index * m.dt * len(homes)
            orders.append((purse, place, min(due, money)))
            covered = min(money / max(due, 0.01), 1.0)
            for home in homes:
                somebody = home.own_workers + home.local_workers > 0
                chance = 1.0 / (1.0 + exp(-(home.schooling - p.schooling) / p.divide))
                chance *= covered * (1.0 if somebody else p.elders)
                if m.luck.uniform("digital.able", 0, home.key) < chance:
                    able.append(home)
        buy_here(m, orders, "platform_upkeep", "organizational")
        return able

    def distribution(self) -> None:
        """In a breach a part of those online is defrauded, and loses trust at once."""
        m, p = self.model, self.p
        for place in m.places:
            online = [home for home in place.dwellings if home.online]
            u = m.luck.uniform("digital.breach", m.tick, key_of(place.id))
            if not online or u >= m.chance(p.breach):
                continue
            lost = [
                home for home in online if m.luck.uniform("digital.defrauded", m.tick, home.key) < p.defrauded
            ]
            for home in lost:
                yuan = min(p.loss * m.index, home.cash)
                m.ledger.pay(home, m.outside, yuan, "fraud", "organizational")
                home.trust *= 1.0 - p.wound
            m.note(place, "data_breach", f"{len(lost)} households")
