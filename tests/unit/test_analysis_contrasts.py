"""Paired contrasts: against SciPy, against hand cases, and where numbers are missing."""

from math import isnan

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from abm.analysis import arms, contrasts
from abm.analysis.arms import ARMS
from abm.core.names import LAYERS
from tests.unit.reports_data import EFFECTS, SWITCH, factorial

VALUES = st.floats(-1e4, 1e4, allow_nan=False)


def table(rows):
    return pd.DataFrame(rows, columns=list(ARMS))


def test_the_eight_arms():
    assert ARMS == ("OIS", "OI", "OS", "IS", "O", "I", "S", "none")
    assert arms.in_order(["none", "O0.5IS", "OIS"]) == ["OIS", "none", "O0.5IS"]


def test_paired_interval_is_that_of_scipy():
    luck = np.random.default_rng(1)
    values = table(luck.normal(0, 1, (7, 8)))
    found = contrasts.difference(values, "OIS", "IS")
    gap = values["OIS"] - values["IS"]
    low, high = stats.t.interval(0.95, 6, loc=gap.mean(), scale=stats.sem(gap))
    assert found.n == 7
    assert found.mean == pytest.approx(gap.mean(), abs=1e-12)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-12)
    assert found.se == pytest.approx(stats.sem(gap), abs=1e-12)


def test_unpaired_interval_is_that_of_welch():
    luck = np.random.default_rng(2)
    values = table(luck.normal(0, 1, (6, 8)) * np.arange(1, 9))
    found = contrasts.difference(values, "OIS", "none")
    welch = stats.ttest_ind(values["OIS"], values["none"], equal_var=False).confidence_interval(0.95)
    assert (found.unpaired_low, found.unpaired_high) == pytest.approx((welch.low, welch.high), abs=1e-10)


def test_pairing_narrows_where_luck_is_shared():
    luck = np.random.default_rng(3)
    shared = luck.normal(0, 10, (8, 1))
    found = contrasts.difference(table(shared + luck.normal(0, 0.1, (8, 8))), "OIS", "IS")
    assert found.high - found.low < 0.1 * (found.unpaired_high - found.unpaired_low)


def test_averaged_over_the_other_layers():
    values = table([np.arange(8.0), np.arange(8.0) ** 2])
    row = values.iloc[0]
    by_hand = row[["OIS", "OI", "IS", "I"]].mean() - row[["OS", "O", "S", "none"]].mean()
    weights = contrasts.layer_weights("interest", "averaged")
    assert contrasts.contrast(values.iloc[:1], weights).mean == by_hand
    assert contrasts.layer_weights("interest", "on") == {"OIS": 1.0, "OS": -1.0}
    assert contrasts.layer_weights("interest", "off") == {"I": 1.0, "none": -1.0}
    assert contrasts.layer_weights("all") == {"OIS": 1.0, "none": -1.0}


@given(VALUES, st.dictionaries(st.sampled_from(LAYERS), VALUES, min_size=3), VALUES)
def test_interaction_of_a_known_surface(base, alone, together):
    """Layers that add up do not interact; what two do together is that pair's alone."""
    row = {}
    for arm in ARMS:
        on = {layer for layer, letter in arms.LETTERS.items() if letter in arm and arm != "none"}
        row[arm] = base + sum(alone[x] for x in on) + together * ({"organizational", "social"} <= on)
    values = pd.DataFrame([row])
    scale = 1e-9 * (1 + abs(base) + sum(map(abs, alone.values())) + abs(together))
    found = {
        pair: contrasts.contrast(values, contrasts.interaction_weights(*pair)).mean
        for pair in (("organizational", "interest"), ("organizational", "social"), ("interest", "social"))
    }
    assert found["organizational", "social"] == pytest.approx(together, abs=scale)
    assert found["organizational", "interest"] == pytest.approx(0, abs=scale)
    assert found["interest", "social"] == pytest.approx(0, abs=scale)


def test_one_replication_has_no_interval():
    found = contrasts.difference(table([np.arange(8.0)]), "OIS", "OI")
    assert (found.mean, found.n) == (-1.0, 1)
    assert all(isnan(x) for x in (found.se, found.low, found.high, found.unpaired_low))
    assert not found.excludes_zero


def test_units_that_lack_an_arm_are_left_out():
    values = table([[1.0] * 8, [2.0] * 8, [3.0] * 7 + [np.nan]])
    assert contrasts.difference(values, "OIS", "none").n == 2
    assert contrasts.difference(values, "OIS", "OI").n == 3
    assert contrasts.difference(values.drop(columns="OI"), "OIS", "OI").n == 0
    assert isnan(contrasts.difference(values.drop(columns="OI"), "OIS", "OI").mean)


def test_equal_arms_differ_by_exactly_nothing():
    found = contrasts.difference(table([[0.1] * 8, [0.3] * 8]), "OIS", "none")
    assert (found.mean, found.low, found.high) == (0.0, 0.0, 0.0)
    assert not found.excludes_zero


def test_by_arm_takes_the_years_and_population_asked_for():
    results = factorial(seeds=3)
    rows = results.outcomes
    values = contrasts.by_arm(rows, "gini", [2023, 2024], "rural")
    chosen = rows[(rows.population == "rural") & rows.year.isin([2023, 2024]) & (rows.arm == "OS")]
    assert list(values.columns) == list(ARMS)
    assert values["OS"].to_numpy() == pytest.approx(
        chosen.groupby("seed")["gini"].mean().to_numpy(), abs=1e-15
    )


