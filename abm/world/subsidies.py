"""Public or common money for applicants: who is offered how much, and subsidies that pay a part of an investment."""

from types import SimpleNamespace

import numpy as np
from numpy.typing import NDArray

from abm.scenario.parameters import values_of
from abm.world.credit import borrow, room, spare_cash
from abm.world.own_lines import OF_CAPITAL
from abm.world.world import OUTSIDE, World

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


def offers(world: World, budget: Floats, rows: Rows, due: Floats, merit: Floats, stream: str) -> Floats:
    """What a committee offers each applicant: the first in its order get all, until the money of their place is gone.

    Args:
        budget: yuan of each place.
        rows: applicants (households), ascending.
        due: what each would get, yuan; merit: by which it ranks them, the highest first, then by a lot of the year.
        stream: name of that lot.
    """
    h = world.households
    lot = world.draws.uniform(stream, world.year, h.key[rows])
    order = np.lexsort((lot, -merit, h.place[rows]))
    place, wanted = h.place[rows[order]], due[order]
    before = np.cumsum(wanted) - wanted
    before -= before[np.searchsorted(place, place, side="left")]
    given = np.empty(len(rows))
    given[order] = np.clip(budget[place] - before, 0.0, wanted)
    return given


def start_ups(
    world: World, payer: tuple[str, Rows], rows: Rows, wish: Floats, offered: Floats, layer: str
) -> Rows:
    """Households that get a part of an investment in own account paid make it if it pays at the rest of its cost.

    It pays if the product grows by more than interest and wear on the part that they pay themselves: ΔV =
    V·((K + x)/K)^κ·T − V, T being the gain of the improved technique where x reaches its threshold. They must have
    the rest, from cash beyond the buffer and credit.

    Args:
        payer: an account for each of ``rows``.
        wish: x, yuan; offered: what is paid of it.
        layer: of the joint-point that the subsidy passes.

    Returns:
        Those who do.
    """
    h, p = world.households, _of(world)
    capital = np.maximum(h.capital[rows], 1.0)
    kappa = p.exponent * OF_CAPITAL[h.line[rows]]
    reaches = ~h.improved[rows] & (h.capital[rows] + wish >= h.improved_needs[rows] * world.index - 0.01)
    grown = (1.0 + wish / capital) ** kappa * np.where(reaches, p.gain, 1.0)
    pays = h.own_value[rows] * (grown - 1.0) > p.cost * (wish - offered)
    want = np.flatnonzero((offered > 0.005) & pays)
    lack = np.maximum((wish - offered)[want] - spare_cash(world, rows[want]), 0.0)
    can = lack <= room(world, rows[want], p.on_credit)
    goes, lack = want[can], lack[can]
    rows, wish = rows[goes], wish[goes]
    if len(rows) == 0:
        return rows
    accounts = (payer[0], payer[1][goes])
    world.ledger.transfer(accounts, ("household", rows), offered[goes], "start_up_subsidy", layer)
    borrow(world, rows, lack, p.on_credit)
    bought = world.ledger.transfer(("household", rows), OUTSIDE, wish, "household_investment")
    h.capital[rows] += bought / 100.0
    h.contact[rows] += 1.0
    world.message(layer, len(rows))
    return rows


def _of(world: World) -> SimpleNamespace:
    """Exponent of capital, gain of the technique, yearly cost of capital and the part of credit that may be used."""
    investment = values_of(world.settings, "investment")
    return SimpleNamespace(
        exponent=values_of(world.settings, "own_account").capital_exponent,
        gain=values_of(world.settings, "technique").gain,
        cost=values_of(world.settings, "credit").interest + investment.wear,
        on_credit=investment.on_credit,
    )
