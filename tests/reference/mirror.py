"""Between the production's columns and the plain agents: copy a state, and say where the two differ."""

from __future__ import annotations

from collections.abc import Sequence
from math import isclose
from operator import attrgetter
from typing import Any

import mesa
import numpy as np

from abm.core.columns import Columns
from abm.core.names import INCOME_SOURCES, LAYERS
from abm.mechanisms.base import Mechanism
from abm.world.build import place_mask
from abm.world.world import World
from tests.reference.agents import COUNTED, COUNTS_FOLLOW, Firm, Household, Payer, Place, Worker, row_of
from tests.reference.mirrored_points import copy_links, open_institutions, points_of_both
from tests.reference.model import Envelope, PlainModel, Rule

CLOSE = 1e-9
"""Relative difference that sums in another order may make."""
AGENTS_OF = {"place": "places", "household": "households", "employer": "firms", "owner": "households",
    "contract_with": "places", "paired_with": "places", "yard_host": "firms"}  # fmt: skip
"""Columns that hold rows of other tables, and the list of agents that the rows are of."""
NEAR = {"sales": 1e-5, "profit": 1e-5}
"""Yuan allowed to enterprises: with its last worker gone one has no labour here, and in the production what rounding
leaves of sums and differences."""
IN_YUAN = frozenset(
    {"capital", "cash_first", "expected_income", "income_last", "income_seen", "own_income", "own_product", "own_value",
     "care_due", "claim", "dibao_received", "at_stake", "aid_seen", "unpaid_interest", "interest_due",
     "shown_product", "yard_worth", "spent", "pay", "yards", "sales", "profit", "recruiting", "retained",
     "profit_year", "carried",
     "wage", "usual_wage", "rent", "local_sales", "local_sales_first", "public_goods", "public_orders", "income_year",
     "cost_year", "paid_year", "for_works", "capital_first"}
)  # fmt: skip
"""Columns and states of sums of money."""
IN_FEN = frozenset({"debt"})
"""The same in whole fen."""
FINE = 1e-4
"""What a fen may make of anything that is no sum of money: its part of a hundred yuan."""
INSTITUTIONS = {"collective": "collective", "social_organization": "organization", "association": "association",
    "fund": "fund"}  # fmt: skip
"""Account kinds of the institutions of a place, and their names there."""


def plain_model(world: World, rules: Sequence[type[Rule]]) -> PlainModel:
    """A plain model of the same settings, outside world, luck and calendar, still without agents."""
    calendar = world.calendar
    plain = PlainModel(
        world.settings,
        world.outside,
        world.draws.seed,
        calendar.start_year,
        calendar.ticks_per_year,
        world.scenario.start_year,
        rules,
    )
    names = world.place_names
    plain.plans = [
        (plan, frozenset(np.flatnonzero(place_mask(world.scenario, plan.places, names)).tolist()))
        for plan in world.scenario.joint_points
    ]
    for switch in world.switches:
        if switch.layer is None or switch.kind or switch.village or switch.link:
            raise ValueError(f"not restated: {switch}")
    if world.rewired_since:
        raise ValueError("rewired links are not restated")
    plain.points.switches = world.switches
    plain.contract, plain.budget = world.scenario.contract, world.budget
    plain.urban_household_size = world.scenario.population.urban_household_size
    for table in ("households", "workers", "enterprises"):
        kind = {"households": Household, "workers": Worker, "enterprises": Firm}[table]
        fill = getattr(world, table).__getstate__()["fill"]
        plain.new_rows[table] = {
            name: None if name in AGENTS_OF else value  # none of theirs yet: row −1
            for name, value in fill.items()
            if name not in COUNTED[kind]
        }
    return plain


