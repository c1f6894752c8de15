"""Elementary effects and shares of variance on functions whose answers are known; the luck of runs beside them."""

from math import pi, sqrt

import numpy as np
import pandas as pd
import pytest
from SALib.sample import latin, morris, sobol
from scipy import stats

from abm.analysis import sensitivity as s
from abm.analysis.crossed import crossed_half_width

NAMES = ("a.x", "a.y", "b.z", "c.w")
GROUPS = {"a.x": "a", "a.y": "a"}


def problem(names=NAMES, groups=None, low=0.0, high=1.0):
    made = {"num_vars": len(names), "names": list(names), "bounds": [[low, high]] * len(names)}
    return made | ({"groups": [groups.get(name, name) for name in names]} if groups else {})


def points(module, count, **options):
    wanted = problem(**{k: options.pop(k) for k in ("names", "groups", "low", "high") if k in options})
    return pd.DataFrame(module.sample(wanted, count, **options), columns=wanted["names"])


# --- Morris -------------------------------------------------------------------------------------------------


def test_effects_of_a_plane_are_its_slopes():
    x = points(morris, 5, seed=1)
    table = s.morris_table(x, x @ np.array([1.0, -3.0, 2.0, 0.0])).set_index("name")
    assert table["mu_star"].to_dict() == pytest.approx({"a.y": 3, "b.z": 2, "a.x": 1, "c.w": 0})
    assert table["mu"].to_dict() == pytest.approx({"a.y": -3, "b.z": 2, "a.x": 1, "c.w": 0})
    assert table["sigma"].to_numpy() == pytest.approx(np.zeros(4), abs=1e-12)
    assert table[["low", "high"]].to_numpy() == pytest.approx(table[["mu_star"] * 2].to_numpy(), abs=1e-12)
    assert list(table.index) == ["a.y", "b.z", "a.x", "c.w"]
    assert set(table["trajectories"]) == {5}


def test_effects_are_per_whole_range():
    x = points(morris, 4, seed=1, low=-10.0, high=30.0)
    assert s.morris_table(x, x["b.z"] * 2.0).iloc[0]["mu_star"] == pytest.approx(80)


def test_a_product_shows_by_sigma():
    """y = x·z: the effect of x is z, over the grid 0, 1/3, 2/3, 1 with mean 1/2."""
    x = points(morris, 400, seed=2)
    table = s.morris_table(x, x["a.x"] * x["b.z"]).set_index("name")
    assert table.loc["a.x", "mu_star"] == pytest.approx(0.5, abs=0.05)
    assert table.loc["a.x", "sigma"] == pytest.approx(np.std([0, 1 / 3, 2 / 3, 1]), abs=0.03)
    half = (table.loc["a.x", "high"] - table.loc["a.x", "low"]) / 2
    assert half == pytest.approx(1.96 * table.loc["a.x", "sigma"] / sqrt(400), rel=0.15)


def test_groups_move_together():
    x = points(morris, 60, seed=3, groups=GROUPS)
    table = s.morris_table(x, 5 * x["a.x"] + x["b.z"], GROUPS).set_index("name")
    assert set(table.index) == {"a", "b.z", "c.w"}
    assert table["mu_star"].to_dict() == pytest.approx({"a": 5, "b.z": 1, "c.w": 0})
    assert np.isnan(table.loc["a", "sigma"])
    assert table.loc["b.z", "sigma"] == pytest.approx(0, abs=1e-12)


def test_a_trajectory_with_a_failed_run_is_left_out_whole():
    x = points(morris, 6, seed=4)
    y = x @ np.array([1.0, -3.0, 2.0, 0.0])
    y[7] = np.nan
    table = s.morris_table(x, y)
    assert set(table["trajectories"]) == {5}
    assert table.iloc[0]["mu_star"] == pytest.approx(3)
    assert s.morris_table(x, y * np.nan).empty


def test_other_points_are_no_trajectories():
    x = points(latin, 20, seed=1)
    with pytest.raises(ValueError, match="no trajectories"):
        s.morris_table(x, x["a.x"])
    with pytest.raises(ValueError, match="no whole number of trajectories"):
        s.morris_table(x.iloc[:-1], x["a.x"].iloc[:-1])
    x = points(morris, 4, seed=1)
    with pytest.raises(ValueError, match=r"no (whole number of )?trajectories"):
        s.morris_table(x, x["a.x"], GROUPS)


