"""Laws that the measures obey for any population, by hypothesis."""

from fractions import Fraction
from math import isnan

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from abm.measures import (
    Distribution,
    decompose_theil_l,
    decompose_theil_t,
    fgt,
    gini,
    lerman_yitzhaki,
    shorrocks_shares,
    source_shares,
)

laws = settings(max_examples=60, deadline=None)

WEIGHTS = st.integers(0, 7)
ROWS = st.lists(st.tuples(st.integers(-20_000, 100_000), WEIGHTS), min_size=1, max_size=25)
ROWS_ABOVE_FLOOR = st.lists(st.tuples(st.integers(1_000, 90_000), st.integers(1, 7)), min_size=2, max_size=25)
GROUPED = st.lists(
    st.tuples(st.integers(-5_000, 100_000), WEIGHTS, st.integers(-2, 4)), min_size=1, max_size=30
)
TABLES = st.lists(st.tuples(*[st.integers(-5_000, 50_000)] * 4, WEIGHTS), min_size=1, max_size=25)

SCALE_FREE = ("gini", "theil_t", "theil_l", "palma", "s80_s20", "bottom_coded")


def split(rows):
    """Incomes in yuan with two decimals, and weights."""
    columns = np.array(rows, dtype=float).reshape(len(rows), -1)
    return columns[:, 0] / 100, columns[:, 1]


def answers(people):
    """All that is asked of a distribution, as one list."""
    lines = [people.headcount(100.0), people.poverty_gap(100.0), people.poverty_severity(100.0)]
    indices = [people.atkinson(e) for e in (0.5, 1, 2)]
    scalars = [getattr(people, name) for name in ("mean", "median", *SCALE_FREE)]
    return [*scalars, *indices, *lines, *people.shares()]


def same(one, other, **tolerance):
    """Equal within rounding, NaN in the same places. A tiny mean beside large debts magnifies rounding."""
    assert one == pytest.approx(other, nan_ok=True, **({"rel": 1e-9, "abs": 1e-9} | tolerance))


def well_off(people):
    """Far enough from a mean, or a poorest part, of zero for ratios to have digits."""
    bottom = people.lorenz([0.2, 0.4])[1]
    return people.mean > 1 and (np.abs(bottom) > 1e-3).all()


@laws
@given(ROWS, st.sampled_from([0.01, 0.37, 12.5, 1e4]))
def test_scale_invariance(rows, factor):
    income, weight = split(rows)
    one, other = Distribution(income, weight), Distribution(income * factor, weight)
    assume(well_off(one) and one.floor > 0 and np.abs(one.income - one.floor).min() > 1e-9)
    same([getattr(one, n) for n in SCALE_FREE], [getattr(other, n) for n in SCALE_FREE])
    same([one.atkinson(e) for e in (0.5, 1, 2)], [other.atkinson(e) for e in (0.5, 1, 2)])
    same(one.shares(), other.shares())
    same(factor * one.mean, other.mean)
    same(factor * one.median, other.median)
    assume(np.abs(one.income - 100).min() > 1e-9)
    same([one.fgt(100, a) for a in (0, 1, 2)], [other.fgt(100 * factor, a) for a in (0, 1, 2)])


@laws
@given(ROWS)
def test_a_weight_is_a_number_of_equal_rows(rows):
    income, weight = split(rows)
    people = Distribution(income, weight)
    assume(well_off(people))
    same(answers(people), answers(Distribution(np.repeat(income, weight.astype(int)))))


@laws
@given(ROWS, st.sampled_from([0.1, 3.0]))
def test_only_the_proportions_of_weights_matter(rows, factor):
    income, weight = split(rows)
    people, more = Distribution(income, weight), Distribution(income, weight * factor)
    assume(well_off(people))
    assert more.median == people.median
    same(more.bottom_coded, people.bottom_coded * factor)
    names = [name for name in SCALE_FREE if name != "bottom_coded"]
    same([getattr(more, n) for n in names], [getattr(people, n) for n in names])


@laws
@given(ROWS, st.randoms(use_true_random=False))
def test_order_of_rows_plays_no_part(rows, luck):
    mixed = list(rows)
    luck.shuffle(mixed)
    people = Distribution(*split(rows))
    assume(well_off(people))
    same(answers(people), answers(Distribution(*split(mixed))))


