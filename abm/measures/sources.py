"""Which source of income carries how much (收入来源分解): shares, Gini by source, variance by source.

A household's income is the sum of its sources: columns of a table with one row per household, per head,
net, and negative where a source costs more than it brings. Where ties in total income matter, give fen
(whole numbers): sums of yuan that should be equal can differ in the last bit.

Sources:
    Gini: R. Lerman and S. Yitzhaki (1985), "Income inequality effects by income source", Review of
    Economics and Statistics 67(1), 151–156.
    Variance: A. Shorrocks (1982), "Inequality decomposition by factor components", Econometrica 50(1),
    193–211.
"""

from dataclasses import dataclass
from math import nan

import numpy as np
import numpy.typing as npt

from abm.measures.arrays import FloatArray, checked, weighted_mean

_ROUNDING = 1e-12  # a spread of total income below this part of its largest value is rounding, not inequality


@dataclass(frozen=True, eq=False)
class SourceDecomposition:
    """Lerman–Yitzhaki: G = Σ S_k G_k R_k. Arrays have one entry per source, in the order of the columns.

    Attributes:
        gini: Gini coefficient of total income, G.
        share: part of total income, S_k; can be negative or above 1.
        source_gini: Gini of the source over all persons, G_k; NaN for a source that sums to zero without
            being zero everywhere, negative for one that sums to less.
        correlation: Gini correlation of the source with the rank in total income, R_k, from −1 to 1; 0 for
            a source that is the same for everyone, which has no such correlation and contributes nothing.
        contribution: S_k G_k R_k, also where G_k has no value; sums to G.
    """

    gini: float
    share: FloatArray
    source_gini: FloatArray
    correlation: FloatArray
    contribution: FloatArray


def source_shares(sources: npt.ArrayLike, weight: npt.ArrayLike | None = None) -> FloatArray:
    """Part of total income that comes from each source, net; sums to 1.

    Args:
        sources: per head, shape (n, k).
        weight: persons, shape (n,); None for one each.

    Returns:
        Shape (k,); NaN without persons or where total income is not positive.
    """
    table, persons, _ = checked(sources, weight, columns=True)
    return _shares(table, persons, weighted_mean(table.sum(axis=1), persons))


def lerman_yitzhaki(sources: npt.ArrayLike, weight: npt.ArrayLike | None = None) -> SourceDecomposition:
    """The Gini coefficient of total income by source: S_k, G_k, R_k and their product.

    S_k = μ_k/μ, G_k = 2 cov(y_k, F_k)/μ_k, R_k = cov(y_k, F)/cov(y_k, F_k), with F the rank (0 to 1) of
    persons in total income and F_k in the source. Equal incomes share their middle rank, so the order of
    rows plays no part.

    Args:
        sources: per head, shape (n, k); total income is the sum over the columns.
        weight: persons, shape (n,); None for one each.

    Returns:
        All NaN without persons or where total income is not positive.
    """
    table, persons, _ = checked(sources, weight, columns=True)
    columns = table.shape[1]
    total = table.sum(axis=1)
    level = weighted_mean(total, persons)
    if not level > 0:
        none = np.full(columns, nan)
        return SourceDecomposition(nan, none, none, none, none)

    everybody = float(persons.sum())
    overall = _middle_rank(total, persons)
    own, joint, middle = np.empty(columns), np.empty(columns), np.empty(columns)
    for k in range(columns):
        source = np.ascontiguousarray(table[:, k])
        middle[k] = weighted_mean(source, persons)
        weighted = persons * (source - middle[k])
        own[k] = (weighted * _middle_rank(source, persons)).sum() / everybody
        joint[k] = (weighted * overall).sum() / everybody
    gini = float((persons * (total - level) * overall).sum()) / everybody / level

    source_gini = np.full(columns, nan)
    source_gini[own == 0] = 0.0
    np.divide(own, middle, out=source_gini, where=(own != 0) & (middle != 0))
    correlation = np.zeros(columns)
    np.divide(joint, own, out=correlation, where=own != 0)
    return SourceDecomposition(gini, _shares(table, persons, level), source_gini, correlation, joint / level)


def shorrocks_shares(sources: npt.ArrayLike, weight: npt.ArrayLike | None = None) -> FloatArray:
    """Part of inequality that comes with each source by Shorrocks' rule: cov(y_k, y) / var(y); sums to 1.

    Args:
        sources: per head, shape (n, k); total income y is the sum over the columns.
        weight: persons, shape (n,); None for one each.

    Returns:
        Shape (k,); a source that evens incomes out has a negative part. NaN without persons or where all
        incomes are equal.
    """
    table, persons, _ = checked(sources, weight, columns=True)
    total = table.sum(axis=1)
    if total.size == 0:
        return np.full(table.shape[1], nan)
    centred = total - weighted_mean(total, persons)
    variance = float((persons * centred * centred).sum())
    if variance <= (_ROUNDING * float(np.abs(total).max())) ** 2 * float(persons.sum()):
        return np.full(table.shape[1], nan)
    weighted = persons * centred
    columns = np.ascontiguousarray(table.T)
    covariances = [float((weighted * (source - weighted_mean(source, persons))).sum()) for source in columns]
    return np.array(covariances) / variance


def _shares(table: FloatArray, persons: FloatArray, level: float) -> FloatArray:
    """Each column's mean over the mean of their sum, *level*; NaN where that is not positive."""
    shares = np.full(table.shape[1], nan)
    if level > 0:
        shares[:] = (table * persons[:, np.newaxis]).sum(axis=0) / persons.sum() / level
    return shares


def _middle_rank(values: FloatArray, persons: FloatArray) -> FloatArray:
    """F_i + F_{i−1} − 1 for each row, from −1 (poorest) to 1; rows of equal value share one rank."""
    order = np.argsort(values)
    ascending, reached = values[order], np.cumsum(persons[order])
    first = np.concatenate(([True], ascending[1:] != ascending[:-1]))
    starts = np.flatnonzero(first)
    upper = reached[np.append(starts[1:], reached.size) - 1]
    lower = np.concatenate(([0.0], upper[:-1]))
    rank = np.empty(values.size)
    rank[order] = ((lower + upper) / reached[-1] - 1.0)[np.cumsum(first) - 1]
    return rank
