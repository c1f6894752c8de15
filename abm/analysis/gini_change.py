"""Why the Gini coefficient differs between two arms, by source of income (收入来源).

G = Σ_k S_k G_k R_k (Lerman and Yitzhaki 1985, ``abm.measures.sources``): the share of source k in all income, the
Gini of that source, and its rank correlation with income. Between two arms each product changes by what its three
factors change; a factor's part is its Shapley value, the average over the six orders in which the factors can be
changed (Shorrocks 2013). For the first,

    ΔS (G₁R₁ + G₀R₀)/3 + ΔS (G₁R₀ + G₀R₁)/6,

and likewise for the others: parts add up to the change of S_k G_k R_k, and over sources to ΔG, exactly, in each
unit and year and so in every mean. A source that sums to zero without being zero has no Gini; its change stays
``undivided``.

Of runs with snapshots, incomes are those of households, and G is ``gini``. Of other runs they are the means of the
five fifths, and G is ``gini_grouped``: spread within fifths is left out, and so is most of what moves households
about.

Sources: R. Lerman and S. Yitzhaki (1985), Review of Economics and Statistics 67(1), 151–156; A. Shorrocks (2013),
Journal of Economic Inequality 11, 99–126.
"""

from collections.abc import Iterable
from dataclasses import asdict

import numpy as np
import pandas as pd

from abm.analysis.arms import UNIT, independent, require_one_comparison
from abm.analysis.contrasts import estimate
from abm.core.names import INCOME_SOURCES
from abm.measures.sources import lerman_yitzhaki

FACTORS = ("share", "source_gini", "correlation")
"""S, G and R."""
UNDIVIDED, TOTAL, ALL_SOURCES = "undivided", "total", "all"
PARTS = (*FACTORS, UNDIVIDED, TOTAL)
_COLUMNS = [f"income_{source}" for source in INCOME_SOURCES]
_RUN = [*UNIT, "arm", "year"]
_CELLS = pd.MultiIndex.from_product([INCOME_SOURCES, PARTS])
_WHO = {
    "all": lambda rows: rows["persons"] > 0,
    "urban": lambda rows: (rows["persons"] > 0) & rows["urban"],
    "rural": lambda rows: (rows["persons"] > 0) & ~rows["urban"],
    "registered": lambda rows: (rows["persons"] > 0) & rows["registered"],
    "floating": lambda rows: (rows["persons"] > 0) & ~rows["registered"],
}


def household_terms(households: pd.DataFrame, years: Iterable[int], population: str = "all") -> pd.DataFrame:
    """S, G, R and their product by source, of incomes per head of households.

    Args:
        households: table of runs with snapshots.

    Returns:
        One row per draw, seed, arm, year and source: ``share``, ``source_gini``, ``correlation``, ``contribution``.
        Over sources, ``contribution`` adds up to the run's ``gini``.

    Raises:
        ValueError: the table mixes questions or budgets.
    """
    rows = households[households["year"].isin(list(years))]
    rows = rows[_WHO[population](rows)]
    per_head = rows[_COLUMNS].div(rows["persons"], axis=0)
    return _terms(rows.assign(**per_head))


def fifth_terms(fifths: pd.DataFrame, years: Iterable[int], population: str = "all") -> pd.DataFrame:
    """As ``household_terms``, of the mean incomes of fifths; adds up to the run's ``gini_grouped``."""
    rows = fifths[fifths["year"].isin(list(years)) & (fifths["population"] == population)]
    return _terms(rows[rows["persons"] > 0].assign(persons=1.0))  # each of the five means is a fifth


def _terms(rows: pd.DataFrame) -> pd.DataFrame:
    require_one_comparison(rows)
    made = []
    for key, own in rows.groupby(_RUN, sort=True):
        found = lerman_yitzhaki(own[_COLUMNS].to_numpy(dtype=float), own["persons"].to_numpy(dtype=float))
        named = dict(zip(_RUN, key, strict=True))
        made.append(
            pd.DataFrame(
                named
                | {"source": INCOME_SOURCES, "contribution": found.contribution}
                | {name: getattr(found, name) for name in FACTORS}
            )
        )
    index = [*_RUN, "source"]
    if made:
        return pd.concat(made).set_index(index)
    nothing = pd.MultiIndex.from_arrays([[] for _ in index], names=index)  # nobody is of that population
    return pd.DataFrame(columns=[*FACTORS, "contribution"], index=nothing, dtype=float)


def parts_of(on: pd.DataFrame, off: pd.DataFrame) -> pd.DataFrame:
    """The change of each product from *off* to *on*, by factor.

    Args:
        on, off: rows in the same order, columns ``FACTORS`` and ``contribution``.

    Returns:
        Columns ``PARTS``; a row's first four add up to its total.
    """
    new, old = (frame[list(FACTORS)].to_numpy(dtype=float) for frame in (on, off))
    found = np.empty(new.shape)
    for place in range(len(FACTORS)):
        (b1, b0), (c1, c0) = [(new[:, i], old[:, i]) for i in range(len(FACTORS)) if i != place]
        found[:, place] = (new[:, place] - old[:, place]) * (
            (b1 * c1 + b0 * c0) / 3 + (b1 * c0 + b0 * c1) / 6
        )
    total = (on["contribution"].to_numpy() - off["contribution"].to_numpy()).astype(float)
    divided = ~np.isnan(found).any(axis=1)
    found[~divided] = 0.0
    left = np.where(divided, 0.0, total)
    return pd.DataFrame(np.column_stack([found, left, total]), index=on.index, columns=list(PARTS))


def gini_change(terms: pd.DataFrame, on: str, off: str) -> pd.DataFrame:
    """The change in Gini between two arms, on minus off, by source and factor, paired within units.

    Args:
        terms: of ``household_terms`` or ``fifth_terms``. A unit that lacks an arm in one of the years is left out;
            NaN where none is left, as of a population that one of the arms has not.

    Returns:
        One row per source (and ``all``) and part: ``source``, ``part``, and the fields of ``Estimate``. Parts of a
        source add up to its ``total``, those of the sources to that of ``all``, which is the change in Gini.
    """
    arms = terms.index.get_level_values("arm")
    new, old = (terms[arms == arm].droplevel("arm") for arm in (on, off))
    both = new.index.intersection(old.index)
    years = terms.index.get_level_values("year").nunique()
    changes = parts_of(new.loc[both], old.loc[both])
    grouped = changes.groupby([*UNIT, "source"])
    by_unit = grouped.mean().where(grouped.count() == years).unstack("source")
    by_unit = by_unit.reorder_levels([1, 0], axis=1).reindex(columns=_CELLS)
    for part in PARTS:
        by_unit[ALL_SOURCES, part] = by_unit.xs(part, axis=1, level=1)[list(INCOME_SOURCES)].sum(
            axis=1, skipna=False
        )
    units = independent(by_unit.dropna())
    return pd.DataFrame(
        [
            {"source": source, "part": part} | _fields(units[source, part])
            for source in (*INCOME_SOURCES, ALL_SOURCES)
            for part in PARTS
        ]
    )


def _fields(values: pd.Series) -> dict[str, float]:
    found = asdict(estimate(values))
    return {name: found[name] for name in ("mean", "se", "low", "high", "n")}
