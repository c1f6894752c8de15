"""Which assumed parameters move an outcome: elementary effects of groups, then shares of variance.

*Elementary effects* (Morris 1991; for groups Campolongo, Cariboni and Saltelli 2007): along a trajectory one group of
parameters after the other moves by Δ of its range, and

    EE_i = (y(x + Δ e_i) − y(x)) / Δ,    μ*_i = mean |EE_i|,    σ_i = standard deviation of EE_i,

in the outcome's unit per whole range. *Shares of variance* (Sobol 2001; estimators of Saltelli et al. 2010):

    S_i = V[E(y | x_i)] / V(y),    ST_i = E[V(y | all but x_i)] / V(y);

1 − Σ S_i is owed to parameters acting together, and to luck (``Noise.left``). SALib computes both, with bootstrap
intervals (± 1.96 standard deviations); what is done here is the luck of the runs. Each point is run on R seeds and
averaged, and what is left of luck in the averages shifts the indices: a parameter that does no more than shuffle luck
has a mean |EE| of ``Noise.elementary`` and an ST of ``Noise.left`` all the same (one that touches nothing has 0, on
common seeds). Incomplete trajectories and blocks (a run failed) are left out whole.

Where all points were run on the same R ≥ 2 seeds, intervals of μ* are over trajectories and seeds, crossed. With s_t
the sign of trajectory t's own effect, averaged over seeds, μ* is the mean of the contributions s_t EE_ts to |EE_t|, a
table of trajectories and seeds; its interval is Student's (``crossed.crossed_half_width``). It is for the mean of μ*
over further trajectories and as many further seeds, so that what luck alone shows is in it. It assumes that
trajectories and seeds are drawn independently and that contributions are about normal, and takes signs as known. In
simulations of 4 to 20 trajectories it held 92 to 99 times in 100 on three seeds or more and 88 to 99 times on two,
least often where seeds and trajectories differ as much. A parameter that does nothing on average, but helps on one seed
and harms on the next, was told from luck at most 6 times in 100 (of ten trajectories on two seeds the bootstrap told it
99 times). It is short where a few trajectories have all of the effect (of ten, a threshold that each crosses with a
chance of one in ten: 65 times in 100; lognormal effects with σ = 1: 83), and about twice as long as it need be where
only luck differs.

With one seed a point, and of shares of variance, intervals are SALib's: the bootstrap takes trajectories (blocks) anew,
not seeds, and an interval holds for the seeds that were run. A parameter whose effect differs from seed to seed keeps
a part of that in its index, which they do not show. With few trajectories they are too short as well: of four, those
of 95 % hold about four times in five. Where points have seeds of their own, seeds are taken anew with the trajectories.

Sources: M. Morris (1991), Technometrics 33(2), 161–174; F. Campolongo, J. Cariboni and A. Saltelli (2007),
Environmental Modelling & Software 22(10), 1509–1518; I. Sobol (2001), Mathematics and Computers in Simulation 55,
271–280; A. Saltelli et al. (2010), Computer Physics Communications 181(2), 259–270.
"""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf, isfinite, nan, pi, sqrt
from typing import Any

import numpy as np
import pandas as pd

from abm.analysis.crossed import crossed_half_width

MOST_RUNS = 3000
"""Runs that a whole analysis may take unless told otherwise."""
RESAMPLES = 1000
LEVELS = 4
"""Levels of a Morris design's grid unless told otherwise."""
BOTH, TRAJECTORIES = "trajectories and seeds", "trajectories"
"""What an interval of μ* is over."""
_MORRIS = ["name", "mu", "mu_star", "low", "high", "sigma", "trajectories", "seeds", "over"]
_SEED = 1  # of the bootstrap: the same runs give the same intervals


