"""Measures of inequality, poverty, mobility, polarisation and income sources (不平等、贫困、流动、极化与收入来源).
Arrays in, numbers out; NumPy alone.

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
from abm.measures.mobility import (
    ChronicTransient,
    Spells,
    chronic_transient,
    completed_spells,
    fifths_of,
    mean_spell,
    mobility_matrix,
    rank_correlation,
    reentry_rate,
    shorrocks_r,
    spells_in_progress,
)
from abm.measures.polarization import MIDDLE, grouped_gini, middle_share, relative_deprivation, wolfson
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
    "MIDDLE",
    "ChronicTransient",
    "Decomposition",
    "Distribution",
    "SourceDecomposition",
    "Spells",
    "atkinson",
    "bottom_coded",
    "chronic_transient",
    "completed_spells",
    "decompose_theil_l",
    "decompose_theil_t",
    "entry_rate",
    "exit_rate",
    "fgt",
    "fifths_of",
    "gini",
    "grouped_gini",
    "headcount",
    "lerman_yitzhaki",
    "mean",
    "mean_spell",
    "median",
    "middle_share",
    "mobility_matrix",
    "palma",
    "poverty_gap",
    "poverty_line",
    "poverty_severity",
    "rank_correlation",
    "reentry_rate",
    "relative_deprivation",
    "s80_s20",
    "shorrocks_r",
    "shorrocks_shares",
    "source_shares",
    "spells_in_progress",
    "theil_l",
    "theil_t",
    "wolfson",
]
