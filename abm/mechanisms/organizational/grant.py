"""Earmarked grants (专项资金): public money for the works, the fund and the ecological farms of a village."""

import numpy as np
from numpy.typing import NDArray

from abm.mechanisms.base import Mechanism
from abm.scenario.parameters import Parameter
from abm.world.enterprises import buy_here
from abm.world.own_lines import HERDS
from abm.world.subsidies import start_ups
from abm.world.world import World

Floats = NDArray[np.float64]


class Grant(Mechanism):
    """Along an active grant link between government and collective the money of the programme is spent in the village:
    at the start of a year a share to its fund, if it has one with members; over the year a share for *ecological
    farming*, where households on crops or herds who think of the improved technique get a part of what they lack to
    its threshold, first come, first served, by lot within a tick, until the money is gone; at the year's end the rest
    for public works.

    A subsidy pays a part of an investment that the household must want, by its own product, and must pay the rest of.

    The other channel: own savings and credit (investment); the district's budget buys public goods everywhere.
    Break-point: no grant. Failure: the matching part is one that the poor cannot pay; who would have invested anyhow
    takes the money along.

    Reads: grant and fund links, ``line``, ``improved``, cash. Writes: money, ``capital``, ``debt``, ``contact``.
    Draws: households on crops or herds in villages with a grant.
    Source: 000_dc7ebc0f9aeec511.txt, 四 (三) (BQ); docs/MECHANISMS.md M9; shares assumed.
    """

    name, layer = "grant", "organizational"
    spends = ("grant",)
    requires = ("fund", "investment", "own_account")
    parameters = (
        Parameter("to_fund", 0.2, "share of the grant", (0.0, 0.5), "for the fund", "assumed"),
        Parameter("to_farms", 0.3, "share of the rest", (0.0, 1.0), "start-ups in ecological farming", "assumed"),
        Parameter("matched", 0.3, "share of an investment", (0.1, 0.8), "subsidy", "assumed"),
        Parameter("thinks", 0.5, "1/year", (0.1, 2.0), "farmers who think of the technique", "assumed"),
    )  # fmt: skip

    def start(self, world: World) -> None:
        self.for_works = np.zeros(len(world.places))

    def distribution(self, world: World) -> None:
        """At the year's start a part to the funds; in every tick a part for farms."""
        accounts, money = self._granted(world)
        if not money.any():
            return
        if world.calendar.year_begins:
            part = np.where(world.by_place(world.points.reaches("fund")) > 0, self.p.to_fund, 0.0)
            payer = ("programme", accounts)
            world.ledger.transfer(payer, ("fund", None), part * money, "earmarked", self.layer)
            world.message(self.layer, int((money > 0).sum()))
            money = (1.0 - part) * money
            self.for_works = (1.0 - self.p.to_farms) * money
        self._help_farms(world, accounts, np.maximum(money - self.for_works, 0.0))

    def year_end(self, world: World) -> None:
        """What is left buys public works."""
        accounts, money = self._granted(world)
        if money.any():
            everywhere = np.arange(len(money))
            buy_here(world, ("programme", accounts), everywhere, money, layer=self.layer)

    @staticmethod
    def _granted(world: World) -> tuple[NDArray[np.int64], Floats]:
        """Accounts of the grants, and what is in those with an active link, yuan; shape (places,)."""
        envelope = world.envelope("grant")
        if envelope is None:
            return np.zeros(0, np.int64), np.zeros(len(world.places))
        tied = np.zeros(len(world.places), bool)
        # each pays for the place whose plan it belongs to, whomever it is tied with
        tied[[link.village for link in world.points.active_links("grant")]] = True
        return envelope.accounts, np.where(tied, world.ledger.yuan("programme", envelope.accounts), 0.0)

    def _help_farms(self, world: World, accounts: NDArray[np.int64], budget: Floats) -> None:
        h = world.households
        farms = h.line <= HERDS  # crops and herds, the first two
        farms &= ~h.improved & ~h.urban & world.points.inhabited
        rows = np.flatnonzero(farms)
        rows = rows[budget[h.place[rows]] > 0]
        u = world.draws.uniform("grant.thinks", world.tick, h.key[rows])
        rows = rows[u < world.calendar.chance(self.p.thinks)]
        if len(rows) == 0:
            return
        wish = np.maximum(h.improved_needs[rows] * world.index - h.capital[rows], 0.0)
        nobody_first = np.zeros(len(rows))
        purse = ("programme", accounts)
        start_ups(world, purse, budget, rows, wish, self.p.matched, nobody_first, "grant.lot", self.layer)
