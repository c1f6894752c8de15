"""Sums over the households of each place."""

import numpy as np
import pytest

from abm.model.model import JointPointModel
from abm.world.world import World
from tests.worlds import t_district


@pytest.fixture(scope="module")
def world() -> World:
    return JointPointModel(t_district(), households=200, years=1, views=False, rng=1).world


@pytest.mark.parametrize("dtype", [np.bool_, np.int16, np.int64, np.float64])
def test_places_get_what_their_households_have(world: World, dtype: type) -> None:
    values = (np.arange(len(world.households)) % 7).astype(dtype)
    sums = world.by_place(values)
    for row in range(len(world.places)):
        assert sums[row] == values[world.households.place == row].sum()
    assert sums.dtype == np.float64


@pytest.mark.parametrize("count", [199, 201])
def test_a_number_for_each_household_is_asked_for(world: World, count: int) -> None:
    with pytest.raises(ValueError, match=f"{count},. numbers for 200 households"):
        world.by_place(np.ones(count, bool))
