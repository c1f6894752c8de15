"""The part of ``mirror`` that concerns institutions and links."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import mesa

from abm.graph.links import link_id
from abm.world.world import World
from tests.reference.agents import row_of
from tests.reference.institutions import (
    Association,
    Branch,
    Collective,
    Fund,
    Organization,
    Partner,
)
from tests.reference.model import PlainModel
from tests.reference.points import Link, Tie

STATE = {
    "branch": ("capacity", "meetings", "trifles", "queue", "served"),
    "collective": ("income_year", "income_last"),
    "organization": ("activity", "dormant"),
    "association": ("service", "cost_year", "paid_year"),
}
"""What institutions of a place remember, by their names there."""


def open_institutions(plain: PlainModel, world: World) -> None:
    """Those of each place, and which grid a household belongs to."""
    for place, grids in zip(plain.places, world.institutions.grid_branches, strict=True):
        place.branch = Branch(plain, place)
        place.grids = [Branch(plain, place) for _ in grids]
        place.collective, place.organization = Collective(plain, place), Organization(plain, place)
        place.association, place.fund = Association(plain, place), Fund(plain, place)
    for home, number in zip(plain.households, world.points.grid.tolist(), strict=True):
        home.grid = number


def institution(plain: PlainModel, world: World, name: str) -> mesa.Agent:
    """The plain agent for a node of the production's graph."""
    node = world.points.graph.nodes[name]
    agent, kind = node["agent"], node["type"]
    if kind == "enterprise":
        return plain.firms[agent.row]
    if kind in ("rural_bank", "academy", "social_work_station", "government"):
        return getattr(plain, "station" if kind == "social_work_station" else kind)
    if name == world.institutions.district.name:
        return plain.district
    place = plain.places[agent.place]
    if kind == "platform":
        place.platform = place.platform or Partner(plain, kind, place)
        return place.platform
    if node.get("tier") == "grid":
        return place.grids[world.institutions.grid_branches[agent.place].index(agent)]
    own = {"party_branch": "branch", "social_organization": "organization"}
    return getattr(place, own.get(kind, kind))


def copy_links(plain: PlainModel, world: World) -> None:
    """Institutions, what has formed and what carries something now."""
    points, mine = world.points, plain.points
    _copy_institutions(plain, world)
    now = state_of(world)
    if "points" in plain.known.held and plain.known.points[0] == now:
        return
    for home, inhabited in zip(plain.households, points.inhabited.tolist(), strict=True):
        home.inhabited = inhabited
        home.since, home.links = {}, set()
    for kind, links in points.household.items():
        if not plain.households[0].masks.get(kind):
            for home, draw in zip(plain.households, links.draw.tolist(), strict=True):
                home.masks[kind] = draw
        rows = links.since.nonzero()[0]
        for row, year in zip(rows.tolist(), links.since[rows].tolist(), strict=True):
            plain.households[row].since[kind] = year
        for row in links.active.nonzero()[0].tolist():
            plain.households[row].links.add(kind)
    _copy_ties(plain, world)
    mine.down = {institution(plain, world, name) for name in points.down}
    mine.links.clear()
    for link in points.links.values():
        ends = (institution(plain, world, name) for name in (link.source, link.target))
        other = None if link.other < 0 else plain.places[link.other]
        place = plain.places[link.village]
        mine.links[link.kind].append(Link(link.kind, *ends, place, other, link.draw, link.since, link.dud))
    plain.known.points = (now, picture_of(plain))


def state_of(world: World) -> tuple[Any, ...]:
    """What differs whenever anything has formed, ended or changed its being active."""
    points = world.points
    households = tuple((x.since.tobytes(), x.active.tobytes()) for x in points.household.values())
    ties = tuple((x.since.tobytes(), x.active.tobytes(), x.a.tobytes()) for x in points.pairs.values())
    links = tuple((key, link.active) for key, link in points.links.items())
    return points.inhabited.tobytes(), households, ties, links, frozenset(points.down)


def states(plain: PlainModel) -> list[Any]:
    """What institutions remember, what carries something and what is told."""
    few = [
        getattr(getattr(place, name), state)
        for place in plain.places
        for name, names in STATE.items()
        for state in names
    ]
    allies = [place.branch.allies.copy() for place in plain.places]
    told = {layer: told.copy() for layer, told in plain.told.items()}
    return [few, allies, told, picture_of(plain)]


def picture_of(plain: PlainModel) -> tuple[Any, ...]:
    """The same of the plain agents, in copies."""
    homes = [
        (home.inhabited, home.since.copy(), home.links.copy(), *(tied.copy() for tied in home.ties.values()))
        for home in plain.households
    ]
    points = plain.points
    formed = {kind: links.copy() for kind, links in points.links.items() if links}
    platforms = [place.platform for place in plain.places]
    return (
        homes,
        {kind: ties.copy() for kind, ties in points.ties.items()},
        formed,
        points.down.copy(),
        platforms,
    )


