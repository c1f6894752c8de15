"""Founding and closing enterprises: rows, accounts, nodes and owners' money."""

import numpy as np
from numpy.typing import NDArray

from abm.core.columns import tally
from abm.core.draws import key_of, name_key
from abm.core.names import SECTORS
from abm.population.households import LOCAL_JOB, OWN_ACCOUNT
from abm.scenario.parameters import values_of
from abm.world.economics import productivity_for, suitability
from abm.world.world import OUTSIDE, World


def enterprise_names(world: World, rows: NDArray[np.int64]) -> list[str]:
    """Node names of enterprises in the joint-point graph."""
    firms, names = world.enterprises, world.place_names
    numbered = zip(firms.place[rows].tolist(), firms.number[rows].tolist(), strict=True)
    return [f"enterprise:{names[place]}/{number}" for place, number in numbered]


def next_keys(
    world: World, places: NDArray[np.int64], origin: str, so_far: NDArray[np.int64] | None = None
) -> NDArray[np.uint64]:
    """Keys for enterprises about to be founded, one for each entry of ``places`` (rows, ascending).

    A key is made of the place, the year, the number of its founder in it and the rule (``origin``), so that founders
    of one rule change nobody's luck in another, and have the same luck at any tick.

    Args:
        so_far: founders of this rule in this year before, by place; none if left out.
    """
    order = np.arange(len(places)) - np.searchsorted(places, places, side="left")
    number = order if so_far is None else order + so_far[places]
    when = np.full(len(places), world.year)
    return key_of(world.places.id[places], when, number) ^ np.uint64(name_key(f"enterprise {origin}"))


def planned_productivity(
    world: World,
    places: NDArray[np.int64],
    sectors: NDArray[np.int64],
    jobs: NDArray[np.float64],
    fit_exponent: float,
) -> NDArray[np.float64]:
    """The productivity that founders plan with: that of an enterprise in balance with so many jobs at the usual wage
    of its place, times how good the place is at its sector, to a power.

    At the wage of a shortage, entrants would make good what caused it.

    Args:
        places: rows of places; sectors, jobs: of each enterprise, same shape.
    """
    shared, amenity = values_of(world.settings, "enterprise"), world.places.amenity[places]
    of_sector = np.take_along_axis(amenity, sectors[:, None], axis=1)[:, 0]
    in_balance = productivity_for(shared, world.index, jobs, world.places.usual_wage[places])
    return in_balance * suitability(amenity, of_sector) ** fit_exponent


def founders_luck(world: World, keys: NDArray[np.uint64]) -> NDArray[np.float64]:
    """What founders find out about themselves when they have founded; a factor of productivity."""
    spread = values_of(world.settings, "enterprise").productivity_spread
    return np.asarray(np.exp(spread * world.draws.normal("enterprises.luck", 0, keys)))


def found_enterprises(
    world: World,
    places: NDArray[np.int64],
    sectors: NDArray[np.int64],
    owners: NDArray[np.int64],
    capital: NDArray[np.float64],
    productivity: NDArray[np.float64],
    keys: NDArray[np.uint64],
    *,
    project: bool = False,
) -> NDArray[np.int64]:
    """Open enterprises, one for each entry of ``places`` (rows, ascending); returns their rows.

    Those of a tick are founded in any month of it, and take on staff from then on: were it at its beginning, a
    quarter's founders would have filled by its end what a month's have not.

    Money for the capital is moved by the caller: the new accounts are empty.
    """
    firms, count = world.enterprises, len(places)
    order = np.arange(count) - np.searchsorted(places, places, side="left")
    months = world.calendar.months
    opens = months.start + len(months) * world.draws.uniform("enterprise.month", 0, keys) * (world.tick >= 0)
    numbers = world.places.enterprises_founded[places] + order
    rows = firms.append(
        {
            "key": keys,
            "number": numbers,
            "place": places,
            "contract_with": places,
            "sector": sectors,
            "owner": owners,
            "project": project,
            "founded": world.year,
            "opens": np.floor(opens),
            "capital": capital,
            "productivity": productivity,
        },
        count,
    )
    world.ledger.open_accounts("enterprise", count)
    tally(world.places.enterprises_founded, places, 1)
    names = enterprise_names(world, rows)
    for row, name, place, sector in zip(rows.tolist(), names, places.tolist(), sectors.tolist(), strict=True):
        world.points.add_institution(
            name,
            world.new_enterprise_agent(row),
            type="enterprise",
            village=world.place_names[place],
            sector=SECTORS[sector],
        )
    return rows


