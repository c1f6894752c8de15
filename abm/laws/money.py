"""Money: every yuan has a payer and a payee, in every turn of every mechanism."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, partial

import numpy as np

from abm.core.ledger import UNLIMITED, Entry, Ledger
from abm.core.names import INCOME_SOURCES
from abm.laws.books import Books, Flows, counts
from abm.laws.trial import Trial
from abm.laws.verdicts import Breach, Law, breach_at, breach_by
from abm.laws.watching import MEASURING, RuleFailed, Step, run_watched
from abm.model.model import JointPointModel
from abm.records.recorder import YearRecord
from abm.scenario.switches import ALL_ON, Arm

ZERO = "money: all accounts sum to zero"
CREDIT = "money: nobody is overdrawn"
CLOSING = "money: opening plus flows is closing"
INCOMES = "money: incomes are what flowed"
LAYER = "money: receipts and consumption are what flowed"
TABLE = "money: the tables say what flowed"
OUTSIDE = "money: the outside balance is what flowed"
LAWS = {
    ZERO: "all accounts after each turn",
    CREDIT: "each account after each turn",
    CLOSING: "each account with the journal, after each turn",
    INCOMES: "each household and source with the journal, after each turn",
    LAYER: "each household with the journal, after each turn",
    TABLE: "flows and mean income with the journal, each year",
    OUTSIDE: "net money from outside with the journal, each year",
}
"""Laws, and what is compared."""

AWAY = ("outside", "bank")
"""Whose accounts stand for the world outside the district."""


@dataclass
class Watch:
    """Keeps the books a second time from the journal alone, and compares after every turn."""

    model: JointPointModel
    books: Books = field(default_factory=Books)
    breaches: dict[str, Breach] = field(default_factory=dict)
    entered: int = 0
    turns: int = 0

    def look(self, step: Step) -> None:
        """What to call at the end of each turn."""
        ledger = self.model.world.ledger
        new = _journal(ledger)[self.entered :]
        try:
            self.books.enter(new, counts(ledger))
        except ArithmeticError as uneven:
            self.breaches.setdefault(ZERO, breach_at(step, str(uneven)))
            raise RuleFailed(step, uneven) from uneven
        self.entered += len(new)
        self.turns += 1
        if step.mechanism == MEASURING:
            if self.model.world.calendar.year_ends:
                self._year(step, self.model.recorder.years[-1])
            return
        for law, what in self.problems(ledger):
            self.breaches.setdefault(law, breach_at(step, what))

    def problems(self, ledger: Ledger) -> Iterator[tuple[str, str]]:
        """What is wrong with the ledger now, as (law, what)."""
        total = sum(sum(held.tolist()) for held in ledger.balances.values())
        if total:
            yield ZERO, f"they sum to {total} fen"
        for kind, held in ledger.balances.items():
            if kind not in UNLIMITED and (held < 0).any():
                row = int(np.flatnonzero(held < 0)[0])
                yield CREDIT, f"account {kind} {row} stands at {held[row]} fen"
        yield from ((CLOSING, what) for what in self.books.differences(ledger))
        income, received, consumed = self.books.year_so_far(ledger.income.shape[1])
        if not np.array_equal(income, ledger.income):
            source, row = np.argwhere(income != ledger.income)[0]
            has, flowed = ledger.income[source, row], income[source, row]
            yield (
                INCOMES,
                f"household {row} has {has} fen of {INCOME_SOURCES[source]} income, {flowed} flowed",
            )
        if not np.array_equal(received, ledger.received):
            row = np.argwhere(received != ledger.received)[0][1]
            yield LAYER, f"household {row}: receipts through joint-points"
        if not np.array_equal(consumed, ledger.consumed):
            yield LAYER, f"household {np.flatnonzero(consumed != ledger.consumed)[0]}: consumption"

    def _year(self, step: Step, record: YearRecord) -> None:
        """The year is measured and closed: its tables against the books."""
        flows, income = self.books.close_year()
        for law, what in year_problems(record, flows, sum(income.values())):
            self.breaches.setdefault(law, breach_at(step, what))


def year_problems(record: YearRecord, flows: Flows, income: int) -> Iterator[tuple[str, str]]:
    """Where a year's record differs from the flows and the income (fen) that the books have of it, as (law, what)."""
    if record.flows != flows:
        names = sorted(
            key for key in record.flows.keys() | flows.keys() if record.flows.get(key, 0) != flows.get(key, 0)
        )
        if names:
            yield TABLE, f"flow {' '.join(names[0])}"
    district = record.outcomes["all"]
    persons = district["persons"]
    if abs(district["mean_income"] * persons * 100.0 - income) > 1.0 + 1e-9 * abs(income):
        yield TABLE, f"mean income times persons is not the {income / 100:.2f} yuan that flowed"
    net = 0
    for (payer, payee, kind, _), fen in flows.items():
        if kind != "opening":
            net += fen * ((payer in AWAY) - (payee in AWAY))
    if abs(district["outside_net_per_head"] * persons * 100.0 - net) > 1.0 + 1e-9 * abs(net):
        yield OUTSIDE, f"net money from outside is {net / 100:.2f} yuan, and the outcomes say otherwise"


def _journal(ledger: Ledger) -> list[Entry]:
    assert ledger.journal is not None
    return ledger.journal


def watch(trial: Trial, arm: Arm = ALL_ON, budget: str = "neutral") -> tuple[Watch, Breach | None]:
    """One run with the books kept twice, and what has ended it early, if anything has."""
    watched = Watch(trial.model(arm=arm, budget=budget, journal=True))
    try:
        watched.look(Step(-1, trial.scenario.start_year, "", "the start"))
        run_watched(watched.model, watched.look)
    except RuleFailed as failed:
        return watched, breach_by(failed)
    return watched, None


@dataclass
class _Runs:
    """The runs that all laws of money look at, made when the first of them asks."""

    trial: Trial

    @cached_property
    def seen(self) -> list[tuple[Watch, Breach | None]]:
        cut = Arm(False, False, False, from_year=self.trial.switch_year)
        return [watch(self.trial), watch(self.trial, cut, "withheld")]

    def breach(self, law: str) -> Breach | None:
        return next((watched.breaches[law] for watched, _ in self.seen if law in watched.breaches), None)

    def ended(self) -> Breach | None:
        """What has ended a run whose books were in order until then."""
        return next((early for watched, early in self.seen if early and not watched.breaches), None)


def laws(trial: Trial) -> Iterator[Law]:
    """The laws of money, in a run with everything on and in one that is cut and whose money stays outside."""
    runs = _Runs(trial)
    for law, compared in LAWS.items():
        yield Law(law, f"{compared}, in 2 runs", partial(runs.breach, law))
    yield Law("money: the world stays sound", "its invariants at each year-end, in 2 runs", runs.ended)
