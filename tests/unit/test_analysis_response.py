"""Dose and response, and maps over two parameters, on surfaces that are known."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from abm.analysis import response
from abm.analysis.observed import observed
from tests.unit.points_data import YEARS, outcomes_of

DOSES = pd.Series([0.5, 0.0, 1.0, 0.25])


def answers(curve, noise=0.01, seeds=6, doses=DOSES):
    luck = np.random.default_rng(7)
    level = luck.normal(0, 5, (1, seeds))
    own = luck.normal(0, noise, (len(doses), seeds))
    return pd.DataFrame(np.array([curve(dose) for dose in doses])[:, None] + level + own)


def said(curve, **options):
    return response.monotony(response.dose_response(DOSES, answers(curve, **options)))


def test_means_changes_and_steps_are_paired():
    values = answers(lambda dose: 2 * dose)
    table = response.dose_response(DOSES, values)
    assert table["dose"].tolist() == [0, 0.25, 0.5, 1]
    last, before, first = values.loc[2], values.loc[0], values.loc[1]
    row = table.iloc[-1]
    assert (row["mean"], row["n"]) == (pytest.approx(last.mean()), 6)
    assert (row["low"], row["high"]) == pytest.approx(stats.t.interval(0.95, 5, last.mean(), stats.sem(last)))
    gap, step = last - first, last - before
    assert (row["change_low"], row["change_high"]) == pytest.approx(
        stats.t.interval(0.95, 5, gap.mean(), stats.sem(gap))
    )
    assert (row["step_low"], row["step_high"]) == pytest.approx(
        stats.t.interval(1 - 0.05 / 4, 5, step.mean(), stats.sem(step))
    )
    # three steps and the whole way are judged at once
    assert (row["whole_low"], row["whole_high"]) == pytest.approx(
        stats.t.interval(1 - 0.05 / 4, 5, gap.mean(), stats.sem(gap))
    )
    assert table.iloc[0][["change", "step", "step_low"]].isna().all()
    assert table.iloc[:-1][["whole_low", "whole_high"]].isna().all(axis=None)
    two = response.dose_response(DOSES[1:3], values.loc[1:2]).iloc[-1]
    assert two["whole_low"] == two["step_low"] == two["change_low"]


@pytest.mark.parametrize(
    ("curve", "word"),
    [
        (lambda dose: dose, response.RISES),
        (lambda dose: -(dose**2), response.FALLS),
        (lambda dose: min(dose, 0.25), response.MOSTLY_RISES),
        (lambda dose: -max(dose, 0.5), response.MOSTLY_FALLS),
        (lambda dose: (dose - 0.3) ** 2, response.TURNS),
        (lambda dose: 0.0, response.UNTOLD),
    ],
)
def test_monotony_of_known_curves(curve, word):
    assert said(curve) == word


@pytest.mark.parametrize(
    ("steps", "change", "word"),
    [
        ([(1, 3), (-2, 1)], (-1, 3), response.PARTLY_RISES),
        ([(-3, -1), (-1, 2)], (-3, 1), response.PARTLY_FALLS),
        ([(-1, 5), (-3, -1), (-1, 5)], (1, 4), response.TURNS),  # up on the whole, and down at a step
        ([(1, 2), (-9, 1)], (-8, -1), response.TURNS),
    ],
)
def test_a_step_that_is_told_is_never_called_flat(steps, change, word):
    table = pd.DataFrame([(np.nan, np.nan), *steps], columns=["step_low", "step_high"])
    table[["whole_low", "whole_high"]] = np.nan
    table.loc[len(steps), ["whole_low", "whole_high"]] = change
    assert response.monotony(table) == word
    mirrored = -table.rename(
        columns=lambda name: name.replace("low", "x").replace("high", "low").replace("x", "high")
    )
    other = {response.PARTLY_RISES: response.PARTLY_FALLS, response.PARTLY_FALLS: response.PARTLY_RISES}
    assert response.monotony(mirrored) == other.get(word, word)


def test_a_flat_response_is_called_flat_as_often_as_stated():
    """Of 400 in which luck alone moves four doses on six seeds, at most 5 % are called anything else."""
    luck, wrong = np.random.default_rng(8), 0
    for _ in range(400):
        values = pd.DataFrame(luck.normal(0, 1, (4, 6)))
        wrong += response.monotony(response.dose_response(DOSES, values)) != response.UNTOLD
    assert wrong <= 20


def test_a_small_rise_drowns_in_luck():
    assert said(lambda dose: 0.01 * dose, noise=1.0) == response.UNTOLD


def test_what_is_no_dose_is_refused():
    with pytest.raises(ValueError, match="same dose"):
        response.dose_response(pd.Series([0.0, 0.0]), pd.DataFrame([[1.0], [2.0]]))
    values = observed(*outcomes_of([[1.0, 2.0], [3.0, 4.0]], common=False), "gini", YEARS)
    with pytest.raises(ValueError, match="seeds of their own"):
        response.dose_response(pd.Series([0.0, 1.0]), values)


def test_over_draws_each_counts_once():
    parts = [outcomes_of([[1.0, 3.0], [5.0, 9.0]], draw=draw) for draw in (1, 2, 3)]
    rows = pd.concat([p[0].assign(gini=lambda f, d=d: f["gini"] + d) for d, p in enumerate(parts)])
    values = observed(rows, parts[0][1], "gini", YEARS)
    table = response.dose_response(pd.Series([0.0, 1.0]), values)
    assert table["n"].tolist() == [3, 3]
    assert table["mean"].tolist() == pytest.approx([3, 8])


def test_changes_from_the_base_are_paired():
    points = pd.DataFrame({"a": [1.0, 2.0, 1.0], "b": ["never", "never", 2020]})
    values = pd.DataFrame([[1.0, 2.0, 9.0], [2.0, 4.0, 12.0], [0.0, 1.0, 8.0]])
    table = response.changes_from_base(points, values)
    assert table[["name", "value", "mean", "n"]].values.tolist() == [["a", 2.0, 2.0, 3], ["b", 2020, -1.0, 3]]
    assert (table.loc[0, "low"], table.loc[0, "high"]) == pytest.approx(
        stats.t.interval(0.95, 2, 2, stats.sem([1, 2, 3]))
    )
    assert table.loc[1, "se"] == 0
    assert (table.loc[0, "at_once_low"], table.loc[0, "at_once_high"]) == pytest.approx(
        stats.t.interval(1 - 0.05 / 2, 2, 2, stats.sem([1, 2, 3]))
    )
    assert response.told(table).tolist() == [False, True]
    assert response.told(table, -1.0).tolist() == [False, False]


# --- maps ---------------------------------------------------------------------------------------------------


def grid():
    points = pd.DataFrame([(x, y) for y in (0.0, 1.0) for x in (2.0, 1.0, 3.0)], columns=["x", "y"])
    values = pd.DataFrame(
        [[x + 10 * y - 1.5 + d for d in (-0.5, 0.0, 0.5)] for x, y in points.itertuples(index=False)]
    )
    return points, values


def test_a_map_is_a_rectangle_of_means():
    table = response.map_of(*grid(), "x", "y")
    assert response.cells(table, "x", "y").to_numpy().tolist() == [[9.5, 10.5, 11.5], [-0.5, 0.5, 1.5]]
    assert response.cells(table, "x", "y").index.tolist() == [1.0, 0.0]
    assert table["se"].to_numpy() == pytest.approx(np.full(6, 0.5 / np.sqrt(3)))


def test_where_a_map_changes_its_sign():
    found = response.turning_points(response.map_of(*grid(), "x", "y"), "x", "y")
    # the effect at x = 1 is −.5 ± 1.2
    assert found.to_dict("records") == [{"y": 0.0, "x": pytest.approx(1.5), "told": False}]


def test_a_sign_turns_where_both_sides_are_told():
    """Of the points of one sign beside the crossing one is enough; what lies beyond another crossing does not count."""
    mean = np.array([-5.0, -1.0, 2.0, 6.0, -1.0])
    table = pd.DataFrame({"x": range(5), "y": 0.0, "mean": mean, "low": mean, "high": mean})
    table = table.assign(at_once_low=mean - 3, at_once_high=mean + 3)
    assert response.turning_points(table, "x", "y")["told"].tolist() == [True, False]


def test_a_sign_turns_across_points_that_are_0():
    """Such as a strength of 0, where there is no effect to have a sign; a gap tells nothing."""
    table = pd.DataFrame({"x": [0.0, 1.0, 2.0, 4.0, 5.0, 6.0], "y": 0.0})
    table["mean"] = [0.0, -2.0, 0.0, 0.0, 5.0, -5.0]
    table = table.assign(at_once_low=table["mean"] - 1, at_once_high=table["mean"] + 1)
    found = response.turning_points(table, "x", "y")
    assert found[["x", "told"]].values.tolist() == [[3.0, True], [5.5, True]]
    table.loc[2, "mean"] = np.nan
    assert response.turning_points(table, "x", "y")["x"].tolist() == [5.5]


def test_a_third_parameter_is_refused():
    points, values = grid()
    with pytest.raises(ValueError, match="'z' varies"):
        response.map_of(points.assign(z=range(6)), values, "x", "y")
    with pytest.raises(ValueError, match="two points"):
        response.map_of(points.assign(y=0.0), values, "x", "y")
