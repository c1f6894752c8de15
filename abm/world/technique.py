"""Two techniques on own account (owner ``technique``): the traditional one, and an improved one that is indivisible.

A greenhouse, a herd or a shop needs a sum at once: with at least that much productive capital (``threshold``
yuan at the trend, times e^{spread · ξ} of the household: what it could do differs) the same land and labour
give ``gain`` times the product, with less capital they do not. Who can neither save the sum nor borrow it
stays with the traditional technique, though the improved one would pay: a trap may arise, and arises for
those whom cash and credit fail, not for a group that we name.

The gain is modest and the sum is about a rural household's income of half a year: assumed, with wide bounds. It stands
for the many small indivisible investments together; none of them is in the papers as a number.

Source: Carter & Barrett (2006), *The economics of poverty traps and persistent poverty: an asset-based approach*,
Journal of Development Studies 42(2): two techniques and a minimum of capital for the better one.
"""

import numpy as np
from numpy.typing import NDArray

from abm.scenario.parameters import Parameter, values_of
from abm.world.world import World

PARAMETERS = (
    Parameter("threshold", 40000.0, "yuan", (10000.0, 100000.0), "capital that the improved one needs", "assumed"),
    Parameter("spread", 0.5, "log standard deviation", (0.0, 1.0), "what it needs, by household", "assumed"),
    Parameter("gain", 1.2, "factor", (1.0, 1.6), "product of the improved one over the traditional", "assumed"),
    Parameter("repair", 0.8, "share of the threshold", (0.5, 1.0), "capital below which it is lost", "assumed"),
)  # fmt: skip


ROUNDING = 0.02
"""Yuan by which a threshold that has been paid for may be missed, since each transfer is a whole number of fen."""


def factor(world: World, rows: NDArray[np.int64] | None = None) -> NDArray[np.float64]:
    """Product over that of the traditional technique with the same land, labour and capital, of households (``rows``,
    or all)."""
    gain, improved = values_of(world.settings, "technique").gain, world.households.improved
    return np.where(improved if rows is None else improved[rows], gain, 1.0)


def find_needs(world: World) -> None:
    """What each household's improved technique needs, in the column ``improved_needs``; yuan of the base year."""
    h, p = world.households, values_of(world.settings, "technique")
    h.improved_needs = p.threshold * np.exp(p.spread * world.draws.normal("technique.needs", 0, h.key))


def settle(world: World, rows: NDArray[np.int64] | slice = slice(None)) -> None:
    """Who has reached the threshold works with the improved technique, and loses it when much of it has worn out: of
    these households, or of all. Their products of an ordinary year follow at once.

    Between the two lies a band (``repair``): what the trend adds to the threshold at a new year does not close a
    greenhouse that stands, and the rule is the same at any length of tick.
    """
    h, p = world.households, values_of(world.settings, "technique")
    real, needs, before = h.capital[rows] / world.index, h.improved_needs[rows], h.improved[rows]
    now = (before | (real >= needs - ROUNDING / world.index)) & (real >= p.repair * needs)
    change = np.where(now == before, 1.0, np.where(now, p.gain, 1.0 / p.gain))
    h.own_product[rows] *= change
    h.own_value[rows] *= change
    h.improved[rows] = now
