"""Who belongs to which group of households (分组), with sums over all groups at once.

`Groups` holds one or more ways to split everybody up (by village, by town and country …), so that a household is in
one group of each; `abm.measures.grouped` measures all of them with one sort.

Weights are persons: whole numbers, for which running sums over all groups are exact, so that a group's numbers do
not depend on the groups that stand before it.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from abm.measures.arrays import FloatArray, IntArray


class Segments(NamedTuple):
    """Rows of all groups in one line, group after group; within each in some order of income.

    Attributes:
        rows: row of the household.
        groups: the groups that have rows at all, ascending.
        starts, counts: where each of them begins in the line, and how many rows it has.
    """

    rows: npt.NDArray[np.int32]
    groups: IntArray
    starts: IntArray
    counts: IntArray

    def only(self, rows: npt.NDArray[np.bool_]) -> "Segments":
        """The line without the rows that the mask, shape (n,), leaves out."""
        stays = rows[self.rows]
        if stays.all():
            return self
        return _segments(self.rows[stays], self.groups, np.add.reduceat(stays, self.starts, dtype=np.int64))


def _segments(rows: npt.NDArray[np.int32], groups: IntArray, counts: IntArray) -> Segments:
    filled = counts > 0
    counts = counts[filled]
    return Segments(rows, groups[filled], np.cumsum(counts) - counts, counts)


class Groups:
    """Ways to split n households up.

    Args:
        splits: for each way the code of every household's group, shape (n,), and the number of groups; the codes
            run from 0. Groups are numbered through over the splits.
    """

    def __init__(self, *splits: tuple[npt.ArrayLike, int]) -> None:
        self.codes = [np.asarray(codes, np.int16) for codes, _ in splits]
        self.sizes = [count for _, count in splits]
        self.first = np.concatenate(([0], np.cumsum(self.sizes)))
        self.count = int(self.first[-1])
        self.rows = len(self.codes[0])
        self._cell = np.zeros(self.rows, np.int64)  # one number for a household's groups in all splits
        for codes, size in zip(self.codes, self.sizes, strict=True):
            self._cell *= size
            self._cell += codes

    def sums(self, values: npt.NDArray[Any]) -> FloatArray:
        """Sum of a column over each group, shape (groups,); exact for whole numbers below 2**53."""
        cells = np.bincount(self._cell, weights=values, minlength=int(np.prod(self.sizes)))
        table = cells.reshape(self.sizes)
        axes = range(len(self.sizes))
        return np.concatenate([table.sum(axis=tuple(a for a in axes if a != own)) for own in axes])

    def split_sums(self, values: FloatArray) -> FloatArray:
        """As ``sums``, for a column that differs by split; shape (splits, n)."""
        return np.concatenate(
            [
                np.bincount(codes, weights=own, minlength=size)
                for codes, own, size in zip(self.codes, values, self.sizes, strict=True)
            ]
        )

    def line_up(self, order: npt.NDArray[Any]) -> Segments:
        """The rows of *order*, which may leave some out, group by group and within each in that order."""
        order = order.astype(np.int32, copy=False)
        rows, counts = [], []
        for codes, size in zip(self.codes, self.sizes, strict=True):
            own = codes[order]
            rows.append(order if size == 1 else order[np.argsort(own, kind="stable")])
            counts.append(np.bincount(own, minlength=size))
        return _segments(np.concatenate(rows), np.arange(self.count), np.concatenate(counts).astype(np.int64))


def by_income(income: FloatArray, weight: FloatArray) -> npt.NDArray[np.int64]:
    """Rows with a weight by income, equal ones in their order."""
    order = np.argsort(income, kind="stable")
    present = weight > 0
    return order if present.all() else order[present[order]]


def ratio(part: npt.NDArray[Any], whole: npt.NDArray[Any]) -> FloatArray:
    """Their ratio, element by element; NaN where the whole is not positive."""
    return np.asarray(np.divide(part, whole, out=np.full(np.shape(part), np.nan), where=whole > 0))
