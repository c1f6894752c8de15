"""Results of an experiment's file as the analyses take them: the points, and one number per point and seed.

A number is a measure's mean over the last five years (or as many as asked for); with *minus* the difference from
the same point and seed of other results, such as the same sample with a layer cut, so that the analyses speak of
the layer's effect; with *effect* the difference between points that a switch alone tells apart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from abm.analysis.arms import comparisons, last_years, measures_of, select
from abm.analysis.observed import observed
from abm.core.errors import InputError, nearest
from abm.runs.results import Results

YEARS = 5
"""How many years are averaged unless told otherwise."""


@dataclass(frozen=True)
class Designed:
    """A design with its outcome.

    Args:
        kind: of the design, as in its file.
        x: one row per point, a column for each name that varies.
        values: one row per point, one column per seed (``observed.observed``).
        measure, population, years: what the numbers are.
        question, budget: of the runs; empty where the design varies them.
        groups: of a sample: each of its parameters and the group that it is in (itself where there are none).
        options: how the design was made.
        contrast: what is subtracted from what; empty: nothing.
    """

    kind: str
    x: pd.DataFrame
    values: pd.DataFrame
    measure: str
    population: str
    years: tuple[int, ...]
    question: str
    budget: str
    groups: Mapping[str, str]
    options: Mapping[str, Any]
    contrast: str = ""

    @property
    def runs(self) -> int:
        """How many numbers there are."""
        return int(self.values.notna().sum().sum())

    def numbers(self, *names: str) -> pd.DataFrame:
        """Some of what varies, as numbers.

        Raises:
            ValueError: a value that is none.
        """
        try:
            return self.x[list(names)].astype(float)
        except (TypeError, ValueError):
            raise ValueError(f"a value of {' or '.join(names)} is no number") from None

    def is_number(self, name: str) -> bool:
        """Whether all values of a name are numbers."""
        return bool(pd.to_numeric(self.x[name], errors="coerce").notna().all())

    @property
    def arms(self) -> list[str]:
        """Names that tell apart the arms that each row of a sample is run under; none where it is run once."""
        each = self.options.get("each") or ()
        return [name for name in dict.fromkeys(name for table in each for name in table) if name in self.x]

    @property
    def sample(self) -> pd.DataFrame:
        """The parameters that a sample draws, as numbers, one row per point.

        Raises:
            InputError: the points are not the whole sample once.
        """
        groups, options = len(set(self.groups.values())), self.options
        expected = {
            "morris": lambda: options["trajectories"] * (groups + 1),
            "sobol": lambda: options["samples"] * ((2 if options.get("second_order") else 1) * groups + 2),
            "latin_hypercube": lambda: options["samples"],
        }[self.kind]()
        if len(self.x) != expected:
            names = [name for name in self.arms if name in self.varying]
            mend = (
                f"name an effect: --effect {names[0]}" if names else "take the whole sample: leave --at out"
            )
            raise InputError(f"{len(self.x)} points are not the {expected} of the sample", mend=mend)
        return self.numbers(*self.groups)

    @property
    def varying(self) -> list[str]:
        """The names that take more than one value."""
        return [name for name in self.x.columns if self.x[name].nunique(dropna=False) > 1]


def designs_of(
    results: Results,
    measure: str = "gini",
    population: str = "all",
    *,
    length: int = YEARS,
    minus: Results | None = None,
) -> list[Designed]:
    """What a results folder holds of a measure, once for each question and budget.

    Args:
        length: how many of the last years are averaged.
        minus: results of the same points on the same seeds that are subtracted.

    Raises:
        InputError: no experiment's file made the results, there is no such measure or population, or what is
        subtracted
            has other points or seeds.
    """
    design = _design(results)
    outcomes = results.outcomes
    for column, word in (("outcomes", measure), ("population", population)):
        known = list(outcomes.columns) if column == "outcomes" else list(outcomes["population"].unique())
        if word not in known or (column == "outcomes" and not _is_measure(outcomes, word)):
            raise InputError(
                f"holds no {column.rstrip('s')} '{word}'", file=results.folder, mend=nearest(word, known)
            )
    years = last_years(results.manifest, outcomes, length)
    varied = {"budget", "question"} & set(design["names"])
    pairs = [("", "")] if varied else comparisons(outcomes)
    found = []
    for question, budget in pairs:
        values = _values(results, measure, population, years, question, budget)
        if minus is not None:
            values = _difference(results, values, minus, (measure, population, years, question, budget))
        found.append(
            Designed(
                kind=design["kind"],
                x=pd.DataFrame(design["points"], columns=design["names"]).rename_axis("point"),
                values=values,
                measure=measure,
                population=population,
                years=years,
                question=question,
                budget=budget,
                groups=_groups(design),
                options=design["options"],
                contrast="" if minus is None else f"{results.folder.name} − {minus.folder.name}",
            )
        )
    return found


def effect_of(found: Designed, switch: str) -> Designed:
    """What a switch does at each point: on minus off, within seeds; of words, the first that the design has minus
    the other.

    The points that are left are those of everything else that the design varies.

    Raises:
        InputError: the switch is not among what varies, or takes other than two values.
    """
    if switch not in found.varying:
        raise InputError(f"does not vary '{switch}'", key="--effect", mend=nearest(switch, found.varying))
    if found.x[switch].nunique() != 2:
        problem = f"'{switch}' has {found.x[switch].nunique()} values"
        raise InputError(problem, key="--effect", mend="choose one with two, on and off")
    others = [name for name in found.x.columns if name != switch]
    values_met = list(dict.fromkeys(found.x[switch]))
    on, off = sorted(values_met, reverse=True) if found.is_number(switch) else values_met
    at = {}
    for value in (on, off):
        rows = found.x.loc[found.x[switch] == value, others].astype(str)
        # a sample may hold a point twice: the first goes with the first
        keys = rows.assign(**{"": rows.groupby(others).cumcount() if others else 0})
        at[value] = {tuple(key): point for point, key in zip(keys.index, keys.to_numpy(), strict=True)}
    pairs = [(point, at[off][key]) for key, point in at[on].items() if key in at[off]]
    first, second = ([pair[side] for pair in pairs] for side in (0, 1))
    _check_same_luck(found.values, pairs)
    values = pd.DataFrame(
        found.values.loc[first].to_numpy() - found.values.loc[second].to_numpy(),
        index=pd.Index(first, name="point"),
        columns=found.values.columns,
    )
    values.attrs = dict(found.values.attrs)
    return replace(
        found, x=found.x.loc[first, others], values=values, contrast=f"{switch}: {_shown(on)} − {_shown(off)}"
    )


def _check_same_luck(values: pd.DataFrame, pairs: Sequence[tuple[int, int]]) -> None:
    seeds = values.attrs.get("seeds") or {}
    for on, off in pairs if seeds else ():
        both = [slot for slot in values.columns if (on, slot) in seeds and (off, slot) in seeds]
        if any(seeds[on, slot] != seeds[off, slot] for slot in both):
            mend = 'run it with seeds = "same", or the arms of a sample by each = [...]'
            raise InputError("the two sides of the effect have seeds of their own", key="--effect", mend=mend)


def at_values(found: Designed, fixed: Mapping[str, str]) -> Designed:
    """The points at which some names have the values given, as text.

    Raises:
        InputError: a name that does not vary, or a value that no point has.
    """
    for name, text in fixed.items():
        if name not in found.varying:
            raise InputError(f"does not vary '{name}'", key="--at", mend=nearest(name, found.varying))
        here = found.x[name].map(lambda value, text=text: _same(value, text))
        if not here.any():
            known = [str(value) for value in found.x[name].unique()]
            raise InputError(f"'{name}' is never {text}", key="--at", mend=nearest(text, known))
        values = found.values[here.to_numpy()]
        values.attrs = dict(found.values.attrs)
        found = replace(found, x=found.x[here], values=values)
    return found


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def _same(value: object, text: str) -> bool:
    if str(value) == text:
        return True
    try:
        return float(text) == float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False


def _design(results: Results) -> Mapping[str, Any]:
    design: Mapping[str, Any] | None = results.manifest.get("design")
    if design is None:
        mend = "name the results of 'abm batch'; those of a factorial are for 'abm report'"
        raise InputError("was made without an experiment's file", file=results.folder, mend=mend)
    return design


def _is_measure(outcomes: pd.DataFrame, name: str) -> bool:
    return name in measures_of(outcomes) and bool(np.issubdtype(outcomes[name].dtype, np.number))


def _groups(design: Mapping[str, Any]) -> dict[str, str]:
    problem = design.get("problem") or {}
    return dict(zip(problem.get("names", ()), problem.get("groups") or problem.get("names", ()), strict=True))


def _values(
    results: Results, measure: str, population: str, years: tuple[int, ...], question: str, budget: str
) -> pd.DataFrame:
    outcomes = select(results.outcomes, question, budget) if question else results.outcomes
    return observed(outcomes, _points(results), measure, years, population)


def _points(results: Results) -> pd.DataFrame:
    """The points with the place of each run among its point's, where the manifest tells it."""
    runs = [run for run in results.manifest.get("runs", ()) if "replication" in run]
    if not runs:
        return results.points
    most = max(run["replication"] for run in runs) + 1
    slots = {run["run_id"]: run["draw"] * most + run["replication"] for run in runs}
    return results.points.assign(slot=lambda points: points["run_id"].map(slots))


def _difference(
    results: Results, values: pd.DataFrame, minus: Results, what: tuple[Any, ...]
) -> pd.DataFrame:
    mine, other = _design(results), _design(minus)
    if (mine["names"], mine["points"]) != (other["names"], other["points"]):
        mend = "make both from the same design with the same sample_seed"
        raise InputError(
            f"has other points than {results.folder}", file=minus.folder, key="--minus", mend=mend
        )
    measure, population, years, question, budget = what
    apart = _values(minus, measure, population, years, question, budget)
    if list(apart.columns) != list(values.columns) or not values.attrs["common"]:
        mend = 'make both with the same seed and replications, and seeds = "same"'
        raise InputError(
            f"has other seeds than {results.folder}", file=minus.folder, key="--minus", mend=mend
        )
    found = values - apart
    found.attrs = dict(values.attrs)
    return found
