"""Homestays: idle yards let to a village's tourism project."""

from abm.core.names import SECTORS
from abm.population.households import IDLE, LET
from tests.reference.agents import Firm, Household
from tests.reference.model import Rule


class Homestay(Rule):
    name = "homestay"

    @property
    def shared(self):
        return self.model.parameters["enterprise"]

    def value(self, home: Household) -> float:
        """Of its yard as capital, yuan."""
        return self.p.worth * self.model.index * home.yard

    def rent(self, home: Household) -> float:
        """A year."""
        return self.shared.cost_of_capital * self.value(home)

    def enterprise(self) -> None:
        """Yards are taken back, and let to tourism enterprises under contract."""
        m = self.model
        hosts = [
            firm for firm in m.firms if firm.contract and firm.open and SECTORS[firm.sector] == "tourism"
        ]
        for home in m.households:
            if home.yard_host is not None and not self.goes_on(home, hosts):
                home.yard_host = None
                if home.yard_use == LET:
                    home.yard_use = IDLE
        willing = [home for home in m.households if self.would_let(home)]
        willing.sort(key=lambda home: m.luck.uniform("homestay.lot", m.tick, home.key))
        for firm in m.firms:
            firm.yards = 0.0
        for home in m.households:
            if home.yard_use == LET:
                home.yard_host.yards += self.value(home)
        for host in hosts:
            self.fill(host, [home for home in willing if home.place is host.place and home.yard_use != LET])

    def goes_on(self, home: Household, hosts: list[Firm]) -> bool:
        """Host, contract and membership are there, and its own trade would not pay better."""
        there = home.yard_host in hosts and home.yard_use == LET and home.reaches("membership")
        return there and home.yard_worth <= self.rent(home)

    def would_let(self, home: Household) -> bool:
        """A member with a yard thinks of it, and the rent beats a trade of its own."""
        m = self.model
        if home.yard == 0 or home.yard_use == LET or not home.reaches("membership"):
            return False
        u = m.luck.uniform("homestay.thinks", m.tick, home.key)
        return u < m.chance(self.p.thinks) and self.rent(home) > max(home.yard_worth, 0.0)

    def fill(self, host: Firm, offered: list[Household]) -> None:
        """While the marginal revenue of capital services κ(1 − t)R/(K + Y) is at least r + u, and yards are no more
        than a share of them."""
        p, shared = self.p, self.shared
        services = host.capital + host.yards
        revenue = host.sales / self.model.dt
        pays = shared.capital_exponent * (1.0 - shared.sales_tax) * revenue
        room = min(pays / (shared.cost_of_capital + p.upkeep) - services, p.most * services - host.yards)
        so_far = 0.0
        for home in offered:
            so_far += self.value(home)
            if so_far > room:
                break
            home.yard_use, home.yard_host = LET, host
            host.yards += self.value(home)

    def distribution(self) -> None:
        """Hosts pay rent, then the upkeep of rooms in yards."""
        m, dt = self.model, self.model.dt
        let = [home for home in m.households if home.yard_use == LET]
        rents = [(home.yard_host, home, self.rent(home) * dt) for home in let]
        upkeep = [(home.yard_host, m.outside, self.p.upkeep * self.value(home) * dt) for home in let]
        paid = m.ledger.pay_all(rents, "yard_rent", "interest")
        kept_up = m.ledger.pay_all(upkeep, "yard_upkeep")
        for home, one, other in zip(let, paid, kept_up, strict=True):
            home.yard_host.profit -= one + other
