"""Members of households come of age, work, retire, die, divide, leave and come: counts, money and luck hold."""

import numpy as np
import pytest

from abm.core.calendar import Calendar
from abm.core.columns import Columns
from abm.core.draws import FixedDraws, key_of
from abm.model.model import JointPointModel
from abm.population.households import LOCAL_JOB, MIGRANT, OWN_ACCOUNT, members
from abm.scenario.parameters import values_of
from abm.world import people
from abm.world.invariants import check_world
from abm.world.world import World
from tests.worlds import t_district

ROLES = ("children", "workers", "elders", "disabled")


def world_of(seed: int = 7, households: int = 400, **arguments: object) -> tuple[World, JointPointModel]:
    scenario = t_district(scenario__end_year=2130)  # some tests go through a century
    model = JointPointModel(scenario, households=households, years=20, views=False, rng=seed, **arguments)
    model.step()
    return model.world, model


def rule(model: JointPointModel, name: str):
    return next(m for m in model.mechanisms if m.name == name)


def pass_years(world: World, rules: list, years: int) -> None:
    """Years in which nothing happens but these rules; the calendar jumps."""
    for _ in range(years):
        world.calendar.tick += world.calendar.ticks_per_year
        for one in rules:
            one.people(world)


def persons(world: World) -> int:
    return int(members(world.households).sum())


@pytest.fixture(scope="module")
def old() -> World:
    """A district after 22 years of everything; each year-end has been checked by ``check_world``."""
    model = JointPointModel(t_district(), households=400, views=False, rng=5)
    model.run()
    return model.world


def test_counts_agree_after_many_years(old: World) -> None:
    h, workers, firms = old.households, old.workers, old.enterprises
    check_world(old)
    assert (h.generation > 0).sum() > 20
    assert (h.persons_born > 0).sum() > 50
    assert (h.own_workers + h.local_workers + h.migrants == h.workers).all()
    employed = workers.activity == LOCAL_JOB
    labour = np.bincount(
        workers.employer[employed],
        weights=(workers.skill * np.exp(workers.fit))[employed],
        minlength=len(firms),
    )
    assert np.allclose(labour, firms.labour, atol=1e-6)
    assert (workers.employer[~employed] == -1).all()
    have = h.workers > 0
    mean = np.bincount(workers.household, weights=workers.schooling, minlength=len(h))[have] / h.workers[have]
    assert np.allclose(h.schooling[have], mean)
    assert (members(h) > 0).tolist() == old.points.inhabited.tolist()
    assert old.residents().min() >= 0
    assert old.ledger.imbalance() == 0


def test_no_two_workers_or_households_share_a_key(old: World) -> None:
    for table in (old.workers, old.households):
        assert len(np.unique(table.key)) == len(table)
    assert np.array_equal(
        old.households.key,
        key_of(old.places.id[old.households.place], old.households.number, old.households.generation),
    )


def test_rows_of_a_table_can_go_and_start_anew() -> None:
    table = Columns(4)
    table.declare("key", np.uint64)
    table.declare("since", np.int32, -1)
    table.declare("wide", np.float64, 1.0, width=2)
    table.key, table.since, table.wide[2] = np.arange(4), np.arange(4), 5.0
    table.select(np.array([2, 0, 3]))
    assert len(table) == 3
    assert table.key.tolist() == [2, 0, 3]
    assert table.wide[0].tolist() == [5.0, 5.0]
    table.reset(np.array([0]), {"key"})
    assert (table.key[0], table.since[0], table.wide[0, 0]) == (2, -1, 1.0)
    assert table.since.tolist() == [-1, 0, 3]
    table.append({"key": [9]}, 1)
    assert table.key.tolist() == [2, 0, 3, 9]


def test_people_change_at_the_start_of_each_year_but_the_first() -> None:
    calendar = Calendar(2014, 4)
    seen = []
    for _ in range(9):
        calendar.advance()
        if calendar.due("people"):
            seen.append(calendar.tick)
    assert seen == [4, 8]


def test_the_check_sees_a_wrong_count() -> None:
    world, _ = world_of()
    for column in (*ROLES, "settled_migrants"):
        before = world.households[column].copy()
        world.households[column][3] += 40
        with pytest.raises(RuntimeError):
            check_world(world)
        world.households[column][:] = before
    check_world(world)


