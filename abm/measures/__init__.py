"""Measures of inequality, poverty and income sources (不平等、贫困与收入来源). Arrays in, numbers out;
NumPy alone.

Rules that hold for all of them:

- Income is per head, and the weight of a household is its number of persons; without weights each row
  counts as one.
- Rows of weight zero do not exist: whatever stands in them, NaN included, is ignored.
- Negative incomes count as they are. Only what takes a logarithm or a negative power is bottom-coded first;
  the rule is `FLOOR_SHARE`, and `Distribution.bottom_coded` says how many persons it touched.
- A population without persons gives NaN, never an error. So does a measure relative to the mean (Gini,
  shares, Theil, Atkinson) where the mean is not positive, since it then has no meaning.
- NaN or infinite incomes, negative weights and arrays of unlike lengths raise `ValueError`.
"""

from abm.measures.decomposition import Decomposition, decompose_theil_l, decompose_theil_t
from abm.measures.inequality import (
    FLOOR_SHARE,
    Distribution,
    atkinson,
    bottom_coded,
    gini,
    mean,
    median,
    palma,
    s80_s20,
    theil_l,
    theil_t,
)
from abm.measures.poverty import (
    entry_rate,
    exit_rate,
    fgt,
    headcount,
    poverty_gap,
    poverty_line,
    poverty_severity,
)
from abm.measures.sources import (
    SourceDecomposition,
    lerman_yitzhaki,
    shorrocks_shares,
    source_shares,
)

__all__ = [
    "FLOOR_SHARE",
    "Decomposition",
    "Distribution",
    "SourceDecomposition",
    "atkinson",
    "bottom_coded",
    "decompose_theil_l",
    "decompose_theil_t",
    "entry_rate",
    "exit_rate",
    "fgt",
    "gini",
    "headcount",
    "lerman_yitzhaki",
    "mean",
    "median",
    "palma",
    "poverty_gap",
    "poverty_line",
    "poverty_severity",
    "s80_s20",
    "shorrocks_shares",
    "source_shares",
    "theil_l",
    "theil_t",
]
