"""The points of an experiment's design: which values each lays over the scenario, checked before anything runs."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from math import prod
from typing import Any

import numpy as np

from abm.core.errors import InputError, nearest
from abm.core.names import LAYERS
from abm.population.synthesis import households_by_place
from abm.runs import experiment as ex
from abm.runs import samples
from abm.runs.experiment import MOST_POINTS, RANGE, Experiment, leaves
from abm.runs.factors import NEVER, TIMINGS, Factor, Names, Value
from abm.runs.laying import VILLAGES_CUT, Steps
from abm.runs.listed import read_list
from abm.scenario.schema import SELECTORS, Scenario

Row = tuple[Value | None, ...]


@dataclass(frozen=True)
class Points:
    """What a design runs.

    Args:
        factors: what varies, in the order of a row's values.
        rows: one a point; None: as the scenario has it.
        problem: of a sample: what SALib calls the problem.
        options: how the design was made, for the record.
        fixed: switches that all points have.
        steps: places in which links are cut, of a design of villages in steps.
        together: how many neighbouring points are arms of one row of a sample; these share their seeds always.
    """

    factors: tuple[Factor, ...]
    rows: tuple[Row, ...]
    problem: dict[str, Any] | None = None
    options: dict[str, Any] = field(default_factory=dict)
    fixed: tuple[tuple[Factor, Value], ...] = ()
    steps: Steps | None = None
    together: int = 1

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(factor.name for factor in self.factors)


def points_of(experiment: Experiment, names: Names) -> Points:
    """The points of an experiment.

    Args:
        names: what the scenario knows, its fixed values laid over.

    Raises:
        InputError: a name, a value or a combination that cannot be; names file, key and mend.
    """
    return _MAKERS[type(experiment.design)](experiment, names)


def _factorial(experiment: Experiment, names: Names) -> Points:
    design = _as(ex.Factorial, experiment)
    levels: dict[Factor, tuple[Value, ...]] = {}
    wanted = design.switches or (() if design.levels else LAYERS)
    for factor in _switches(names, wanted, "design.switches"):
        levels[factor] = (1.0, 0.0)
    for factor, given in _levels(names, design.levels).items():
        if factor in levels:
            mend = "leave it out of design.switches"
            raise InputError("is named twice", file=names.file, key=f"design.levels.{factor.name}", mend=mend)
        levels[factor] = given
    return _crossed(levels, names)


def _grid(experiment: Experiment, names: Names) -> Points:
    return _crossed(_levels(names, _as(ex.Grid, experiment).levels), names)


def _crossed(levels: Mapping[Factor, Sequence[Value]], names: Names) -> Points:
    """Every combination, the first factor's levels the slowest to change."""
    if not levels:
        raise InputError("varies nothing", file=names.file, key="design.levels", mend="name what to vary")
    number = prod(len(given) for given in levels.values())
    if number > MOST_POINTS:
        problem, mend = f"{number} combinations are too many", f"use {MOST_POINTS} or fewer"
        raise InputError(problem, file=names.file, key="design.levels", mend=mend)
    return Points(tuple(levels), tuple(product(*levels.values())))


def _one_at_a_time(experiment: Experiment, names: Names) -> Points:
    levels = _levels(names, _as(ex.OneAtATime, experiment).levels)
    if not levels:
        raise InputError("varies nothing", file=names.file, key="design.levels", mend="name what to vary")
    base = _unnamed(tuple(levels))
    rows = [base]
    for spot, (factor, given) in enumerate(levels.items()):
        rows += [(*base[:spot], value, *base[spot + 1 :]) for value in given if value != base[spot]]
        if factor.sort == "file" and base[spot] is None:
            problem, mend = "is no single value in the scenario", "vary it in a grid"
            raise InputError(problem, file=names.file, key=f"design.levels.{factor.name}", mend=mend)
    return Points(tuple(levels), tuple(rows))


def _listed(experiment: Experiment, names: Names) -> Points:
    design = _as(ex.Listed, experiment)
    factors, rows = read_list(experiment.path.parent / design.file, names)
    return Points(factors, rows, options={"file": design.file})


def _latin_hypercube(experiment: Experiment, names: Names) -> Points:
    design = _as(ex.LatinHypercube, experiment)
    factors, problem = _problem(design, names, None)
    seed = _sample_seed(design, experiment)
    made = samples.latin_hypercube(problem, design.samples, seed)
    return _of_sample(design, names, factors, made, {"samples": design.samples, "sample_seed": seed})


