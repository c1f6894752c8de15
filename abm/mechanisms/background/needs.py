"""Needs that somebody has to see to: disputes and reimbursements not received, settled by own means."""

import numpy as np

from abm.mechanisms.base import Mechanism
from abm.scenario.parameters import Parameter
from abm.world.world import OUTSIDE, World


class Needs(Mechanism):
    """Disputes arise at a rate and take a share of the household's working time while they last. A dispute or an
    open claim is settled by own means at hazard h₀: the channel that is always open.

    Reads: ``claim``. Writes: ``dispute``, ``claim``, ``busy``. Draws: dispute for every household, settlement for
    those with a need.
    Source: 000_dc7ebc0f9aeec511.txt, (一) 组织合力下的共富联盟机制 (conflicts settled in the grid);
    docs/MECHANISMS.md M1 (h₀ .1–.3 a quarter).
    """

    name, layer = "needs", "background"
    parameters = (
        Parameter("dispute_rate", 0.08, "1/year", (0.01, 0.3), "who gets into a dispute", "assumed"),
        Parameter("dispute_time", 0.15, "share of working time", (0.0, 0.4), "what a dispute costs", "assumed"),
        Parameter("own_means", 0.8, "1/year", (0.4, 1.2), "settlement without a branch, h₀", "docs/MECHANISMS.md M1"),
    )  # fmt: skip

    def needs(self, world: World) -> None:
        h, draws, chance = world.households, world.draws, world.calendar.chance
        h.dispute |= draws.uniform("needs.dispute", world.tick, h.key) < chance(self.p.dispute_rate)
        open_needs = np.flatnonzero(h.dispute | (h.claim > 0))
        settled = draws.uniform("needs.own_means", world.tick, h.key[open_needs]) < chance(self.p.own_means)
        rows = open_needs[settled]
        h.dispute[rows] = False
        world.ledger.transfer(OUTSIDE, ("household", rows), h.claim[rows], "reimbursement")
        h.claim[rows] = 0.0
        h.busy[h.dispute] += self.p.dispute_time
