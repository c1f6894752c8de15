"""Placebo (安慰剂): as many links as planned, in the same years, but tied at random, without any social meaning.

What a layer does may come from *who* is tied with whom, or from there being links at all and the money that comes
with them. With a layer rewired only the second is left: an effect that survives it owes nothing to whom the links
tie. Rewired are the links that form in or after some year; older ones stay, and every arm is one run until then.
Nothing else is drawn: a rewired link keeps the year, the fixed draw that masks compare with, and for links between
institutions the place whose plan it belongs to, so that a switch masks it as it would the planned one.

How the ends are drawn follows from what a kind of link can tie at all:

- *A household and an institution* (``grid``, ``membership``, ``fund`` and the like). Rules know a
  household's links to the institution of its own place only; nobody can be a member of another village's collective.
  So the households are drawn: as many as planned, over the whole district, be there an institution that has what it
  needs or not.
- *Two households* (``mutual_aid``). Two of the same place, whoever they are, instead of neighbours of like standing.
- *Two institutions* (``liaison``, ``project``, ``grant`` and the like). The source keeps its link;
  its partner is drawn from the district's institutions of the same type, those without a link of this kind first. A
  branch hears from enterprises of another place, an enterprise has its contract with another collective.

What a rewired link cannot carry: a grid that is tied to another village's branch passes no case on, and a branch tells
of vacancies through grids of its own only, so of the rewired organizational layer little but its money remains. Where
a plan covers everybody there is nothing to draw: everybody is linked in the placebo, too.

Every lot is keyed by the link and by the agent that it may fall on, and the lowest lots win: one more household takes
a link from whom its own lot undercuts, and moves no other.

Reference for placebos of network effects by rewiring: docs/TARGETS.md, point 2 (c); Watts & Strogatz (1998),
*Collective dynamics of small-world networks*, Nature 393, for rewiring as such.
"""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from abm.core.draws import Keys, Luck, mix
from abm.graph.joint_points import JointPoints
from abm.graph.links import HouseholdLinks, PairLinks


def drawn_households(
    links: HouseholdLinks, luck: Luck, keys: Keys, number: int, eligible: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Rows of ``number`` eligible households without a link of this kind, by lot; fewer where there are no more."""
    rows = np.flatnonzero(eligible & (links.since == 0))
    lots = luck.uniform(f"rewire.{links.kind}", 0, keys[rows])
    return np.sort(rows[np.argsort(lots, kind="stable")[:number]])


def rewire_ties(
    ties: PairLinks, chosen: NDArray[np.int64], place: NDArray[np.int64], luck: Luck, keys: Keys
) -> None:
    """Give each of the chosen ties two other ends: the two households of its place whose lots for it are lowest.

    A pair that is tied already is passed over. A tie keeps its draws; where all pairs of a place are tied, its ends.

    Args:
        chosen: numbers of ties that form now, shape (chosen,).
        place: the place's row of each household, shape (households,).
    """
    formed = ties.since > 0
    tied = set(zip(ties.a[formed].tolist(), ties.b[formed].tolist(), strict=True))
    of_tie = bits(ties.form_draw)
    for tie in chosen[np.argsort(ties.form_draw[chosen], kind="stable")].tolist():
        rows = np.flatnonzero(place == place[ties.a[tie]])
        lots = luck.uniform(f"rewire.{ties.kind}", 0, mix(keys[rows] ^ of_tie[tie]))
        free = (pair for pair in _pairs(rows[np.argsort(lots, kind="stable")].tolist()) if pair not in tied)
        pair = next(free, (int(ties.a[tie]), int(ties.b[tie])))
        tied.add(pair)
        ties.a[tie], ties.b[tie] = pair
    ties.forget_adjacency()


def _pairs(rows: list[int]) -> Iterator[tuple[int, int]]:
    """All pairs of rows, those early in the list first; the smaller row first in each."""
    for later, one in enumerate(rows):
        for other in rows[:later]:
            yield min(one, other), max(one, other)


def drawn_partner(
    points: JointPoints,
    kind: str,
    source: str,
    target: str,
    draw: float,
    luck: Luck,
    key: Callable[[str], int],
) -> str:
    """The institution that a link from ``source`` leads to instead of ``target``: one of the same type, by lot.

    Those that no link of this kind leads to come first, since a plan ties most partners once; then those that none
    from this source leads to.

    Args:
        draw: the link's fixed draw, which stands for it.
        key: luck's name of an institution, never made of its label.
    """
    alike = [name for name in points.of_type_of(target) if name != source]
    taken = points.linked_to(kind)
    free = [name for name in alike if name not in taken]
    free = free or [name for name in alike if source not in taken[name]]
    if not free:
        return target
    keys = np.array([key(name) for name in free], np.uint64)
    lots = luck.uniform(f"rewire.{kind}", 0, mix(keys ^ bits(np.array([draw]))))
    return free[int(np.argmin(lots))]


def bits(draws: NDArray[np.float64]) -> Keys:
    """Fixed draws of links as keys: the same draw, the same key."""
    return np.ascontiguousarray(draws, np.float64).view(np.uint64)
