"""From an experiment's file to its runs: scenario, points, arms, seeds, and the record that tells them apart."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from abm.core.draws import replication_seed
from abm.core.errors import InputError
from abm.core.names import LAYERS
from abm.model import plan
from abm.runs.blocks import burn_in_key
from abm.runs.design import RunSpec, drawn_parameters
from abm.runs.experiment import Experiment, leaves, read_experiment
from abm.runs.factors import TIMINGS, Factor, Names, Value
from abm.runs.laying import Laid, lay, own_parameters
from abm.runs.points import Points, nobody_in, places_of, points_of
from abm.runs.posterior import posterior_of
from abm.scenario.load import find_file
from abm.scenario.schema import Scenario
from abm.scenario.switches import eight_arms


@dataclass(frozen=True)
class Planned:
    """All that an experiment will run.

    Args:
        experiment: the file, read.
        points: its points, in order.
        specs: its runs, each once: points that say the same share theirs.
        runs: ids of the runs of each point.
    """

    experiment: Experiment
    points: Points
    specs: tuple[RunSpec, ...]
    runs: tuple[tuple[str, ...], ...]

    @property
    def command(self) -> str:
        """``factorial`` where ``abm factorial`` makes the same runs, and either may go on with them; else ``batch``."""
        return "factorial" if self._is_factorial() else "batch"

    @property
    def record(self) -> dict[str, Any]:
        """What the manifest says of the design: names, the points' values, and which runs belong to which point."""
        return {
            "name": self.experiment.name,
            "title": self.experiment.header.title,
            "kind": self.experiment.design.kind,
            "options": self.points.options,
            "fixed": {factor.name: value for factor, value in self.points.fixed},
            "names": list(self.points.names),
            "problem": self.points.problem,
            "points": [list(row) for row in self.points.rows],
            "runs": [list(ids) for ids in self.runs],
            "outputs": list(self.experiment.header.outputs),
            "file": self.experiment.path.name,
            "text": self.experiment.text,
        }

    def _is_factorial(self) -> bool:
        header = self.experiment.header
        known = eight_arms(header.question, self.specs[0].scenario.switch_year)
        same = tuple(spec.arm for spec in self.specs[: len(known)]) == known
        layers = self.points.names == tuple(f"switches.{layer}" for layer in LAYERS)
        same &= len(self.points.rows) == len(known)  # weaker layers would pass for layers that are on
        return layers and same and header.seeds == "same" and not (header.snapshots or header.outputs)


def planned(experiment: Experiment) -> Planned:
    """The runs of an experiment, in the order of ``abm factorial``: draws, seeds, budgets, and points side by side.

    Raises:
        InputError: a name, value or combination that cannot be; names file, key and mend.
    """
    file = experiment.file
    ground = _ground(experiment)
    points = points_of(experiment, _names(ground, experiment))
    _check_apart(experiment, points, ground)
    points = replace(points, fixed=(*ground.switches, *points.fixed))
    years = _years(experiment.header.years, ground.scenario, file)
    _check_horizon(experiment, points, ground.scenario, years)
    _check_places(experiment, points, ground.scenario)
    laid = _all_laid(experiment, points, ground)
    specs: dict[str, RunSpec] = {}
    runs: list[list[str]] = [[] for _ in points.rows]
    for number, spec in _specs(experiment, laid, ground.scenario, years, points.together):
        specs.setdefault(spec.run_id, spec)
        if spec.run_id not in runs[number]:
            runs[number].append(spec.run_id)
    return Planned(experiment, points, tuple(specs.values()), tuple(tuple(ids) for ids in runs))


def design_points(experiment: str | Path | Experiment, **changes: Any) -> pd.DataFrame:
    """The points of an experiment as a table: ``point``, from 0, and a column for each name that varies.

    Args:
        experiment: as in ``read_experiment``, or what it has read.

    Raises:
        InputError: as ``planned``.
    """
    read = experiment if isinstance(experiment, Experiment) else read_experiment(experiment, **changes)
    return points_frame(points_of(read, _names(_ground(read), read)))


