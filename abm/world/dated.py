"""What the calendar brings at the start of a year: planned links, masks, programme money."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from abm.core.draws import Keys, key_of, name_key, pair_key
from abm.graph.formation import form_household_links, form_pair_links
from abm.graph.kinds import LINK_KINDS
from abm.scenario.schema import JointPointPlan
from abm.world.build import place_mask
from abm.world.enterprises import enterprise_names
from abm.world.partners import find_allies, find_hosts
from abm.world.programmes import Envelope
from abm.world.world import OUTSIDE, World

_LINK = np.uint64(name_key("link"))


_FRESH_EACH_TICK = (
    "busy",
    "contact",
    "care_due",
    "spent",
    "joint_activity",
    "helping",
    "at_stake",
    "shown",
    "shown_product",
    "online",
    "news_organizational",
    "news_interest",
    "news_social",
)


def begin_tick(world: World) -> None:
    """Advance the calendar; what belongs to one tick only starts from nothing."""
    world.calendar.advance()
    for name in _FRESH_EACH_TICK:
        world.households[name].fill(0.0)
    world.tellings.clear()
    world.households.cash_first = world.ledger.yuan("household")
    if world.calendar.year_begins:
        begin_year(world)


def begin_year(world: World) -> None:
    """Planned links form, by the same draws in every arm; masks apply; envelopes arrive."""
    for plan in world.scenario.joint_points:
        if _begins(world, plan) or (
            plan.kind in ("liaison", "pairing") and plan.from_year <= world.plan_year
        ):  # with enterprises founded since
            form_planned(world, plan)
    world.refresh_masks()
    _fill_envelopes(world)


def _begins(world: World, plan: JointPointPlan) -> bool:
    """What the district has at its start is there from the first tick on, and kept up throughout the burn-in: of the
    enterprises founded in it, too, a share is linked."""
    start = world.scenario.start_year
    return world.year <= start if plan.from_year <= start else plan.from_year == world.year


def form_planned(world: World, plan: JointPointPlan) -> None:
    """Form the links of one line of the scenario's plan."""
    covered = np.flatnonzero(place_mask(world.scenario, plan.places, world.place_names))
    kind, h = plan.kind, world.households
    ends = LINK_KINDS[kind].ends
    if ends == "household":
        eligible = h.registered.copy() if kind == "membership" else np.ones(len(h), bool)
        form_household_links(
            world.points,
            kind,
            world.draws,
            h.key,
            covered,
            plan.share,
            world.plan_year,
            eligible,
            rewired=world.is_rewired(kind, plan.from_year),
        )
        if kind == "digital":
            _open_platforms(world)
    elif ends == "households":
        rewired_by = (world.draws, h.key) if world.is_rewired(kind, plan.from_year) else None
        form_pair_links(world.points, kind, covered, plan.share, world.plan_year, rewired_by)
    elif kind == "alliance":
        _form_alliances(world, plan, covered)
    else:
        if kind == "pairing":
            _seek_hosts(world, covered)
        for place in covered.tolist():
            _form_institutional(world, plan, place)


def _open_platforms(world: World) -> None:
    """A place whose households are linked to its platform has one from now on; its branch runs it (综合服务平台)."""
    points = world.points
    linked = np.unique(world.households.place[points.household["digital"].since > 0])
    for branch in (world.institutions.village_branches[place] for place in linked.tolist()):
        name = f"platform:{branch.village}"
        if name not in points.graph:
            points.add_institution(name, branch, type="platform", village=branch.village)


def _form_alliances(world: World, plan: JointPointPlan, covered: NDArray[np.int64]) -> None:
    """A share of the places that have no ally yet seek one among each other."""
    branches = world.institutions.village_branches
    row_of = {branch.name: branch.place for branch in branches}
    allied = {  # by plan, whoever a rewired one leads to
        row
        for link in world.points.links_of_kind(plan.kind)
        for row in (link.village, row_of[link.meant_for or link.target])
    }
    seeks = world.draws.uniform("seek.alliance", 0, key_of(world.places.id[covered])) < plan.share
    seekers = [row for row in covered[seeks].tolist() if row not in allied]
    for one, other in find_allies(world, seekers):
        key = pair_key(*(key_of(world.places.id[row]) for row in (one, other)))
        ends = (branches[one].name, branches[other].name)
        draw = link_draw(world, plan.kind, key)
        world.form_link(plan.kind, *ends, one, draw, plan.from_year, other)


