"""Residents' medical insurance: a premium a year, and cover for those who paid it."""

import numpy as np
from numpy.typing import NDArray

from abm.mechanisms.base import Mechanism
from abm.population.households import members
from abm.scenario.parameters import Parameter, values_of
from abm.world.world import OUTSIDE, World


class Insurance(Mechanism):
    """With the year's first tick a household pays a premium for each member whom no employer insures, if that leaves it
    the food of a month; then all of it is insured for the year, otherwise nobody is.

    In the registered urban population those in a local job are insured by their contributions (``taxes``) and the old
    by theirs of former years. Floating households pay the same premium where they are registered. The part that the
    state pays, and its help with premiums of the poorest, stay outside; so does the small contribution to residents'
    pensions.

    Reads: members, cash. Writes: money, ``insured`` (illness reads it). Draws: none.
    Source: residents' individual contribution 320 yuan in 2021, recalled; the statistics office subtracts social
    contributions from transfer income.
    """

    name, layer = "insurance", "background"
    requires = ("consumption",)
    parameters = (
        Parameter("premium", 320.0, "yuan per person and year", (0.0, 800.0), "premium", "recalled, 2021"),
    )  # fmt: skip

    def start(self, world: World) -> None:
        self.floor = values_of(world.settings, "consumption").floor

    def shocks(self, world: World) -> None:
        if not world.calendar.year_begins:
            return
        h, index = world.households, world.index
        due = self.p.premium * index * self.to_insure(world)
        food = self.floor * index * world.residents() / 12.0
        h.insured = (members(h) > 0) & (world.ledger.yuan("household") >= due + food)
        rows = np.flatnonzero(h.insured & (due > 0))
        world.ledger.transfer(("household", rows), OUTSIDE, due[rows], "insurance_premium")

    @staticmethod
    def to_insure(world: World) -> NDArray[np.int64]:
        """Members whom no employer insures; shape (households,)."""
        h = world.households
        employed = np.where(h.urban & h.registered, h.local_workers + h.elders, 0)
        return np.asarray(np.maximum(members(h) - employed, 0))
