"""Casual and part-year work (打零工)."""

from math import exp

from tests.reference.model import Rule


class CasualWork(Rule):
    name = "casual_work"

    def labour(self) -> None:
        """Who would be paid more for a day than it brings at home seeks one of the places on offer; lots decide."""
        m, p = self.model, self.p
        season = m.tick // (m.ticks_per_year // 4)
        for place in m.places:
            pay = p.pay * place.wage
            willing = [home for home in place.dwellings if home.own_workers > 0 and pay > home.own_product]
            offered = p.places * exp(-p.distance * place.market_distance) * place.workers_first
            chance = min(offered / max(sum(home.own_workers for home in willing), 1), 1.0)
            for home in place.dwellings:
                home.casual = 0.0
            for home in willing:
                if m.luck.uniform("casual_work.lot", season, home.key) < chance:
                    home.casual = (1.0 - home.busy) * p.time
                    home.busy += home.casual

    def production(self) -> None:
        """The same pay for all."""
        m = self.model
        for home in m.households:
            days = home.casual * home.own_workers * m.dt
            m.ledger.pay(m.outside, home, self.p.pay * home.place.wage * days, "casual_wage")
