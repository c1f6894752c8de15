"""``outcomes`` and ``villages`` worked out once more from the table of households, by their definitions."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from abm.core.names import POPULATIONS
from abm.scenario.switches import Arm
from tests.worlds import Finished, finished

SWITCH_YEAR = 2019


@pytest.fixture(scope="module", params=["on", "cut"])
def run(request: pytest.FixtureRequest) -> Finished:
    """Eight years; the anchored line is the rural median of the fifth."""
    arm = Arm() if request.param == "on" else Arm(False, False, False, from_year=SWITCH_YEAR)
    return finished(arm, seed=1, households=600, years=8, hard=True)


def median(rows: pd.DataFrame) -> float:
    """Smallest income with cumulative weight of at least half."""
    rows = rows[rows.persons > 0].sort_values("per_head")
    weight = rows.persons.cumsum()
    return float(rows.per_head[weight >= 0.5 * weight.iloc[-1]].iloc[0])


def gini(rows: pd.DataFrame) -> float:
    """Half the mean absolute difference of all pairs of persons over the mean, written out."""
    x, w = rows.per_head.to_numpy(), rows.persons.to_numpy()
    differences = np.abs(x[:, None] - x[None, :])
    mean = (x * w).sum() / w.sum()
    return float((w[:, None] * w[None, :] * differences).sum() / w.sum() ** 2 / (2 * mean))


def under(rows: pd.DataFrame, line: float) -> float:
    return float(rows.persons[rows.per_head < line].sum() / rows.persons.sum())


def households(run: Finished) -> pd.DataFrame:
    table = run.tables["households"].copy()
    table["per_head"] = table.income / table.persons
    return table


def populations(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    parts = {
        "all": rows,
        "urban": rows[rows.urban],
        "rural": rows[~rows.urban],
        "registered": rows[rows.registered],
        "floating": rows[~rows.registered],
    }
    assert tuple(parts) == POPULATIONS
    return parts


MEASURES: dict[str, Callable[[pd.DataFrame], float]] = {
    "households": len,
    "persons": lambda rows: rows.persons.sum(),
    "mean_income": lambda rows: rows.income.sum() / rows.persons.sum(),
    "median_income": median,
    "gini": gini,
    "headcount_40": lambda rows: under(rows, 0.4 * median(rows)),
    "headcount_60": lambda rows: under(rows, 0.6 * median(rows)),
    "share_wage": lambda rows: rows.income_wage.sum() / rows.income.sum(),
    "share_transfer": lambda rows: rows.income_transfer.sum() / rows.income.sum(),
}


@pytest.mark.parametrize("name", MEASURES)
def test_measures_of_each_population_and_year(run: Finished, name: str) -> None:
    outcomes = run.tables["outcomes"].set_index(["year", "population"])
    for year, rows in households(run).groupby("year"):
        for population, part in populations(rows).items():
            found = outcomes.loc[(year, population), name]
            assert found == pytest.approx(MEASURES[name](part), rel=1e-9), (year, population)


@pytest.mark.parametrize("name", MEASURES)
def test_measures_of_each_village(run: Finished, name: str) -> None:
    villages = run.tables["villages"].set_index(["year", "village"])
    for (year, village), rows in households(run).groupby(["year", "village"]):
        assert villages.loc[(year, village), name] == pytest.approx(MEASURES[name](rows), rel=1e-9), (
            year,
            village,
        )


def test_anchored_lines_rest_on_the_rural_median_before_the_switch(run: Finished) -> None:
    table = households(run)
    line = median(table[(table.year == SWITCH_YEAR - 1) & ~table.urban])
    outcomes = run.tables["outcomes"].set_index(["year", "population"])
    for year, rows in table.groupby("year"):
        for population, part in populations(rows).items():
            for share in (40, 50, 60):
                found = outcomes.loc[(year, population), f"headcount_anchored_{share}"]
                assert found == pytest.approx(under(part, share / 100 * line), abs=1e-12), (
                    year,
                    population,
                    share,
                )


def test_entry_and_exit_follow_each_household(run: Finished) -> None:
    """Of those not poor last year the share that is poor now, and the other way round, by persons of this year; only
    households that had residents in the same dwelling in both years."""
    table = households(run)
    table = table[table.persons > 0]
    line = 0.6 * median(table[(table.year == SWITCH_YEAR - 1) & ~table.urban])
    outcomes = run.tables["outcomes"].set_index(["year", "population"])
    years = {
        int(year): populations(rows.set_index(["household", "generation"]))
        for year, rows in table.groupby("year")
    }
    assert outcomes.loc[2014, ["poverty_entry", "poverty_exit"]].isna().all().all()
    for year in range(2015, 2022):
        for population in POPULATIONS:
            before, now = years[year - 1][population], years[year][population]
            both = before.index.intersection(now.index)
            before, now = before.loc[both], now.loc[both]
            was, is_ = before.per_head < line, now.per_head < line
            entry = now.persons[~was & is_].sum() / now.persons[~was].sum()
            leave = now.persons[was & ~is_].sum() / now.persons[was].sum()
            found = outcomes.loc[(year, population)]
            assert found.poverty_entry == pytest.approx(entry, abs=1e-12), (year, population)
            assert found.poverty_exit == pytest.approx(leave, abs=1e-12), (year, population)


def test_the_ratio_of_urban_to_rural(run: Finished) -> None:
    for year, rows in households(run).groupby("year"):
        sides = [MEASURES["mean_income"](rows[rows.urban == urban]) for urban in (True, False)]
        assert run.district.urban_rural_ratio[year] == pytest.approx(sides[0] / sides[1], rel=1e-12)
