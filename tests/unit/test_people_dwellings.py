"""Households die out, divide, and leave empty dwellings: hand-made cases."""

import numpy as np
import pytest

from abm.core.draws import FixedDraws
from abm.mechanisms.background.succession import Succession
from abm.population.households import members
from abm.world import people
from abm.world.invariants import check_world
from abm.world.world import World
from tests.unit.test_people import persons, rule, world_of


def kin_of(world: World, row: int) -> np.ndarray:
    ties = world.points.pairs["kin"].neighbours(len(world.households))
    return np.sort(ties.indices[ties.indptr[row] : ties.indptr[row + 1]])


def with_kin(world: World, number: int) -> int:
    ties = world.points.pairs["kin"].neighbours(len(world.households))
    degree = np.diff(ties.indptr)
    urban = world.households.urban
    rows = np.flatnonzero((degree == number) & ~urban) if number else np.flatnonzero(degree == 0)
    return int(rows[0])


def bury(world: World, row: int, children: int = 0) -> None:
    h = world.households
    people.leave(world, np.flatnonzero(world.workers.household == row))
    h.children[row], h.elders[row], h.disabled[row] = children, 0, 0
    people.recount(world)


def test_an_estate_pays_the_debt_and_goes_to_kin_in_equal_parts() -> None:
    world, model = world_of(journal=True)
    h, ledger = world.households, world.ledger
    row = with_kin(world, 3)
    kin = kin_of(world, row)
    bury(world, row)
    world.calendar.tick += 4
    h.debt[row], h.capital[row] = 12_345, 3000.0 + people.least_tools(world)
    h.claim[row] = 30.0
    ledger.transfer(("outside", 0), ("household", row), 1000.0, "moved_in")
    cash, tools = ledger.balances["household"].copy(), h.capital[kin].copy()
    firm = int(np.flatnonzero(world.enterprises.open)[0])
    world.enterprises.owner[firm] = row
    income = ledger.income.copy()
    model_rule = rule(model, "succession")
    model_rule.p.division = 0.0
    model_rule.people(world)
    got = ledger.balances["household"][kin] - cash[kin]
    assert got.sum() == cash[row] + 3000 - 12_345  # with the claim of 30 yuan
    assert got.max() - got.min() <= 2
    assert ledger.balances["household"][row] == 0
    assert h.debt[row] == 0
    assert np.allclose(h.capital[kin] - tools, 1000.0)
    assert world.enterprises.owner[firm] in kin
    assert not world.points.inhabited[row]
    assert h.land[row] > 0  # the dwelling keeps its land
    assert np.array_equal(income, ledger.income)  # no income of anybody
    assert ledger.imbalance() == 0
    check_world(world)


def test_debt_beyond_the_estate_is_the_banks_loss() -> None:
    world, model = world_of()
    row = with_kin(world, 2)
    bury(world, row)
    world.calendar.tick += 4
    world.households.capital[row] = people.least_tools(world) + 3.0
    cash = int(world.ledger.balances["household"][row])
    world.households.debt[row] = cash + 500
    bank = int(world.ledger.balances["bank"][0])
    rule(model, "succession")._dissolve(world)
    assert world.ledger.balances["bank"][0] == bank + cash + 300  # tools go before heirs have any
    assert world.households.debt[row] == 0
    assert any(event.event == "debt_written_off" for event in world.events)


def test_children_left_alone_go_to_kin() -> None:
    world, model = world_of()
    row, before = with_kin(world, 3), persons(world)
    kin = kin_of(world, row)
    lost = int(members(world.households)[row])
    children = world.households.children[kin].sum()
    bury(world, row, children=2)
    rule(model, "succession")._dissolve(world)
    assert world.households.children[kin].sum() == children + 2
    assert persons(world) == before - lost + 2
    assert members(world.households)[row] == 0
    check_world(world)


