"""Inequality of income (收入不平等), weighted by persons and exact.

`Distribution` sorts once and answers everything; the functions below it answer one question each. Notation:
y_i income per head, w_i persons, W = Σ w_i, μ the mean, and after sorting by income F_i and L_i the
cumulative shares of persons and of income. The rules for weights, negative incomes and empty populations
stand in `abm.measures`.

Sources:
    Gini: C. Gini (1914); weighted as in Lerman and Yitzhaki (1989), Journal of Econometrics 42(1), 43–47;
    with negative incomes it can exceed 1, see Chen, Tsaur and Rhai (1982), Oxford Economic Papers 34(3),
    473–478.
    Theil T and L: H. Theil (1967), Economics and Information Theory; A. Shorrocks (1980), Econometrica
    48(3), 613–625.
    Atkinson: A. B. Atkinson (1970), Journal of Economic Theory 2(3), 244–263.
    Palma: A. Cobham and A. Sumner (2013), "Is it all about the tails?", CGD Working Paper 343.
"""

from functools import cached_property
from math import expm1, isnan, log, nan

import numpy as np
import numpy.typing as npt

from abm.measures.arrays import FloatArray, IntArray, checked, checked_mask, weighted_mean
from abm.measures.poverty import fgt_sum, has_fgt

FLOOR_SHARE = 0.01
"""Bottom-coding: for logarithms and Atkinson an income below this part of the population's mean is set to it.

A part of the mean keeps the measures free of scale; 1 % of it was the bottom code of the Key Figures of the
Luxembourg Income Study until 2021. Gini, means, shares and poverty never use it.
"""

WEIGHT_ROUNDING = 1e-12  # a cumulative weight this close (in parts) to a threshold has reached it


