"""Wolfson, the middle, relative deprivation and the Gini of fifths."""

from math import isnan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inequality.wolfson import wolfson as pysal_wolfson

from abm.measures import Distribution, gini, grouped_gini, mean, middle_share, relative_deprivation, wolfson

laws = settings(max_examples=60, deadline=None)
ROWS = st.lists(st.tuples(st.integers(1_000, 90_000), st.integers(1, 6)), min_size=2, max_size=25)


@pytest.mark.parametrize("seed", range(3))
def test_wolfson_is_twice_that_of_pysal(seed):
    """It leaves out the leading 2 of Wolfson (1994). An odd number of rows has one median for everybody."""
    income = np.random.default_rng(seed).lognormal(9, 0.3 + 0.2 * seed, 1001)
    assert wolfson(income) == pytest.approx(2 * pysal_wolfson(income), rel=1e-12)


def test_wolfson_by_hand():
    assert wolfson([3.0, 3, 3]) == pytest.approx(0, abs=1e-15)
    # G = 0.25, L(1/2) = 1/4, median 1, mean 2
    assert wolfson([1.0, 3.0]) == pytest.approx(2 * (1 - 0.5 - 0.25) * 2 / 1)
    assert isnan(wolfson([0.0, 0, 5]))
    assert isnan(wolfson([]))


def test_moving_to_two_poles_polarises_while_the_gini_falls():
    spread, poles = [2.0, 4, 6, 8, 10, 12], [3.0, 3, 6, 8, 11, 11]
    assert gini(poles) < gini(spread)
    assert wolfson([3.0, 3, 3, 11, 11, 11]) > wolfson(spread)


def test_the_middle_holds_its_ends():
    income = [7.4, 7.5, 10, 20, 20.1]
    assert middle_share(income) == pytest.approx(0.6)
    assert middle_share(income, [1, 0, 1, 0, 2]) == pytest.approx(0.25)  # by persons; the median is still 10
    assert middle_share(income, low=0.5, high=3) == 1
    assert isnan(middle_share([-1.0, -1, 5]))


def test_relative_deprivation_counts_pairs():
    income, persons = np.array([1.0, 4, 6]), np.array([2.0, 1, 1])
    pairs = np.maximum(income[None, :] - income[:, None], 0) * persons[None, :] * persons[:, None]
    assert relative_deprivation(income, persons) == pytest.approx(pairs.sum() / 16)
    # within groups each compares with its own: {1, 1, 4} and {6}
    assert relative_deprivation(income, persons, [0, 0, 7]) == pytest.approx((3 * 2 / 9) * 3 / 4)
    assert relative_deprivation([-3.0, 1]) == pytest.approx(1)
    assert isnan(relative_deprivation([]))
    with pytest.raises(ValueError, match="codes"):
        relative_deprivation([1.0, 2.0], None, [1])


@laws
@given(ROWS)
def test_relative_deprivation_is_mean_times_gini(rows):
    income, persons = np.array(rows, float).T
    expected = mean(income, persons) * gini(income, persons)
    assert relative_deprivation(income, persons) == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert relative_deprivation(income, persons, np.arange(len(income))) == pytest.approx(0, abs=1e-9)


@laws
@given(ROWS, st.sampled_from([0.01, 7.0, 1e5]))
def test_scale_and_replication(rows, factor):
    income, persons = np.array(rows, float).T
    for measure in (wolfson, middle_share):
        found = measure(income, persons)
        assert measure(income * 8, persons) == pytest.approx(found, rel=1e-9)  # a power of two: no rounding
        assert measure(np.tile(income, 3), np.tile(persons, 3)) == pytest.approx(found, rel=1e-9, abs=1e-12)
    deprived = relative_deprivation(income, persons)
    assert relative_deprivation(income * factor, persons) == pytest.approx(
        factor * deprived, rel=1e-9, abs=1e-9
    )
    assert relative_deprivation(income + 500, persons) == pytest.approx(deprived, rel=1e-9, abs=1e-7)


def test_the_gini_of_printed_fifths():
    # rural fifths of Fujian 2021; docs/TARGETS.md prints .329
    assert grouped_gini([6860, 15723, 21805, 28858, 51640]) == pytest.approx(0.329, abs=5e-4)
    assert grouped_gini([1.0, 1, 1]) == pytest.approx(0)
    assert grouped_gini([0.0, 1.0], [1, 3]) == pytest.approx(gini([0.0, 1.0], [1, 3]))
    with pytest.raises(ValueError, match="poorest first"):
        grouped_gini([2.0, 1.0])
    assert isnan(grouped_gini([0.0, 0.0]))


@laws
@given(ROWS)
def test_the_gini_of_fifths_is_a_lower_bound(rows):
    people = Distribution(*np.array(rows, float).T)
    assert grouped_gini(np.maximum.accumulate(people.shares())) <= people.gini + 1e-9


@pytest.mark.parametrize("each", [0.1, 1 / 3, 12345.678])
def test_equal_groups_are_poorest_first_whatever_rounding_makes_of_their_shares(each):
    shares = Distribution([each] * 7).shares(5)
    assert grouped_gini(shares) == pytest.approx(0.0, abs=1e-12)
    with pytest.raises(ValueError, match="poorest first"):
        grouped_gini([0.2, 0.2, 0.19999])
