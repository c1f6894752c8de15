"""The small world that a scenario is put to the laws in."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from abm.core.draws import Luck
from abm.core.errors import InputError
from abm.laws.watching import Hidden, Parting, Trace, first_parting, trace
from abm.model.model import JointPointModel
from abm.model.plan import check_scenario, load_scenario, mechanism_classes
from abm.population.synthesis import households_by_place
from abm.scenario.load import read_scenario
from abm.scenario.schema import JointPointPlan, Programme, Scenario
from abm.scenario.switches import ALL_ON, Arm, Switch

HARD_TIMES = {"synthesis.savings_years": 0.5, "credit.limit": 0.0, "ties.kin_chance": 0.1}
"""Small savings, no credit and few kin: then households in need ask for help, and money passes all layers."""
LEAST_SHARE = 0.5
"""Share of households or firms that each plan ties at least, so that few households have links of every kind."""
YEARS = 4
"""The first by the plans of the start, the second with all plans, the third and fourth after the switch."""


@dataclass
class Trial:
    """A scenario made small, and how to run it.

    Args:
        scenario: as ``small`` returns it.
        households, years, seed: of each run.
    """

    scenario: Scenario
    households: int = 300
    years: int = YEARS
    seed: int = 1

    @property
    def switch_year(self) -> int:
        return self.scenario.switch_year

    def model(
        self,
        scenario: Scenario | None = None,
        *,
        arm: Arm = ALL_ON,
        years: int | None = None,
        budget: str | None = None,
        journal: bool = False,
        luck: Luck | None = None,
    ) -> JointPointModel:
        """A model at the eve of its first tick; what is not named is that of the trial."""
        return JointPointModel(
            scenario or self.scenario,
            households=self.households,
            years=years or self.years,
            views=False,
            rng=self.seed,
            arm=arm,
            budget=budget,
            snapshots=True,
            journal=journal,
            luck=luck,
            cache=False,
        )

    def of(self, scenario: Scenario) -> "Trial":
        """The same trial of another scenario."""
        return replace(self, scenario=scenario)

    @cached_property
    def places(self) -> tuple[str, ...]:
        """Names of the places that are simulated."""
        model = self.model()
        names = model.world.place_names
        model.close()
        return names

    @cached_property
    def plain(self) -> Trace:
        """The run with everything on, tick by tick."""
        return trace(self.model())

    def parting(
        self,
        scenario: Scenario | None = None,
        *,
        hidden: Hidden | None = None,
        until: int | None = None,
        **arguments: Any,
    ) -> Parting | None:
        """Where a run parts from the one with everything on; arguments as for ``model``."""
        return first_parting(
            self.model,
            lambda: self.model(scenario, **arguments),
            hidden=hidden or Hidden(),
            until=until,
            known=self.plain,
        )


def trial_of(
    name: str | Path, mechanisms: Iterable[str] = (), *, households: int = 300, seed: int = 1
) -> Trial:
    """A scenario, with further mechanisms at the end of its list, as a trial.

    Raises:
        InputError: no sound scenario, or too few years or households for the laws.
    """
    read = load_scenario(name)
    scenario = read_scenario(name, _hard_times(read))
    listed = (*scenario.scenario.mechanisms, *mechanisms)
    made = small(with_head(scenario, mechanisms=listed))
    check_scenario(made)
    households_by_place(made, households)  # refuses too few
    return Trial(made, households=households, seed=seed)


def _hard_times(scenario: Scenario) -> dict[str, object]:
    listed = {rule.name: rule for rule in mechanism_classes(scenario)}
    hungry = {"consumption.floor": 4500.0} if "consumption" in listed else {}
    return {**HARD_TIMES, **hungry}


def small(scenario: Scenario) -> Scenario:
    """The scenario without burn-in and switches, and with all its plans and programmes brought forward to its
    second year: then four years show every rule at work."""
    start = scenario.start_year
    if scenario.end_year < start + YEARS - 1:
        raise InputError(
            f"the laws need {YEARS} years, and the scenario has {scenario.end_year - start + 1}",
            file=scenario.file,
            key="scenario.end_year",
            mend="let it end later",
        )
    made = scenario.model_copy(
        update={
            "joint_points": tuple(_soon(plan, start + 1) for plan in scenario.joint_points),
            "programmes": tuple(_paid_soon(programme, start + 1) for programme in scenario.programmes),
            "switches": (),
        }
    )
    return with_head(made, burn_in=0, switch_year=start + 2)


def planned_at_once(scenario: Scenario) -> Scenario:
    """The scenario with all plans and programmes in force from its first tick on."""
    start = scenario.start_year
    return scenario.model_copy(
        update={
            "joint_points": tuple(_soon(plan, start) for plan in scenario.joint_points),
            "programmes": tuple(_paid_soon(programme, start) for programme in scenario.programmes),
        }
    )


def _soon(plan: JointPointPlan, year: int) -> JointPointPlan:
    return plan.model_copy(
        update={"from_year": min(plan.from_year, year), "share": max(plan.share, LEAST_SHARE)}
    )


def _paid_soon(programme: Programme, year: int) -> Programme:
    return programme.model_copy(update={"from_year": min(programme.from_year, year), "to_year": None})


def with_head(scenario: Scenario, **changes: Any) -> Scenario:
    """The scenario with other entries of its table ``scenario``."""
    return scenario.model_copy(update={"scenario": scenario.scenario.model_copy(update=changes)})


def with_switches(scenario: Scenario, *switches: Switch) -> Scenario:
    """The scenario with these switches and no others."""
    return scenario.model_copy(update={"switches": switches})


def without_plans(scenario: Scenario, kinds: Iterable[str]) -> Scenario:
    """The scenario in which links of these kinds never form; their programmes stay."""
    gone = frozenset(kinds)
    plans = tuple(plan for plan in scenario.joint_points if plan.kind not in gone)
    return scenario.model_copy(update={"joint_points": plans})


@contextmanager
def standing_in(module: Any, name: str, other: Any) -> Iterator[None]:
    """Let another function stand in for one that the building of worlds calls, for a law that asks *what if*."""
    own = getattr(module, name)
    setattr(module, name, other)
    try:
        yield
    finally:
        setattr(module, name, own)
