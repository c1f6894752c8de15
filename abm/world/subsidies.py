"""Public or common money for applicants: who is offered how much, and subsidies that pay a part of an investment."""

from types import SimpleNamespace

import numpy as np
from numpy.typing import NDArray

from abm.scenario.parameters import values_of
from abm.world.choosing import choose_sectors
from abm.world.credit import borrow, room, spare_cash
from abm.world.economics import capital_for
from abm.world.enterprises import found_enterprises, founders_luck, next_keys, planned_productivity
from abm.world.own_lines import OF_CAPITAL
from abm.world.technique import ROUNDING, settle
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
    world: World,
    purse: tuple[str, Rows],
    budget: Floats,
    rows: Rows,
    wish: Floats,
    matched: float,
    merit: Floats,
    stream: str,
    layer: str,
) -> Rows:
    """A part of an investment in own account is paid for those who want it then and can pay the rest.

    Those apply for whom it would pay with the part; the committee makes its ``offers``; and who is offered less, since
    the money runs out, looks again.

    Args:
        purse: kind of account, and the account of each place; budget: what may be spent in each, yuan.
        rows: households that think of it; wish: what each would invest, yuan.
        matched: the part, 0–1.
        merit, stream: as in ``offers``.
        layer: of the joint-point that the subsidy passes.

    Returns:
        Those who invest.
    """
    h = world.households
    some = np.flatnonzero(budget[h.place[rows]] > 0)
    some = some[_wanted(world, rows[some], wish[some], matched * wish[some])]
    if len(some) == 0:
        return rows[some]
    given = offers(world, budget, rows[some], matched * wish[some], merit[some], stream)
    goes = (given > 0.005) & _wanted(world, rows[some], wish[some], given)
    rows, wish, given = rows[some[goes]], wish[some[goes]], given[goes]
    accounts = (purse[0], purse[1][h.place[rows]])
    world.ledger.transfer(accounts, ("household", rows), given, "start_up_subsidy", layer)
    borrow(world, rows, np.maximum(wish - spare_cash(world, rows), 0.0), _of(world).on_credit)
    bought = world.ledger.transfer(("household", rows), OUTSIDE, wish, "household_investment")
    h.capital[rows] += bought / 100.0
    settle(world, rows)  # before the tick's wear takes its part of what has been paid for
    h.contact[rows] += 1.0
    world.message(layer, len(rows))
    return rows


def small_foundings(
    world: World,
    purse: tuple[str, Rows],
    budget: Floats,
    rows: Rows,
    jobs: float,
    matched: float,
    merit: Floats,
    stream: str,
    layer: str,
) -> Rows:
    """A part of what it takes to found a small enterprise is paid for those who can pay the rest from spare cash and
    credit. It is theirs alone, of a sector that their place is good at, and as other founders they plan with the
    usual wage and find out later how good they are.

    Args:
        jobs: for which each enterprise is laid out, at the usual wage.
        others: as in ``start_ups``.

    Returns:
        Those who found one.
    """
    h, shared = world.households, values_of(world.settings, "enterprise")
    rows, merit = rows[budget[h.place[rows]] > 0], merit[budget[h.place[rows]] > 0]
    if len(rows) == 0:
        return rows
    size, wage, on_credit = (
        np.full(len(rows), jobs),
        world.places.usual_wage[h.place[rows]],
        _of(world).on_credit,
    )
    capital = capital_for(shared, size, wage)
    wish = capital + shared.buffer * wage * size
    given = offers(world, budget, rows, matched * wish, merit, stream)
    goes = (given > 0.005) & (wish - given <= spare_cash(world, rows) + room(world, rows, on_credit))
    rows, size, wage, capital, given = (column[goes] for column in (rows, size, wage, capital, given))
    if len(rows) == 0:
        return rows
    own, place = wish[goes] - given, h.place[rows].astype(np.int64)
    keys = next_keys(world, place, f"return {world.tick}")
    sectors = choose_sectors(world.places.amenity[place], world.draws.uniform("enterprise.sector", 0, keys))
    fit_exponent = values_of(world.settings, "capital").fit_exponent
    a = planned_productivity(world, place, sectors, size, fit_exponent) * founders_luck(world, keys)
    borrow(world, rows, np.maximum(own - spare_cash(world, rows), 0.0), on_credit)
    firms = found_enterprises(world, place, sectors, rows, capital, a, keys)
    world.enterprises.owner_share[firms] = 1.0
    account, pay = ("enterprise", firms), world.ledger.transfer
    pay((purse[0], purse[1][place]), account, given, "founding_capital", layer)
    pay(("household", rows), account, own, "founding_capital")
    pay(account, OUTSIDE, capital, "enterprise_investment")
    h.contact[rows] += 1.0
    world.message(layer, len(rows))
    for where in np.unique(place).tolist():
        world.note(where, "founded_after_return", str(int((place == where).sum())))
    return rows


def _wanted(world: World, rows: Rows, wish: Floats, given: Floats) -> NDArray[np.bool_]:
    """Whether an investment pays at the part of its cost that is one's own, and can be paid.

    It pays if the product grows by more than interest and wear on that part: V·((K + x)/K)^κ·T − V, T being the gain of
    the improved technique where x reaches its threshold. It can be paid from cash beyond the buffer and credit.
    """
    h, p, own = world.households, _of(world), wish - given
    capital = np.maximum(h.capital[rows], 1.0)
    kappa = p.exponent * OF_CAPITAL[h.line[rows]]
    reaches = ~h.improved[rows] & (h.capital[rows] + wish >= h.improved_needs[rows] * world.index - ROUNDING)
    grown = (1.0 + wish / capital) ** kappa * np.where(reaches, p.gain, 1.0)
    lack = np.maximum(own - spare_cash(world, rows), 0.0)
    can = lack <= room(world, rows, p.on_credit)
    return np.asarray(can & (h.own_value[rows] * (grown - 1.0) > p.cost * own))


def _of(world: World) -> SimpleNamespace:
    """Exponent of capital, gain of the technique, yearly cost of capital and the part of credit that may be used."""
    investment = values_of(world.settings, "investment")
    return SimpleNamespace(
        exponent=values_of(world.settings, "own_account").capital_exponent,
        gain=values_of(world.settings, "technique").gain,
        cost=values_of(world.settings, "credit").interest + investment.wear,
        on_credit=investment.on_credit,
    )
