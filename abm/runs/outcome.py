"""The model as a function: named parameters and a seed in, named outcomes out.

It serves whoever calls models: ``SALib`` (``rows``), ``pyabc`` (the function itself), ``mesa.batch_run``
(``MesaFunction``), an optimiser, a notebook.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import mesa
import numpy as np
from numpy.typing import ArrayLike, NDArray

from abm.core.draws import fresh_seed
from abm.core.errors import InputError, nearest
from abm.core.names import POPULATIONS
from abm.model import plan
from abm.records.schema import MEASURE_COLUMNS
from abm.runs.design import RunSpec, run_spec_of
from abm.runs.factors import Factor, Names, Value
from abm.runs.laying import lay
from abm.runs.simulate import run_spec
from abm.scenario.schema import Scenario

OUTCOMES = ("gini", "headcount_anchored_60", "mean_income")
MEAN_OF = 5
"""Years that an outcome is the mean of, the run's last."""


@dataclass(frozen=True)
class ModelFunction:
    """``simulate(parameters, seed)``; made by ``model_function``. It pickles, and holds no state.

    Args:
        name: the scenario's, or its path.
        scenario: read and checked.
        factors: what it takes, in the order of an array's columns.
        outcomes: what it gives: ``measure`` or ``population.measure``.
        households, years: size of the runs.
        mean_of: how many of the last years an outcome is the mean of.
        base: values that stay, by factor.
        budget: what becomes of a masked programme's money.
        cache: whether burn-ins are kept.
    """

    name: str
    scenario: Scenario = field(repr=False)
    factors: tuple[Factor, ...]
    outcomes: tuple[str, ...]
    households: int | None
    years: int | None
    mean_of: int
    base: tuple[tuple[Factor, Value], ...]
    budget: str | None
    cache: bool

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters, in the order of an array's columns."""
        return tuple(factor.name for factor in self.factors)

    def __call__(
        self, parameters: Mapping[str, object] | ArrayLike | None = None, seed: int | None = None
    ) -> dict[str, float]:
        """Run once.

        Args:
            parameters: values by name, any of ``names``, or an array of all, in that order; those that are not given
                stay as the scenario has them.
            seed: the run's own seed; None: a fresh one.

        Raises:
            InputError: an unknown name, a value out of bounds, or an array of another length.
        """
        spec = self._spec(self._values(parameters), fresh_seed() if seed is None else seed)
        table = run_spec(spec).outcomes
        late = table[table["year"] > table["year"].max() - self.mean_of]
        found = {}
        for outcome in self.outcomes:
            population, measure = _parted(outcome)
            found[outcome] = float(late.loc[late["population"] == population, measure].mean())
        return found

    def rows(self, sample: ArrayLike, seed: int | None = None) -> NDArray[np.float64]:
        """Outcomes of a sample, in SALib's form.

        Args:
            sample: one row a point, one column a name.
            seed: of all runs; None: a fresh one for each.

        Returns:
            One row a point, one column an outcome; a single outcome without its column.
        """
        rows = np.atleast_2d(np.asarray(sample, dtype=float))
        made = np.array([list(self(row, seed).values()) for row in rows])
        return made[:, 0] if len(self.outcomes) == 1 else made

    def _values(self, parameters: Mapping[str, object] | ArrayLike | None) -> list[tuple[Factor, Value]]:
        names = Names(self.scenario, "")
        if parameters is None:
            return []
        if isinstance(parameters, Mapping):
            known = {factor.name: factor for factor in self.factors}
            given: dict[str, object] = {}
            for name, value in parameters.items():
                bare = name.removeprefix("parameters.")
                if bare not in known:
                    mend = nearest(bare, known)
                    raise InputError("the function does not take this", key=name, mend=mend)
                given[bare] = value
            pairs = [(known[name], value) for name, value in given.items()]
        else:
            row = np.asarray(parameters, dtype=float).ravel()
            if len(row) != len(self.factors):
                mend = f"give {len(self.factors)}, in the order of names"
                raise InputError(f"has {len(row)} values", key="parameters", mend=mend)
            pairs = list(zip(self.factors, row.tolist(), strict=True))
        return [(factor, names.checked(factor, value, factor.name)) for factor, value in pairs]

    def _spec(self, values: Sequence[tuple[Factor, Value]], seed: int) -> RunSpec:
        named = {factor.name for factor, _ in values}
        every = [*((factor, value) for factor, value in self.base if factor.name not in named), *values]
        other = {f.name: v for f, v in every if f.sort == "file" and v != f.base}
        scenario = plan.load_scenario(self.name, other) if other else self.scenario
        point = lay(scenario, every)
        spec = run_spec_of(
            scenario,
            seed=seed,
            arm=point.arm,
            budget=point.budget or self.budget,
            households=self.households,
            years=self.years,
            cache=self.cache,
        )
        return replace(spec, parameters=point.over())


