"""Approximate Bayesian computation by sequential Monte Carlo, done by pyabc (Klinger, Rickert & Hasenauer 2018).

Toni et al. (2009), *J. R. Soc. Interface* 6: a first generation from the priors, each later one perturbed from the
last by a normal kernel with its covariance, accepted within the weighted median of the last one's distances. The
distance is the root of the mean square of (moment − target) / tolerance; every simulation has a fresh seed, so the
posterior carries simulation noise.

What is ours is the sampler. pyabc's own one draws from the clock and cannot stop inside a generation. Here each
proposal's luck is keyed by (seed, generation, number), so that the same posterior comes from one worker or ten, in
one go or resumed; simulations of a generation that was cut short are found again in the log. When the budget ends
inside a generation that has at least half of its particles, these are the generation.

With a dozen parameters a particle that the kernel hardly ever proposes may get most of the weight, and the posterior
would be that one draw. So the posterior is the last generation whose weights are worth at least a quarter of its
particles (Kish's effective size, 1/Σw²).
"""

import logging
import random  # noqa: TID251
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import cloudpickle
import numpy as np
import pyabc
from numpy.typing import NDArray

from abm.analysis.evaluations import Budget, BudgetSpent, Done, Log, Model, Task, Workers, attempt
from abm.core.draws import replication_seed
from abm.runs.parcel import unwrap, wrap

Floats = NDArray[np.float64]

FAR = 1e6
"""Distance of a simulation that failed, and the most that any other has."""
ENOUGH = 0.5
"""Share of its particles that a generation must have to count when the budget ends in it."""


WORTH = 0.25
"""Share of its particles that the weights of a generation must be worth."""


@dataclass
class _Job:
    """The simulation that this process is doing for pyabc, which passes on parameters only."""

    seed: int = 0
    known: Done | None = None
    values: Mapping[str, float] = field(default_factory=dict)
    done: Done | None = None


_job = _Job()


@dataclass
class Simulator:
    """The model as pyabc calls it; picklable."""

    model: Model
    moments: int

    def __call__(self, parameters: Mapping[str, float]) -> dict[str, Floats]:
        values = {name: float(value) for name, value in parameters.items()}
        done = _job.known if _job.known is not None else attempt(self.model, values, _job.seed)
        _job.values, _job.done = values, done
        return {"moments": np.full(self.moments, np.nan) if done.moments is None else np.array(done.moments)}


@dataclass
class Distance:
    """Root of the mean square miss, in tolerances; ``FAR`` for a simulation that failed."""

    aims: Floats
    tolerances: Floats

    def of(self, moments: Floats) -> float:
        if not np.isfinite(moments).all():
            return FAR
        return float(min(np.sqrt((((moments - self.aims) / self.tolerances) ** 2).mean()), 0.99 * FAR))

    def __call__(self, x: Mapping[str, Floats], x_0: Mapping[str, Floats]) -> float:
        return self.of(x["moments"])


def simulate_keyed(parcel: bytes, seed: int, known: Done | None) -> tuple[Any, Mapping[str, float], Done]:
    """One proposal with its simulation: pyabc's particle, the values and how it ended."""
    luck = replication_seed(seed, 0) % 2**32
    random.seed(luck)
    np.random.seed(luck)  # noqa: NPY002, TID251 - pyabc and SciPy draw proposals from it
    _job.seed, _job.known = replication_seed(seed, 1), known
    particle = unwrap(parcel)()
    assert _job.done is not None
    return particle, _job.values, _job.done


class KeyedSampler(pyabc.sampler.Sampler):
    """Samples in the order of the proposals' numbers, on our workers, within our budget."""

    def __init__(self, seed: int, log: Log, workers: Workers, budget: Budget) -> None:
        super().__init__()
        self.seed, self.log, self.workers, self.budget = seed, log, workers, budget

    def sample_until_n_accepted(self, n: int, simulate_one: Any, t: int, **options: Any) -> Any:
        return _sampled(self, n, simulate_one, t, **options)

    def seed_of(self, t: int, number: int) -> int:
        """Seed of one proposal and its simulation."""
        return replication_seed(replication_seed(self.seed, t), number)


