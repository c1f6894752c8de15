"""Calibration of a scenario: simulated moments for the best point, ABC-SMC for the posterior, in one folder.

The two are independent: the search gives a point and shows whether the targets can be met at all; the posterior
starts from the priors, not from that point, so the search narrows nothing. They share the log of simulations, the
budget (the search takes at most ``SEARCH_SHARE`` of it) and the workers.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import abm
from abm.analysis.evaluations import Budget, Log, Model, Task, Workers, simulate_all
from abm.analysis.moment_search import FAILED, Found, search
from abm.analysis.targets import (
    Target,
    digest_of,
    misses,
    read_targets,
    targets_file,
    used_for,
    values_in,
    years_for,
)
from abm.core.draws import replication_seed
from abm.core.errors import InputError
from abm.model import plan
from abm.model.environment import code_digest
from abm.records import store
from abm.runs.design import RunSpec, check_number, run_spec_of
from abm.runs.posterior import Posterior, identity, write_posterior
from abm.runs.simulate import run_spec
from abm.scenario.parameters import find_parameter
from abm.scenario.schema import Scenario

Floats = NDArray[np.float64]
Priors = Mapping[str, tuple[float, float]]

SEARCH_SHARE = 0.35
"""Part of the budget that the search of simulated moments may take when ABC follows."""
METHODS = ("moments", "abc", "both")
HOUSEHOLDS = 1500
LOG, DATABASE, MESSAGES, POSTERIOR = "simulations.jsonl", "abc.db", "calibrate.log", "posterior.csv"
_SEARCH_SEEDS, _CUBE, _ABC = 1, 2, 3  # what a part's seed is derived with


@dataclass(frozen=True)
class ScenarioModel:
    """Moments of a scenario at given parameters: one run in memory, without the cache of burn-ins."""

    spec: RunSpec
    targets: tuple[Target, ...]

    def __call__(self, values: Mapping[str, float], seed: int) -> Floats:
        # Numbered as a draw, since only a draw lays parameters over the scenario.
        spec = replace(self.spec, seed=seed, draw=1, parameters=tuple(sorted(values.items())))
        return values_in(run_spec(spec), spec.scenario, self.targets)


@dataclass(frozen=True)
class Problem:
    """What is calibrated, to what, and within which priors."""

    model: Model
    targets: tuple[Target, ...]
    priors: Priors
    about: Mapping[str, Any]
    """What tells this calibration from another: a folder holds one."""
    own: Floats | None = None
    """Where the scenario's own values lie in the unit cube of the priors, at its edge if beyond; None: not known."""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.priors)

    def at(self, point: Floats) -> dict[str, float]:
        """Values of the parameters at a point of the unit cube."""
        return {
            name: low + float(u) * (high - low)
            for u, (name, (low, high)) in zip(point, self.priors.items(), strict=True)
        }

    def distance(self, moments: Floats) -> float:
        """Root of the mean square miss, in tolerances."""
        return float(np.sqrt((misses(moments, self.targets) ** 2).mean()))


@dataclass(frozen=True, eq=False)
class Fit:
    """What a calibration found. ``moments`` of the posterior: one row per draw."""

    problem: Problem
    best: dict[str, float] | None
    best_moments: Floats | None
    points: int
    search_finished: bool
    posterior: Posterior | None
    moments: Floats | None
    generation: int
    simulations: int
    failed: int


