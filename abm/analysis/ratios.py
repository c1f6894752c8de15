"""Interval of a ratio of two paired means (Fieller 1954).

With x̄, ȳ the means over n units, s_xx, s_yy, s_xy their variances and covariance over n, and t Student's quantile with
n − 1 degrees of freedom, the interval is the set of all ρ with (x̄ − ρ ȳ)² ≤ t² (s_xx − 2 ρ s_xy + ρ² s_yy): between the
roots of a quadratic where ȳ differs from zero at the level, and not bounded where it does not.

Source: E. Fieller (1954), "Some problems in interval estimation", Journal of the Royal Statistical Society B 16(2),
175–185.
"""

from math import nan, sqrt

import numpy as np
from numpy.typing import ArrayLike

from abm.analysis.contrasts import half_width


def fieller(above: ArrayLike, below: ArrayLike) -> tuple[float, float]:
    """95 % interval of mean(above) / mean(below).

    Args:
        above, below: one number per unit, shape (n,), in the same order.

    Returns:
        NaN for both bounds below two units, and where the mean below cannot be told from 0: no bounded interval has
        the confidence then.
    """
    x, y = np.asarray(above, dtype=float), np.asarray(below, dtype=float)
    n = len(x)
    if n < 2:
        return nan, nan
    (xx, xy), (_, yy) = np.cov(x, y) / n
    t = float(half_width(1.0, n - 1))
    a, b, c = y.mean() ** 2 - t**2 * yy, x.mean() * y.mean() - t**2 * xy, x.mean() ** 2 - t**2 * xx
    if a <= 0:
        return nan, nan
    root = sqrt(max(b**2 - a * c, 0.0))  # below 0 by rounding alone where both vary together
    return (b - root) / a, (b + root) / a
