"""All measures of many groups of households at once (按组计算): one sort for all of them.

Each answer of `Grouped` is an array with one number per group and equals that of `abm.measures.Distribution` for the
group's rows, up to rounding. What is written out once more here is the arithmetic on sorted rows, for speed: 50
groups cost little more than one.
"""

from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from abm.measures.arrays import MEAN_ROUNDING, FloatArray, IntArray
from abm.measures.groups import Groups, Segments, by_income, ratio
from abm.measures.inequality import FLOOR_SHARE, WEIGHT_ROUNDING


class Grouped:
    """Incomes of households measured for every group.

    Args:
        income: per head, shape (n,).
        weight: persons, shape (n,), whole numbers below 2**24.
        groups: who belongs where.
        line: rows group by group and by these incomes, where known already; rows of weight 0 may be among them.

    Every answer has shape (groups,), with NaN for a group without persons and where a measure has no meaning.
    """

    def __init__(
        self, income: FloatArray, weight: FloatArray, groups: Groups, line: Segments | None = None
    ) -> None:
        self.groups = groups
        line = groups.line_up(by_income(income, weight), income) if line is None else line
        self.line, self.w = line.among(weight)
        self.y = self.line.income
        self._ends = self.line.starts + self.line.counts - 1
        after = (self._ends + 1).tolist()
        self._bounds = list(
            zip(self.line.starts.tolist(), after, strict=True)
        )  # NumPy's own are slow in slices

    # --- arithmetic over segments ---------------------------------------------------------------------

    def _sum(self, values: FloatArray) -> FloatArray:
        return np.asarray(np.add.reduceat(values, self.line.starts)) if len(values) else np.zeros(0)

    def _apply(self, ufunc: np.ufunc, rows: FloatArray, values: npt.NDArray[Any]) -> FloatArray:
        """In place on *rows*: the operation with the own group's number as second operand."""
        for (start, after), value in zip(self._bounds, values.tolist(), strict=True):
            own = rows[start:after]
            ufunc(own, value, out=own)
        return rows

    def _full(self, values: FloatArray) -> FloatArray:
        found = np.full(self.groups.count, np.nan)
        found[self.line.groups] = values
        return found

    def _mean_of(self, values: FloatArray, least: FloatArray, greatest: FloatArray) -> FloatArray:
        """Weighted mean, held between its bounds: as ``abm.measures.arrays.weighted_mean``."""
        raw = self._sum(values * self.w) / self._persons
        raw[np.abs(raw) <= MEAN_ROUNDING * np.maximum(np.abs(least), np.abs(greatest))] = 0.0
        return np.clip(raw, least, greatest)

    @cached_property
    def _reached(self) -> FloatArray:
        """Persons of the group up to and with each row."""
        running = np.cumsum(self.w.astype(np.int64))  # of whole numbers: faster than of floats
        before = running[self.line.starts] - self.w[self.line.starts]
        return self._apply(np.subtract, running.astype(np.float64), before)

    @cached_property
    def _persons(self) -> FloatArray:
        return np.asarray(self._reached[self._ends])

    @cached_property
    def _mean(self) -> FloatArray:
        return self._mean_of(self.y, self.y[self.line.starts], self.y[self._ends])

    @cached_property
    def _positive(self) -> FloatArray:
        """The mean where it is positive, else NaN."""
        return np.where(self._mean > 0, self._mean, np.nan)

    def _cuts(self, shares: FloatArray) -> IntArray:
        """The first row with which each share of the group's persons is reached; shape (groups, shares)."""
        found = np.empty((len(self.line.starts), len(shares)), np.int64)
        wanted = self._persons[:, np.newaxis] * (shares * (1 - WEIGHT_ROUNDING))
        for place, (start, after) in enumerate(self._bounds):
            found[place] = start + self._reached[start:after].searchsorted(wanted[place])
        return found

    def _below(self, lines: FloatArray) -> FloatArray:
        """Persons below each of a group's own lines; shape as that of *lines*, (groups, k)."""
        found = np.empty(lines.shape)
        for place, (start, after) in enumerate(self._bounds):
            under = self.y[start:after].searchsorted(lines[place])
            found[place] = np.where(under > 0, self._reached[start + under - 1], 0.0)
        return np.where(np.isnan(lines), np.nan, found)

    # --- answers ----------------------------------------------------------------------------------------

    @property
    def persons(self) -> FloatArray:
        """Sum of the weights; 0 for an empty group."""
        return np.nan_to_num(self._full(self._persons))

    @property
    def mean(self) -> FloatArray:
        return self._full(self._mean)

    @cached_property
    def _median(self) -> FloatArray:
        return self.y[self._cuts(np.array([0.5]))[:, 0]]

    @property
    def median(self) -> FloatArray:
        """The smallest income with a cumulative weight of at least half."""
        return self._full(self._median)

    @cached_property
    def _deprived(self) -> FloatArray:
        """Mean relative deprivation, μ·G."""
        rank = 2.0 * self._reached
        rank -= self.w
        self._apply(np.divide, rank, self._persons)
        rank -= 1.0
        weighted = self._apply(np.subtract, self.y.copy(), self._median)
        weighted *= self.w
        weighted *= rank
        return self._sum(weighted) / self._persons

    @property
    def relative_deprivation(self) -> FloatArray:
        return self._full(self._deprived)

    @property
    def gini(self) -> FloatArray:
        return self._full(self._deprived / self._positive)

    def part_sums(self, values: FloatArray | None = None, at: tuple[float, ...] = ()) -> FloatArray:
        """Sums of a column over parts of each group's persons, poorest first.

        Args:
            values: a household's total, shape (n,); None: its income times its weight.
            at: where one part ends and the next begins, shares of persons, ascending, between 0 and 1. A household on
                a boundary is split by weight.

        Returns:
            Shape (groups, parts).
        """
        if len(self.y) == 0:
            return np.full((self.groups.count, len(at) + 1), np.nan)
        total = self.y * self.w if values is None else values.take(self.line.rows).astype(np.float64)
        shares = np.array(at)
        cuts = self._cuts(shares)
        below = (self._persons[:, np.newaxis] * shares - (self._reached[cuts] - self.w[cuts])) / self.w[cuts]
        edges = np.column_stack([self.line.starts, cuts])  # whole rows from each edge to the next
        whole = np.add.reduceat(total, edges.ravel()).reshape(edges.shape)
        nothing = edges[:, 1:] == edges[:, :-1]  # there reduceat gives the row itself
        whole[:, :-1][nothing] = 0.0
        split = np.clip(below, 0.0, 1.0) * total[cuts]
        whole[:, :-1] += split
        whole[:, 1:] -= split
        found = np.full((self.groups.count, len(at) + 1), np.nan)
        found[self.line.groups] = whole
        return found

    @cached_property
    def parts(self) -> FloatArray:
        """Income of the parts between .2, .4, .5, .6, .8 and .9 of persons, over the group's; NaN where the mean is
        not positive. Shape (groups, 7)."""
        sums = self.part_sums(at=(0.2, 0.4, 0.5, 0.6, 0.8, 0.9))
        total = self._full(self._positive * self._persons)
        return sums / total[:, np.newaxis]

    @property
    def palma(self) -> FloatArray:
        return ratio(self.parts[:, 6], self.parts[:, :2].sum(axis=1))

    @property
    def s80_s20(self) -> FloatArray:
        return ratio(self.parts[:, 5:].sum(axis=1), self.parts[:, 0])

    @property
    def wolfson(self) -> FloatArray:
        """As `abm.measures.wolfson`."""
        half = self.parts[:, :3].sum(axis=1)
        median = self.median
        return np.asarray(2.0 * (1.0 - 2.0 * half - self.gini) * ratio(self.mean, median))

    def middle_share(self, low: float, high: float) -> FloatArray:
        """As `abm.measures.middle_share`."""
        lines = np.column_stack([low * self._median, np.nextafter(high * self._median, np.inf)])
        under = self._below(lines)
        share = (under[:, 1] - under[:, 0]) / self._persons
        return self._full(np.where(self._median > 0, share, np.nan))

    def headcounts(self, shares: tuple[float, ...]) -> FloatArray:
        """Persons below parts of the group's own median; shape (groups, shares). NaN where that is not positive."""
        median = np.where(self._median > 0, self._median, np.nan)
        under = self._below(median[:, np.newaxis] * np.array(shares)) / self._persons[:, np.newaxis]
        found = np.full((self.groups.count, len(shares)), np.nan)
        found[self.line.groups] = under
        return found

    def gaps(self, share: float) -> tuple[FloatArray, FloatArray]:
        """FGT 1 and 2 under *share* times the group's own median; NaN where that is not positive."""
        line = share * self._median
        line = np.where(line > 0, line, np.nan)
        gap = self._apply(np.divide, self.y.copy(), line)
        np.subtract(1.0, gap, out=gap)
        np.maximum(gap, 0.0, out=gap)
        weighted = self.w * gap
        return self._full(self._sum(weighted) / self._persons), self._full(
            self._sum(weighted * gap) / self._persons
        )

    @cached_property
    def _relative(self) -> FloatArray:
        """Bottom-coded incomes over the mean that they then have; NaN where the mean is not positive."""
        floor = FLOOR_SHARE * self._positive
        coded = self._apply(np.maximum, self.y.copy(), floor)
        mean = self._mean_of(coded, coded[self.line.starts], coded[self._ends])
        return self._apply(np.divide, coded, mean)

    @cached_property
    def _logs(self) -> FloatArray:
        return np.log(self._relative)

    @property
    def theil_t(self) -> FloatArray:
        return self._full(self._sum(self.w * self._relative * self._logs) / self._persons)

    @property
    def theil_l(self) -> FloatArray:
        return self._full(0.0 - self._sum(self.w * self._logs) / self._persons)

    @property
    def atkinson(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """With aversion 0.5, 1 and 2."""
        mild = self._sum(self.w * np.sqrt(self._relative)) / self._persons
        strong = self._sum(self.w / self._relative) / self._persons
        one = -np.expm1(-self.theil_l)
        return (
            self._full(np.maximum(1.0 - mild**2, 0.0)),
            0.0 + one,
            self._full(np.maximum(1.0 - 1.0 / strong, 0.0)),
        )

    @property
    def bottom_coded(self) -> FloatArray:
        """Share of persons below the floor."""
        floor = (FLOOR_SHARE * self._positive)[:, np.newaxis]
        return self._full(self._below(floor)[:, 0] / self._persons)

    def theil_t_between(self, codes: IntArray, count: int, last_group: int) -> FloatArray:
        """The part of Theil's T between groups of another kind, for the first groups; the others get NaN.

        Args:
            codes: whole numbers from 0, shape (n,).
            count: how many codes there are.
            last_group: one past the last group that is wanted.
        """
        wanted = int(np.searchsorted(self.line.groups, last_group))
        rows = int(self.line.counts[:wanted].sum())
        label = np.repeat(np.arange(wanted), self.line.counts[:wanted]) * count
        cell = label + codes[self.line.rows[:rows]]
        weight = self.w[:rows]
        shape = (wanted, count)
        people = np.bincount(cell, weights=weight, minlength=wanted * count).reshape(shape)
        received = weight * self._relative[:rows]
        income = np.bincount(cell, weights=received, minlength=wanted * count).reshape(shape)
        with np.errstate(invalid="ignore", divide="ignore"):
            level = income / people
            terms = np.where(people > 0, income * np.log(level), 0.0)
        found = np.full(self.groups.count, np.nan)
        found[self.line.groups[:wanted]] = terms.sum(axis=1) / self._persons[:wanted]
        return found

    def ranks(self) -> FloatArray:
        """Middle rank within the group, in parts of its persons (0 to 1); 0 for who is left out. Shape (splits, n)."""
        middle = self._reached - self.w / 2.0
        same = self.y[1:] == self.y[:-1]
        same[self.line.starts[1:] - 1] = False
        pairs = np.flatnonzero(same)  # rows with the income of the next
        if pairs.size:  # equal incomes share their middle rank
            apart = np.flatnonzero(np.diff(pairs) > 1)
            first, last = pairs[np.append(0, apart + 1)], pairs[np.append(apart, pairs.size - 1)] + 1
            shared = (self._reached[first] - self.w[first] + self._reached[last]) / 2.0
            long = last - first + 1
            tied = np.repeat(first - (np.cumsum(long) - long), long) + np.arange(long.sum())
            middle[tied] = np.repeat(shared, long)
        self._apply(np.divide, middle, self._persons)
        found = np.zeros((len(self.groups.codes), self.groups.rows))
        borders = np.searchsorted(self.line.groups, self.groups.first)
        edges = np.append(self.line.starts, len(self.y))[borders].tolist()
        for ranks, start, end in zip(found, edges, edges[1:], strict=False):
            ranks[self.line.rows[start:end]] = middle[start:end]
        return found


def rank_correlations(
    groups: Groups, weight: FloatArray, before: FloatArray, after: FloatArray
) -> FloatArray:
    """Weighted Spearman correlation within each group.

    Args:
        weight: persons, 0 for who is not there in both years, shape (n,).
        before, after: ``Grouped.ranks`` of the two years, made with these weights.
    """
    found = []
    for codes, size, earlier, later in zip(groups.codes, groups.sizes, before, after, strict=True):
        place = codes.astype(np.intp)
        one, other = earlier - 0.5, later - 0.5
        weighted = weight * one
        own, joint = (np.bincount(place, weighted * rank, size) for rank in (one, other))
        spread = own * np.bincount(place, weight * other * other, size)
        found.append(ratio(joint, np.sqrt(spread)))
    return np.concatenate(found)


def mobility_matrices(
    groups: Groups, weight: FloatArray, before: FloatArray, after: FloatArray, *, splits: int, parts: int = 5
) -> FloatArray:
    """As `abm.measures.mobility_matrix`, for each group of the first *splits* splits; shape (groups, parts, parts)."""
    found = []
    for place in range(splits):
        start, end = (
            np.minimum((year[place] * parts).astype(np.int64), parts - 1) for year in (before, after)
        )
        number = int(groups.first[place + 1] - groups.first[place])
        cell = (groups.codes[place].astype(np.int64) * parts + start) * parts + end
        moved = np.bincount(cell, weights=weight, minlength=number * parts * parts)
        found.append(moved.reshape(number, parts, parts))
    moved = np.concatenate(found)
    base = np.broadcast_to(moved.sum(axis=2, keepdims=True), moved.shape)
    return ratio(moved, base)


def shorrocks(years: list[Grouped], longer: Grouped) -> FloatArray:
    """Shorrocks' R within each group: of several years, and of the mean income over them."""
    means = [year.mean for year in years]
    yearly = np.sum([year.relative_deprivation for year in years], axis=0)
    positive = np.all([mean > 0 for mean in means], axis=0)
    with np.errstate(invalid="ignore"):
        found = 1.0 - longer.gini * np.sum(means, axis=0) / np.where(yearly > 0, yearly, np.nan)
    return np.where(positive, found, np.nan)
