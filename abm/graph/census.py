"""How many links there are, by place, kind and what they tie: the joint-point graph as a small table.

A masked link has formed and is not active. Counting reads links and whether they are active, never a switch.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from abm.core.names import BACKGROUND
from abm.graph.joint_points import JointPoints
from abm.graph.kinds import INSTITUTION_OF, LINK_KINDS

HOUSEHOLD = "household"


@dataclass(frozen=True)
class LinkCount:
    """The links of one kind between two types of ends in one place.

    Args:
        village: the place; empty above the places.
        source, target: types of the ends: district, branch, grid, collective, volunteers, station, enterprise/SECTOR,
            household …; empty where no such link has formed.
        formed, active: how many there are, and how many of them carry something.
        reached: of the households of the place, the share with an active one; NaN for links between institutions, and
            where nobody lives.
    """

    village: str
    kind: str
    source: str
    target: str
    formed: int
    active: int
    reached: float

    @property
    def layer(self) -> str:
        return LINK_KINDS[self.kind].layer


def end_type(points: JointPoints, name: str) -> str:
    """What stands behind a node: the first part of its name; the district's branch and sectors are told apart."""
    if name == "branch:district":
        return "district"
    kind = name.partition(":")[0]
    sector = points.graph.nodes[name].get("sector", "")
    return f"{kind}/{sector}" if sector else kind


def count_links(points: JointPoints) -> Iterator[LinkCount]:
    """All links that have formed; a place without any of a kind has a row with zeros for it."""
    lived_in = _by_place(points, points.inhabited)
    for kind, what in LINK_KINDS.items():
        if what.ends == "institutions":
            yield from _between_institutions(points, kind)
        elif what.ends == "household":
            yield from _to_households(points, kind, lived_in)
        else:
            yield from _between_households(points, kind, lived_in)


def _between_institutions(points: JointPoints, kind: str) -> Iterator[LinkCount]:
    """A link that leads to a second place counts in both."""
    counts: dict[tuple[str, str, str], list[int]] = {}
    for link in points.links_of_kind(kind):
        ends = end_type(points, link.source), end_type(points, link.target)
        for row in {link.village, link.other} - {-1} or {-1}:
            village = points.village_names[row] if row >= 0 else ""
            count = counts.setdefault((village, *ends), [0, 0])
            count[0] += 1
            count[1] += link.active
    there = {village for village, _, _ in counts}
    for village in points.village_names:
        if village not in there and LINK_KINDS[kind].layer != BACKGROUND:
            counts[village, "", ""] = [0, 0]
    for (village, source, target), (formed, active) in counts.items():
        yield LinkCount(village, kind, source, target, formed, active, float("nan"))


def _to_households(points: JointPoints, kind: str, lived_in: NDArray[np.int64]) -> Iterator[LinkCount]:
    links = points.household[kind]
    formed = _by_place(points, (links.since > 0) & points.inhabited)
    active = _by_place(points, points.reaches(kind))
    for row, village in enumerate(points.village_names):
        yield LinkCount(
            village,
            kind,
            HOUSEHOLD,
            INSTITUTION_OF[kind],
            int(formed[row]),
            int(active[row]),
            _share(active[row], lived_in[row]),
        )


def _between_households(points: JointPoints, kind: str, lived_in: NDArray[np.int64]) -> Iterator[LinkCount]:
    """A tie belongs to the place of its first household; both ends count as reached."""
    ties, places = points.pairs[kind], len(points.village_names)
    both = points.inhabited[ties.a] & points.inhabited[ties.b]
    live, place = ties.active & both, points.place.take(ties.a)
    formed, active = (
        np.bincount(place[chosen], minlength=places) for chosen in ((ties.since > 0) & both, live)
    )
    tied = np.zeros(len(points.place), bool)
    tied[ties.a[live]] = tied[ties.b[live]] = True
    reached = _by_place(points, tied)
    for row, village in enumerate(points.village_names):
        yield LinkCount(
            village,
            kind,
            HOUSEHOLD,
            HOUSEHOLD,
            int(formed[row]),
            int(active[row]),
            _share(reached[row], lived_in[row]),
        )


def _by_place(points: JointPoints, chosen: NDArray[np.bool_]) -> NDArray[np.int64]:
    return np.bincount(points.place[chosen], minlength=len(points.village_names))


def _share(part: int, whole: int) -> float:
    return float(part) / float(whole) if whole > 0 else float("nan")