def _morris(experiment: Experiment, names: Names) -> Points:
    design = _as(ex.Morris, experiment)
    if design.grid_levels % 2:
        what, mend = (
            f"{design.grid_levels} is odd",
            f"use {design.grid_levels + 1}: Morris's step is half the range",
        )
        raise InputError(what, file=names.file, key="design.grid_levels", mend=mend)
    factors, problem = _problem(design, names, design.groups)
    _check_size(samples.size(problem, "morris", design.trajectories), "design.trajectories", names)
    seed = _sample_seed(design, experiment)
    made = samples.morris(problem, design.trajectories, seed, design.grid_levels)
    options = {
        "trajectories": design.trajectories,
        "grid_levels": design.grid_levels,
        "sample_seed": seed,
    }
    return _of_sample(design, names, factors, made, options)


def _sobol(experiment: Experiment, names: Names) -> Points:
    design = _as(ex.Sobol, experiment)
    if design.samples & (design.samples - 1):
        below = 1 << (design.samples.bit_length() - 1)
        what = f"{design.samples} is no power of 2, and only there Sobol's sequence is balanced"
        mend = f"use {below} or {2 * below}"
        raise InputError(what, file=names.file, key="design.samples", mend=mend)
    factors, problem = _problem(design, names, design.groups)
    number = samples.size(problem, "sobol", design.samples, design.second_order)
    _check_size(number, "design.samples", names)
    seed = _sample_seed(design, experiment)
    made = samples.sobol(problem, design.samples, seed, design.second_order)
    options = {"samples": design.samples, "second_order": design.second_order, "sample_seed": seed}
    return _of_sample(design, names, factors, made, options)


def _timing(experiment: Experiment, names: Names) -> Points:
    design = _as(ex.Timing, experiment)
    aspect = TIMINGS[0] if design.turn == "off" else TIMINGS[1]
    strengths = _switches(names, design.switches, "design.switches")
    factors = tuple(names.factor(f"{factor.name}.{aspect}", "design.switches") for factor in strengths)
    years = [names.checked(factors[0], year, "design.years") for year in design.years]
    if len(set(years)) < len(years):
        mend = "name each year once"
        raise InputError("names a year twice", file=names.file, key="design.years", mend=mend)
    rows = tuple((year,) * len(factors) for year in (NEVER, *years))
    fixed = tuple((factor, design.strength) for factor in strengths)
    return Points(factors, rows, options={"turn": design.turn, "strength": design.strength}, fixed=fixed)


def _villages_in_steps(experiment: Experiment, names: Names) -> Points:
    design, file = _as(ex.VillagesInSteps, experiment), names.file
    factors = _switches(names, design.switches, "design.switches")
    for factor in factors:
        if factor.target is None or factor.target.village or factor.target.link:
            mend = "name layers or kinds of links"
            raise InputError(
                f"'{factor.name}' has its place already", file=file, key="design.switches", mend=mend
            )
    villages = _villages(design.villages, names, experiment.header.households)
    steps = design.steps if design.steps is not None else tuple(range(len(villages) + 1))
    for step in steps:
        if step > len(villages):
            problem, mend = f"{step} is too many", f"there are {len(villages)} places"
            raise InputError(problem, file=file, key="design.steps", mend=mend)
    if len(set(steps)) < len(steps) or not steps:
        raise InputError("names none, or one twice", file=file, key="design.steps", mend="name each once")
    targets = tuple(factor.target for factor in factors if factor.target is not None)
    return Points(
        (Factor(VILLAGES_CUT, "villages", 0),),
        tuple((step,) for step in steps),
        options={
            "switches": [factor.name for factor in factors],
            "villages": list(villages),
            "strength": design.strength,
        },
        steps=Steps(targets, villages, design.strength),
    )


_MAKERS: Mapping[type[Any], Callable[[Experiment, Names], Points]] = {
    ex.Factorial: _factorial,
    ex.Grid: _grid,
    ex.OneAtATime: _one_at_a_time,
    ex.Listed: _listed,
    ex.LatinHypercube: _latin_hypercube,
    ex.Morris: _morris,
    ex.Sobol: _sobol,
    ex.Timing: _timing,
    ex.VillagesInSteps: _villages_in_steps,
}


