"""A table of NumPy columns that can grow: the truth about what is too numerous for objects."""

from collections.abc import Container, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray


def tally(column: NDArray[Any], rows: NDArray[np.integer[Any]], by: int) -> None:
    """``column[rows] += by``, counting rows that occur more than once."""
    np.add.at(column, rows, np.full(len(rows), by, column.dtype))  # 20 times as fast as with a plain number


class Columns:
    """Columns of equal length, read as attributes: ``households.trust[rows]``.

    A column is declared once, with a dtype and the value that new rows get. Columns keep room for growth, so
    appending rows is cheap; an attribute is always a view of exactly the rows that exist.
    """

    def __init__(self, rows: int = 0) -> None:
        self._rows = rows
        self._data: dict[str, NDArray[Any]] = {}
        self._fill: dict[str, Any] = {}
        self._views: dict[str, NDArray[Any]] = {}

    def declare(self, name: str, dtype: DTypeLike, fill: Any = 0, width: int | None = None) -> None:
        """Add a column (of ``width`` numbers a row, where given); a name can be declared once only."""
        if name in self._data or name.startswith("_") or hasattr(type(self), name):
            raise ValueError(f"column '{name}' is declared already or is no free name")
        shape = (self._rows,) if width is None else (self._rows, width)
        self._data[name] = np.full(shape, fill, dtype=dtype)
        self._fill[name] = fill
        self._show(name, self._data[name])

    def append(self, values: Mapping[str, ArrayLike], count: int) -> NDArray[np.int64]:
        """Add ``count`` rows; columns not named get their fill value. Returns the new row numbers."""
        unknown = set(values) - set(self._data)
        if unknown:
            raise KeyError(f"no such columns: {', '.join(sorted(unknown))}")
        first, self._rows = self._rows, self._rows + count
        for name, data in self._data.items():
            if len(data) < self._rows:
                room = np.empty((max(self._rows, 2 * len(data)), *data.shape[1:]), data.dtype)
                room[:first] = data[:first]
                self._data[name] = room
            view = self._data[name][: self._rows]
            view[first:] = values.get(name, self._fill[name])
            self._show(name, view)
        return np.arange(first, self._rows)

    def select(self, rows: NDArray[np.integer[Any]]) -> None:
        """Keep these rows only, in this order; the others are gone."""
        self._rows = len(rows)
        for name in self._data:
            self._data[name] = self._views[name].take(rows, axis=0)
            self._show(name, self._data[name])

    def reset(self, rows: NDArray[np.integer[Any]], kept: Container[str] = ()) -> None:
        """Give these rows their fill values again, but for the columns ``kept``."""
        for name, column in self._views.items():
            if name not in kept:
                column[rows] = self._fill[name]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._data)

    def __len__(self) -> int:
        return self._rows

    def __contains__(self, name: object) -> bool:
        return name in self._data

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self._views[name]

    def _show(self, name: str, view: NDArray[Any]) -> None:
        """``table.name`` is this array; kept among the table's own attributes, which Python finds soonest."""
        self._views[name] = self.__dict__[name] = view

    def __getattr__(self, name: str) -> NDArray[Any]:
        raise AttributeError(f"no column '{name}'")

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("_"):
            object.__setattr__(self, name, value)
        elif name in self._views:
            column = self._views[name]
            if value is not column:  # ``x.trust += 1`` has written in place already
                column[...] = value  # a column is never swapped for another array
        else:
            raise AttributeError(f"no column '{name}'; declare it first")

    def __getstate__(self) -> dict[str, Any]:
        return {"rows": self._rows, "data": {n: self._views[n] for n in self._data}, "fill": self._fill}

    def __setstate__(self, state: dict[str, Any]) -> None:
        object.__setattr__(self, "_rows", state["rows"])
        object.__setattr__(self, "_data", {n: np.array(v) for n, v in state["data"].items()})
        object.__setattr__(self, "_fill", state["fill"])
        object.__setattr__(self, "_views", {})
        for name, column in self._data.items():
            self._show(name, column)
