"""Who paid whom: the flows of money per head, and by which of them a layer's effect comes about.

Wide tables have one row per run, indexed by (draw, seed, arm), and one column per flow, indexed by (payer,
payee, kind, layer), in yuan per head and year. A flow that a run does not have is 0.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from abm.analysis.arms import UNIT, arm_of, independent, require_one_comparison
from abm.analysis.contrasts import EVERY_LAYER, by_unit, half_width
from abm.core.ledger import FLOW_KINDS
from abm.core.names import LAYERS

FLOW = ["payer", "payee", "kind", "layer"]
RUN = [*UNIT, "arm"]
LEFT_OUT = "left_out"
"""Stands among the kinds of income for what mean income leaves out, see ``mean_income_parts``."""


def per_head(flows: pd.DataFrame, outcomes: pd.DataFrame, years: Iterable[int]) -> pd.DataFrame:
    """Yearly money per head by flow, as a wide table: yuan per resident and year, averaged over the years.

    Args:
        flows: table of flows, amounts in yuan.
        outcomes: table of outcomes; its ``persons`` of population ``all`` is the divisor, run by run, year by
        year. years: calendar years to average over.

    Raises:
        ValueError: the tables mix questions or budgets.
    """
    require_one_comparison(outcomes)
    require_one_comparison(flows)
    years = list(years)
    counted = outcomes[(outcomes["population"] == "all") & outcomes["year"].isin(years)]
    persons = counted[[*RUN, "year", "persons"]]
    rows = flows[flows["year"].isin(years)].merge(persons, on=[*RUN, "year"], how="left")
    rows = rows.assign(amount=rows["amount"] / rows["persons"])
    wide = rows.groupby([*RUN, *FLOW])["amount"].sum().unstack(FLOW, fill_value=0.0)
    runs = pd.MultiIndex.from_frame(persons[RUN].drop_duplicates()).sortlevel()[0]
    return wide.reindex(runs, fill_value=0.0) / len(years)


def income(wide: pd.DataFrame) -> pd.DataFrame:
    """The flows that make up disposable income, seen from the households: received is plus, paid is minus.

    Follows the booking of ``abm.core.ledger.FLOW_KINDS``: a row adds up to the income of all households.

    Returns:
        One row per run; columns indexed by (payer, payee, kind, layer) with only those that count as income.
    """
    signs = {}
    for column in wide.columns:
        payer, payee, kind, _ = column
        booked = FLOW_KINDS.get(kind)
        if booked is None:
            continue
        sign = (payee == "household") * (booked.received is not None) - (payer == "household") * (
            booked.paid is not None
        )
        if sign:
            signs[column] = sign
    kept = pd.MultiIndex.from_tuples(list(signs), names=FLOW) if signs else wide.columns[:0]
    return wide[kept] * np.array(list(signs.values()), dtype=float)


def by_kind(wide: pd.DataFrame) -> pd.DataFrame:
    """Add up payers and payees: columns indexed by (kind, layer)."""
    return wide.T.groupby(level=["kind", "layer"]).sum().T


def mean_income_parts(wide: pd.DataFrame, outcomes: pd.DataFrame, years: Iterable[int]) -> pd.DataFrame:
    """The parts that mean income per head is made of, by kind of flow and layer.

    A household whose members are all away at year-end has income and no usual resident, and mean income leaves
    it out. What it had stands, with a minus, in the column (``LEFT_OUT``, ""), so that a row adds up to
    the run's ``mean_income`` exactly.

    Args:
        wide: of ``per_head``.
        outcomes, years: those that ``wide`` was made with.
    """
    parts = by_kind(income(wide))
    whole = by_unit(outcomes, "mean_income", years).stack().rename_axis(RUN)
    left_out = (whole - parts.sum(axis=1)).reindex(parts.index)
    # what is left of adding up and dividing is no money
    parts[(LEFT_OUT, "")] = left_out.mask(left_out.abs() < 1e-9 * whole.abs().reindex(parts.index), 0.0)
    return parts


def arm_means(wide: pd.DataFrame) -> pd.DataFrame:
    """Each flow in each arm: long table with the columns' names, arm, mean, se, low, high, n."""
    return pd.concat(
        [_summary(rows.droplevel("arm")).assign(arm=arm) for arm, rows in wide.groupby(level="arm")],
        ignore_index=True,
    )


def layer_differences(wide: pd.DataFrame) -> pd.DataFrame:
    """Each flow with all layers on minus the same with one layer off (or all off), paired within units.

    Returns:
        Long table: ``cut`` (a layer or ``"all"``), the columns' names, mean, se, low, high, n.
    """
    arms = set(wide.index.get_level_values("arm"))
    everything = set(LAYERS)
    parts = []
    for cut in (*LAYERS, EVERY_LAYER):
        on, off = arm_of(everything), arm_of(set() if cut == EVERY_LAYER else everything - {cut})
        if {on, off} <= arms:
            gap = (wide.xs(on, level="arm") - wide.xs(off, level="arm")).dropna(how="all")
            parts.append(_summary(gap).assign(cut=cut))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["cut", "mean"])


def _summary(rows: pd.DataFrame) -> pd.DataFrame:
    """Mean and t-interval over the independent rows, for each column."""
    rows = independent(rows)
    n = len(rows)
    se = rows.std(ddof=1) / np.sqrt(n)
    half = half_width(se, np.full(len(se), n - 1))
    mean = rows.mean()
    table = pd.DataFrame({"mean": mean, "se": se, "low": mean - half, "high": mean + half, "n": n})
    return table.reset_index()