def _seek_hosts(world: World, covered: NDArray[np.int64]) -> None:
    """Places that are not paired yet find the place whose enterprises they pair with, once and for all."""
    paired_with = world.places.paired_with
    for place, host in find_hosts(world, covered[paired_with[covered] < 0].tolist()):
        paired_with[place] = host


def _form_institutional(world: World, plan: JointPointPlan, place: int) -> None:
    """Links between the institutions of one place, or with those of the district."""
    few, kind, share, since = world.institutions, plan.kind, plan.share, plan.from_year
    village = few.village_branches[place].name
    ident = world.places.id[place]
    first = key_of(ident, 0)
    if kind == "vertical":
        _link(world, kind, few.district.name, village, place, first, since)
    elif kind == "grid_branch":
        for number, grid in enumerate(few.grid_branches[place]):
            _link(world, kind, village, grid.name, place, key_of(ident, number), since)
    elif kind == "station":
        _link(world, kind, "station:district", few.organizations[place].name, place, first, since)
    elif kind in ("rural_bank", "academy"):
        _link(world, kind, f"{kind}:district", few.associations[place].name, place, first, since)
    elif kind == "grant":
        _link(world, kind, few.government.name, few.collectives[place].name, place, first, since)
    elif kind == "liaison":
        for name, key in _chosen_enterprises(world, place, kind, share):
            _link(world, kind, village, name, place, key, since)
    elif kind == "project":
        target = few.collectives[place].name
        for name, key in _chosen_enterprises(world, place, kind, share):
            _link(world, kind, name, target, place, key, since)
    elif kind == "pairing":
        host = int(world.places.paired_with[place])
        for name, key in _chosen_enterprises(world, host, kind, share) if host >= 0 else ():
            if not world.points.has_formed(kind, village, name):
                draw = link_draw(world, kind, pair_key(key_of(world.places.id[place]), key))
                world.form_link(kind, village, name, place, draw, since, host)


def _chosen_enterprises(world: World, place: int, kind: str, share: float) -> Iterator[tuple[str, Keys]]:
    """Names and keys of a share of the open enterprises of a place, by a draw of each one's own."""
    firms = world.enterprises
    rows = np.flatnonzero((firms.place == place) & firms.open)
    drawn = world.draws.uniform(f"form.{kind}", 0, firms.key[rows]) < share
    chosen = rows[drawn]
    return zip(enterprise_names(world, chosen), firms.key[chosen][:, np.newaxis], strict=True)


def _link(world: World, kind: str, source: str, target: str, place: int, key: Keys, since: int) -> None:
    if not world.points.has_formed(kind, source, target):
        world.form_link(kind, source, target, place, link_draw(world, kind, key), since)


def link_draw(world: World, kind: str, key: Keys) -> float:
    """The fixed draw that a mask compares with, of a link of this kind.

    Args:
        key: one, of an enterprise at its end, else of the place's id and the number of the institution in it: never of
            a name, since names are labels, nor of an enterprise's number, which depends on who was founded before.
    """
    return float(world.draws.uniform(f"mask.{kind}", 0, key ^ _LINK)[0])


def _fill_envelopes(world: World) -> None:
    """By the people who belong to a place, at home or away, since that number is the same in every arm."""
    for envelope in world.envelopes:
        due = envelope.per_head(world.plan_year) * world.places.members_first * world.index
        if world.is_rewired(envelope.pays_for, world.plan_year):
            due = np.maximum(due + _moved(world, envelope), 0.0)
        world.ledger.transfer(OUTSIDE, ("programme", envelope.accounts), due, "envelope")


def _moved(world: World, envelope: Envelope) -> NDArray[np.float64]:
    """Programme money that goes where rewired links of households have gone, yuan by place; adds up to nothing.

    Money of programmes that began since the rewiring, the same for each link. That for links between institutions
    stays with the place that plans them.
    """
    since = world.rewired_since[envelope.layer]
    by_plan = envelope.per_head(world.plan_year, since) * world.places.members_first * world.index
    links = world.points.household.get(envelope.pays_for)
    linked = world.by_place(links.since >= since) if links is not None else np.zeros(len(by_plan))
    if linked.sum() == 0:
        return np.zeros(len(by_plan))
    return by_plan.sum() * linked / linked.sum() - by_plan