@laws
@given(ROWS, st.lists(st.sampled_from([np.nan, np.inf, -1e9, 0.0, 1e9]), min_size=1, max_size=4))
def test_rows_without_weight_change_nothing(rows, ghosts):
    income, weight = split(rows)
    more = np.concatenate((ghosts, income)), np.concatenate((np.zeros(len(ghosts)), weight))
    assert answers(Distribution(income, weight)) == pytest.approx(
        answers(Distribution(*more)), rel=0, abs=0, nan_ok=True
    )


@laws
@given(ROWS_ABOVE_FLOOR, st.data())
def test_a_transfer_from_rich_to_poor_lowers_inequality(rows, data):
    income, weight = split(rows)
    low, high = sorted(
        data.draw(st.lists(st.sampled_from(range(len(rows))), min_size=2, max_size=2, unique=True)),
        key=lambda row: income[row],
    )
    assume(income[high] - income[low] > 1)
    # At most what makes the two households equal.
    most = (income[high] - income[low]) / (1 / weight[low] + 1 / weight[high])
    sum_given = most * data.draw(st.floats(0.05, 1))
    after = income.copy()
    after[high] -= sum_given / weight[high]
    after[low] += sum_given / weight[low]
    one, other = Distribution(income, weight), Distribution(after, weight)
    assert one.bottom_coded == other.bottom_coded == 0
    assert other.mean == pytest.approx(one.mean)
    assert other.gini < one.gini
    assert other.theil_t < one.theil_t
    assert other.theil_l < one.theil_l
    assert all(other.atkinson(e) < one.atkinson(e) for e in (0.5, 1, 2))
    grid = np.linspace(0, 1, 41)
    assert (other.lorenz(grid)[1] >= one.lorenz(grid)[1] - 1e-12).all()


@laws
@given(ROWS)
def test_gini_is_half_the_relative_mean_difference(rows):
    total = sum(Fraction(y) * w for y, w in rows)
    persons = sum(w for _, w in rows)
    assume(persons > 0 and total / persons > 100)
    gaps = sum(Fraction(abs(a - b)) * v * w for a, v in rows for b, w in rows)
    assert gini(*split(rows)) == pytest.approx(float(gaps / (2 * persons * total)), rel=1e-11, abs=1e-13)


@laws
@given(ROWS)
def test_shares_are_those_of_the_people_lined_up(rows):
    # Five copies of everybody make the fifths whole, and their sums exact.
    line = sorted(y for y, w in rows for _ in range(5 * w))
    size, total = len(line) // 5, sum(line)
    assume(size > 0 and total > 100 * len(line))
    exact = [float(Fraction(sum(line[k * size : (k + 1) * size]), total)) for k in range(5)]
    people = Distribution(*split(rows))
    same(people.shares(), exact, rel=1e-11, abs=1e-12)
    assert people.shares().sum() == pytest.approx(1, abs=1e-12)
    assert (np.diff(people.shares()) >= -1e-12).all()


@laws
@given(ROWS)
def test_median_splits_the_people_in_halves(rows):
    people = Distribution(*split(rows))
    assume(people.persons > 0)
    below = people.weight[people.income < people.median].sum()
    reached = people.weight[people.income <= people.median].sum()
    assert 2 * below < people.persons <= 2 * reached


@laws
@given(ROWS)
def test_bounds(rows):
    people = Distribution(*split(rows))
    assume(people.persons > 0 and people.mean > 0)
    assert people.gini >= 0
    assert people.theil_t >= -1e-12
    assert people.theil_l >= -1e-12
    half, one, two = (people.atkinson(e) for e in (0.5, 1, 2))
    assert -1e-12 <= half <= one + 1e-12 <= two + 2e-12 <= 1
    assert one == pytest.approx(1 - np.exp(-people.theil_l), abs=1e-12)
    if (people.income >= 0).all():
        assert people.gini <= 1


