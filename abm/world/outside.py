"""The world outside the model, as paths with a source: prices, the city wage, trend growth.

All rules reckon in constant yuan of the base year. The trend index is the real wage of migrant workers over that
of the base year: every price, cost and line of the model grows with it.
"""

import csv
import io
from dataclasses import dataclass

from abm.core.errors import InputError
from abm.scenario.schema import Scenario


@dataclass(frozen=True)
class OutsideWorld:
    """Paths by year. After the last year on file they grow at the scenario's rates.

    Args:
        city_wage: yuan a year of the base year, by calendar year.
        prices: consumer prices over those of the base year, by calendar year.
    """

    city_wage: dict[int, float]
    prices: dict[int, float]
    base_year: int

    def wage(self, year: int) -> float:
        """What a migrant worker of average skill earns in a year."""
        return self.city_wage[year]

    def index(self, year: int) -> float:
        """Trend: 1 in the base year."""
        return self.city_wage[year] / self.city_wage[self.base_year]


def read_outside(scenario: Scenario) -> OutsideWorld:
    """The paths of a scenario's file, continued to its last year.

    The CSV has the columns ``year``, ``cpi_growth`` (per year) and ``migrant_wage_month`` (nominal yuan).
    """
    name, head = scenario.outside.paths, scenario.scenario
    try:
        rows = {
            int(row["year"]): (float(row["cpi_growth"]), 12.0 * float(row["migrant_wage_month"]))
            for row in csv.DictReader(io.StringIO(scenario.data(name)))
        }
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"has a column or number missing ({error})",
            file=name,
            mend="give year, cpi_growth, migrant_wage_month",
        ) from None
    first, last = min(rows, default=0), max(rows, default=0)
    needed = range(min(head.start_year, head.base_year), head.base_year + 1)
    if any(year not in rows for year in (*needed, head.start_year)) or set(rows) != set(
        range(first, last + 1)
    ):
        raise InputError(
            "does not cover every year from the start to the base year",
            file=name,
            key="outside.paths",
            mend=f"add the years {needed.start} to {head.base_year}",
        )
    for year in range(last + 1, max(head.end_year, head.base_year) + 2):
        inflation = scenario.outside.inflation_after
        nominal = rows[year - 1][1] * (1.0 + inflation) * (1.0 + scenario.outside.growth_after)
        rows[year] = (inflation, nominal)
    prices = {first: 1.0}
    for year in range(first + 1, max(rows) + 1):
        prices[year] = prices[year - 1] * (1.0 + rows[year][0])
    base = prices[head.base_year]
    return OutsideWorld(
        city_wage={year: rows[year][1] / (prices[year] / base) for year in rows},
        prices={year: level / base for year, level in prices.items()},
        base_year=head.base_year,
    )
