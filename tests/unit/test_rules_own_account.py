"""Lines of work, the land market and casual work: their equations on real worlds."""

import numpy as np
import pytest

from abm import JointPointModel
from abm.population.households import members
from abm.scenario.parameters import values_of
from abm.world.own_lines import LINES, TRADE
from tests.worlds import t_district


@pytest.fixture(scope="module")
def model() -> JointPointModel:
    made = JointPointModel(t_district(scenario__burn_in=0), households=800, years=4, rng=3, views=False)
    for _ in range(5):
        made.step()
    return made


def rule(model: JointPointModel, name: str):
    return next(m for m in model.mechanisms if m.name == name)


def test_towns_trade_and_villages_follow_every_line(model: JointPointModel) -> None:
    h = model.world.households
    assert (h.line[h.urban] == TRADE).all()
    shares = np.bincount(h.line[~h.urban], minlength=len(LINES)) / (~h.urban).sum()
    assert (shares > 0.05).all()


def test_a_line_that_many_follow_pays_less(model: JointPointModel) -> None:
    world = model.world
    own, h = rule(model, "own_account"), world.households
    labour = own._labour(world)
    line, price = h.line.copy(), own.line_price.copy()
    h.line[~h.urban & (h.line == 0)] = 1
    own._price(world, labour)
    assert own.line_price[1] < price[1]
    assert own.line_price[0] > price[0]
    h.line[:] = line
    own._price(world, labour)
    assert own.line_price == pytest.approx(price)


def test_who_thinks_again_takes_the_line_that_would_have_paid_best(model: JointPointModel) -> None:
    world, h = model.world, model.world.households
    own = rule(model, "own_account")
    rows = np.flatnonzero(~h.urban)
    kept, own.line_price = own.line_price, np.array([1.0, 1e6, 1.0, 1.0])
    best = own._best_line(world, rows)
    own.line_price = kept
    assert (best == 1).all()


def test_land_let_is_land_rented_and_the_market_clears(model: JointPointModel) -> None:
    world, h = model.world, model.world.households
    rows = ~h.urban & (members(h) > 0)
    by_village = world.by_place((h.land_used - h.land) * rows)
    assert by_village == pytest.approx(0.0, abs=1e-6)
    assert (h.land_used >= 0).all()
    moved = np.abs(h.land_used - h.land)[rows].sum() / 2 / h.land[rows].sum()
    assert 0.02 < moved < 0.6
    assert (world.places.rent[~world.places.urban] > 0).all()


def test_at_the_rent_marginal_products_are_equal(model: JointPointModel) -> None:
    world, h = model.world, model.world.households
    market = rule(model, "land_rental")
    rows = np.flatnonzero(~h.urban & (members(h) > 0) & (h.own_value > 0) & (h.land_used > 0.2))
    wanted = market._wanted(world, rows)
    alpha = market.of_land[h.line[rows]]
    some = alpha > 0
    norm = 0.05 * world.places.land_norm[h.place[rows]]
    used = np.maximum(h.land_used[rows], norm)
    marginal = alpha * h.own_value[rows] / used * (np.maximum(wanted, 1e-12) / used) ** (alpha - 1.0)
    rent = world.places.rent[h.place[rows]]
    assert marginal[some] == pytest.approx(rent[some], rel=1e-3)


def test_rent_paid_is_rent_received(model: JointPointModel) -> None:
    flows = model.world.ledger.flows
    assert flows[("household", "household", "land_rent", "")] > 0


def test_casual_work_takes_time_and_pays_those_for_whom_it_is_worth_it(model: JointPointModel) -> None:
    world, h = model.world, model.world.households
    casual = rule(model, "casual_work")
    takes = h.casual > 0
    assert 0.05 < takes[~h.urban].mean() < 0.8
    assert (h.casual <= casual.p.time + 1e-12).all()
    assert (h.busy[takes] >= h.casual[takes] - 1e-12).all()
    pay = casual.p.pay * world.places.wage[h.place]
    # what is worth it was asked before this tick's harvest: compare loosely
    assert np.median(pay[takes] / h.own_product[takes]) > 1.0


def test_no_more_casual_work_than_there_is(model: JointPointModel) -> None:
    world, h = model.world, model.world.households
    p = rule(model, "casual_work").p
    offered = p.places * np.exp(-p.distance * world.places.market_distance) * world.places.workers_first
    taken = world.by_place(h.own_workers * (h.casual > 0))
    assert taken.sum() < 1.15 * offered.sum()


def test_how_a_line_suits_is_the_households_own_whoever_lived_there_before() -> None:
    """After years of coming and going each household's fit is what its own draw, its place and its schooling say."""
    model = JointPointModel(t_district(), households=400, years=8, views=False, rng=3)
    world, h, p = model.world, model.world.households, rule(model, "own_account").p
    first = values_of(world.settings, "synthesis")
    while model.running:
        model.step()
        if not world.calendar.year_begins:
            continue
        town = np.flatnonzero(h.urban & world.points.inhabited)  # who all trade
        own = p.line_fit * world.draws.normal(f"own_account.fit{TRADE}", 0, h.key[town])
        own += 0.02 * (h.schooling[town] - first.schooling_urban)
        assert h.line_fit[town] == pytest.approx(own, abs=0.03)  # some have lost a worker since
    assert (h.generation[town] > 0).sum() > 10
