"""What a tick's array operations read and write, each counted: the traffic of the program as it is written.

    python benchmarks/moved.py [--households N] [--ticks T]

``floor.py`` counts each column once a phase, which no program in NumPy reaches; here every operation counts with all
arrays that it reads and writes. Columns, accounts and links become arrays that note what is done with them; measuring
and the inside of draws are left out. Prints bytes a household-tick and calls a tick by kind of operation, and what the
bytes would take at the speed of a copy. What SciPy does inside, and Python itself, are counted nowhere.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from floor import price_of_byte, price_of_draw
from household_tick import production

from abm.core.columns import Columns
from abm.core.draws import Draws
from abm.model import ticks
from abm.model.model import JointPointModel

VIEWS_ONLY = {"reshape", "ravel", "broadcast_to", "shape", "ndim", "size", "transpose", "atleast_1d"}
"""Functions of NumPy that move nothing."""
METHODS = (
    *("sum", "any", "all", "min", "max", "mean", "cumsum", "clip"),
    *("copy", "fill", "repeat", "argsort", "nonzero", "searchsorted"),
)
MAKERS = ("zeros", "ones", "full", "arange")
BYTES: Counter[str] = Counter()
CALLS: Counter[str] = Counter()
DRAWN: Counter[str] = Counter()
_counting = False


def size_of(array: np.ndarray) -> int:
    """Bytes of an array, of a broadcast one those that there are; a single number counts nothing."""
    there = [n for n, stride in zip(array.shape, array.strides, strict=True) if stride != 0]
    return array.itemsize * int(np.prod(there, dtype=np.int64)) if array.size > 1 else 0


def note(what: str, *touched: Any) -> None:
    """Count one operation and what it reads and writes."""
    if _counting:
        CALLS[what] += 1
        BYTES[what] += sum(size_of(array) for array in arrays_in(touched))


def arrays_in(values: Any) -> Iterator[np.ndarray]:
    if isinstance(values, np.ndarray):
        yield values
    elif isinstance(values, tuple | list):
        for value in values:
            yield from arrays_in(value)
    elif isinstance(values, dict):
        yield from arrays_in(tuple(values.values()))


def plain(value: Any) -> Any:
    """The same without arrays that count."""
    if isinstance(value, Counted):
        return value.view(np.ndarray)
    if type(value) in (tuple, list):
        return type(value)(plain(part) for part in value)
    return {key: plain(part) for key, part in value.items()} if type(value) is dict else value


def counted(value: Any) -> Any:
    """The same with arrays that count."""
    if type(value) is np.ndarray:
        return value.view(Counted)
    return type(value)(counted(part) for part in value) if type(value) in (tuple, list) else value


def picks(key: Any) -> bool:
    """Whether an index gathers rows instead of giving a view."""
    return any(isinstance(part, np.ndarray | list) for part in (key if isinstance(key, tuple) else (key,)))


class Counted(np.ndarray):
    """An array that notes what is done with it; results count, too."""

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, out: Any = None, **how: Any) -> Any:
        given, how = plain(inputs), plain(how)
        found = getattr(ufunc, method)(*given, **how, **({} if out is None else {"out": plain(out)}))
        if method == "at":  # reads and writes as many numbers as there are rows
            note("at", given[1:], given[1])
            return None
        note("ufunc" if method == "__call__" else method, given, how, found)
        return counted(found) if out is None else out[0] if len(out) == 1 else out

    def __array_function__(self, function: Any, types: Any, given: Any, how: Any) -> Any:
        found = function(*plain(given), **plain(how))
        if function.__name__ not in VIEWS_ONLY:
            note(function.__name__, plain(given), plain(how), found)
        return counted(found)

    def __getitem__(self, key: Any) -> Any:
        key = plain(key)
        found = self.view(np.ndarray)[key]
        if picks(key):
            note("gather", key, found, found)
        return counted(found)

    def __setitem__(self, key: Any, value: Any) -> None:
        key, value, mine = plain(key), plain(value), self.view(np.ndarray)
        mine[key] = value
        written = mine[key]
        note("scatter" if picks(key) else "assign", key if picks(key) else (), written, value)

    def take(self, rows: Any, *how: Any, **more: Any) -> Any:
        found = self.view(np.ndarray).take(plain(rows), *how, **more)
        note("gather", plain(rows), found, found)
        return counted(found)

    def astype(self, *how: Any, **more: Any) -> Any:
        mine = self.view(np.ndarray)
        found = mine.astype(*how, **more)
        if found is not mine:
            note("astype", mine, found)
        return counted(found)


def _method(name: str) -> Any:
    def call(self: Counted, *given: Any, **how: Any) -> Any:
        mine = self.view(np.ndarray)
        found = getattr(mine, name)(*plain(given), **plain(how))
        note(name, mine, plain(given), found)
        return counted(found)

    return call


for _name in METHODS:
    setattr(Counted, _name, _method(_name))


def _maker(make: Any) -> Any:
    def made(*given: Any, **how: Any) -> Any:
        found = make(*plain(given), **plain(how))
        note(make.__name__, found)
        return counted(found)

    return made


@contextmanager
def counting(model: JointPointModel) -> Iterator[None]:
    """Have all that the model's rules do with arrays counted."""
    global _counting
    world, show, uniform, close = model.world, Columns._show, Draws.uniform, ticks._close_year

    def show_counted(table: Columns, name: str, view: Any) -> None:
        show(table, name, counted(plain(view)))

    def uniform_counted(luck: Draws, stream: str, when: int, keys: Any) -> Any:
        DRAWN["draws"] += keys.size * _counting
        return counted(_aside(uniform, luck, stream, when, plain(keys)))

    with ExitStack() as stack:
        for where, name, instead in (
            (Columns, "_show", show_counted),
            (Draws, "uniform", uniform_counted),
            (ticks, "_close_year", lambda *given: _aside(close, *given)),
            (np, "asarray", lambda *given, **how: counted(np.array(*plain(given), copy=None, **how))),
            *((np, name, _maker(getattr(np, name))) for name in MAKERS),
        ):
            stack.enter_context(patch.object(where, name, instead))
        for table in (world.households, world.workers, world.enterprises, world.places):
            for name in table:
                table._show(name, table[name])
        ledger, points = world.ledger, world.points
        for kind, held in ledger.balances.items():
            ledger.balances[kind] = counted(held)
        for owner, names in (
            (ledger, ("income", "consumed", "received")),
            (points, ("place", "grid", "inhabited")),
            *((links, ("draw", "since", "active", "planned")) for links in points.household.values()),
            *((links, ("draw", "since", "active", "a", "b")) for links in points.pairs.values()),
        ):
            for name in names:
                setattr(owner, name, counted(getattr(owner, name)))
        _counting = True
        yield
        _counting = False


