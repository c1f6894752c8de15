"""The world outside the model, as paths with a source: prices, the city wage, trend growth.

All rules reckon in constant yuan of the base year. The trend index is the real wage of migrant workers over that
of the base year: every price, cost and line of the model grows with it.
"""

from dataclasses import dataclass

from abm.scenario.schema import Scenario
from abm.scenario.tables import read_paths


@dataclass(frozen=True)
class OutsideWorld:
    """Paths by year. After the last year on file they grow at the scenario's rates; before the start they stand still.

    Args:
        city_wage: yuan a year of the base year, by calendar year.
        prices: consumer prices over those of the base year, by calendar year.
    """

    city_wage: dict[int, float]
    prices: dict[int, float]
    base_year: int
    start_year: int

    def wage(self, year: int) -> float:
        """What a migrant worker of average skill earns in a year."""
        return self.city_wage[max(year, self.start_year)]

    def index(self, year: int) -> float:
        """Trend: 1 in the base year."""
        return self.city_wage[max(year, self.start_year)] / self.city_wage[self.base_year]


def read_outside(scenario: Scenario) -> OutsideWorld:
    """The paths of a scenario's file, continued to its last year."""
    head, after = scenario.scenario, scenario.outside
    rows = read_paths(scenario)
    first, last = min(rows), max(rows)
    for year in range(last + 1, max(head.end_year, head.base_year) + 2):
        nominal = rows[year - 1][1] * (1.0 + after.inflation_after) * (1.0 + after.growth_after)
        rows[year] = (after.inflation_after, nominal)
    prices = {first: 1.0}
    for year in range(first + 1, max(rows) + 1):
        prices[year] = prices[year - 1] * (1.0 + rows[year][0])
    base = prices[head.base_year]
    return OutsideWorld(
        city_wage={year: 12.0 * rows[year][1] / (prices[year] / base) for year in rows},
        prices={year: level / base for year, level in prices.items()},
        base_year=head.base_year,
        start_year=head.start_year,
    )