class Distribution:
    """Incomes sorted once, and all that one asks of them.

    Args:
        income: income per head, shape (n,), any order, any money unit.
        weight: persons, shape (n,); None counts each row as one.

    Attributes:
        income: incomes of the rows with positive weight, ascending.
        weight: their weights, in the same order.

    Raises:
        ValueError: see `abm.measures`.
    """

    income: FloatArray
    weight: FloatArray
    _rows: IntArray  # where each sorted entry stood in the input
    _length: int  # rows of the input

    def __init__(self, income: npt.ArrayLike, weight: npt.ArrayLike | None = None) -> None:
        incomes, persons, kept = checked(income, weight)
        order = np.argsort(incomes)
        self.income, self.weight = incomes[order], persons[order]
        self._rows = np.flatnonzero(kept)[order]
        self._length = kept.size

    def subset(self, rows: npt.ArrayLike) -> "Distribution":
        """The distribution of some rows only, without sorting again.

        Args:
            rows: mask of booleans over the rows first given, shape (n,).
        """
        mask = checked_mask(rows)
        if mask.shape != (self._length,):
            raise ValueError(f"the mask must have shape ({self._length},), got {mask.shape}")
        keep = mask[self._rows]
        part = Distribution.__new__(Distribution)
        part.income, part.weight, part._rows = self.income[keep], self.weight[keep], self._rows[keep]
        part._length = self._length
        return part

    # --- size and place ---------------------------------------------------------------------------

    @cached_property
    def _reached(self) -> FloatArray:
        """Cumulative weight up to and with each income."""
        return np.cumsum(self.weight)

    @cached_property
    def persons(self) -> float:
        """Sum of the weights; 0 for an empty population."""
        return float(self._reached[-1]) if self.income.size else 0.0

    @cached_property
    def mean(self) -> float:
        """Mean income of persons, in the unit of income."""
        return weighted_mean(self.income, self.weight)

    @cached_property
    def median(self) -> float:
        """The smallest income with a cumulative weight of at least half (中位数)."""
        return self.quantile(0.5)

    def quantile(self, q: float) -> float:
        """The smallest income with a cumulative weight of at least *q* (0 to 1) of all."""
        if not 0 <= q <= 1:
            raise ValueError(f"a quantile lies between 0 and 1, got {q}")
        if self.income.size == 0:
            return nan
        return float(self.income[np.searchsorted(self._reached, q * self.persons * (1 - WEIGHT_ROUNDING))])

    # --- inequality -------------------------------------------------------------------------------

    @cached_property
    def gini(self) -> float:
        """Gini coefficient (基尼系数) by trapezoids: G = 1 − Σ (F_i − F_{i−1})(L_i + L_{i−1}).

        Summed in the equal form G = Σ w_i (y_i − m)(F_i + F_{i−1} − 1) / (W μ), where any constant m may be
        taken off because the ranks sum to zero; with the median for m equal incomes give 0 to the last bit.
        """
        if not self.mean > 0:
            return nan
        rank = (2.0 * self._reached - self.weight) / self.persons - 1.0
        return float((self.weight * (self.income - self.median) * rank).sum() / (self.persons * self.mean))

    @cached_property
    def _curve(self) -> tuple[FloatArray, FloatArray]:
        if not self.mean > 0:
            return np.array([0.0, 1.0]), np.array([nan, nan])
        received = np.cumsum(self.weight * self.income)
        return (
            np.concatenate(([0.0], self._reached / self.persons)),
            np.concatenate(([0.0], received / received[-1])),
        )

    def lorenz(self, at: npt.ArrayLike | None = None) -> tuple[FloatArray, FloatArray]:
        """The Lorenz curve (洛伦兹曲线): shares of persons and the shares of income that they have together.

        Args:
            at: shares of persons at which to read the curve, each 0 to 1; a point within a household splits
                it. None gives the corners: (0, 0) and one point per household.
        """
        if at is None:
            return self._curve
        points = np.asarray(at, dtype=np.float64)
        if not ((points >= 0) & (points <= 1)).all():
            raise ValueError("shares of persons lie between 0 and 1")
        return points, np.interp(points, *self._curve)

    def shares(self, parts: int = 5) -> FloatArray:
        """Income shares of equal parts of the persons, poorest first: fifths unless told otherwise (五等份).

        A household on a boundary is split by weight, so the parts are exactly equal.
        """
        return np.diff(self.lorenz(np.linspace(0.0, 1.0, parts + 1))[1])

    @cached_property
    def palma(self) -> float:
        """Income of the richest tenth over that of the poorest four tenths (帕尔马比值).

        NaN where the poorest four tenths together have none.
        """
        _, (forty, ninety) = self.lorenz([0.4, 0.9])
        return float((1.0 - ninety) / forty) if forty > 0 else nan

    @cached_property
    def s80_s20(self) -> float:
        """Income of the richest fifth over that of the poorest; NaN if the poorest fifth has none."""
        _, (twenty, eighty) = self.lorenz([0.2, 0.8])
        return float((1.0 - eighty) / twenty) if twenty > 0 else nan

    # --- logarithms and powers, bottom-coded ------------------------------------------------------

    @cached_property
    def floor(self) -> float:
        """The bottom code, in the unit of income; NaN where the mean is not positive."""
        return income_floor(self.mean)

    @cached_property
    def bottom_coded(self) -> float:
        """Persons (weight) whose income is below the floor, for Theil and Atkinson set to it."""
        return nan if isnan(self.floor) else float(self.weight[: self._below(self.floor)].sum())

    @cached_property
    def _relative(self) -> FloatArray:
        return relative_incomes(self.income, self.weight, self.floor)

    @cached_property
    def theil_t(self) -> float:
        """Theil's T (泰尔指数): T = Σ w_i (y_i/μ) ln(y_i/μ) / W, bottom-coded."""
        return _theil_t(self._relative, self.weight)

    @cached_property
    def theil_l(self) -> float:
        """Theil's L, the mean log deviation: L = Σ w_i ln(μ/y_i) / W, bottom-coded."""
        return _theil_l(self._relative, self.weight)

    def atkinson(self, epsilon: float) -> float:
        """Atkinson index with inequality aversion *epsilon* (阿特金森指数), bottom-coded.

        A_ε = 1 − (Σ w_i (y_i/μ)^(1−ε) / W)^(1/(1−ε)), and A_1 = 1 − exp(−L): the part of all income that
        could be given up if the rest were spread evenly, at equal welfare.

        Raises:
            ValueError: negative *epsilon*.
        """
        return _atkinson(self._relative, self.weight, epsilon)

    # --- poverty ----------------------------------------------------------------------------------

    def headcount(self, line: float) -> float:
        """Share of persons with an income below *line* (贫困发生率)."""
        return self.fgt(line, 0)

    def poverty_gap(self, line: float) -> float:
        """Mean shortfall over all persons, in parts of the line: FGT_1."""
        return self.fgt(line, 1)

    def poverty_severity(self, line: float) -> float:
        """Mean squared shortfall over all persons, in parts of the line: FGT_2."""
        return self.fgt(line, 2)

    def fgt(self, line: float, alpha: float) -> float:
        """Foster–Greer–Thorbecke index; see `abm.measures.fgt`."""
        if self.income.size == 0 or not has_fgt(line, alpha):
            return nan
        poor = self._below(line)
        return fgt_sum(self.income[:poor], self.weight[:poor], line, alpha) / self.persons

    def _below(self, level: float) -> int:
        """How many entries hold an income below *level*."""
        return int(np.searchsorted(self.income, level, side="left"))


