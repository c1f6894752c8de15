"""Simulated moments: the parameters whose mean simulated moments lie nearest to the targets.

McFadden (1989), *A method of simulated moments for estimation of discrete response models without numerical
integration*, Econometrica 57; Gouriéroux & Monfort (1996), *Simulation-based econometric methods*. The criterion is
the sum over targets of ((mean over seeds of the moment − target) / tolerance)², with the same seeds at every point
(common random numbers). It is searched over the unit cube of the priors: a Latin hypercube (McKay et al. 1979), then
SciPy's trust-region reflective least squares (Branch, Coleman & Li 1999) from its best points, with forward
differences whose step is wide, since a simulated criterion is smooth only on the large.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from abm.analysis.evaluations import BudgetSpent
from abm.core.draws import Draws, key_of

Floats = NDArray[np.float64]
Residuals = Callable[[Floats], Iterator[Floats]]
"""From points (n, parameters) in the unit cube to (model − target) / tolerance of each in turn, shape (targets,)."""

STEP = 0.06
"""Step of the differences, as a share of the prior's range."""
POINTS_PER_PARAMETER = 6
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


def search(residuals: Residuals, parameters: int, seed: int, found: Found) -> None:
    """Search until nothing better turns up; ``found`` holds the best point at any time.

    Args:
        residuals: may raise ``BudgetSpent``, which ends the search.
        parameters: their number.
        seed: of the Latin hypercube.
        found: filled in.
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

    def slopes(x: Floats) -> Floats:
        """Forward differences, backward where the cube ends; shape (targets, parameters)."""
        steps = np.where(x + STEP <= 1.0, STEP, -STEP)
        values = looked(np.vstack([x, x + np.diag(steps)]))
        return (values[1:] - values[0]).T / steps

    try:
        points = latin_hypercube(max(16, POINTS_PER_PARAMETER * parameters), parameters, seed)
        costs = (looked(points) ** 2).sum(axis=1)
        tried: list[Floats] = []
        for row in np.argsort(costs, kind="stable"):
            start = np.clip(points[row], 0.01, 0.99)
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


def latin_hypercube(points: int, dimensions: int, seed: int) -> Floats:
    """Points in the unit cube, one in each of equally many slices of every side; shape (points, dimensions)."""
    keys, luck = key_of(np.arange(points)), Draws(seed)
    sides = [
        (np.argsort(luck.uniform("calibration.slice", side, keys)) + luck.uniform("calibration.place", side, keys))
        / points
        for side in range(dimensions)
    ]  # fmt: skip
    return np.column_stack(sides)
