"""Building a world from a scenario: people, places, money, institutions, enterprises, the first links."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import mesa
import numpy as np
from numpy.typing import NDArray

from abm.agents.association import Association
from abm.agents.collective import Collective
from abm.agents.fund import Fund
from abm.agents.government import Government
from abm.agents.partner import Partner
from abm.agents.party_branch import PartyBranch
from abm.agents.social_organization import SocialOrganization
from abm.core.calendar import Calendar
from abm.core.draws import Draws, Luck
from abm.core.ledger import Ledger
from abm.graph.formation import household_links, kin_ties, mutual_aid_ties
from abm.graph.joint_points import JointPoints
from abm.graph.kinds import LINK_KINDS
from abm.population.households import LOCAL_JOB, MIGRANT, OWN_ACCOUNT, members
from abm.population.synthesis import Synthesised, households_by_place, score, synthesise
from abm.scenario.parameters import Parameter, Setting, values_of
from abm.scenario.schema import Place, Programme, Scenario
from abm.scenario.switches import Switch
from abm.world.choosing import choose_owners, choose_sectors, pick_by_weight
from abm.world.economics import capital_for, productivity_for
from abm.world.enterprises import found_enterprises, hire, next_keys
from abm.world.outside import read_outside
from abm.world.programmes import open_envelopes
from abm.world.world import OUTSIDE, Institutions, World, place_columns

HOUSEHOLDS_PER_GRID = 300
"""S0 and docs/MODEL.md: a grid has 150–500 households."""

PARAMETERS = (
    Parameter("local_wage_rural", 0.68, "share of the city wage", (0.3, 0.8), "wages at the start", "docs/TRIAL.md"),
    Parameter("local_wage_urban", 1.1, "share of the city wage", (0.8, 1.5), "wages at the start", "assumed"),
    Parameter("wage_distance", 0.15, "log per unit of market distance", (0.0, 0.4), "wages by place", "docs/TRIAL.md"),
    Parameter("work_near", 0.7, "share of jobs", (0.3, 1.0), "jobs in the own place at the start", "assumed"),
)  # fmt: skip
"""Parameters of the start; owner ``start``."""


@dataclass(frozen=True)
class Hosts:
    """What the model lends to the world it is built into: agents need a Mesa model."""

    model: mesa.Model
    enterprise_agent: Callable[[World, int], Any]


def build_world(
    scenario: Scenario,
    settings: dict[str, Setting],
    seed: int,
    hosts: Hosts,
    *,
    households: int | None = None,
    switches: tuple[Switch, ...] = (),
    budget: str = "neutral",
    luck: Luck | None = None,
    journal: bool = False,
) -> World:
    """A world at the eve of its first tick.

    Args:
        settings: every parameter of the run.
        households: how many to simulate; None: as many as the district has.
        switches: masks, beside those of the scenario.
        luck: draws to use instead of those of the seed (tests).
        journal: keep every transfer (tests).
    """
    draws = luck if luck is not None else Draws(seed)
    counts = households_by_place(scenario, households)
    order = sorted(
        np.flatnonzero(counts), key=lambda row: scenario.places.rows[row].id
    )  # not that of the file
    rows, counts = tuple(scenario.places.rows[row] for row in order), counts[order]
    people = synthesise(scenario, rows, counts, draws, values_of(settings, "synthesis"))
    names = tuple(place.name for place in rows)
    calendar = Calendar(scenario.start_year - scenario.burn_in, scenario.scenario.ticks_per_year)
    ledger = Ledger(len(people.households), journal=journal)
    for kind in ("collective", "social_organization", "association", "fund"):
        ledger.open_accounts(kind, len(rows))
    points = JointPoints(names, people.households.place)
    world = World(
        scenario=scenario,
        settings=settings,
        calendar=calendar,
        draws=draws,
        ledger=ledger,
        outside=read_outside(scenario),
        households=people.households,
        workers=people.workers,
        places=place_columns(len(rows)),
        place_names=names,
        points=points,
        institutions=None,  # type: ignore[arg-type]  # they need the world
        envelopes=open_envelopes(programmes_with_places(scenario, names), len(rows), ledger),
        budget=budget,
        switches=[*scenario.switches, *switches],
        new_enterprise_agent=None,  # type: ignore[arg-type]
    )
    world.new_enterprise_agent = _AgentMaker(world, hosts)
    _fill_places(world, rows, people)
    _open_institutions(world, hosts.model, rows)
    _scale_to_start(world, people)
    _tie_households(world)
    _open_enterprises(world)
    _place_workers(world)
    return world


@dataclass
class _AgentMaker:
    """Makes the agent of a new enterprise; an object, so that a model pickles in mid-run."""

    world: World
    hosts: Hosts

    def __call__(self, row: int) -> Any:
        return self.hosts.enterprise_agent(self.world, row)


def programmes_with_places(
    scenario: Scenario, names: tuple[str, ...]
) -> tuple[tuple[Programme, NDArray[np.bool_]], ...]:
    """Each programme with the rows of the places that it covers."""
    return tuple((plan, place_mask(scenario, plan.places, names)) for plan in scenario.programmes)


def place_mask(
    scenario: Scenario, selector: str | tuple[str, ...], names: tuple[str, ...]
) -> NDArray[np.bool_]:
    """Which of the simulated places a selector of the scenario means; shape (places,)."""
    chosen = {scenario.places.rows[i].name for i in scenario.selected(selector)}
    return np.array([name in chosen for name in names])


def _fill_places(world: World, rows: tuple[Place, ...], people: Synthesised) -> None:
    scenario, places, h = world.scenario, world.places, people.households
    places.id = [row.id for row in rows]
    places.urban = [scenario.place_kinds[row.kind].urban for row in rows]
    places.amenity = [scenario.place_kinds[row.kind].amenity for row in rows]
    for name in ("market_distance", "management", "idle_yards"):
        places[name][:] = [scenario.feature(row, name) for row in rows]
    places.households = np.bincount(h.place, minlength=len(rows))
    places.members = world.by_place(members(h)).astype(np.int32)
    places.members_first = places.members
    places.workers = world.by_place(h.workers).astype(np.int32)
    places.workers_first = places.workers
    h.land_used = h.land
    have = h.land > 0
    places.land_norm = h.land[have].mean() if have.any() else 1.0
    p = values_of(world.settings, "start")
    level = np.where(places.urban, p.local_wage_urban, p.local_wage_rural)
    distance = np.exp(-p.wage_distance * (places.market_distance - 0.6))
    places.wage = level * world.outside.wage(world.year) * distance
    places.usual_wage = places.wage
    places.own_price = 1.0


def _open_institutions(world: World, model: mesa.Model, rows: tuple[Place, ...]) -> None:
    """Branches, collectives, social organisations and the government, with their nodes."""
    district = PartyBranch(model, "district", "", -1)
    government = Government(model, world)
    world.points.add_institution(district.name, district, type="party_branch", tier="district")
    world.points.add_institution(government.name, government, type="government")
    branches, grids, collectives, organizations = [], [], [], []
    associations, funds = [], []
    for place, row in enumerate(rows):
        branch = PartyBranch(model, "village", row.name, place)
        world.points.add_institution(
            branch.name, branch, type="party_branch", tier="village", village=row.name
        )
        number = max(1, round(int(world.places.households[place]) / HOUSEHOLDS_PER_GRID))
        mine = [PartyBranch(model, "grid", f"{row.name}/{i + 1}", place) for i in range(number)]
        here = world.households.place == place
        world.points.grid[here] = 1 + np.minimum(
            world.households.number[here] // HOUSEHOLDS_PER_GRID, number - 1
        )
        for grid in mine:
            world.points.add_institution(grid.name, grid, type="party_branch", tier="grid", village=row.name)
        collective = Collective(model, world, place)
        organization = SocialOrganization(model, world, place)
        world.points.add_institution(collective.name, collective, type="collective", village=row.name)
        world.points.add_institution(
            organization.name, organization, type="social_organization", village=row.name
        )
        branches.append(branch)
        grids.append(mine)
        collectives.append(collective)
        organizations.append(organization)
        association, fund = Association(model, world, place), Fund(model, world, place)
        world.points.add_institution(association.name, association, type="association", village=row.name)
        world.points.add_institution(fund.name, fund, type="fund", village=row.name)
        associations.append(association)
        funds.append(fund)
    world.points.add_institution("station:district", district, type="social_work_station")
    for kind in ("rural_bank", "academy"):
        partner = Partner(model, kind)
        world.points.add_institution(partner.name, partner, type=kind)
    world.institutions = Institutions(
        district, government, branches, grids, collectives, organizations, associations, funds
    )


def _scale_to_start(world: World, people: Synthesised) -> None:
    """Savings and expectations in the prices and at the trend of the first year."""
    h, p = world.households, values_of(world.settings, "synthesis")
    persons = members(h)
    income = people.income * persons * world.index
    h.capital *= world.index
    h.expected_income = income
    h.income_last = income
    h.residents_last = persons
    unequal = p.savings_spread * score(h, world.draws, "savings", p.rank_correlation)
    years = p.savings_years * np.exp(unequal - 0.5 * p.savings_spread**2)  # the mean over households stays
    world.ledger.transfer(OUTSIDE, ("household", None), years * income, "opening")


def _tie_households(world: World) -> None:
    h, draws, p = world.households, world.draws, values_of(world.settings, "ties")
    points, start = world.points, world.scenario.start_year
    points.pairs["kin"] = kin_ties(draws, h.key, h.place, h.number, p.kin_chance, start)
    points.pairs["kin"].end(~h.registered)  # who came from elsewhere has no kin here
    points.pairs["mutual_aid"] = mutual_aid_ties(
        draws, h.key, h.place, h.number, h.standing, p.aid_chance, p.homophily
    )
    for kind, what in LINK_KINDS.items():
        if what.ends == "household":
            points.household[kind] = household_links(kind, draws, h.key)


def _open_enterprises(world: World) -> None:
    """Enough enterprises for the jobs of the start, at least one per place; half of them owned locally."""
    places, workers, h = world.places, world.workers, world.households
    p = values_of(world.settings, "enterprise")
    start = values_of(world.settings, "start")
    employed = workers.activity == LOCAL_JOB
    home = h.place[workers.household]
    jobs = np.bincount(home[employed], minlength=len(places)).astype(float)
    pool = (
        1.0 - start.work_near
    ) * jobs  # those who go out to work, spread over all places by their own jobs
    jobs = start.work_near * jobs + pool.sum() * jobs / max(jobs.sum(), 1.0)
    number = np.maximum(1, np.rint(jobs / p.jobs).astype(int))
    places.first_enterprises = number
    where = np.repeat(np.arange(len(places)), number)
    keys = next_keys(world, where, "start")
    size = np.exp(0.7 * world.draws.normal("enterprise.size", 0, keys))
    share = size / np.bincount(where, weights=size, minlength=len(places))[where]
    wanted = np.maximum(share * jobs[where], 0.5)
    wage = places.wage[where]
    productivity = productivity_for(p, world.index, wanted, wage)
    rows = found_enterprises(
        world,
        where,
        choose_sectors(places.amenity[where], world.draws.uniform("enterprise.sector", 0, keys)),
        choose_owners(world, where, keys),
        capital_for(p, wanted, wage),
        productivity,
        keys,
    )
    owners = world.enterprises.owner[rows]
    savings = world.ledger.yuan("household", np.maximum(owners, 0))
    paid_in = np.minimum(0.5 * savings / world.enterprises.capital[rows], 1.0)  # as founders do later
    world.enterprises.owner_share[rows] = np.where(owners >= 0, paid_in, 0.0)
    world.enterprises.wanted[rows] = wanted
    opening = p.buffer * wage * wanted
    world.ledger.transfer(OUTSIDE, ("enterprise", rows), opening, "opening")


def _place_workers(world: World) -> None:
    """Count activities, and put those with a local job into an enterprise of their place or of the district."""
    workers, h, firms = world.workers, world.households, world.enterprises
    start = values_of(world.settings, "start")
    rows = np.flatnonzero(workers.activity == LOCAL_JOB)
    h.migrants = np.bincount(workers.household[workers.activity == MIGRANT], minlength=len(h))
    workers.ticks_away[workers.activity == MIGRANT] = world.calendar.ticks_per_year
    h.settled_migrants = h.migrants
    workers.activity[rows] = OWN_ACCOUNT
    h.own_workers = h.workers - h.migrants
    near = world.draws.uniform("start.near", 0, workers.key[rows]) < start.work_near
    u = world.draws.uniform("start.employer", 0, workers.key[rows])
    employers = pick_by_weight(
        firms.wanted, firms.place, len(world.places), np.where(near, h.place[workers.household[rows]], -1), u
    )
    fits = np.zeros(len(rows))
    hire(world, rows, employers, fits, fits)
    world.refresh_masks()
    first_own = np.bincount(h.place, weights=h.own_workers, minlength=len(world.places))
    world.places.own_labour_first = np.maximum(first_own, 1.0)
    world.places.own_labour = first_own
