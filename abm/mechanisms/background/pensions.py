"""Old-age pensions, settled by the province."""

import numpy as np

from abm.mechanisms.base import Mechanism
from abm.scenario.parameters import Parameter
from abm.world.world import OUTSIDE, World


class Pensions(Mechanism):
    """Each elder receives a pension: of employees in the registered urban population, of residents elsewhere.

    Reads: elders, ``urban``, ``registered``. Writes: money. Draws: none.
    Source: docs/TRIAL.md, *Closing it* (pensions settle with the province).
    """

    name, layer = "pensions", "background"
    parameters = (
        Parameter("resident", 2400.0, "yuan a year", (1200.0, 6000.0), "residents' pension", "assumed"),
        Parameter("employee", 30000.0, "yuan a year", (15000.0, 48000.0), "employees' pension", "assumed"),
    )  # fmt: skip

    def distribution(self, world: World) -> None:
        h = world.households
        rows = np.flatnonzero(h.elders > 0)
        urban = h.urban[rows] & h.registered[rows]
        each = np.where(urban, self.p.employee, self.p.resident) * world.index * world.dt
        world.ledger.transfer(OUTSIDE, ("household", rows), each * h.elders[rows], "pension")
