"""Watching a run mechanism by mechanism, and finding where two runs part."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from zlib import crc32

import numpy as np

from abm.core.phases import PHASE_NAMES
from abm.model.model import JointPointModel
from abm.world.world import World

CALENDAR, MEASURING = "the calendar", "the year's end"
"""What acts beside mechanisms: dated changes before the first phase, measuring after the last."""


@dataclass(frozen=True)
class Step:
    """One mechanism's turn in one phase."""

    tick: int
    year: int
    phase: str
    mechanism: str

    def __str__(self) -> str:
        return f"{self.mechanism} ({self.phase}), tick {self.tick} ({self.year})"


class RuleFailed(RuntimeError):
    """A mechanism has raised an error, or the world refuses what it has done.

    Args:
        step: whose turn it was.
        error: what it raised.
    """

    def __init__(self, step: Step, error: Exception) -> None:
        self.step, self.error = step, error
        super().__init__(f"{step}: {type(error).__name__}: {error}")


class _Watched:
    """A mechanism that tells when its turn begins and ends."""

    def __init__(self, mechanism: Any, begin: Callable[[Step], None], end: Callable[[Step], None]) -> None:
        self._mechanism, self._begin, self._end = mechanism, begin, end

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._mechanism, name)
        return partial(self._act, name, found) if name in PHASE_NAMES else found

    def _act(self, phase: str, act: Callable[[World], None], world: World) -> None:
        step = Step(world.tick, world.year, phase, self._mechanism.name)
        self._begin(step)
        try:
            act(world)
        except Exception as error:
            raise RuleFailed(step, error) from error
        self._end(step)


class _Dated:
    """Stands first in the list, so that what the calendar has done is seen before any mechanism acts."""

    name = CALENDAR

    def calendar(self, world: World) -> None:
        """Nothing: the calendar has acted."""


def _nothing(step: Step) -> None:
    """Nobody wants to know."""


def run_watched(
    model: JointPointModel,
    end: Callable[[Step], None] = _nothing,
    begin: Callable[[Step], None] = _nothing,
) -> JointPointModel:
    """Run a model to its end, calling ``begin`` and ``end`` at every turn of a mechanism.

    Raises:
        RuleFailed: a mechanism or an invariant of the world has failed.
    """
    listed: list[Any] = [_Watched(m, begin, end) for m in (_Dated(), *model.mechanisms)]
    model.mechanisms = listed
    while model.running:
        try:
            model.step()
        except RuleFailed:
            raise
        except Exception as error:
            raise RuleFailed(_measuring(model.world), error) from error
        end(_measuring(model.world))
    return model


def _measuring(world: World) -> Step:
    return Step(world.tick, world.year, "after the last phase", MEASURING)


# --- traces -------------------------------------------------------------------------------------------

Make = Callable[[], JointPointModel]
"""Makes a model at the eve of its first tick, the same each time."""


@dataclass(frozen=True)
class Hidden:
    """A mechanism whose turns are left out of a trace, with the columns that it owns."""

    mechanism: str = ""
    columns: frozenset[str] = frozenset()


@dataclass
class Trace:
    """What a world looked like at the end of each tick, or after each turn: a checksum for each column."""

    hidden: Hidden = Hidden()
    steps: list[tuple[Step, dict[str, int]]] = field(default_factory=list)


@dataclass(frozen=True)
class Parting:
    """The first turn after which two runs differ, and in which columns."""

    step: Step
    columns: tuple[str, ...]

    def __str__(self) -> str:
        more = len(self.columns) - _SHOWN
        return ", ".join(self.columns[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


_SHOWN = 3


def trace(model: JointPointModel, hidden: Hidden = Hidden(), *, turns: bool = False) -> Trace:
    """Run a model to its end, and keep what it looked like after each tick, or each of the ``turns``."""
    kept, world = Trace(hidden), model.world

    def look(step: Step) -> None:
        if step.mechanism == MEASURING or (turns and step.mechanism != hidden.mechanism):
            kept.steps.append((step, checksums(world, hidden.columns)))

    run_watched(model, look)
    model.close()  # Mesa keeps it alive, and the laws make some two hundred
    return kept


def parting(one: Trace, other: Trace, until: int | None = None) -> Parting | None:
    """Where two traces part, if they do before the year ``until``."""
    for (step, a), (twin, b) in zip(one.steps, other.steps, strict=False):
        if until is not None and step.year >= until:
            return None
        if (step.tick, step.phase, step.mechanism) != (twin.tick, twin.phase, twin.mechanism):
            return Parting(step, ("the order of turns",))
        if a != b:
            return Parting(step, tuple(sorted(n for n in a.keys() | b.keys() if a.get(n) != b.get(n))))
    return None


def first_parting(
    one: Make,
    other: Make,
    *,
    hidden: Hidden = Hidden(),
    until: int | None = None,
    known: Trace | None = None,
    but: frozenset[str] = frozenset(),
) -> Parting | None:
    """Where two runs part: first tick by tick, and once they do, turn by turn.

    Args:
        hidden: what only one of them has.
        until: the year from which on they may differ.
        known: the trace of ``one`` tick by tick, if it is at hand.
        but: columns that may differ.
    """
    hidden = Hidden(hidden.mechanism, hidden.columns | but)
    first = known if known is not None and not but else trace(one(), hidden)
    coarse = parting(first, trace(other(), hidden), until)
    if coarse is None:
        return None
    return parting(trace(one(), hidden, turns=True), trace(other(), hidden, turns=True), until) or coarse


def checksums(world: World, but: frozenset[str] = frozenset()) -> dict[str, int]:
    """A checksum for each column, account, kind of link and counter; no name of a place enters."""
    found: dict[str, int] = {}
    for table in ("households", "workers", "enterprises", "places"):
        columns = getattr(world, table)
        found |= {f"{table}.{n}": _sum(columns[n]) for n in columns if f"{table}.{n}" not in but}
    ledger, points = world.ledger, world.points
    found |= {f"accounts of {kind}": _sum(held) for kind, held in ledger.balances.items()}
    found |= {
        "incomes": _sum(ledger.income),
        "flows": _of(sorted(ledger.flows.items())),
        "messages": _of(sorted(world.messages.items())),
        "events": _of([(e.tick, e.event, e.detail) for e in world.events]),
    }
    for kind, links in points.household.items():
        found[f"links of {kind}"] = _sum(links.active)
    for kind, ties in points.pairs.items():
        ends = (ties.a[ties.active], ties.b[ties.active])
        found[f"links of {kind}"] = _sum(np.concatenate(ends))
    active = sorted((link.kind, link.village, link.draw) for link in points.links.values() if link.active)
    found["links of institutions"] = _of(active)
    return found


def _sum(values: Any) -> int:
    return crc32(np.ascontiguousarray(values).tobytes())


def _of(rows: object) -> int:
    return crc32(repr(rows).encode())
