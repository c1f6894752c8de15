"""Profit sharing (五位一体): what government, enterprise, collective, village committee and households bargain for."""

from functools import cache, partial

import numpy as np
from numpy.typing import NDArray

from abm.mechanisms.base import Mechanism
from abm.scenario.parameters import Parameter, values_of
from abm.scenario.schema import PARTIES, Contract, ContractWeights
from abm.world.enterprises import buy_here
from abm.world.world import BANK, GOVERNMENT, World

Floats = NDArray[np.float64]

ORDINARY = 0.5
"""Participation and management at which a weight counts in full."""

APART = np.array([[0, 0], [0, 0], [0, 1], [0, 1], [1, 0]])
"""Power of each of ``PARTIES``: exponents of participation and of management, both over ``ORDINARY``."""

TOGETHER = np.array([[0, 0], [0, 0], [1, 1], [1, 1], [1, 1]])
"""The same where the village bargains as one side."""

TWO_SIDES = Contract(
    weights=ContractWeights(
        enterprise=0.65, government=0.0, collective=0.105, committee=0.0, households=0.245
    ),
    years=0,
    source="docs/MECHANISMS.md M5",
    status="assumed",
)
"""What holds in a scenario without a table ``contract``: the village is one side, and bargains anew each time."""


def bargained(weights: Floats, power: Floats) -> Floats:
    """Share of the surplus that each party gets by the generalised Nash bargain: max Π (x_i − d_i)^{ω_i q_i}.

    Args:
        weights: formal weights ω, at least 0, the enterprise's first; shape (parties,).
        power: what makes a weight count, q, at least 0; shape (parties,).

    Returns:
        ω_i q_i / Σ ω q; where nobody's weight counts, all stays with the enterprise. Shape (parties,).
    """
    counts = weights * power
    total = counts.sum()
    return np.asarray(counts / total) if total > 0 else np.eye(len(weights))[0]


