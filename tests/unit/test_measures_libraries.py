"""The measures against the libraries that have them.

PySAL `inequality` has no weights, so weighted cases are compared by repeating rows; it puts a tiny number for
zero and refuses zero in Atkinson, so its incomes here are above the bottom code. `microdf` has weights; its
gaps are in money, summed, and are divided here by line and persons.
"""

import microdf
import numpy as np
import pandas as pd
import pytest
from inequality.atkinson import atkinson as pysal_atkinson
from inequality.gini import Gini as PysalGini
from inequality.theil import Theil as PysalTheil
from inequality.theil import TheilD as PysalTheilD

from abm.measures import (
    Distribution,
    atkinson,
    decompose_theil_t,
    gini,
    mean,
    median,
    poverty_gap,
    poverty_severity,
    theil_t,
)

LINES = (3_000.0, 9_000.0, 30_000.0)


@pytest.fixture(params=[0, 1, 2])
def households(request):
    """Incomes above the bottom code, persons, group codes."""
    luck = np.random.default_rng(request.param)
    rows = 2000
    income = np.round(luck.lognormal(9.5, 0.4 + 0.2 * request.param, rows), 2)
    income = np.maximum(income, 0.02 * income.mean())
    return income, luck.integers(1, 8, rows), luck.integers(0, 45, rows)


def test_pysal_unweighted(households):
    income, _, group = households
    assert gini(income) == pytest.approx(PysalGini(income).g, abs=1e-13)
    assert theil_t(income) == pytest.approx(PysalTheil(income).T, abs=1e-13)
    for epsilon in (0.5, 1, 2):
        assert atkinson(income, None, epsilon) == pytest.approx(pysal_atkinson(income, epsilon), abs=1e-13)
    ours, theirs = decompose_theil_t(income, None, group), PysalTheilD(income, group)
    assert ours.between == pytest.approx(float(np.squeeze(theirs.bg)), abs=1e-13)
    assert ours.within == pytest.approx(float(np.squeeze(theirs.wg)), abs=1e-13)


def test_pysal_weighted_by_repeating_rows(households):
    income, persons, group = households
    each, code = np.repeat(income, persons), np.repeat(group, persons)
    assert gini(income, persons) == pytest.approx(PysalGini(each).g, abs=1e-13)
    assert theil_t(income, persons) == pytest.approx(PysalTheil(each).T, abs=1e-13)
    for epsilon in (0.5, 1, 2):
        assert atkinson(income, persons, epsilon) == pytest.approx(pysal_atkinson(each, epsilon), abs=1e-13)
    between = float(np.squeeze(PysalTheilD(each, code).bg))
    assert decompose_theil_t(income, persons, group).between == pytest.approx(between, abs=1e-13)


def test_pysal_and_ours_agree_on_mixed_signs():
    # Both follow the formula beyond 1, without a word; ours gives NaN once the mean is not positive.
    assert gini([-1, 1, 2]) == pytest.approx(PysalGini(np.array([-1, 1, 2])).g)
    assert gini([-3, 1, 5]) == pytest.approx(PysalGini(np.array([-3, 1, 5])).g)


def test_microdf_weighted(households):
    income, persons, _ = households
    series, people = microdf.MicroSeries(income, weights=persons), Distribution(income, persons)
    assert people.gini == pytest.approx(series.gini(), abs=1e-13)
    assert people.mean == pytest.approx(mean(income, persons), rel=1e-14)
    assert people.mean == pytest.approx(series.mean(), rel=1e-14)
    assert people.median == median(income, persons) == series.median()
    for q in (0.1, 0.25, 0.9):
        assert people.quantile(q) == series.quantile(q)
    for part in (0.1, 0.2, 0.4, 0.5):
        below, above = people.lorenz([part, 1 - part])[1]
        assert below == pytest.approx(series.bottom_x_pct_share(part), abs=1e-12)
        assert 1 - above == pytest.approx(series.top_x_pct_share(part), abs=1e-12)
    palma = series.top_10_pct_share() / series.bottom_x_pct_share(0.4)
    assert people.palma == pytest.approx(palma, abs=1e-11)
    assert people.s80_s20 == pytest.approx(
        series.top_x_pct_share(0.2) / series.bottom_x_pct_share(0.2), abs=1e-10
    )


def test_microdf_gini_with_negative_incomes(households):
    income, persons, _ = households
    income = income - 6_000
    with pytest.warns(UserWarning, match="negative"):
        expected = microdf.MicroSeries(income, weights=persons).gini()
    assert gini(income, persons) == pytest.approx(expected, abs=1e-13)


@pytest.mark.parametrize("line", LINES)
def test_microdf_poverty(households, line):
    income, persons, _ = households
    table = microdf.MicroDataFrame(pd.DataFrame({"income": income, "line": line}), weights=persons)
    people, everybody = Distribution(income, persons), persons.sum()
    assert people.headcount(line) == pytest.approx(table.poverty_rate("income", "line"), abs=1e-14)
    gap = table.poverty_gap("income", "line") / line / everybody
    assert poverty_gap(income, persons, line) == pytest.approx(gap, abs=1e-14)
    severity = table.squared_poverty_gap("income", "line") / line**2 / everybody
    assert poverty_severity(income, persons, line) == pytest.approx(severity, abs=1e-14)