def _as(kind: type[Any], experiment: Experiment) -> Any:
    assert isinstance(experiment.design, kind)
    return experiment.design


def _switches(names: Names, wanted: Iterable[str], key: str) -> list[Factor]:
    """Switches by name, with or without ``switches.`` in front."""
    found = [names.factor(f"switches.{word.removeprefix('switches.')}", key) for word in wanted]
    for number, factor in enumerate(found):
        if factor in found[:number]:
            problem = f"'{factor.name}' is named twice"
            raise InputError(problem, file=names.file, key=key, mend="name each once")
        if factor.aspect != "strength":
            problem = f"'{factor.name}' is a year"
            raise InputError(problem, file=names.file, key=key, mend="leave out what follows the switch")
    return found


def _levels(names: Names, content: Mapping[str, Any]) -> dict[Factor, tuple[Value, ...]]:
    """Levels by factor, each level checked."""
    found: dict[Factor, tuple[Value, ...]] = {}
    for name, given, key in leaves(content, "design.levels"):
        factor = names.factor(name, key)
        if factor in found:
            mend = "keep one of them"
            raise InputError("is named twice", file=names.file, key=key, mend=mend)
        raw = _spread(given, key, names.file) if isinstance(given, Mapping) else given
        if not isinstance(raw, tuple) or not raw:
            mend = "write a list of levels, or { from = …, to = …, steps = … }"
            raise InputError("is no list of levels", file=names.file, key=key, mend=mend)
        levels = tuple(names.checked(factor, value, key) for value in raw)
        twice = [level for i, level in enumerate(levels) if level in levels[:i]]
        if twice:
            problem = f"the level {twice[0]!r} stands twice"
            raise InputError(problem, file=names.file, key=key, mend="name each once")
        found[factor] = levels
    return found


def _spread(given: Mapping[str, Any], key: str, file: str) -> tuple[float, ...]:
    """Levels at equal distances, both ends among them."""
    missing = sorted(RANGE - set(given))
    if missing:
        raise InputError(f"has no '{missing[0]}'", file=file, key=key, mend=f"add {missing[0]} = …")
    ends = [given["from"], given["to"]]
    if not all(isinstance(end, int | float) and not isinstance(end, bool) for end in ends):
        raise InputError("goes between no numbers", file=file, key=key, mend="give numbers")
    steps = given["steps"]
    if isinstance(steps, bool) or not isinstance(steps, int) or not 2 <= steps <= MOST_POINTS:
        raise InputError(f"cannot have {steps!r} steps", file=file, key=key, mend="give 2 or more")
    return tuple(float(level) for level in np.linspace(ends[0], ends[1], steps))


def _problem(
    design: ex.Sampled, names: Names, groups: Mapping[str, Any] | str | None
) -> tuple[list[Factor], dict[str, Any]]:
    factors = samples.sampled_factors(names, design.vary, "design.vary")
    if isinstance(groups, str) and groups != samples.BY_MECHANISM:
        problem, mend = (
            f"cannot be '{groups}'",
            f'write "{samples.BY_MECHANISM}", or a table of lists of names',
        )
        raise InputError(problem, file=names.file, key="design.groups", mend=mend)
    named = groups if isinstance(groups, Mapping) else {}
    for group, members in named.items():
        if not isinstance(members, tuple) or not all(isinstance(member, str) for member in members):
            mend = "write a list of names"
            raise InputError("is no list of names", file=names.file, key=f"design.groups.{group}", mend=mend)
    bounds = _bounds(design.bounds, factors, names)
    return factors, samples.problem_of(factors, bounds, groups, file=names.file)


def _bounds(
    content: Mapping[str, Any], factors: Sequence[Factor], names: Names
) -> dict[str, tuple[float, float]]:
    """Narrower bounds, each within those of its parameter."""
    varied = {factor.name: factor for factor in factors}
    found: dict[str, tuple[float, float]] = {}
    for name, given, key in leaves(content, "design.bounds"):
        bare = name.removeprefix("parameters.")
        if bare not in varied:
            mend = nearest(bare, varied)
            raise InputError("is not varied", file=names.file, key=key, mend=mend)
        if not isinstance(given, tuple) or len(given) != 2:
            raise InputError("is no pair of bounds", file=names.file, key=key, mend="write [low, high]")
        low, high = (float(names.checked(varied[bare], end, key)) for end in given)
        if not low < high:
            raise InputError("bounds do not rise", file=names.file, key=key, mend="write [low, high]")
        found[bare] = (low, high)
    return found