class ProfitSharing(Mechanism):
    """The parties to a project's contract share what it earns beyond (r + δ) · capital, which the enterprise would have
    without them (its disagreement point; that of the others is 0): S = max(0, profit − (r + δ) · capital − what
    earlier such losses have left to make good). By the generalised Nash bargain party i gets ω_i q_i / Σ_j ω_j q_j of
    S. The weights ω are those of the scenario's table ``contract``. What makes them count, q, is for households the
    participation of members, for collective and village committee (村委) the management of the village, each over .5;
    it is 1 for enterprise and government. ``local_power`` multiplies all but the enterprise's.

    They bargain when the contract first holds, and anew after some years; in between the shares stand, so that
    more participation pays only later. The government's share goes into the district's budget, the committee's buys
    public goods for the village, that of households goes to members by residents. At year-end the collective pays a
    share of its income as dividend to members and buys public goods with another; its savings bear interest.

    The other channel: wages of ordinary jobs. Break-point: no contract, or no membership. Failure: unequal
    bargaining, where few take part or nobody manages well; what is shared is not invested, so a project grows more
    slowly and may not last.

    Reads: project and membership links, profit, participation, management. Writes: money, income of collectives,
    public orders. Draws: none.
    Source: 000_dc7ebc0f9aeec511.txt, 四 (一), names five parties (政府+公司+集体+村委+农户) and new income for a
    collective and villagers; that profit is shared, and by bargaining, is our reading. docs/MECHANISMS.md M5; Binmore,
    Rubinstein & Wolinsky (1986), *The Nash bargaining solution in economic modelling*, RAND Journal of Economics
    17.
    """

    name, layer = "profit_sharing", "interest"
    requires = ("project",)
    parameters = (
        Parameter("local_power", 1.0, "factor", (0.2, 2.5), "weights against the enterprise's", "assumed"),
        Parameter("dividend", 0.5, "share of the collective's income", (0.0, 0.7), "dividend", "assumed"),
        Parameter("welfare", 0.3, "share of the collective's income", (0.0, 0.3), "public goods", "assumed"),
    )  # fmt: skip
    columns = (
        ("enterprises", "bargained_in", np.int16, 0),  # year of the last bargain
        ("enterprises", "carried", np.float64, 0.0),  # losses to make good first, yuan, at most 0
        *(("enterprises", f"to_{party}", np.float64, 0.0) for party in PARTIES[1:]),  # share of the surplus
    )

    def start(self, world: World) -> None:
        self.shared = values_of(world.settings, "enterprise")
        self.deposit_rate = values_of(world.settings, "credit").deposit_rate
        given = world.scenario.contract
        self.contract = given or TWO_SIDES
        self.exponents = APART if given else TOGETHER
        self.weights = np.array([weight for _, weight in self.contract.weights])
        self.weights[1:] *= self.p.local_power

    def distribution(self, world: World) -> None:
        world.ledger.transfer(
            BANK,
            ("collective", None),
            self.deposit_rate * world.dt * world.ledger.yuan("collective"),
            "deposit_interest",
        )
        self._share(world)
        if world.calendar.year_ends:
            self._dividends(world)

    def shares(self, participation: float, management: float) -> Floats:
        """What each of ``PARTIES`` gets of the surplus if they bargain now; shape (parties,)."""
        power = np.prod((np.array([participation, management]) / ORDINARY) ** self.exponents, axis=1)
        return bargained(self.weights, power)

    def _share(self, world: World) -> None:
        firms, few, participation = world.enterprises, world.institutions, world.households.participation
        residents, membership = world.residents(), world.points.reaches("membership")
        members_of = cache(partial(_members, world, membership=membership))
        works = []  # of committees: enterprise, place, yuan
        for link in world.points.active_links("project"):
            enterprise, collective = world.points.agents(link)
            row, place = enterprise.row, collective.place
            rows = members_of(place)
            if len(rows) == 0:
                continue
            if firms.bargained_in[row] + self.contract.years <= world.year:
                now = self.shares(float(participation[rows].mean()), float(world.places.management[place]))
                self._write_down(world, row, now)
            least = (self.shared.depreciation + self.shared.cost_of_capital) * firms.capital[row] * world.dt
            surplus = firms.profit[row] - least + firms.carried[row]
            firms.carried[row] = min(surplus, 0.0)
            if surplus <= 0:
                continue
            account = ("enterprise", int(row))
            each = firms.to_households[row] * surplus * residents[rows] / max(residents[rows].sum(), 1)
            paid = [
                world.ledger.transfer(account, payee, due, kind, self.layer).sum() / 100.0
                for payee, due, kind in (
                    (GOVERNMENT, firms.to_government[row] * surplus, "government_share"),
                    (("collective", place), firms.to_collective[row] * surplus, "collective_share"),
                    (("household", rows), each, "profit_share"),
                )
            ]
            few.collectives[place].receive(float(paid[1]))
            left = max(float(world.ledger.yuan(*account)), 0.0)
            works.append((row, place, min(firms.to_committee[row] * surplus, left)))
            firms.profit[row] -= sum(paid) + works[-1][2]
        if works:
            payers, places, yuan = (np.array(column) for column in zip(*works, strict=True))
            buy_here(world, ("enterprise", payers), places, yuan, layer=self.layer)

    @staticmethod
    def _write_down(world: World, row: int, shares: Floats) -> None:
        world.enterprises.bargained_in[row] = world.year
        for party, share in zip(PARTIES[1:], shares[1:], strict=True):
            world.enterprises[f"to_{party}"][row] = share

    def _dividends(self, world: World) -> None:
        residents, membership = world.residents(), world.points.reaches("membership")
        plans = [c.allocate(self.p.dividend, self.p.welfare) for c in world.institutions.collectives]
        dividend, welfare = np.array(plans).T
        everywhere = np.arange(len(plans))
        buy_here(world, ("collective", everywhere), everywhere, welfare)
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
