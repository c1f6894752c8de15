"""Who stood where before the switch, and what those same households have since (按起点五等份的得失).

A household's starting fifth is that of its persons by income per head in the year before the switch, among all
residents and among its own side, urban or rural. A household on a boundary between two fifths belongs to both, by
weight. Later it counts as long as the same household lives in the dwelling and has usual residents.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from abm.measures.groups import ratio
from abm.records.panel import PanelYear

Floats = NDArray[np.float64]
FIFTHS = 5
SIDES = {"rural": 0, "urban": 1}
"""Populations beside ``all`` that have starting fifths of their own, with the value of ``urban``."""


@dataclass(frozen=True, eq=False)
class Start:
    """Where everybody stood in a year.

    Args:
        year: calendar year; of a finished run the one before the switch.
        key: of the household in each dwelling, shape (n,).
        persons: usual residents.
        ends: for everybody and for the own side, where each household begins and ends on the line of persons by income
            per head, in parts of all persons; shape (2, 2, n).
    """

    year: int
    key: NDArray[np.uint64]
    persons: Floats
    ends: Floats

    def part(self, own_side: bool, fifth: int) -> Floats:
        """The part of each household in a fifth (1 to 5), 0 to 1; fifth 0: everybody who was there."""
        low, high = self.ends[int(own_side)]
        there = self.persons > 0
        if fifth == 0:
            return there.astype(np.float64)
        inside = np.minimum(high, fifth / FIFTHS) - np.maximum(low, (fifth - 1) / FIFTHS)
        return np.divide(np.maximum(inside, 0.0), high - low, out=np.zeros(len(low)), where=there)

    def poorest_two(self, own_side: bool) -> Floats:
        """The part of each household in the poorest two fifths."""
        return self.part(own_side, 1) + self.part(own_side, 2)

    def stays(self, now: PanelYear, key: NDArray[np.uint64]) -> Floats:
        """Persons now of the households that still live in their dwellings; 0 for all others.

        Args:
            key: of the household in each dwelling now, shape (n,).
        """
        return np.where((self.key == key) & (self.persons > 0), now.persons, 0.0)


def start_of(now: PanelYear, key: NDArray[np.uint64], urban: NDArray[np.bool_]) -> Start:
    """Where everybody stands in this year."""
    order = now.order
    ends = np.zeros((2, 2, len(key)))
    side = urban[order]
    for own, rows in ((0, order), (1, order[~side]), (1, order[side])):
        reached = np.cumsum(now.persons[rows])
        if len(rows):
            ends[own, 0, rows] = (reached - now.persons[rows]) / reached[-1]
            ends[own, 1, rows] = reached / reached[-1]
    return Start(now.year, key.copy(), now.persons.copy(), ends)


@dataclass(frozen=True)
class GainRow:
    """Persons and mean income per head, yuan, of a starting fifth that still live in their dwellings."""

    population: str
    place_kind: str
    start_fifth: int
    persons: float
    income: float


def gains(
    start: Start,
    now: PanelYear,
    key: NDArray[np.uint64],
    urban: NDArray[np.bool_],
    kind: NDArray[np.int64],
    kinds: tuple[str, ...],
) -> list[GainRow]:
    """This year's incomes by starting fifth: of all residents, of rural and urban ones, and by kind of place.

    Args:
        key, urban: of the household in each dwelling now, shape (n,).
        kind: the kind of its place, a row of *kinds*.

    Returns:
        For each population its five fifths after a row for all five (``start_fifth`` 0); for kinds of places the
        fifths are those of all residents.
    """
    stays = start.stays(now, key)
    found: list[GainRow] = []
    side = urban.astype(np.int64)
    for fifth in range(FIFTHS + 1):
        weight = stays * start.part(False, fifth)
        own = stays * start.part(True, fifth)
        by_kind = _means(weight, now.income, kind, len(kinds))
        by_side = _means(own, now.income, side, len(SIDES))
        (everybody,) = _means(weight, now.income, np.zeros_like(kind), 1)
        found.append(GainRow("all", "", fifth, *everybody))
        found += [GainRow(side, "", fifth, *by_side[row]) for side, row in SIDES.items()]
        found += [GainRow("all", name, fifth, *by_kind[row]) for row, name in enumerate(kinds)]
    return found


def _means(weight: Floats, income: Floats, code: NDArray[np.int64], count: int) -> list[tuple[float, float]]:
    rows = np.flatnonzero(weight)  # a fifth of everybody, mostly
    code, weight = code[rows], weight[rows]
    persons = np.bincount(code, weights=weight, minlength=count)
    total = np.bincount(code, weights=weight * income[rows], minlength=count)
    return list(zip(persons.tolist(), ratio(total, persons).tolist(), strict=True))