def _copy_institutions(plain: PlainModel, world: World) -> None:
    few = world.institutions
    for place in plain.places:
        if f"platform:{place.name}" not in world.points.graph:
            place.platform = None
        else:
            institution(plain, world, f"platform:{place.name}")
        theirs = {
            "branch": few.village_branches[place.row],
            "collective": few.collectives[place.row],
            "organization": few.organizations[place.row],
            "association": few.associations[place.row],
        }
        for name, states in STATE.items():
            for state in states:
                setattr(getattr(place, name), state, getattr(theirs[name], state))
        place.branch.carry = theirs["branch"]._carry
        place.branch.allies = [(plain.places[row].branch, kept) for row, kept in theirs["branch"].allies]


def _copy_ties(plain: PlainModel, world: World) -> None:
    for kind, ties in world.points.pairs.items():
        for home in plain.households:
            home.ties[kind] = []
        active = ties.active.nonzero()[0]
        for a, b in zip(ties.a[active].tolist(), ties.b[active].tolist(), strict=True):
            one, other = plain.households[a], plain.households[b]
            one.ties[kind].append(other)
            other.ties[kind].append(one)
        if kind == "kin":
            continue
        columns = (x.tolist() for x in (ties.a, ties.b, ties.form_draw, ties.draw, ties.since))
        plain.points.ties[kind] = [
            Tie(plain.households[a], plain.households[b], *numbers)
            for a, b, *numbers in zip(*columns, strict=True)
        ]


def points_of_both(world: World, plain: PlainModel) -> Iterator[tuple[str, Any, Any]]:
    """What is to be compared: its name, the plain agents' side and the production's; not what neither has touched since
    it was copied."""
    yield from _institutions_of_both(world, plain)
    if "points" in plain.known.held or plain.known.points != (state_of(world), picture_of(plain)):
        yield from _all_links_of_both(world, plain)


def _all_links_of_both(world: World, plain: PlainModel) -> Iterator[tuple[str, Any, Any]]:
    points, homes = world.points, plain.households
    yield "inhabited", [home.inhabited for home in homes], points.inhabited.tolist()
    for kind, links in points.household.items():
        since, active = (
            plain.known.listed((name, kind), getattr(links, name)) for name in ("since", "active")
        )
        yield f"since.{kind}", [home.since.get(kind, 0) for home in homes], since
        yield f"links.{kind}", [kind in home.links for home in homes], active
    for kind, ties in points.pairs.items():
        theirs = sorted(zip(ties.a[ties.active].tolist(), ties.b[ties.active].tolist(), strict=True))
        pairs = ((home.row, other.row) for home in homes for other in home.ties[kind])
        yield f"ties.{kind}", [sorted(pair for pair in pairs if pair[0] < pair[1])], [theirs]
        if kind != "kin":
            yield f"ties.{kind}.since", [tie.since for tie in plain.points.ties[kind]], ties.since.tolist()
    yield from _links_of_both(world, plain)
    down = {institution(plain, world, name) for name in points.down}
    yield "down", str(len(plain.points.down ^ down)), "0"
    there = [f"platform:{place.name}" in points.graph for place in plain.places]
    yield "platforms", [place.platform is not None for place in plain.places], there


def _institutions_of_both(world: World, plain: PlainModel) -> Iterator[tuple[str, Any, Any]]:
    few = world.institutions
    everybody = {
        "branch": few.village_branches,
        "collective": few.collectives,
        "organization": few.organizations,
        "association": few.associations,
    }
    for name, states in STATE.items():
        for state in states:
            mine = [getattr(getattr(place, name), state) for place in plain.places]
            yield f"{name}.{state}", mine, [getattr(theirs, state) for theirs in everybody[name]]
    yield "carry", [p.branch.carry for p in plain.places], [b._carry for b in few.village_branches]
    allies = [[(ally.place.row, kept) for ally, kept in p.branch.allies] for p in plain.places]
    yield "allies", str(allies), str([branch.allies for branch in few.village_branches])


def _links_of_both(world: World, plain: PlainModel) -> Iterator[tuple[str, Any, Any]]:
    """Links between institutions."""
    theirs = {link.id: link for link in world.points.links.values()}
    names = _names(plain)
    mine = {
        link_id(link.kind, names[link.source], names[link.target]): link
        for links in plain.points.links.values()
        for link in links
    }
    yield "links between institutions", [str(mine.keys() ^ theirs.keys())], ["set()"]
    for key in mine.keys() & theirs.keys():
        one, other = mine[key], theirs[key]
        here = [one.place.row, row_of(one.other), one.since, one.dud, one.draw, plain.points.carries(one)]
        there = [other.village, other.other, other.since, other.dud, other.draw, other.active]
        if here != there:
            yield f"link {key}", [here], [there]


def _names(plain: PlainModel) -> dict[mesa.Agent, str]:
    """As the production's graph calls the institutions that links between them can lead to."""
    names = {
        plain.district: "branch:district",
        plain.government: "government",
        plain.station: "station:district",
        plain.rural_bank: "rural_bank:district",
        plain.academy: "academy:district",
    }
    for place in plain.places:
        names[place.branch] = f"branch:{place.name}"
        names[place.collective] = f"collective:{place.name}"
        names[place.organization] = f"volunteers:{place.name}"
        names[place.association] = f"association:{place.name}"
        names |= {grid: f"grid:{place.name}/{i}" for i, grid in enumerate(place.grids, 1)}
        names |= {firm: f"enterprise:{place.name}/{firm.number}" for firm in place.firms}
    return names
