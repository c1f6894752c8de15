"""Schooling beyond what is compulsory: it costs money, and who cannot pay misses years."""

import numpy as np

from abm.mechanisms.base import Mechanism
from abm.scenario.parameters import Parameter, values_of
from abm.world.world import OUTSIDE, World


class Schooling(Mechanism):
    """A share of the children is at an age beyond compulsory school (kindergarten, senior school) and costs a fee, paid
    each tick from the cash that food (``consumption.floor``) leaves. What part of it a household could not pay over the
    last years, as a slow average, is what its children lose of a number of years of schooling when they come of age
    (``people.years_of_the_young``): a channel from the parents' poverty to the children's wages. What schooling is
    worth in jobs is ``synthesis.schooling_return``.

    Reads: ``children``, cash. Writes: ``school_missed``; money. Draws: none.
    Source: amounts assumed; scenarios/data/quintiles.csv, Sanming 2022, where education takes about 1 900 yuan a head
    in every fifth, most of it left in consumption here.
    """

    name, layer = "schooling", "background"
    requires = ("consumption",)
    parameters = (
        Parameter("fee", 6000.0, "yuan per pupil and year", (2000.0, 12000.0), "school beyond compulsory", "assumed"),
        Parameter("pupils", 0.3, "share of children", (0.1, 0.5), "who is at such an age", "assumed"),
        Parameter("years_lost", 4.0, "years", (1.0, 6.0), "schooling lost where nothing could be paid", "assumed"),
        Parameter("memory", 0.25, "1/year", (0.1, 1.0), "how fast missed payments count", "assumed"),
    )  # fmt: skip

    def start(self, world: World) -> None:
        self.food = values_of(world.settings, "consumption").floor

    def spending(self, world: World) -> None:
        h = world.households
        kept = world.calendar.kept(self.p.memory)
        h.school_missed *= kept
        rows = np.flatnonzero(h.children > 0)
        due = self.p.fee * self.p.pupils * world.index * world.dt * h.children[rows]
        food = self.food * world.index * world.dt * world.residents()[rows]
        can = np.maximum(world.ledger.yuan("household", rows) - food, 0.0)
        fen = world.ledger.transfer(("household", rows), OUTSIDE, np.minimum(due, can), "school_fees")
        missed = np.clip(1.0 - fen / 100.0 / np.maximum(due, 0.01), 0.0, 1.0)
        missed[missed < 1e-4] = 0.0  # rounding to fen
        h.school_missed[rows] += (1.0 - kept) * self.p.years_lost * missed
