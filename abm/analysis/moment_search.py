"""Simulated moments: the parameters whose mean simulated moments lie nearest to the targets.

McFadden (1989), *A method of simulated moments for estimation of discrete response models without numerical
integration*, Econometrica 57; Gouriéroux & Monfort (1996), *Simulation-based econometric methods*. The criterion is
the sum over targets of ((mean over seeds of the moment − target) / tolerance)², with the same seeds at every point
(common random numbers). It is searched over the unit cube of the priors: the scenario's own values and points about
them, so that a fit to older rules or targets is a beginning, and a Latin hypercube (McKay et al. 1979); then
response surfaces (Box & Wilson 1951, *On the experimental attainment of optimum conditions*, J. Royal Statistical
Society B 13): each moment as a quadratic of the parameters, fitted to all points so far, nearer ones counting more,
whose best point and some about it are looked at next; then SciPy's trust-region reflective least squares (Branch,
Coleman & Li 1999) from the best points, with forward differences whose step is wide. A simulated criterion is smooth
only on the large, and a surface uses every simulation there is.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares, minimize

from abm.analysis.evaluations import BudgetSpent
from abm.core.draws import Draws, key_of

Floats = NDArray[np.float64]
Residuals = Callable[[Floats], Iterator[Floats]]
"""From points (n, parameters) in the unit cube to (model − target) / tolerance of each in turn, shape (targets,)."""

STEP = 0.06
"""Step of the differences, as a share of the prior's range."""
POINTS_PER_PARAMETER = 6
NEAR = 0.3
"""Side of the box about the scenario's own values that half of the first points lie in."""
ROUNDS, ABOUT = 30, 3
"""Response surfaces at most, and points looked at about the best of each."""
PATIENCE = 8
"""Surfaces without a better point after which the search goes on by differences."""
STARTS = 6
FAILED = 1e3
"""Residual of each target at a point where a simulation fails."""


@dataclass
class Found:
    """Best point so far: place in the unit cube, residuals there, and how many points were looked at."""

    point: Floats | None = None
    residuals: Floats | None = None
    cost: float = float("inf")
    points: int = 0
    finished: bool = False


def search(residuals: Residuals, parameters: int, seed: int, found: Found, own: Floats | None = None) -> None:
    """Search until nothing better turns up; ``found`` holds the best point at any time.

    Args:
        residuals: may raise ``BudgetSpent``, which ends the search.
        parameters: their number.
        seed: of the Latin hypercube.
        found: filled in.
        own: where the scenario's own values lie, if that is known; shape (parameters,).
    """

    def looked(points: Floats) -> Floats:
        rows = []
        for point, row in zip(points, residuals(points), strict=True):
            rows.append(row)
            found.points += 1
            cost = float((row**2).sum())
            if cost < found.cost:
                found.point, found.residuals, found.cost = point.copy(), row.copy(), cost
        return np.array(rows)

    def keep(points: Floats) -> Floats:
        rows = looked(points)
        seen.extend(zip(points, rows, strict=True))
        return rows

    def surfaces() -> None:
        """Points at the best of one fitted surface after the other, until ``PATIENCE`` of them brought nothing."""
        idle = 0
        for turn in range(ROUNDS):
            before = found.cost
            best = lowest(np.array([p for p, _ in seen]), np.array([r for _, r in seen]))
            spread = 0.08 * (1.0 - turn / ROUNDS)
            keys = key_of(turn, np.arange(ABOUT)[:, None], np.arange(parameters))
            about = best + spread * Draws(seed).normal("calibration.about", 0, keys)
            keep(np.clip(np.vstack([best, about]), 0.0, 1.0))
            idle = 0 if found.cost < 0.995 * before else idle + 1
            if idle == PATIENCE:
                return

    seen: list[tuple[Floats, Floats]] = []

    def slopes(x: Floats) -> Floats:
        """Forward differences, backward where the cube ends; shape (targets, parameters)."""
        steps = np.where(x + STEP <= 1.0, STEP, -STEP)
        values = looked(np.vstack([x, x + np.diag(steps)]))
        return (values[1:] - values[0]).T / steps

    try:
        points = latin_hypercube(max(16, POINTS_PER_PARAMETER * parameters), parameters, seed)
        if own is not None:
            near = np.clip(own + NEAR * (points[::2] - 0.5), 0.0, 1.0)
            points = np.vstack([own, near, points[1::2]])
        keep(points)
        surfaces()
        tried: list[Floats] = []
        for point, _ in sorted(seen, key=lambda one: float((one[1] ** 2).sum())):
            start = np.clip(point, 0.01, 0.99)
            if any(np.abs(start - other).max() < 0.25 for other in tried):
                continue
            tried.append(start)
            least_squares(
                lambda x: looked(x[None, :])[0], start, jac=slopes, bounds=(0.0, 1.0), method="trf",
                ftol=1e-3, xtol=5e-3, gtol=1e-6, max_nfev=12,
            )  # fmt: skip
            if len(tried) == STARTS:
                break
        found.finished = True
    except BudgetSpent:
        return


def lowest(points: Floats, residuals: Floats) -> Floats:
    """Where the sum of squares of the fitted surfaces is lowest in the unit cube.

    Each residual is a quadratic without products, by ridge regression; a point counts the more, the lower its own sum.

    Args:
        points: shape (n, parameters).
        residuals: shape (n, targets).
    """
    costs = np.sqrt((residuals**2).mean(axis=1))
    usable = costs < FAILED / 2.0
    if not usable.any():
        return np.full(points.shape[1], 0.5)
    points, residuals, costs = points[usable], residuals[usable], costs[usable]
    terms = np.column_stack([np.ones(len(points)), points, points**2])
    weight = 1.0 / (0.3 + costs) ** 2
    ridge = np.diag(np.r_[0.0, np.full(points.shape[1], 0.03), np.full(points.shape[1], 0.1)]) * weight.mean()
    fitted = np.linalg.solve((terms.T * weight) @ terms + ridge, (terms.T * weight) @ residuals)

    def height(x: Floats) -> float:
        return float(((np.r_[1.0, x, x**2] @ fitted) ** 2).mean())

    starts = points[np.argsort(costs, kind="stable")[:6]]
    ends = [minimize(height, start, bounds=[(0.0, 1.0)] * len(start)) for start in starts]
    return np.asarray(min(ends, key=lambda end: float(end.fun)).x)


def latin_hypercube(points: int, dimensions: int, seed: int) -> Floats:
    """Points in the unit cube, one in each of equally many slices of every side; shape (points, dimensions)."""
    keys, luck = key_of(np.arange(points)), Draws(seed)
    sides = [
        (np.argsort(luck.uniform("calibration.slice", side, keys)) + luck.uniform("calibration.place", side, keys))
        / points
        for side in range(dimensions)
    ]  # fmt: skip
    return np.column_stack(sides)
