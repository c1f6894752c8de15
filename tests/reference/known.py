"""What of the production's columns is known already, so that what has not changed is neither read nor compared
again."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import mesa
from numpy.typing import NDArray


class Known:
    """Columns by name as they last were, in plain Python, and what agents were like when they were copied."""

    def __init__(self) -> None:
        self._last: dict[Hashable, tuple[bytes, list[Any]]] = {}
        self._pictures: dict[mesa.Agent, dict[str, Any]] = {}
        self._order: dict[str, list[mesa.Agent]] = {}
        self.held: set[Hashable] = set()
        """Names of what the plain agents were found to hold exactly; empty once they may have acted since."""
        self.points: Any = None
        """The same of links and institutions, as ``mirrored_points`` tells it."""

    def listed(self, name: Hashable, column: NDArray[Any]) -> list[Any]:
        """A column of single values as a list, which nobody may change."""
        last, now = self._last.get(name), column.tobytes()
        if last is None or last[0] != now:
            last = self._last[name] = (now, column.tolist())
        return last[1]

    def is_last(self, name: Hashable, column: NDArray[Any]) -> bool:
        """Whether the column is as it last was."""
        return name in self._last and self._last[name][0] == column.tobytes()

    def holds(self, name: Hashable, column: NDArray[Any]) -> bool:
        """Whether the plain agents hold what the column says now."""
        return name in self.held and self.is_last(name, column)

    def forget(self, agent: mesa.Agent) -> None:
        """Its picture is no more true."""
        self._pictures.pop(agent, None)

    def picture(self, groups: Mapping[str, Sequence[mesa.Agent]]) -> None:
        """Remember agents as they are, just copied."""
        for agents in groups.values():
            for agent in agents:
                if agent not in self._pictures:
                    self._pictures[agent] = agent.__dict__.copy()
        self._order = {what: list(agents) for what, agents in groups.items()}

    def touched(self, what: str, agents: Sequence[mesa.Agent]) -> set[str] | None:
        """Names of attributes that differ from the picture in any of these agents; None: there is no picture, since
        they are others, or have been looked at since."""
        if self._order.pop(what, None) != list(agents):
            return None
        found: set[str] = set()
        for agent in agents:
            now, old = agent.__dict__, self._pictures[agent]
            if now != old:
                found |= {name for name in now if name not in old or now[name] != old[name]}
                self.forget(agent)
        return found