def _of_sample(
    design: ex.Sampled, names: Names, factors: Sequence[Factor], made: samples.Sample, options: dict[str, Any]
) -> Points:
    """The points of a sample: each of its rows under each table of ``each``, side by side."""
    further, tables = _each(design, names, factors)
    _check_size(len(made.values) * len(tables), "design.each", names)
    rows = tuple((*row, *table) for row in made.values.tolist() for table in tables)
    said = [{f.name: v for f, v in zip(further, table, strict=True)} for table in tables]
    options = {**options, "each": said}
    return Points((*factors, *further), rows, made.problem, options, together=len(tables))


def _each(
    design: ex.Sampled, names: Names, sampled: Sequence[Factor]
) -> tuple[tuple[Factor, ...], tuple[Row, ...]]:
    """What the tables of ``each`` name, and a row of values for each of them; one empty row where there are none."""
    file = names.file
    tables: list[dict[Factor, Value]] = []
    for number, content in enumerate(design.each, 1):
        table: dict[Factor, Value] = {}
        for name, value, key in leaves(content, f"design.each.{number}"):
            factor = names.factor(name, key)
            if factor in sampled or factor in table:
                raise InputError("is varied already", file=file, key=key, mend="leave it out")
            table[factor] = names.checked(factor, value, key)
        tables.append(table)
    further = tuple(dict.fromkeys(factor for table in tables for factor in table))
    stays = dict(zip((*sampled, *further), _unnamed((*sampled, *further)), strict=True))
    rows = tuple(tuple(table.get(factor, stays[factor]) for factor in further) for table in tables)
    for number, row in enumerate(rows, 1):
        if row in rows[: number - 1]:
            mend = "leave out one"
            raise InputError("is the same as one before", file=file, key=f"design.each.{number}", mend=mend)
    return further, rows or ((),)


def _unnamed(factors: Sequence[Factor]) -> Row:
    """What a point has of each factor that it does not name.

    The strength and the year of one switch act together: a year that is "never" would undo a strength, and a strength
    of 1 a year. So of a switch that has a year, what is not named says nothing.
    """
    timed = {factor.target for factor in factors if factor.aspect in TIMINGS}
    return tuple(None if factor.target in timed else factor.base for factor in factors)


def _sample_seed(design: ex.Sampled, experiment: Experiment) -> int:
    return experiment.header.seed if design.sample_seed is None else design.sample_seed


def _check_size(number: int, key: str, names: Names) -> None:
    if number > MOST_POINTS:
        problem, mend = f"{number} points are too many", f"use {MOST_POINTS} or fewer"
        raise InputError(problem, file=names.file, key=key, mend=mend)


def _villages(given: tuple[str, ...] | str, names: Names, households: int | None) -> tuple[str, ...]:
    """Places in the order given; a selector's in the scenario's order, as far as they are simulated at this size."""
    scenario, words = names.scenario, (given,) if isinstance(given, str) else given
    known = (*SELECTORS, *scenario.place_kinds, *scenario.village_names)
    there = places_of(scenario, households)
    for word in words:
        if word not in known:
            mend = nearest(word, known)
            raise InputError(f"there is no place '{word}'", file=names.file, key="design.villages", mend=mend)
        if word in scenario.village_names and word not in there:
            raise nobody_in(word, names.file, "design.villages")
    rows = dict.fromkeys(row for word in words for row in scenario.selected(word))
    return tuple(name for name in (scenario.village_names[row] for row in rows) if name in there)


def places_of(scenario: Scenario, households: int | None) -> frozenset[str]:
    """Places that have households at a size; a small world leaves some out."""
    numbers = households_by_place(scenario, households)
    return frozenset(name for name, n in zip(scenario.village_names, numbers, strict=True) if n)


def nobody_in(village: str, file: str, key: str) -> InputError:
    """What to say of a switch in a place that a run leaves out: its levels would all be one run."""
    mend = "use more households, or name another place"
    return InputError(f"'{village}' has no households at this size", file=file, key=key, mend=mend)
