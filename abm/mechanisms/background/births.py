"""Births."""

import numpy as np
from numpy.typing import NDArray

from abm.mechanisms.base import Mechanism
from abm.population.households import MIGRANT, members
from abm.scenario.parameters import Parameter
from abm.world import people
from abm.world.world import World


class Births(Mechanism):
    """A worker who is at home in a household of two adults or more has a child at a rate b a year. With 42 years of
    work, replacement is where 42 · b = 1 for all workers; those away and those alone have none, so that the district's
    b lies lower.

    Reads: members, activity. Writes: ``children``. Draws: workers at home. Nothing happens in the burn-in.
    Source: rate assumed; with it about 10 births a year per 1 000 persons, China's mean of 2014–2024 (recalled; from 14
    to 6, which a constant rate does not follow).
    """

    name, layer = "births", "background"
    parameters = (
        Parameter("rate", 0.024, "1/year per worker at home", (0.008, 0.03), "births", "assumed"),
    )  # fmt: skip

    def people(self, world: World) -> None:
        if world.burning_in:
            return
        h, workers = world.households, world.workers
        couples = members(h) - h.children >= 2
        rows = np.flatnonzero((workers.activity != MIGRANT) & couples[workers.household])
        u = world.draws.uniform("births.child", world.year, workers.key[rows])
        born = workers.household[rows[u < people.chance(self.rate_of(world, rows))]]
        h.children += np.bincount(born, minlength=len(h))
        people.recount_places(world)

    def rate_of(self, world: World, workers: NDArray[np.int64]) -> float | NDArray[np.float64]:
        """Children a year, one number for all of these workers (rows) or one for each: for a study to bend."""
        return float(self.p.rate)
