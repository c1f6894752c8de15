"""Keeping the books a second time, in plain Python integers, from the journal alone."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from abm.core.ledger import FLOW_KINDS, Entry, Ledger


class Books:
    """Balances, flows and incomes by household as the journal tells them."""

    def __init__(self) -> None:
        self.balances: defaultdict[tuple[str, int], int] = defaultdict(int)
        self.flows: Counter[tuple[str, str, str, str]] = Counter()
        self.income: Counter[tuple[str, int]] = Counter()

    def enter(self, entries: Iterable[Entry], accounts: dict[str, int]) -> None:
        """Book entries. ``accounts`` says how many accounts of each kind there are, for entries with all of them."""
        for entry in entries:
            assert entry.paid.sum() == entry.received.sum()
            kind = FLOW_KINDS[entry.kind]
            for (who, rows), fen, sign, source in (
                (entry.payer, entry.paid, -1, kind.paid),
                (entry.payee, entry.received, 1, kind.received),
            ):
                if rows is None:
                    numbers = list(range(accounts[who]))
                else:
                    numbers = [int(row) for row in ([rows] if not hasattr(rows, "__len__") else rows)]
                sums = fen.tolist() if len(numbers) == len(fen) else [int(fen.sum())]
                for number, amount in zip(numbers, sums, strict=True):
                    self.balances[(who, number)] += sign * amount
                    if who == "household" and source:
                        self.income[(source, number)] += sign * amount
            self.flows[(entry.payer[0], entry.payee[0], entry.kind, entry.layer)] += int(entry.paid.sum())

    def close_year(self) -> tuple[dict[tuple[str, str, str, str], int], dict[tuple[str, int], int]]:
        """The year's flows and incomes; counting starts anew."""
        flows = {key: fen for key, fen in self.flows.items() if fen}
        income = {key: fen for key, fen in self.income.items() if fen}
        self.flows.clear()
        self.income.clear()
        return flows, income


def counts(ledger: Ledger) -> dict[str, int]:
    """Accounts of each kind."""
    return {kind: len(held) for kind, held in ledger.balances.items()}
