"""``JointPointModel``: a scenario as a Mesa model."""

from collections.abc import Mapping
from functools import partial
from operator import index as whole_number
from pathlib import Path
from time import perf_counter
from typing import Any

import mesa
import numpy as np

from abm.agents.household import Household
from abm.core.draws import Luck, fresh_seed
from abm.core.errors import InputError
from abm.core.names import BUDGETS, LAYERS
from abm.core.phases import PHASE_NAMES
from abm.model.burn_in import adopt, eve_of
from abm.model.letting_go import forget
from abm.model.plan import check_added, check_arm, check_last_year, check_scenario, load_scenario, settings
from abm.model.ticks import run_tick
from abm.records.schema import MEASURE_COLUMNS
from abm.scenario.schema import Scenario
from abm.scenario.switches import Arm, Switch


class JointPointModel(mesa.Model):
    """Integrative governance (融合治理) of a district: households and institutions tied by joint-points (接点).

    Args:
        scenario: name, path, or a loaded ``Scenario``.
        households: how many to simulate, at least 200; None: as many as the district has.
        years: calendar years from the scenario's first; None: to its last.
        organizational, interest, social: True, False, or a strength in 0–1, from the first tick.
        views: make a ``Household`` agent for every row (leave out in batches).
        rng: seed, a whole number of at least 0; None draws a fresh one, kept in ``seed``.
        arm: the layers' strengths with a question and a year, instead of the three arguments above.
        budget: ``neutral`` or ``withheld``; None: as the scenario says.
        snapshots: record a row per household and year.
        profile: measure seconds by phase, in ``phase_seconds``.
        journal: keep every transfer in ``world.ledger.journal``, from the first of the burn-in on (for proofs;
            memory grows).
        luck: draws to use instead of those of the seed (for proofs).
        cache: keep the burn-in and use one that is kept (``abm.model.cache``); the results are the same.

    Raises:
        InputError: an argument or scenario that makes no sense.

    The scenario's burn-in is done when the model is made: the first step is the first tick of ``start_year``.
    ``datacollector`` collects each tick the measures of ``outcomes`` for the whole district: those of the last
    full year, NaN before the first has ended.
    """

    def __init__(
        self,
        scenario: str | Path | Scenario = "t_district",
        households: int | None = None,
        years: int | None = None,
        organizational: bool | float = True,
        interest: bool | float = True,
        social: bool | float = True,
        views: bool = True,
        rng: Any = None,
        *,
        arm: Arm | None = None,
        budget: str | None = None,
        snapshots: bool = False,
        profile: bool = False,
        journal: bool = False,
        luck: Luck | None = None,
        cache: bool = True,
    ) -> None:
        seed = _seed(rng)
        super().__init__(rng=seed & 0xFFFFFFFF)  # Mesa's own generator draws nothing here
        self.seed = seed
        strengths: dict[str, Any] = {
            layer: _strength(layer, strength)
            for layer, strength in zip(LAYERS, (organizational, interest, social), strict=True)
        }
        self.arm = Arm(**strengths) if arm is None else _arm(arm, strengths)
        case = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
        check_scenario(case)
        check_arm(case, self.arm)
        budget = budget or case.scenario.budget
        if budget not in BUDGETS:
            raise InputError(f"there is no budget '{budget}'", key="budget", mend="use neutral or withheld")
        chosen = settings(case)
        self._last_year = last_year = _last_year(case, years)
        households = households if households is None else _whole("households", households)
        eve = eve_of(case, chosen, seed, households=households, luck=luck, journal=journal, keep=cache)
        self.world, self.mechanisms, self.recorder = eve.world, eve.mechanisms, eve.recorder
        adopt(eve, self, case, chosen, self.arm, budget, snapshots)
        years_in_all = case.burn_in + last_year - case.start_year + 1
        self._last_tick = years_in_all * case.scenario.ticks_per_year - 1
        self.profile = profile
        self.phase_seconds: dict[str, float] = dict.fromkeys((*PHASE_NAMES, "measuring"), 0.0)
        self.running = True
        if views:
            for row in range(len(self.world.households)):
                Household(self, self.world, row)
        self.datacollector = mesa.DataCollector(
            model_reporters={name: partial(_latest, name) for name in MEASURE_COLUMNS}
        )

    @property
    def graph(self) -> Any:
        """The live joint-point graph of institutions, a ``networkx.MultiDiGraph`` of active links."""
        return self.world.points.graph

    @property
    def year(self) -> int:
        """Calendar year of the last tick; the first year before there is one."""
        return self.world.plan_year

    def graph_with_households(self) -> Any:
        """The whole graph as networkx, households and their ties included; for small worlds and export."""
        return self.world.points.with_households()

    def break_points(self, *, institutions: bool = False, households: bool = False) -> list[Any]:
        """断点: whose path to which resource has no active link now; per village, and on request each institution and
        household."""
        return self.world.points.break_points(institutions=institutions, households=households)

    def switch(
        self,
        layer: str | None = None,
        kind: str | None = None,
        village: str | None = None,
        link: str | None = None,
        strength: float = 0.0,
        year: int | None = None,
    ) -> None:
        """Mask links from a year on (None: from now on); strength 1 lifts nothing, 0 cuts all that is named.

        Raises:
            InputError: a layer, kind, link or village that there is not (in a world of this size), two of which no
                link is both, a year that is not of this run, or a strength outside 0 to 1.
        """
        scenario, strength = self.world.scenario, float(_strength("strength", strength))
        if year is not None:
            first, last = scenario.start_year, self._last_year
            if not first <= (year := _whole("year", year)) <= last:
                raise InputError(f"{year} is no year of this run", key="year", mend=f"use {first} to {last}")
        for key, name in (("layer", layer), ("kind", kind), ("village", village), ("link", link)):
            if not isinstance(name, str | None):
                raise InputError(f"{name!r} is no name", key=key, mend="give a text")
        added = Switch(layer=layer, kind=kind, village=village, link=link, strength=strength, from_year=year)
        check_added(scenario, added, "switch")
        if village is not None and village not in self.world.place_names:
            mend = "take more households, or another place"
            raise InputError(f"'{village}' has no households in this run", key="switch.village", mend=mend)
        self.world.switches.append(added)
        if year is None or year <= self.year:
            self.world.refresh_masks()

    def step(self) -> None:
        """One tick: every phase in order (``abm.core.phases``)."""
        if not self.running:
            return
        run_tick(self.world, self.mechanisms, self.recorder, self._clock)
        self.datacollector.collect(self)
        self.running = self.world.tick < self._last_tick

    def run(self) -> None:
        """Step to the end of the last year."""
        while self.running:
            self.step()

    def close(self) -> None:
        """Drop the world, since Mesa 3.3 keeps every model of a process alive."""
        self.world = None  # type: ignore[assignment]
        self.mechanisms = []
        self.recorder = None  # type: ignore[assignment]
        self.remove_all_agents()
        forget(self)

    def _clock(self, phase: str, began: float) -> None:
        if self.profile:
            self.phase_seconds[phase] += perf_counter() - began


