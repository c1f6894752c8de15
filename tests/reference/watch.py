"""Rule by rule beside the production: before each method of a mechanism its world's state goes to the plain agents,
both sides act, and what they paid and wrote is compared."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np

from abm.core.ledger import Ledger
from abm.core.phases import PHASE_NAMES
from abm.mechanisms.base import Mechanism
from abm.mechanisms.registry import find_mechanism
from abm.model import ticks
from abm.world.world import World
from tests.reference.ledger import CLEARING, Line
from tests.reference.mirror import copy_state, differences, plain_model
from tests.reference.model import PlainModel, Rule


def listen(ledger: Ledger, journal: list[Line]) -> None:
    """Write all payments of a production ledger down as the plain one does."""
    pay, clear, clear_groups = ledger.transfer, ledger.clear, ledger.clear_groups

    def transfer(payer: Any, payee: Any, yuan: Any, kind: str, layer: str = "") -> Any:
        paid = pay(payer, payee, yuan, kind, layer)
        one, other = (_rows(ledger, *side, len(paid)) for side in (payer, payee))
        for a, b, fen in zip(one, other, paid.tolist(), strict=True):
            if fen:
                journal.append(Line(payer[0], a, payee[0], b, kind, layer, fen))
        return paid

    def cleared(act: Callable[..., Any], payer: Any, payee: Any, kind: str, layer: str, *args: Any) -> Any:
        rows = [np.atleast_1d(side[1]) for side in (payer, payee)]
        before = ledger.balances[payer[0]].copy()
        received = act(*args, kind, layer)
        paid = before - ledger.balances[payer[0]]
        if payer[0] == payee[0]:  # who pays may be among those who get a part of it
            np.add.at(paid, rows[1], received)
        for a in np.unique(rows[0]).tolist():
            if paid[a]:
                journal.append(Line(payer[0], a, CLEARING, -1, kind, layer, int(paid[a])))
        for b, fen in zip(rows[1].tolist(), received.tolist(), strict=True):
            if fen:
                journal.append(Line(CLEARING, -1, payee[0], b, kind, layer, fen))
        return received

    def one_house(payer: Any, yuan: Any, payee: Any, weights: Any, kind: str, layer: str = "") -> Any:
        return cleared(clear, payer, payee, kind, layer, payer, yuan, payee, weights)

    def by_group(
        payer: Any, yuan: Any, group: Any, payee: Any, weights: Any, of: Any, kind: str, layer: str = ""
    ) -> Any:
        return cleared(clear_groups, payer, payee, kind, layer, payer, yuan, group, payee, weights, of)

    ledger.transfer, ledger.clear, ledger.clear_groups = transfer, one_house, by_group  # type: ignore[method-assign]


def _rows(ledger: Ledger, kind: str, rows: Any, length: int) -> list[int]:
    if rows is None:
        rows = np.arange(len(ledger.balances[kind]))
    return [int(row) for row in np.broadcast_to(np.ravel(rows), (length,))]


def unlike_payments(mine: Sequence[Line], theirs: Sequence[Line], fen: int = 1) -> tuple[list[str], int]:
    """Payments that differ by more than ``fen``, in words, and how many differ at all.

    What one pays another of one kind is compared in the order of size; what goes through a clearing house as one sum,
    since a payer may go there once for several places.
    """
    sides: list[defaultdict[Any, list[int]]] = [defaultdict(list), defaultdict(list)]
    for side, journal in zip(sides, (mine, theirs), strict=True):
        for line in journal:
            side[line[:-1]].append(line.fen)
    found, off = [], 0
    for key in sides[0].keys() | sides[1].keys():
        one, other = (sorted(side[key]) for side in sides)
        if CLEARING in key:
            allowed, one, other = fen * max(len(one), len(other)), [sum(one)], [sum(other)]
        else:
            allowed, length = fen, max(len(one), len(other))
            one, other = ([0] * (length - len(x)) + x for x in (one, other))
        for a, b in zip(one, other, strict=True):
            off += a != b
            if abs(a - b) > allowed:
                found.append(f"{' '.join(map(str, key))}: {a} for {b} fen")
    return found, off


@dataclass
class Watch:
    """What the comparison has found so far.

    ``compared`` counts the runs of each (rule, phase), ``payments`` those that were compared and ``off`` those of them
    that differ by a fen; ``problems`` are in words. ``before`` is asked ahead of each method, with its restatement.
    """

    world: World
    mechanisms: Sequence[Mechanism]
    plain: PlainModel
    compared: defaultdict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    payments: int = 0
    off: Counter[tuple[str, str]] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    before: Callable[[Watch, Callable[[], None]], None] | None = None
    heard: list[Line] = field(default_factory=list)

    def compare(self, name: str, phase: str, act: Callable[[], None], restated: Callable[[], None]) -> None:
        """Let both sides act on the production's state of now."""
        if self.before is not None:
            self.before(self, restated)
        copy_state(self.world, self.mechanisms, self.plain)
        events = len(self.world.events)
        self.heard.clear()
        restated()
        act()
        unlike, off = unlike_payments(self.plain.ledger.journal, self.heard)
        unlike += differences(self.world, self.mechanisms, self.plain, fen=off)
        names = self.world.events[events:]
        theirs = sorted((e.village, e.event, e.detail) for e in names)
        if sorted(self.plain.events) != theirs and not off:
            unlike.append(f"events: {sorted(self.plain.events)} for {theirs}")
        self.compared[name, phase] += 1
        self.payments += len(self.heard)
        if off:
            self.off[name, phase] += off
        where = f"tick {self.world.tick}, {name}.{phase}: "
        self.problems += [where + what for what in unlike]