def copy_state(world: World, mechanisms: Sequence[Mechanism], plain: PlainModel) -> None:
    """Give the plain agents the state of the production world."""
    plain.tick = world.tick
    _grow(plain, world)
    for name, agents, table in (
        ("places", plain.places, world.places),
        ("households", plain.households, world.households),
        ("enterprises", plain.firms, world.enterprises),
    ):
        _copy_columns(plain, name, agents, table)
    _copy_workers(plain, world)
    copy_links(plain, world)
    _copy_money(plain, world)
    plain.told.clear()
    for layer in LAYERS:
        firms, places = (rows.tolist() for rows in world.told(layer))
        plain.told[layer] = [(plain.firms[f], plain.places[p]) for f, p in zip(firms, places, strict=True)]
    plain.messages.clear()
    plain.messages.update(world.messages)
    plain.events.clear()
    own = {mechanism.name: mechanism for mechanism in mechanisms}
    for rule in plain.rules:
        for name in rule.remembers:
            setattr(rule, name, _plain(getattr(own[rule.name], name, None)))  # None: not started yet
        for name in rule.knows:
            rows = known_rows(own[rule.name], name)
            setattr(rule, name, [plain.households[row] for row in rows])
    plain.known.held.clear()
    plain.known.picture(_tables(plain))


def _grow(plain: PlainModel, world: World) -> None:
    """As many agents as there are rows."""
    if not plain.places:
        plain.places = [Place(plain, row, name) for row, name in enumerate(world.place_names)]
        plain.households = [Household(plain, row) for row in range(len(world.households))]
        for home, row in zip(plain.households, world.households.place.tolist(), strict=True):
            plain.places[row].dwellings.append(home)
        open_institutions(plain, world)
    for firm in plain.firms[len(world.enterprises) :]:
        firm.place.firms.remove(firm)
        firm.remove()
    del plain.firms[len(world.enterprises) :]
    for row in range(len(plain.firms), len(world.enterprises)):
        firm = Firm(plain, row)
        plain.firms.append(firm)
        plain.places[int(world.enterprises.place[row])].firms.append(firm)
    for row in range(len(plain.programmes), len(world.ledger.balances["programme"])):
        plain.programmes.append(Payer(plain, row, "programme"))
    plain.envelopes = [
        Envelope(
            e.pays_for,
            e.purse,
            e.layer,
            tuple(plain.programmes[row] for row in e.accounts.tolist()),
            tuple((programme, frozenset(np.flatnonzero(where).tolist())) for programme, where in e.sources),
        )
        for e in world.envelopes
    ]


def _copy_columns(plain: PlainModel, what: str, agents: Sequence[mesa.Agent], table: Columns) -> None:
    if not agents:
        return
    names = [
        name
        for name in table
        if name not in COUNTED[type(agents[0])] and not plain.known.holds((what, name), table[name])
    ]
    for name in names:
        column = _referred(plain, name, _listed(plain, what, name, table))
        for agent, value in zip(agents, column, strict=True):
            if agent.__dict__.get(name, plain) != value:  # the model itself is no value of anything
                setattr(agent, name, value)
                plain.known.forget(agent)


def _listed(plain: PlainModel, what: str, name: str, table: Columns) -> list[Any]:
    column = table[name]
    return column.tolist() if column.ndim > 1 else plain.known.listed((what, name), column)


def _referred(plain: PlainModel, name: str, values: list[Any]) -> list[Any]:
    if name not in AGENTS_OF:
        return values
    others = getattr(plain, AGENTS_OF[name])
    return [None if row < 0 else others[row] for row in values]


def _copy_workers(plain: PlainModel, world: World) -> None:
    workers = world.workers
    if all(plain.known.holds(("workers", name), workers[name]) for name in ("key", "household", "employer")):
        _copy_columns(plain, "workers", list(plain.workers), workers)
        return
    plain.known.held -= {("workers", name) for name in workers}  # their rows are others now
    known = {worker.key: worker for worker in plain.workers}
    for home in plain.households:
        home.people.clear()
    for firm in plain.firms:
        firm.staff.clear()
    homes = workers.household.tolist()
    everyone = []
    for key, row in zip(workers.key.tolist(), homes, strict=True):
        home = plain.households[row]
        worker = known.pop(key, None) or Worker(plain, home, key)
        home.people.append(worker)
        everyone.append(worker)
    for gone in known.values():
        gone.remove()
    _copy_columns(plain, "workers", everyone, workers)
    for worker in everyone:
        if worker.employer is not None:
            worker.employer.staff.append(worker)