def _latest(name: str, model: JointPointModel) -> float:
    return model.recorder.latest(name)


def _seed(rng: Any) -> int:
    seed = fresh_seed() if rng is None else _whole("rng", rng)
    if not 0 <= seed < 2**63:  # it fits the column of the results
        raise InputError(
            f"{seed} is out of bounds", key="seed", mend="give a whole number from 0 to 2**63 - 1"
        )
    return seed


def _whole(key: str, value: Any) -> int:
    try:
        if not isinstance(value, bool):
            return whole_number(value)
    except TypeError:
        pass
    raise InputError(f"{value!r} is no whole number", key=key, mend="give a whole number, or None")


def _strength(key: str, value: Any) -> bool | float:
    number = value.item() if isinstance(value, np.generic) else value
    if isinstance(number, bool | int | float) and 0.0 <= float(number) <= 1.0:
        return number
    raise InputError(f"{value!r} is no strength", key=key, mend="give True, False or a number from 0 to 1")


def _arm(arm: Any, strengths: Mapping[str, bool | float]) -> Arm:
    """An arm that is given instead of strengths."""
    if not isinstance(arm, Arm):
        raise InputError(f"{arm!r} is no arm", key="arm", mend="give an Arm (abm.scenario.switches)")
    for layer, strength in strengths.items():
        if strength != 1:
            mend = f"say it within the arm: Arm({layer}={strength!r})"
            raise InputError("stands beside an arm, which would count alone", key=layer, mend=mend)
    return arm


def _last_year(scenario: Scenario, years: int | None) -> int:
    if years is None:
        return scenario.end_year
    years = _whole("years", years)
    if years < 1:
        raise InputError(f"{years} is too few", key="years", mend="use 1 or more")
    check_last_year(scenario, years, "years")
    return scenario.start_year + years - 1
