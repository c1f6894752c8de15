"""Dwellings over the years: who is the same household still, and what a line that comes late does to earlier years."""

import numpy as np
import pandas as pd

from abm.measures.groups import Groups
from abm.model.model import JointPointModel
from abm.records.dynamics import anchored, spells
from abm.records.panel import Panel
from abm.records.schema import ANCHORED_COLUMNS
from tests.limits.cut_down import with_places
from tests.worlds import KEY, t_district


def panel_of(*years):
    """One group; per year a text of households: a letter is the household, * means that nobody is at home."""
    panel = Panel()
    for place, (homes, incomes) in enumerate(years):
        key = np.array([ord(home.lower()) for home in homes], np.uint64)
        persons = np.array([0.0 if home.isupper() else 2.0 for home in homes])
        groups = Groups((np.zeros(len(homes)), 1))
        panel.add(2000 + place, np.array(incomes, float), persons, key, groups)
    return panel


def test_tenure_begins_anew_with_another_household_and_with_an_absence():
    panel = panel_of(("abc", [1, 1, 1]), ("abC", [1, 1, 1]), ("axc", [1, 1, 1]), ("axc", [1, 1, 1]))
    assert [year.tenure.tolist() for year in panel.years] == [[1, 1, 1], [2, 2, 0], [3, 1, 1], [4, 2, 2]]


def test_old_years_are_forgotten():
    panel = panel_of(*[("ab", [1, 2])] * 5)
    panel.keep_from(2003)
    assert [year.year for year in panel.years] == [2003, 2004]
    assert [year.year for year in panel.until(2004, 6)] == [2003, 2004]
    panel.keep_from(2099)
    assert [year.year for year in panel.years] == [2004]


def test_a_newcomer_neither_enters_nor_leaves_poverty_nor_inherits_a_spell():
    panel = panel_of(("aaab".replace("b", "d"), [10, 10, 90, 10]), ("axad", [90, 10, 90, 10]))
    spell = None
    for year in panel.years:
        spell = spells(spell, year, 60.0)
    assert spell.tolist() == [0, 1, 0, 2]
    found = anchored(panel.years, 100.0, spell)
    assert found["poverty_exit"] == [0.5]  # of the first and the last the first
    assert found["poverty_entry"] == [0.0]
    assert found["poverty_spell"] == [1.5]
    assert found["headcount_anchored_60"] == [0.5]
    assert "chronic_poverty" not in found


def test_asking_for_tables_in_between_changes_nothing():
    def run(ask):
        model = JointPointModel(t_district(), households=300, years=8, views=False, rng=2)
        while model.running:
            model.step()
            if ask and model.world.calendar.year_ends:
                model.recorder.tables(KEY)
        return {name: table.to_pandas() for name, table in model.recorder.tables(KEY).items()}

    plain, asked = run(ask=False), run(ask=True)
    for name, table in plain.items():
        pd.testing.assert_frame_equal(asked[name], table, check_exact=True)


def test_a_run_that_ends_early_rests_on_its_first_year():
    model = JointPointModel(t_district(), households=300, years=3, views=False, rng=2)
    model.run()
    table = model.recorder.tables(KEY)["outcomes"].to_pandas()
    rural = table[table.population == "rural"].set_index("year")
    assert rural.headcount_anchored_60[2014] == rural.headcount_60[2014]
    assert rural.loc[2016, [name for name in ANCHORED_COLUMNS if name.startswith("headcount")]].notna().all()


def test_without_a_line_nobody_counts_as_poor_or_as_not_poor():
    panel = panel_of(*[("aab", [10, 10, 90])] * 5)
    for median in (np.nan, 0.0, -5.0):
        spell = spells(None, panel.years[-1], 0.6 * median)
        assert anchored(panel.years, median, spell) == {}


def test_a_district_without_villages_has_no_anchored_poverty_and_no_reach():
    towns = [place.name for place in t_district().places.rows if place.kind == "community"]
    model = JointPointModel(with_places(t_district(), towns[:4]), 300, 8, views=False, rng=2)
    model.run()
    outcomes = model.recorder.tables(KEY)["outcomes"].to_pandas()
    everybody = outcomes[outcomes.population == "all"]
    assert everybody[[*ANCHORED_COLUMNS, "reach_poor"]].isna().all().all()
    assert everybody.headcount_60.gt(0).all()
