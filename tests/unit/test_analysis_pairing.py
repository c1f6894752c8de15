"""What pairing does for an interval: by hand, and against what was put in."""

from math import inf, isnan, sqrt

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from abm.analysis.contrasts import by_arm, difference_weights, half_width
from abm.analysis.pairing import pairing, pairing_table
from tests.unit.reports_data import factorial

GAP = difference_weights("OIS", "none")


def values(on, off):
    return pd.DataFrame({"OIS": on, "none": off}, dtype=float)


def test_by_hand():
    found = pairing(values([1, 2, 3], [1, 1, 3]), GAP)
    # variances 1 and 4/3; differences 0, 1, 0 with variance 1/3
    assert found.variance_ratio == pytest.approx((1 + 4 / 3) / (1 / 3))
    paired = 2 * stats.t.ppf(0.975, 2) * sqrt(1 / 9)
    assert found.estimate.high - found.estimate.low == pytest.approx(paired)
    apart = found.estimate.unpaired_high - found.estimate.unpaired_low
    assert found.narrowing == pytest.approx(apart / paired)


def test_the_ratio_is_what_correlation_makes_it():
    """Equal variances and correlation r: the variance of a difference shrinks by 1 − r."""
    luck = np.random.default_rng(4)
    common, own = luck.normal(0, 1, 4000), luck.normal(0, 1, (2, 4000))
    on, off = sqrt(0.9) * common + sqrt(0.1) * own
    found = pairing(values(on, off), GAP)
    assert found.variance_ratio == pytest.approx(10, rel=0.1)
    assert found.narrowing == pytest.approx(sqrt(10), rel=0.05)


def test_arms_against_each_other_are_harmed_by_pairing():
    assert pairing(values([1, 2, 3], [3, 2, 1]), GAP).variance_ratio == pytest.approx(0.5)


def test_where_nothing_is_left_to_be_uncertain_about():
    assert pairing(values([1, 2, 3], [0, 1, 2]), GAP).variance_ratio == inf
    same = pairing(values([1, 1], [0, 0]), GAP)
    assert isnan(same.narrowing)
    assert isnan(same.variance_ratio)
    assert isnan(pairing(values([1], [0]), GAP).variance_ratio)


def test_the_table_has_what_the_contrast_has():
    outcomes = factorial(seeds=5).outcomes
    table = pairing_table(outcomes, ["gini"], [2025, 2026], ["all", "rural"]).set_index(
        ["population", "layer"]
    )
    assert len(table) == 8
    by_hand = pairing(by_arm(outcomes, "gini", [2025, 2026], "rural"), difference_weights("OIS", "OS"))
    row = table.loc["rural", "interest"]
    assert (row["mean"], row["variance_ratio"]) == (by_hand.estimate.mean, by_hand.variance_ratio)
    assert (table["narrowing"] > 1).all()  # the made-up arms share their luck


def test_intervals_that_hold_at_once_are_those_of_bonferroni():
    assert half_width(2.0, 5) == pytest.approx(2 * stats.t.ppf(0.975, 5))
    assert half_width(2.0, 5, 8) == pytest.approx(2 * stats.t.ppf(1 - 0.025 / 8, 5))