def _copy_money(plain: PlainModel, world: World) -> None:
    ledger = world.ledger
    for payers, account in _accounts(plain):
        if not plain.known.holds(account, ledger.balances[account]):
            for payer, fen in zip(payers, ledger.balances[account].tolist(), strict=True):
                payer.fen = fen
    for what, name, count in _counts_by_household(world):
        if not plain.known.holds((what, name), count):
            for home, fen in zip(plain.households, count.tolist(), strict=True):
                getattr(home, what)[name] = fen
    for home, fen in zip(plain.households, ledger.consumed.tolist(), strict=True):
        home.consumed = fen
    plain.ledger.journal.clear()
    plain.ledger.shortfalls.clear()
    plain.ledger.shortfalls.update(ledger.shortfalls)


def _counts_by_household(world: World) -> list[tuple[str, str, Any]]:
    """Name of a household's count, of what, and that of the production."""
    ledger = world.ledger
    return [
        *(("income", source, ledger.income[i]) for i, source in enumerate(INCOME_SOURCES)),
        *(("received", layer, ledger.received[i]) for i, layer in enumerate(LAYERS)),
    ]


def _accounts(plain: PlainModel) -> list[tuple[Sequence[Payer], str]]:
    """Everybody who has an account, and its kind in the production's ledger."""
    return [
        (plain.households, "household"),
        (plain.firms, "enterprise"),
        *(([getattr(p, name) for p in plain.places], kind) for kind, name in INSTITUTIONS.items()),
        ([plain.government], "government"),
        (plain.programmes, "programme"),
        ([plain.bank], "bank"),
        ([plain.outside], "outside"),
    ]


def differences(
    world: World, mechanisms: Sequence[Mechanism], plain: PlainModel, *, fen: int = 0, near: float = CLOSE
) -> list[str]:
    """Where the plain agents are not in the state of the production world.

    Args:
        fen: by how much accounts, counts of money and debts may differ; other whole numbers may not.
        near: absolute difference allowed to real numbers, beside ``CLOSE`` and what ``fen`` make (``FINE``).
    """
    found = _unlike_tables(world, plain, fen, near)
    found += _unlike_points(world, plain, fen, near)
    found += _unlike_money(world, plain, fen)
    found += _unlike("messages", _filled(plain.messages), _filled(world.messages), *_allowed("", fen, near))
    own = {mechanism.name: mechanism for mechanism in mechanisms}
    for rule in plain.rules:
        for name in rule.remembers:
            theirs = _plain(getattr(own[rule.name], name))
            found += _unlike(f"{rule.name}.{name}", getattr(rule, name), theirs, *_allowed(name, fen, near))
        for name in rule.knows:
            mine, rows = [home.row for home in getattr(rule, name)], known_rows(own[rule.name], name)
            found += _unlike(f"{rule.name}.{name}", mine, rows, 0, 0.0)
    return found


def _allowed(name: str, fen: int, near: float) -> tuple[int, float]:
    """By how much whole and real numbers of this name may differ where accounts differ by some fen: who somebody works
    for, or which year it was, by nothing."""
    return fen if name in IN_FEN else 0, near + fen * (0.01 if name in IN_YUAN else FINE)


def _tables(plain: PlainModel) -> dict[str, list[mesa.Agent]]:
    """Agents by the table of their columns."""
    return {
        "workers": list(plain.workers),
        "households": plain.households,
        "enterprises": plain.firms,
        "places": plain.places,
    }


