"""A made-up model, targets and scenario files for the tests of calibration."""

from pathlib import Path

import numpy as np

from abm.analysis.calibration import Problem
from abm.analysis.evaluations import Budget, Workers
from abm.analysis.targets import COLUMNS, Target
from abm.core.draws import Draws, key_of

TRUE = {"a.x": 0.7, "a.y": 0.4}
PRIORS = {"a.x": (0.0, 1.0), "a.y": (0.0, 2.0), "a.idle": (0.0, 1.0)}
HERE = Workers()

GOOD_ROW = {
    "id": "mean",
    "population": "rural",
    "year": "2015",
    "measure": "mean_income",
    "value": "18000",
    "tolerance": "500",
    "unit": "yuan",
    "status": "assumed",
    "source": "made up",
    "use": "fit",
    "note": "",
}


class MadeUp:
    """Three moments of two parameters with some noise; a third parameter does nothing.

    Args:
        stop_after: simulations after which it behaves like a user's Ctrl-C; 0: never.
        fails: whether it fails where a.x is above .9.
    """

    calls = 0  # of the model that was made last; copies that pyabc makes count too

    def __init__(self, stop_after: int = 0, fails: bool = False) -> None:
        self.stop_after, self.fails = stop_after, fails
        MadeUp.calls = 0

    def __call__(self, values, seed):
        MadeUp.calls += 1
        if self.stop_after and MadeUp.calls > self.stop_after:
            raise KeyboardInterrupt
        x, y = values["a.x"], values["a.y"]
        if self.fails and x > 0.9:
            raise ZeroDivisionError("too far")
        noise = 0.02 * Draws(seed).normal("noise", 0, key_of(np.arange(3)))
        return np.array([x, x * y, y * y]) + noise


def made_up_problem(model=None, *, population=30, **about) -> Problem:
    x, y = TRUE.values()
    targets = tuple(
        Target(name, "rural", 2021, "gini", value, 0.02, "index", "assumed", "made up", "fit", "")
        for name, value in (("x", x), ("xy", x * y), ("yy", y * y))
    )
    said = {"scenario": "made up", "seed": 3, "seeds": 2, "population": population, **about}
    return Problem(model or MadeUp(), targets, PRIORS, said)


def budget(simulations: int) -> Budget:
    return Budget(simulations=simulations)


def write_targets(path: Path, *rows: dict[str, str]) -> Path:
    lines = [",".join(COLUMNS)] + [",".join(row[column] for column in COLUMNS) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def town(folder: Path, calibration: str = "") -> Path:
    """A scenario file that extends T District without a burn-in, and a target file beside it."""
    checked = {"id": "gini", "measure": "gini", "value": "0.32", "tolerance": "0.02", "unit": "index"}
    write_targets(folder / "aims.csv", GOOD_ROW, {**GOOD_ROW, **checked, "use": "check"})
    path = folder / "town.toml"
    none = "" if "posterior =" in calibration else 'posterior = ""\n'
    path.write_text(
        'extends = "t_district"\n[scenario]\nname = "town"\nburn_in = 0\nswitch_year = 2015\n[calibration]\n'
        + none
        + (calibration or 'targets = "aims.csv"\nfree = ["own_account.gross", "consumption.from_savings"]\n'),
        encoding="utf-8",
    )
    return path
