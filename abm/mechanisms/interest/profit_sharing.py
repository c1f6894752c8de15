"""Profit sharing (五位一体): what enterprise, collective and households bargain for."""

import numpy as np
from numpy.typing import NDArray

from abm.mechanisms.base import Mechanism
from abm.scenario.parameters import Parameter, values_of
from abm.world.enterprises import buy_public_goods
from abm.world.world import BANK, World


class ProfitSharing(Mechanism):
    """An enterprise under contract shares the surplus over its outside option, S = max(0, profit − r · capital).

    By the asymmetric Nash bargain the local side gets β · S, β = ωq / (ωq + 1 − ω), where ω is its formal weight and
    q = participation · management of the village over .25: where few take part and nobody manages well it gets
    little (unequal bargaining). The collective keeps a share of that, the rest goes to the members by residents. At
    year-end the collective pays a share of its income as dividend to members and buys public goods for the village
    with another; its savings bear interest.

    The other channel: wages of ordinary jobs. Break-point: no contract, or no membership. Failure: unequal
    bargaining; what is shared is not invested, so a project grows more slowly and may not last.

    Reads: project and membership links, profit, participation. Writes: money, income of collectives. Draws: none.
    Source: 000_dc7ebc0f9aeec511.txt, 四 (一), names five parties (政府+公司+集体+村委+农户) and new income for a
    collective and villagers; that profit is shared, and by bargaining, is our reading. docs/MECHANISMS.md M5; Binmore,
    Rubinstein & Wolinsky (1986), *The Nash bargaining solution in economic modelling*, RAND Journal of Economics
    17.
    """

    name, layer = "profit_sharing", "interest"
    parameters = (
        Parameter("weight", 0.35, "share", (0.1, 0.6), "bargaining", "assumed; M5"),
        Parameter("to_collective", 0.3, "share of the local part", (0.1, 0.6), "collective", "assumed; M5"),
        Parameter("dividend", 0.5, "share of the collective's income", (0.0, 0.7), "dividend", "assumed"),
        Parameter("welfare", 0.3, "share of the collective's income", (0.0, 0.3), "public goods", "assumed"),
    )  # fmt: skip

    def start(self, world: World) -> None:
        self.shared = values_of(world.settings, "enterprise")
        self.deposit_rate = values_of(world.settings, "credit").deposit_rate

    def distribution(self, world: World) -> None:
        firms, h, few = world.enterprises, world.households, world.institutions
        world.ledger.transfer(
            BANK,
            ("collective", None),
            self.deposit_rate * world.dt * world.ledger.yuan("collective"),
            "deposit_interest",
        )
        residents, membership = world.residents(), world.points.reaches("membership")
        for link in world.points.active_links("project"):
            row = world.points.graph.nodes[link.source]["agent"].row
            place = int(firms.place[row])
            rows = _members(world, place, membership)
            wear_and_return = (self.shared.depreciation + self.shared.cost_of_capital) * firms.capital[row]
            surplus = firms.profit[row] - wear_and_return * world.dt
            if surplus <= 0 or len(rows) == 0:
                continue
            local = (
                self.local_share(float(h.participation[rows].mean()), world.places.management[place])
                * surplus
            )
            account = ("enterprise", int(row))
            common = world.ledger.transfer(
                account,
                ("collective", place),
                self.p.to_collective * local,
                "collective_share",
                self.layer,
            )
            few.collectives[place].receive(float(common.sum()) / 100.0)
            each = (1.0 - self.p.to_collective) * local * residents[rows] / max(residents[rows].sum(), 1)
            paid = world.ledger.transfer(account, ("household", rows), each, "profit_share", self.layer)
            firms.profit[row] -= (common.sum() + paid.sum()) / 100.0
        if world.calendar.year_ends:
            self._dividends(world)

    def local_share(self, participation: float, management: float) -> float:
        """β above."""
        power = self.p.weight * participation * management / 0.25
        return power / (power + 1.0 - self.p.weight)

    def _dividends(self, world: World) -> None:
        residents, membership = world.residents(), world.points.reaches("membership")
        plans = [c.allocate(self.p.dividend, self.p.welfare) for c in world.institutions.collectives]
        dividend, welfare = np.array(plans).T
        everywhere = np.arange(len(plans))
        buy_public_goods(world, ("collective", everywhere), everywhere, welfare)
        for place in np.flatnonzero(dividend > 0).tolist():
            rows = _members(world, place, membership)
            if len(rows):
                each = dividend[place] * residents[rows] / max(residents[rows].sum(), 1)
                world.ledger.transfer(
                    ("collective", place), ("household", rows), each, "collective_dividend", self.layer
                )


def _members(world: World, place: int, membership: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Households of a place with an active link to its collective."""
    rows = world.rows_of(place)
    return rows.start + np.flatnonzero(membership[rows])
