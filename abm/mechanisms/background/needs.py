"""Needs that somebody has to see to: disputes and reimbursements not received, settled by own means."""

import numpy as np

from abm.mechanisms.base import Mechanism
from abm.scenario.parameters import Parameter
from abm.world.world import OUTSIDE, World


class Needs(Mechanism):
    """Disputes arise at a rate and take a share of the household's working time while they last. Disputes and open
    claims are each settled by own means at hazard h₀: the channel that is always open. Who has had a need open for
    half a year is waiting, whoever may be seeing to it.

    Reads: ``claim``, ``entitled``. Writes: ``dispute``, ``claim``, ``busy``, ``waiting``. Draws: dispute for every
    household, settlement for those with a need.
    Source: 000_dc7ebc0f9aeec511.txt, 四 (一) 组织合力下的共富联盟机制 (conflicts settled in the grid);
    docs/MECHANISMS.md M1 (h₀ .1–.3 a quarter).
    """

    name, layer = "needs", "background"
    parameters = (
        Parameter("dispute_rate", 0.08, "1/year", (0.01, 0.3), "who gets into a dispute", "assumed"),
        Parameter("dispute_time", 0.15, "share of working time", (0.0, 0.4), "what a dispute costs", "assumed"),
        Parameter("own_means", 0.8, "1/year", (0.4, 1.2), "settlement without a branch, h₀", "docs/MECHANISMS.md M1"),
    )  # fmt: skip

    columns = (("households", "need_since", np.int32, -1),)

    def needs(self, world: World) -> None:
        h, draws, chance = world.households, world.draws, world.calendar.chance
        arises = draws.uniform("needs.dispute", world.tick, h.key) < chance(self.p.dispute_rate)
        h.dispute |= arises & world.points.inhabited
        # a dispute may end in the tick in which it arose, a claim in the one after: so each lasts 1/h₀ at any Δ
        settles = self.p.own_means * world.dt
        rows = np.flatnonzero(h.dispute)
        ends = settles / (1.0 + settles)
        h.dispute[rows[draws.uniform("needs.dispute_settled", world.tick, h.key[rows]) < ends]] = False
        rows = np.flatnonzero(h.claim > 0)
        rows = rows[draws.uniform("needs.claim_settled", world.tick, h.key[rows]) < settles]
        world.ledger.transfer(OUTSIDE, ("household", rows), h.claim[rows], "reimbursement")
        h.claim[rows] = 0.0
        h.busy[h.dispute] = np.minimum(h.busy[h.dispute] + self.p.dispute_time, 1.0)

    def adaptation(self, world: World) -> None:
        """Who waits, after all that could be done this tick."""
        h = world.households
        need = h.dispute | (h.claim > 0) | (h.entitled & ~h.dibao)
        h.need_since[~need] = -1
        h.need_since[need & (h.need_since < 0)] = world.tick
        half_a_year = world.calendar.ticks_per_year / 2
        h.waiting = need & (world.tick - h.need_since >= half_a_year)
