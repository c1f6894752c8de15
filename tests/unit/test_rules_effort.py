"""Effort: hours and jobs against support lost, who sees one working, and a branch that asks."""

import numpy as np
import pytest

from abm import JointPointModel
from abm.core.draws import FixedDraws
from abm.scenario.parameters import values_of
from tests.worlds import finish, finished, t_district

INCOME = 7000.0
"""Yuan a head at the trend, the allowance of 3 000 included: what is earned lies under the exit line of 7 800."""


def rule(model: JointPointModel, name: str):
    return next(m for m in model.mechanisms if m.name == name)


def listed(**settings: object) -> tuple[JointPointModel, np.ndarray]:
    """A world in the second quarter of its first year, with twenty poor village households on the list and all grids
    tied to their branches."""
    model = JointPointModel(
        t_district(ties__dud_share=0.0, **settings), households=300, years=2, rng=3, views=False
    )
    model.step()
    world, h = model.world, model.world.households
    few = world.institutions
    for place, (branch, grids) in enumerate(zip(few.village_branches, few.grid_branches, strict=True)):
        for number, grid in enumerate(grids):
            world.form_link("grid_branch", branch.name, grid.name, place, (number + 1) / 1000)
    world.calendar.advance()
    rows = np.flatnonzero(~h.urban & (h.own_workers > 0) & (h.migrants == 0))[:20]
    h.dibao.fill(False)
    h.dibao[rows] = True
    h.busy.fill(0.0)
    h.at_stake.fill(0.0)
    h.expected_income[rows] = INCOME * world.index * world.residents()[rows]
    return model, rows


def seen_by(model: JointPointModel, row: int) -> int:
    ties = model.world.points.pairs["mutual_aid"].neighbours(len(model.world.households))
    neighbours = ties.indices[ties.indptr[row] : ties.indptr[row + 1]]
    return int(model.world.points.inhabited[neighbours].sum() + model.world.points.reaches("volunteer")[row])


def test_hours_follow_their_equation() -> None:
    model, rows = listed(effort__withdrawal=1.0, effort__esteem=0.2)
    world, h = model.world, model.world.households
    p, dibao = rule(model, "effort").p, values_of(world.settings, "dibao")
    h.busy[rows[0]] = 0.4
    rule(model, "effort").targeting(world)
    ties = set()
    for row in rows:
        residents = int(world.residents()[row])
        allowance = dibao.benefit * dibao.line * world.index * residents
        n = seen_by(model, row)
        ties.add(n)
        gain = 1.0 - allowance / (INCOME * world.index * residents) + p.esteem * n / (n + p.onlookers)
        assert h.at_stake[row] == pytest.approx(allowance)
        assert h.effort[row] == pytest.approx(min(gain**p.elasticity, 1.0))
    assert len(ties) > 1
    assert (h.effort[rows] < 1.0).any()
    assert h.busy[rows[0]] == pytest.approx(1.0 - 0.6 * h.effort[rows[0]])
    others = np.setdiff1d(np.arange(len(h)), rows)
    assert (h.effort[others] == 1.0).all()
    assert not h.at_stake[others].any()
    assert not h.busy[others].any()


@pytest.mark.parametrize(
    "change", [{"effort__withdrawal": 0.0}, {"effort__esteem": 0.3, "effort__onlookers": 1.0}]
)
def test_nothing_is_held_back_where_nothing_is_lost_and_less_where_one_is_seen(
    change: dict[str, float],
) -> None:
    model, rows = listed(**change)
    plain, same = listed(effort__esteem=0.0)
    for made in (model, plain):
        rule(made, "effort").targeting(made.world)
    assert (rows == same).all()
    more = model.world.households.effort[rows] - plain.world.households.effort[rows]
    assert (more >= 0).all()
    assert more.max() > 0.01
    if "effort__withdrawal" in change:
        assert (model.world.households.effort == 1.0).all()


def test_who_earns_beyond_the_exit_line_has_nothing_at_stake() -> None:
    model, rows = listed()
    world, h = model.world, model.world.households
    h.expected_income[rows[:10]] = 60_000.0 * world.residents()[rows[:10]]
    rule(model, "effort").targeting(world)
    assert not h.at_stake[rows[:10]].any()
    assert (h.effort[rows[:10]] == 1.0).all()
    assert (h.at_stake[rows[10:]] > 0).all()


def test_a_job_or_a_city_must_pay_for_what_is_at_stake() -> None:
    model, rows = listed(effort__withdrawal=1.0)
    world, h, workers = model.world, model.world.households, model.world.workers
    rule(model, "effort").targeting(world)
    worker = np.flatnonzero(np.isin(workers.household, rows) & (workers.activity == 0))
    firm = np.full(len(worker), np.flatnonzero(world.enterprises.open)[0])
    pay = world.places.wage[world.enterprises.place[firm]] * workers.skill[worker]
    away = world.enterprises.place[firm] != h.place[workers.household[worker]]
    pay = pay * (1.0 - rule(model, "labour").p.commuting * away)
    h.own_product[workers.household[worker]] = 0.0
    np.maximum.at(h.own_product, workers.household[worker], pay - 0.5 * h.at_stake[workers.household[worker]])
    labour, migration = rule(model, "labour"), rule(model, "migration")
    stake = h.at_stake.copy()
    refused = labour._accepts(world, worker, firm, np.zeros(len(worker)))
    city = migration._city(world, worker)
    h.at_stake.fill(0.0)
    accepted = labour._accepts(world, worker, firm, np.zeros(len(worker)))
    assert not refused.any()
    assert accepted.any()
    assert (migration._city(world, worker)[stake[workers.household[worker]] > 0] > city).all()


