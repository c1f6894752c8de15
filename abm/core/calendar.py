"""Time: whole ticks, calendar years, and rates per year turned into chances per tick."""

from dataclasses import dataclass
from math import exp, expm1

MONTH = 1.0 / 12.0
"""Years; the finest tick."""


@dataclass
class Calendar:
    """Where a run stands in time.

    Args:
        start_year: the first calendar year, that of the burn-in where there is one.
        ticks_per_year: 4 (quarters) or 12 (months).
        tick: ticks that have begun since the start; 0 before the first.
    """

    start_year: int
    ticks_per_year: int
    tick: int = -1

    @property
    def dt(self) -> float:
        """Length of a tick in years."""
        return 1.0 / self.ticks_per_year

    @property
    def months(self) -> range:
        """Months of the tick under way, counted from the start: one, or the three of a quarter."""
        length = 12 // self.ticks_per_year
        return range(max(self.tick, 0) * length, (max(self.tick, 0) + 1) * length)

    @property
    def year(self) -> int:
        """Calendar year of the tick under way."""
        return self.start_year + max(self.tick, 0) // self.ticks_per_year

    @property
    def season(self) -> int:
        """Quarters that have begun since the start: what is drawn once a season is the same at 4 and at 12 ticks."""
        return self.tick // (self.ticks_per_year // 4)

    @property
    def year_begins(self) -> bool:
        return self.tick % self.ticks_per_year == 0

    @property
    def year_ends(self) -> bool:
        return self.tick % self.ticks_per_year == self.ticks_per_year - 1

    @property
    def ticks_left(self) -> int:
        """Ticks of the year that have not ended, the one under way included."""
        return self.ticks_per_year - self.tick % self.ticks_per_year

    def due(self, phase: str) -> bool:
        """Whether a yearly phase runs in this tick: ``people`` at a year's start, but not at the very first."""
        return self.year_begins and self.tick > 0 if phase == "people" else self.year_ends

    def chance(self, rate: float) -> float:
        """Probability within one tick of an event with a rate per year: 1 − exp(−rate·Δ)."""
        return -expm1(-rate * self.dt)

    def kept(self, rate: float) -> float:
        """What is left after one tick of something that decays at a rate per year: exp(−rate·Δ)."""
        return exp(-rate * self.dt)

    def advance(self) -> None:
        self.tick += 1