def for_sale(world: World, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """What enterprises can sell in this tick beside what has been paid for in advance, yuan; shape of ``rows``."""
    firms = world.enterprises
    return np.asarray(np.maximum(firms.sales[rows] - firms.prepaid[rows] * world.dt, 0.0))


def close_enterprises(world: World, rows: NDArray[np.int64]) -> None:
    """Close enterprises: workers are free, orders that have been paid for are delivered from elsewhere, cash goes to
    the owners, links end; the capital is lost."""
    firms, workers = world.enterprises, world.workers
    if len(rows) == 0:
        return
    closes = np.zeros(len(firms) + 1, bool)  # one more, for workers without employer (-1)
    closes[rows] = True
    dismissed = np.flatnonzero((workers.activity == LOCAL_JOB) & closes[workers.employer])
    release(world, dismissed)
    owed = firms.ordered[rows] + firms.prepaid[rows] * world.calendar.ticks_left * world.dt
    world.ledger.transfer(("enterprise", rows), OUTSIDE, owed, "orders_passed_on")
    cash = np.maximum(world.ledger.yuan("enterprise", rows), 0.0)
    profit = np.minimum(cash, np.maximum(firms.retained[rows], 0.0))
    pay_owners(world, rows, profit, "owner_profit", "outside_profit")
    pay_owners(world, rows, cash - profit, "closing_payout", "closing_payout")
    firms.open[rows] = False
    for name in ("capital", "yards", "labour", "wanted", "vacancies", "unfilled"):
        firms[name][rows] = 0
    for name in ("sales", "profit", "recruiting", "retained", "ordered", "prepaid"):
        firms[name][rows] = 0.0
    firms.workers[rows] = 0
    firms.contract[rows] = False
    firms.reserved[rows] = 0.0
    for name in enterprise_names(world, rows):
        world.points.graph.nodes[name]["agent"].remove()
        world.points.remove_institution(name)


def pay_owners(
    world: World, rows: NDArray[np.int64], due: NDArray[np.float64], to_households: str, elsewhere: str
) -> NDArray[np.float64]:
    """Pay the owners of enterprises by their shares; returns what each enterprise paid, yuan.

    Args:
        rows: enterprises, ascending.
        due: yuan for each.
        to_households, elsewhere: kinds of flow for the owners here and elsewhere.
    """
    firms, ledger = world.enterprises, world.ledger
    owned = firms.owner[rows] >= 0
    mine = rows[owned]
    share = firms.owner_share[rows]
    paid = np.zeros(len(rows))
    local = (share * due)[owned]
    paid[owned] = (
        ledger.transfer(("enterprise", mine), ("household", firms.owner[mine]), local, to_households) / 100.0
    )
    paid += ledger.transfer(("enterprise", rows), OUTSIDE, (1.0 - share) * due, elsewhere) / 100.0
    return paid


def buy_here(
    world: World,
    payer: tuple[str, NDArray[np.int64]],
    place: NDArray[np.int64],
    yuan: NDArray[np.float64],
    kind: str = "public_goods",
    layer: str = "",
) -> None:
    """Order from the enterprises of places, who deliver over the next year, each what it has been paid for; what is
    beyond their means to deliver is bought elsewhere.

    What programmes buy and what is bought for their money where their links are off comes from the same suppliers, so
    that no arm has the larger local market.

    Args:
        payer: one account for each entry of ``place``; an account may stand there several times.
        place: rows of places; what several payers spend in one is served in proportion.
        yuan: what each spends.
        kind: kind of flow.
        layer: of the joint-point that the money passes, if any.
    """
    firms, places = world.enterprises, world.places
    rows = np.flatnonzero(firms.open & (firms.sales > 0))
    on_offer = np.bincount(firms.place[rows], weights=firms.sales[rows], minlength=len(places)) / world.dt
    free = on_offer - places.local_sales - places.public_orders
    part = yuan / np.maximum(np.bincount(place, weights=yuan, minlength=len(places)), 1e-300)[place]
    here = np.minimum(yuan, np.maximum(0.8 * free, 0.0)[place] * part)
    sellers = ("enterprise", rows)
    received = world.ledger.clear_groups(
        payer, here, place, sellers, firms.sales[rows], firms.place[rows], kind, layer
    )
    firms.ordered[rows] += received / 100.0
    places.public_orders += np.bincount(firms.place[rows], weights=received / 100.0, minlength=len(places))
    world.ledger.transfer(payer, OUTSIDE, yuan - here, kind, layer)


def hire(
    world: World,
    rows: NDArray[np.int64],
    employers: NDArray[np.int64],
    fits: NDArray[np.float64],
    terms: NDArray[np.float64],
) -> None:
    """Workers take local jobs; ``fits`` and ``terms`` are logs, as in the table of workers."""
    workers, firms, households = world.workers, world.enterprises, world.households
    workers.activity[rows] = LOCAL_JOB
    workers.employer[rows] = employers
    workers.fit[rows] = fits
    workers.terms[rows] = terms
    tally(firms.workers, employers, 1)
    np.add.at(firms.labour, employers, workers.skill[rows] * np.exp(fits))
    tally(households.own_workers, workers.household[rows], -1)
    tally(households.local_workers, workers.household[rows], 1)


def release(world: World, rows: NDArray[np.int64]) -> None:
    """Workers leave their local jobs and are on own account again."""
    workers, firms, households = world.workers, world.enterprises, world.households
    employers = workers.employer[rows]
    tally(firms.workers, employers, -1)
    np.add.at(firms.labour, employers, -workers.skill[rows] * np.exp(workers.fit[rows]))
    workers.activity[rows] = OWN_ACCOUNT
    workers.employer[rows] = -1
    tally(households.local_workers, workers.household[rows], -1)
    tally(households.own_workers, workers.household[rows], 1)
