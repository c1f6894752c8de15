"""The task that ``beside_starsim.py`` times: its rules, its closed form, and a user's own model of it in columns.

Persons are alike and independent. A tick has four steps:

1. each person dies with the tick's chance; a healthy newborn without cash takes its place, and what the dead leave goes
   outside;
2. who is ill recovers, and who is well falls ill (both by the state before the step);
3. everybody is paid a tick's part of the yearly income; who is ill loses the share ``loss`` of it;
4. the number ill and the mean cash are recorded.

A rate r per year is the chance 1 − exp(−r·Δ) in a tick of Δ years. All are healthy and without cash at first.
"""

from dataclasses import dataclass
from math import expm1
from time import process_time

import numpy as np

from abm.core.columns import Columns
from abm.core.draws import Draws, key_of
from abm.core.ledger import Ledger


@dataclass(frozen=True)
class Task:
    """What both sides are given. Rates per year, income in yuan a year, ``loss`` a share of it."""

    persons: int = 100_000
    ticks: int = 88
    ticks_per_year: int = 4
    falls_ill: float = 0.2
    recovers: float = 1.0
    dies: float = 0.02
    income: float = 24_000.0
    loss: float = 0.4

    def chance(self, rate: float) -> float:
        return -expm1(-rate / self.ticks_per_year)


@dataclass(frozen=True)
class Outcome:
    """How a run ended (share ill, mean cash and its standard deviation, yuan), and its seconds of processor time."""

    share_ill: float
    mean_cash: float
    sd_cash: float
    setup: float = 0.0
    ticks: float = 0.0


def expected(task: Task) -> tuple[float, float]:
    """Share ill and mean cash after the last tick, from the recursion of their expectations."""
    falls, recovers, dies = (task.chance(rate) for rate in (task.falls_ill, task.recovers, task.dies))
    ill = cash = 0.0
    for _ in range(task.ticks):
        ill *= 1.0 - dies
        ill += (1.0 - ill) * falls - ill * recovers
        cash = (1.0 - dies) * cash + task.income / task.ticks_per_year * (1.0 - task.loss * ill)
    return ill, cash


class SickPay:
    """The task in columns, with luck by key.

    Args:
        ledger: keep cash in the ledger, in whole fen and with payer and payee, or else in a plain float column.
    """

    def __init__(self, task: Task, seed: int, ledger: bool = True) -> None:
        self.task, self.draws, self.tick = task, Draws(seed), 0
        self.falls, self.recovers, self.dies = (
            task.chance(rate) for rate in (task.falls_ill, task.recovers, task.dies)
        )
        self.ledger = Ledger(task.persons) if ledger else None
        self.persons = Columns(task.persons)
        for name, dtype in {
            "key": np.uint64,
            "number": np.int64,
            "generation": np.int64,
            "ill": bool,
        }.items():
            self.persons.declare(name, dtype)
        if not ledger:
            self.persons.declare("cash", np.float64)
        self.persons.number = np.arange(task.persons)
        self.persons.key = key_of(self.persons.number, self.persons.generation)
        self.ill_by_tick = np.zeros(task.ticks, np.int64)
        self.cash_by_tick = np.zeros(task.ticks)

    @property
    def cash(self) -> np.ndarray:
        """Cash of each person, yuan."""
        return self.ledger.yuan("household") if self.ledger else self.persons.cash

    def step(self) -> None:
        if self.dies:
            self.deaths()
        self.health()
        self.pay()
        self.ill_by_tick[self.tick] = np.count_nonzero(self.persons.ill)
        self.cash_by_tick[self.tick] = self.cash.mean()
        self.tick += 1
        if self.ledger and self.tick % self.task.ticks_per_year == 0:
            self.ledger.close_year()

    def happens(self, stream: str, rows: np.ndarray, chance: float) -> np.ndarray:
        """Those of the rows to whom it happens in this tick."""
        return rows[self.draws.uniform(stream, self.tick, self.persons.key[rows]) < chance]

    def deaths(self) -> None:
        people = self.persons
        dead = np.flatnonzero(self.draws.uniform("death", self.tick, people.key) < self.dies)
        if self.ledger:
            left = self.ledger.yuan("household", dead)
            self.ledger.transfer(("household", dead), ("outside", 0), left, "inheritance")
        people.reset(dead, {"key", "number", "generation"})
        people.generation[dead] += 1
        people.key[dead] = key_of(people.number[dead], people.generation[dead])

    def health(self) -> None:
        ill = self.persons.ill
        better = self.happens("health.recovery", np.flatnonzero(ill), self.recovers)
        worse = self.happens("health.illness", np.flatnonzero(~ill), self.falls)
        ill[better] = False
        ill[worse] = True

    def pay(self) -> None:
        whole = self.task.income / self.task.ticks_per_year
        due = np.where(self.persons.ill, whole * (1.0 - self.task.loss), whole)
        if self.ledger:
            self.ledger.transfer(("outside", 0), ("household", None), due, "local_wage")
        else:
            self.persons.cash += due


def run(task: Task, seed: int, ledger: bool = True) -> Outcome:
    """Run the task and time it."""
    began = process_time()
    model = SickPay(task, seed, ledger)
    ready = process_time()
    for _ in range(task.ticks):
        model.step()
    done = process_time()
    cash = model.cash
    return Outcome(
        float(model.persons.ill.mean()), float(cash.mean()), float(cash.std()), ready - began, done - ready
    )
