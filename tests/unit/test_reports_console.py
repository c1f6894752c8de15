"""The short table at the end of a factorial."""

from io import StringIO

import pandas as pd
from rich.console import Console
from scipy import stats

from abm.reports.console import summary_table
from tests.unit.reports_data import factorial


def shown(results, width=80):
    text = StringIO()
    Console(file=text, width=width, color_system=None).print(summary_table(results))
    return text.getvalue()


def test_effects_intervals_and_shares():
    results = factorial(seeds=4)
    chosen = results.outcomes[(results.outcomes.population == "all") & (results.outcomes.year >= 2022)]
    means = chosen.groupby(["seed", "arm"])["mean_income"].mean().unstack()
    gap = means["OIS"] - means["OS"]
    low, high = stats.t.interval(0.95, 3, loc=gap.mean(), scale=stats.sem(gap))
    text = shown(results)
    assert "on minus off" in text
    assert f"{gap.mean():+.0f}" in text
    assert f"{low:+.0f} to {high:+.0f}" in text
    assert text.count("share") >= 9
    assert "all three" in text


def test_one_seed_and_missing_arms():
    assert " to " not in shown(factorial(seeds=1)).split("Gini", 1)[1]
    assert "–" in shown(factorial(seeds=2, arms=("OIS",)))


def test_two_budgets_are_told_apart():
    one, other = factorial(seeds=2), factorial(seeds=2, budget="withheld")
    one.outcomes = pd.concat([one.outcomes, other.outcomes], ignore_index=True)
    one.flows = pd.concat([one.flows, other.flows], ignore_index=True)
    text = shown(one, 140)
    assert "interest (cut, neutral)" in text
    assert "interest (cut, withheld)" in text
