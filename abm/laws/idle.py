"""Mechanisms that do nothing, to be listed by a scenario as a user would list one of their own."""

from typing import ClassVar

import numpy as np

from abm.core.phases import PHASE_NAMES
from abm.mechanisms.base import Mechanism
from abm.scenario.parameters import Parameter
from abm.world.world import World


class Idle(Mechanism):
    """Draws in every phase, owns a column and a parameter, and does nothing with them."""

    name, layer = "idle", "background"
    parameters = (Parameter("rate", 0.5, "1/year", (0.0, 1.0), "none", "a test"),)
    columns = (("households", "idle_luck", np.float64, 0.0),)
    called: ClassVar[set[str]] = set()

    def _act(self, world: World, phase: str) -> None:
        h = world.households
        h.idle_luck = self.p.rate * world.draws.uniform(f"idle.{phase}", world.tick, h.key)
        world.draws.normal("idle", world.tick, world.workers.key)
        self.called.add(phase)


def _method(phase: str):
    return lambda self, world: self._act(world, phase)


for _phase in PHASE_NAMES:
    setattr(Idle, _phase, _method(_phase))
