"""The part of ``mirror`` that concerns institutions and links."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import mesa

from abm.world.world import World
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
    for home, inhabited in zip(plain.households, points.inhabited.tolist(), strict=True):
        home.inhabited = inhabited
        home.since, home.links = {}, set()
    for kind, links in points.household.items():
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
    """What is to be compared: its name, the plain agents' side and the production's."""
    points, few, homes = world.points, world.institutions, plain.households
    yield "inhabited", [home.inhabited for home in homes], points.inhabited.tolist()
    for kind, links in points.household.items():
        yield f"since.{kind}", [home.since.get(kind, 0) for home in homes], links.since.tolist()
        yield f"links.{kind}", [kind in home.links for home in homes], links.active.tolist()
    for kind, ties in points.pairs.items():
        theirs = zip(ties.a[ties.active].tolist(), ties.b[ties.active].tolist(), strict=True)
        mine = ((home.row, other.row) for home in homes for other in home.ties[kind] if home.row < other.row)
        yield f"ties.{kind}", *_counted(mine, theirs)
        if kind != "kin":
            yield f"ties.{kind}.since", [tie.since for tie in plain.points.ties[kind]], ties.since.tolist()
    formed = {(x.kind, *ends(plain, world, x.source, x.target)): x for x in points.links.values()}
    mine = {link[:3]: link for links in plain.points.links.values() for link in links}
    yield (
        "links between institutions",
        *_counted(
            (str(key) for key in mine if key not in formed), (str(key) for key in formed if key not in mine)
        ),
    )
    for key in mine.keys() & formed.keys():
        one, other = mine[key], formed[key]
        here = (one.place.row, -1 if one.other is None else one.other.row, one.since, one.dud)
        there = (other.village, other.other, other.since, other.dud)
        yield f"link {other.id}", [one.draw, plain.points.carries(one)], [other.draw, other.active]
        yield f"link {other.id}", list(here), list(there)
    down = {institution(plain, world, name) for name in points.down}
    yield "down", len(plain.points.down ^ down), 0
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
    there = [f"platform:{place.name}" in points.graph for place in plain.places]
    yield "platforms", [place.platform is not None for place in plain.places], there


def ends(plain: PlainModel, world: World, *names: str) -> list[mesa.Agent]:
    return [institution(plain, world, name) for name in names]


def _counted(mine: Any, theirs: Any) -> tuple[list[str], list[str]]:
    return sorted(map(str, mine)), sorted(map(str, theirs))