def model_function(
    scenario: str | Path = "t_district",
    parameters: Iterable[str] = (),
    outcomes: Iterable[str] = OUTCOMES,
    *,
    households: int | None = None,
    years: int | None = None,
    mean_of: int = MEAN_OF,
    base: Mapping[str, object] | None = None,
    budget: str | None = None,
    cache: bool = True,
) -> ModelFunction:
    """A function ``simulate(parameters, seed)`` of a scenario.

    Args:
        scenario: name or path.
        parameters: dotted names of what it takes, as in experiments' files: parameters, switches, budget, question.
        outcomes: columns of the table ``outcomes``, with a population in front where it is not ``all``:
            ``"rural.mean_income"``.
        households, years: as in ``abm.simulate``.
        mean_of: how many of the last years an outcome is the mean of.
        base: further names and the values that they have in all runs.
        budget: ``neutral`` or ``withheld``; None: as the scenario says.
        cache: keep burn-ins and use those that are kept.

    Raises:
        InputError: a name, value or number that cannot be.
    """
    read = plan.load_scenario(scenario)
    names = Names(read, "")
    given = tuple(names.factor(name, name) for name in parameters)
    if len(set(given)) < len(given):
        raise InputError("names one twice", key="parameters", mend="name each once")
    fixed = {names.factor(name, name): value for name, value in (base or {}).items()}
    kept = tuple((factor, names.checked(factor, value, factor.name)) for factor, value in fixed.items())
    wanted = tuple(outcomes)
    if not wanted:
        raise InputError("names none", key="outcomes", mend="name columns of the table outcomes")
    for outcome in wanted:
        population, measure = _parted(outcome)
        if population not in POPULATIONS:
            mend = nearest(population, POPULATIONS)
            raise InputError(f"there is no population '{population}'", key="outcomes", mend=mend)
        if measure not in MEASURE_COLUMNS:
            mend = nearest(measure, MEASURE_COLUMNS)
            raise InputError(f"there is no measure '{measure}'", key="outcomes", mend=mend)
    if mean_of < 1:
        raise InputError(f"{mean_of} is too few", key="mean_of", mend="use 1 or more")
    made = ModelFunction(str(scenario), read, given, wanted, households, years, mean_of, kept, budget, cache)
    made._spec([], 0)  # size and budget are refused here, not in the first run
    return made


class MesaFunction(mesa.Model):
    """A model function as a Mesa model of one step, for ``mesa.batch_run``.

    Args:
        function: made by ``model_function``.
        rng: the run's own seed; None: a fresh one.
        parameters: values by name.

    ``datacollector`` collects the outcomes.
    """

    def __init__(self, function: ModelFunction, rng: int | None = None, **parameters: object) -> None:
        own = fresh_seed() if rng is None else int(rng)
        super().__init__(rng=own & 0xFFFFFFFF)  # Mesa's own generator draws nothing here
        self.function, self.own_seed, self.parameters = function, own, parameters
        self.found: dict[str, float] = {}
        self.datacollector = mesa.DataCollector(
            model_reporters={name: partial(_found, name) for name in function.outcomes}
        )
        self.running = True

    def step(self) -> None:
        """Run the function once, and be done."""
        self.found = self.function(self.parameters, self.own_seed)
        self.datacollector.collect(self)
        self.running = False


def _found(name: str, model: MesaFunction) -> Any:
    return model.found[name]


def _parted(outcome: str) -> tuple[str, str]:
    population, dot, measure = outcome.partition(".")
    return (population, measure) if dot else (POPULATIONS[0], outcome)