def priors_of(scenario: Scenario) -> dict[str, tuple[float, float]]:
    """Uniform priors of the free parameters.

    Raises:
        InputError: there are none, one does not exist, or its prior leaves the parameter's bounds.
    """
    table = scenario.calibration
    if table is None:
        mend = 'add it with targets = "data/targets.csv" and free = ["…"]'
        raise InputError("has no table [calibration]", file=scenario.file, key="calibration", mend=mend)
    catalogue = plan.catalogue(scenario)
    for name in table.bounds:
        find_parameter(catalogue, name, file=scenario.file, shown=f"calibration.bounds.{name}")
    priors = {}
    for name in table.free:
        parameter = find_parameter(catalogue, name, file=scenario.file, shown=f"calibration.free.{name}")
        least, most = parameter.bounds
        low, high = table.bounds.get(name, parameter.bounds)
        if not least <= low < high <= most:
            raise InputError(
                f"{low:g} to {high:g} leaves the parameter's bounds",
                file=scenario.file,
                key=f"calibration.bounds.{name}",
                mend=f"stay within {least:g} to {most:g} ({parameter.unit})",
            )
        priors[name] = (float(low), float(high))
    return priors


def problem_of(
    scenario: Scenario,
    *,
    targets: str | Path | None = None,
    households: int | None = None,
    seeds: int = 2,
    population: int = 100,
    seed: int = 1,
) -> Problem:
    """Everything that is fixed before the first simulation, checked.

    Raises:
        InputError: targets, priors or a number that cannot be.
    """
    for key, number, least in (("--seeds", seeds, 1), ("--population", population, 10), ("--seed", seed, 0)):
        check_number(number, least, key)
    priors = priors_of(scenario)
    path = targets_file(scenario, targets)
    rows = used_for("fit", read_targets(path, scenario), path)
    own = scenario.calibration.households if scenario.calibration else None
    size = households or own or HOUSEHOLDS
    spec = run_spec_of(scenario, seed=0, households=size, years=years_for(rows, scenario))
    spec = replace(spec, cache=False)
    about = {
        "scenario": scenario.name,
        "identity": identity(scenario, tuple(priors)),
        "code": code_digest(scenario),
        "targets": digest_of(rows),
        "priors": {name: list(bounds) for name, bounds in priors.items()},
        "households": size,
        "years": spec.years,
        "seeds": seeds,
        "population": population,
        "seed": seed,
    }
    values = plan.settings(scenario)
    place = [(values[name].value - low) / (high - low) for name, (low, high) in priors.items()]
    return Problem(
        ScenarioModel(spec, tuple(rows)), tuple(rows), priors, about, np.clip(np.array(place), 0.0, 1.0)
    )


def calibrate(
    problem: Problem,
    folder: Path,
    *,
    method: str = "both",
    budget: Budget,
    workers: Workers,
    watch: Callable[[Log, str], None] = lambda log, stage: None,
) -> Fit:
    """Search and sample into a folder, or go on where that was stopped.

    Raises:
        InputError: a folder of another calibration, or an unknown method.
    """
    if method not in METHODS:
        raise InputError(f"there is no '{method}'", key="--method", mend=f"use one of: {', '.join(METHODS)}")
    stage = ["moments"]
    found, sampled = Found(), None
    with claimed(folder, problem) as log, log.opened():

        def noted(log: Log) -> None:
            watch(log, stage[0])
            if len(log.known) > log.found and len(log.known) % 25 == 0:
                note(folder, f"{stage[0]}: {_state(log)}")

        log.watch = noted
        note(folder, f"begins: {_state(log)}")
        if method != "abc":
            part = budget if method == "moments" else budget.part(SEARCH_SHARE)
            residuals = _residuals(problem, log, workers, part)
            cube = replication_seed(problem.about["seed"], _CUBE)
            search(residuals, len(problem.names), cube, found, problem.own)
        if method != "moments":
            from abm.analysis.abc_smc import Distance, sample_posterior

            stage[0] = "abc"
            aims = np.array([t.value for t in problem.targets])
            tolerances = np.array([t.tolerance for t in problem.targets])
            sampled = sample_posterior(
                problem.model,
                problem.priors,
                Distance(aims, tolerances),
                database=folder / DATABASE,
                population=problem.about["population"],
                seed=replication_seed(problem.about["seed"], _ABC),
                log=log,
                workers=workers,
                budget=budget,
                logfile=folder / MESSAGES,
            )
        note(folder, f"ends: {_state(log)}")
        posterior = None
        if sampled is not None:
            said = {
                **problem.about,
                "free": list(problem.names),
                "method": "ABC-SMC (pyabc)",
                "distance": "root of the mean square of (moment - target) / tolerance",
                "generations": sampled.number + 1,
                "threshold": sampled.epsilon,
                "simulations": sampled.simulations,
                "versions": {p: version(p) for p in ("pyabc", "numpy", "scipy")} | {"abm": abm.__version__},
            }
            made = Posterior(problem.names, sampled.values, sampled.weights, sampled.distances, said)
            write_posterior(folder / POSTERIOR, made)
            posterior = made
        return Fit(
            problem,
            None if found.point is None else problem.at(found.point),
            None if found.residuals is None else _moments(found.residuals, problem.targets),
            found.points,
            found.finished,
            posterior,
            None if sampled is None else sampled.moments,
            -1 if sampled is None else sampled.number,
            len(log.known),
            log.failed,
        )


