"""Theil within and between groups: cases worked by hand, and odd codes."""

from math import isnan, log

import numpy as np
import pytest

from abm.measures import decompose_theil_l, decompose_theil_t, theil_l, theil_t

BOTH = pytest.mark.parametrize(
    ("decompose", "index"), [(decompose_theil_t, theil_t), (decompose_theil_l, theil_l)]
)


def test_two_equal_groups_by_hand():
    # Means 1 and 3 around 2, no inequality inside: all of it lies between.
    parts = decompose_theil_t([1, 1, 3, 3], None, [0, 0, 1, 1])
    assert parts.between == pytest.approx(0.25 * log(0.5) + 0.75 * log(1.5), abs=1e-15)
    assert parts.within == pytest.approx(0, abs=1e-15)
    assert parts.population_share == pytest.approx([0.5, 0.5])
    assert parts.income_share == pytest.approx([0.25, 0.75])
    assert parts.relative_mean == pytest.approx([0.5, 1.5])
    parts = decompose_theil_l([1, 1, 3, 3], None, [0, 0, 1, 1])
    assert parts.between == pytest.approx(0.5 * log(2) + 0.5 * log(2 / 3), abs=1e-15)
    assert parts.within == pytest.approx(0, abs=1e-15)


@BOTH
def test_groups_with_the_same_mean_have_nothing_between(decompose, index):
    parts = decompose([1, 3, 2, 2], [1, 1, 5, 1], [4, 4, 9, 9])
    assert parts.between == pytest.approx(0, abs=1e-15)
    assert parts.index == pytest.approx([index([1, 3]), 0], abs=1e-15)
    assert parts.within == pytest.approx(
        index([1, 3]) * 2 / 8, abs=1e-15
    )  # persons and income: both a quarter


@BOTH
def test_own_indices_and_total_are_those_of_the_plain_functions(decompose, index):
    luck = np.random.default_rng(11)
    income, weight, group = (
        luck.lognormal(9, 0.5, 900),
        luck.integers(1, 8, 900),
        luck.integers(0, 45, 900),
    )
    parts = decompose(income, weight, group)
    assert parts.total == pytest.approx(index(income, weight), abs=1e-14)
    assert parts.group.tolist() == sorted(set(group.tolist()))
    for code, own, share in zip(parts.group, parts.index, parts.population_share, strict=True):
        rows = group == code
        assert own == pytest.approx(index(income[rows], weight[rows]), abs=1e-13)
        assert share == pytest.approx(weight[rows].sum() / weight.sum(), rel=1e-14)


@BOTH
@pytest.mark.parametrize("codes", [[350_402_100_200, 350_402_100_201], [-7, 3], [False, True], [0, 2**40]])
def test_codes_may_be_any_whole_numbers(decompose, index, codes):
    member = np.array([0, 1, 0, 1, 1])
    plain = decompose([1, 2, 3, 4, 9], None, member)
    coded = decompose([1, 2, 3, 4, 9], None, np.array(codes)[member])
    assert coded.group.tolist() == codes
    assert (coded.total, coded.between, coded.within) == (plain.total, plain.between, plain.within)


@BOTH
def test_groups_without_persons_do_not_exist(decompose, index):
    parts = decompose([1, 3, np.nan], [1, 1, 0], [0, 1, 2])
    assert parts.group.tolist() == [0, 1]
    assert parts.within == pytest.approx(0, abs=1e-15)


@BOTH
def test_bottom_code_is_that_of_the_whole_population(decompose, index):
    income = np.array([-50.0, 0.0, 3.0, 1000.0, 4000.0])
    parts = decompose(income, None, [0, 0, 0, 1, 1])
    assert parts.total == pytest.approx(index(income), abs=1e-15)
    assert parts.index[0] == pytest.approx(0, abs=1e-15)  # all three at the same floor
    assert parts.between + parts.within == pytest.approx(parts.total, abs=1e-14)


@BOTH
def test_nobody_and_no_positive_mean_give_nan(decompose, index):
    nobody = decompose([], [], [])
    assert all(isnan(x) for x in (nobody.total, nobody.between, nobody.within))
    assert nobody.group.size == nobody.index.size == nobody.population_share.size == 0
    ruined = decompose([-3, 1], [1, 1], [5, 6])
    assert all(isnan(x) for x in (ruined.total, ruined.between, ruined.within))
    assert ruined.group.tolist() == [5, 6]
    assert ruined.population_share == pytest.approx([0.5, 0.5])
    assert np.isnan(ruined.index).all()


def test_wrong_codes_are_refused():
    with pytest.raises(ValueError, match="integers"):
        decompose_theil_t([1, 2], None, [0.5, 1.0])
    with pytest.raises(ValueError, match="integers"):
        decompose_theil_t([1, 2], None, ["BQ", "BL"])
    with pytest.raises(ValueError, match="group codes"):
        decompose_theil_t([1, 2], None, [0])
