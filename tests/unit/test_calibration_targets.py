"""Targets: what can be asked, and complaints that name file, row and mend before anything runs."""

import numpy as np
import pytest

from abm.analysis.moments import MEASURES, Observed, measured
from abm.analysis.targets import misses, read_targets, targets_file, used_for, values_in, years_for
from abm.core.errors import InputError
from abm.model.plan import load_scenario
from abm.runs.simulate import simulate
from tests.unit.calibration_data import GOOD_ROW, write_targets
from tests.worlds import t_district


@pytest.mark.parametrize(
    ("column", "value", "key", "says"),
    [
        ("measure", "mean_incme", "mean.measure", "did you mean 'mean_income'?"),
        ("population", "countryside", "mean.population", "use one of"),
        ("year", "2013", "mean.year", "from 2014 to"),
        ("year", "2090", "mean.year", "from 2014 to"),
        ("year", "2015.5", "mean.year", "from 2014 to"),
        ("value", "nan", "mean.value", "no number"),
        ("value", "many", "mean.value", "no number"),
        ("tolerance", "0", "mean.tolerance", "give more than 0"),
        ("tolerance", "-5", "mean.tolerance", "give more than 0"),
        ("tolerance", "inf", "mean.tolerance", "no number"),
        ("unit", "dollars", "mean.unit", "yuan"),
        ("status", "guessed", "mean.status", "there is no status"),
        ("status", "recalled", "mean.use", "recalled figure is no target"),
        ("use", "maybe", "mean.use", "use one of"),
        ("source", "", "mean.source", "say where"),
        ("id", "", "line 2.id", "give the row an id"),
    ],
)
def test_a_wrong_row_is_named(tmp_path, column, value, key, says):
    path = write_targets(tmp_path / "aims.csv", {**GOOD_ROW, column: value})
    with pytest.raises(InputError, match=says.replace("?", r"\?")) as caught:
        read_targets(path, t_district())
    assert caught.value.file == path
    assert caught.value.key == key
    assert caught.value.mend


@pytest.mark.parametrize(
    ("measure", "unit", "value"),
    [
        ("share_wage", "share", "1.2"),
        ("gini", "index", "-0.1"),
        ("gini", "index", "32"),
        ("transfer_share_fifth_1", "share", "-0.2"),
        ("gini_drift", "index", "3"),
    ],
)
def test_a_value_that_cannot_be_is_refused(tmp_path, measure, unit, value):
    row = {**GOOD_ROW, "measure": measure, "unit": unit, "value": value, "tolerance": "0.1", "year": "2034"}
    with pytest.raises(InputError, match=f"cannot be a {measure}") as caught:
        read_targets(write_targets(tmp_path / "aims.csv", row), t_district())
    assert caught.value.key == "mean.value"


def test_ids_columns_and_files_are_checked(tmp_path):
    with pytest.raises(InputError, match="stands twice"):
        read_targets(write_targets(tmp_path / "twice.csv", GOOD_ROW, GOOD_ROW), t_district())
    (tmp_path / "bare.csv").write_text("id,year\na,2015\n", encoding="utf-8")
    with pytest.raises(InputError, match="population: the column is missing"):
        read_targets(tmp_path / "bare.csv", t_district())
    with pytest.raises(InputError, match="cannot be read"):
        read_targets(tmp_path / "none.csv", t_district())
    path = write_targets(tmp_path / "fit.csv", GOOD_ROW)
    targets = read_targets(path, t_district())
    with pytest.raises(InputError, match="use = check"):
        used_for("check", targets, path)


def test_a_population_that_the_scenario_lacks_is_refused(tmp_path):
    scenario = t_district()
    nobody = scenario.model_copy(
        update={"district": scenario.district.model_copy(update={"floating_people": 0})}
    )
    path = write_targets(tmp_path / "aims.csv", {**GOOD_ROW, "population": "floating"})
    assert read_targets(path, scenario)
    with pytest.raises(InputError, match="t_district has no floating people"):
        read_targets(path, nobody)


def test_a_measure_that_looks_back_needs_its_years(tmp_path):
    row = {**GOOD_ROW, "measure": "gini_drift", "unit": "index", "value": "0", "tolerance": "0.01"}
    assert read_targets(write_targets(tmp_path / "a.csv", {**row, "year": "2033"}), t_district())
    with pytest.raises(InputError, match="from 2033 to 2035"):
        read_targets(write_targets(tmp_path / "b.csv", {**row, "year": "2032"}), t_district())


def test_a_measure_of_the_district_needs_the_population_all(tmp_path):
    row = {**GOOD_ROW, "measure": "urban_rural_ratio", "unit": "ratio", "value": "2", "tolerance": "0.1"}
    with pytest.raises(InputError, match="of all together"):
        read_targets(write_targets(tmp_path / "a.csv", row), t_district())


def test_the_shipped_targets_are_sound_and_hold_nothing_recalled():
    scenario = load_scenario("t_district")
    targets = read_targets(targets_file(scenario), scenario)
    assert [t.id for t in targets if t.use == "none"] == ["mean_all"]  # it follows from others
    assert {t.population for t in targets if t.note == "all households of Sanming"} == {"all"}
    assert all(t.status != "recalled" for t in targets)
    by_id = {t.id: t for t in targets}
    assert sum(by_id[f"share_fifth_{k}"].value for k in range(1, 6)) == pytest.approx(1.0, abs=2e-4)
    assert by_id["gini_grouped"].value == pytest.approx(0.329, abs=0.001)
    assert by_id["mean_rural"].value == 20082
    assert years_for([t for t in targets if t.id.startswith("growth")], scenario) == 8


def test_derived_measures_are_what_the_tables_say(tmp_path):
    scenario = t_district(scenario__burn_in=0)
    tables = simulate(scenario, households=300, years=2, seed=4, cache=False)
    outcomes = tables.outcomes[tables.outcomes.population == "rural"].set_index("year")
    observed = Observed(tables, scenario)
    row = outcomes.loc[2015]
    assert measured(observed, "gini", "rural", 2015) == row.gini
    assert measured(observed, "median_over_mean", "rural", 2015) == row.median_income / row.mean_income
    real = row.mean_income / outcomes.loc[2014].mean_income
    assert measured(observed, "growth_nominal", "rural", 2015) == pytest.approx(real * 1.014 - 1.0)
    sources = ("wage", "business", "property", "transfer")
    parts = [measured(observed, f"{source}_share_fifth_1", "rural", 2015) for source in sources]
    assert sum(parts) == pytest.approx(1.0)
    assert measured(observed, "village_ratio_10", "rural", 2015) > 1.0
    assert np.isnan(measured(observed, "gini", "rural", 2016))
    targets = read_targets(write_targets(tmp_path / "aims.csv", GOOD_ROW), scenario)
    values = values_in(tables, scenario, targets)
    assert values[0] == row.mean_income
    assert misses(values, targets)[0] == pytest.approx((row.mean_income - 18000) / 500)
    assert targets[0].met(18500.0)
    assert not targets[0].met(18501.0)


def test_every_measure_has_a_meaning_and_room_for_values():
    for name, measure in MEASURES.items():
        assert measure.meaning, name
        assert measure.low < measure.high, name
