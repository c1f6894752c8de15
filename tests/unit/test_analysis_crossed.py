"""Intervals of the mean of a table of trajectories and seeds: by hand, in the limits, and how often they hold."""

from math import sqrt

import numpy as np
import pytest
from scipy import stats

from abm.analysis.crossed import crossed_half_width


def test_by_hand():
    """1 3 / 5 11: row means 2, 8 and column means 3, 7; mean squares 36 and 16."""
    degrees = 52**2 / (36**2 + 16**2)
    half = crossed_half_width(np.array([[1.0, 3.0], [5.0, 11.0]]))
    assert half == pytest.approx(stats.t.ppf(0.975, degrees) * sqrt(52 / 4))


def test_where_only_rows_or_only_columns_differ_it_is_their_t_interval():
    rows = np.random.default_rng(1).normal(0, 1, 12)
    half = stats.t.ppf(0.975, 11) * rows.std(ddof=1) / sqrt(12)
    assert crossed_half_width(np.repeat(rows[:, None], 3, axis=1)) == pytest.approx(half)
    assert crossed_half_width(np.repeat(rows[None, :], 3, axis=0)) == pytest.approx(half)


def test_too_few_rows_or_columns_have_no_interval_and_equal_cells_no_width():
    assert np.isnan(crossed_half_width(np.ones((1, 4))))
    assert np.isnan(crossed_half_width(np.ones((4, 1))))
    assert np.isnan(crossed_half_width(np.ones((0, 2))))
    assert crossed_half_width(np.full((3, 2), 0.5)) == 0.0


def absolute(rows, columns, mean, by_row, by_column, rest, turns=800):
    """Contributions to |EE|, shape (turns, rows, columns), of effects with normal parts."""
    draws = np.random.default_rng(2)
    effects = (
        mean
        + by_row * draws.normal(size=(turns, rows, 1))
        + by_column * draws.normal(size=(turns, 1, columns))
        + rest * draws.normal(size=(turns, rows, columns))
    )
    return np.where(effects.mean(axis=2, keepdims=True) < 0, -effects, effects)


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param((0, 0, 0, 1), id="luck alone"),
        pytest.param((0, 0, 1, 0.05), id="seeds turn it"),
        pytest.param((5, 0, 0, 1), id="linear"),
        pytest.param((5, 1, 1, 1), id="large, by seed"),
        pytest.param((3, 2, 0, 0.5), id="curved"),
        pytest.param((0, 2, 1, 1), id="sign turns"),
    ],
)
@pytest.mark.parametrize("size", [(4, 2), (10, 2), (10, 4)])
def test_how_often_the_interval_of_a_mean_effect_holds(size, parts):
    """Of 800 intervals of 95 % at least 90 in 100, which those over rows alone do not: ±2 are luck of the test."""
    cells = absolute(*size, *parts)
    means, truth = cells.mean(axis=(1, 2)), cells.mean()
    halves = np.array([crossed_half_width(own) for own in cells])
    assert np.mean(abs(means - truth) <= halves) >= 0.9
    if parts[2] > 0 and parts[2] >= parts[1]:
        alone = stats.t.ppf(0.975, size[0] - 1) * cells.mean(axis=2).std(axis=1, ddof=1) / sqrt(size[0])
        assert np.mean(abs(means - truth) <= alone) < 0.9