def on_seeds(x, slopes, luck=0.0, seed=7):
    """A plane for each seed: slopes of shape (parameters, seeds), and luck of every run."""
    slopes = np.asarray(slopes, dtype=float)
    draws = np.random.default_rng(seed)
    return pd.DataFrame(x.to_numpy() @ slopes + draws.normal(0, luck, (len(x), slopes.shape[1])))


def test_an_interval_over_trajectories_and_seeds_by_hand():
    """Slopes 4 and 8 on two seeds: μ* = 6 in all trajectories, and the seeds' t-interval is all that is left."""
    x = points(morris, 5, seed=1)
    values = on_seeds(x, [[4, 8], [-1, -1], [2, -2], [0, 0]])
    table = s.morris_table(x, values).set_index("name")
    half = stats.t.ppf(0.975, 1) * 4 / 2
    assert table["mu_star"].to_dict() == pytest.approx({"a.x": 6, "a.y": 1, "b.z": 0, "c.w": 0}, abs=1e-12)
    assert table.loc["a.x", ["low", "high"]].to_list() == pytest.approx([0.0, 6 + half])
    assert table.loc["a.y", ["low", "high"]].to_list() == pytest.approx([1, 1])
    assert set(table["over"]) == {s.BOTH}
    assert set(table["seeds"]) == {2}
    more = s.morris_table(x, on_seeds(x, [[5.5, 6, 6.5], [0] * 3, [0] * 3, [0] * 3])).set_index("name")
    half = stats.t.ppf(0.975, 2) * 0.5 / sqrt(3)
    assert more.loc["a.x", ["low", "high"]].to_list() == pytest.approx([6 - half, 6 + half])


def test_contributions_go_with_their_groups():
    """Members of a group move up and down at once; its interval is that of its own contributions to μ*."""
    x = points(morris, 6, seed=3, groups=GROUPS)
    values = on_seeds(x, [[5, 6], [2, 1], [1, 1], [0, 0]], luck=0.3)
    table = s.morris_table(x, values, GROUPS).set_index("name")
    steps = x.diff().iloc[1:]
    for name, members in (("a", ["a.x", "a.y"]), ("b.z", ["b.z"]), ("c.w", ["c.w"])):
        at = [i for i in steps.index if i % 4 and (steps.loc[i, members] != 0).any()]
        change = (values.loc[at].to_numpy() - values.loc[[i - 1 for i in at]].to_numpy()) * 1.5
        cells = change * np.where(change.mean(axis=1, keepdims=True) < 0, -1, 1)
        assert table.loc[name, "mu_star"] == pytest.approx(cells.mean())
        assert table.loc[name, "high"] - cells.mean() == pytest.approx(crossed_half_width(cells))


def test_one_seed_or_seeds_of_its_own_leave_an_interval_over_trajectories():
    x = points(morris, 8, seed=4)
    values = on_seeds(x, [[4, 6], [1, 1], [0, 0], [0, 0]], luck=0.5)
    mean = s.morris_table(x, values.mean(axis=1))
    assert set(mean["over"]) == {s.TRAJECTORIES}
    assert set(mean["seeds"]) == {1}
    own = values.copy()
    own.attrs["common"] = False
    found = s.morris_table(x, own)
    assert set(found["over"]) == {s.TRAJECTORIES}
    assert found[["mu_star", "low", "high"]].equals(mean[["mu_star", "low", "high"]])
    one = s.morris_table(x, values[[0]])
    assert set(one["over"]) == {s.TRAJECTORIES}
    assert (one["high"] > one["mu_star"]).all()
    lone = s.morris_table(x.iloc[:5], values.iloc[:5])
    assert lone[["low", "high", "sigma"]].isna().all(axis=None)


def test_what_helps_on_one_seed_and_harms_on_the_next_is_seldom_told_from_luck():
    """Its slope is another on each of two seeds, 0 on average. Over trajectories alone it is nearly always told."""
    x, draws, told = points(morris, 10, seed=5, names=NAMES[:2]), np.random.default_rng(6), []
    for turn in range(120):
        values = on_seeds(x, [draws.normal(0, 1, 2), [0, 0]], luck=0.02, seed=turn)
        floor = s.noise_of(values).elementary()
        both, alone = (s.morris_table(x, y).set_index("name") for y in (values, values.mean(axis=1)))
        told.append([table.loc["a.x", "low"] > floor for table in (both, alone)])
    both, alone = np.mean(told, axis=0)
    assert both <= 0.1
    assert alone >= 0.3


