"""The incomes of the last years, by dwelling, as far back as dynamics need them.

A dwelling's incomes of two years can be compared only if the same household lived there in both, and in all years
between: ``tenure`` counts the years in a row, a year included, in which the same household lived in the dwelling and
had usual residents.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from abm.measures.grouped import Grouped
from abm.measures.groups import Groups, Segments, by_income

WINDOW = 5
"""Years over which chronic poverty, Shorrocks' R and re-entry look back, the present one included."""
LAGS = (1, 5)
"""Years between the two of a rank correlation and of a mobility matrix."""
KEPT = max(*LAGS, WINDOW - 1) + 1
"""Years that a year's dynamics need, that year included."""


@dataclass(frozen=True, eq=False)
class PanelYear:
    """One year of all dwellings.

    Args:
        year: calendar year.
        income: disposable income per head, yuan, shape (n,).
        persons: usual residents.
        tenure: years in a row with the same household and residents, this one included; 0 without residents.
        groups: who belonged to which population and village.
        order: rows with residents, by income.
        lines: the same by group and income, for each split of the groups.
    """

    year: int
    income: NDArray[np.float64]
    persons: NDArray[np.float64]
    tenure: NDArray[np.int16]
    groups: Groups
    order: NDArray[np.int32]
    lines: list[Segments]

    def measured_for(self, groups: Groups, weight: NDArray[np.float64]) -> Iterator[Grouped]:
        """This year's incomes for the persons and for each split of the groups of a later year.

        Only households of both years may have a weight.
        """
        there = weight > 0
        for then, now, line in zip(self.groups.splits, groups.splits, self.lines, strict=True):
            if then is not now and ((then.codes[0] != now.codes[0]) & there).any():
                line = now.line_up(self.order, self.income)
            yield Grouped(self.income, weight, now, line)


class Panel:
    """The years that are still needed, oldest first."""

    def __init__(self) -> None:
        self.years: list[PanelYear] = []
        self._key: NDArray[np.uint64] | None = None

    def add(
        self,
        year: int,
        income: NDArray[np.float64],
        persons: NDArray[np.float64],
        key: NDArray[np.uint64],
        groups: Groups,
    ) -> PanelYear:
        """Add the year that follows the last one."""
        tenure = np.ones(len(key), np.int16)
        if self._key is not None:
            tenure += np.where(key == self._key, self.years[-1].tenure, 0)
        tenure[persons == 0] = 0
        self._key = key.copy()
        order = by_income(income, persons).astype(np.int32)
        lines = [split.line_up(order, income) for split in groups.splits]
        self.years.append(PanelYear(year, income, persons, tenure, groups, order, lines))
        return self.years[-1]

    def keep_from(self, year: int) -> None:
        """Forget the years before this one; the last year always stays."""
        self.years = [kept for kept in self.years[:-1] if kept.year >= year] + self.years[-1:]

    def until(self, year: int, count: int) -> list[PanelYear]:
        """At most *count* years up to and with *year*, oldest first."""
        return [kept for kept in self.years if year - count < kept.year <= year]
