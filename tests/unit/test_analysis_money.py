"""Flows per head, and the flows that an effect on mean income is made of."""

import pandas as pd
import pytest
from scipy import stats

from abm.analysis import money
from abm.analysis.contrasts import by_arm, difference
from abm.core.names import LAYERS
from tests.unit.reports_data import factorial

YEARS = range(2022, 2027)
SHARE = ("enterprise", "household", "profit_share", "interest")


@pytest.fixture(scope="module")
def results():
    return factorial(seeds=4)


@pytest.fixture(scope="module")
def wide(results):
    return money.per_head(results.flows, results.outcomes, YEARS)


def test_per_head_and_year(results, wide):
    assert wide.index.names == ["draw", "seed", "arm"]
    assert len(wide) == 4 * 8
    assert wide[SHARE].groupby("arm").mean().to_dict() == pytest.approx(
        {"OIS": 90, "OI": 90, "IS": 90, "I": 90, "OS": 0, "O": 0, "S": 0, "none": 0}
    )


def test_persons_of_each_year_are_the_divisor(results):
    outcomes = results.outcomes.copy()
    outcomes.loc[outcomes.year == 2026, "persons"] *= 2
    halved = money.per_head(results.flows, outcomes, [2025, 2026])[SHARE].xs("OIS", level="arm")
    assert halved.to_numpy() == pytest.approx((90 + 45) / 2)


def test_a_run_without_any_flow_counts_as_zero(results):
    flows = results.flows[results.flows.arm != "none"]
    wide = money.per_head(flows, results.outcomes, YEARS)
    assert (wide.xs("none", level="arm") == 0).all(axis=None)


def test_income_flows_add_up_to_mean_income(results, wide):
    total = money.income(wide).sum(axis=1).unstack("arm")
    means = by_arm(results.outcomes, "mean_income", YEARS)
    pd.testing.assert_frame_equal(total[means.columns], means, rtol=1e-12, check_names=False)


def test_parts_of_mean_income_add_up_where_households_are_left_out(results, wide):
    parts = money.mean_income_parts(wide, results.outcomes, YEARS)
    assert (parts[(money.LEFT_OUT, "")] == 0).all(), "here every household has residents"
    fewer = results.outcomes.assign(mean_income=results.outcomes.mean_income * 0.98)
    parts = money.mean_income_parts(wide, fewer, YEARS)
    means = by_arm(fewer, "mean_income", YEARS)
    pd.testing.assert_frame_equal(
        parts.sum(axis=1).unstack("arm")[means.columns], means, rtol=1e-12, check_names=False
    )
    assert (parts[(money.LEFT_OUT, "")] < -100).all()


def test_what_households_pay_of_their_income_is_subtracted():
    columns = pd.MultiIndex.from_tuples(
        [
            ("enterprise", "household", "local_wage", ""),
            ("household", "outside", "own_account_costs", ""),
            ("household", "household", "kin_help", "background"),
            ("household", "bank", "loan_interest", ""),
            ("household", "outside", "consumption", ""),
            ("bank", "household", "loan", ""),
            ("outside", "household", "a_kind_of_an_own_mechanism", ""),
        ],
        names=money.FLOW,
    )
    index = pd.MultiIndex.from_tuples([(0, 1, "OIS")], names=money.RUN)
    wide = pd.DataFrame([[100.0, 30.0, 7.0, 5.0, 60.0, 20.0, 9.0]], index=index, columns=columns)
    income = money.income(wide)
    # help among kin is both received and paid, so it cancels; spending, credit, the unknown are no income
    assert money.by_kind(income).iloc[0].to_dict() == {
        ("loan_interest", ""): -5.0,
        ("local_wage", ""): 100.0,
        ("own_account_costs", ""): -30.0,
    }


def test_differences_are_those_of_mean_income_and_paired(results, wide):
    table = money.layer_differences(money.by_kind(money.income(wide)))
    means = by_arm(results.outcomes, "mean_income", YEARS)
    for layer, off in zip(LAYERS, ("IS", "OS", "OI"), strict=True):
        rows = table[table["cut"] == layer]
        assert rows["mean"].sum() == pytest.approx(difference(means, "OIS", off).mean, rel=1e-9, abs=1e-9)
    kinds = table[table["cut"] == "interest"].set_index(["kind", "layer"])
    assert kinds.loc[("profit_share", "interest"), "mean"] == pytest.approx(90)
    wages = wide[("enterprise", "household", "local_wage", "")].unstack("arm")
    gap = wages["OIS"] - wages["OS"]
    low, high = stats.t.interval(0.95, 3, loc=gap.mean(), scale=stats.sem(gap))
    row = kinds.loc[("local_wage", "")]
    assert (row["low"], row["high"]) == pytest.approx((low, high))


def test_arm_means_have_intervals_over_seeds_and_none_for_one_seed(results, wide):
    table = money.arm_means(wide)
    assert set(table.columns) == {*money.FLOW, "arm", "mean", "se", "low", "high", "n"}
    assert (table["n"] == 4).all()
    single = factorial(seeds=1)
    table = money.arm_means(money.per_head(single.flows, single.outcomes, YEARS))
    assert table["mean"].notna().all()
    assert table["low"].isna().all()


def test_differences_need_both_arms():
    results = factorial(seeds=2, arms=("OIS", "IS"))
    wide = money.per_head(results.flows, results.outcomes, YEARS)
    assert set(money.layer_differences(wide)["cut"]) == {"organizational"}
    alone = money.per_head(*(x[x.arm == "OIS"] for x in (results.flows, results.outcomes)), YEARS)
    assert money.layer_differences(alone).empty