# --- Sobol --------------------------------------------------------------------------------------------------


def ishigami(x, a=7.0, b=0.1):
    x1, x2, x3 = (x[name] for name in ("x1", "x2", "x3"))
    return np.sin(x1) + a * np.sin(x2) ** 2 + b * x3**4 * np.sin(x1)


@pytest.mark.parametrize("second_order", [False, True])
def test_shares_of_ishigami_are_the_known_ones(second_order):
    """Variance a²/8 + bπ⁴/5 + b²π⁸/18 + 1/2; Sobol and Levitan (1999)."""
    a, b = 7.0, 0.1
    total = a**2 / 8 + b * pi**4 / 5 + b**2 * pi**8 / 18 + 0.5
    first = {"x1": 0.5 * (1 + b * pi**4 / 5) ** 2 / total, "x2": a**2 / 8 / total, "x3": 0.0}
    both = b**2 * pi**8 * (1 / 18 - 1 / 50) / total
    x = points(
        sobol, 2048, names=("x1", "x2", "x3"), low=-pi, high=pi, calc_second_order=second_order, seed=1
    )
    table = s.sobol_table(x, ishigami(x), second_order=second_order).set_index("name")
    assert table["S1"].to_dict() == pytest.approx(first, abs=0.02)
    last = {"x1": first["x1"] + both, "x2": first["x2"], "x3": both}
    assert table["ST"].to_dict() == pytest.approx(last, abs=0.02)
    assert ((table["ST_low"] < table["ST"]) & (table["ST"] < table["ST_high"])).all()
    assert set(table["base"]) == {2048}


def test_shares_of_groups():
    """y = 3x + 4y + 2z: variances 9, 16, 4 in parts of 29, the first two in one group."""
    x = points(sobol, 1024, groups=GROUPS, calc_second_order=False, seed=2)
    table = s.sobol_table(x, x @ np.array([3.0, 4.0, 2.0, 0.0]), GROUPS).set_index("name")
    assert table["ST"].to_dict() == pytest.approx({"a": 25 / 29, "b.z": 4 / 29, "c.w": 0}, abs=0.01)
    assert table["S1"].to_dict() == pytest.approx({"a": 25 / 29, "b.z": 4 / 29, "c.w": 0}, abs=0.02)


def test_a_block_with_a_failed_run_is_left_out_whole():
    x = points(sobol, 256, calc_second_order=False, seed=3)
    y = x @ np.array([3.0, 4.0, 2.0, 0.0])
    y[13] = np.nan
    table = s.sobol_table(x, y)
    assert set(table["base"]) == {255}
    assert table.iloc[0]["ST"] == pytest.approx(16 / 29, abs=0.05)


def test_what_does_not_vary_has_no_shares():
    x = points(sobol, 8, calc_second_order=False, seed=3)
    assert s.sobol_table(x, x["a.x"] * 0.0 + 3.1)["ST"].isna().all()
    with pytest.raises(ValueError, match="no whole number of blocks"):
        s.sobol_table(x.iloc[:-1], x["a.x"].iloc[:-1])


# --- ranks --------------------------------------------------------------------------------------------------


def test_one_parameter_has_spearmans_correlation():
    luck = np.random.default_rng(1)
    x = pd.DataFrame({"x": luck.normal(0, 1, 40)})
    y = pd.Series(np.exp(x["x"]) + luck.normal(0, 1, 40))
    row = s.rank_table(x, y).iloc[0]
    r = stats.spearmanr(x["x"], y).statistic
    assert row["correlation"] == pytest.approx(r, abs=1e-12)
    assert (row["low"], row["high"]) == pytest.approx(
        tuple(np.tanh(np.arctanh(r) + np.array([-1, 1]) * 1.959964 / sqrt(37)))
    )


def test_ranks_are_freed_of_the_other_parameters():
    """With two parameters, against the textbook's formula of a partial correlation."""
    luck = np.random.default_rng(2)
    x = pd.DataFrame({"a": luck.normal(0, 1, 60), "c": luck.normal(0, 1, 60)})
    x["c"] += x["a"]
    y = pd.Series(x["a"] - 2 * x["c"] + luck.normal(0, 1, 60))
    r = pd.DataFrame({**x, "y": y}).corr("spearman")
    by_hand = (r.loc["a", "y"] - r.loc["a", "c"] * r.loc["c", "y"]) / sqrt(
        (1 - r.loc["a", "c"] ** 2) * (1 - r.loc["c", "y"] ** 2)
    )
    table = s.rank_table(x, y).set_index("name")
    assert table.loc["a", "correlation"] == pytest.approx(by_hand, abs=1e-10)
    assert list(table.index) == ["c", "a"]
    assert s.rank_table(x, y * 0).correlation.isna().all()
    assert s.rank_table(x.iloc[:5], y.iloc[:5]).correlation.isna().all()


