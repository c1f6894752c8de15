"""A labour market in which those with a job look for a better one, instead of T District's `labour` (docs/rules.md)."""

import numpy as np
from numpy.typing import NDArray

from abm.core.calendar import MONTH
from abm.mechanisms.background.labour import Labour
from abm.population.households import LOCAL_JOB
from abm.scenario.parameters import Parameter
from abm.world.enterprises import release
from abm.world.world import World


class SearchingLabour(Labour):
    """``Labour``, and besides: who has a job looks for another with chance 1 − e^{−s·month}, hears of vacancies through
    the same channels as those on own account, and applies where the pay after commuting beats that of the job it has;
    hired, it leaves that one, which falls vacant. At s = 0 it is ``Labour`` to the last bit.
    """

    parameters = (
        *Labour.parameters,
        Parameter("on_the_job", 0.75, "1/year", (0.0, 3.0), "who looks while in a job", "assumed: half of search_rate"),
    )  # fmt: skip

    def _hear(
        self, world: World, month: int, searchers: NDArray[np.int64], searches: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        employed = np.flatnonzero(world.workers.activity == LOCAL_JOB)
        often = self.p.on_the_job * MONTH
        u = world.draws.uniform("labour.on_the_job", month, world.workers.key[employed])
        looking = employed[u < -np.expm1(-often)]
        everybody = np.concatenate([searchers, looking])
        return super()._hear(
            world, month, everybody, np.concatenate([searches, np.full(len(looking), often)])
        )

    def _accepts(
        self, world: World, worker: NDArray[np.int64], firm: NDArray[np.int64], terms: NDArray[np.float64]
    ) -> NDArray[np.bool_]:
        workers = world.workers
        accepts = super()._accepts(world, worker, firm, terms)
        some = np.flatnonzero(workers.activity[worker] == LOCAL_JOB)
        mine = worker[some]
        there = self._net(world, mine, firm[some], terms[some])
        accepts[some] &= there > self._net(world, mine, workers.employer[mine], workers.terms[mine])
        return accepts

    def _net(
        self, world: World, worker: NDArray[np.int64], firm: NDArray[np.int64], terms: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Yearly pay after commuting, per unit of skill, yuan."""
        place = world.enterprises.place[firm]
        away = place != world.households.place[world.workers.household[worker]]
        return np.asarray(world.places.wage[place] * np.exp(terms) * (1.0 - self.p.commuting * away))

    def _fill(
        self,
        world: World,
        month: int,
        worker: NDArray[np.int64],
        firm: NDArray[np.int64],
        fit: NDArray[np.float64],
    ) -> NDArray[np.int64]:
        hired = super()._fill(world, month, worker, firm, fit)
        moves = worker[hired]
        release(world, moves[world.workers.activity[moves] == LOCAL_JOB])
        return hired
