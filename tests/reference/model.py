"""``PlainModel``: the district as a plain Mesa model, household by household.

It starts as a copy of a production world (``mirror.copy_state``); then it goes its own way with ``step``, or is shown
the production's state again before each method of a rule (``watch``). Rules are in ``tests/reference/rules``, one class
each, with methods named after phases, as in production.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import exp, expm1, inf
from types import SimpleNamespace
from typing import Any, ClassVar

import mesa

from abm.core.phases import PHASE_NAMES, YEARLY
from abm.scenario.parameters import Setting, values_of
from abm.scenario.schema import Contract, JointPointPlan, Programme
from abm.world.outside import OutsideWorld
from tests.reference.agents import Firm, Household, Payer, Place, Worker
from tests.reference.dates import Dates
from tests.reference.institutions import Branch, Partner
from tests.reference.known import Known
from tests.reference.ledger import PlainLedger
from tests.reference.luck import Luck
from tests.reference.points import Points


@dataclass(frozen=True)
class Envelope:
    """Programme money for one kind of link, with an account for each place."""

    pays_for: str
    purse: str
    layer: str
    purses: tuple[Payer, ...]
    sources: tuple[tuple[Programme, frozenset[int]], ...]
    """The scenario's programmes, with the rows of the places that each covers."""

    def first_year(self, place: Place) -> float:
        """In which money first comes to a place."""
        years = [programme.from_year for programme, covered in self.sources if place.row in covered]
        return min(years, default=inf)

    def per_head(self, year: int, place: Place) -> float:
        """Yuan a year and person of a place, at base-year trend."""
        return sum(
            programme.per_head
            for programme, covered in self.sources
            if place.row in covered
            and programme.from_year <= year
            and (programme.to_year is None or year <= programme.to_year)
        )


class Rule:
    """One mechanism as its docstring states it.

    Class attributes:
        name: that of the production's mechanism.
        remembers: numbers that it keeps between ticks, by the production's names.
        knows: households that it keeps in mind, likewise, in their order.
    """

    name: ClassVar[str]
    remembers: ClassVar[tuple[str, ...]] = ()
    knows: ClassVar[tuple[str, ...]] = ()

    def __init__(self, model: PlainModel) -> None:
        self.model = model
        self.p = model.parameters[self.name] if self.name in model.parameters else SimpleNamespace()

    def start(self) -> None:
        """Once before the first tick."""

    @classmethod
    def phases(cls) -> tuple[str, ...]:
        """The phases that it acts in, in order."""
        return tuple(phase for phase in PHASE_NAMES if hasattr(cls, phase))


