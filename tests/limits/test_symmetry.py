"""Nothing hangs on names or on the order of a list: swapping two villages' names swaps their rows, and places may
stand in the file in any order."""

import numpy as np
import pandas as pd
import pytest

from abm.laws.symmetry import with_names, with_places
from abm.model.model import JointPointModel
from abm.scenario.schema import Scenario
from abm.scenario.switches import ALL_ON, Arm
from tests.worlds import HARD_TIMES, Finished, finish, t_district

YEARS = 8
HALF = Arm(0.5, 0.6, 0.7, from_year=2019)
"""Masks that thin, so that the draws of single links count."""


def run(scenario: Scenario, arm: Arm, households: int = 500, years: int = YEARS) -> Finished:
    model = JointPointModel(
        scenario, households=households, years=years, views=False, rng=3, arm=arm, snapshots=True
    )
    return finish(model)


def renamed(table: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    """The table with other names of villages, sorted anew."""
    table = table.assign(village=table.village.replace(names))
    keys = [name for name in ("year", "tick", "household", "village", "event", "detail") if name in table]
    return table.sort_values(keys, ignore_index=True)


@pytest.mark.parametrize("arm", [ALL_ON, HALF], ids=lambda arm: arm.name)
@pytest.mark.parametrize(("a", "b"), [("BQ", "SJ"), ("V04", "V05"), ("C01", "C02")])
def test_swapping_two_names_swaps_their_rows(a: str, b: str, arm: Arm) -> None:
    """To the last bit. The plan and the programmes follow the names, so a name is all that changes."""
    scenario = t_district(**HARD_TIMES)
    name = {a: b, b: a}
    plain, other = run(scenario, arm), run(with_names(scenario, name), arm)
    for table in ("villages", "events", "households"):
        expected, found = renamed(plain.tables[table], name), renamed(other.tables[table], {})
        pd.testing.assert_frame_equal(found, expected, check_exact=True)
    for table in ("outcomes", "flows"):
        pd.testing.assert_frame_equal(other.tables[table], plain.tables[table], check_exact=True)
    mine = plain.tables["villages"].set_index("village").mean_income
    assert not np.array_equal(mine[a], mine[b])  # they are different places


@pytest.mark.parametrize("arm", [ALL_ON, HALF], ids=lambda arm: arm.name)
def test_the_order_of_places_in_the_file_does_not_matter(arm: Arm) -> None:
    """To the last bit, too: the world puts places into the order of their ids."""
    scenario = t_district(**HARD_TIMES)
    order = np.random.default_rng(5).permutation(len(scenario.places.rows))
    shuffled = with_places(scenario, tuple(scenario.places.rows[i] for i in order))
    plain, other = run(scenario, arm, 2300, 6), run(shuffled, arm, 2300, 6)  # all 45 places
    for table, rows in plain.tables.items():
        pd.testing.assert_frame_equal(other.tables[table], rows, check_exact=True)


def test_chinese_names_and_titles_are_labels() -> None:
    scenario = t_district(**HARD_TIMES, scenario__title="another", scenario__title_zh="另一个")
    rows = tuple(p.model_copy(update={"name_zh": f"甲{p.id}"}) for p in scenario.places.rows)
    plain, other = run(t_district(**HARD_TIMES), ALL_ON), run(with_places(scenario, rows), ALL_ON)
    for table, expected in plain.tables.items():
        pd.testing.assert_frame_equal(other.tables[table], expected, check_exact=True)
