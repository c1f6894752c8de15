"""Inequality within and between groups (组内与组间): exact for both Theil indices.

With s_g the income share, p_g the population share and μ_g the mean of group g:

    T = Σ s_g ln(μ_g/μ) + Σ s_g T_g        L = Σ p_g ln(μ/μ_g) + Σ p_g L_g

the first sum between groups, the second within them. Incomes are bottom-coded at the floor of the whole
population (`abm.measures.FLOOR_SHARE`) before anything is summed, so both parts and the total speak of the
same incomes.

Sources: H. Theil (1967), Economics and Information Theory; A. Shorrocks (1980), "The class of additively
decomposable inequality measures", Econometrica 48(3), 613–625.
"""

from dataclasses import dataclass
from math import nan

import numpy as np
import numpy.typing as npt

from abm.measures.arrays import FloatArray, IntArray, checked, weighted_mean
from abm.measures.inequality import income_floor, relative_incomes


@dataclass(frozen=True, eq=False)
class Decomposition:
    """One index split by group; ``between + within`` is ``total`` up to rounding.

    The arrays have one entry per group that holds persons, in ascending order of code.

    Attributes:
        total: the index of the whole population.
        between: what would be left if every group were equal within itself.
        within: the weighted sum of the groups' own indices.
        group: codes of the groups.
        population_share: part of all persons, p_g.
        income_share: part of all (bottom-coded) income, s_g.
        relative_mean: mean (bottom-coded) income of the group over that of all, μ_g/μ.
        index: the group's own index, T_g or L_g.
    """

    total: float
    between: float
    within: float
    group: IntArray
    population_share: FloatArray
    income_share: FloatArray
    relative_mean: FloatArray
    index: FloatArray


def decompose_theil_t(
    income: npt.ArrayLike, weight: npt.ArrayLike | None, group: npt.ArrayLike
) -> Decomposition:
    """Theil's T within and between groups.

    Args:
        income: per head, shape (n,).
        weight: persons, shape (n,); None for one each.
        group: integer or boolean codes, shape (n,); any integers.

    Returns:
        The split. NaN (and no groups) without persons; NaN where the mean is not positive.

    Raises:
        ValueError: codes that are not whole numbers, and see `abm.measures`.
    """
    return _decompose(income, weight, group, by_income=True)


def decompose_theil_l(
    income: npt.ArrayLike, weight: npt.ArrayLike | None, group: npt.ArrayLike
) -> Decomposition:
    """Theil's L (mean log deviation) within and between groups; as `decompose_theil_t`."""
    return _decompose(income, weight, group, by_income=False)


def _decompose(
    income: npt.ArrayLike, weight: npt.ArrayLike | None, group: npt.ArrayLike, *, by_income: bool
) -> Decomposition:
    incomes, persons, kept = checked(income, weight)
    labels = np.asarray(group)
    if labels.shape != kept.shape:
        raise ValueError(f"{kept.size} rows need as many group codes, got shape {labels.shape}")
    if labels.size and labels.dtype.kind not in "iub":
        raise ValueError(f"group codes must be integers or booleans, got {labels.dtype}")
    codes, member = _members(labels[kept].astype(np.int64))

    relative = relative_incomes(incomes, persons, income_floor(weighted_mean(incomes, persons)))
    group_persons = np.bincount(member, weights=persons, minlength=codes.size)
    everybody = float(persons.sum())
    if relative.size == 0:
        none = np.full(codes.size, nan)
        share = group_persons / everybody if codes.size else none
        return Decomposition(nan, nan, nan, codes, share, none, none, none)

    population_share = group_persons / everybody
    logs = np.log(relative)
    received = persons * relative
    group_mean = np.bincount(member, weights=received, minlength=codes.size) / group_persons
    income_share = population_share * group_mean
    if by_income:
        terms = received * logs
        # Within a group y/μ_g = (y/μ) / (μ_g/μ), which turns the group's own index into sums already at hand.
        own = np.bincount(member, weights=terms, minlength=codes.size) / group_persons
        index = own / group_mean - np.log(group_mean)
        between = float((income_share * np.log(group_mean)).sum())
        within = float((income_share * index).sum())
    else:
        terms = -persons * logs
        own = np.bincount(member, weights=terms, minlength=codes.size) / group_persons
        index = own + np.log(group_mean)
        between = float(-(population_share * np.log(group_mean)).sum())
        within = float((population_share * index).sum())
    total = float(terms.sum()) / everybody
    return Decomposition(total, between, within, codes, population_share, income_share, group_mean, index)


def _members(labels: IntArray) -> tuple[IntArray, IntArray]:
    """The codes that occur, ascending, and for each row the place of its code among them."""
    if labels.size == 0:
        return labels, labels
    low, high = int(labels.min()), int(labels.max())
    if high - low > 1024 + 4 * labels.size:
        # Codes far apart, such as administrative ones, would need a huge table to count in.
        codes, member = np.unique(labels, return_inverse=True)
        return codes, member.astype(np.int64)
    present = np.bincount(labels - low) > 0
    place = np.cumsum(present) - 1
    return np.flatnonzero(present) + low, place[labels - low]
