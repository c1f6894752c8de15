"""What needs earlier years, worked out once more from the table of households with the plain measures."""

import numpy as np
import pandas as pd
import pytest

from abm.core.names import INCOME_SOURCES, POPULATIONS
from abm.measures import (
    chronic_transient,
    grouped_gini,
    mean_spell,
    mobility_matrix,
    rank_correlation,
    reentry_rate,
    shorrocks_r,
)
from abm.model.model import JointPointModel
from abm.records.recorder import BURN_IN_YEARS
from abm.records.schema import ANCHORED_COLUMNS
from tests.worlds import Finished, finish, t_district

SWITCH_YEAR, FIRST, YEARS = 2019, 2014, 9


@pytest.fixture(scope="module", params=[0, 3], ids=["no burn-in", "burn-in"])
def run(request: pytest.FixtureRequest) -> Finished:
    scenario = t_district(scenario__burn_in=request.param)
    return finish(
        JointPointModel(
            scenario, households=500, years=YEARS, views=False, rng=3, snapshots=True, journal=True
        )
    )


@pytest.fixture(scope="module")
def households(run: Finished) -> pd.DataFrame:
    table = run.tables["households"]
    table = table[table.persons > 0].assign(per_head=table.income / table.persons)
    return table.set_index(["household", "generation"])


def panel_of(
    households: pd.DataFrame, year: int, count: int, population: str
) -> tuple[np.ndarray, np.ndarray]:
    """Incomes by year of those who were there in all of the last *count* years, and their persons of the last."""
    years = [households[households.year == y] for y in range(year - count + 1, year + 1)]
    last = years[-1]
    chosen = {
        "all": last.index == last.index,
        "urban": last.urban,
        "rural": ~last.urban,
        "registered": last.registered,
        "floating": ~last.registered,
    }[population]
    index = last.index[np.asarray(chosen, bool)]
    for before in years:
        index = index.intersection(before.index)
    return np.array([y.loc[index].per_head for y in years]), last.loc[index].persons.to_numpy()


def line_of(run: Finished) -> float:
    outcomes = run.tables["outcomes"].set_index(["year", "population"])
    return 0.6 * float(outcomes.loc[(SWITCH_YEAR - 1, "rural"), "median_income"])


@pytest.mark.parametrize("population", POPULATIONS)
@pytest.mark.parametrize("year", [2018, 2019, 2022])
def test_measures_of_five_years(run: Finished, households: pd.DataFrame, year: int, population: str) -> None:
    found = run.tables["outcomes"].set_index(["year", "population"]).loc[(year, population)]
    line = line_of(run)
    panel, persons = panel_of(households, year, 5, population)
    parts = chronic_transient(panel, line, persons)
    assert found.chronic_poverty == pytest.approx(parts.chronic, abs=1e-12)
    assert found.transient_poverty == pytest.approx(parts.transient, abs=1e-12)
    assert found.shorrocks_r_5 == pytest.approx(shorrocks_r(panel, persons), abs=1e-9)
    assert found.poverty_reentry == pytest.approx(reentry_rate(panel < line, persons), abs=1e-12, nan_ok=True)


@pytest.mark.parametrize("population", POPULATIONS)
@pytest.mark.parametrize(("year", "lag"), [(2016, 1), (2022, 1), (2019, 5), (2022, 5)])
def test_ranks_and_mobility(
    run: Finished, households: pd.DataFrame, year: int, lag: int, population: str
) -> None:
    panel, persons = panel_of(households, year, lag + 1, population)
    found = run.tables["outcomes"].set_index(["year", "population"]).loc[(year, population)]
    assert found[f"rank_correlation_{lag}"] == pytest.approx(
        rank_correlation(panel[0], panel[-1], persons), abs=1e-9
    )
    moves = run.tables["mobility"]
    moves = moves[(moves.year == year) & (moves.population == population) & (moves.lag == lag)]
    matrix = moves.pivot_table(index="from_fifth", columns="to_fifth", values="share", dropna=False)
    assert matrix.to_numpy() == pytest.approx(mobility_matrix(panel[0], panel[-1], persons), nan_ok=True)


def test_spells_count_back_to_the_first_year(run: Finished, households: pd.DataFrame) -> None:
    """Household by household: years in a row, from the end back, with residents and below the line."""
    if run.tables.get("burn_in") is not None:
        return  # earlier years of the spells are in no table
    line = line_of(run)
    poor = households.per_head.lt(line).groupby([households.index, households.year]).first().unstack()
    for year in (2014, 2017, 2022):
        now = households[households.year == year]
        rows = poor.loc[list(now.index), list(range(FIRST, year + 1))]
        expected = mean_spell(rows.eq(True).to_numpy(bool).T, now.persons)
        found = run.tables["outcomes"].set_index(["year", "population"]).loc[(year, "all")].poverty_spell
        assert found == pytest.approx(expected, abs=1e-12)


