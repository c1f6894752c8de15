"""Everything that rules act on, in one place."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from abm.agents.collective import Collective
from abm.agents.enterprise import enterprise_columns
from abm.agents.government import Government
from abm.agents.party_branch import PartyBranch
from abm.agents.social_organization import SocialOrganization
from abm.core.calendar import Calendar
from abm.core.columns import Columns
from abm.core.draws import Luck
from abm.core.ledger import Ledger
from abm.graph.joint_points import JointPoints, Link
from abm.graph.switching import apply_switches, link_limit
from abm.population.households import members
from abm.scenario.parameters import Setting
from abm.scenario.schema import Scenario
from abm.scenario.switches import Switch
from abm.world.outside import OutsideWorld
from abm.world.programmes import Envelope

OUTSIDE = ("outside", 0)
BANK = ("bank", 0)
GOVERNMENT = ("government", 0)


def place_columns(rows: int) -> Columns:
    """An empty table of places (villages and communities)."""
    table = Columns(rows)
    for name, dtype in (
        ("id", np.int32),
        ("urban", np.bool_),
        ("households", np.int32),
        ("members", np.int32),  # persons who belong here, those away included
        ("members_first", np.int32),  # at the start: public money goes by them, the same in every arm
        ("workers", np.int32),
        ("workers_first", np.int32),  # at the start
        ("market_distance", np.float64),
        ("management", np.float64),
        ("land_norm", np.float64),  # mean land of the district's households that have some, mu
        ("wage", np.float64),  # yuan a year for a worker of skill 1
        ("usual_wage", np.float64),  # the same at the slack and vacancies of the start: founders plan with it
        ("own_labour", np.float64),  # workers on own account this tick
        ("own_labour_first", np.float64),  # at the start
        ("own_price", np.float64),  # price of own-account produce, 1 at the start
        (
            "local_sales",
            np.float64,
        ),  # what households of the place spent with its firms last tick, yuan a year
        ("local_sales_first", np.float64),  # at the start
        ("public_goods", np.float64),  # ordered from its firms last year and delivered in this one, yuan
        ("public_orders", np.float64),  # ordered at this year's end so far, yuan
        ("first_enterprises", np.int32),
        ("enterprises_founded", np.int32),
    ):
        table.declare(name, dtype)
    table.declare("amenity", np.float64, 1.0, width=5)
    table.declare("demand", np.float64, 1.0, width=5)  # by sector, 1 at the start
    return table


@dataclass
class Institutions:
    """The few: agents with methods, by row of their place."""

    district: PartyBranch
    government: Government
    village_branches: list[PartyBranch]
    grid_branches: list[list[PartyBranch]]
    collectives: list[Collective]
    organizations: list[SocialOrganization]


@dataclass
class Event:
    """Something dated that is worth a row in the results."""

    tick: int
    year: int
    village: str
    event: str
    detail: str


@dataclass
class World:
    """Tables, money, luck, graph and paths. Mechanisms read and write it; they never see ``switches``."""

    scenario: Scenario
    settings: dict[str, Setting]
    calendar: Calendar
    draws: Luck
    ledger: Ledger
    outside: OutsideWorld
    households: Columns
    workers: Columns
    places: Columns
    place_names: tuple[str, ...]
    points: JointPoints
    institutions: Institutions
    envelopes: tuple[Envelope, ...]
    budget: str
    switches: list[Switch]
    new_enterprise_agent: Callable[[int], Any]
    """Makes the agent that stands behind a new enterprise's node."""
    enterprises: Columns = field(default_factory=enterprise_columns)
    messages: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    """Messages that passed joint-points this year, by layer."""
    events: list[Event] = field(default_factory=list)

    @property
    def index(self) -> float:
        """Trend of prices, costs and lines this year; 1 in the base year."""
        return self.outside.index(self.calendar.year)

    @property
    def dt(self) -> float:
        return self.calendar.dt

    @property
    def tick(self) -> int:
        return self.calendar.tick

    @property
    def year(self) -> int:
        return self.calendar.year

    @property
    def burning_in(self) -> bool:
        """Whether the calendar stands before the scenario's first year."""
        return self.calendar.year < self.scenario.start_year

    @property
    def plan_year(self) -> int:
        """The year that plans, programmes and masks go by: throughout the burn-in that of the start."""
        return max(self.calendar.year, self.scenario.start_year)

    def envelope(self, pays_for: str) -> Envelope | None:
        """The programme money for one kind of link, if the scenario has any."""
        return next((e for e in self.envelopes if e.pays_for == pays_for), None)

    def residents(self) -> NDArray[np.int64]:
        """Persons of each household who are at home now or away for less than half a year."""
        h = self.households
        persons: NDArray[np.int64] = members(h) - h.settled_migrants
        return persons

    def settled(self, workers: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of these migrants had been away for half a year before this tick: they are no usual residents."""
        return np.asarray((self.workers.ticks_away[workers] - 1) * self.dt >= 0.5)

    def by_place(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Sum over the households of each place; shape (places,)."""
        if values.dtype.kind != "f":  # whole numbers: the rows of a place stand together
            until = np.append(0, np.cumsum(values, dtype=np.int64))
            return np.diff(until[np.append(0, np.cumsum(self.places.households))]).astype(np.float64)
        sums = np.bincount(self.households.place, weights=values, minlength=len(self.places))
        return sums.astype(np.float64, copy=False)

    def rows_of(self, place: int) -> slice:
        """The rows of the households of one place, which stand together."""
        counts = self.places.households
        first = int(counts[:place].sum())
        return slice(first, first + int(counts[place]))

    def message(self, layer: str, count: float) -> None:
        """Count messages that passed joint-points of a layer."""
        self.messages[layer] += count

    def note(self, place: int, event: str, detail: str = "") -> None:
        """Record a dated event; ``place`` is a row, -1 for the district."""
        village = self.place_names[place] if place >= 0 else ""
        self.events.append(Event(self.tick, self.year, village, event, detail))

    def form_link(
        self, kind: str, source: str, target: str, place: int, draw: float, since: int | None = None
    ) -> Link:
        """A new link between institutions; active unless something masks it.

        ``since`` is the year of the plan that it belongs to; None: this year.
        """
        year = self.plan_year if since is None else since
        link = Link(source, target, kind, place, float(draw), year)
        self.points.add_link(link, active=self.would_be_active(kind, source, target, place, draw, year))
        return link

    def would_be_active(
        self, kind: str, source: str, target: str, place: int, draw: float, since: int | None = None
    ) -> bool:
        """Whether a link would carry anything if it formed now."""
        year = self.plan_year if since is None else since
        now = [s for s in self.switches if s.in_force(self.plan_year)]
        return draw < link_limit(now, kind, place, year, f"{kind}:{source}>{target}", self.place_names)

    def paid_links(self, envelope: Envelope) -> NDArray[np.bool_]:
        """Households with an active link that formed under the programme, which pays for no older one."""
        links = self.points.household[envelope.pays_for]
        return (
            links.active & self.points.inhabited & (links.since >= envelope.first_year[self.households.place])
        )

    def refresh_masks(self) -> None:
        """Apply the switches in force to every link."""
        apply_switches(self.points, self.switches, self.plan_year)
