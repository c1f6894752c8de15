"""A mechanism that is listed and does nothing changes no row of the results, wherever it stands in the list."""

import pandas as pd
import pytest

from abm.core.phases import PHASE_NAMES
from abm.laws.idle import Idle
from abm.model.model import JointPointModel
from abm.model.plan import load_scenario
from tests.worlds import SIZE, finish, finished, t_district

LISTED = t_district().scenario.mechanisms


@pytest.mark.parametrize("place", [0, len(LISTED) // 2, len(LISTED)])
def test_an_idle_mechanism_changes_no_row(place: int) -> None:
    listed = [*LISTED[:place], "abm.laws.idle:Idle", *LISTED[place:]]
    scenario = load_scenario(
        "t_district", {"scenario.mechanisms": listed, "scenario.burn_in": 0, "idle.rate": 0.7}
    )
    Idle.called.clear()
    with_idle = finish(JointPointModel(scenario, **SIZE, views=False, rng=7, snapshots=True))
    assert Idle.called == set(PHASE_NAMES)
    assert with_idle.model.world.households.idle_luck.max() > 0.6
    for name, table in finished().tables.items():
        pd.testing.assert_frame_equal(with_idle.tables[name], table, check_exact=True)


def test_views_change_no_row() -> None:
    seen = finish(JointPointModel(t_district(), **SIZE, views=True, rng=7, snapshots=True))
    for name, table in finished().tables.items():
        pd.testing.assert_frame_equal(seen.tables[name], table, check_exact=True)
