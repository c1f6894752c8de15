"""What the calendar brings at the start of a year: planned links, masks, programme money."""

from collections.abc import Iterator

import numpy as np

from abm.core.draws import key_of, name_key
from abm.graph.formation import form_household_links, form_pair_links
from abm.graph.joint_points import LINK_KINDS
from abm.scenario.schema import JointPointPlan
from abm.world.build import place_mask
from abm.world.enterprises import enterprise_names
from abm.world.world import OUTSIDE, World

_LINK = np.uint64(name_key("link"))


_FRESH_EACH_TICK = (
    "busy",
    "contact",
    "care_due",
    "spent",
    "joint_activity",
    "news_organizational",
    "news_interest",
    "news_social",
)


def begin_tick(world: World) -> None:
    """Advance the calendar; what belongs to one tick only starts from nothing."""
    world.calendar.advance()
    for name in _FRESH_EACH_TICK:
        world.households[name].fill(0.0)
    world.households.cash_first = world.ledger.yuan("household")
    if world.calendar.year_begins:
        begin_year(world)


def begin_year(world: World) -> None:
    """Planned links form, by the same draws in every arm; masks apply; envelopes arrive."""
    for plan in world.scenario.joint_points:
        if _begins(world, plan) or (
            plan.kind == "liaison" and plan.from_year <= world.plan_year
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
            world.points, kind, world.draws, h.key, covered, plan.share, world.plan_year, eligible
        )
    elif ends == "households":
        form_pair_links(world.points, kind, covered, plan.share, world.plan_year)
    else:
        for place in covered.tolist():
            _form_institutional(world, plan, place)


def _form_institutional(world: World, plan: JointPointPlan, place: int) -> None:
    """Links between the institutions of one place, or with those of the district."""
    few, kind, share, since = world.institutions, plan.kind, plan.share, plan.from_year
    village = few.village_branches[place].name
    if kind == "vertical":
        _link(world, kind, few.district.name, village, place, 0, since)
    elif kind == "grid_branch":
        for number, grid in enumerate(few.grid_branches[place]):
            _link(world, kind, village, grid.name, place, number, since)
    elif kind == "station":
        _link(world, kind, "station:district", few.organizations[place].name, place, 0, since)
    elif kind == "liaison":
        for name, number in _chosen_enterprises(world, place, kind, share):
            _link(world, kind, village, name, place, number, since)
    elif kind == "project":
        target = few.collectives[place].name
        for name, number in _chosen_enterprises(world, place, kind, share):
            _link(world, kind, name, target, place, number, since)


def _chosen_enterprises(world: World, place: int, kind: str, share: float) -> Iterator[tuple[str, int]]:
    """Names and numbers of a share of the open enterprises of a place, by a draw of each one's own."""
    firms = world.enterprises
    rows = np.flatnonzero((firms.place == place) & firms.open)
    drawn = world.draws.uniform(f"form.{kind}", 0, firms.key[rows]) < share
    chosen = rows[drawn]
    return zip(enterprise_names(world, chosen), firms.number[chosen].tolist(), strict=True)


def _link(world: World, kind: str, source: str, target: str, place: int, number: int, since: int) -> None:
    if f"{kind}:{source}>{target}" not in world.points.links:
        world.form_link(kind, source, target, place, link_draw(world, kind, place, number), since)


def link_draw(world: World, kind: str, place: int, number: int) -> float:
    """The fixed draw that a mask compares with, of a link of this kind and the number of its end in its place.

    Keyed by the place's id, never by a name: names are labels.
    """
    key = key_of(world.places.id[place], number) ^ _LINK
    return float(world.draws.uniform(f"mask.{kind}", 0, key)[0])


def _fill_envelopes(world: World) -> None:
    """By the people who belong to a place, at home or away, since that number is the same in every arm."""
    for envelope in world.envelopes:
        due = envelope.per_head(world.plan_year) * world.places.members_first * world.index
        world.ledger.transfer(OUTSIDE, ("programme", envelope.accounts), due, "envelope")