def note(folder: Path, text: str) -> None:
    """Add a line to the calibration's log, for one that runs in the background."""
    with (folder / MESSAGES).open("a", encoding="utf-8") as file:
        file.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}\n")


def _state(log: Log) -> str:
    return (
        f"{len(log.known)} simulations in {log.seconds / 60.0:.1f} min, smallest distance {log.best:.3g}, "
        f"{log.failed} failed"
    )


@contextmanager
def claimed(folder: Path, problem: Problem) -> Iterator[Log]:
    """The log of a folder that holds this calibration or nothing.

    Raises:
        InputError: the folder holds something else, or another calibration.
    """
    about, other = problem.about, "name an empty folder or a new one"
    if folder.is_file():
        raise InputError("is a file", file=folder, key="--out", mend=other)
    manifest = folder / store.MANIFEST
    if manifest.is_file():
        before = store.read_json(manifest)
        if before.get("command") != "calibrate":
            raise InputError("holds something else", file=folder, key="--out", mend=other)
        differ = [key for key in about if before.get("about", {}).get(key) != about[key]]
        if differ:
            what = f"holds a calibration with another {', '.join(differ)}"
            raise InputError(what, file=folder, key="--out", mend=other)
    elif folder.is_dir() and any(not path.name.startswith(".") for path in folder.iterdir()):
        raise InputError("holds something else", file=folder, key="--out", mend=other)
    with store.opened(folder):
        if not manifest.is_file():
            store.write_json(manifest, {"format": 1, "command": "calibrate", "about": dict(about)})
        yield Log(folder / LOG, problem.distance)


def _residuals(
    problem: Problem, log: Log, workers: Workers, budget: Budget
) -> Callable[[Floats], Iterator[Floats]]:
    """Misses of the mean moments at points of the unit cube, from simulations with the same seeds everywhere."""
    first = replication_seed(problem.about["seed"], _SEARCH_SEEDS)
    seeds = [replication_seed(first, k) for k in range(problem.about["seeds"])]

    def residuals(points: Floats) -> Iterator[Floats]:
        tasks = [
            Task(f"moments {' '.join(repr(float(u)) for u in point)} {k}", problem.at(point), seed)
            for point in points
            for k, seed in enumerate(seeds)
        ]
        with closing(simulate_all(problem.model, tasks, log, workers, budget)) as done:
            for _ in points:
                moments = [next(done).moments for _ in seeds]
                if None in moments:
                    yield np.full(len(problem.targets), FAILED)
                else:
                    mean = np.mean(np.array(moments, dtype=np.float64), axis=0)
                    yield np.clip(misses(mean, problem.targets), -FAILED, FAILED)

    return residuals


def _moments(residuals: Floats, targets: Sequence[Target]) -> Floats:
    aims = np.array([t.value for t in targets])
    return aims + residuals * np.array([t.tolerance for t in targets])
