"""Enterprises: orders that public buyers have paid for, and what illness at home takes from a job."""

import numpy as np
import pytest

from abm.core.draws import FixedDraws
from abm.model.model import JointPointModel
from abm.population.households import LOCAL_JOB
from abm.world.enterprises import buy_here, close_enterprises
from tests.worlds import t_district


def rule(model: JointPointModel, name: str):
    return next(m for m in model.mechanisms if m.name == name)


@pytest.fixture
def model() -> JointPointModel:
    """At the first tick of its second year."""
    made = JointPointModel(t_district(), households=400, years=3, rng=5, views=False)
    for _ in range(4):
        made.step()
    made.world.calendar.advance()
    rule(made, "demand").calendar(made.world)
    return made


def received(model: JointPointModel, kind: str) -> float:
    """Yuan of a kind this year."""
    return sum(fen for what, fen in model.world.ledger.flows.items() if what[2] == kind) / 100.0


def test_each_enterprise_delivers_what_it_has_been_paid_for(model: JointPointModel) -> None:
    world, firms = model.world, model.world.enterprises
    prepaid = np.bincount(firms.place, weights=firms.prepaid, minlength=len(world.places))
    assert prepaid.sum() > 0
    assert prepaid == pytest.approx(world.places.public_goods, abs=0.01)  # nobody has closed since
    assert not firms.ordered.any()
    cash = world.ledger.yuan("enterprise")
    rule(model, "enterprises").production(world)
    tax = rule(model, "enterprises").shared.sales_tax
    rows = np.flatnonzero(firms.open)
    free = np.maximum(firms.sales - firms.prepaid * world.dt, 0.0)
    got = (world.ledger.yuan("enterprise") - cash + tax * firms.sales)[rows]
    on_offer = np.bincount(firms.place, weights=free * firms.open, minlength=len(world.places))
    local = np.minimum(world.places.local_sales * world.dt / np.maximum(on_offer, 1.0), 1.0)
    assert got == pytest.approx((free * (1.0 - local[firms.place]))[rows], abs=0.02)
    firms.prepaid[rows[:3]] = 10.0 * firms.sales[rows[:3]] / world.dt  # more than it can make
    cash = world.ledger.yuan("enterprise")
    rule(model, "enterprises").production(world)
    paid = world.ledger.yuan("enterprise") - cash
    assert paid[rows[:3]] == pytest.approx(-tax * firms.sales[rows[:3]], abs=0.02)


def test_orders_are_noted_with_who_is_paid(model: JointPointModel) -> None:
    world, firms = model.world, model.world.enterprises
    rule(model, "enterprises").production(world)
    before = world.ledger.yuan("enterprise")
    places = np.arange(len(world.places))
    buy_here(world, ("outside", np.zeros_like(places)), places, np.full(len(places), 5000.0))
    got = world.ledger.yuan("enterprise") - before
    assert got.sum() > 0
    assert firms.ordered == pytest.approx(got, abs=0.01)


def test_who_closes_passes_on_what_it_has_not_delivered(model: JointPointModel) -> None:
    world, firms = model.world, model.world.enterprises
    row = int(np.flatnonzero(firms.open & (firms.prepaid > 0))[0])
    world.ledger.transfer(("outside", 0), ("enterprise", row), 1e6, "sales")
    firms.ordered[row] = 700.0
    owed = 700.0 + firms.prepaid[row]  # the whole year is to come
    left = world.ledger.yuan("enterprise")[row] - owed
    owners = (
        received(model, "closing_payout")
        + received(model, "owner_profit")
        + received(model, "outside_profit")
    )
    close_enterprises(world, np.array([row]))
    assert received(model, "orders_passed_on") == pytest.approx(owed, abs=0.01)
    paid = (
        received(model, "closing_payout")
        + received(model, "owner_profit")
        + received(model, "outside_profit")
    )
    assert paid - owners == pytest.approx(left, abs=0.02)
    assert firms.prepaid[row] == firms.ordered[row] == 0.0


def test_illness_at_home_keeps_its_part_of_the_labour_from_the_job(model: JointPointModel) -> None:
    world, h, workers, firms = (
        model.world,
        model.world.households,
        model.world.workers,
        model.world.enterprises,
    )
    enterprises = rule(model, "enterprises")
    h.ill.fill(False)
    enterprises.production(world)
    well = firms.sales.copy()
    assert not enterprises._lost(world).any()
    job = np.flatnonzero(workers.activity == LOCAL_JOB)[0]
    home, firm = int(workers.household[job]), int(workers.employer[job])
    h.ill[home] = True
    mine = np.flatnonzero((workers.household == home) & (workers.activity == LOCAL_JOB))
    lost = enterprises.illness_loss / h.workers[home] * workers.skill[mine] * np.exp(workers.fit[mine])
    expected = np.bincount(workers.employer[mine], weights=lost, minlength=len(firms))
    assert enterprises._lost(world) == pytest.approx(expected)
    enterprises.production(world)
    exponent = enterprises.shared.labour_exponent
    ratio = (1.0 - expected[firm] / firms.labour[firm]) ** exponent
    assert firms.sales[firm] == pytest.approx(well[firm] * ratio)
    others = np.setdiff1d(np.flatnonzero(firms.open), workers.employer[mine])
    assert firms.sales[others] == pytest.approx(well[others])


def test_the_old_are_counted_where_they_would_work() -> None:
    """Two households that differ in their elders alone: of these the yard makes twice as much."""
    model = JointPointModel(t_district(), households=400, years=1, rng=5, views=False)
    model.step()
    world, h, own = model.world, model.world.households, rule(model, "own_account")
    rows = np.flatnonzero(~h.urban & world.points.inhabited)
    world.draws = FixedDraws({f"own_account.fit{line}": 0.5 for line in range(4)})
    h.elders.fill(0)
    without = own._best_line(world, rows)
    h.elders[rows] = 2
    with_elders = own._best_line(world, rows)
    assert ((with_elders == without) | (with_elders == 2)).all()
    assert (with_elders == 2).sum() > (without == 2).sum()
    worth = []
    for line in range(4):  # by the rule of production
        h.line[rows] = line
        h.line_fit = own._fit_of_lines(world)
        own.line_price = np.ones(4)
        world.places.own_price = 1.0
        worth.append((own._factor(world) * own._labour(world) ** own.p.labour_exponent)[rows])
    best = np.argmax(worth, axis=0)
    assert (own._best_line(world, rows) == best).mean() > 0.99
