"""The uncertainty of the mean of a table whose rows and columns are both drawn: trajectories and seeds.

A table of r rows and R columns with one number a cell, x_ts = m + a_t + b_s + c_ts, has the mean squares

    MS_rows = R var(row means),    MS_columns = r var(column means),

and its mean the variance σ_a²/r + σ_b²/R + σ_c²/(rR). What is taken for it,

    (MS_rows + MS_columns) / (r R),

is unbiased for this plus σ_c²/(rR): the mean square of the rest, which would take that off again, is left in. With it
off, what is left may be nothing or have less than a degree of freedom where there are two or three columns; left in,
the variance is never too small on average, and the interval too long where cells differ by nothing but c (Davezies,
D'Haultfœuille and Guyonvarch 2021; MacKinnon, Nielsen and Webb 2021). Degrees of freedom are Satterthwaite's (1946):
with two columns one of the mean squares has one degree, is often far too small, and of ten or twenty rows intervals of
95 % may then hold 88 times in 100; with three or more columns 92 times or more.

Sources: F. E. Satterthwaite (1946), Biometrics Bulletin 2(6), 110–114; L. Davezies, X. D'Haultfœuille and
Y. Guyonvarch (2021), Annals of Statistics 49(2), 845–862; J. G. MacKinnon, M. Ø. Nielsen and M. D. Webb (2021), Journal
of Business & Economic Statistics 39(2), 505–519.
"""

from math import nan, sqrt

import numpy as np

from abm.analysis.contrasts import half_width


def crossed_half_width(cells: np.ndarray) -> float:
    """Half the width of the 95 % interval of the mean of all cells, over rows and columns.

    Args:
        cells: shape (rows, columns), without gaps.

    Returns:
        In the cells' unit; NaN with fewer than two rows or columns, 0 where no mean differs.
    """
    rows, columns = cells.shape
    if rows < 2 or columns < 2:
        return nan
    squares = np.array([columns * cells.mean(axis=1).var(ddof=1), rows * cells.mean(axis=0).var(ddof=1)])
    spread = float((squares**2 / np.array([rows - 1, columns - 1])).sum())
    if spread <= 0:
        return 0.0
    total = float(squares.sum())
    return float(half_width(sqrt(total / cells.size), total**2 / spread))