# --- what bottom-coding is, once for all ----------------------------------------------------------


def income_floor(mean: float) -> float:
    """`FLOOR_SHARE` of a positive mean; NaN otherwise."""
    return FLOOR_SHARE * mean if mean > 0 else nan


def relative_incomes(income: FloatArray, weight: FloatArray, floor: float) -> FloatArray:
    """Incomes raised to *floor*, over the mean that they then have; empty where there is no floor."""
    if isnan(floor):
        return np.empty(0)
    coded = np.maximum(income, floor)
    return coded / weighted_mean(coded, weight)


def _theil_t(relative: FloatArray, weight: FloatArray) -> float:
    if relative.size == 0:
        return nan
    return float((weight * relative * np.log(relative)).sum() / weight.sum())


def _theil_l(relative: FloatArray, weight: FloatArray) -> float:
    if relative.size == 0:
        return nan
    return 0.0 - float((weight * np.log(relative)).sum() / weight.sum())  # 0 − x: no "−0.0" for equal incomes


def _atkinson(relative: FloatArray, weight: FloatArray, epsilon: float) -> float:
    if not epsilon >= 0:
        raise ValueError(f"epsilon must be 0 or more, got {epsilon}")
    if relative.size == 0:
        return nan
    if epsilon == 1:
        log_level = -_theil_l(relative, weight)
    else:
        powers = weighted_mean(relative ** (1.0 - epsilon), weight)
        log_level = log(powers) / (1.0 - epsilon)
    return 0.0 - expm1(log_level)


# --- one question each ----------------------------------------------------------------------------


def mean(income: npt.ArrayLike, weight: npt.ArrayLike | None = None) -> float:
    """Weighted mean, in the unit of income; no sorting."""
    incomes, persons, _ = checked(income, weight)
    return weighted_mean(incomes, persons)


def median(income: npt.ArrayLike, weight: npt.ArrayLike | None = None) -> float:
    """The smallest income with a cumulative weight of at least half."""
    return Distribution(income, weight).median


def gini(income: npt.ArrayLike, weight: npt.ArrayLike | None = None) -> float:
    """Gini coefficient; see `Distribution.gini`."""
    return Distribution(income, weight).gini


def palma(income: npt.ArrayLike, weight: npt.ArrayLike | None = None) -> float:
    """Palma ratio; see `Distribution.palma`."""
    return Distribution(income, weight).palma


def s80_s20(income: npt.ArrayLike, weight: npt.ArrayLike | None = None) -> float:
    """Ratio of the richest to the poorest fifth; see `Distribution.s80_s20`."""
    return Distribution(income, weight).s80_s20


def theil_t(income: npt.ArrayLike, weight: npt.ArrayLike | None = None) -> float:
    """Theil's T, bottom-coded; see `Distribution.theil_t`; no sorting."""
    relative, persons = _coded(income, weight)
    return _theil_t(relative, persons)


def theil_l(income: npt.ArrayLike, weight: npt.ArrayLike | None = None) -> float:
    """Theil's L (mean log deviation), bottom-coded; see `Distribution.theil_l`; no sorting."""
    relative, persons = _coded(income, weight)
    return _theil_l(relative, persons)


def atkinson(income: npt.ArrayLike, weight: npt.ArrayLike | None, epsilon: float) -> float:
    """Atkinson index, bottom-coded; see `Distribution.atkinson`; no sorting."""
    relative, persons = _coded(income, weight)
    return _atkinson(relative, persons, epsilon)


def bottom_coded(income: npt.ArrayLike, weight: npt.ArrayLike | None = None) -> float:
    """Persons (weight) below the floor; see `Distribution.bottom_coded`."""
    return Distribution(income, weight).bottom_coded


def _coded(income: npt.ArrayLike, weight: npt.ArrayLike | None) -> tuple[FloatArray, FloatArray]:
    incomes, persons, _ = checked(income, weight)
    return relative_incomes(incomes, persons, income_floor(weighted_mean(incomes, persons))), persons
