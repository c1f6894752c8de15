"""Joint-points: links between institutions one by one, and what masks and outages leave of all links.

What has formed stays; whether anything passes is asked of the switches in force, of the link's own draw and of the
institutions at its ends.
"""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

import mesa

from abm.core.names import BACKGROUND
from abm.graph.kinds import INSTITUTION_OF, LINK_KINDS
from abm.scenario.switches import Switch
from tests.reference.agents import Firm, Household, Place

if TYPE_CHECKING:
    from tests.reference.model import PlainModel


class Link(NamedTuple):
    """Between two institutions; ``place`` has planned it, ``other`` is a second place that it leads to."""

    kind: str
    source: mesa.Agent
    target: mesa.Agent
    place: Place
    other: Place | None
    draw: float
    since: int
    dud: bool


class Tie(NamedTuple):
    """Between two households.

    ``draw`` decides from which share of a plan on they are tied, ``mask`` from which strength of the layer on it is
    active; ``since`` is the year of forming, 0 before.
    """

    one: Household
    other: Household
    draw: float
    mask: float
    since: int


class Points:
    """What has formed, and what of it carries something now."""

    def __init__(self, model: PlainModel) -> None:
        self.model = model
        self.links: defaultdict[str, list[Link]] = defaultdict(list)
        self.ties: dict[str, list[Tie]] = {}
        """Possible ties and those that have formed; kin keep their own lists."""
        self.switches: list[Switch] = []
        """Masks of whole layers."""
        self.down: set[mesa.Agent] = set()

    def left(self, kind: str, since: int) -> float:
        """Strength that the masks in force leave to a link that formed in some year."""
        layer = LINK_KINDS[kind].layer
        masks = [
            switch.strength
            for switch in self.switches
            if switch.layer == layer != BACKGROUND
            and switch.in_force(self.model.plan_year)
            and since >= (switch.added_since or 0)
        ]
        return min(masks, default=1.0)

    def carries(self, link: Link) -> bool:
        """Whether something can pass."""
        works = not link.dud and link.source not in self.down and link.target not in self.down
        return works and link.draw < self.left(link.kind, link.since)

    def active(self, kind: str) -> list[Link]:
        """Links of a kind that carry something, in the order of forming."""
        return [link for link in self.links[kind] if self.carries(link)]

    def new_link(
        self,
        kind: str,
        ends: tuple[mesa.Agent, mesa.Agent],
        place: Place,
        draw: float,
        since: int,
        other: Place | None = None,
    ) -> Link:
        """One that never connects (连接不畅) is so by a draw under the number of its own draw."""
        key = int.from_bytes(struct.pack("<d", draw), "little")
        dud = self.model.luck.uniform("ties.dud", 0, key) < self.model.parameters["ties"].dud_share
        return Link(kind, *ends, place, other, draw, since, dud)

    def form(self, link: Link) -> Link:
        """Nothing forms twice between the same two."""
        if not any(old[:3] == link[:3] for old in self.links[link.kind]):
            self.links[link.kind].append(link)
        return link

    def end(self, institution: Firm) -> None:
        """It is no more, nor are its links."""
        for kind, links in self.links.items():
            self.links[kind] = [link for link in links if institution not in link[1:3]]

    def refresh(self, homes: Iterable[Household]) -> None:
        """Which links of households carry something now."""
        for home in homes:
            home.links = {
                kind
                for kind, since in home.since.items()
                if home.masks[kind] < self.left(kind, since) and end_of(home, kind) not in self.down
            }

    def refresh_ties(self) -> None:
        """The same of ties between households, but for kin, whom no layer's mask touches."""
        for kind, ties in self.ties.items():
            for home in self.model.households:
                home.ties[kind] = []
            for tie in ties:
                if tie.since and tie.mask < self.left(kind, tie.since):
                    tie.one.ties[kind].append(tie.other)
                    tie.other.ties[kind].append(tie.one)

    def break_down(self, institutions: set[mesa.Agent]) -> None:
        """These do not work from now on (平台失效), all others do."""
        changed, self.down = self.down ^ institutions, institutions
        places = {institution.place for institution in changed if institution.place is not None}
        self.refresh(home for place in places for home in place.dwellings)


def end_of(home: Household, kind: str) -> mesa.Agent:
    """The institution that a household's link of this kind leads to."""
    place = home.place
    return {
        "branch": place.branch,
        "grid": place.grids[home.grid - 1],
        "collective": place.collective,
        "volunteers": place.organization,
        "association": place.association,
        "fund": place.fund,
        "platform": place.platform,
    }[INSTITUTION_OF[kind]]