def _unlike_tables(world: World, plain: PlainModel, fen: int, near: float) -> list[str]:
    """Columns; those that neither side has touched since they were copied are alike."""
    found: list[str] = []
    recount = False
    for table, agents in _tables(plain).items():
        columns = getattr(world, table)
        if len(agents) != len(columns):
            found.append(f"{table}: {len(agents)} agents, {len(columns)} rows")
        if len(agents) != len(columns) or not agents:
            continue
        touched = plain.known.touched(table, agents)
        recount |= touched is None or not touched.isdisjoint(COUNTS_FOLLOW)
        counted = COUNTED[type(agents[0])]
        for name in columns:
            untouched = touched is not None and name not in touched and not (recount and name in counted)
            if untouched and plain.known.is_last((table, name), columns[name]):
                plain.known.held.add((table, name))
                continue
            mine = list(map(attrgetter(name), agents))
            rows = [row_of(value) for value in mine] if name in AGENTS_OF else mine
            theirs = _listed(plain, table, name, columns)
            if rows != theirs:
                allowed = _allowed(name, fen, max(near, NEAR.get(name, 0.0)))
                found += _unlike(f"{table}.{name}", rows, theirs, *allowed)
            elif columns[name].ndim == 1:
                plain.known.held.add((table, name))
    return found


def _unlike_points(world: World, plain: PlainModel, fen: int, near: float) -> list[str]:
    found = [
        unlike
        for what, mine, theirs in points_of_both(world, plain)
        for unlike in _unlike(what, mine, theirs, *_allowed(what.rpartition(".")[2], fen, near))
    ]
    if not found:
        plain.known.held.add("points")
    for layer in LAYERS:
        theirs = sorted(zip(*(rows.tolist() for rows in world.told(layer)), strict=True))
        mine = sorted({(firm.row, place.row) for firm, place in plain.told[layer]})
        found += [] if mine == theirs else [f"told.{layer}: {mine} for {theirs}"]
    return found


def _unlike_money(world: World, plain: PlainModel, fen: int) -> list[str]:
    ledger, homes, found = world.ledger, plain.households, []
    counts = [
        ((what, name), [getattr(home, what)[name] for home in homes], count)
        for what, name, count in _counts_by_household(world)
    ]
    counts.append(("consumed", [home.consumed for home in homes], ledger.consumed))
    for payers, account in _accounts(plain):
        counts.append((account, [payer.fen for payer in payers], ledger.balances[account]))
    for name, mine, column in counts:
        theirs = plain.known.listed(name, column)
        if mine == theirs:
            plain.known.held.add(name)
        else:
            found += _unlike(f"{name}", mine, theirs, fen, 0.0)
    shortfalls = (_filled(plain.ledger.shortfalls), _filled(ledger.shortfalls))
    return found + _unlike("shortfalls", *shortfalls, fen, 0.0)


def _unlike(what: str, mine: Any, theirs: Any, whole: int, real: float) -> list[str]:
    """The first pair of values that differ by more than is allowed to whole and to real numbers, in words."""
    if isinstance(theirs, dict):
        if mine.keys() != theirs.keys():
            return [f"{what}: {sorted(mine)} for {sorted(theirs)}"]
        return [w for key in theirs for w in _unlike(f"{what}.{key}", mine[key], theirs[key], whole, real)]
    if isinstance(theirs, list):
        if len(mine) != len(theirs):
            return [f"{what}: {len(mine)} for {len(theirs)}"]
        if mine == theirs:
            return []
        unlike = [
            w
            for row, (one, other) in enumerate(zip(mine, theirs, strict=True))
            for w in _unlike(f"{what}[{row}]", one, other, whole, real)
        ]
        return unlike[:1] + ([f"{what}: {len(unlike)} in all"] if len(unlike) > 1 else [])
    if isinstance(theirs, float):
        same = isclose(mine, theirs, rel_tol=CLOSE, abs_tol=real)
    elif isinstance(theirs, int) and not isinstance(theirs, bool):
        same = abs(mine - theirs) <= whole
    else:
        same = mine == theirs
    return [] if same else [f"{what}: {mine!r} for {theirs!r}"]


def _filled(counts: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in counts.items() if value}


def known_rows(mechanism: Mechanism, name: str) -> list[int]:
    """Rows of the households that a mechanism keeps in mind, as rows or as a mark for each; none before it has."""
    value = getattr(mechanism, name, None)
    if value is None:
        return []
    rows: list[int] = (np.flatnonzero(value) if value.dtype == bool else value).tolist()
    return rows


def _plain(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else value
