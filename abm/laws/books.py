"""Keeping the books a second time, in plain Python integers, from the journal alone."""

from collections import Counter, defaultdict
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from abm.core.ledger import CONSUMPTION_KINDS, FLOW_KINDS, Entry, Ledger
from abm.core.names import INCOME_SOURCES, LAYERS

Flows = dict[tuple[str, str, str, str], int]
"""Fen by payer kind, payee kind, kind and layer."""


class Books:
    """Balances, flows and what each household earned, received and consumed, as the journal tells them."""

    def __init__(self) -> None:
        self.balances: defaultdict[tuple[str, int], int] = defaultdict(int)
        self.flows: Counter[tuple[str, str, str, str]] = Counter()
        self.income: Counter[tuple[str, int]] = Counter()
        self.received: Counter[tuple[str, int]] = Counter()
        self.consumed: Counter[tuple[str, int]] = Counter()

    def enter(self, entries: Iterable[Entry], accounts: dict[str, int]) -> None:
        """Book entries. ``accounts`` says how many accounts of each kind there are, for entries with all of them.

        Raises:
            ArithmeticError: an entry in which less is paid than received, or more.
        """
        for entry in entries:
            if entry.paid.sum() != entry.received.sum():
                raise ArithmeticError(
                    f"{entry.kind}: {entry.paid.sum()} fen paid, {entry.received.sum()} received"
                )
            kind = FLOW_KINDS[entry.kind]
            for (who, rows), fen, sign, source in (
                (entry.payer, entry.paid, -1, kind.paid),
                (entry.payee, entry.received, 1, kind.received),
            ):
                numbers = list(range(accounts[who])) if rows is None else np.atleast_1d(rows).tolist()
                sums = fen.tolist() if len(numbers) == len(fen) else [int(fen.sum())]
                for number, amount in zip(numbers, sums, strict=True):
                    self.balances[(who, number)] += sign * amount
                    if who == "household":
                        self._of_household(entry, number, sign * amount, source)
            self.flows[(entry.payer[0], entry.payee[0], entry.kind, entry.layer)] += int(entry.paid.sum())

    def _of_household(self, entry: Entry, number: int, amount: int, source: str | None) -> None:
        if source:
            self.income[(source, number)] += amount
        if amount > 0 and entry.layer in LAYERS:
            self.received[(entry.layer, number)] += amount
        if amount < 0 and entry.kind in CONSUMPTION_KINDS:
            self.consumed[("", number)] -= amount

    def differences(self, ledger: Ledger) -> list[str]:
        """Accounts that do not hold what the journal says, the first of each kind."""
        found = []
        for kind, held in ledger.balances.items():
            for row, fen in enumerate(held.tolist()):
                flowed = self.balances[(kind, row)]
                if flowed != fen:
                    found.append(f"account {kind} {row} holds {fen} fen, and {flowed} flowed")
                    break
        return found

    def year_so_far(self, households: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Fen of this year as the ledger has them: ``income`` (4, households), ``received`` (3, households) and
        ``consumed`` (households,)."""
        income = np.zeros((len(INCOME_SOURCES), households), np.int64)
        received, consumed = np.zeros((len(LAYERS), households), np.int64), np.zeros(households, np.int64)
        for (source, row), fen in self.income.items():
            income[INCOME_SOURCES.index(source), row] = fen
        for (layer, row), fen in self.received.items():
            received[LAYERS.index(layer), row] = fen
        for (_, row), fen in self.consumed.items():
            consumed[row] = fen
        return income, received, consumed

    def close_year(self) -> tuple[Flows, dict[tuple[str, int], int]]:
        """The year's flows and incomes; counting starts anew."""
        flows = {key: fen for key, fen in self.flows.items() if fen}
        income = {key: fen for key, fen in self.income.items() if fen}
        for counted in (self.flows, self.income, self.received, self.consumed):
            counted.clear()
        return flows, income


def counts(ledger: Ledger) -> dict[str, int]:
    """Accounts of each kind."""
    return {kind: len(held) for kind, held in ledger.balances.items()}