def _aside(function: Any, *given: Any) -> Any:
    """Call what is not to be counted."""
    global _counting
    before, _counting = _counting, False
    try:
        return function(*given)
    finally:
        _counting = before


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--households", type=int, default=20_000)
    parser.add_argument("--ticks", type=int, default=4, help="a year of quarters")
    given = parser.parse_args()
    model = production(given.households)
    rows = len(model.world.households)
    with counting(model):
        for _ in range(given.ticks):
            ticks.run_tick(model.world, model.mechanisms, model.recorder)
    each = 1.0 / (given.ticks * rows)
    print(f"{'operation':14} {'bytes a household-tick':>22} {'calls a tick':>13}")
    for what, moved in BYTES.most_common():
        print(f"{what:14} {each * moved:>22.0f} {CALLS[what] / given.ticks:>13.0f}")
    moved, drawn = each * sum(BYTES.values()), each * DRAWN["draws"]
    print(f"{'all':14} {moved:>22.0f} {sum(CALLS.values()) / given.ticks:>13.0f}")
    print(
        f"at a copy's speed {moved * price_of_byte(rows):.0f} ns, "
        f"and {drawn:.1f} numbers drawn {drawn * price_of_draw(rows):.0f} ns"
    )


if __name__ == "__main__":
    main()