class PlainModel(mesa.Model):
    """A district of agents with a calendar, a ledger and luck.

    Args:
        settings: every parameter of the run.
        outside: wages and prices elsewhere, by year.
        seed: of luck.
        start_year, ticks_per_year: of the calendar.
        first_year: of the scenario; years before it are the burn-in.
        rules: classes of rules, in the order in which they act.
    """

    def __init__(
        self,
        settings: dict[str, Setting],
        outside: OutsideWorld,
        seed: int,
        start_year: int,
        ticks_per_year: int,
        first_year: int,
        rules: Sequence[type[Rule]],
    ) -> None:
        super().__init__(rng=0)  # Mesa's own generator draws nothing here
        owners = {name.partition(".")[0] for name in settings}
        self.parameters = {owner: values_of(settings, owner) for owner in owners}
        self.outside_world, self.luck, self.ledger = outside, Luck(seed), PlainLedger()
        self.start_year, self.ticks_per_year, self.tick = start_year, ticks_per_year, -1
        self.first_year = first_year
        self.households: list[Household] = []
        self.firms: list[Firm] = []
        self.places: list[Place] = []
        self.outside = Payer(self, 0, "outside")
        self.bank = Payer(self, 0, "bank")
        self.government = Payer(self, 0, "government")
        self.programmes: list[Payer] = []
        self.envelopes: list[Envelope] = []
        self.plans: list[tuple[JointPointPlan, frozenset[int]]] = []
        """Joint-points that the scenario plans, with the rows of the places that each covers."""
        self.contract: Contract | None = None
        """What project and village bargain by, of the scenario."""
        self.points = Points(self)
        self.district = Branch(self)
        self.station, self.rural_bank, self.academy = (
            Partner(self, kind) for kind in ("station", "rural_bank", "academy")
        )
        self.budget = "neutral"
        self.urban_household_size = 0.0
        """Persons; of the scenario, by which newcomers come."""
        self.new_rows: dict[str, dict[str, Any]] = {}
        """What the attributes of a new agent are before anybody has written them, by table."""
        self.told: defaultdict[str, list[tuple[Firm, Place]]] = defaultdict(list)
        """Enterprises that a layer tells of in this tick, and where."""
        self.messages: defaultdict[str, float] = defaultdict(float)
        self.events: list[tuple[str, str, str]] = []
        """Place, event and detail of this tick."""
        self.known = Known()
        """For those who copy a production's state here (``mirror``)."""
        self.rules = [rule(self) for rule in rules]
        self.dates = Dates(self)

    # --- time ---

    @property
    def dt(self) -> float:
        """Length of a tick, years."""
        return 1.0 / self.ticks_per_year

    @property
    def year(self) -> int:
        return self.start_year + max(self.tick, 0) // self.ticks_per_year

    @property
    def plan_year(self) -> int:
        """By which plans, programmes and masks go."""
        return max(self.year, self.first_year)

    @property
    def season(self) -> int:
        """Quarters that have begun since the start."""
        return self.tick // (self.ticks_per_year // 4)

    @property
    def ticks_left(self) -> int:
        """Of this year, with this one."""
        return self.ticks_per_year - self.tick % self.ticks_per_year

    @property
    def burning_in(self) -> bool:
        return self.year < self.first_year

    @property
    def year_begins(self) -> bool:
        return self.tick % self.ticks_per_year == 0

    @property
    def year_ends(self) -> bool:
        return self.tick % self.ticks_per_year == self.ticks_per_year - 1

    @property
    def months(self) -> range:
        """Of this tick, counted from the start."""
        length = 12 // self.ticks_per_year
        return range(self.tick * length, (self.tick + 1) * length)

    def chance(self, rate: float) -> float:
        """Within a tick, of what happens at a rate per year."""
        return -expm1(-rate * self.dt)

    def kept(self, rate: float) -> float:
        """What a tick leaves of what decays at a rate per year."""
        return exp(-rate * self.dt)

    @property
    def index(self) -> float:
        """Trend of prices, costs and lines, 1 in the base year."""
        return self.outside_world.index(self.year)

    @property
    def city_wage(self) -> float:
        """Yuan a year."""
        return self.outside_world.wage(self.year)

    # --- agents ---

    @property
    def workers(self) -> Iterator[Worker]:
        """All of them, in the order of their households."""
        for household in self.households:
            yield from household.people

    def envelope(self, pays_for: str) -> Envelope | None:
        """Programme money for one kind of link."""
        return next((envelope for envelope in self.envelopes if envelope.pays_for == pays_for), None)

    def paid_for(self, place: Place, envelope: Envelope) -> list[Household]:
        """Households of a place with an active link that formed since the programme began."""
        kind, first = envelope.pays_for, envelope.first_year(place)
        return [home for home in place.dwellings if home.reaches(kind) and home.since[kind] >= first]

    def note(self, place: Place | None, event: str, detail: str = "") -> None:
        """Something dated that is worth a row in the results."""
        self.events.append((place.name if place else "", event, detail))

    # --- the tick ---

    def step(self) -> None:
        """Every phase in order; in each the rules in theirs."""
        self.ledger.journal.clear()
        self.events.clear()
        self.dates.begin_tick()
        for phase in PHASE_NAMES:
            if phase in YEARLY and not self.is_due(phase):
                continue
            for rule in self.rules:
                act = getattr(rule, phase, None)
                if act is not None:
                    act()
        if self.year_ends:
            self.dates.close_year()

    def is_due(self, phase: str) -> bool:
        """Whether a yearly phase runs in this tick."""
        return self.year_begins and self.tick > 0 if phase == "people" else self.year_ends
