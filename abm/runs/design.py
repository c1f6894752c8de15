"""What to run: one run's full description, and the designs that list many of them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from abm.core.draws import Draws, name_key, replication_seed
from abm.core.errors import InputError, nearest
from abm.core.names import BUDGETS, LAYERS, QUESTIONS
from abm.model import plan
from abm.population.synthesis import SMALLEST
from abm.records.schema import RunKey
from abm.runs.posterior import Posterior, posterior_of
from abm.scenario.load import hash_of_content
from abm.scenario.overlay import BY_SETTING
from abm.scenario.schema import ParameterValue, Scenario, is_file_key
from abm.scenario.switches import ALL_ON, Arm, eight_arms

MOST = 2**63 - 1  # what a column of whole numbers holds
DRAWN_OWNERS = frozenset({"ties", "capital"})
"""Owners beside the layers' mechanisms whose assumed parameters a draw takes from their bounds, fit or no fit."""


@dataclass(frozen=True, eq=False)
class RunSpec:
    """All that one run needs; a worker that gets it needs no other file.

    Args:
        scenario: the scenario, read and checked.
        arm: strength of each layer, the question it asks and the year from which it acts.
        budget: what becomes of money that a masked programme has not spent.
        seed: the run's own seed.
        households: number of households; None: full size.
        years: calendar years from the scenario's first.
        draw: number of the parameter draw; 0: the scenario's own values.
        parameters: values that the draw lays over the scenario, as (owner.name, value).
        replication: which of an experiment's seeds this is, counted from 0.
        snapshots: whether to keep the table of households.
        cache: whether to keep the burn-in and use one that is kept; it decides no result.
        tables: names of the tables to keep; none: all.
    """

    scenario: Scenario = field(repr=False)
    arm: Arm
    budget: str
    seed: int
    households: int | None
    years: int
    draw: int = 0
    parameters: tuple[tuple[str, float], ...] = ()
    replication: int = 0
    snapshots: bool = False
    cache: bool = True
    tables: tuple[str, ...] = ()

    @property
    def question(self) -> str:
        return self.arm.question

    @cached_property
    def run_id(self) -> str:
        """16 hex digits that stand for everything that decides the results, code and libraries apart."""
        what: dict[str, Any] = {
            "scenario": self.scenario.content_hash,
            "strengths": self.arm.strengths,
            "question": self.question,
            "from_year": self.arm.from_year,
            "layer_years": dict(self.arm.years),
            "budget": self.budget,
            "seed": self.seed,
            "draw": self.draw,
            "parameters": dict(self.parameters),
            "households": self.households,
            "years": self.years,
        }
        for name in ("placebo", "villages"):  # left out where there are none: ids of older runs stay
            if getattr(self.arm, name):
                what[name] = getattr(self.arm, name)
        if self.arm.masks:
            what["masks"] = [mask.model_dump(exclude_none=True) for mask in self.arm.masks]
        return sha256(json.dumps(what, sort_keys=True, allow_nan=False).encode()).hexdigest()[:16]

    @property
    def key(self) -> RunKey:
        """The key columns of this run's rows."""
        return RunKey(
            run_id=self.run_id,
            scenario=self.scenario.name,
            arm=self.arm.name,
            question=self.question,
            budget=self.budget,
            draw=self.draw,
            seed=self.seed,
            **{layer: strength > 0 for layer, strength in self.arm.strengths.items()},
        )


def run_spec_of(
    scenario: str | Path | Scenario,
    *,
    seed: int,
    arm: Arm | None = None,
    question: str = "cut",
    budget: str | None = None,
    households: int | None = None,
    years: int | None = None,
    snapshots: bool = False,
    settings: Mapping[str, object] | None = None,
    draw: int = 0,
    cache: bool = True,
) -> RunSpec:
    """The description of a single run; see ``abm.runs.simulate.simulate`` for the arguments.

    Raises:
        InputError: an argument that cannot be, with its mend.
    """
    read = scenario_with(scenario, settings)
    check_word(question, QUESTIONS, "--question")
    arm = replace(ALL_ON, question=question) if arm is None else arm
    plan.check_arm(read, arm)
    budget = read.scenario.budget if budget is None else budget
    check_word(budget, BUDGETS, "--budget")
    check_number(seed, 0, "--seed")
    check_number(draw, 0, "--draws")
    return RunSpec(
        scenario=read,
        arm=arm,
        budget=budget,
        seed=int(seed),
        households=_households(households),
        years=_years(read, years),
        draw=int(draw),
        parameters=drawn_parameters(read, seed, draw, posterior_of(read) if draw else None),
        snapshots=snapshots,
        cache=cache,
    )


def factorial_design(scenario: Scenario, *, question: str = "cut", **options: Any) -> list[RunSpec]:
    """All eight on/off arms of the three layers on the same seeds; ``options`` are those of ``arms_design``.

    Raises:
        InputError: as ``arms_design``.
    """
    check_word(question, QUESTIONS, "--question")
    return arms_design(scenario, eight_arms(question, scenario.switch_year), **options)