def test_fifths_add_up_to_the_population(run: Finished) -> None:
    outcomes = run.tables["outcomes"].set_index(["year", "population"])
    for (year, population), rows in run.tables["fifths"].groupby(["year", "population"]):
        whole = outcomes.loc[(year, population)]
        assert rows.fifth.tolist() == [1, 2, 3, 4, 5]
        assert rows.persons.sum() == pytest.approx(whole.persons)
        assert (rows.income * rows.persons).sum() / rows.persons.sum() == pytest.approx(whole.mean_income)
        assert rows.income.is_monotonic_increasing
        assert (rows.income / rows.income.sum()).to_numpy() == pytest.approx(
            [whole[f"share_fifth_{i}"] for i in range(1, 6)]
        )
        for source in INCOME_SOURCES:
            part = (rows[f"income_{source}"] * rows.persons).sum() / (rows.income * rows.persons).sum()
            assert part == pytest.approx(
                whole[f"share_{source}"], abs=0.02
            )  # households all away are not in it
        assert rows[[f"income_{source}" for source in INCOME_SOURCES]].sum(
            axis=1
        ).to_numpy() == pytest.approx(rows.income.to_numpy())


@pytest.mark.parametrize("population", POPULATIONS)
def test_fifths_are_of_households_as_offices_print_them(
    run: Finished, households: pd.DataFrame, population: str
) -> None:
    """By brute force: each household stands five times in a row, and a fifth is as many of these as there are."""
    year = 2022
    panel, persons = panel_of(households, year, 1, population)
    order = np.argsort(panel[0], kind="stable")
    income, weight = (np.repeat(values[order], 5).reshape(5, -1) for values in (panel[0] * persons, persons))
    means = income.sum(axis=1) / weight.sum(axis=1)
    rows = run.tables["fifths"].set_index(["year", "population"]).loc[(year, population)]
    assert rows.persons.to_numpy() == pytest.approx(weight.sum(axis=1) / 5)
    assert rows.income.to_numpy() == pytest.approx(means)
    found = run.tables["outcomes"].set_index(["year", "population"]).loc[(year, population)]
    assert [found[f"share_fifth_{i}"] for i in range(1, 6)] == pytest.approx(means / means.sum())
    assert found.gini_grouped == pytest.approx(grouped_gini(means))


def test_consumption_by_household_is_that_of_the_flows(run: Finished) -> None:
    world = run.model.world
    flows = run.flows[
        run.flows.kind.isin(["consumption", "care", "school_fees"]) & (run.flows.payer == "household")
    ]
    fifths = run.tables["fifths"]
    fifths = fifths[fifths.population == "all"]
    paid = flows.groupby("year").amount.sum()
    seen = (fifths.consumption * fifths.persons).groupby(fifths.year).sum()
    assert (world.ledger.consumed == 0).all()  # closed with the year
    assert seen.to_numpy() == pytest.approx(
        paid.to_numpy(), rel=0.05
    )  # those of dwellings without residents are not
    assert (seen <= paid + 1e-6).all()


def test_the_burn_in_has_a_table_of_its_own(run: Finished) -> None:
    scenario = run.model.world.scenario
    for name in ("outcomes", "villages", "fifths", "mobility", "flows", "events", "households"):
        assert run.tables[name].year.min() >= FIRST, name
    if scenario.burn_in == 0:
        assert "burn_in" not in run.tables
        assert run.tables["outcomes"].query("year == 2014").rank_correlation_1.isna().all()
        return
    table = run.tables["burn_in"]
    assert sorted(table.year.unique()) == list(range(FIRST - min(scenario.burn_in, BURN_IN_YEARS), FIRST))
    assert list(table.columns) == list(run.tables["outcomes"].columns)
    assert table.mean_income.notna().all()
    assert table[list(ANCHORED_COLUMNS)].isna().all().all()
    first = run.tables["outcomes"].query("year == 2014 and population == 'all'").iloc[0]
    assert first.notna()[["rank_correlation_1", "poverty_entry", "poverty_reentry"]].all()
    assert np.isnan(first.rank_correlation_5)  # three years are not enough


def test_memory_holds_a_few_years_only(run: Finished) -> None:
    assert len(run.model.recorder._panel.years) <= 6
