"""Links as they are kept: between institutions one by one, of households as arrays, one array entry per link.

A *link* has formed in some year and carries a fixed draw of its own; a mask decides each year whether it is active.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from abm.graph.kinds import LINK_KINDS


@dataclass
class Link:
    """A link between two institutions.

    ``village`` is the row of the place whose plan it belongs to, or -1 above the villages; ``other`` the row of a
    second place that it leads to, or -1. One that is ``dud`` has formed and never connects (连接不畅).
    """

    source: str
    target: str
    kind: str
    village: int
    draw: float
    since: int
    active: bool = False
    other: int = -1
    dud: bool = False
    meant_for: str = ""
    """The partner that was planned, where another was drawn instead (``abm.graph.rewiring``)."""

    @property
    def layer(self) -> str:
        return LINK_KINDS[self.kind].layer

    @property
    def id(self) -> str:
        return link_id(self.kind, self.source, self.target)

    @property
    def planned_id(self) -> str:
        """Its id if nothing had been rewired."""
        return link_id(self.kind, self.source, self.meant_for or self.target)

    @property
    def holders(self) -> set[str]:
        """The institutions that it lives as long as: its ends, and the one that it was meant for."""
        return {self.source, self.target, self.meant_for} - {""}


def link_id(kind: str, source: str, target: str) -> str:
    """What names a link between two institutions."""
    return f"{kind}:{source}>{target}"


@dataclass
class HouseholdLinks:
    """Links of one kind between each household and the institution of its place.

    Arrays of one entry per household: ``draw`` in (0, 1), ``since`` the year of formation (0: none yet),
    ``active`` whether anything can pass now, ``planned`` the year in which the plan ties it, which is ``since`` but
    where links are rewired.
    """

    kind: str
    draw: NDArray[np.float64]
    since: NDArray[np.int16]
    active: NDArray[np.bool_]
    planned: NDArray[np.int16] = None  # type: ignore[assignment]  # made from ``since``

    def __post_init__(self) -> None:
        if self.planned is None:
            self.planned = self.since.copy()

    def end(self, rows: NDArray[np.int64]) -> None:
        """The links of these households are no more, until a plan ties them again."""
        self.since[rows] = self.planned[rows] = 0
        self.active[rows] = False


@dataclass
class PairLinks:
    """Links of one kind between households: row numbers ``a`` < ``b`` and per link as in ``HouseholdLinks``."""

    kind: str
    a: NDArray[np.int32]
    b: NDArray[np.int32]
    form_draw: NDArray[np.float64]
    draw: NDArray[np.float64]
    since: NDArray[np.int16]
    active: NDArray[np.bool_]
    _adjacency: Any = field(default=None, repr=False)

    def neighbours(self, households: int) -> sparse.csr_array:
        """Active links as a symmetric 0/1 matrix of shape (households, households)."""
        if self._adjacency is None:
            a, b = self.a[self.active], self.b[self.active]
            ends = (np.concatenate([a, b]), np.concatenate([b, a]))
            ones = np.ones(2 * len(a), np.int8)
            self._adjacency = sparse.csr_array((ones, ends), shape=(households, households))
        return self._adjacency

    def count(self, flag: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Neighbours of each household that are flagged; ``flag`` has shape (households,)."""
        ties = self.neighbours(len(flag))
        # faster than the product of matrix and vector
        flagged = np.append(0, np.cumsum(flag.take(ties.indices)))
        return np.asarray(np.diff(flagged[ties.indptr]))

    def forget_adjacency(self) -> None:
        self._adjacency = None

    def end(self, rows: NDArray[np.bool_]) -> None:
        """The links that touch these households, shape (households,), are no more: no mask brings them back."""
        kept = ~(rows[self.a] | rows[self.b])
        for name in _PER_LINK:
            setattr(self, name, getattr(self, name)[kept])
        self.forget_adjacency()

    def append(self, links: "PairLinks") -> None:
        """Further links of this kind; whether they are active is for the masks to say."""
        for name in _PER_LINK:
            mine = getattr(self, name)
            setattr(self, name, np.concatenate([mine, getattr(links, name)]).astype(mine.dtype))
        self.forget_adjacency()


_PER_LINK = ("a", "b", "form_draw", "draw", "since", "active")