@laws
@given(GROUPED)
@pytest.mark.parametrize("decompose", [decompose_theil_t, decompose_theil_l])
def test_between_and_within_sum_to_the_total(decompose, rows):
    columns = np.array(rows, dtype=float)
    income, weight, group = columns[:, 0] / 100, columns[:, 1], columns[:, 2].astype(int)
    parts, people = decompose(income, weight, group), Distribution(income, weight)
    if isnan(people.gini):
        assert isnan(parts.total)
        assert isnan(parts.between)
        assert isnan(parts.within)
        return
    total = people.theil_t if decompose is decompose_theil_t else people.theil_l
    assert parts.total == pytest.approx(total, abs=1e-12)
    assert parts.between + parts.within == pytest.approx(parts.total, abs=1e-12)
    assert parts.between >= -1e-12
    assert (parts.index >= -1e-12).all()
    assert parts.population_share.sum() == pytest.approx(1, abs=1e-12)
    assert parts.income_share.sum() == pytest.approx(1, abs=1e-12)
    assert parts.relative_mean * parts.population_share == pytest.approx(parts.income_share)


@laws
@given(ROWS, st.floats(0.5, 900), st.sampled_from([0, 0.5, 1, 2, 3]))
def test_poverty_adds_up_over_groups_and_keeps_its_bounds(rows, line, alpha):
    income, weight = split(rows)
    assume(weight.sum() > 0)
    whole = fgt(income, weight, line, alpha)
    half = np.arange(len(rows)) % 2 == 0
    parts = [(fgt(income[g], weight[g], line, alpha), weight[g].sum()) for g in (half, ~half)]
    same(whole, sum(f * w for f, w in parts if w > 0) / weight.sum(), rel=1e-12, abs=1e-12)
    same(whole, Distribution(income, weight).fgt(line, alpha), rel=1e-12, abs=1e-12)
    debtless = np.maximum(income, 0)
    assert 0 <= fgt(debtless, weight, line, alpha) <= fgt(debtless, weight, line, 0) <= 1


@laws
@given(ROWS, st.floats(1, 900), st.floats(1, 900))
def test_a_higher_line_never_has_fewer_poor(rows, one, other):
    people = Distribution(*split(rows))
    assume(people.persons > 0)
    low, high = sorted((one, other))
    for alpha in (0, 1, 2):
        assert people.fgt(low, alpha) <= people.fgt(high, alpha) or (people.income < 0).any()
    assert people.headcount(low) <= people.headcount(high)


@laws
@given(TABLES)
def test_sources_sum_to_the_gini_and_to_one(rows):
    columns = np.array(rows, dtype=float)
    table, weight = columns[:, :4] / 100, columns[:, 4]
    total = table.sum(axis=1)
    assume(weight.sum() > 0 and (weight * total).sum() > weight.sum())
    parts = lerman_yitzhaki(columns[:, :4], weight)  # in fen, so that ties are ties
    assert parts.gini == pytest.approx(gini(total, weight), rel=1e-10, abs=1e-12)
    assert parts.contribution.sum() == pytest.approx(parts.gini, rel=1e-11, abs=1e-12)
    assert parts.share.sum() == pytest.approx(1, abs=1e-11)
    assert parts.share == pytest.approx(source_shares(table, weight), rel=1e-10, abs=1e-12)
    assert (np.abs(parts.correlation) <= 1 + 1e-9).all()
    product = parts.share * parts.source_gini * parts.correlation
    known = ~np.isnan(product)
    assert product[known] == pytest.approx(parts.contribution[known], rel=1e-9, abs=1e-11)
    for k in range(4):
        own = gini(table[:, k], weight)
        if not isnan(own):
            assert parts.source_gini[k] == pytest.approx(own, rel=1e-9, abs=1e-11)

    spread = shorrocks_shares(table, weight)
    if np.ptp(total[weight > 0]) < 1e-9:
        assert np.isnan(spread).all()
    else:
        assert spread.sum() == pytest.approx(1, abs=1e-9)
        mean = np.average(total, weights=weight)
        covariance = [np.average((total - mean) * table[:, k], weights=weight) for k in range(4)]
        variance = np.average((total - mean) ** 2, weights=weight)
        assert spread == pytest.approx(np.array(covariance) / variance, rel=1e-6, abs=1e-6)