def test_a_run_that_lacks_a_year_or_a_number_counts_as_missing():
    rows = factorial(seeds=2).outcomes
    first = rows.seed.min()
    gone = (rows.seed == first) & (rows.arm == "I") & (rows.year == 2025)
    assert contrasts.by_arm(rows[~gone], "gini", [2024, 2025])["I"].isna().tolist() == [True, False]
    rows = rows.assign(gini=rows.gini.mask(gone))
    values = contrasts.by_arm(rows, "gini", [2024, 2025])
    assert values["I"].isna().tolist() == [True, False]
    assert values.drop(columns="I").notna().all(axis=None)


def test_questions_and_budgets_are_never_mixed():
    both = pd.concat([factorial(seeds=1).outcomes, factorial(seeds=1, budget="withheld").outcomes])
    assert arms.comparisons(both) == [("cut", "neutral"), ("cut", "withheld")]
    with pytest.raises(ValueError, match="mixes questions or budgets"):
        contrasts.by_arm(both, "gini")
    assert len(arms.select(both, "cut", "withheld")) == len(both) // 2


def test_layer_effects_find_what_was_put_in():
    results = factorial(seeds=6)
    found = contrasts.layer_effects(
        results.outcomes, ["headcount_anchored_60"], range(2022, 2027), ("all", "rural")
    )
    assert found.groupby("population").size().to_dict() == {"all": 4, "rural": 4}
    for row in found[found.layer != "all"].itertuples():
        assert row.mean == pytest.approx(EFFECTS[row.layer][1], abs=4 * row.se)
    assert found[found.layer == "all"]["mean"].tolist() == pytest.approx([-0.03] * 2, abs=0.005)


def test_levels_are_means_over_seeds_with_t_intervals():
    rows = factorial(seeds=4).outcomes
    found = contrasts.levels(rows, "mean_income").set_index(["arm", "year"])
    chosen = rows[(rows.population == "all") & (rows.arm == "OI") & (rows.year == 2024)]["mean_income"]
    low, high = stats.t.interval(0.95, 3, loc=chosen.mean(), scale=stats.sem(chosen))
    row = found.loc["OI", 2024]
    assert (row["mean"], row["low"], row["high"]) == pytest.approx((chosen.mean(), low, high), rel=1e-12)


def test_effects_by_year_are_zero_before_the_switch():
    found = contrasts.effects_by_year(factorial(seeds=3).outcomes, "gini")
    assert (found[found.year < SWITCH][["mean", "low", "high"]] == 0).all(axis=None)
    assert set(found.layer) == {*LAYERS, "all"}
    assert (found[found.year >= SWITCH]["mean"] != 0).all()


def test_last_years():
    results = factorial(seeds=1)
    assert arms.last_years(results.manifest, results.outcomes) == (2022, 2023, 2024, 2025, 2026)
    short = results.outcomes[results.outcomes.year <= 2020]
    assert arms.last_years(results.manifest, short) == (2019, 2020)
    before = results.outcomes[results.outcomes.year <= 2016]
    assert arms.last_years(results.manifest, before) == (2014, 2015, 2016)


# --- draws of the parameters ------------------------------------------------------------------------------


def with_draws(**draws):
    """The made-up factorial, and the same again under draws of its own seeds, each mean income higher by a number."""
    own = factorial(3).outcomes
    parts = []
    for name, more in draws.items():
        draw = int(name[1:])
        rows = own.assign(draw=draw, seed=own["seed"] + 1000 * draw)
        rows["mean_income"] += np.where(rows["arm"] == "OIS", more, 0.0)
        parts.append(rows)
    return pd.concat(parts, ignore_index=True)


def test_draw_0_is_not_pooled_with_the_others():
    own, both = with_draws(d0=0.0), with_draws(d0=0.0, d1=4000.0, d2=9000.0)
    for made in (
        lambda f: contrasts.by_arm(f, "mean_income"),
        lambda f: contrasts.levels(f, "mean_income"),
        lambda f: contrasts.effects_by_year(f, "mean_income"),
        lambda f: contrasts.layer_effects(f, ["mean_income"], [SWITCH]),
    ):
        pd.testing.assert_frame_equal(made(own), made(both))
    assert arms.count_independent(both) == 3
    assert len(contrasts.by_unit(both, "mean_income")) == 9


def test_without_draw_0_the_seeds_of_a_draw_count_once():
    drawn = with_draws(d1=1000.0, d2=4000.0, d3=1000.0)
    values = contrasts.by_arm(drawn, "mean_income", [SWITCH])
    assert values.index.get_level_values("draw").tolist() == [1, 2, 3]
    unit = contrasts.by_unit(drawn, "mean_income", [SWITCH])
    assert values["none"].tolist() == pytest.approx(unit["none"].groupby("draw").mean().tolist())
    found = contrasts.difference(values, "OIS", "none")
    assert found.n == arms.count_independent(drawn) == 3
    assert found.se == pytest.approx(np.std([1000, 4000, 1000], ddof=1) / np.sqrt(3))
    assert set(contrasts.effects_by_year(drawn, "mean_income").n) == {3}
    lacking = drawn[
        ~((drawn["draw"] == 2) & (drawn["seed"] == drawn["seed"].max() - 1000) & (drawn["arm"] == "none"))
    ]
    assert contrasts.difference(contrasts.by_arm(lacking, "mean_income"), "OIS", "none").n == 2
    one = with_draws(d4=0.0)
    assert len(contrasts.by_arm(one, "mean_income")) == 3