def points_frame(points: Points) -> pd.DataFrame:
    """Points as a table."""
    frame = pd.DataFrame(list(points.rows), columns=list(points.names))
    frame.insert(0, "point", range(len(frame)))
    return frame


@dataclass(frozen=True)
class _Ground:
    """The scenario with what is fixed laid over it, what that was, and the switches that are fixed."""

    scenario: Scenario
    settings: Mapping[str, Value]
    switches: tuple[tuple[Factor, Value], ...]


def _ground(experiment: Experiment) -> _Ground:
    try:
        find_file(experiment.scenario)
    except InputError as error:
        what = f"'{experiment.header.scenario}' {error.problem}"
        raise InputError(what, file=experiment.file, key="scenario", mend=error.mend) from None
    base = plan.load_scenario(experiment.scenario)
    names = Names(base, experiment.file)
    settings: dict[str, Value] = {}
    switches: dict[Factor, Value] = {}
    for name, given, key in leaves(experiment.header.fixed, "fixed"):
        factor = names.factor(name, key)
        if factor.sort == "word":
            mend = f"write {name} = … at the top of the file"
            raise InputError("is not fixed here", file=experiment.file, key=key, mend=mend)
        if factor.name in settings or factor in switches:
            raise InputError("is fixed twice", file=experiment.file, key=key, mend="keep one of them")
        value = names.checked(factor, given, key)
        if factor.sort == "switch":
            switches[factor] = value
        else:
            settings[factor.name] = value
    scenario = plan.load_scenario(experiment.scenario, settings) if settings else base
    return _Ground(scenario, settings, tuple(switches.items()))


def _names(ground: _Ground, experiment: Experiment) -> Names:
    """The names that points may use; where they name no budget or question, those of the file's top hold."""
    words = {"budget": experiment.budgets[0], "question": experiment.header.question}
    return Names(ground.scenario, experiment.file, words)


def _check_apart(experiment: Experiment, points: Points, ground: _Ground) -> None:
    """What is fixed is not varied, and what is varied is not said at the top of the file, too."""
    varied = {factor.name for factor in (*points.factors, *(factor for factor, _ in points.fixed))}
    for name in (*ground.settings, *(factor.name for factor, _ in ground.switches)):
        if name in varied:
            mend = "leave it out of [fixed]"
            raise InputError("is varied by the design", file=experiment.file, key=f"fixed.{name}", mend=mend)
    if "budget" in varied and len(experiment.budgets) > 1:
        problem, mend = "is varied by the design, too", "leave it out at the top of the file"
        raise InputError(problem, file=experiment.file, key="budget", mend=mend)


def _all_laid(experiment: Experiment, points: Points, ground: _Ground) -> list[Laid]:
    """Each point; scenarios that differ in numbers of the file are read once each."""
    scenarios: dict[str, tuple[Scenario, Mapping[str, float]]] = {
        "{}": (ground.scenario, own_parameters(ground.scenario))
    }
    laid: list[Laid] = []
    for number, row in enumerate(points.rows):
        values = list(zip(points.factors, row, strict=True))
        other = {f.name: v for f, v in values if f.sort == "file" and v is not None and v != f.base}
        try:
            if repr(other) not in scenarios:
                given = {**ground.settings, **other}
                read = plan.load_scenario(experiment.scenario, given)
                scenarios[repr(other)] = read, own_parameters(read)
            scenario, own = scenarios[repr(other)]
            laid.append(
                lay(
                    scenario,
                    values,
                    fixed=points.fixed,
                    question=experiment.header.question,
                    from_year=experiment.header.from_year,
                    steps=points.steps,
                    own=own,
                )
            )
        except InputError as error:
            where = f"point {number}: {error.key}" if error.key else f"point {number}"
            raise InputError(error.problem, file=experiment.file, key=where, mend=error.mend) from None
    return laid


