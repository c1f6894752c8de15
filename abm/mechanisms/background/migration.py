"""Migration to cities elsewhere, and return."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from abm.core.columns import tally
from abm.mechanisms.base import Mechanism
from abm.population.households import MIGRANT, OWN_ACCOUNT, members
from abm.scenario.parameters import Parameter
from abm.world.world import World


class Migration(Mechanism):
    """A worker on own account thinks of leaving at a rate and leaves with P = logit⁻¹[(g − c + b·n)/s], where
    g is the log of what the city pays beyond the cost of being away and the support lost over what it adds at home,
    c its own fixed cost, n whether kin are away. Who comes of age thinks of it at once. A migrant reconsiders at a
    rate and returns with 1 − P. All choose by what is before anybody of the tick moves.

    Somebody of each household stays (留守): families that leave as a whole are not modelled. Each worker needs a
    fixed cost of its own and the bonus of kin must be bounded, or villages drain.

    Reads: ``own_product``, ``moving_cost``, ``at_stake``, kin. Writes: activity, ``ticks_away``, ``migrants``,
    ``settled_migrants``. Draws: workers on own account, migrants.
    Source: docs/MODEL.md, *Labour*; M41; values docs/TRIAL.md.
    """

    name, layer = "migration", "background"
    parameters = (
        Parameter("leave_rate", 0.35, "1/year", (0.1, 1.0), "who thinks of leaving", "docs/TRIAL.md"),
        Parameter("return_rate", 0.25, "1/year", (0.1, 1.0), "who reconsiders", "docs/TRIAL.md"),
        Parameter("scale", 0.25, "log points", (0.1, 2.0), "how sharply they choose", "docs/TRIAL.md"),
        Parameter("away_cost", 15000.0, "yuan a year", (5000.0, 25000.0), "being away", "docs/TRIAL.md"),
        Parameter("kin_bonus", 0.3, "log points", (0.0, 0.6), "kin who are away", "assumed; bounded as in M39"),
    )  # fmt: skip

    def labour(self, world: World) -> None:
        workers = world.workers
        # all choose before anybody moves: who comes home does not leave again at once
        back = self._choose(world, MIGRANT, self.p.return_rate, "migration.return", to_city=False)
        off = self._choose(world, OWN_ACCOUNT, self.p.leave_rate, "migration.leave", to_city=True)
        self._move(world, back, OWN_ACCOUNT, -1)
        self._move(world, self._not_the_last(world, off), MIGRANT, 1)
        workers.undecided = False
        away = np.flatnonzero(workers.activity == MIGRANT)
        workers.ticks_away[away] += 1
        settled = away[world.settled(away)]
        world.households.settled_migrants = np.bincount(
            workers.household[settled], minlength=len(world.households)
        )

    def _choose(
        self, world: World, activity: int, rate: float, stream: str, *, to_city: bool
    ) -> NDArray[np.int64]:
        """Workers of an activity who think of it now, or have just come of age, and prefer the city, or home."""
        workers, draws = world.workers, world.draws
        rows = np.flatnonzero(workers.activity == activity)
        thinks = draws.uniform(stream, world.tick, workers.key[rows]) < world.calendar.chance(rate)
        rows = rows[thinks | workers.undecided[rows]]
        u = draws.uniform(f"{stream}.choice", world.tick, workers.key[rows])
        return rows[(u < self._city(world, rows)) == to_city]

    def _city(self, world: World, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Probability of preferring the city, for workers ``rows``."""
        workers, h = world.workers, world.households
        household = workers.household[rows]
        gain = world.outside.wage(world.year) * workers.skill[rows] - self.p.away_cost * world.index
        gain -= h.at_stake[household]
        gap = np.log(np.maximum(gain, 1.0) / np.maximum(h.own_product[household], 1.0))
        others_away = world.points.pairs["kin"].count(h.migrants > 0)[household] > 0
        score = gap - workers.moving_cost[rows] + self.p.kin_bonus * others_away
        return np.asarray(expit(score / self.p.scale))

    @staticmethod
    def _not_the_last(world: World, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Those who can go so that somebody of each household stays: where all would go, by lot."""
        h, workers = world.households, world.workers
        lot = world.draws.uniform("migration.stays", world.tick, workers.key[rows])
        rows = rows[np.lexsort((lot, workers.household[rows]))]
        household = workers.household[rows]
        order = np.arange(len(rows)) - np.searchsorted(household, household, side="left")
        persons = members(h)[household]
        return np.sort(rows[order < persons - h.migrants[household] - 1])

    @staticmethod
    def _move(world: World, rows: NDArray[np.int64], activity: int, step: int) -> None:
        workers, h = world.workers, world.households
        workers.activity[rows] = activity
        workers.ticks_away[rows] = 0
        tally(h.migrants, workers.household[rows], step)
        tally(h.own_workers, workers.household[rows], -step)
