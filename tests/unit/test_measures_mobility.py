"""Mobility, spells, chronic and transient poverty: hand cases, SciPy, and laws."""

from math import isnan

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from abm.measures import (
    chronic_transient,
    completed_spells,
    fifths_of,
    gini,
    mean_spell,
    mobility_matrix,
    rank_correlation,
    reentry_rate,
    shorrocks_r,
    spells_in_progress,
)

laws = settings(max_examples=60, deadline=None)
PANELS = st.lists(st.tuples(*[st.integers(1, 90_000)] * 3, st.integers(1, 6)), min_size=3, max_size=20)


def masks(*households):
    """Masks by year from one text per household: ``"x.x"`` is poor, not poor, poor."""
    return np.array([[letter == "x" for letter in household] for household in households]).T


# --- hazards and spells -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "k", "at_risk"),
    [
        ("x.", 3, True),  # left a year ago
        ("x..", 3, True),
        ("x...", 3, True),  # left three years ago
        ("x....", 3, False),  # four years ago
        ("x..", 1, False),
        ("x.", 1, True),
        ("xx", 3, False),  # never left
        ("..", 3, False),
        ("x.x.", 1, True),
    ],
)
def test_reentry_counts_who_left_within_k_years(before, k, at_risk):
    panel = masks(before.rjust(5, ".") + "x")
    assert reentry_rate(panel, k=k) == pytest.approx(1.0) if at_risk else isnan(reentry_rate(panel, k=k))


def test_reentry_is_a_share_of_persons():
    panel = masks("x.x", "x..", "..x", "xxx")
    assert reentry_rate(panel, [1, 3, 50, 50]) == pytest.approx(0.25)
    assert isnan(reentry_rate(panel[1:], [1, 3, 50, 50]))  # two years hold no exit and return
    with pytest.raises(ValueError, match="k must be"):
        reentry_rate(panel, k=0)


def test_spells_in_progress_end_with_the_last_year():
    panel = masks("xx.xx", "xxxxx", "xxxx.", "....x")
    assert spells_in_progress(panel).tolist() == [2, 5, 0, 1]
    assert mean_spell(panel, [2, 1, 9, 1]) == pytest.approx((2 * 2 + 5 + 1) / 4)
    assert isnan(mean_spell(masks("x.", "..")))


def test_completed_spells_leave_out_what_the_panel_cuts_off():
    panel = masks("x.xx.x", "......", ".x.x..", "xxxxxx", ".xxxxx")
    found = completed_spells(panel, [1, 1, 2, 1, 0])
    assert found.household.tolist() == [0, 2, 2]
    assert found.start.tolist() == [2, 1, 3]
    assert found.length.tolist() == [2, 1, 1]
    assert found.mean == pytest.approx((2 * 1 + 1 * 2 + 1 * 2) / 5)
    assert isnan(completed_spells(masks("xx", "..")).mean)


@laws
@given(st.lists(st.lists(st.booleans(), min_size=6, max_size=6), min_size=1, max_size=12))
def test_completed_spells_are_the_runs_of_each_history(rows):
    expected = []
    for row in rows:
        text = "".join("x" if poor else "." for poor in row)
        runs = [run for run in text.split(".") if run]
        runs = runs[1:] if text[0] == "x" else runs
        runs = runs[:-1] if text[-1] == "x" and runs else runs
        expected += [len(run) for run in runs]
    assert completed_spells(np.array(rows).T).length.tolist() == expected


# --- chronic and transient ------------------------------------------------------------------------------


def test_chronic_is_poverty_of_the_mean_income():
    # one always poor at half the line, one poor every other year with a mean above it
    panel = np.array([[50.0, 60.0], [50.0, 160.0]])
    parts = chronic_transient(panel, 100.0)
    assert parts.chronic == pytest.approx(0.25 / 2)
    assert parts.transient == pytest.approx(0.4**2 / 2 / 2)
    assert parts.total == pytest.approx(parts.chronic + parts.transient)
    heads = chronic_transient(panel, 100.0, alpha=0)
    assert (heads.total, heads.chronic) == (pytest.approx(0.75), pytest.approx(0.5))
    assert isnan(chronic_transient(panel, 0.0).total)
    assert isnan(chronic_transient(panel, 100.0, [0, 0]).total)


@laws
@given(PANELS)
def test_the_transient_part_of_a_convex_gap_is_never_negative(rows):
    table = np.array(rows, float)
    panel, persons = table[:, :3].T, table[:, 3]
    for alpha in (1, 2):
        parts = chronic_transient(panel, 30_000.0, persons, alpha)
        assert parts.transient >= -1e-12
        assert chronic_transient(np.tile(panel[0], (3, 1)), 30_000.0, persons, alpha).transient == (
            pytest.approx(0, abs=1e-12)
        )


