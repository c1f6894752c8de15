"""The joint-point graph: institutions as a live networkx graph, household links as arrays.

A mask decides each year which formed links are active. Rules see active links only: a masked link is absent from
``JointPoints.graph`` and False in the arrays.

Source: 000_dc7ebc0f9aeec511.txt, 三、创设接点 (the three kinds) and 表1 (break-points, 断点).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from abm.core.names import BACKGROUND, LAYERS
from abm.graph.kinds import INSTITUTION_OF, LINK_KINDS, TIED_IN_BY
from abm.graph.links import HouseholdLinks, Link, PairLinks, link_id


@dataclass(frozen=True)
class BreakPoint:
    """断点: somebody whose path to a resource has no active link.

    ``node`` is an institution's name or ``household N``; ``kind`` the kind of link that is missing.
    """

    node: str
    village: str
    layer: str
    kind: str
    resource: str


class JointPoints:
    """All links of a world: formed ones, and which of them are active now.

    Args:
        village_names: names of the places in row order.
        place: the place's row of each household, shape (households,).
    """

    def __init__(self, village_names: tuple[str, ...], place: NDArray[np.int64]) -> None:
        self.village_names = village_names
        self.place = place
        self.grid = np.ones(len(place), np.int32)
        """Number of each household's grid within its place, from 1."""
        self.inhabited = np.ones(len(place), bool)
        """Whether anybody lives in each dwelling; the links of an empty one carry nothing."""
        self.graph = nx.MultiDiGraph()
        self.links: dict[str, Link] = {}
        self._formed: set[str] = set()
        self._links_of: dict[str, dict[str, None]] = {}
        self._links_by_kind: dict[str, dict[str, Link]] = {kind: {} for kind in LINK_KINDS}
        self.household: dict[str, HouseholdLinks] = {}
        self.pairs: dict[str, PairLinks] = {}
        self.down: set[str] = set()
        """Institutions that do not work now (平台失效): links that touch one carry nothing."""

    def add_institution(self, name: str, agent: Any, **attributes: Any) -> None:
        """A node; ``agent`` is what stands behind it."""
        self.graph.add_node(name, agent=agent, **attributes)

    def remove_institution(self, name: str) -> None:
        """Take a node out, with all its links, formed or active."""
        for key in self._links_of.pop(name, {}):
            link = self.links.pop(key)
            self.set_active(link, False)
            self._links_by_kind[link.kind].pop(key)
            self._formed.discard(link.planned_id)
            for other in link.holders - {name}:
                self._links_of[other].pop(key, None)
        self.graph.remove_node(name)

    def add_link(self, link: Link, *, active: bool) -> None:
        """Form a link between institutions; it enters the live graph if it is active."""
        self.links[link.id] = self._links_by_kind[link.kind][link.id] = link
        self._formed.add(link.planned_id)
        for holder in link.holders:
            self._links_of.setdefault(holder, {})[link.id] = None
        self.set_active(link, active)

    def has_formed(self, kind: str, source: str, target: str) -> bool:
        """Whether the link that is planned between these two has formed, to whichever partner it leads."""
        return link_id(kind, source, target) in self._formed

    def of_type_of(self, name: str) -> list[str]:
        """Institutions of the same type and tier, in the order in which they came."""
        nodes, like = self.graph.nodes, self.graph.nodes[name]
        sort = (like["type"], like.get("tier"))
        return [other for other, data in nodes(data=True) if (data["type"], data.get("tier")) == sort]

    def linked_to(self, kind: str) -> dict[str, set[str]]:
        """Where formed links of a kind lead, and from whom."""
        found: dict[str, set[str]] = {}
        for link in self.links_of_kind(kind):
            found.setdefault(link.target, set()).add(link.source)
        return found

    def set_active(self, link: Link, active: bool) -> None:
        """Put a formed link into the live graph or take it out; one that never connects stays out."""
        active = active and not link.dud and not self.down.intersection((link.source, link.target))
        if active and not link.active:
            self.graph.add_edge(
                link.source,
                link.target,
                key=link.id,
                layer=link.layer,
                kind=link.kind,
                strength=1.0,
                since=link.since,
                background=link.layer == BACKGROUND,
            )
        elif link.active and not active:
            self.graph.remove_edge(link.source, link.target, key=link.id)
        link.active = active

    def links_of_kind(self, kind: str) -> Iterable[Link]:
        """Formed links of one kind between institutions, active or not, in the order in which they formed."""
        return self._links_by_kind[kind].values()

    def active_links(self, kind: str) -> Iterator[Link]:
        """Active links of one kind between institutions, in the order in which they formed."""
        return (link for link in self.links_of_kind(kind) if link.active)

    def links_of(self, institutions: Iterable[str]) -> list[Link]:
        """Formed links between institutions with one of these at an end, active or not."""
        found = {key: None for name in institutions for key in self._links_of.get(name, ())}
        return [self.links[key] for key in found]

    def leads_to(self, kind: str, institutions: Iterable[str]) -> bool:
        """Whether links of households of this kind lead to institutions such as one of these."""
        return any(name.startswith(f"{INSTITUTION_OF[kind]}:") for name in institutions)

    def agents(self, link: Link) -> tuple[Any, Any]:
        """What stands behind the two ends of a link between institutions."""
        nodes = self.graph.nodes
        return nodes[link.source]["agent"], nodes[link.target]["agent"]

    def reaches(self, kind: str) -> NDArray[np.bool_]:
        """Whether each household has an active link of this kind; shape (households,)."""
        return self.household[kind].active & self.inhabited

    def end_of(self, kind: str, row: int) -> str:
        """Name of the institution at the other end of a household's link of this kind."""
        village = self.village_names[self.place[row]]
        end = f"{INSTITUTION_OF[kind]}:{village}"
        return f"{end}/{self.grid[row]}" if kind == "grid" else end

    def cut_off(self, kind: str) -> NDArray[np.bool_]:
        """Households whose end of a link of this kind does not work now; shape (households,)."""
        found = np.zeros(len(self.place), bool)
        prefix = INSTITUTION_OF[kind] + ":"
        for name in self.down:
            village, _, grid = name.removeprefix(prefix).partition("/")
            if name.startswith(prefix) and village in self.village_names:
                here = self.place == self.village_names.index(village)
                found |= here & (self.grid == int(grid)) if grid else here
        return found

    def degrees(self) -> NDArray[np.int32]:
        """Active links of each household by layer; shape (3, households)."""
        count = np.zeros((len(LAYERS), len(self.place)), np.int32)
        for kind, links in self.household.items():
            count[LAYERS.index(LINK_KINDS[kind].layer)] += links.active & self.inhabited
        for kind, ties in self.pairs.items():
            layer = LINK_KINDS[kind].layer
            if layer in LAYERS:
                row = count[LAYERS.index(layer)]
                live = np.flatnonzero(ties.active & self.inhabited[ties.a] & self.inhabited[ties.b])
                row += np.bincount(ties.a[live], minlength=len(row)).astype(np.int32)
                row += np.bincount(ties.b[live], minlength=len(row)).astype(np.int32)
        return count

    def break_points(self, *, institutions: bool = False, households: bool = False) -> list[BreakPoint]:
        """What is cut: per village every kind of link that nobody in it has; with ``institutions`` also every
        institution without an active link of the kind that it lives by, and with ``households`` every household
        without an active link in a layer."""
        found = []
        for row, name in enumerate(self.village_names):
            members = self.place == row
            for kind, what in LINK_KINDS.items():
                if what.layer != BACKGROUND and not self._village_has(kind, row, members):
                    found.append(BreakPoint(name, name, what.layer, kind, what.resource))
        if institutions:
            found += self._cut_institutions()
        if households:
            degree = self.degrees()
            for i, layer in enumerate(LAYERS):
                for household in np.flatnonzero((degree[i] == 0) & self.inhabited).tolist():
                    village = self.village_names[self.place[household]]
                    found.append(
                        BreakPoint(f"household {household}", village, layer, "any", "all of the layer")
                    )
        return found

    def _cut_institutions(self) -> list[BreakPoint]:
        """Institutions of the villages without an active link of the kind that ties them in."""
        tied = {(end, data["kind"]) for *ends, data in self.graph.edges(data=True) for end in ends}
        found = []
        for name, data in self.graph.nodes(data=True):
            kind = TIED_IN_BY.get(data.get("tier") or data["type"])
            if kind is not None and (name, kind) not in tied:
                what = LINK_KINDS[kind]
                found.append(BreakPoint(name, data["village"], what.layer, kind, what.resource))
        return found

    def _village_has(self, kind: str, row: int, members: NDArray[np.bool_]) -> bool:
        if kind in self.household:
            return bool(self.reaches(kind)[members].any())
        if kind in self.pairs:
            ties = self.pairs[kind]
            return bool(members[ties.a[ties.active]].any())
        return any(row in (link.village, link.other) for link in self.active_links(kind))

    def with_households(self) -> nx.MultiDiGraph:
        """The whole as one networkx graph, for small worlds and export; agents are left out."""
        whole = nx.MultiDiGraph()
        for name, data in self.graph.nodes(data=True):
            whole.add_node(name, **{k: v for k, v in data.items() if k != "agent"})
        whole.add_edges_from(self.graph.edges(keys=True, data=True))
        for row, place in enumerate(self.place.tolist()):
            whole.add_node(f"household {row}", type="household", village=self.village_names[place])
        for kind, links in self.household.items():
            for row in np.flatnonzero(links.active).tolist():
                self._export(whole, f"household {row}", self.end_of(kind, row), kind, int(links.since[row]))
        for kind, ties in self.pairs.items():
            for i in np.flatnonzero(ties.active).tolist():
                ends = (f"household {ties.a[i]}", f"household {ties.b[i]}")
                self._export(whole, *ends, kind, int(ties.since[i]))
        return whole

    @staticmethod
    def _export(whole: nx.MultiDiGraph, source: str, target: str, kind: str, since: int) -> None:
        layer = LINK_KINDS[kind].layer
        whole.add_edge(
            source,
            target,
            key=f"{kind}:{source}>{target}",
            layer=layer,
            kind=kind,
            strength=1.0,
            since=since,
            background=layer == BACKGROUND,
        )
