"""The change in inequality between two arms, by source and by place: hand cases, and parts that add up exactly."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abm.analysis import gini_change as sources
from abm.analysis import place_change as places
from abm.analysis.contrasts import by_arm
from abm.core.names import INCOME_SOURCES
from abm.measures import Distribution, decompose_theil_l
from tests.unit.reports_data import factorial, with_dynamics

YEARS = (2019, 2020)
FACTOR = st.floats(-2, 2, allow_nan=False)
ROW = st.lists(FACTOR, min_size=3, max_size=3)


def frame(rows):
    made = pd.DataFrame(rows, columns=list(sources.FACTORS), dtype=float)
    return made.assign(contribution=made.prod(axis=1, skipna=False))


@given(ROW, ROW)
def test_each_factor_has_its_shapley_value(new, old):
    """The average over the six orders in which the three are changed, written out."""
    by_hand = np.zeros(3)
    for order in permutations(range(3)):
        now = list(old)
        for place in order:
            before = np.prod(now)
            now[place] = new[place]
            by_hand[place] += (np.prod(now) - before) / 6
    found = sources.parts_of(frame([new]), frame([old])).iloc[0]
    assert found[list(sources.FACTORS)].to_numpy() == pytest.approx(by_hand, abs=1e-12)
    assert found[list(sources.FACTORS)].sum() == pytest.approx(found["total"], abs=1e-12)


def test_a_source_without_a_gini_is_not_divided():
    old = frame([[0.0, np.nan, 0.5]]).assign(contribution=0.01)
    found = sources.parts_of(frame([[0.1, 0.5, 0.4]]), old).iloc[0]
    assert found["undivided"] == found["total"] == pytest.approx(0.01)
    assert (found[list(sources.FACTORS)] == 0).all()


def households(seeds=3):
    """Two arms, two years: in 'none' nobody has wages."""
    rows = []
    for seed in range(seeds):
        luck = np.random.default_rng([9, seed])
        persons = luck.integers(0, 6, 60).astype(float)
        parts = luck.lognormal(8, 1, (60, 4)) * np.where(persons > 0, persons, 1)[:, None]
        parts[:, 2] -= 2000
        for arm, wage in (("OIS", 1.0), ("none", 0.3)):
            for year in YEARS:
                own = parts * [wage * (year - 2018), 1, 1, 1]
                key = {
                    "arm": arm,
                    "draw": 0,
                    "seed": seed,
                    "year": year,
                    "question": "cut",
                    "budget": "neutral",
                }
                made = pd.DataFrame(own, columns=[f"income_{s}" for s in INCOME_SOURCES])
                made["income"] = own.sum(axis=1)
                rows.append(
                    made.assign(**key, persons=persons, urban=np.arange(60) % 3 == 0, registered=True)
                )
    return pd.concat(rows, ignore_index=True)


@pytest.mark.parametrize("population", ["all", "rural"])
def test_parts_add_up_to_the_change_in_gini(population):
    rows = households()
    table = sources.gini_change(sources.household_terms(rows, YEARS, population), "OIS", "none")
    table = table.set_index(["source", "part"])
    gap = []
    for _, own in rows.groupby("seed"):
        own = own[(own["persons"] > 0) & ((population == "all") | ~own["urban"])]
        ginis = {
            key: Distribution(part["income"] / part["persons"], part["persons"]).gini
            for key, part in own.groupby(["arm", "year"])
        }
        gap.append(np.mean([ginis["OIS", year] - ginis["none", year] for year in YEARS]))
    whole = table.loc[("all", "total")]
    assert whole["mean"] == pytest.approx(np.mean(gap), abs=1e-13)
    assert whole["se"] == pytest.approx(np.std(gap, ddof=1) / np.sqrt(3), abs=1e-13)
    assert whole["n"] == 3
    mean = table["mean"]
    for source in (*INCOME_SOURCES, "all"):
        assert mean[source].drop("total").sum() == pytest.approx(mean[source, "total"], abs=1e-13)
    for part in sources.PARTS:
        assert mean.xs(part, level="part").drop("all").sum() == pytest.approx(mean["all", part], abs=1e-13)


def test_only_the_wages_own_factors_change_by_hand():
    """Two persons, 1 and 3 by wages alone, 2 and 2 without: the Gini goes from 0 to 1/4, by wages alone."""
    key = {"draw": 0, "seed": 1, "year": 2019, "question": "cut", "budget": "neutral", "persons": 1.0}
    rows = pd.DataFrame(
        [
            {**key, "arm": arm, "income_wage": wage, "income_transfer": 0.0}
            for arm, wages in (("OIS", (1.0, 3.0)), ("none", (2.0, 2.0)))
            for wage in wages
        ]
    ).assign(income_business=0.0, income_property=0.0)
    table = sources.gini_change(sources.household_terms(rows, [2019]), "OIS", "none")
    mean = table.set_index(["source", "part"])["mean"]
    assert mean["all", "total"] == mean["wage", "total"] == pytest.approx(0.25)
    assert mean["wage", "share"] == 0  # all of income in both arms
    assert mean["wage", "source_gini"] + mean["wage", "correlation"] == pytest.approx(0.25)


def test_units_without_an_arm_or_a_year_are_left_out():
    rows = households()
    gone = (rows["seed"] == 1) & (rows["arm"] == "none") & (rows["year"] == 2020)
    table = sources.gini_change(sources.household_terms(rows[~gone], YEARS), "OIS", "none")
    assert set(table["n"]) == {2}


def test_of_fifths_it_is_the_change_of_the_grouped_gini():
    results = with_dynamics(factorial(seeds=2), burn_in=False)
    terms = sources.fifth_terms(results.fifths, YEARS)
    fifths = results.fifths.query("population == 'all' and year == 2019 and arm == 'OIS' and seed == 1000")
    whole = terms.xs((0, 1000, "OIS", 2019))["contribution"].sum()
    assert whole == pytest.approx(Distribution(fifths["income"], fifths["persons"]).gini, abs=1e-12)
    table = sources.gini_change(terms, "OIS", "none")
    assert table["mean"].to_numpy() == pytest.approx(np.zeros(len(table)), abs=1e-15)


# --- places -------------------------------------------------------------------------------------------------

PLACES = 5


@given(st.integers(0, 10**6), st.booleans())
@settings(max_examples=50)
def test_the_four_parts_add_up_to_the_change_in_l(seed, emptied):
    """Against the exact decomposition of two populations of persons."""
    luck = np.random.default_rng(seed)
    groups, whole = [], []
    for arm in range(2):
        place = np.concatenate([np.arange(PLACES), luck.integers(0, PLACES, 60)])
        if emptied and arm:
            place = np.where(place == 2, 3, place)
        income = luck.lognormal(9, 0.5, place.size) * (1 + place * luck.uniform(0, 1))
        split = decompose_theil_l(income, None, place)
        whole.append(split.total)
        made = {name: np.full(PLACES, np.nan) for name in ("persons", "mean", "index")}
        made["persons"][:] = 0.0
        made["persons"][split.group] = split.population_share
        made["mean"][split.group] = split.relative_mean * income.mean()
        made["index"][split.group] = split.index
        groups.append(made)
    found = places.parts_of(*((groups[0][name], groups[1][name]) for name in ("persons", "mean", "index")))
    assert found.sum() == pytest.approx(whole[0] - whole[1], abs=1e-10)


def test_parts_by_hand():
    """Two places of equal size and no spread within, with means 1 and 1, then 1 and 3: L = ln(2/√3), all between."""
    half, none = np.array([1.0, 1.0]), np.array([0.0, 0.0])
    found = places.parts_of((half, half), (np.array([1.0, 3.0]), half), (none, none))
    assert found == pytest.approx([0, np.log(2 / np.sqrt(3)), 0, 0])
    # the same means, but nobody lives apart any more
    moved = places.parts_of((np.array([1.0, 0.0]), half), (half, half), (np.array([0.2, np.nan]), half * 0.2))
    assert moved == pytest.approx([0, 0, 0, 0])


def test_over_units_the_rest_makes_it_whole():
    results = factorial(seeds=3)
    luck = np.random.default_rng(5)
    keys = results.outcomes[results.outcomes["population"] == "all"]
    villages = pd.concat(
        [
            keys.assign(
                village=name,
                persons=100.0 + luck.integers(0, 50, len(keys)),
                mean_income=luck.lognormal(9, 0.3, len(keys)),
                theil_l=luck.uniform(0.1, 0.3, len(keys)),
            )
            for name in ("BQ", "BL", "SJ")
        ]
    )
    outcomes = results.outcomes.assign(theil_l=luck.uniform(0.1, 0.3, len(results.outcomes)))
    table = places.place_change(villages, outcomes, "OIS", "none", YEARS).set_index("part")
    values = by_arm(outcomes, "theil_l", YEARS)
    assert table.loc["total", "mean"] == pytest.approx((values["OIS"] - values["none"]).mean(), abs=1e-14)
    assert table["mean"].drop("total").sum() == pytest.approx(table.loc["total", "mean"], abs=1e-14)
    assert set(table["n"]) == {3}
    lacking = villages[(villages["seed"] != 1000) | (villages["arm"] != "none") | (villages["year"] != 2020)]
    assert set(places.place_change(lacking, outcomes, "OIS", "none", YEARS)["n"]) == {2}
