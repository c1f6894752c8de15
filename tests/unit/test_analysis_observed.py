"""From runs to one number per point and seed."""

import numpy as np
import pandas as pd
import pytest

from abm.analysis.observed import averaged, observed
from tests.unit.points_data import YEARS, outcomes_of

VALUES = np.array([[1.0, 2.0, 4.0], [3.0, 5.0, 8.0]])


def test_years_are_averaged_and_seeds_stand_side_by_side():
    found = observed(*outcomes_of(VALUES), "gini", YEARS)
    assert found.to_numpy() == pytest.approx(VALUES)
    assert found.attrs["common"]
    assert averaged(found).tolist() == pytest.approx([7 / 3, 16 / 3])
    rural = observed(*outcomes_of(VALUES), "gini", YEARS, "rural")
    assert rural.to_numpy() == pytest.approx(10 * VALUES)


def test_seeds_of_their_own_are_only_numbered():
    found = observed(*outcomes_of(VALUES, common=False), "gini", YEARS)
    assert found.to_numpy() == pytest.approx(VALUES)
    assert not found.attrs["common"]


def test_a_slot_keeps_its_place_where_a_run_failed():
    rows, points = outcomes_of(VALUES, common=False)
    points["slot"] = [0, 1, 2] * 2
    found = observed(rows[rows["run_id"] != "OIS-1-0"], points, "gini", YEARS)
    assert np.isnan(found.to_numpy()).tolist() == [[False] * 3, [True, False, False]]
    assert found.loc[1, 1] == 5
    assert found.attrs["seeds"][1, 2] == 1102


def test_common_seeds_of_which_each_point_lacks_another_are_common_still():
    rows, points = outcomes_of(VALUES)
    points["slot"] = [0, 1, 2] * 2
    lacking = rows[~rows["run_id"].isin(["OIS-0-0", "OIS-1-1"])]
    found = observed(lacking, points, "gini", YEARS)
    assert found.attrs["common"]
    assert np.isnan(found.to_numpy()).tolist() == [[True, False, False], [False, True, False]]


def test_a_run_that_failed_or_lacks_a_year_is_a_gap():
    rows, points = outcomes_of(VALUES)
    rows = rows[(rows["run_id"] != "OIS-0-1") & ((rows["run_id"] != "OIS-1-2") | (rows["year"] != 2020))]
    found = observed(rows, points, "gini", YEARS)
    assert np.isnan(found.to_numpy()).tolist() == [[False, True, False], [False, False, True]]
    assert found.attrs["common"]
    assert averaged(found).isna().all()
    gone = rows[~rows["run_id"].str.startswith("OIS-0")]
    assert observed(gone, points, "gini", YEARS).isna().all(axis=1).tolist() == [True, False]


def test_an_effect_is_formed_within_seeds():
    on, points = outcomes_of(VALUES)
    off, more = outcomes_of(VALUES * 0.5, arm="OS")
    both, points = pd.concat([on, off]), pd.concat([points, more])
    found = observed(both, points, "gini", YEARS, weights={"OIS": 1.0, "OS": -1.0})
    assert found.to_numpy() == pytest.approx(VALUES / 2)
    lacking = both[both["run_id"] != "OS-1-0"]
    found = observed(lacking, points, "gini", YEARS, weights={"OIS": 1.0, "OS": -1.0})
    assert np.isnan(found.to_numpy()).sum() == 1
    with pytest.raises(ValueError, match="several arms"):
        observed(both, points, "gini", YEARS)


@pytest.mark.parametrize("common", [True, False])
def test_beside_draws_the_own_values_speak_alone(common):
    """They are draw 0; without it the draws are all there is."""
    parts = [outcomes_of(VALUES + 100 * draw, draw=draw, common=common) for draw in (0, 1)]
    rows, points = (
        pd.concat([parts[0][0], parts[1][0].assign(run_id=lambda f: "d" + f["run_id"])]),
        parts[0][1],
    )
    both = pd.concat([points, points.assign(run_id="d" + points["run_id"])])
    assert observed(rows, both, "gini", YEARS).to_numpy() == pytest.approx(VALUES)
    drawn = rows[rows["draw"] > 0]
    assert observed(drawn, both, "gini", YEARS).to_numpy() == pytest.approx(VALUES + 100)


def test_two_runs_of_one_point_on_one_seed_are_refused():
    rows, points = outcomes_of(VALUES)
    points.loc[points["run_id"] == "OIS-1-0", "point"] = 0
    with pytest.raises(ValueError, match="two runs"):
        observed(rows, points, "gini", YEARS)
    more = pd.concat([rows, rows.assign(run_id=rows["run_id"] + "w", budget="withheld")])
    both = pd.concat([points, points.assign(run_id=points["run_id"] + "w")])
    with pytest.raises(ValueError, match="mixes questions or budgets"):
        observed(more, both, "gini", YEARS)


def test_a_run_may_serve_two_points():
    rows, points = outcomes_of(VALUES)
    again = points[points["point"] == 0].assign(point=2)
    found = observed(rows, pd.concat([points, again]), "gini", YEARS)
    assert found.to_numpy() == pytest.approx(np.vstack([VALUES, VALUES[:1]]))
