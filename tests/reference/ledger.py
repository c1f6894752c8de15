"""Money in plain Python: one account an agent, whole fen, and a journal of who paid whom what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from abm.core.ledger import CONSUMPTION_KINDS, FLOW_KINDS
from abm.core.names import LAYERS
from tests.reference.agents import Payer

CLEARING = "clearing"
"""The other side of a payment that goes through a place's clearing house."""


class Line(NamedTuple):
    """One payment as the journal keeps it."""

    payer: str
    payer_row: int
    payee: str
    payee_row: int
    kind: str
    layer: str
    fen: int


class PlainLedger:
    """Moves money between agents; nobody but bank and outside pays more than it has."""

    def __init__(self) -> None:
        self.journal: list[Line] = []
        self.shortfalls: defaultdict[str, int] = defaultdict(int)
        """This year's payments that were due and not made, fen by kind."""

    def pay(self, payer: Payer, payee: Payer, yuan: float, kind: str, layer: str = "") -> float:
        """What is paid of an amount due, yuan: rounded once, and no more than there is."""
        return self.pay_all([(payer, payee, yuan)], kind, layer)[0]

    def pay_all(self, due: Sequence[tuple[Payer, Payer, float]], kind: str, layer: str = "") -> list[float]:
        """Payments that fall due together: who cannot make all of its own makes the same part of each."""
        fen = [whole_fen(yuan) for _, _, yuan in due]
        paid = self._within_means([payer for payer, _, _ in due], fen, kind)
        return self._move(due, paid, kind, layer)

    def share_out(
        self, payer: Payer, due: Sequence[tuple[Payer, float]], kind: str, layer: str = ""
    ) -> list[float]:
        """One pays many: what it has goes out by what is due to each, to the last fen."""
        fen = [whole_fen(yuan) for _, yuan in due]
        paid, have = fen, max(payer.fen, 0)
        if not payer.overdraws and sum(fen) > have:
            paid = shared(have, fen)
            self.shortfalls[kind] += sum(fen) - have
        return self._move([(payer, payee, yuan) for payee, yuan in due], paid, kind, layer)

    def _move(
        self, due: Sequence[tuple[Payer, Payer, float]], paid: Sequence[int], kind: str, layer: str
    ) -> list[float]:
        for (payer, payee, _), amount in zip(due, paid, strict=True):
            self._take(payer, amount, kind)
            self._give(payee, amount, kind, layer)
            if amount:
                self.journal.append(
                    Line(payer.account, payer.row, payee.account, payee.row, kind, layer, amount)
                )
        return [amount / 100.0 for amount in paid]

    def clear(
        self,
        due: Sequence[tuple[Payer, float]],
        payees: Sequence[tuple[Payer, float]],
        kind: str,
        layer: str = "",
    ) -> list[float]:
        """Many pay many: what is paid in goes out by weight. Returns what each payee gets, yuan."""
        return self.clear_all([(due, payees)], kind, layer)[0]

    def clear_all(
        self,
        houses: Sequence[tuple[Sequence[tuple[Payer, float]], Sequence[tuple[Payer, float]]]],
        kind: str,
        layer: str = "",
    ) -> list[list[float]]:
        """Several clearing houses, each of payers and payees, to which payments fall due together."""
        due = [item for payers, _ in houses for item in payers]
        paid = self._within_means([payer for payer, _ in due], [whole_fen(y) for _, y in due], kind)
        for (payer, _), amount in zip(due, paid, strict=True):
            self._take(payer, amount, kind)
            if amount:
                self.journal.append(Line(payer.account, payer.row, CLEARING, -1, kind, layer, amount))
        result, first = [], 0
        for payers, payees in houses:
            pot = sum(paid[first : first + len(payers)])
            first += len(payers)
            received = shared(pot, [weight for _, weight in payees])
            for (payee, _), amount in zip(payees, received, strict=True):
                self._give(payee, amount, kind, layer)
                if amount:
                    self.journal.append(Line(CLEARING, -1, payee.account, payee.row, kind, layer, amount))
            result.append([amount / 100.0 for amount in received])
        return result

    def _within_means(self, payers: list[Payer], fen: list[int], kind: str) -> list[int]:
        owed: defaultdict[Payer, list[int]] = defaultdict(list)
        for i, payer in enumerate(payers):
            owed[payer].append(i)
        paid = list(fen)
        for payer, mine in owed.items():
            total, have = sum(fen[i] for i in mine), max(payer.fen, 0)
            if payer.overdraws or total <= have:
                continue
            for i in mine:
                paid[i] = fen[i] * have // total  # rounded down, so that the parts never exceed what there is
            self.shortfalls[kind] += total - sum(paid[i] for i in mine)
        return paid

    @staticmethod
    def _take(payer: Payer, fen: int, kind: str) -> None:
        payer.fen -= fen
        if payer.account == "household":
            if kind in CONSUMPTION_KINDS:
                payer.consumed += fen
            if FLOW_KINDS[kind].paid:
                payer.income[FLOW_KINDS[kind].paid] -= fen

    @staticmethod
    def _give(payee: Payer, fen: int, kind: str, layer: str) -> None:
        payee.fen += fen
        if payee.account == "household":
            if FLOW_KINDS[kind].received:
                payee.income[FLOW_KINDS[kind].received] += fen
            if layer in LAYERS:
                payee.received[layer] += fen


def whole_fen(yuan: float) -> int:
    """Rounded to the nearest fen, a half to the even one."""
    if not yuan >= 0:
        raise ValueError(f"an amount of {yuan} yuan")
    return round(yuan * 100.0)


def shared(fen: int, weights: Sequence[float]) -> list[int]:
    """A sum in parts by weight, in whole fen that add up to it."""
    if fen == 0:
        return [0] * len(weights)
    total, so_far, parts, given = sum(weights), 0.0, [], 0
    for i, weight in enumerate(weights):
        so_far += weight
        until = fen if i == len(weights) - 1 else round(so_far / total * fen)
        parts.append(until - given)
        given = until
    return parts
