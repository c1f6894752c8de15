"""Tests of randomness with a stated rate of false alarms.

Seeds are fixed, so a test passes always or fails always; the rate says how likely a sound generator would have
been to fail when the seeds were chosen. It is 10⁻⁶ for each test, Bonferroni's share of it where one test looks
at many tables.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import stats

FALSE_ALARM = 1e-6

Floats = NDArray[np.float64]


def uniform_p(u: Floats, cells: int = 256) -> float:
    """p-value of the hypothesis that these are uniform: the smaller of chi-square over cells and two-sided KS."""
    counts = np.bincount((u * cells).astype(int), minlength=cells)
    return float(2 * min(stats.chisquare(counts).pvalue, stats.kstest(u, "uniform").pvalue))


def independent_p(u: Floats, v: Floats, cells: int = 24) -> float:
    """p-value of independence and uniformity of pairs: chi-square over a square of cells, and correlation."""
    counts = np.bincount((u * cells).astype(int) * cells + (v * cells).astype(int), minlength=cells * cells)
    return float(2 * min(stats.chisquare(counts).pvalue, stats.pearsonr(u, v).pvalue))
