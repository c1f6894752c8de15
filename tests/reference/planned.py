"""Planned links between institutions, and who finds whom, as ``abm.world.dated`` and ``abm.world.partners`` state
them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import log
from statistics import fmean, pstdev
from typing import TYPE_CHECKING

import mesa
import networkx as nx

from abm.scenario.schema import JointPointPlan
from tests.reference.agents import Firm, Place
from tests.reference.luck import key_of, name_key, pair_key

if TYPE_CHECKING:
    from tests.reference.model import PlainModel

FINE = 1e9
"""Scores are matched as whole numbers of this many parts."""


def link_draw(model: PlainModel, kind: str, key: int) -> float:
    """What a mask compares with."""
    return model.luck.uniform(f"mask.{kind}", 0, key ^ name_key("link"))


def institutional(model: PlainModel, plan: JointPointPlan, covered: Sequence[Place]) -> None:
    """Links that a plan brings to some places."""
    if plan.kind == "alliance":
        _ally(model, plan, covered)
        return
    if plan.kind == "pairing":
        seekers = [place for place in covered if place.paired_with is None]
        for place, host in hosts(model, seekers):
            place.paired_with = host
    for place in covered:
        for ends, key, other in _ends(model, plan, place):
            draw = link_draw(model, plan.kind, key)
            link = model.points.new_link(plan.kind, ends, place, draw, plan.from_year, other)
            model.points.form(link)


def _ends(
    model: PlainModel, plan: JointPointPlan, place: Place
) -> Iterable[tuple[tuple[mesa.Agent, mesa.Agent], int, Place | None]]:
    """Ends of the links of one place, the key of each and the second place that it leads to."""
    first = key_of(place.id, 0)
    if plan.kind == "grid_branch":
        for number, grid in enumerate(place.grids):
            yield (place.branch, grid), key_of(place.id, number), None
    elif plan.kind == "liaison":
        for firm in _chosen(model, plan, place):
            yield (place.branch, firm), firm.key, None
    elif plan.kind == "project":
        for firm in _chosen(model, plan, place):
            yield (firm, place.collective), firm.key, None
    elif plan.kind == "pairing":
        host = place.paired_with
        for firm in _chosen(model, plan, host) if host is not None else ():
            yield (place.branch, firm), pair_key(key_of(place.id), firm.key), host
    else:
        yield _one_each(model, place)[plan.kind], first, None


def _one_each(model: PlainModel, place: Place) -> dict[str, tuple[mesa.Agent, mesa.Agent]]:
    return {
        "vertical": (model.district, place.branch),
        "station": (model.station, place.organization),
        "rural_bank": (model.rural_bank, place.association),
        "academy": (model.academy, place.association),
        "grant": (model.government, place.collective),
    }


def _chosen(model: PlainModel, plan: JointPointPlan, place: Place) -> list[Firm]:
    """A share of its enterprises."""
    stream = f"form.{plan.kind}"
    return [
        firm for firm in place.firms if firm.open and model.luck.uniform(stream, 0, firm.key) < plan.share
    ]


def _ally(model: PlainModel, plan: JointPointPlan, covered: Sequence[Place]) -> None:
    """A share of the places without an ally seek one among each other."""
    allied = {end for link in model.points.links["alliance"] for end in (link.place, link.other)}
    luck = model.luck
    seekers = [
        place
        for place in covered
        if luck.uniform("seek.alliance", 0, key_of(place.id)) < plan.share and place not in allied
    ]
    pairs = [(a, b) for i, a in enumerate(seekers) for b in seekers[i + 1 :]]
    for one, other in match(model, pairs, "form.alliance"):
        draw = link_draw(model, plan.kind, pair_key(key_of(one.id), key_of(other.id)))
        ends = (one.branch, other.branch)
        model.points.form(model.points.new_link(plan.kind, ends, one, draw, plan.from_year, other))


def hosts(model: PlainModel, seekers: Sequence[Place]) -> list[tuple[Place, Place]]:
    """For places that seek enterprises to pair with, others that have them; no place is host to two."""
    taken = {place.paired_with for place in model.places}
    free = [place for place in model.places if place not in taken]
    pairs = [(seeker, host) for seeker in seekers for host in free if seeker is not host]
    return match(model, pairs, "form.pairing", two_sides=True)


def match(
    model: PlainModel, pairs: Iterable[tuple[Place, Place]], stream: str, *, two_sides: bool = False
) -> list[tuple[Place, Place]]:
    """The matching of greatest total score among those that leave the fewest alone."""
    graph = nx.Graph()
    for one, other in pairs:
        graph.add_edge(
            (0, one.row), (int(two_sides), other.row), weight=round(FINE * score(model, one, other, stream))
        )
    found = sorted(sorted(pair) for pair in nx.max_weight_matching(graph, maxcardinality=True))
    return [(model.places[one], model.places[other]) for (_, one), (_, other) in found]


def score(model: PlainModel, one: Place, other: Place, stream: str) -> float:
    """φ · fit − κ · distance + a · z_i z_j + ε."""
    p, z = model.parameters["partners"], strengths(model)
    fit = fmean(abs(log(a) - log(b)) for a, b in zip(one.amenity, other.amenity, strict=True))
    far = max(one.market_distance, other.market_distance)
    u = model.luck.uniform(stream, 0, key_of(*sorted((one.id, other.id))))
    chance = p.chance * log(u / (1.0 - u))
    return p.fit * fit - p.distance * far + p.assortativity * z[one] * z[other] + chance


def strengths(model: PlainModel) -> dict[Place, float]:
    """z of each place: mean of management and nearness to markets, in standard deviations."""
    management = _standard([place.management for place in model.places])
    distance = _standard([place.market_distance for place in model.places])
    z = _standard([a - b for a, b in zip(management, distance, strict=True)])
    return dict(zip(model.places, z, strict=True))


def _standard(values: Sequence[float]) -> list[float]:
    mean, spread = fmean(values), pstdev(values)
    return [(value - mean) / spread if spread > 1e-12 else 0.0 for value in values]
