"""Changes in inequality between two real runs, by source and by place, add up to the change in their outcomes."""

import pandas as pd
import pytest

from abm.analysis import gini_change as sources
from abm.analysis import place_change as places
from abm.core.names import INCOME_SOURCES
from abm.measures import decompose_theil_l
from abm.scenario.switches import Arm
from tests.worlds import finished

SWITCH_YEAR = 2019
YEARS = (2019, 2020, 2021)


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    """All on and all cut, with the columns that tell them apart; the worlds of ``test_outcomes_from_households``."""
    arms = {"OIS": Arm(), "none": Arm(False, False, False, from_year=SWITCH_YEAR)}
    parts: dict[str, list[pd.DataFrame]] = {"outcomes": [], "villages": [], "households": []}
    for name, arm in arms.items():
        run = finished(arm, seed=1, households=600, years=8, hard=True)
        key = {"arm": name, "draw": 0, "seed": 1, "question": "cut", "budget": "neutral"}
        for table, found in parts.items():
            found.append(run.tables[table].assign(**key))
    return {name: pd.concat(found, ignore_index=True) for name, found in parts.items()}


def change(tables: dict[str, pd.DataFrame], measure: str, population: str) -> float:
    rows = tables["outcomes"]
    rows = rows[(rows["population"] == population) & rows["year"].isin(YEARS)]
    means = rows.groupby("arm")[measure].mean()
    return float(means["OIS"] - means["none"])


@pytest.mark.parametrize("population", ["all", "urban", "rural", "registered", "floating"])
def test_sources_add_up_to_the_change_in_gini(tables: dict[str, pd.DataFrame], population: str) -> None:
    terms = sources.household_terms(tables["households"], YEARS, population)
    found = sources.gini_change(terms, "OIS", "none").set_index(["source", "part"])["mean"]
    whole = change(tables, "gini", population)
    assert found["all", "total"] == pytest.approx(whole, abs=1e-12)
    parts = found.drop("all", level="source").drop("total", level="part")
    assert parts.sum() == pytest.approx(whole, abs=1e-12)
    assert whole != 0 or population == "floating"
    assert found[list(INCOME_SOURCES)].abs().sum() > 0


def test_places_add_up_to_the_change_in_l(tables: dict[str, pd.DataFrame]) -> None:
    found = places.place_change(tables["villages"], tables["outcomes"], "OIS", "none", YEARS)
    mean = found.set_index("part")["mean"]
    whole = change(tables, "theil_l", "all")
    assert mean["total"] == pytest.approx(whole, abs=1e-12)
    assert mean.drop("total").sum() == pytest.approx(whole, abs=1e-12)
    # what floors leave is small beside the parts
    assert abs(mean["rest"]) < 0.2 * mean[["within", "between"]].abs().sum()


def test_with_households_nothing_is_left(tables: dict[str, pd.DataFrame]) -> None:
    villages = places.household_places(tables["households"], YEARS)
    found = places.place_change(villages, tables["outcomes"], "OIS", "none", YEARS)
    mean = found.set_index("part")["mean"]
    assert mean["rest"] == pytest.approx(0, abs=1e-12)
    assert mean["total"] == pytest.approx(change(tables, "theil_l", "all"), abs=1e-12)
    rows = tables["households"]
    rows = rows[(rows["persons"] > 0) & rows["year"].isin(YEARS)]
    within = {"OIS": 0.0, "none": 0.0}
    for (arm, _), own in rows.groupby(["arm", "year"]):
        codes = pd.factorize(own["village"])[0]
        within[str(arm)] += decompose_theil_l(own["income"] / own["persons"], own["persons"], codes).within
    by_hand = (within["OIS"] - within["none"]) / len(YEARS)
    assert mean["within"] + mean["composition_within"] == pytest.approx(by_hand, abs=1e-12)
