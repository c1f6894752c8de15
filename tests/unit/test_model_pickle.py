"""A model pickled in mid-run goes on as if nothing had happened."""

import copy
import pickle

import pandas as pd
import pytest

from abm.model.model import JointPointModel
from abm.scenario.switches import Arm
from tests.worlds import Finished, finish, t_district

ARM = Arm(organizational=0.5, social=False, from_year=2019)


def fresh(*, views: bool = False) -> JointPointModel:
    return JointPointModel(t_district(), households=300, years=7, views=views, rng=5, arm=ARM, snapshots=True)


@pytest.fixture(scope="module")
def uninterrupted() -> Finished:
    return finish(fresh())


def same(a: Finished, b: Finished) -> None:
    for name, table in a.tables.items():
        pd.testing.assert_frame_equal(b.tables[name], table, check_exact=True)
    collected = [f.model.datacollector.get_model_vars_dataframe() for f in (a, b)]
    pd.testing.assert_frame_equal(*collected, check_exact=True)


@pytest.mark.parametrize("ticks", [0, 1, 9, 20, 27])
def test_a_run_that_was_pickled_equals_one_that_was_not(ticks: int, uninterrupted: Finished) -> None:
    """To the last bit: before the first tick, in mid-year, at a year-end, at the switch, near the end."""
    model = fresh()
    for _ in range(ticks):
        model.step()
    same(uninterrupted, finish(pickle.loads(pickle.dumps(model))))


def test_pickled_again_and_again(uninterrupted: Finished) -> None:
    model = fresh()
    while model.running:
        model = pickle.loads(pickle.dumps(model))
        for _ in range(5):
            model.step()
    same(uninterrupted, finish(model))


def test_with_views_too(uninterrupted: Finished) -> None:
    model = fresh(views=True)
    for _ in range(10):
        model.step()
    same(uninterrupted, finish(pickle.loads(pickle.dumps(model))))


def test_the_original_goes_on_as_well(uninterrupted: Finished) -> None:
    model = fresh()
    for _ in range(13):
        model.step()
    twin = copy.deepcopy(model)
    twin.run()
    assert model.world.tick == 12
    same(uninterrupted, finish(model))
    same(uninterrupted, finish(twin))


def test_the_twin_shares_nothing_with_the_original() -> None:
    model = fresh()
    for _ in range(21):
        model.step()
    twin = pickle.loads(pickle.dumps(model))
    assert twin.graph is not model.graph
    agents = {id(data["agent"]) for _, data in model.graph.nodes(data=True)}
    assert agents.isdisjoint(id(data["agent"]) for _, data in twin.graph.nodes(data=True))
    inside = {id(agent) for agent in twin.agents}
    assert all(
        id(data["agent"]) in inside
        for name, data in twin.graph.nodes(data=True)
        if name != "station:district"
    )
    twin.switch(layer="interest")
    assert len(model.world.switches) == len(twin.world.switches) - 1
