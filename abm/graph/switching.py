"""Masking: which formed links are active in a year, and at institutions that work. It builds and removes nothing."""

from collections.abc import Collection, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from abm.core.names import BACKGROUND
from abm.graph.joint_points import JointPoints
from abm.graph.kinds import LINK_KINDS
from abm.graph.links import HouseholdLinks, PairLinks
from abm.scenario.switches import Switch


def apply_switches(
    points: JointPoints, switches: Sequence[Switch], year: int, around: Collection[str] | None = None
) -> None:
    """Set what is active in this year: a link that has formed, and whose draw lies below every mask on it.

    Background ties (kin) are never masked by a layer's switch, only by one that names their kind. With ``around``, only
    links of these institutions are looked at.
    """
    now = [switch for switch in switches if switch.in_force(year)]
    names = points.village_names
    for kind, links in points.household.items():
        if around is not None and not points.leads_to(kind, around):
            continue
        limit = _limits(now, kind, points.place, links.since, names)
        _activate(links, limit, year)
        if points.down:
            links.active[points.cut_off(kind)] = False
    for kind, ties in points.pairs.items() if around is None else ():
        limit = _limits(now, kind, points.place[ties.a], ties.since, names)
        if _activate(ties, limit, year):
            ties.forget_adjacency()
    for link in points.links.values() if around is None else points.links_of(around):
        left = link_limit(now, link.kind, link.village, link.since, link.id, names, link.other)
        points.set_active(link, link.draw < left)


def link_limit(
    switches: Sequence[Switch],
    kind: str,
    village: int,
    since: int,
    link_id: str,
    names: tuple[str, ...],
    other: int = -1,
) -> float:
    """The strength left to one link between institutions: 1 where nothing masks it. A link between two places goes
    with either of them."""
    if not switches:
        return 1.0
    ends = {names[row] for row in (village, other) if row >= 0}
    masks = [
        s.strength
        for s in switches
        if _names_kind(s, kind)
        and (s.village is None or s.village in ends)
        and (s.link is None or s.link == link_id)
        and (s.added_since is None or since >= s.added_since)
    ]
    return min(masks, default=1.0)


def _names_kind(switch: Switch, kind: str) -> bool:
    layer = LINK_KINDS[kind].layer
    if layer == BACKGROUND:
        return switch.kind == kind
    return switch.layer in (None, layer) and switch.kind in (None, kind)


def _limits(
    switches: Iterable[Switch],
    kind: str,
    village: NDArray[np.int64],
    since: NDArray[np.int16],
    names: tuple[str, ...],
) -> NDArray[np.float64]:
    """The strength left to each link of one kind; shape of ``village``."""
    limit = np.ones(len(village))
    for switch in switches:
        if not _names_kind(switch, kind) or switch.link is not None:
            continue
        masked = np.ones(len(village), bool)
        if switch.village is not None:  # which may be one of those that are not simulated
            masked &= village == (names.index(switch.village) if switch.village in names else -1)
        if switch.added_since is not None:
            masked &= since >= switch.added_since
        np.minimum(limit, switch.strength, out=limit, where=masked)
    return limit


def _activate(links: HouseholdLinks | PairLinks, limit: NDArray[np.float64], year: int) -> bool:
    """Active: formed by now, and the link's own draw lies below what is left of its strength. Returns whether that
    changes anything."""
    active = (links.since > 0) & (links.since <= year) & (links.draw < limit)
    changed = not np.array_equal(active, links.active)
    links.active[:] = active
    return changed
