"""4 and 12 ticks a year are the same model, seen more or less finely.

Exact where a rule has a closed form or a step of its own (the labour market clears by the month at any tick); within
a stated tolerance where a finer step settles matters in another order (who is hired before thinking of leaving). The
tolerance is for means over five seeds of a small world: most of it is the luck of founders, whose keys are made of the
tick. In larger worlds that luck averages out.
"""

from functools import cache
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from abm.core.draws import Draws
from abm.model.model import JointPointModel
from tests.worlds import finish, t_district

SEEDS = range(5)

RELATIVE = {
    "mean_income": 0.04, "median_income": 0.04, "urban_rural_ratio": 0.06,
    "messages_organizational": 0.15, "messages_social": 0.1, "savings_years": 0.02, "households": 0.01,
}  # fmt: skip
ABSOLUTE = {
    "gini": 0.01, "theil_t": 0.02, "headcount_60": 0.02, "employment_rate": 0.015, "migrant_share": 0.005,
    "share_wage": 0.02, "share_business": 0.01, "share_property": 0.001, "share_transfer": 0.015,
    "mean_trust": 0.005, "mean_participation": 0.005, "integration_index": 0.005,
    "outside_net_per_head": 600.0,
}  # fmt: skip


@cache
def means(ticks: int, **overrides: object) -> pd.DataFrame:
    """Means over the years of each measure of the district, one column per seed."""
    scenario = t_district(scenario__ticks_per_year=ticks, **overrides)
    return pd.DataFrame(
        {
            seed: finish(
                JointPointModel(scenario, households=600, years=6, views=False, rng=seed)
            ).district.mean(numeric_only=True)
            for seed in SEEDS
        }
    )


def differences(coarse: pd.DataFrame, fine: pd.DataFrame) -> list[str]:
    """Measures that differ by more than their tolerance."""
    a, b = coarse.mean(axis=1), fine.mean(axis=1)
    found = [name for name, bound in RELATIVE.items() if not abs(b[name] / a[name] - 1.0) <= bound]
    return found + [name for name, bound in ABSOLUTE.items() if not abs(b[name] - a[name]) <= bound]


@pytest.mark.slow
def test_quarters_and_months_agree() -> None:
    assert differences(means(4), means(12)) == []


@pytest.mark.slow
def test_a_rate_that_came_three_times_as_often_would_be_seen() -> None:
    """The tolerance is worth something: a rate applied per tick, not per year, goes beyond it."""
    assert differences(means(4), means(12, labour__search_rate=6.0)) != []


@pytest.mark.parametrize("ticks", [4, 12])
def test_money_that_is_fixed_by_the_year_is_the_same(ticks: int) -> None:
    """Envelopes do not hang on what anybody does; each payment rounds to a fen. Pensions hang on who is there, and who
    comes and leaves on work: hardly."""
    size = {"households": 400, "years": 6, "views": False, "rng": 1}
    flows = finish(JointPointModel(t_district(scenario__ticks_per_year=ticks), **size)).flows
    quarters = finish(JointPointModel(t_district(), **size)).flows
    for kind in ("opening", "envelope", "pension"):
        a, b = (f[f.kind == kind].groupby("year").amount.sum() for f in (flows, quarters))
        fen = 0.005 * (4 + ticks) * size["households"]
        near = {"rel": 0.01, "abs": fen} if kind == "pension" else {"rel": 0.0, "abs": fen}
        assert a.to_dict() == pytest.approx(b.to_dict(), **near), kind


@pytest.mark.parametrize("ticks", [4, 12])
def test_fortunes_have_their_stationary_law_at_any_tick(ticks: int) -> None:
    """Variance σ² in every year, and correlation ρ from one year to the next."""
    model = JointPointModel(
        t_district(scenario__ticks_per_year=ticks), households=6000, years=3, views=False, luck=Draws(1)
    )
    h, kept = model.world.households, []
    while model.running:
        model.step()
        if model.world.calendar.year_ends:
            kept.append(h.fortune.copy())
    first = (h.generation == 0) & model.world.points.inhabited  # one household all the time
    n = first.sum()
    kept = [z[first] for z in kept]
    for z in kept:
        assert z.mean() == pytest.approx(0.0, abs=5 * np.sqrt(0.06 / n))
        assert z.var() == pytest.approx(0.06, rel=5 * np.sqrt(2 / n))
    for before, after in pairwise(kept):
        assert np.corrcoef(before, after)[0, 1] == pytest.approx(0.75, abs=5 * (1 - 0.75**2) / np.sqrt(n))
    assert np.corrcoef(kept[0], kept[2])[0, 1] == pytest.approx(0.75**2, abs=5 / np.sqrt(n))


def test_a_season_is_one_for_the_whole_year_and_the_same_at_any_tick() -> None:
    seasons = []
    for ticks in (4, 12):
        model = JointPointModel(
            t_district(scenario__ticks_per_year=ticks), households=400, years=2, views=False, rng=1
        )
        seen = []
        while model.running:
            model.step()
            seen.append(model.world.households.season.copy())
        assert all(np.array_equal(s, seen[0]) for s in seen[:ticks])
        assert all(np.array_equal(s, seen[ticks]) for s in seen[ticks:])
        stays = model.world.households.generation == 0  # who comes and goes hangs on work
        seasons.append((np.where(stays, seen[0], 0.0), np.where(stays, seen[ticks], 0.0)))
    both = np.all([np.array(s) != 0.0 for s in seasons], axis=(0, 1))
    assert both.mean() > 0.8
    assert np.array_equal(np.array(seasons[0])[:, both], np.array(seasons[1])[:, both])
    assert not np.array_equal(seasons[0][0], seasons[0][1])