class Watched:
    """A mechanism whose methods are compared with those of its restatement."""

    def __init__(self, mechanism: Mechanism, rule: Rule, watch: Watch) -> None:
        self.mechanism, self.rule, self.watch = mechanism, rule, watch

    def __getattr__(self, phase: str) -> Any:
        theirs = getattr(self.mechanism, phase)
        if phase not in PHASE_NAMES:
            return theirs
        mine = getattr(self.rule, phase, None)
        if mine is None:
            raise AssertionError(f"the restatement of {self.rule.name} does not act in {phase}")

        def act(world: World) -> None:
            self.watch.compare(self.rule.name, phase, lambda: theirs(world), mine)

        return act


def watch(model: Any, rules: Sequence[type[Rule]]) -> Watch:
    """Watch the mechanisms of a production model that have a restatement."""
    world, mechanisms = model.world, list(model.mechanisms)
    listed = {mechanism.name for mechanism in mechanisms}
    plain = plain_model(world, [rule for rule in rules if rule.name in listed])
    seen = Watch(world, mechanisms, plain)
    listen(world.ledger, seen.heard)
    own = {rule.name: rule for rule in plain.rules}
    model.mechanisms = [Watched(m, own[m.name], seen) if m.name in own else m for m in mechanisms]
    return seen


def run_watched(
    model: Any,
    seen: Watch,
    patch: Any,
    before_tick: Mapping[int, Callable[[World], None]] = MappingProxyType({}),
) -> None:
    """Run a watched model to its end, and compare what the calendar brings, too.

    Args:
        patch: pytest's ``monkeypatch``, for the two functions between which the phases run.
        before_tick: what happens to the production's world before some ticks.
    """
    begin, close, dates = ticks.begin_tick, ticks._close_year, seen.plain.dates

    def begin_tick(world: World) -> None:
        before_tick.get(world.tick + 1, lambda world: None)(world)
        seen.compare("dates", "begin_tick", lambda: begin(world), dates.begin_tick)

    def close_year(world: World, recorder: Any) -> None:
        seen.compare("dates", "close_year", lambda: close(world, recorder), dates.close_year)

    patch.setattr(ticks, "begin_tick", begin_tick)
    patch.setattr(ticks, "_close_year", close_year)
    model.run()


def watch_starts(rules: Sequence[type[Rule]], problems: list[str], patch: Any) -> list[str]:
    """Compare how rules start when the next model is made; returns the list to which their names are added then."""
    started: list[str] = []

    def watched(start: Callable[[Mechanism, World], None], rule: type[Rule]) -> Any:
        def act(mechanism: Mechanism, world: World) -> None:
            plain = plain_model(world, [rule])
            copy_state(world, [mechanism], plain)
            plain.rules[0].start()
            start(mechanism, world)
            problems.extend(f"{rule.name}: {what}" for what in differences(world, [mechanism], plain))
            started.append(rule.name)

        return act

    for rule in rules:
        theirs = find_mechanism(rule.name)
        patch.setattr(theirs, "start", watched(theirs.start, rule))
    return started
