"""Disability and frailty: work lost, care at home, an allowance."""

import numpy as np

from abm.mechanisms.base import Mechanism
from abm.scenario.parameters import Parameter
from abm.world import people
from abm.world.world import OUTSIDE, World


class Disability(Mechanism):
    """A worker becomes unable to work at a rate and stays so until old. Each disabled member, and a share of the elders
    (frail), binds care time: ``busy`` rises by care · (disabled + frail · elders) over the workers on own account. Only
    they give care: who has a job or is away gives none, and where nobody is on own account the rule is silent. The
    province pays an allowance per disabled member (残疾人两项补贴).

    Reads: members. Writes: ``disabled``, ``busy``; money. Draws: onset for every worker, once a year and not in the
    burn-in.
    Source: 003_19841ef29fc91a24.txt: disability is the cause of poverty of 14 % of the registered poor; rates assumed.
    The onset keeps a share of .04 of persons of working age (synthesis.disabled_share) with 42 years of work.
    """

    name, layer = "disability", "background"
    parameters = (
        Parameter("onset", 0.001, "1/year per worker", (0.0003, 0.003), "who becomes unable to work", "assumed"),
        Parameter("care", 0.25, "workers per person cared for", (0.0, 0.6), "care at home", "assumed"),
        Parameter("frail", 0.12, "share of elders", (0.05, 0.3), "who needs care", "assumed"),
        Parameter("allowance", 1800.0, "yuan a year", (600.0, 5000.0), "per disabled member", "assumed"),
    )  # fmt: skip

    def people(self, world: World) -> None:
        if world.burning_in:
            return
        workers, h = world.workers, world.households
        u = world.draws.uniform("disability.onset", world.year, workers.key)
        rows = np.flatnonzero(u < people.chance(self.p.onset))
        h.disabled += np.bincount(workers.household[rows], minlength=len(h))
        people.leave(world, rows)

    def needs(self, world: World) -> None:
        h = world.households
        care = self.p.care * (h.disabled + self.p.frail * h.elders)
        rows = np.flatnonzero((care > 0) & (h.own_workers > 0))
        h.busy[rows] = np.minimum(h.busy[rows] + care[rows] / h.own_workers[rows], 1.0)

    def distribution(self, world: World) -> None:
        rows = np.flatnonzero(world.households.disabled > 0)
        due = self.p.allowance * world.index * world.dt * world.households.disabled[rows]
        world.ledger.transfer(OUTSIDE, ("household", rows), due, "disability_allowance")
