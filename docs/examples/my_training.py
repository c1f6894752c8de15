"""Winter courses (冬季培训): a rule of one's own beside those of T District. Every number here is made up."""

import numpy as np

from abm.mechanisms.base import Mechanism
from abm.scenario.parameters import Parameter
from abm.world.world import OUTSIDE, World


class MyTraining(Mechanism):
    """Once in its life a household may take a course: its skill on own account becomes s + gain.

    At the start of a year, households with an active grid link (网格) are told of courses with probability *tell*;
    anybody finds one alone with probability *ask*. A course costs a fee and working time; who lacks the cash
    stays away.

    The other channel: finding it alone. Break-point: no grid. Failure: fee and time are lost in a year without
    need for more produce, and when many do the same its price falls (own_account).

    Reads: grid links, cash. Writes: ``skill``, ``busy``, ``trained``; money. Draws: those not yet trained.
    Source: an example for the documentation.
    """

    name, layer = "my_training", "organizational"
    parameters = (
        Parameter("tell", 0.3, "probability per year", (0.0, 1.0), "told through the grid", "made up"),
        Parameter("ask", 0.03, "probability per year", (0.0, 1.0), "finding it alone", "made up"),
        Parameter("fee", 400.0, "yuan", (0.0, 5000.0), "what a course costs", "made up"),
        Parameter("time", 0.02, "years of work", (0.0, 0.2), "what a course takes", "made up"),
        Parameter("gain", 0.05, "log points", (0.0, 0.3), "skill on own account", "made up"),
    )  # fmt: skip
    columns = (("households", "trained", np.bool_, False),)

    def needs(self, world: World) -> None:
        if not world.calendar.year_begins:
            return
        h, draws = world.households, world.draws
        rows = np.flatnonzero(~h.trained & (h.own_workers > 0))
        told = draws.uniform("my_training.tell", world.year, h.key[rows]) < self.p.tell
        told &= world.points.reaches("grid")[rows]
        world.message(self.layer, told.sum())
        asks = draws.uniform("my_training.ask", world.year, h.key[rows]) < self.p.ask
        fee = self.p.fee * world.index
        can_pay = world.ledger.yuan("household", rows) >= fee
        goes = rows[(told | asks) & can_pay]
        world.ledger.transfer(("household", goes), OUTSIDE, fee, "consumption")
        h.busy[goes] = np.minimum(h.busy[goes] + self.p.time / world.dt, 1.0)
        h.skill[goes] += self.p.gain
        h.trained[goes] = True
