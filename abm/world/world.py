"""Everything that rules act on, in one place."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from abm.agents.association import Association
from abm.agents.collective import Collective
from abm.agents.enterprise import enterprise_columns
from abm.agents.fund import Fund
from abm.agents.government import Government
from abm.agents.party_branch import PartyBranch
from abm.agents.social_organization import SocialOrganization
from abm.core.calendar import Calendar
from abm.core.columns import Columns
from abm.core.draws import Luck, key_of
from abm.core.ledger import Ledger
from abm.graph.joint_points import JointPoints
from abm.graph.kinds import LINK_KINDS
from abm.graph.links import Link
from abm.graph.rewiring import drawn_partner
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
        ("idle_yards", np.float64),  # share of households with an idle yard
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
        ("public_orders", np.float64),  # ordered in this year so far, yuan
        ("first_enterprises", np.int32),
        ("enterprises_founded", np.int32),
    ):
        table.declare(name, dtype)
    table.declare("paired_with", np.int32, -1)  # row of the place whose enterprises it is paired with
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
    associations: list[Association]
    funds: list[Fund]


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
    """Tables, money, luck, graph and paths. Mechanisms read and write it; they never see ``switches`` or what is
    rewired."""

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
    tellings: defaultdict[str, list[tuple[NDArray[np.int64], NDArray[np.int64]]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    """What joint-points of a layer tell of this tick: rows of enterprises, and of the places that hear of each."""
    events: list[Event] = field(default_factory=list)
    rewired_since: dict[str, int] = field(default_factory=dict)
    """Layers whose links are rewired, and from which year of plan on (``abm.graph.rewiring``)."""
    _institution_keys: dict[str, int] = field(default_factory=dict)

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
        """Sum over the households of each place; shape (places,).

        Args:
            values: a number for each household, shape (households,).
        """
        if np.shape(values) != (len(self.households),):
            raise ValueError(f"{np.shape(values)} numbers for {len(self.households)} households")
        if values.dtype.kind != "f":
            # whole numbers in any order give one sum; the rows of a place stand together, and each has some
            first = np.cumsum(self.places.households) - self.places.households
            return np.add.reduceat(values, first, dtype=np.int64).astype(np.float64)
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

    def tell(self, layer: str, firms: NDArray[np.int64], places: NDArray[np.int64]) -> None:
        """Tell of the vacancies of enterprises (rows) in places (rows, one for each), in this tick only."""
        self.tellings[layer].append((firms, places))

    def told(self, layer: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """All that a layer tells of in this tick, each pair of enterprise and place once, by place and enterprise."""
        each = [places * len(self.enterprises) + firms for firms, places in self.tellings[layer]]
        pairs = np.unique(np.concatenate(each)) if each else np.empty(0, np.int64)
        places, firms = np.divmod(pairs, max(len(self.enterprises), 1))
        return firms, places

    def note(self, place: int, event: str, detail: str = "") -> None:
        """Record a dated event; ``place`` is a row, -1 for the district."""
        village = self.place_names[place] if place >= 0 else ""
        self.events.append(Event(self.tick, self.year, village, event, detail))

    def form_link(
        self,
        kind: str,
        source: str,
        target: str,
        place: int,
        draw: float,
        since: int | None = None,
        other: int = -1,
    ) -> Link:
        """A new link between institutions; active unless something masks it, or it never connects (连接不畅).

        ``since`` is the year of the plan that it belongs to, None: this year; ``other`` a second place it leads to.
        """
        year = self.plan_year if since is None else since
        link = self._link(kind, source, target, place, draw, year, other)
        self.points.add_link(link, active=self._unmasked(link))
        return link

    def would_be_active(
        self,
        kind: str,
        source: str,
        target: str,
        place: int,
        draw: float,
        since: int | None = None,
        other: int = -1,
    ) -> bool:
        """Whether nothing would mask a link that formed now. If it will ever connect, nobody knows."""
        year = self.plan_year if since is None else since
        return self._unmasked(self._link(kind, source, target, place, draw, year, other))

    def _link(
        self, kind: str, source: str, target: str, place: int, draw: float, year: int, other: int
    ) -> Link:
        """The link between two institutions that is planned, or the one that lots have drawn in its stead."""
        luck = self.draws.uniform("ties.dud", 0, np.array([draw]).view(np.uint64))  # keyed by its own draw
        dud = bool(luck[0] < self.settings["ties.dud_share"].value)
        link = Link(source, target, kind, place, float(draw), year, other=other, dud=dud)
        partner = self._partner(kind, source, target, draw, year)
        if partner != target:
            link.target, link.meant_for = partner, target
            if other >= 0:
                link.other = getattr(self.points.graph.nodes[partner]["agent"], "place", -1)
        return link

    def _unmasked(self, link: Link) -> bool:
        now = [s for s in self.switches if s.in_force(self.plan_year)]
        names = self.place_names
        left = link_limit(now, link.kind, link.village, link.since, link.id, names, link.other)
        return link.draw < left

    def is_rewired(self, kind: str, year: int) -> bool:
        """Whether links of a kind that belong to a plan of this year tie whom lots have drawn."""
        since = self.rewired_since.get(LINK_KINDS[kind].layer)
        return since is not None and year >= since

    def _partner(self, kind: str, source: str, target: str, draw: float, year: int) -> str:
        """The institution that a link leads to: the planned one, or one drawn in its stead."""
        if not self.is_rewired(kind, year):
            return target
        return drawn_partner(self.points, kind, source, target, draw, self.draws, self._institution_key)

    def _institution_key(self, name: str) -> int:
        """Luck's name of an institution: an enterprise's key, else its place's id and which it is there."""
        if name not in self._institution_keys:
            agent = self.points.graph.nodes[name]["agent"]
            place, number = getattr(agent, "place", -1), name.rpartition("/")[2]
            numbers = (self.places.id[place] if place >= 0 else 0, int(number) if number.isdecimal() else 0)
            self._institution_keys[name] = int(getattr(agent, "key", key_of(*numbers)[0]))
        return self._institution_keys[name]

    def paid_links(self, envelope: Envelope) -> NDArray[np.bool_]:
        """Households with an active link that formed under the programme, which pays for no older one.

        Rewired links have taken the programme's money with them (``abm.world.dated``).
        """
        links = self.points.household[envelope.pays_for]
        return links.active & self.points.inhabited & (links.since >= self._paid_since(envelope))

    def paid_share(self, envelope: Envelope) -> NDArray[np.float64]:
        """Share of a place's households whose link the programme pays for, shape (places,): so much of its money can
        be spent. Where links are rewired, the share of those that were drawn there, at the plan's density."""
        paid = self.by_place(self.paid_links(envelope))
        if not self.is_rewired(envelope.pays_for, self.plan_year):
            return paid / np.maximum(self.by_place(self.points.inhabited), 1)
        links, since = self.points.household[envelope.pays_for], self._paid_since(envelope)
        lived_in = self.points.inhabited
        drawn, planned = (self.by_place(lived_in & (year >= since)) for year in (links.since, links.planned))
        households = self.by_place(lived_in)[planned > 0].sum()
        return paid / np.maximum(drawn, 1) * planned.sum() / max(households, 1)

    def _paid_since(self, envelope: Envelope) -> NDArray[np.int64]:
        """The year from which on a household's link is paid for by the programmes; shape (households,)."""
        first = envelope.first_year[self.households.place]
        if self.is_rewired(envelope.pays_for, self.plan_year):
            first = np.minimum(first, self.rewired_since[envelope.layer])
        return first

    def break_down(self, institutions: set[str]) -> None:
        """Say which institutions do not work from now on (平台失效); all others do."""
        changed = self.points.down ^ institutions
        if changed:
            self.points.down = set(institutions)
            apply_switches(self.points, self.switches, self.plan_year, changed)

    def refresh_masks(self) -> None:
        """Apply the switches in force to every link."""
        apply_switches(self.points, self.switches, self.plan_year)
