"""Time: with 4 and with 12 ticks a year it is the same model, seen more or less finely.

Two runs with other ticks have other draws, so the law is one of means over seeds: money by kind of flow, events, and
households by what is true of them at the end, and for how long it is. A difference counts if it is large and beyond
what seeds explain.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray

from abm.core.draws import replication_seed
from abm.laws.trial import Trial, with_head
from abm.laws.verdicts import Breach, Law
from abm.laws.watching import MEASURING, Step, run_watched
from abm.model.model import JointPointModel

SEEDS = 4
FINE, COARSE = 12, 4
LARGE = {"flow": 0.25, "event": 0.35, "state": 0.3, "level": 0.15, "spell": 0.3}
"""How far means may be apart: shares of the larger one, for levels standard deviations among households."""
BEYOND = 5.0
"""Standard errors over seeds."""
LEVELS = ("trust", "participation", "skill", "fortune", "capital", "expected_income")
"""Columns of numbers that are of no tick in particular."""
SPELLS = 30
"""Spells a seed that must begin before their mean length says anything."""
FIXED = ("envelope", "opening")
"""Kinds of flow that hang on nobody: equal to a fen for each payment."""

Numbers = NDArray[np.float64]


@dataclass
class Seen:
    """What a number of runs with the same ticks came to: a number for each seed."""

    numbers: defaultdict[tuple[str, str], list[float]] = field(default_factory=lambda: defaultdict(list))
    spread: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    movers: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Who changed what, by (quantity, mechanism): fen, or rows."""
    fixed: list[dict[str, int]] = field(default_factory=list)
    spells: defaultdict[str, list[tuple[int, float]]] = field(default_factory=lambda: defaultdict(list))
    """How often a state began, and for how many years households were in it, by state: one pair for each seed."""


def see(trial: Trial, ticks: int) -> Seen:
    """Runs of the trial with so many ticks a year, one for each seed."""
    seen = Seen()
    case = with_head(trial.scenario, ticks_per_year=ticks)
    for number in range(SEEDS):
        one = Trial(case, trial.households, trial.years, replication_seed(trial.seed, number))
        _see_one(one.model(), seen)
    for values in seen.numbers.values():
        values += [0.0] * (SEEDS - len(values))  # of what some seeds have not seen
    return seen


def _see_one(model: JointPointModel, seen: Seen) -> None:
    sums: defaultdict[tuple[str, str], float] = defaultdict(float)
    before: dict[tuple[str, str, str, str], int] = {}
    flags: dict[str, np.ndarray] = {}
    last: dict[str, np.ndarray] = {}
    began: Counter[str] = Counter()
    stayed: Counter[str] = Counter()
    h = model.world.households

    def end(step: Step) -> None:
        nonlocal before, flags
        flows = dict(model.world.ledger.flows)
        for key in flows.keys() - before.keys() | {k for k in before if flows.get(k) != before[k]}:
            fen = flows.get(key, 0) - before.get(key, 0)
            if fen > 0:
                sums[("flow", key[2])] += fen
                seen.movers[(key[2], step.mechanism)] += fen
        before = flows
        now = {n: h[n].copy() for n in h if h[n].dtype.kind == "b" or n in LEVELS}
        for name, was in flags.items():
            seen.movers[(name, step.mechanism)] += int((now[name] != was).sum())
        flags = now
        if step.mechanism == MEASURING:
            for name in now.keys() - set(LEVELS):
                new = now[name] & ~last[name] if name in last else now[name]
                began[name] += int(new.sum())
                stayed[name] += int(now[name].sum())
            last.update(now)

    run_watched(model, end)
    for name in flags:
        column = h[name].astype(np.float64)
        kind = "level" if name in LEVELS else "state"
        sums[(kind, name)] = float(column.mean())
        seen.spread[name].append(float(column.std()))
        if kind == "state":
            seen.spells[name].append((began[name], stayed[name] * model.world.dt))
    for event in model.world.events:
        sums[("event", event.event)] += 1.0
    for key, number in sums.items():
        seen.numbers[key].append(number)
    seen.fixed.append({kind: int(sums[("flow", kind)]) for kind in FIXED})


def laws(trial: Trial) -> Iterator[Law]:
    """4 and 12 ticks agree."""

    @cache
    def pair() -> tuple[Seen, Seen]:
        return see(trial, COARSE), see(trial, FINE)

    yield Law(
        "time: 4 and 12 ticks a year agree",
        f"means of {SEEDS} seeds: flows within {LARGE['flow']:.0%}, events and who is what, levels",
        lambda: apart(*pair()),
    )
    yield Law(
        "time: money that is fixed by the year is the same",
        f"{', '.join(FIXED)} at 4 and 12 ticks, to a fen for each payment",
        lambda: _fixed(trial, *pair()),
    )


def apart(coarse: Seen, fine: Seen) -> Breach | None:
    """The quantity that is furthest apart beyond its bounds, and who changed it most."""
    worst: tuple[float, Breach] | None = None
    for (kind, name), a, b in _pairs(coarse, fine):
        size = max(abs(a.mean()), abs(b.mean()))
        if kind == "level":
            size = max(np.mean(coarse.spread[name]), np.mean(fine.spread[name]))
        gap = abs(b.mean() - a.mean())
        error = np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / SEEDS)
        if (
            kind == "event"
        ):  # of what is rare a few seeds may show the same by luck: at least Poisson's spread
            error = max(error, np.sqrt((a.mean() + b.mean()) / SEEDS))
        if size == 0 or gap <= max(LARGE[kind] * size, BEYOND * error):
            continue
        far = gap / size / LARGE[kind]
        if worst is None or far > worst[0]:
            unit = {"flow": " fen", "spell": " years"}.get(kind, "")
            what = f"{kind} {name}: {a.mean():.4g}{unit} at {COARSE} ticks, {b.mean():.4g} at {FINE}"
            worst = far, Breach(what, _mover(name, coarse.movers + fine.movers))
    return worst[1] if worst else None


def _pairs(coarse: Seen, fine: Seen) -> Iterator[tuple[tuple[str, str], Numbers, Numbers]]:
    """Every quantity with what it was for each seed, at few ticks and at many."""
    for key in sorted(coarse.numbers.keys() | fine.numbers.keys()):
        a, b = (np.array(seen.numbers.get(key, [0.0] * SEEDS)) for seen in (coarse, fine))
        yield key, a, b
    for name in sorted(coarse.spells):
        a, b = (_mean_spell(seen.spells[name]) for seen in (coarse, fine))
        if a.size and b.size:
            yield ("spell", name), a, b


def _mean_spell(spells: list[tuple[int, float]]) -> Numbers:
    """Years that a spell lasts, for each seed; nothing if too few begin. How many begin is no part of its error, so
    that it shows what a share of households cannot."""
    began, years = np.array(spells).T
    return years / began if (began >= SPELLS).all() else np.zeros(0)


def _mover(name: str, movers: Counter[tuple[str, str]]) -> str:
    of_it = {who: moved for (what, who), moved in movers.items() if what == name}
    return max(of_it, key=lambda who: of_it[who]) if of_it else name


def _fixed(trial: Trial, coarse: Seen, fine: Seen) -> Breach | None:
    fen = trial.years * trial.households * (COARSE + FINE)
    for a, b in zip(coarse.fixed, fine.fixed, strict=True):
        for kind in FIXED:
            if abs(a[kind] - b[kind]) > fen:
                return Breach(f"{kind}: {a[kind]} fen at {COARSE} ticks, {b[kind]} at {FINE}", "the calendar")
    return None