def test_nothing_happens_in_the_burn_in_but_a_new_head() -> None:
    scenario = t_district(scenario__burn_in=3)
    model = JointPointModel(scenario, households=400, years=1, views=False, rng=2)
    world = model.world
    world.calendar.tick = 4
    assert world.burning_in
    h = world.households
    before = {name: h[name].copy() for name in (*ROLES, "generation", "key", "skill")}
    for one in model.mechanisms:
        if hasattr(one, "people"):
            one.people(world)
    for name, column in before.items():
        assert np.array_equal(h[name], column) == (name != "skill"), name


def test_one_more_household_changes_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thirty years of ageing, births and disability: roles and keys of all others stay what they are."""
    from abm.population.synthesis import households_by_place

    worlds = []
    for extra in (0, 1):

        def counts(scenario, households, extra=extra):
            found = households_by_place(scenario, households)
            found[np.flatnonzero(found)[2]] += extra
            return found

        monkeypatch.setattr("abm.world.build.households_by_place", counts)
        model = JointPointModel(t_district(), households=400, years=20, views=False, rng=3)
        # work must not depend on markets here: nobody has a job or is away
        world = model.world
        world.workers.activity[:] = OWN_ACCOUNT
        world.workers.employer[:] = -1
        people.recount(world)
        world.calendar.tick = 0
        pass_years(world, [rule(model, name) for name in ("ageing", "births", "disability")], 30)
        worlds.append(world)
    a, b = (world.households for world in worlds)
    assert len(b) == len(a) + 1
    order = np.argsort(b.key)
    rows = order[np.searchsorted(b.key, a.key, sorter=order)]
    for name in (*ROLES, "persons_born"):
        assert np.array_equal(a[name], b[name][rows]), name
    assert np.isin(worlds[0].workers.key, worlds[1].workers.key).all()


def test_role_shares_stay_with_births_at_replacement() -> None:
    """Children : workers : elders tend to 16 : 42 : 19, and the number of persons stands still."""
    world, model = world_of(households=3000)
    h = world.households
    world.workers.activity[world.workers.activity == MIGRANT] = OWN_ACCOUNT
    people.recount(world)
    ageing, births, succession = (rule(model, name) for name in ("ageing", "births", "succession"))
    pass_years(world, [ageing, births, succession], 30)
    counts = []
    for _ in range(60):
        couples = members(h) - h.children >= 2
        eligible = h.workers[couples].sum() / h.workers.sum()
        births.p.rate = -np.log(1.0 - 1.0 / 42.0 / eligible)
        pass_years(world, [ageing, births, succession], 1)
        counts.append([h.children.sum(), h.workers.sum() + h.disabled.sum(), h.elders.sum()])
    total = np.sum(counts, axis=1)
    share = np.array(counts) / total[:, None]
    assert np.allclose(share[0], share[-1], atol=0.05)
    assert np.allclose(share[-1], np.array([16, 42, 19]) / 77, atol=0.03)
    assert abs(total[-1] / total[0] - 1.0) < 0.15
    check_world(world)


def test_who_retires_leaves_a_job_and_who_comes_of_age_seeks_one() -> None:
    world, _ = world_of()
    h, workers, firms = world.households, world.workers, world.enterprises
    rows = np.flatnonzero(workers.activity == LOCAL_JOB)[:5]
    away = np.flatnonzero(workers.activity == MIGRANT)[:3]
    employers, homes, keys = workers.employer[rows], workers.household[rows].copy(), workers.key[rows].copy()
    before, elders, staff = len(workers), h.elders.copy(), firms.workers.copy()
    absent = h.migrants.sum()
    people.leave(world, np.concatenate([rows, away]))
    assert len(world.workers) == before - 8
    assert not np.isin(keys, world.workers.key).any()
    assert np.array_equal(firms.workers, staff - np.bincount(employers, minlength=len(firms)))
    assert h.migrants.sum() == absent - 3
    check_world(world)
    people.join(world, homes, keys, np.full(5, 9.0))
    new = np.flatnonzero(np.isin(world.workers.key, keys))
    assert (world.workers.activity[new] == OWN_ACCOUNT).all()
    assert np.array_equal(np.sort(world.workers.household[new]), np.sort(homes))
    assert np.array_equal(h.elders, elders)
    check_world(world)


def test_everybody_ages_when_everything_happens() -> None:
    world, model = world_of(luck=FixedDraws(default=0.5))
    h, rows = world.households, np.arange(len(world.households))
    children, workers, disabled = h.children.copy(), h.workers.copy(), h.disabled.copy()
    world.draws = FixedDraws(
        {f"ageing.{what}": 1e-9 for what in ("of_age", "death", "disabled", "retirement")}
    )
    world.calendar.tick += 4
    rule(model, "ageing").people(world)
    assert np.array_equal(h.workers[rows], children)
    assert np.array_equal(h.elders, workers + disabled)
    assert not h.children.any()
    assert not h.disabled.any()
    assert np.array_equal(h.persons_born, children)


def test_one_of_those_away_comes_back_where_nobody_is_left() -> None:
    world, _ = world_of()
    h, workers = world.households, world.workers
    row = int(np.flatnonzero((h.workers >= 2) & (h.migrants < h.workers))[0])
    mine = np.flatnonzero((workers.household == row) & (workers.activity != MIGRANT))
    people.release(world, mine[workers.activity[mine] == LOCAL_JOB])
    workers.activity[mine], workers.ticks_away[mine] = MIGRANT, 9
    people.recount(world)
    away = h.migrants.copy()
    h.elders[row] = 1  # somebody is there
    people.come_home(world)
    assert np.array_equal(h.migrants, away)
    h.elders[row] = h.children[row] = h.disabled[row] = 0
    people.come_home(world)
    assert h.migrants[row] == away[row] - 1
    assert world.residents()[row] == 1
    assert np.array_equal(np.delete(h.migrants, row), np.delete(away, row))
    back = (workers.household == row) & (workers.activity != MIGRANT)
    assert workers.activity[back].tolist() == [OWN_ACCOUNT]
    assert workers.ticks_away[back].tolist() == [0]


def test_productivity_of_a_new_head_follows_that_of_the_old() -> None:
    world, model = world_of(households=3000)
    h, succession = world.households, rule(model, "succession")
    spread = values_of(world.settings, "synthesis").skill_spread
    before = h.skill.copy()
    succession._new_head(world, np.arange(len(h)))
    assert np.corrcoef(before, h.skill)[0, 1] == pytest.approx(0.4, abs=0.05)
    assert h.skill.std() == pytest.approx(spread, rel=0.05)
    before = h.skill.copy()
    pass_years(world, [rule(model, "succession")], 1)
    changed = (h.skill != before)[h.generation == 0].mean()
    assert changed == pytest.approx(1 / 30, abs=0.012)


def test_floating_households_sell_up_and_leave_with_their_money() -> None:
    world, model = world_of(households=600)
    h, ledger, firms, floating = world.households, world.ledger, world.enterprises, rule(model, "floating")
    floaters = np.flatnonzero(~h.registered)
    h.debt[floaters] = 0
    h.debt[floaters[:4]] = 20_000
    h.claim[floaters] = 70.0
    firms.owner[np.isin(firms.owner, floaters)] = -1
    firm = int(np.flatnonzero(firms.open)[0])
    firms.owner[firm], firms.owner_share[firm] = floaters[0], 0.25
    share = round(0.25 * firms.capital[firm] * 100)
    tools = np.rint((h.capital[floaters] - people.least_tools(world)) * 100).astype(np.int64).sum()
    cash, income = ledger.balances["household"][floaters].sum(), ledger.income.copy()
    firms_cash = ledger.balances["enterprise"].copy()
    floating.p.arrival, floating.p.leaves, floating.p.leaves_jobless = 0.0, 100.0, 100.0
    ledger.flows.clear()
    floating.people(world)
    gone = ~world.points.inhabited
    assert np.array_equal(np.flatnonzero(gone), floaters)
    assert not ledger.balances["household"][gone].any()
    assert not h.debt[gone].any()
    assert (h.capital[gone] == people.least_tools(world)).all()
    flows = {kind: fen for (_, _, kind, _), fen in ledger.flows.items()}
    assert set(flows) == {"claims_settled", "tools_sold", "shares_sold", "repayment", "moved_out"}
    assert flows["claims_settled"] == 7000 * len(floaters)
    assert flows["tools_sold"] == tools > 0
    assert flows["shares_sold"] == share > 0
    assert flows["repayment"] == 4 * 20_000
    assert flows["moved_out"] == cash + 7000 * len(floaters) + tools + share - 4 * 20_000
    assert (firms.owner[firm], firms.owner_share[firm]) == (-1, 0.0)
    assert np.array_equal(ledger.balances["enterprise"], firms_cash)
    assert np.array_equal(ledger.income, income)  # selling up is no income
    check_world(world)


def test_newcomers_are_as_many_as_those_in_the_synthesis() -> None:
    world, model = world_of(households=3000)
    h, ledger, floating = world.households, world.ledger, rule(model, "floating")
    was = members(h)[~h.registered & h.urban].mean()
    keys, floaters = h.key.copy(), ~h.registered
    floating.p.arrival = floating.p.leaves = floating.p.leaves_jobless = 100.0
    ledger.flows.clear()
    floating.people(world)
    new = floaters & h.urban
    size = members(h)[new]
    assert (h.key[new] != keys[new]).all()
    assert np.array_equal(h.key[~floaters], keys[~floaters])
    assert np.array_equal(floaters & world.points.inhabited, new)
    assert size.mean() == pytest.approx(was, rel=0.06)
    assert size.std() > 1.0
    assert h.children[new].sum() / (size - 1).sum() == pytest.approx(floating.p.child, abs=0.04)
    assert (h.workers[new] >= 1).all()
    assert not (h.elders + h.disabled)[new].any()
    assert not h.registered[new].any()
    assert (h.own_workers[new] == h.workers[new]).all()
    assert (h.capital[new] == people.least_tools(world)).all()  # nothing is given to them
    ties = world.points.pairs["kin"]
    assert not (new[ties.a] | new[ties.b]).any()
    assert not world.points.reaches("membership")[new].any()
    fortune = np.sqrt(values_of(world.settings, "productivity").variance)
    assert h.fortune[new].std() == pytest.approx(fortune, rel=0.1)
    assert ledger.imbalance() == 0
    check_world(world)


def test_the_fortune_of_newcomers_is_nobody_elses() -> None:
    seen = []
    for others in (0.0, 9.0):
        world, model = world_of()
        h, floating = world.households, rule(model, "floating")
        h.fortune[h.registered] = others * world.draws.normal("test.fortune", 0, h.key[h.registered])
        floating.p.arrival = floating.p.leaves = floating.p.leaves_jobless = 100.0
        floating.people(world)
        seen.append(h.fortune[~h.registered])
    assert np.array_equal(*seen)


def test_the_floating_population_stays() -> None:
    model = JointPointModel(t_district(), households=2000, years=15, views=False, rng=7)
    start = persons(model.world), _floating_share(model.world)
    model.run()
    assert _floating_share(model.world) == pytest.approx(start[1], abs=0.03)
    assert persons(model.world) == pytest.approx(start[0], rel=0.06)
    assert (~model.world.points.inhabited).mean() < 0.015


def _floating_share(world: World) -> float:
    h = world.households
    return float(members(h)[~h.registered].sum() / members(h).sum())


def test_more_come_where_vacancies_are() -> None:
    arrived = []
    for vacancies in (0, 40):
        world, model = world_of(households=600)
        floating = rule(model, "floating")
        world.enterprises.vacancies[world.enterprises.open] = vacancies
        floating.p.arrival = 0.0
        floating.people(world)
        floating.p.leaves = floating.p.leaves_jobless = 0.0
        floating.p.arrival = 0.2
        world.calendar.tick += 4
        empty = (~world.points.inhabited).sum()
        floating.people(world)
        arrived.append(empty - (~world.points.inhabited).sum())
    assert arrived[1] > arrived[0]


def test_who_cannot_pay_for_school_loses_years() -> None:
    world, model = world_of()
    h, schooling = world.households, rule(model, "schooling")
    rows = np.flatnonzero(h.children > 0)
    poor, rich = int(rows[0]), int(rows[1])
    for row in (poor, rich):
        held = world.ledger.yuan("household")[row]
        world.ledger.transfer(("household", row), ("outside", 0), held, "moved_out")
    h.school_missed[:] = 0.0
    for _ in range(40):  # ten years
        world.ledger.transfer(("outside", 0), ("household", rich), 50_000.0, "moved_in")
        schooling.spending(world)
    lost = schooling.p.years_lost
    assert h.school_missed[poor] == pytest.approx(lost * (1.0 - np.exp(-10 * schooling.p.memory)), rel=1e-6)
    assert h.school_missed[rich] == 0.0
    twins, keys = np.array([rich, rich]), key_of(5, np.arange(2))
    h.schooling[rich] = 9.0
    plain = people.years_of_the_young(world, twins, keys)
    h.school_missed[rich] = 1.5
    assert np.allclose(people.years_of_the_young(world, twins, keys), plain - 1.5)


def test_spread_of_schooling_and_skill_stays_over_generations() -> None:
    world, _ = world_of(households=3000)
    workers = world.workers
    household = np.repeat(np.arange(len(world.households)), 2)
    keys = key_of(world.households.key[household], 500 + np.arange(len(household)) % 2)
    years = people.years_of_the_young(world, household, keys)
    p = values_of(world.settings, "people")
    urban = world.households.urban
    for side in (urban, ~urban):
        old, new = workers.schooling[side[workers.household]], years[side[household]]
        assert new.mean() - old.mean() == pytest.approx(p.schooling_ahead, abs=0.2)
        assert new.std() == pytest.approx(old.std(), rel=0.12)
        parents = world.households.schooling[household][side[household]]
        assert np.corrcoef(parents, new)[0, 1] == pytest.approx(p.schooling_kept, abs=0.06)
    skill, cost = people._abilities(world, household, keys, years)
    assert np.log(skill).std() == pytest.approx(np.log(workers.skill).std(), rel=0.1)
    for side in (urban, ~urban):
        usual = workers.moving_cost[side[workers.household]].mean()
        assert cost[side[household]].mean() == pytest.approx(usual, abs=0.1)


def test_schooling_follows_that_of_the_parents_however_far_standing_has_moved_from_it() -> None:
    """Thirty years of new heads wear down how standing and schooling go together; what is promised stays."""
    world, model = world_of(households=3000)
    h, succession = world.households, rule(model, "succession")
    rows = np.arange(len(h))
    for year in range(30):
        new = np.flatnonzero(world.draws.uniform("test.head", year, h.key) < succession.p.rate)
        world.calendar.tick += world.calendar.ticks_per_year
        succession._new_head(world, rows[new])
    h.school_missed[:] = 0.0
    household = np.repeat(rows, 10)
    keys = key_of(h.key[household], 500 + np.arange(len(household)) % 10)
    years = people.years_of_the_young(world, household, keys)
    first = values_of(world.settings, "synthesis")
    for side in (h.urban, ~h.urban):
        together = np.corrcoef(h.standing[side], h.schooling[side])[0, 1]
        assert together < first.rank_correlation - 0.1, "worn down"
        own, parents = years[side[household]], h.schooling[household][side[household]]
        kept = values_of(world.settings, "people").schooling_kept
        assert np.corrcoef(parents, own)[0, 1] == pytest.approx(kept, abs=0.02)
        assert own.std() == pytest.approx(first.schooling_spread, rel=0.05)


def test_care_takes_own_account_time_and_the_disabled_get_an_allowance() -> None:
    world, model = world_of()
    h, disability = world.households, rule(model, "disability")
    row = int(np.flatnonzero(h.own_workers >= 2)[0])
    idle = int(np.flatnonzero(h.own_workers == 0)[0])
    h.busy[:] = 0.0
    h.elders[:] = 0
    h.disabled[:] = 0
    h.disabled[[row, idle]] = 1
    disability.needs(world)
    assert h.busy[row] == pytest.approx(disability.p.care / h.own_workers[row])
    assert h.busy[idle] == 0.0
    assert np.count_nonzero(h.busy) == 1
    before = world.ledger.balances["household"].copy()
    income = world.ledger.income[3].copy()
    disability.distribution(world)
    due = round(disability.p.allowance * world.index * world.dt * 100)
    assert world.ledger.balances["household"][row] - before[row] == pytest.approx(due, abs=1)
    assert world.ledger.income[3][row] - income[row] == pytest.approx(due, abs=1)  # transfer income


def test_the_years_events_are_the_same_at_4_and_12_ticks() -> None:
    seen = []
    for ticks in (4, 12):
        scenario = t_district(scenario__ticks_per_year=ticks)
        model = JointPointModel(scenario, households=400, years=20, views=False, rng=9)
        world = model.world
        world.calendar.tick = 0
        pass_years(world, [rule(model, name) for name in ("ageing", "births", "disability")], 10)
        seen.append({role: world.households[role].copy() for role in ROLES})
    for role in ROLES:
        assert np.array_equal(seen[0][role], seen[1][role]), role
