"""Founding and closing enterprises: rows, accounts, nodes and owners' money."""

import numpy as np
from numpy.typing import NDArray

from abm.core.draws import key_of, name_key
from abm.core.names import SECTORS
from abm.population.households import LOCAL_JOB, OWN_ACCOUNT
from abm.world.world import OUTSIDE, World

_ENTERPRISE = np.uint64(name_key("enterprise"))


def enterprise_name(world: World, row: int) -> str:
    """Node name of an enterprise in the joint-point graph."""
    firms = world.enterprises
    return f"enterprise:{world.place_names[firms.place[row]]}/{firms.number[row]}"


def next_keys(world: World, places: NDArray[np.int64]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Keys and numbers of the next enterprises, one for each entry of ``places`` (rows, ascending)."""
    first = np.searchsorted(places, places, side="left")  # where the run of equal places begins
    numbers = world.places.enterprises_founded[places] + np.arange(len(places)) - first
    return key_of(world.places.id[places], numbers) ^ _ENTERPRISE, numbers


def found_enterprises(
    world: World,
    places: NDArray[np.int64],
    sectors: NDArray[np.int64],
    owners: NDArray[np.int64],
    capital: NDArray[np.float64],
    productivity: NDArray[np.float64],
    *,
    project: bool = False,
) -> NDArray[np.int64]:
    """Open enterprises, one for each entry of ``places`` (rows, ascending); returns their rows.

    Money for the capital is moved by the caller: the new accounts are empty.
    """
    keys, numbers = next_keys(world, places)
    firms, count = world.enterprises, len(places)
    rows = firms.append(
        {
            "key": keys,
            "number": numbers,
            "place": places,
            "sector": sectors,
            "owner": owners,
            "project": project,
            "founded": world.year,
            "capital": capital,
            "productivity": productivity,
        },
        count,
    )
    world.ledger.open_accounts("enterprise", count)
    np.add.at(world.places.enterprises_founded, places, 1)
    for row in rows.tolist():
        world.points.add_institution(
            enterprise_name(world, row),
            world.new_enterprise_agent(row),
            type="enterprise",
            village=world.place_names[firms.place[row]],
            sector=SECTORS[firms.sector[row]],
        )
    return rows


def close_enterprises(world: World, rows: NDArray[np.int64]) -> None:
    """Close enterprises: workers are free, cash goes to the owners, links end; the capital is lost."""
    firms, workers = world.enterprises, world.workers
    if len(rows) == 0:
        return
    dismissed = np.flatnonzero((workers.activity == LOCAL_JOB) & np.isin(workers.employer, rows))
    release(world, dismissed)
    cash = np.maximum(world.ledger.yuan("enterprise", rows), 0.0)
    owned = firms.owner[rows] >= 0
    world.ledger.transfer(
        ("enterprise", rows[owned]), ("household", firms.owner[rows[owned]]), cash[owned], "closing_payout"
    )
    world.ledger.transfer(("enterprise", rows[~owned]), OUTSIDE, cash[~owned], "closing_payout")
    firms.open[rows] = False
    for name in ("capital", "labour", "wanted", "vacancies", "sales", "profit"):
        firms[name][rows] = 0
    firms.workers[rows] = 0
    for name in ("liaison", "contract"):
        firms[name][rows] = False
    firms.reserved[rows] = 0.0
    for row in rows.tolist():
        name = enterprise_name(world, row)
        world.points.graph.nodes[name]["agent"].remove()
        world.points.remove_institution(name)


def hire(
    world: World, rows: NDArray[np.int64], employers: NDArray[np.int64], fits: NDArray[np.float64]
) -> None:
    """Workers take local jobs."""
    workers, firms, households = world.workers, world.enterprises, world.households
    workers.activity[rows] = LOCAL_JOB
    workers.employer[rows] = employers
    workers.fit[rows] = fits
    np.add.at(firms.workers, employers, 1)
    np.add.at(firms.labour, employers, workers.skill[rows] * np.exp(fits))
    np.add.at(households.own_workers, workers.household[rows], -1)
    np.add.at(households.local_workers, workers.household[rows], 1)


def release(world: World, rows: NDArray[np.int64]) -> None:
    """Workers leave their local jobs and are on own account again."""
    workers, firms, households = world.workers, world.enterprises, world.households
    employers = workers.employer[rows]
    np.add.at(firms.workers, employers, -1)
    np.add.at(firms.labour, employers, -workers.skill[rows] * np.exp(workers.fit[rows]))
    workers.activity[rows] = OWN_ACCOUNT
    workers.employer[rows] = -1
    np.add.at(households.local_workers, workers.household[rows], -1)
    np.add.at(households.own_workers, workers.household[rows], 1)