# --- luck ---------------------------------------------------------------------------------------------------


def parts(points=400, seeds=30, of_point=3.0, of_seed=2.0, rest=1.0):
    luck = np.random.default_rng(3)
    a, b = luck.normal(0, of_point, (points, 1)), luck.normal(0, of_seed, (1, seeds))
    return pd.DataFrame(a + b + luck.normal(0, rest, (points, seeds)))


def test_variance_of_seeds_by_hand():
    """Two points, two seeds: 0 2 / 4 8. Means 1, 6 and 2, 5; what is left is ±1/2."""
    noise = s.noise_of(pd.DataFrame([[0.0, 2.0], [4.0, 8.0]]))
    assert noise.rest == pytest.approx(4 * 0.25 / 1)
    assert noise.between == pytest.approx((2 * 12.5 - 1) / 2)
    assert noise.within == pytest.approx((2 * 4.5 - 1) / 2 + 1)


def test_parts_of_variance_are_found():
    noise = s.noise_of(parts())
    assert (noise.between, noise.rest) == pytest.approx((9, 1), rel=0.15)
    assert noise.share == pytest.approx(noise.within / (noise.between + noise.within))
    assert noise.left == pytest.approx(1 / 30 / (9 + 1 / 30), rel=0.15)


def test_seeds_of_each_points_own():
    table = parts(of_seed=0.0)
    table.attrs["common"] = False
    noise = s.noise_of(table)
    assert (noise.common, noise.within) == (False, pytest.approx(1, rel=0.05))
    assert noise.within == noise.rest
    f = stats.f_oneway(*table.to_numpy()).statistic
    assert noise.between == pytest.approx((f - 1) * noise.rest / 30)


def test_without_repetition_nothing_is_known():
    noise = s.noise_of(pd.DataFrame([[1.0], [2.0]]))
    assert np.isnan([noise.share, noise.left, noise.elementary()]).all()


def test_what_luck_alone_shows():
    """An outcome that no parameter moves: its mean |EE| is the one foretold, and its ST too beside one that does."""
    luck = np.random.default_rng(4)
    x = points(morris, 300, seed=5)
    runs = pd.DataFrame(luck.normal(0, 2, (len(x), 3)) + luck.normal(0, 9, (1, 3)))
    noise = s.noise_of(runs)
    table = s.morris_table(x, runs.mean(axis=1))
    assert table["mu_star"].to_numpy() == pytest.approx(np.full(4, noise.elementary()), rel=0.12)
    x = points(sobol, 512, calc_second_order=False, seed=6)
    runs = pd.DataFrame(x["a.x"].to_numpy()[:, None] * 10 + luck.normal(0, 2, (len(x), 3)))
    noise = s.noise_of(runs)
    table = s.sobol_table(x, runs.mean(axis=1)).set_index("name")
    assert table.loc[["a.y", "b.z", "c.w"], "ST"].to_numpy() == pytest.approx(np.full(3, noise.left), rel=0.2)


# --- from one to the other ----------------------------------------------------------------------------------


def test_who_goes_on_from_screening():
    table = pd.DataFrame(
        {"name": list("abcd"), "mu_star": [10.0, 2.0, 0.4, 0.0], "high": [11.0, 3.0, 0.9, 0.0]}
    )
    assert s.screened(table) == ["a", "b"]
    assert s.screened(table, part=0.05) == ["a", "b", "c"]
    assert s.screened(table, floor=4.0) == ["a"]
    assert s.screened(table, floor=np.nan, part=0.0) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("groups", "replications", "second_order", "base"),
    [(10, 1, False, 128), (10, 4, False, 32), (4, 2, True, 128), (1, 1, False, 512)],
)
def test_the_largest_sample_within_the_runs(groups, replications, second_order, base):
    found = s.sobol_base(groups, replications, second_order=second_order)
    block = ((2 if second_order else 1) * groups + 2) * replications
    assert found == base
    assert base * block <= 3000 < 2 * base * block


def test_too_many_groups_for_the_runs():
    with pytest.raises(ValueError, match="too few"):
        s.sobol_base(60, 4, runs=400)