def arms_design(
    scenario: Scenario,
    arms: Sequence[Arm],
    *,
    budgets: Sequence[str] = ("neutral",),
    replications: int = 4,
    seed: int = 1,
    households: int | None = None,
    years: int | None = None,
    draws: int = 0,
    cache: bool = True,
) -> list[RunSpec]:
    """Any arms that act from the switch year on, within each draw on the same seeds.

    Args:
        draws: how many parameter draws to run beside the scenario's own values (draw 0). Each has seeds of its own:
            draws that shared them would share their luck, and an interval over draws would leave it out.

    Returns:
        One description per draw, replication, budget and arm, the arms of one seed side by side.

    Raises:
        InputError: an argument that cannot be, or years that end before the switch.
    """
    for arm in arms:
        plan.check_arm(scenario, arm)
    for budget in budgets:
        check_word(budget, BUDGETS, "--budget")
    check_number(replications, 1, "--replications")
    check_number(seed, 0, "--seed")
    check_number(draws, 0, "--draws")
    households, years = _households(households), _years(scenario, years)
    last = scenario.start_year + years - 1
    if last < scenario.switch_year:
        raise InputError(
            f"the runs end in {last}, before the switch year {scenario.switch_year}: all arms would be one",
            key="--years",
            mend=f"use --years {scenario.switch_year - scenario.start_year + 1} or more",
        )
    posterior = posterior_of(scenario) if draws else None
    drawn = [drawn_parameters(scenario, seed, draw, posterior) for draw in range(draws + 1)]
    plan.check_values(scenario, map(dict, drawn))
    return [
        RunSpec(
            scenario=scenario,
            arm=arm,
            budget=budget,
            seed=replication_seed(seed, draw * replications + replication),
            households=households,
            years=years,
            draw=draw,
            parameters=parameters,
            replication=replication,
            cache=cache,
        )
        for draw, parameters in enumerate(drawn)
        for replication in range(replications)
        for budget in budgets
        for arm in arms
    ]


def drawn_parameters(
    scenario: Scenario, seed: int, draw: int, posterior: Posterior | None = None
) -> tuple[tuple[str, float], ...]:
    """Values of the parameters in one draw; none for draw 0.

    Without a posterior: all assumed parameters, uniform within their bounds. With one: the fitted parameters
    jointly from one of its draws; of the others, only the assumed ones of the layers' mechanisms and of ties and
    capital, uniform within their bounds; the rest of the background economy stays as the scenario has it, since
    the fit was made with it.

    A uniform value depends on seed, draw and the parameter's name alone. What papers or other sources give stays
    as it is, and so does what a setting (``--set``) has fixed.
    """
    if draw == 0:
        return ()
    luck = Draws(seed)
    settings = plan.settings(scenario)
    values = dict(posterior.picked(seed, draw)) if posterior else {}
    values = {name: value for name, value in values.items() if settings[name].source != BY_SETTING}
    layers = {m.name for m in plan.mechanism_classes(scenario) if m.layer in LAYERS} | DRAWN_OWNERS
    for name, setting in settings.items():
        if posterior and (name in posterior.names or name.partition(".")[0] not in layers):
            continue
        low, high = setting.parameter.bounds
        if setting.status == "assumed" and setting.source != BY_SETTING and low < high:
            key = np.array([name_key(name)], dtype=np.uint64)
            u = float(luck.uniform("parameters", draw, key)[0])
            values[name] = min(low + u * (high - low), high)
    return tuple(sorted(values.items()))


def scenario_with(scenario: str | Path | Scenario, given: Mapping[str, object] | None) -> Scenario:
    """A scenario by path, name or as it is, with settings laid over it.

    Raises:
        InputError: as ``load_scenario``; and a setting other than a parameter over a scenario that is read
            already, since its file's numbers have been checked together.
    """
    if not isinstance(scenario, Scenario):
        return plan.load_scenario(scenario, dict(given or {}))
    return with_parameters(scenario, given) if given else scenario


def with_parameters(scenario: Scenario, given: Mapping[str, object], *, source: str = BY_SETTING) -> Scenario:
    """A copy of a scenario with other values of some parameters, checked, and with its own content hash."""
    values = {}
    for key, value in given.items():
        name = key.removeprefix("parameters.")
        if is_file_key(name):
            raise InputError(
                "is no parameter, and this scenario is read already",
                key=key,
                mend="give it to load_scenario, or give the scenario by its name",
            )
        if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
            raise InputError(f"must be a number, not {value!r}", key=key, mend="give a number")
        values[name] = ParameterValue.model_construct(value=float(value), source=source, status="assumed")
    changed = scenario.model_copy(update={"parameters": {**scenario.parameters, **values}})
    plan.settings(changed)  # checks names and bounds
    if source == BY_SETTING:
        changed._content_hash = hash_of_content(changed)  # as if the values had been laid over its file
    else:
        said = [scenario.content_hash, sorted((k, v.value) for k, v in values.items())]
        changed._content_hash = sha256(json.dumps(said, allow_nan=False).encode()).hexdigest()
    if changed._sources is not None:
        changed._sources = changed._sources.with_laid(source, {k: v.value for k, v in values.items()})
    return changed


def check_number(value: object, least: int, key: str) -> None:
    """A whole number of at least ``least``, or an ``InputError`` that names the option."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise InputError(f"must be a whole number, not {value!r}", key=key, mend=f"use {least} or more")
    if value > MOST:
        raise InputError(f"{value} is too large", key=key, mend=f"use {MOST} or less")
    if value < least:
        raise InputError(f"{value} is too few", key=key, mend=f"use {least} or more")


def _households(households: int | None) -> int | None:
    if households is None:
        return None
    check_number(households, SMALLEST, "--households")
    return int(households)


def _years(scenario: Scenario, years: int | None) -> int:
    if years is None:
        return scenario.end_year - scenario.start_year + 1
    check_number(years, 1, "--years")
    plan.check_last_year(scenario, int(years), "--years")
    return int(years)


def check_word(word: str, words: Sequence[str], key: str) -> None:
    """One of the known words, or an ``InputError`` that names the option."""
    if word not in words:
        raise InputError(f"there is no '{word}'", key=key, mend=nearest(str(word), words))