def test_an_estate_without_kin_buys_public_goods() -> None:
    world, model = world_of()
    row = with_kin(world, 0)
    bury(world, row)
    h, firms = world.households, world.enterprises
    firm = int(np.flatnonzero(firms.open)[0])
    firms.owner[firms.owner == row] = -1
    firms.owner[firm], firms.owner_share[firm] = row, 0.5
    h.capital[row], h.debt[row] = 1000.0 + people.least_tools(world), 0
    cash = int(world.ledger.balances["household"][row])
    world.ledger.flows.clear()
    rule(model, "succession")._dissolve(world)
    flows = {kind: fen for (payer, _, kind, _), fen in world.ledger.flows.items() if payer != "bank"}
    assert flows["tools_sold"] == 100_000
    assert flows["shares_sold"] == round(50 * firms.capital[firm])
    assert flows["inheritance"] == cash + 100_000 + flows["shares_sold"]
    assert (firms.owner[firm], firms.owner_share[firm]) == (-1, 0.0)
    assert h.capital[row] == people.least_tools(world)
    assert world.ledger.balances["household"][row] == 0
    assert world.ledger.imbalance() == 0


def divided() -> tuple[World, int, int, dict[str, np.ndarray]]:
    """A village where one dwelling is empty and one family divides."""
    world, model = world_of(households=600)
    h = world.households
    parent = int(np.flatnonzero(~h.urban & (h.workers >= 4) & (h.workers - h.migrants >= 3))[0])
    rows = world.rows_of(int(h.place[parent]))
    home = next(row for row in range(rows.start, rows.stop) if row != parent and len(kin_of(world, row)))
    bury(world, home)
    succession = rule(model, "succession")
    succession._dissolve(world)
    h.no_credit_until[parent], h.dibao_received[parent] = 2018, 900.0
    before = {name: h[name].copy() for name in h}
    before["cash"] = world.ledger.balances["household"].copy()
    world.draws = FixedDraws({"succession.division": 1e-9})
    others = np.setdiff1d(np.flatnonzero(h.workers >= 4), [parent])
    want = h.workers[others].copy()
    h.workers[others] = 3  # they do not think of it
    parents_rows, homes = succession._matched(world)
    h.workers[others] = want
    assert parents_rows.tolist() == [parent]
    assert homes.tolist() == [home]
    succession._matched = lambda world: (parents_rows, homes)
    succession._divide(world)
    return world, parent, home, before


def test_a_family_divides() -> None:
    world, parent, home, before = divided()
    h = world.households
    assert h.workers[home] == 2
    assert h.workers[parent] == before["workers"][parent] - 2
    assert h.generation[home] == before["generation"][home] + 1
    assert h.key[home] != before["key"][home]
    moved = members(h)[home] / (members(h)[home] + members(h)[parent])
    cash = world.ledger.balances["household"]
    assert cash[home] == pytest.approx(moved * before["cash"][parent], abs=1)
    assert cash[home] + cash[parent] == before["cash"][parent]
    assert h.capital[home] + h.capital[parent] == pytest.approx(before["capital"][parent])
    assert h.debt[home] + h.debt[parent] == before["debt"][parent]
    assert h.trust[home] == before["trust"][parent]
    assert h.land[home] == before["land"][home]
    assert world.residents()[parent] > 0
    assert h.no_credit_until[home] == 2018  # a default is not shed
    assert h.dibao_received[home] == pytest.approx(moved * 900.0)
    assert h.dibao_received[home] + h.dibao_received[parent] == pytest.approx(900.0)
    local = h.local_workers[home] + h.local_workers[parent]
    assert local == before["local_workers"][parent]  # they keep their jobs
    check_world(world)