def _sampled(
    self: KeyedSampler, n: int, simulate_one: Any, t: int, *, max_eval: float = np.inf, **_: Any
) -> Any:
    """The first n particles that are accepted, in the order of the proposals' numbers."""
    sample = self._create_empty_sample()
    parcel = wrap(simulate_one, cloudpickle.dumps)
    accepted, number = 0, 0

    def arguments() -> Iterator[tuple[bytes, int, Done | None]]:
        for number in count():
            yield parcel, self.seed_of(t, number), self.log.find(f"abc {t} {number}")

    results = self.workers.in_order(simulate_keyed, arguments())
    try:
        while accepted < n and number < max_eval:
            key = f"abc {t} {number}"
            self.log.check(self.budget, key)
            particle, values, done = next(results)
            self.log.add(Task(key, values, replication_seed(self.seed_of(t, number), 1)), done)
            sample.append(particle)
            accepted += bool(particle.accepted)
            number += 1
    except BudgetSpent:
        if accepted < ENOUGH * n:
            raise
    finally:
        results.close()
    if accepted < min(ENOUGH * n, n):
        raise BudgetSpent  # so few are accepted that the last generation says more
    self.nr_evaluations_ = number
    return sample


# pyabc wraps the method with a check that exactly n were accepted; here a last generation may have fewer.
KeyedSampler.sample_until_n_accepted = _sampled  # type: ignore[method-assign]


@dataclass(frozen=True, eq=False)
class Generation:
    """One row per particle; ``simulations`` of all generations."""

    values: Floats
    weights: Floats
    distances: Floats
    moments: Floats
    number: int
    epsilon: float
    simulations: int

    @property
    def effective(self) -> float:
        """How many equally weighted particles these are worth."""
        return float(1.0 / (self.weights**2).sum())


def sample_posterior(
    model: Model,
    priors: Mapping[str, tuple[float, float]],
    distance: Distance,
    *,
    database: Path,
    population: int,
    seed: int,
    log: Log,
    workers: Workers,
    budget: Budget,
    logfile: Path,
    min_acceptance: float = 0.02,
    min_epsilon: float = 0.3,
) -> Generation | None:
    """Sample until the budget is spent, few proposals are accepted, or all are near; None before one generation.

    Args:
        priors: low and high of each free parameter; uniform.
        database: pyabc's SQLite file; continued where it is there.
        population: particles in a generation.
    """
    resume = database.is_file() and _generations(database) > 0
    if not resume:
        database.unlink(missing_ok=True)
    prior = pyabc.Distribution(
        **{name: pyabc.RV("uniform", low, high - low) for name, (low, high) in priors.items()}
    )
    smc = pyabc.ABCSMC(
        Simulator(model, len(distance.aims)),
        prior,
        distance,
        population_size=population,
        # Loaded, pyabc would begin again at the first threshold: it is told to take that of the last population.
        eps=pyabc.QuantileEpsilon(initial_epsilon="from_sample" if resume else 0.995 * FAR, alpha=0.5),
        sampler=KeyedSampler(seed, log, workers, budget),
    )
    address = f"sqlite:///{database}"
    with _told_to(logfile):
        if resume:
            history = smc.load(address, 1)
        else:
            history = smc.new(address, {"moments": distance.aims})
        try:
            if not (resume and _ended(history, min_acceptance, min_epsilon)):
                smc.run(minimum_epsilon=min_epsilon, min_acceptance_rate=min_acceptance)
        except BudgetSpent:
            pass
    return last_generation(pyabc.History(address, create=False), tuple(priors))


def last_generation(history: Any, names: tuple[str, ...]) -> Generation | None:
    """The particles of a history's last generation that is worth enough; None if it has none."""
    found = None
    for number in range(history.max_t, -1, -1):
        found = _generation(history, number, names)
        if found.effective >= WORTH * len(found.weights):
            break
    return found


def _generation(history: Any, number: int, names: tuple[str, ...]) -> Generation:
    particles = history.get_population(t=number).particles
    table = history.get_all_populations()
    weights = np.array([p.weight for p in particles])
    return Generation(
        values=np.array([[float(p.parameter[name]) for name in names] for p in particles]),
        weights=weights / weights.sum(),
        distances=np.array([float(p.distance) for p in particles]),
        moments=np.array([p.sum_stat["moments"] for p in particles]),
        number=number,
        epsilon=float(table.epsilon[table.t == number].iloc[0]),
        simulations=int(table.samples.sum()),
    )


def _ended(history: Any, min_acceptance: float, min_epsilon: float) -> bool:
    """Whether the last generation had met a criterion to stop."""
    last = history.get_all_populations().iloc[-1]
    return bool(last.epsilon <= min_epsilon or last.particles / last.samples < min_acceptance)


def _generations(database: Path) -> int:
    try:
        return int(pyabc.History(f"sqlite:///{database}", create=False).max_t) + 1
    except Exception:  # killed while the file was made
        return 0


@contextmanager
def _told_to(logfile: Path) -> Iterator[None]:
    """pyabc's messages go to a file."""
    handler = logging.FileHandler(logfile, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(message)s"))
    logger = logging.getLogger("ABC")
    before, logger.handlers, logger.propagate = logger.handlers, [handler], False
    try:
        yield
    finally:
        logger.handlers = before
        handler.close()
