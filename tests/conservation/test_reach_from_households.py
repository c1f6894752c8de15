"""The reach of interest joint-points among the poor, worked out once more from households and payments."""

import numpy as np
import pandas as pd
import pytest

from abm.model.model import JointPointModel
from abm.scenario.switches import Arm
from tests.conservation.test_gains_from_households import parts_of_fifths
from tests.worlds import HARD_TIMES, Finished, finish, t_district

SWITCH, YEARS = 2018, 7


@pytest.fixture(scope="module")
def run() -> tuple[Finished, dict[int, np.ndarray]]:
    """A run in which little counts as paid, and what interest joint-points paid each household by year, yuan."""
    scenario = t_district(**HARD_TIMES, scenario__switch_year=SWITCH)
    model = JointPointModel(scenario, households=500, years=YEARS, views=False, rng=3, snapshots=True)
    paid: dict[int, np.ndarray] = {}
    measure = model.recorder.year_end

    def year_end() -> None:
        paid[model.world.year] = model.world.ledger.received[1] / 100.0
        measure()

    model.recorder.year_end = year_end  # type: ignore[method-assign]
    return finish(model), paid


def share(now: pd.DataFrame, start: pd.DataFrame, line: float) -> float:
    parts = parts_of_fifths(start)
    now = now.join((parts[1] + parts[2]).rename("poor"), how="inner")
    weight = now.persons * now.poor
    reached = (now.paid > 0) & (now.paid / now.persons >= 0.01 * line)
    return float((weight * reached).sum() / weight.sum()) if weight.sum() else np.nan


@pytest.mark.parametrize("year", [2015, SWITCH - 1, SWITCH, 2020])
def test_reach_is_among_those_who_were_poor_before_the_switch(run, year: int) -> None:
    finished, paid = run
    table = finished.tables["households"]
    table = table[table.persons > 0].assign(per_head=table.income / table.persons)
    now = table[table.year == year]
    now = now.assign(paid=paid[year][now.household]).set_index(["household", "generation"])
    start = table[table.year == min(year, SWITCH - 1)].set_index(["household", "generation"])
    outcomes = finished.tables["outcomes"].set_index(["population", "year"])
    line = 0.6 * outcomes.median_income["rural", min(year, SWITCH - 1)]
    assert (now.paid > 0).any()
    small = (now.paid / now.persons).between(0, 0.01 * line, inclusive="neither")
    assert year < 2020 or small.any(), "some get next to nothing, which does not count"

    def of(people: pd.Series | slice, among: pd.DataFrame) -> float:
        return share(now[people], among, line)

    country, town = start[~start.urban], start[start.urban]
    expected = {
        "all": of(slice(None), start),
        "rural": of(~now.urban, country),
        "urban": of(now.urban, town),
        "registered": of(now.registered, start),
        "floating": of(~now.registered, start),
    }
    for population, value in expected.items():
        assert outcomes.reach_poor[population, year] == pytest.approx(value, nan_ok=True), population
    villages = finished.tables["villages"].set_index(["village", "year"]).reach_poor
    for village in ("BQ", "SJ"):
        assert villages[village, year] == pytest.approx(of(now.village == village, country), nan_ok=True)
    assert year < 2020 or 0 < expected["all"] < 1


def test_an_arm_does_not_choose_by_its_results_whom_it_is_judged_by() -> None:
    """Without any layer other people are poor; who is looked at stays the same until they move or die."""
    found = []
    for arm in (Arm(from_year=SWITCH), Arm(False, True, False, from_year=SWITCH)):
        scenario = t_district(**HARD_TIMES, scenario__switch_year=SWITCH)
        model = JointPointModel(
            scenario, households=300, years=SWITCH - 2014 + 1, views=False, rng=3, arm=arm
        )
        finish(model)
        start = model.recorder._start
        assert start is not None
        assert start.year == SWITCH - 1
        found.append(start.poorest_two(True))
    assert np.array_equal(*found)
    assert found[0].sum() > 0