@dataclass(frozen=True)
class Noise:
    """What seeds do to an outcome, beside what points do.

    Args:
        points, seeds: how many of each; ``seeds`` is that of a point.
        common: whether all points were run on the same seeds.
        between: variance over points, luck taken out.
        within: variance over the seeds of a point.
        rest: the part of ``within`` that common seeds do not share: what a difference between points sees.
    """

    points: int
    seeds: int
    common: bool
    between: float
    within: float
    rest: float

    @property
    def share(self) -> float:
        """Share of the variance of single runs that is the seed's."""
        total = self.between + self.within
        return self.within / total if total > 0 else nan

    @property
    def left(self) -> float:
        """Share of luck in differences between averages over seeds: the ST of one that only shuffles luck."""
        total = self.between + self.rest / self.seeds
        return self.rest / self.seeds / total if total > 0 else nan

    def elementary(self, levels: int = LEVELS) -> float:
        """The mean |EE| of one that only shuffles luck: of a normal difference of two averages, over Δ."""
        return sqrt(2 * self.rest / self.seeds) * sqrt(2 / pi) / step_of(levels)


def step_of(levels: int) -> float:
    """Δ of a Morris design with so many levels, as a part of the range: p / (2 (p − 1))."""
    return levels / (2 * (levels - 1))


def noise_of(values: pd.DataFrame) -> Noise:
    """Parts of the variance over points and seeds, by analysis of variance.

    With common seeds: two ways with one run a cell, where points, seeds and the rest add up; else one way. Points
    that lack a seed are left out.

    Args:
        values: one row per point, one column per seed: the seeds themselves where they are common, else the place in
            the point's own list. ``attrs["common"]`` says which (``observed.by_point`` fills it); common if it is
            not there.

    Returns:
        NaN variances with fewer than two seeds or points.
    """
    common = bool(values.attrs.get("common", True))
    table = values.dropna().to_numpy(dtype=float)
    points, seeds = table.shape
    if points < 2 or seeds < 2:
        return Noise(points, seeds, common, nan, nan, nan)
    by_point, by_seed, mean = table.mean(axis=1), table.mean(axis=0), table.mean()
    square = seeds * float(by_point.var(ddof=1))
    if common:
        left = table - by_point[:, None] - by_seed[None, :] + mean
        rest = float((left**2).sum()) / ((points - 1) * (seeds - 1))
        shared = max((points * float(by_seed.var(ddof=1)) - rest) / points, 0.0)
    else:
        rest, shared = float(table.var(axis=1, ddof=1).mean()), 0.0
    return Noise(points, seeds, common, max((square - rest) / seeds, 0.0), shared + rest, rest)


