"""Polarisation (两极分化), the middle (中等收入群体) and relative deprivation (相对剥夺), weighted by persons.

Inequality and polarisation are not the same: a move from the ends to two poles can lower the Gini coefficient and
empty the middle. The rules for weights, negative incomes and empty populations stand in `abm.measures`.

Sources:
    Wolfson: M. C. Wolfson (1994), "When inequalities diverge", American Economic Review 84(2), 353–358.
    Middle: OECD (2019), Under Pressure: The Squeezed Middle Class: 75 % to 200 % of the median. China's statistics
    office counts by another rule, fixed bands of household income (100 000 to 500 000 yuan of 2018 for three).
    Relative deprivation: S. Yitzhaki (1979), "Relative deprivation and the Gini coefficient", Quarterly Journal of
    Economics 93(2), 321–324.
    Grouped Gini: the trapezoid rule on the Lorenz curve of the groups, a lower bound for the Gini of persons
    (J. L. Gastwirth 1972, Review of Economics and Statistics 54(3), 306–316).
"""

from math import nan

import numpy as np
import numpy.typing as npt

from abm.measures.arrays import checked
from abm.measures.inequality import Distribution

MIDDLE = (0.75, 2.0)
"""The middle of the OECD (2019), in parts of the median; both ends belong to it."""
_ROUNDING = 1e-12  # in parts of an income


def wolfson(income: npt.ArrayLike, weight: npt.ArrayLike | None = None) -> float:
    """Wolfson's index of polarisation: P = 2 (2 (1/2 − L(1/2)) − G) μ/m, with m the median.

    0 when all incomes are equal and 1 when one half of the persons has nothing and the other half twice the mean
    (with m in the middle between them). PySAL's `inequality` gives half of it, without the leading 2.

    Returns:
        The index; NaN where mean or median is not positive.
    """
    people = Distribution(income, weight)
    if not (people.mean > 0 and people.median > 0):
        return nan
    half = float(people.lorenz([0.5])[1][0])
    return 2.0 * (1.0 - 2.0 * half - people.gini) * people.mean / people.median


def middle_share(
    income: npt.ArrayLike,
    weight: npt.ArrayLike | None = None,
    low: float = MIDDLE[0],
    high: float = MIDDLE[1],
) -> float:
    """Share of persons with an income from *low* to *high* times the median, both ends included.

    Returns:
        The share; NaN where the median is not positive.
    """
    people = Distribution(income, weight)
    if not people.median > 0:
        return nan
    inside = (people.income >= low * people.median) & (people.income <= high * people.median)
    return float(people.weight[inside].sum()) / people.persons


def relative_deprivation(
    income: npt.ArrayLike, weight: npt.ArrayLike | None = None, group: npt.ArrayLike | None = None
) -> float:
    """Mean relative deprivation: over all persons, how much more others have on average, in the unit of income.

    Person i, comparing itself with everybody, is deprived of D_i = Σ_j w_j max(y_j − y_i, 0) / W; the mean of D is
    μ·G. With groups (villages) each compares itself with its own group, and the mean is Σ p_g μ_g G_g.

    Args:
        group: whole-numbered codes, shape (n,); None: everybody is one group.

    Returns:
        The mean; NaN without persons. Here G is the mean absolute difference over 2μ, so a mean that is not positive
        does no harm.
    """
    incomes, persons, kept = checked(income, weight)
    if incomes.size == 0:
        return nan
    codes = np.zeros(kept.size, np.int64) if group is None else np.asarray(group)
    if codes.shape != kept.shape:
        raise ValueError(f"{kept.size} rows need as many group codes, got shape {codes.shape}")
    codes = codes[kept]
    deprived = 0.0
    for code in np.unique(codes):
        own = codes == code
        deprived += _deprived(incomes[own], persons[own])
    return deprived / float(persons.sum())


def grouped_gini(means: npt.ArrayLike, weight: npt.ArrayLike | None = None) -> float:
    """Gini coefficient of groups ranked by income, as printed tables of fifths allow: 1 − Σ p_g (L_g + L_{g−1}).

    Args:
        means: mean income of each group, poorest first, shape (k,).
        weight: persons of each group; None: groups of equal size.

    Returns:
        The coefficient; NaN where the mean over the groups is not positive.

    Raises:
        ValueError: means that fall from one group to the next, by more than rounding.
    """
    incomes, persons, _ = checked(means, weight)
    if (np.diff(incomes) < -_ROUNDING * np.abs(incomes[1:])).any():
        raise ValueError("the groups must be given poorest first")
    received = incomes * persons
    total = float(received.sum())
    if not total > 0:
        return nan
    curve = np.cumsum(received) / total
    before = np.concatenate(([0.0], curve[:-1]))
    return 1.0 - float((persons * (curve + before)).sum()) / float(persons.sum())


def _deprived(income: npt.NDArray[np.float64], persons: npt.NDArray[np.float64]) -> float:
    """Σ_i w_i D_i of one group."""
    people = Distribution(income, persons)
    reached = np.cumsum(people.weight)
    rank = (2.0 * reached - people.weight) / people.persons - 1.0
    return float((people.weight * (people.income - people.median) * rank).sum())
