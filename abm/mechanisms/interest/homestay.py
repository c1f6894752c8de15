"""Homestays (民宿): idle yards let to a village's tourism project."""

import numpy as np
from numpy.typing import NDArray

from abm.core.names import SECTORS
from abm.mechanisms.base import Mechanism
from abm.population.households import IDLE, LET
from abm.scenario.parameters import Parameter, values_of
from abm.world.world import OUTSIDE, World

_TOURISM = SECTORS.index("tourism")


class Homestay(Mechanism):
    """A tourism enterprise under contract with the collective rents yards as capital in kind: a yard worth V serves
    beside the capital that the enterprise owns, K + Y in its revenue, and costs r · V a year in rent, r its cost of
    capital, and u · V for keeping up what is put into it. So the enterprise takes it while the marginal revenue of
    capital services, κ(1 − t)R/(K + Y), is at least r + u, and until yards are a share of them; then it builds less.
    It pays a rent only where revenue grows by more.

    A member of the collective with an idle yard thinks of letting it at a rate, and lets it if the rent beats what a
    trade of its own there would leave (``courtyard``); it takes the yard back when that has turned. Where more yards
    are offered than there is room for, lots decide.

    The other channel: the yard's own trade; an enterprise without contract builds its rooms. Break-point: no
    membership, no contract, no tourism enterprise. Failure: the enterprise closes or loses its contract, and the yard
    stands idle with its trade given up; rent that it cannot pay.

    Reads: ``yard``, ``yard_worth``, project and membership links, enterprises. Writes: ``yard_use``, ``yard_host``,
    ``yards`` of enterprises; money. Draws: those who could let.
    Source: 000_dc7ebc0f9aeec511.txt, 四 (二) (homestay project of SJ); docs/MECHANISMS.md M4; the form is assumed.
    """

    name, layer = "homestay", "interest"
    requires = ("courtyard", "project")
    parameters = (
        Parameter("worth", 30000.0, "yuan", (10000.0, 100000.0), "an ordinary yard as capital, V", "assumed"),
        Parameter("upkeep", 0.04, "share of worth a year", (0.0, 0.1), "rooms in yards, u", "assumed"),
        Parameter("thinks", 0.5, "1/year", (0.1, 2.0), "who thinks of letting", "assumed"),
        Parameter("most", 0.3, "share of capital services", (0.05, 0.6), "rooms in yards", "assumed"),
    )  # fmt: skip
    columns = (("households", "yard_host", np.int64, -1),)

    def start(self, world: World) -> None:
        self.shared = values_of(world.settings, "enterprise")

    def enterprise(self, world: World) -> None:
        h, firms = world.households, world.enterprises
        hosts = np.flatnonzero(firms.contract & firms.open & (firms.sector == _TOURISM))
        if len(hosts) == 0 and not (h.yard_use == LET).any():
            firms.yards = 0.0
            return
        value = self.p.worth * world.index * h.yard
        rent = self.shared.cost_of_capital * value
        self._take_back(world, hosts, rent)
        rows = np.flatnonzero((h.yard > 0) & (h.yard_use != LET) & world.points.reaches("membership"))
        rows = rows[rent[rows] > np.maximum(h.yard_worth[rows], 0.0)]
        u = world.draws.uniform("homestay.thinks", world.tick, h.key[rows])
        self._let(world, rows[u < world.calendar.chance(self.p.thinks)], hosts, value)
        let = np.flatnonzero(h.yard_use == LET)
        firms.yards = np.bincount(h.yard_host[let], weights=value[let], minlength=len(firms))

    def distribution(self, world: World) -> None:
        h, firms = world.households, world.enterprises
        rows = np.flatnonzero(h.yard_use == LET)
        host = h.yard_host[rows]
        worth = self.p.worth * world.index * h.yard[rows] * world.dt
        due = self.shared.cost_of_capital * worth
        paid = world.ledger.transfer(("enterprise", host), ("household", rows), due, "yard_rent", self.layer)
        kept_up = world.ledger.transfer(("enterprise", host), OUTSIDE, self.p.upkeep * worth, "yard_upkeep")
        np.add.at(firms.profit, host, -(paid + kept_up) / 100.0)

    @staticmethod
    def _take_back(world: World, hosts: NDArray[np.int64], rent: NDArray[np.float64]) -> None:
        """Yards whose host, contract or membership is gone, or that their own trade would pay better, stand idle."""
        h = world.households
        rows = np.flatnonzero(h.yard_host >= 0)
        goes_on = np.isin(h.yard_host[rows], hosts) & (h.yard_use[rows] == LET)
        goes_on &= world.points.reaches("membership")[rows] & (h.yard_worth[rows] <= rent[rows])
        ended = rows[~goes_on]
        h.yard_use[ended[h.yard_use[ended] == LET]] = IDLE
        h.yard_host[ended] = -1

    def _let(
        self, world: World, rows: NDArray[np.int64], hosts: NDArray[np.int64], value: NDArray[np.float64]
    ) -> None:
        """Fill the room of each host with yards of its village, by lot; an enterprise founded earlier comes first."""
        h, firms = world.households, world.enterprises
        p, dt = self.shared, world.dt
        lot = world.draws.uniform("homestay.lot", world.tick, h.key[rows])
        rows = rows[np.lexsort((lot, h.place[rows]))]
        yards = np.bincount(
            h.yard_host[h.yard_use == LET], weights=value[h.yard_use == LET], minlength=len(firms)
        )
        for host in hosts.tolist():
            services = firms.capital[host] + yards[host]
            cost = p.cost_of_capital + self.p.upkeep
            pays = p.capital_exponent * (1.0 - p.sales_tax) * firms.sales[host] / dt / cost
            room = min(pays - services, self.p.most * services - yards[host])
            here = rows[(h.place[rows] == firms.place[host]) & (h.yard_use[rows] != LET)]
            taken = here[np.cumsum(value[here]) <= room]
            h.yard_use[taken] = LET
            h.yard_host[taken] = host