def test_kinship_ends_with_a_household_and_no_mask_brings_it_back() -> None:
    world, model = world_of()
    kin, aid = world.points.pairs["kin"], world.points.pairs["mutual_aid"]
    row, neighbours = with_kin(world, 3), len(aid.a)
    relatives, before = kin_of(world, row), len(kin.a)
    bury(world, row)
    rule(model, "succession")._dissolve(world)
    assert len(kin.a) == before - 3
    assert len(aid.a) == neighbours  # neighbours stay
    for name in ("b", "form_draw", "draw", "since", "active"):
        assert len(getattr(kin, name)) == len(kin.a)
    world.refresh_masks()
    assert len(kin_of(world, row)) == 0
    assert all(row not in kin_of(world, other) for other in relatives.tolist())


def test_a_family_that_divides_is_kin_to_parents_and_theirs_alone() -> None:
    world, parent, home, _ = divided()
    mine, theirs = kin_of(world, home), kin_of(world, parent)
    others = np.setdiff1d(theirs, [home])
    assert parent in mine
    assert home in theirs
    assert np.isin(np.setdiff1d(mine, [parent]), others).all()
    assert len(mine) == 1 + min(len(others), people.KIN_OF_PARENTS)
    ties = world.points.pairs["kin"]
    assert (ties.a < ties.b).all()
    assert len(np.unique(np.stack([ties.a, ties.b]), axis=1).T) == len(ties.a)
    assert (ties.a.dtype, ties.since.dtype) == (np.int32, np.int16)
    new = (ties.a == home) | (ties.b == home)
    assert (ties.since[new] == world.plan_year).all()


def test_new_kin_are_masked_by_the_draw_of_the_pair() -> None:
    """The draws are those of the two keys, whoever else divides; a switch on kin holds for new ties at once."""
    from abm.core.draws import Draws, pair_key
    from abm.scenario.switches import Switch

    draws = []
    for also in (False, True):
        world, _ = world_of()
        kin, h = world.points.pairs["kin"], world.households
        parents = np.array([r for r in range(len(h)) if len(kin_of(world, r)) >= 5][: 1 + also])
        free = np.flatnonzero(np.diff(kin.neighbours(len(h)).indptr) == 0)[: 1 + also]
        world.switches = [*world.switches, Switch(kind="kin", strength=0.5)]
        first = len(kin.a)
        people.tie_to_kin(world, parents, free)
        mine = np.flatnonzero((kin.a == free[0]) | (kin.b == free[0]))
        assert (mine >= first).all()
        assert len(mine) == 1 + people.KIN_OF_PARENTS
        keys = pair_key(h.key[kin.a[mine]], h.key[kin.b[mine]])
        assert np.array_equal(kin.draw[mine], Draws(7).uniform("mask.kin", 0, keys))
        assert np.array_equal(kin.active[mine], kin.draw[mine] < 0.5)
        draws.append(np.sort(kin.draw[mine]))
    assert np.array_equal(*draws)


def test_nobody_divides_without_an_empty_dwelling() -> None:
    world, model = world_of(households=600)
    world.draws = FixedDraws({"succession.division": 1e-9})
    assert [len(rows) for rows in rule(model, "succession")._matched(world)] == [0, 0]


def test_an_empty_dwelling_does_nothing_for_years() -> None:
    world, model = world_of(households=600)
    for name in ("succession", "floating"):
        rule(model, name).people = lambda world: None
    rows = np.flatnonzero(world.households.number % 5 == 0)
    for row in rows.tolist():
        bury(world, row)
    Succession._dissolve(rule(model, "succession"), world)
    h = world.households
    assert not world.points.inhabited[rows].any()
    while model.running and world.year < 2021:
        model.step()
        for name in (
            "ill",
            "dispute",
            "claim",
            "dibao",
            "entitled",
            "applied",
            "waiting",
            "debt",
            "spent",
            "care_due",
        ):
            assert not h[name][rows].any(), name
    assert not members(h)[rows].any()
    assert not world.ledger.balances["household"][rows].any()
    assert not world.ledger.income[:, rows].any()
    for column in h:
        if h[column].dtype.kind == "f":
            assert np.isfinite(h[column]).all(), column
    assert all(not world.points.reaches(kind)[rows].any() for kind in world.points.household)
    check_world(world)