def test_a_branch_that_asks_changes_the_comparison_and_errs() -> None:
    model, rows = listed()
    world, h = model.world, model.world.households
    effort = rule(model, "effort")
    grid = world.points.household["grid"]
    grid.active[rows[:10]] = True
    effort.targeting(world)
    with_grid = h.effort[rows[:10]].copy()
    p = effort.p
    residents = world.residents()[rows]
    dibao = values_of(world.settings, "dibao")
    allowance = dibao.benefit * dibao.line * world.index * residents
    assert h.at_stake[rows] == pytest.approx(p.withdrawal * allowance)  # no branch sees a job turned down
    grid.active[rows[:10]] = False
    h.busy[rows] = 0.0
    effort.targeting(world)
    assert (with_grid > h.effort[rows[:10]]).all()
    grid.active[rows[:10]] = True
    h.effort[rows] = 1.0
    h.effort[rows[:5]] = p.least
    h.entitled[rows] = True
    world.draws = FixedDraws({"effort.review": p.sanction * p.error + 0.01})
    effort.known = world.points.reaches("grid")  # each of these grids has its branch
    effort._review(world, rows)
    assert h.dibao[rows].tolist() == [False] * 5 + [True] * 15  # five held back, and ten are not known
    assert not h.entitled[rows[:5]].any()
    world.draws = FixedDraws({"effort.review": p.sanction * p.error - 0.01})
    effort._review(world, rows)
    assert h.dibao[rows].tolist() == [False] * 10 + [True] * 10  # who worked is taken off by mistake


def test_effort_is_measured_over_workers_on_own_account() -> None:
    run = finished()
    assert run.district.mean_effort.between(0.97, 1.0).all()
    assert run.district.mean_effort.min() < 0.9999
    without = [name for name in t_district().scenario.mechanisms if name != "effort"]
    model = JointPointModel(
        t_district(scenario__mechanisms=without), households=300, years=2, rng=1, views=False, snapshots=True
    )
    assert (finish(model).district.mean_effort == 1.0).all()


def test_it_is_neutral_where_nobody_gets_support() -> None:
    """With nothing expected to be lost, and nobody asked, all tables are those of a world without the rule."""
    without = [name for name in t_district().scenario.mechanisms if name != "effort"]
    size = {"households": 300, "years": 4, "rng": 2, "views": False, "snapshots": True}
    a, b = (
        finish(JointPointModel(t_district(**settings), **size))
        for settings in ({"effort__withdrawal": 0.0}, {"scenario__mechanisms": without})
    )
    assert a.flows.equals(b.flows)
    assert a.tables["households"].equals(b.tables["households"])


def test_who_is_new_on_the_list_is_not_reviewed() -> None:
    model, rows = listed(effort__error=0.0, effort__sanction=0.8)
    world, h, effort = model.world, model.world.households, rule(model, "effort")
    world.points.household["grid"].active[:] = True
    world.draws = FixedDraws({}, default=0.001)
    while not world.calendar.year_begins:
        world.calendar.advance()
    h.effort.fill(0.5)  # all have held back what they can
    new, old = rows[:10], rows[10:]
    h.dibao[new] = False
    effort.needs(world)
    h.dibao[new] = True  # by this tick's targeting, before effort's turn
    effort.targeting(world)
    assert h.dibao[new].all()
    assert not h.dibao[old].any()


def test_a_grid_without_a_branch_asks_nobody() -> None:
    """Who could work is known to the grid, and stays there."""
    reviewed = {}
    for cut in (False, True):
        model, rows = listed(effort__error=0.0, effort__sanction=0.8)
        world, h, effort = model.world, model.world.households, rule(model, "effort")
        world.points.household["grid"].active[:] = True
        for link in list(world.points.links_of_kind("grid_branch")):
            world.points.set_active(link, not cut)
        world.draws = FixedDraws({}, default=0.001)
        while not world.calendar.year_begins:
            world.calendar.advance()
        h.effort.fill(0.5)
        effort.needs(world)
        sent = world.messages["organizational"]
        effort.targeting(world)
        reviewed[cut] = int((~h.dibao[rows]).sum()), world.messages["organizational"] - sent
        loss = effort.p.sanction * (not cut)
        assert effort._withdrawn(rows) == pytest.approx(max(effort.p.withdrawal - loss, 0.0))
    assert reviewed == {False: (20, 20), True: (0, 0)}
