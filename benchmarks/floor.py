"""The floor of a tick: what its bytes and its draws alone would take on this machine.

Counted are, for each phase, the columns of households, workers and enterprises and the ledger's accounts of households
that it reads or writes, each once, and all uniforms that are drawn. Their price is the machine's own, in the same
process: a NumPy copy moves the bytes, and NumPy's generator draws the numbers. It is a yardstick, and no bound that is
proved: a program could keep several phases in the cache at once, or look at the rows alone that a rule is about, where
the whole column is counted; arrays that a rule makes on its way, and links, are counted nowhere.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import process_time
from typing import Any
from unittest.mock import patch

import numpy as np

from abm.core.columns import Columns
from abm.core.draws import Draws
from abm.core.ledger import Ledger
from abm.model.model import JointPointModel


@dataclass
class Touched:
    """What a run has touched so far."""

    bytes: int = 0
    draws: int = 0
    _phase: dict[int, int] = field(default_factory=dict)

    def array(self, values: np.ndarray) -> None:
        """A column that the phase under way has read or written."""
        self._phase[values.__array_interface__["data"][0]] = values.nbytes

    def phase_ends(self) -> None:
        self.bytes += sum(self._phase.values())
        self._phase.clear()


@contextmanager
def counting(model: JointPointModel) -> Iterator[Touched]:
    """Count what the model touches."""
    seen, world = Touched(), model.world
    big = {id(table) for table in (world.households, world.workers, world.enterprises)}
    get, item, put = Columns.__getattribute__, Columns.__getitem__, Columns.__setattr__
    uniform, move = Draws.uniform, Ledger._move

    def getattribute(table: Columns, name: str) -> Any:
        value = get(table, name)
        return noted(table, value) if isinstance(value, np.ndarray) else value

    def getitem(table: Columns, name: str) -> Any:
        return noted(table, item(table, name))

    def setattr_(table: Columns, name: str, value: Any) -> None:
        put(table, name, value)
        if not name.startswith("_"):
            noted(table, item(table, name))

    def noted(table: Columns, column: Any) -> Any:
        if id(table) in big:
            seen.array(column)
        return column

    def uniform_(luck: Draws, stream: str, when: int, keys: Any) -> Any:
        seen.draws += keys.size
        return uniform(luck, stream, when, keys)

    def move_(ledger: Ledger, payer: Any, paid: Any, payee: Any, *rest: Any) -> Any:
        for kind, _ in (payer, payee):
            if kind == "household":
                seen.array(ledger.balances[kind])
                seen.array(ledger.income[0])
        return move(ledger, payer, paid, payee, *rest)

    with (
        patch.object(Columns, "__getattribute__", getattribute),
        patch.object(Columns, "__getitem__", getitem),
        patch.object(Columns, "__setattr__", setattr_),
        patch.object(Draws, "uniform", uniform_),
        patch.object(Ledger, "_move", move_),
    ):
        yield seen


def price_of_byte(rows: int, times: int = 200) -> float:
    """Nanoseconds that a byte takes to be read, or written, in a copy of a column of so many rows."""
    source, target = np.random.default_rng(1).random(rows), np.empty(rows)
    began = process_time()
    for _ in range(times):
        np.copyto(target, source)
    return (process_time() - began) / (times * 2 * source.nbytes) * 1e9


def price_of_draw(rows: int, times: int = 50) -> float:
    """Nanoseconds that a uniform takes."""
    luck, target = np.random.default_rng(1), np.empty(rows)
    began = process_time()
    for _ in range(times):
        luck.random(out=target)
    return (process_time() - began) / (times * rows) * 1e9
