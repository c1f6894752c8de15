"""Effort (等靠要: to wait, to rely, to ask): support lost by earning against what is gained by it."""

import numpy as np
from numpy.typing import NDArray

from abm.mechanisms.base import Mechanism
from abm.scenario.parameters import Parameter, values_of
from abm.world.grids import tied_to_branch
from abm.world.world import World

Floats = NDArray[np.float64]


class Effort(Mechanism):
    """Who is on the list of the subsistence allowance A and still lies under its exit line expects to lose a part w of
    it by earning more: ``at_stake`` = w · A yuan a year. A job in the district or a city has to pay that much more
    before it is taken (labour, migration). On own account such a household works

    e = clip((1 − w′ s + esteem)^η, e_min, 1)

    of its free time: s is the part of its income that is allowance, η the elasticity of hours with respect to the net
    gain, and esteem = v · n/(n + n₀) what it is worth to be seen working by n neighbours, along active ties of mutual
    aid, and by the volunteers.

    Conditions: with active links to the grid and from there to the branch, this knows who could work. At the review it
    names who held back, with P = error + (1 − 2 · error) (1 − e)/(1 − e_min), e being that of last year's end: of who
    holds back all that it can, and of who does not at all, the share *error* is mistaken for the other. Who is named is
    taken off the list with probability *sanction*. Holding back then costs the allowance, too, and the household
    compares the difference: w′ = max(0, w − sanction · (1 − 2 · error)); without the grid w′ = w.

    It belongs to the background: a household compares without any joint-point, and those of two layers enter only as
    neighbours who see and as a branch that knows. What casual days bring withdraws nothing, since no office sees them;
    they are a part of the time that is worked. Where nobody gets the allowance it does nothing.

    The other channel: the comparison itself; nobody has to be asked or seen. Break-point: no grid, no ties. Failure:
    who does work, or cannot be seen to, loses the allowance by mistake.

    Reads: ``dibao``, ``expected_income``, own workers; grid, grid-branch, mutual-aid and volunteer links. Writes:
    ``at_stake``, ``effort``, ``busy``, ``dibao``, ``entitled``. Draws: those on the list with a grid link, once a year.
    Source: 000_dc7ebc0f9aeec511.txt, 五 (二) (the error of 等、靠、要); docs/MODEL.md, *Effort*;
    docs/MECHANISMS.md M12; Chetty, Guren, Manoli & Weber (2011), *Are micro and macro labor supply elasticities
    consistent?*, American Economic Review 101(3): hours about .3 at given wages, recalled.
    """

    name, layer = "effort", "background"
    requires = ("dibao",)
    parameters = (
        Parameter("withdrawal", 0.5, "share of the allowance", (0.0, 1.0), "expected loss by earning", "assumed; M12"),
        Parameter("esteem", 0.1, "share of the gain", (0.0, 0.3), "being seen working, v", "assumed; M12"),
        Parameter("onlookers", 3.0, "ties", (1.0, 10.0), "of so many half of the esteem, n₀", "assumed"),
        Parameter("elasticity", 0.2, "elasticity", (0.1, 0.3), "hours and net gain, η", "assumed; Chetty et al. 2011"),
        Parameter("least", 0.5, "share of free time", (0.2, 0.9), "worked in any case, e_min", "assumed"),
        Parameter("sanction", 0.3, "probability per review", (0.0, 0.8), "who is named is taken off", "assumed"),
        Parameter("error", 0.1, "share", (0.0, 0.3), "who is mistaken for the other", "assumed"),
    )  # fmt: skip

    def start(self, world: World) -> None:
        self.dibao = values_of(world.settings, "dibao")

    def needs(self, world: World) -> None:
        """Who is on the list before anybody is added to it this year: who is new has nothing to be reviewed for."""
        if world.calendar.year_begins:
            self.on_list = world.households.dibao.copy()

    def targeting(self, world: World) -> None:
        h = world.households
        self.known = world.points.reaches("grid") & tied_to_branch(world)
        if world.calendar.year_begins:
            self._review(world, np.flatnonzero(h.dibao & self.on_list))
        h.effort = 1.0
        rows = np.flatnonzero(h.dibao)
        line = self.dibao.line * world.index
        residents = world.residents()[rows]
        allowance = self.dibao.benefit * line * residents
        income = np.maximum(h.expected_income[rows], allowance)
        under = income - allowance < self.dibao.exit_factor * line * residents
        rows, allowance, income = rows[under], allowance[under], income[under]
        withdrawn = self._withdrawn(rows)
        h.at_stake[rows] += self.p.withdrawal * allowance  # no review sees a job turned down
        able = np.flatnonzero(h.own_workers[rows] > 0)
        part = withdrawn[able] * allowance[able] / np.maximum(income[able], 1.0)
        rows = rows[able]
        gain = np.maximum(1.0 - part + self._esteem(world, rows), 0.0)
        h.effort[rows] = np.clip(gain**self.p.elasticity, self.p.least, 1.0)
        h.busy[rows] = 1.0 - (1.0 - h.busy[rows]) * h.effort[rows]

    def _withdrawn(self, rows: NDArray[np.int64]) -> Floats:
        """w′ above, shape of ``rows``."""
        loss = self.p.sanction * (1.0 - 2.0 * self.p.error) * self.known[rows]
        return np.asarray(np.maximum(self.p.withdrawal - loss, 0.0))

    def _esteem(self, world: World, rows: NDArray[np.int64]) -> Floats:
        """What it is worth to be seen working; shape of ``rows``."""
        points = world.points
        ties = points.pairs["mutual_aid"].neighbours(len(points.place))[rows]
        seen = ties @ points.inhabited.astype(np.float64) + points.reaches("volunteer")[rows]
        return np.asarray(self.p.esteem * seen / (seen + self.p.onlookers))

    def _review(self, world: World, rows: NDArray[np.int64]) -> None:
        """The branch takes off the list who, as far as it can tell, could work more than it did."""
        h = world.households
        rows = rows[self.known[rows] & (h.own_workers[rows] > 0)]
        held_back = (1.0 - h.effort[rows]) / (1.0 - self.p.least)
        named = self.p.error + (1.0 - 2.0 * self.p.error) * held_back
        u = world.draws.uniform("effort.review", world.year, h.key[rows])
        off = rows[u < self.p.sanction * named]
        h.dibao[off] = False
        h.entitled[off] = False  # and not before next year again
        world.message("organizational", len(rows))