def _specs(
    experiment: Experiment, laid: list[Laid], scenario: Scenario, years: int, arms: int
) -> Iterator[tuple[int, RunSpec]]:
    """Number of the point and run, for all runs; those of one seed that share a burn-in side by side."""
    header = experiment.header
    per_point = (header.draws + 1) * header.replications if header.seeds == "own" else 0
    posterior = posterior_of(scenario) if header.draws else None
    for draw in range(header.draws + 1):
        drawn = dict(drawn_parameters(scenario, header.seed, draw, posterior))
        over = [point.over(drawn) for point in laid]
        _check_together(experiment, laid, over)
        for replication in range(header.replications):
            together: dict[object, list[tuple[int, RunSpec]]] = {}
            for budget in experiment.budgets:
                for number, point in enumerate(laid):
                    seed = number // arms * per_point + draw * header.replications + replication
                    spec = RunSpec(
                        scenario=point.scenario,
                        arm=point.arm,
                        budget=point.budget or budget,
                        seed=replication_seed(header.seed, seed),
                        households=header.households,
                        years=years,
                        draw=draw,
                        parameters=over[number],
                        replication=replication,
                        snapshots=header.snapshots,
                        tables=header.outputs,
                    )
                    together.setdefault(burn_in_key(spec), []).append((number, spec))
            for runs in together.values():
                yield from runs


def _check_together(
    experiment: Experiment, laid: list[Laid], over: list[tuple[tuple[str, float], ...]]
) -> None:
    """Before anything runs: what a rule would refuse in the run of some point."""
    seen: set[tuple[str, tuple[tuple[str, float], ...]]] = set()
    for number, (point, values) in enumerate(zip(laid, over, strict=True)):
        if (case := (point.scenario.content_hash, values)) in seen:
            continue
        seen.add(case)
        try:
            plan.check_values(point.scenario, [dict(values)])
        except InputError as error:
            mend = f"{error.mend}; in a sample, narrow the bounds of one of them (design.bounds)"
            where = f"point {number}: {error.key}"
            raise InputError(error.problem, file=experiment.file, key=where, mend=mend) from None


def burn_ins(specs: Iterable[RunSpec]) -> int:
    """How many burn-ins some runs need in all."""
    return len({burn_in_key(spec) for spec in specs if spec.scenario.burn_in})


def _years(years: int | None, scenario: Scenario, file: str) -> int:
    longest = scenario.end_year - scenario.start_year + 1
    if years is not None and years > longest:
        problem = f"{years} goes beyond the scenario's last year {scenario.end_year}"
        mend = f"use {longest} or fewer, or fix scenario.end_year"
        raise InputError(problem, file=file, key="years", mend=mend)
    return longest if years is None else years


def _check_horizon(experiment: Experiment, points: Points, scenario: Scenario, years: int) -> None:
    """Levels that act after the last year, if at all, would all be one run."""
    last, file = scenario.start_year + years - 1, experiment.file
    first = experiment.header.from_year if experiment.header.from_year is not None else scenario.switch_year
    varied = [f for f in points.factors if f.sort == "villages" or f.aspect == "strength"]
    if varied and last < first:
        problem = f"the runs end in {last}, before the switches act in {first}: their levels would be one"
        mend = f"use {first - scenario.start_year + 1} or more, or an earlier from_year"
        raise InputError(problem, file=file, key="years", mend=mend)
    for spot, factor in enumerate(points.factors):
        late = [row[spot] for row in points.rows if isinstance(row[spot], int)]
        if factor.aspect in TIMINGS and any(int(year or 0) > last for year in late):
            problem, mend = f"the runs end in {last}, before {factor.name}", "use more years"
            raise InputError(problem, file=file, key="years", mend=mend)


def _check_places(experiment: Experiment, points: Points, scenario: Scenario) -> None:
    """Switches act in places that are simulated."""
    there = places_of(scenario, experiment.header.households)
    for factor in (*points.factors, *(factor for factor, _ in points.fixed)):
        village = factor.target.village if factor.target is not None else None
        if village is not None and village not in there:
            raise nobody_in(village, experiment.file, factor.name)
