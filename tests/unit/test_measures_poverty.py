"""Poverty: cases worked by hand, and the edges of lines and years."""

from math import isnan, nan

import numpy as np
import pytest

from abm.measures import (
    Distribution,
    entry_rate,
    exit_rate,
    fgt,
    headcount,
    poverty_gap,
    poverty_line,
    poverty_severity,
)

INCOME, PERSONS = [50, 100, 80, 200], [1, 2, 1, 6]


def test_fgt_by_hand():
    # Line 100: 50 and 80 are below, 100 is not. Gaps one half and one fifth, of ten persons.
    assert headcount(INCOME, PERSONS, 100) == pytest.approx(0.2)
    assert poverty_gap(INCOME, PERSONS, 100) == pytest.approx((0.5 + 0.2) / 10)
    assert poverty_severity(INCOME, PERSONS, 100) == pytest.approx((0.25 + 0.04) / 10)
    assert fgt(INCOME, PERSONS, 100, 3) == pytest.approx((0.125 + 0.008) / 10)
    assert headcount(INCOME, None, 100) == pytest.approx(0.5)


def test_distribution_says_the_same():
    people = Distribution(INCOME, PERSONS)
    for line in (10, 50, 80.5, 100, 200, 201, 1e9):
        for alpha in (0, 0.5, 1, 2):
            assert people.fgt(line, alpha) == pytest.approx(fgt(INCOME, PERSONS, line, alpha), abs=1e-15)
    assert people.poverty_gap(100) == people.fgt(100, 1)
    assert people.poverty_severity(100) == people.fgt(100, 2)


def test_a_negative_income_has_a_gap_above_one():
    assert poverty_gap([-50, 200], None, 100) == pytest.approx(1.5 / 2)
    assert poverty_severity([-50, 200], None, 100) == pytest.approx(2.25 / 2)


def test_lines():
    assert poverty_line(0.6, 20_000) == pytest.approx(12_000)
    assert isnan(poverty_line(0.6, 0))
    assert isnan(poverty_line(0.6, -5))
    assert isnan(poverty_line(0.6, nan))


@pytest.mark.parametrize("measure", [fgt, lambda y, w, z, a: Distribution(y, w).fgt(z, a)])
def test_where_fgt_does_not_exist(measure):
    assert all(isnan(measure([], [], 100, alpha)) for alpha in (0, 1, 2))
    assert all(isnan(measure(INCOME, PERSONS, nan, alpha)) for alpha in (0, 1, 2))
    assert measure([-1, 1], None, 0, 0) == pytest.approx(0.5)
    assert isnan(measure([-1, 1], None, 0, 1))
    assert isnan(measure([-5, 1], None, -2, 1))
    with pytest.raises(ValueError, match="alpha"):
        measure(INCOME, PERSONS, 100, -1)


def test_entry_and_exit_by_hand():
    was = np.array([True, True, False, False, False])
    now = np.array([True, False, True, False, True])
    persons = [1, 3, 2, 5, 0]
    assert entry_rate(was, now, persons) == pytest.approx(2 / 7)
    assert exit_rate(was, now, persons) == pytest.approx(3 / 4)
    assert entry_rate(was, now) == pytest.approx(2 / 3)
    assert exit_rate(was, now) == pytest.approx(1 / 2)


def test_stock_next_year_is_stock_less_exits_plus_entries():
    luck = np.random.default_rng(5)
    was, now, persons = luck.random(300) < 0.3, luck.random(300) < 0.2, luck.integers(1, 7, 300)
    before = persons[was].sum()
    rest = persons.sum() - before
    after = before * (1 - exit_rate(was, now, persons)) + rest * entry_rate(was, now, persons)
    assert after == pytest.approx(persons[now].sum())


def test_nobody_at_risk_gives_nan():
    assert isnan(entry_rate([], []))
    assert isnan(exit_rate([], []))
    assert isnan(entry_rate([True], [False]))
    assert isnan(exit_rate([False], [True]))
    assert isnan(exit_rate([True, False], [True, False], [0, 4]))


def test_masks_of_poverty_are_checked():
    with pytest.raises(ValueError, match="same rows"):
        entry_rate([True], [True, False])
    with pytest.raises(ValueError, match="booleans"):
        entry_rate([5000.0], [True])
    with pytest.raises(ValueError, match="weights"):
        exit_rate([True], [True], [1, 2])