# --- ranks and fifths -----------------------------------------------------------------------------------


def test_rank_correlation_is_scipys_without_weights():
    luck = np.random.default_rng(3)
    one = luck.integers(0, 50, 300).astype(float)  # with ties
    other = one + luck.normal(0, 20, 300).round()
    assert rank_correlation(one, other) == pytest.approx(stats.spearmanr(one, other).statistic, abs=1e-12)
    persons = luck.integers(1, 5, 300)
    each = stats.spearmanr(np.repeat(one, persons), np.repeat(other, persons)).statistic
    assert rank_correlation(one, other, persons) == pytest.approx(each, abs=1e-12)
    assert rank_correlation(one, -one) == pytest.approx(-1)
    assert isnan(rank_correlation([1, 1], [1, 2]))


def test_fifths_and_the_mobility_matrix():
    income = np.array([5.0, 1, 4, 2, 3])
    assert fifths_of(income).tolist() == [4, 0, 3, 1, 2]
    assert fifths_of([1.0, 1, 1, 1, 1]).tolist() == [2] * 5  # equals share their middle rank
    assert fifths_of([1.0, 2], [0, 1]).tolist() == [-1, 2]
    assert mobility_matrix(income, 10 * income) == pytest.approx(np.eye(5))
    assert mobility_matrix(income, -income) == pytest.approx(np.eye(5)[::-1])
    half = mobility_matrix([1.0, 2, 3, 4], [2.0, 1, 3, 4], [1, 3, 2, 2], parts=2)
    assert half == pytest.approx(np.array([[1, 0], [0, 1]]))


@laws
@given(PANELS, st.sampled_from([0.01, 3.0, 1e4]))
def test_mobility_is_free_of_scale_and_of_how_rows_are_cut(rows, factor):
    table = np.array(rows, float)
    panel, persons = table[:, :3].T, table[:, 3]
    each = np.repeat(panel, persons.astype(int), axis=1)
    assume(len(np.unique(panel[0])) > 1)
    for measure in (
        lambda p, w: rank_correlation(p[0], p[2], w),
        shorrocks_r,
        lambda p, w: mobility_matrix(p[0], p[2], w, parts=2),
    ):
        found = measure(panel, persons)
        assert measure(factor * panel, persons) == pytest.approx(found, abs=1e-8, nan_ok=True)
        assert measure(np.tile(panel, 2), np.tile(persons, 2)) == pytest.approx(found, abs=1e-8, nan_ok=True)
    assert shorrocks_r(each) == pytest.approx(shorrocks_r(panel, persons), abs=1e-8, nan_ok=True)


# --- Shorrocks --------------------------------------------------------------------------------------------


def test_shorrocks_by_hand():
    still = np.array([[1.0, 3.0], [2.0, 6.0]])
    assert shorrocks_r(still) == pytest.approx(0)  # all incomes grow alike
    assert shorrocks_r(np.array([[1.0, 3.0], [3.0, 1.0]])) == pytest.approx(1)  # taking turns
    panel = np.array([[1.0, 2.0, 9.0], [4.0, 2.0, 3.0]])
    yearly = (4.0 * gini(panel[0]) + 3.0 * gini(panel[1])) / 7.0
    assert shorrocks_r(panel) == pytest.approx(1 - gini(panel.mean(axis=0)) / yearly)
    assert isnan(shorrocks_r(np.ones((2, 3))))
    assert isnan(shorrocks_r(np.array([[-5.0, 1.0], [1.0, 2.0]])))


@laws
@given(PANELS)
def test_the_mean_over_years_is_never_more_unequal_than_the_years(rows):
    table = np.array(rows, float)
    found = shorrocks_r(table[:, :3].T, table[:, 3])
    assert isnan(found) or -1e-9 <= found <= 1 + 1e-9


def test_bad_panels_are_refused():
    with pytest.raises(ValueError, match="shape"):
        shorrocks_r([1.0, 2.0])
    with pytest.raises(ValueError, match="masks"):
        spells_in_progress(np.ones((2, 2)))
    with pytest.raises(ValueError, match="NaN"):
        rank_correlation([1.0, np.nan], [1.0, 2.0])
    assert rank_correlation([1.0, 2.0, np.nan], [2.0, 4.0, 1.0], [1, 1, 0]) == pytest.approx(1)
