"""Income sources: cases worked by hand, costs and constants."""

from math import isnan

import numpy as np
import pytest

from abm.measures import gini, lerman_yitzhaki, shorrocks_shares, source_shares


def test_shares_are_net_and_weighted():
    table = [[10, -2], [0, 4]]
    assert source_shares(table) == pytest.approx([10 / 12, 2 / 12])
    assert source_shares(table, [1, 3]) == pytest.approx([10 / 20, 10 / 20])
    assert source_shares([[10, -4], [2, 0]]) == pytest.approx([12 / 8, -4 / 8])


def test_lerman_yitzhaki_by_hand():
    # Incomes 4 and 6. Wages 1 and 5 run with income, transfers 3 and 1 against it.
    parts = lerman_yitzhaki([[1, 3], [5, 1]])
    assert parts.gini == pytest.approx(0.1)
    assert parts.share == pytest.approx([0.6, 0.4])
    assert parts.source_gini == pytest.approx([1 / 3, 1 / 4])
    assert parts.correlation == pytest.approx([1, -1])
    assert parts.contribution == pytest.approx([0.2, -0.1])


def test_a_source_that_is_the_same_for_all_contributes_nothing():
    parts = lerman_yitzhaki([[1.1, 0.3, 0], [2.2, 0.3, 0], [3.3, 0.3, 0]])
    assert parts.source_gini[1:].tolist() == [0, 0]
    assert parts.correlation[1:].tolist() == [0, 0]
    assert parts.contribution[1:].tolist() == [0, 0]
    assert parts.contribution[0] == pytest.approx(parts.gini)


def test_a_source_that_sums_to_zero_still_contributes():
    parts = lerman_yitzhaki([[10, -2], [20, 2]])
    assert parts.share[1] == 0
    assert isnan(parts.source_gini[1])
    assert parts.correlation[1] == pytest.approx(1)
    assert parts.contribution.sum() == pytest.approx(parts.gini) == pytest.approx(gini([8, 22]))
    assert parts.contribution[1] > 0


def test_a_cost_has_a_negative_gini_and_the_product_holds():
    parts = lerman_yitzhaki([[10, -1], [20, -4], [40, -2]])
    assert parts.share[1] < 0
    assert parts.source_gini[1] < 0
    assert parts.share * parts.source_gini * parts.correlation == pytest.approx(parts.contribution)


def test_ties_share_a_rank_so_the_order_of_rows_plays_no_part():
    table = np.array([[4, 6], [7, 3], [1, 9], [20, 5], [0, 10]])
    weight = np.array([1, 2, 3, 1, 5])
    order = [4, 2, 3, 0, 1]
    one, other = lerman_yitzhaki(table, weight), lerman_yitzhaki(table[order], weight[order])
    assert one.contribution == pytest.approx(other.contribution, abs=1e-15)
    assert one.correlation == pytest.approx(other.correlation, abs=1e-15)


def test_shorrocks_by_hand():
    # Total 4 and 6: variance 1. Wages move with it by 2, transfers by −1.
    assert shorrocks_shares([[1, 3], [5, 1]]) == pytest.approx([2, -1])
    assert shorrocks_shares([[1, 5], [2, 5], [9, 5]]) == pytest.approx([1, 0])


def test_without_spread_or_persons_there_is_nothing_to_split():
    assert np.isnan(shorrocks_shares([[0.1, 0.2], [0.3, 0.0]])).all()  # equal but for the last bit
    for nobody in (np.empty((0, 4)), np.full((2, 4), np.nan)):
        weight = np.zeros(len(nobody))
        assert np.isnan(source_shares(nobody, weight)).tolist() == [True] * 4
        assert np.isnan(shorrocks_shares(nobody, weight)).tolist() == [True] * 4
        parts = lerman_yitzhaki(nobody, weight)
        assert isnan(parts.gini)
        for column in (parts.share, parts.source_gini, parts.correlation, parts.contribution):
            assert np.isnan(column).tolist() == [True] * 4


def test_without_positive_income_shares_do_not_exist():
    for table in ([[1, -3], [2, -4]], [[0.1, -0.2], [0.3, -0.2]]):
        assert np.isnan(source_shares(table)).all()
        assert isnan(lerman_yitzhaki(table).gini)


def test_a_table_is_needed():
    with pytest.raises(ValueError, match="dimension"):
        source_shares([1, 2])
