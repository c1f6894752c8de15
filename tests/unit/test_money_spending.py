"""What is bought in the place, who is thrifty, and how unequal savings are at the start."""

import numpy as np
import pytest

from abm.model.model import JointPointModel
from abm.scenario.parameters import values_of
from tests.worlds import t_district


def make(households: int = 600, **settings: float) -> JointPointModel:
    return JointPointModel(t_district(**settings), households=households, years=2, views=False, rng=3)


def test_a_place_buys_its_share_at_home_as_far_as_there_is_something_to_buy() -> None:
    model = make()
    for _ in range(2):
        model.step()
    world, ledger = model.world, model.world.ledger
    h, places, firms = world.households, world.places, world.enterprises
    poor = int(np.argmin(np.bincount(firms.place, weights=firms.sales, minlength=len(places))))
    firms.sales[firms.place == poor] *= 0.01  # hardly anything on offer
    shops = firms.open & (firms.sales > 0)
    sold = np.bincount(firms.place[shops], weights=firms.sales[shops], minlength=len(places))
    cash, till = ledger.yuan("household"), ledger.yuan("enterprise")
    outside = ledger.balances["outside"][0]
    next(m for m in model.mechanisms if m.name == "consumption").spending(world)
    spent = cash - ledger.yuan("household")
    assert np.allclose(spent[h.debt == 0], h.spent[h.debt == 0], atol=0.02)
    earned = ledger.yuan("enterprise") - till
    share = values_of(world.settings, "consumption").bought_here
    for place in range(len(places)):
        wanted = share * h.spent[h.place == place].sum()
        on_offer = max(sold[place] - places.public_goods[place] * world.dt, 0.0)
        here = earned[firms.place == place]
        assert here.sum() == pytest.approx(min(wanted, on_offer), abs=0.01 * len(h))
        assert places.local_sales[place] * world.dt == pytest.approx(here.sum(), abs=0.01)
        if sold[place] > 0:
            sales = np.where(shops, firms.sales, 0.0)[firms.place == place]
            assert here == pytest.approx(here.sum() * sales / sold[place], abs=0.02)
    assert (earned[firms.place == poor]).sum() < share * h.spent[h.place == poor].sum() / 2
    assert ledger.balances["outside"][0] > outside
    assert ledger.imbalance() == 0


def test_the_thrifty_save_more() -> None:
    model = make(2000)
    model.run()
    world, h = model.world, model.world.households
    thrift = -world.draws.normal("consumption.thrift", 0, h.key)
    lived_in = world.residents() > 0
    years = world.ledger.yuan("household") / np.maximum(h.expected_income, 1.0)
    top, bottom = lived_in & (thrift > 0.7), lived_in & (thrift < -0.7)
    assert np.median(years[top]) > np.median(years[bottom])


def test_savings_at_the_start_are_unequal_with_the_mean_that_was_asked_for() -> None:
    world = make(6000).world
    h = world.households
    p = values_of(world.settings, "synthesis")
    years = world.ledger.yuan("household") / h.expected_income
    logs = np.log(years)
    n = len(h)
    assert logs.std() == pytest.approx(p.savings_spread, rel=0.05)
    assert logs.mean() == pytest.approx(
        np.log(p.savings_years) - 0.5 * p.savings_spread**2, abs=5 / np.sqrt(n)
    )
    assert np.corrcoef(logs, h.standing)[0, 1] == pytest.approx(p.rank_correlation, abs=0.05)
    even = make(600, synthesis__savings_spread=0.0).world
    ratio = even.ledger.yuan("household") / even.households.expected_income
    assert ratio == pytest.approx(p.savings_years, abs=0.001)
