"""What a target can speak about: columns of ``outcomes``, and a few measures made of the tables of one run.

Each derived measure is one small function of (observed, population, year) that returns a number, NaN where the run
cannot say. A *fifth* is a fifth of households by disposable income per head, as offices print them; the table
``fifths`` holds what each has per head, while shares of fifths and their grouped Gini are columns of ``outcomes``. All
money is in constant yuan of the scenario's base year; ``growth_nominal`` alone is in the prices of each year.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from abm.core.names import INCOME_SOURCES
from abm.records.schema import OUTCOME_COLUMNS
from abm.runs.simulate import Tables
from abm.scenario.schema import Scenario
from abm.scenario.tables import read_paths

Floats = NDArray[np.float64]
_NAN = float("nan")

DISTRICT_ONLY = frozenset(
    {"urban_rural_ratio", "theil_t_between_urban_rural", "outside_net_per_head"}
    | {name for name in OUTCOME_COLUMNS if name.startswith("messages_")}
)
"""Measures that only the rows of ``all`` carry."""


class Observed:
    """The tables of one run as targets look at them.

    Args:
        tables: of one run.
        scenario: what was run; its price path makes nominal figures.
    """

    def __init__(self, tables: Tables, scenario: Scenario) -> None:
        self.tables, self.scenario = tables, scenario

    @cached_property
    def outcomes(self) -> pd.DataFrame:
        return self.tables.outcomes.set_index(["population", "year"]).sort_index()

    @cached_property
    def fifths(self) -> pd.DataFrame:
        table: pd.DataFrame = self.tables["fifths"].to_pandas()
        return table.set_index(["population", "year", "fifth"]).sort_index()

    @cached_property
    def villages(self) -> pd.DataFrame:
        return self.tables.villages.set_index("year").sort_index()

    @cached_property
    def inflation(self) -> dict[int, float]:
        """Growth of consumer prices into each year of the path on file."""
        return {year: growth for year, (growth, _) in read_paths(self.scenario).items()}

    def outcome(self, column: str, population: str, year: int) -> float:
        """A column of ``outcomes``; NaN for a year that was not run."""
        key = (population, year)
        return float(self.outcomes.at[key, column]) if key in self.outcomes.index else _NAN

    def fifth(self, column: str, population: str, year: int) -> Floats:
        """A column of ``fifths``, poorest first, per head; five NaN for a year that was not run."""
        try:
            values = self.fifths.loc[(population, year), column]
        except KeyError:
            return np.full(5, _NAN)
        return values.to_numpy(dtype=np.float64) if len(values) == 5 else np.full(5, _NAN)


@dataclass(frozen=True)
class Measure:
    """Something that a target can name.

    Args:
        unit: ``share``, ``index``, ``ratio``, ``yuan``, ``years``, ``1/year`` or ``count``.
        low, high: values outside cannot be.
        before: earlier years that it looks back on.
        of: the number that a run gives, from (observed, population, year).
        meaning: one sentence.
    """

    unit: str
    low: float
    high: float
    before: int
    of: Callable[[Observed, str, int], float]
    meaning: str


def measured(observed: Observed, measure: str, population: str, year: int) -> float:
    """A measure of one run."""
    return float(MEASURES[measure].of(observed, population, year))


# --- derived from outcomes ------------------------------------------------------------------------------


def median_over_mean(o: Observed, population: str, year: int) -> float:
    return o.outcome("median_income", population, year) / o.outcome("mean_income", population, year)


def mean_over_all(o: Observed, population: str, year: int) -> float:
    return o.outcome("mean_income", population, year) / o.outcome("mean_income", "all", year)


def growth_nominal(o: Observed, population: str, year: int) -> float:
    """Mean income over that of the year before, in prices of each year, less one."""
    real = o.outcome("mean_income", population, year) / o.outcome("mean_income", population, year - 1)
    return real * (1.0 + o.inflation.get(year, o.scenario.outside.inflation_after)) - 1.0


def gini_drift(o: Observed, population: str, year: int) -> float:
    """Mean Gini of the last five of the 20 years that end with ``year``, less that of the first five."""
    gini = [o.outcome("gini", population, y) for y in range(year - 19, year + 1)]
    return float(np.mean(gini[-5:]) - np.mean(gini[:5]))


def village_ratio(share: float) -> Callable[[Observed, str, int], float]:
    """Mean over the richest villages of income per head, over that of the poorest; ``share`` of the villages."""

    def ratio(o: Observed, population: str, year: int) -> float:
        urban = {p.name for p in o.scenario.places.rows if o.scenario.place_kinds[p.kind].urban}
        here = o.villages.loc[[year]] if year in o.villages.index else o.villages.iloc[:0]
        if population != "all":
            here = here[here.village.isin(urban) == (population == "urban")]
        means = np.sort(here.mean_income.dropna().to_numpy())
        count = max(1, round(share * len(means)))
        return float(means[-count:].mean() / means[:count].mean()) if len(means) > 1 else _NAN

    return ratio


# --- derived from fifths --------------------------------------------------------------------------------


def source_share_fifth(source: str, fifth: int) -> Callable[[Observed, str, int], float]:
    """A source's part of the fifth's own income."""
    return lambda o, population, year: float(
        o.fifth(f"income_{source}", population, year)[fifth - 1]
        / o.fifth("income", population, year)[fifth - 1]
    )


def consumption_over_income(fifth: int) -> Callable[[Observed, str, int], float]:
    return lambda o, population, year: float(
        o.fifth("consumption", population, year)[fifth - 1] / o.fifth("income", population, year)[fifth - 1]
    )


# --- all of them ----------------------------------------------------------------------------------------

_KINDS = {
    "share": ("share", 0.0, 1.0),
    "ratio": ("ratio", 0.0, 1e6),
    "years": ("years", 0.0, 1e3),
    "0 to 1": ("index", 0.0, 1.0),
    "-1 to 1": ("index", -1.0, 1.0),
    "0 and more": ("index", 0.0, 1e3),
}
"""Unit, least and largest value by the unit that ``outcomes`` states; anything else is a count."""


def _of_outcomes() -> dict[str, Measure]:
    made = {}
    for name, (unit, meaning) in OUTCOME_COLUMNS.items():
        yuan = unit.startswith("yuan")
        kind, low, high = ("yuan", -1e9, 1e9) if yuan else _KINDS.get(unit, ("count", 0.0, 1e12))
        before = 1 if name in ("poverty_entry", "poverty_exit") else 0

        def of(o: Observed, population: str, year: int, name: str = name) -> float:
            return o.outcome(name, population, year)

        made[name] = Measure(kind, low, high, before, of, meaning)
    return made


def _derived() -> dict[str, Measure]:
    one = (0.0, 1.0)
    made = {
        "median_over_mean": Measure("ratio", 0.0, 10.0, 0, median_over_mean, "median over mean income per head"),
        "mean_over_all": Measure("ratio", 0.0, 100.0, 0, mean_over_all, "mean income over that of all residents"),
        "growth_nominal": Measure("1/year", -0.9, 5.0, 1, growth_nominal, "growth of mean income, each year's prices"),
        "gini_drift": Measure("index", -1.0, 1.0, 19, gini_drift, "Gini of the last 5 of 20 years less the first 5"),
        "village_ratio_10": Measure("ratio", 1.0, 1e6, 0, village_ratio(0.1), "richest tenth of villages over poorest"),
        "village_ratio_30": Measure("ratio", 1.0, 1e6, 0, village_ratio(0.3), "richest 30 % of villages over poorest"),
    }  # fmt: skip
    for k in range(1, 6):
        made[f"consumption_over_income_fifth_{k}"] = Measure(
            "ratio", 0.0, 100.0, 0, consumption_over_income(k), f"consumption over income of fifth {k}"
        )
        for source in INCOME_SOURCES:
            made[f"{source}_share_fifth_{k}"] = Measure(
                "share", *one, 0, source_share_fifth(source, k), f"{source} in the income of fifth {k}"
            )
    return made


MEASURES: dict[str, Measure] = {**_of_outcomes(), **_derived()}
"""All measures that a target can name."""
