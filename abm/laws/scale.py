"""Scale: with all money doubled (the city wage, and the index that every price, cost and line grows with) everybody
does the same, and every payment is double. A number of yuan that some rule forgets to multiply by the index shows.

Rounding to a fen is not doubled, and once it tips a decision two histories part for good. So the law looks at a first
year with all plans of the scenario in force, and at later ones in a money of which a fen is next to nothing.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from abm.core.ledger import Entry
from abm.laws.trial import Trial, planned_at_once, standing_in
from abm.laws.verdicts import Breach, Law, breach_at
from abm.laws.watching import Step, run_watched
from abm.model import burn_in
from abm.model.model import JointPointModel
from abm.scenario.schema import Scenario
from abm.world import build
from abm.world.outside import OutsideWorld, read_outside


@dataclass(frozen=True)
class Bounds:
    """What may differ between a run and one with double the money.

    Args:
        relative: share of a flow, and of a household's own sum.
        flow, own: yuan, by rounding: of a flow's sum, of a household's own.
    """

    relative: float
    flow: float = 20.0
    own: float = 0.5


FEW = 0.1
"""Share of households who may do otherwise: some reach a threshold by half a fen, and others look at them."""
MANY = 10
"""Payments made at once, of which more than half have to be double each for itself."""
SAME = {1: Bounds(0.05), 64: Bounds(0.01, 20.0 * 64, 0.5 * 64)}
"""By the unit of account that is doubled: from 1, thresholds in yuan show; from 64, rounding hardly tips anything."""


@dataclass(frozen=True)
class OtherMoney(OutsideWorld):
    """The outside world in another unit of account."""

    unit: float = 2.0

    def wage(self, year: int) -> float:
        return self.unit * super().wage(year)

    def index(self, year: int) -> float:
        return self.unit * super().index(year)


def in_units(trial: Trial, unit: float, years: int) -> JointPointModel:
    """The trial's model with all money in another unit of account."""

    def read(scenario: Scenario) -> OutsideWorld:
        plain = read_outside(scenario)
        return OtherMoney(**{field.name: getattr(plain, field.name) for field in fields(plain)}, unit=unit)

    with ExitStack() as stack:
        for module in (build, burn_in):
            stack.enter_context(standing_in(module, "read_outside", read))
        return trial.model(years=years, journal=True)


def laws(trial: Trial) -> Iterator[Law]:
    """All money doubled, in the first year and in all."""
    at_once = trial.of(planned_at_once(trial.scenario))
    yield Law(
        "scale: with all money doubled everybody does the same",
        f"a year with all plans, turn by turn: flows to {SAME[1].relative:.0%}, all but {FEW:.0%} of households",
        lambda: not_double(at_once, 1, 1),
    )
    yield Law(
        "scale: and so they do in later years",
        f"{trial.years} years of large sums, turn by turn: flows to {SAME[64].relative:.0%}, all but {FEW:.0%}",
        lambda: not_double(trial, 64, trial.years),
    )


@dataclass(frozen=True)
class Seen:
    """What a turn has left: the year's flows, households' columns, and the payments of this turn."""

    flows: dict[tuple[str, str, str, str], int]
    columns: dict[str, NDArray[Any]]
    entries: list[Entry]


def _seen(model: JointPointModel, begun: int) -> Seen:
    ledger, h = model.world.ledger, model.world.households
    return Seen(dict(ledger.flows), {name: h[name].copy() for name in h}, (ledger.journal or [])[begun:])


def not_double(trial: Trial, unit: int, years: int) -> Breach | None:
    """The first turn in which something is not double that should be, or differs at all."""
    one, two = in_units(trial, unit, years), in_units(trial, 2 * unit, years)
    states: list[Seen] = []
    found: list[Breach] = []
    begun = {id(one): 0, id(two): 0}

    def look(model: JointPointModel) -> Seen:
        seen = _seen(model, begun[id(model)])
        begun[id(model)] += len(seen.entries)
        return seen

    run_watched(one, lambda step: states.append(look(one)))
    turns = iter(states)

    def end(step: Step) -> None:
        before, now = next(turns), look(two)
        problem = None if found else next(_problems(before, now, SAME[unit]), None)
        if problem:
            found.append(breach_at(step, problem))

    run_watched(two, end)
    return found[0] if found else None


def _problems(one: Seen, two: Seen, bounds: Bounds) -> Iterator[str]:
    for key in sorted(one.flows.keys() | two.flows.keys()):
        expected, has = 2 * one.flows.get(key, 0), two.flows.get(key, 0)
        if abs(has - expected) > bounds.relative * max(expected, has) + 100.0 * bounds.flow:
            yield f"flow {' '.join(key).strip()} is {has / 100:.2f} yuan, not {expected / 100:.2f}"
    for a, b in zip(one.entries, two.entries, strict=False):
        if a.kind == b.kind and MANY <= len(a.paid) == len(b.paid):
            paid, double = a.paid[a.paid > 0], b.paid[a.paid > 0]
            wrong = np.abs(double - 2 * paid) > bounds.relative * double + 2
            if len(paid) >= MANY and wrong.mean() > 0.5:
                yield f"{int(wrong.sum())} of {len(wrong)} payments of {a.kind} are not double"
    for name, column in one.columns.items():
        far = _far(column, two.columns[name], bounds)
        rows = np.flatnonzero(far.reshape(len(far), -1).any(axis=1))
        if len(rows) > FEW * len(far):
            yield f"households.{name} of {len(rows)} is neither the same nor double"


def _far(plain: NDArray[Any], other: NDArray[Any], bounds: Bounds) -> NDArray[np.bool_]:
    """Whose number is neither the same nor double."""
    if plain.dtype.kind not in "fi":
        return np.asarray(plain != other)
    a, b = plain.astype(np.float64), other.astype(np.float64)
    money = (
        plain.dtype.kind == "f" and np.abs(b).max(initial=0.0) > 100.0
    )  # not trust, say, which is within 0–1
    room = bounds.relative * np.abs(b) + (bounds.own if money else 1e-9)
    return ~((np.abs(b - a) <= room) | (np.abs(b - 2.0 * a) <= room))