def morris_table(
    x: pd.DataFrame,
    values: pd.DataFrame | pd.Series,
    groups: Mapping[str, str] | None = None,
    levels: int = LEVELS,
) -> pd.DataFrame:
    """Elementary effects of groups of parameters, of the outcome averaged over seeds.

    Args:
        x: the points in the design's order, one column per parameter; only which of them move is read.
        values: the outcome, one row per point in that order and one column per seed, as for ``noise_of``; or one
            number per point. NaN where a run failed: its trajectory is left out whole.
        groups: parameter to group; a parameter that is not named is a group of its own.
        levels: of the grid that the design was drawn from.

    Returns:
        One row per group, the largest μ* first: ``name``, ``mu`` (of less meaning in a group of several, whose
        members move up and down), ``mu_star`` with ``low`` and ``high`` (NaN of one trajectory), ``sigma`` (NaN for
        several), ``trajectories``, ``seeds`` and what the interval is ``over``: ``BOTH`` where points share two seeds
        or more, else ``TRAJECTORIES``.

    Raises:
        ValueError: the points are no trajectories of these groups.
    """
    from SALib.analyze import morris

    runs = values.to_frame() if isinstance(values, pd.Series) else values
    shared = runs.shape[1] > 1 and bool(values.attrs.get("common", True))
    y = runs.mean(axis=1, skipna=False)
    problem = _problem(x, groups)
    names = list(dict.fromkeys(problem["groups"]))
    size = len(names) + 1
    kept = _whole_blocks(y, size, "trajectories")
    points = x.to_numpy(dtype=float)[kept]
    moved = _moved(points, problem["groups"], size)
    count = len(points) // size
    if count == 0:
        return pd.DataFrame(columns=_MORRIS)
    outcome = y.to_numpy(dtype=float)[kept]
    with np.errstate(invalid="ignore", divide="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # one trajectory has no standard deviation
        found = morris.analyze(
            problem, points, outcome, num_resamples=RESAMPLES, num_levels=levels, seed=_SEED
        )
    half = np.asarray(found["mu_star_conf"], dtype=float) if count > 1 else np.full(size - 1, nan)
    if shared:
        cells = _contributions(runs.to_numpy(dtype=float)[kept], moved) / step_of(levels)
        by_name = {name: crossed_half_width(own) for name, own in zip(names, cells, strict=True)}
        half = np.array([by_name[name] for name in found["names"]])
    star = np.asarray(found["mu_star"], dtype=float)
    table = pd.DataFrame(
        {
            "name": found["names"],
            "mu": np.asarray(found["mu"], dtype=float),
            "mu_star": star,
            "low": np.maximum(star - half, 0.0),
            "high": star + half,
            "sigma": np.asarray(found["sigma"], dtype=float),
            "trajectories": count,
            "seeds": runs.shape[1],
            "over": BOTH if shared else TRAJECTORIES,
        }
    )
    return table.sort_values("mu_star", ascending=False, ignore_index=True, kind="stable")


def _contributions(runs: np.ndarray, moved: np.ndarray) -> np.ndarray:
    """What each seed contributes to the size of each change: shape (groups, trajectories, seeds).

    Args:
        runs: shape (points, seeds), whole trajectories.
        moved: shape (trajectories, steps, groups).
    """
    count, steps, _ = moved.shape
    change = np.diff(runs.reshape(count, steps + 1, -1), axis=1)
    size = np.where(change.mean(axis=2, keepdims=True) < 0, -change, change)
    return np.asarray(np.einsum("tpg,tps->gts", moved.astype(float), size))


def sobol_table(
    x: pd.DataFrame,
    y: pd.Series,
    groups: Mapping[str, str] | None = None,
    *,
    second_order: bool = False,
) -> pd.DataFrame:
    """Shares of variance, of first order and total, of groups of parameters.

    Args:
        x, groups: as for ``morris_table``; points in the order of SALib's Sobol sample.
        y: the outcome averaged over seeds, one number per point in that order; NaN where it failed.
        second_order: whether the design holds the points for indices of second order, too.

    Returns:
        One row per group, the largest ST first: ``name``, ``S1``, ``S1_low``, ``S1_high``, ``ST``, ``ST_low``,
        ``ST_high``, ``base`` (blocks used). NaN where the outcome does not vary.

    Raises:
        ValueError: the number of points is no multiple of a block's.
    """
    from SALib.analyze import sobol

    problem = _problem(x, groups)
    names = list(dict.fromkeys(problem["groups"]))
    size = (2 if second_order else 1) * len(names) + 2
    outcome = y.to_numpy(dtype=float)[_whole_blocks(y, size, "blocks")]
    base = len(outcome) // size
    if base < 2 or np.ptp(outcome) <= 1e-12 * float(np.abs(outcome).max()):
        found: Mapping[str, Any] = {
            key: np.full(len(names), nan) for key in ("S1", "S1_conf", "ST", "ST_conf")
        }
    else:
        found = sobol.analyze(
            problem, outcome, calc_second_order=second_order, num_resamples=RESAMPLES, seed=_SEED
        )
    columns: dict[str, Any] = {"name": names}
    for key in ("S1", "ST"):
        middle, half = (np.asarray(found[which], dtype=float) for which in (key, f"{key}_conf"))
        columns |= {key: middle, f"{key}_low": middle - half, f"{key}_high": middle + half}
    table = pd.DataFrame(columns | {"base": base})
    return table.sort_values("ST", ascending=False, ignore_index=True, kind="stable")


def rank_table(x: pd.DataFrame, y: pd.Series) -> pd.DataFrame:
    """Partial rank correlations, for a Latin hypercube or any other sample (Iman and Conover 1979).

    Each parameter's ranks and the outcome's, both freed of what the ranks of the other parameters say linearly, are
    correlated; the interval is Fisher's, z ± 1.96/√(n − 3 − (k − 1)) for n points and k parameters.

    Returns:
        One row per parameter, the strongest first: ``name``, ``correlation``, ``low``, ``high``, ``points``; NaN
        where a parameter or the outcome does not vary, or with fewer than k + 4 points.
    """
    told = y.notna().to_numpy()
    ranks = x[told].rank().to_numpy(dtype=float)
    outcome = y[told].rank().to_numpy(dtype=float)
    n, k = ranks.shape
    rows = []
    for place, name in enumerate(x.columns):
        others = np.column_stack([np.ones(n), np.delete(ranks, place, axis=1)])
        r = _correlation(_freed(ranks[:, place], others), _freed(outcome, others)) if n > k + 3 else nan
        half = 1.959964 / sqrt(n - k - 2) if n > k + 2 else nan
        z = np.arctanh(r) if abs(r) < 1 else r * inf
        rows.append(
            {"name": name, "correlation": r, "low": np.tanh(z - half), "high": np.tanh(z + half), "points": n}
        )
    table = pd.DataFrame(rows)
    order = table["correlation"].abs().sort_values(ascending=False, kind="stable").index
    return table.loc[order].reset_index(drop=True)


def _freed(values: np.ndarray, others: np.ndarray) -> np.ndarray:
    return np.asarray(values - others @ np.linalg.lstsq(others, values, rcond=None)[0])


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    size = sqrt(float((a**2).sum()) * float((b**2).sum()))
    return float((a * b).sum()) / size if size > 1e-9 * len(a) else nan


# --- from screening to shares -----------------------------------------------------------------------------


def screened(table: pd.DataFrame, floor: float = 0.0, part: float = 0.1) -> list[str]:
    """Groups that go on from Morris to Sobol: those that may matter, the strongest first.

    Args:
        table: of ``morris_table``.
        floor: ``Noise.elementary``: what a group that does nothing shows.
        part: a group stays if the upper end of its interval reaches this part of the largest μ*, and the floor. On
            two seeds intervals are wide, and few groups are ruled out; ``screening.strongest`` ranks them instead.
    """
    least = max(part * float(table["mu_star"].max()), floor if isfinite(floor) else 0.0)
    high = table["high"].fillna(table["mu_star"])
    return [str(name) for name in table["name"][(high >= least) & (table["mu_star"] > 0)]]


def sobol_base(
    groups: int, replications: int = 1, runs: int = MOST_RUNS, *, second_order: bool = False
) -> int:
    """The largest base sample N, a power of two, with N (groups + 2) points of so many replications within the runs.

    Raises:
        ValueError: not even N = 2 fits.
    """
    block = ((2 if second_order else 1) * groups + 2) * replications
    if 2 * block > runs:
        raise ValueError(
            f"{runs} runs are too few for {groups} groups on {replications} seeds: {2 * block} or more"
        )
    return 1 << ((runs // block).bit_length() - 1)


# --- small parts ------------------------------------------------------------------------------------------


def _problem(x: pd.DataFrame, groups: Mapping[str, str] | None) -> dict[str, Any]:
    names = [str(name) for name in x.columns]
    return {
        "num_vars": len(names),
        "names": names,
        "groups": [(groups or {}).get(name, name) for name in names],
        "bounds": [[0.0, 1.0]] * len(names),
    }


def _whole_blocks(y: pd.Series, size: int, what: str) -> np.ndarray:
    """Which points lie in a block whose outcomes are all there."""
    if len(y) % size:
        raise ValueError(f"{len(y)} points are no whole number of {what} of {size} points")
    return np.repeat(y.notna().to_numpy().reshape(-1, size).all(axis=1), size)


def _moved(points: np.ndarray, groups: Sequence[str], size: int) -> np.ndarray:
    """Which group moves at which step, shape (trajectories, steps, groups): one at each step, and each once."""
    names = list(dict.fromkeys(groups))
    member = np.array([[group == name for group in groups] for name in names])
    moved = np.diff(points.reshape(-1, size, points.shape[1]), axis=1) != 0
    by_group = np.asarray((moved[:, :, None, :] & member[None, None]).any(axis=3))
    if not ((by_group.sum(axis=2) <= 1).all() and (by_group.sum(axis=1) <= 1).all()):
        raise ValueError("the points are no trajectories: from one to the next more than one group moves")
    return by_group
