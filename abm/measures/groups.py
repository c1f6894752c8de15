"""Who belongs to which group of households (分组), with sums over all groups at once.

`Groups` holds one or more ways to split everybody up (by village, by town and country …), so that a household is in
one group of each; `abm.measures.grouped` measures all of them with one sort.

Weights are persons: whole numbers below 2**24, for which running sums over all groups are exact, so that a group's
numbers do not depend on the groups that stand before it.
"""

from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from abm.measures.arrays import FloatArray, IntArray


class Segments(NamedTuple):
    """Rows of all groups in one line, group after group; within each in some order of income.

    Attributes:
        rows: row of the household.
        income: its income.
        groups: the groups that have rows at all, ascending.
        starts, counts: where each of them begins in the line, and how many rows it has.
    """

    rows: npt.NDArray[np.int32]
    income: FloatArray
    groups: IntArray
    starts: IntArray
    counts: IntArray

    def among(self, weight: FloatArray) -> "tuple[Segments, FloatArray]":
        """The line without the rows of weight 0, and the weights of those in it; *weight* has shape (n,)."""
        own = weight.astype(np.float32).take(self.rows)  # exact; what is small is gathered faster
        stays = np.flatnonzero(own > 0)
        if len(stays) == len(own):
            return self, own.astype(np.float64)
        counts = np.diff(np.searchsorted(stays, self.starts + self.counts), prepend=0)
        line = _segments(self.rows.take(stays), self.income.take(stays), self.groups, counts)
        return line, own.take(stays).astype(np.float64)


def _segments(
    rows: npt.NDArray[np.int32], income: FloatArray, groups: IntArray, counts: IntArray
) -> Segments:
    filled = counts > 0
    counts = counts[filled]
    return Segments(rows, income, groups[filled], np.cumsum(counts) - counts, counts)


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

    @cached_property
    def _cell(self) -> IntArray:
        """One number for a household's groups in all splits."""
        cell = np.zeros(self.rows, np.int64)
        for codes, size in zip(self.codes, self.sizes, strict=True):
            cell *= size
            cell += codes
        return cell

    def sums(self, values: npt.NDArray[Any]) -> FloatArray:
        """Sum of a column over each group, shape (groups,); exact for whole numbers below 2**53."""
        cells = np.bincount(self._cell, weights=values, minlength=int(np.prod(self.sizes)))
        table = cells.reshape(self.sizes)
        axes = range(len(self.sizes))
        return np.concatenate([table.sum(axis=tuple(a for a in axes if a != own)) for own in axes])

    @cached_property
    def splits(self) -> "list[Groups]":
        """Each way to split on its own. Measured one after the other they need arrays that fit into caches."""
        return [Groups(split) for split in zip(self.codes, self.sizes, strict=True)]

    def line_up(self, order: npt.NDArray[Any], income: FloatArray) -> Segments:
        """The rows of *order*, which may leave some out, group by group and within each in that order."""
        order = order.astype(np.int32, copy=False)
        rows, counts = [], []
        for codes, size in zip(self.codes, self.sizes, strict=True):
            own = codes[order]
            rows.append(order if size == 1 else order[np.argsort(own, kind="stable")])
            counts.append(np.bincount(own, minlength=size))
        line = np.concatenate(rows)
        return _segments(
            line, income.take(line), np.arange(self.count), np.concatenate(counts).astype(np.int64)
        )


def by_income(income: FloatArray, weight: FloatArray) -> npt.NDArray[np.int64]:
    """Rows with a weight by income, equal ones in their order."""
    rows = np.flatnonzero(weight > 0)
    income = income[rows]
    order = np.argsort(
        income
    )  # much faster than a stable sort; few are equal, and these are sorted once more
    ascending = income[order]
    same = ascending[1:] == ascending[:-1]
    tied = np.flatnonzero(np.concatenate((same, [False])) | np.concatenate(([False], same)))
    order[tied] = order[tied][np.lexsort((order[tied], ascending[tied]))]
    return rows[order]


def ratio(part: npt.NDArray[Any], whole: npt.NDArray[Any]) -> FloatArray:
    """Their ratio, element by element; NaN where the whole is not positive."""
    return np.asarray(np.divide(part, whole, out=np.full(np.shape(part), np.nan), where=whole > 0))
