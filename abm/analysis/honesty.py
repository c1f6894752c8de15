"""Checks that a factorial is what it says: the same run until the switch, no money made from nothing."""

from math import inf

import numpy as np
import pandas as pd

from abm.analysis.arms import UNIT, measures_of
from abm.analysis.money import FLOW


def gaps_before(outcomes: pd.DataFrame, switch_year: int) -> pd.Series:
    """Largest absolute difference between the arms of a unit before the switch year, for each measure.

    It has to be exactly 0: until then all arms are one and the same run. A value that only some arms have
    counts as infinite. NaN where there is no year before the switch.
    """
    names = measures_of(outcomes)
    before = outcomes[outcomes["year"] < switch_year]
    if before.empty:
        return pd.Series(np.nan, index=names)
    cells = [*UNIT, "question", "budget", "year", "population"]
    arms = outcomes.groupby([*UNIT, "question", "budget"])["arm"].transform("nunique")[before.index]
    grouped = before.groupby(cells)[names]
    spread = (grouped.max() - grouped.min()).max()
    present = grouped.count()
    # missing rows as well as missing numbers: all arms have the value, or none has
    expected = arms.groupby([before[key] for key in cells]).first()
    uneven = ((present > 0) & present.lt(expected, axis=0)).any()
    return spread.fillna(0.0).mask(uneven, inf)


def flow_gap_before(flows: pd.DataFrame, switch_year: int) -> float:
    """Largest absolute difference of any flow between the arms of a unit before the switch year, yuan.

    A flow that an arm has no row of is 0 in it; an arm that a unit lacks altogether (a run failed) says nothing.
    """
    before = flows[flows["year"] < switch_year]
    if before.empty:
        return float("nan")
    runs = [*UNIT, "question", "budget"]
    arms = flows.groupby(runs, observed=True)["arm"].nunique()
    amounts = before.groupby([*runs, "year", *FLOW], observed=True)["amount"].agg(["min", "max", "size"])
    lacking = amounts["size"].lt(arms.reindex(amounts.index.droplevel(["year", *FLOW])).to_numpy())
    low = amounts["min"].where(~lacking, np.minimum(amounts["min"], 0.0))
    high = amounts["max"].where(~lacking, np.maximum(amounts["max"], 0.0))
    return float((high - low).max())


def largest_imbalance(outcomes: pd.DataFrame) -> float:
    """Largest absolute sum over all accounts at a year's end, fen; it has to be 0."""
    if "ledger_imbalance" not in outcomes:
        return float("nan")
    return float(outcomes["ledger_imbalance"].abs().max())
