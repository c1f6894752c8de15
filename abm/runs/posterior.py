"""A posterior: draws of a scenario's fitted parameters with weights, in one CSV file that says what it is of.

The file begins with comment lines ``# key = JSON`` (scenario, identity, code, priors, targets, method, number of
simulations, versions); then come the columns ``draw, weight, distance`` and one for each fitted parameter.
"""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from abm.core.draws import Draws, key_of, name_key
from abm.core.errors import InputError
from abm.model import plan
from abm.scenario.load import beside, read_scenario
from abm.scenario.schema import Scenario
from abm.scenario.tables import read_fifths, read_paths

FORMAT = 1
KEYS = ("draw", "weight", "distance")
"""Columns before those of the parameters."""
_WORDS = frozenset({"source", "status", "title", "title_zh", "name_zh", "paper"})
_AGAIN = "make it again with 'abm calibrate'"


@dataclass(frozen=True, eq=False)
class Posterior:
    """Weighted draws from the posterior of a scenario's free parameters.

    Args:
        names: full names of the parameters.
        values: one row per draw, one column per parameter.
        weights: of the draws, summing to 1.
        distances: of each draw's simulation from the targets, in tolerances (root of the mean square).
        about: what the file says of itself.
    """

    names: tuple[str, ...]
    values: NDArray[np.float64]
    weights: NDArray[np.float64]
    distances: NDArray[np.float64]
    about: Mapping[str, Any]

    def __len__(self) -> int:
        return len(self.weights)

    def picked(self, seed: int, draw: int) -> dict[str, float]:
        """All parameters of one draw from the file, chosen by weight; the same for the same seed and draw."""
        key = key_of(name_key("posterior"))
        u = float(Draws(seed).uniform("parameters.posterior", draw, key)[0])
        row = int(np.searchsorted(np.cumsum(self.weights), u * self.weights.sum(), side="right"))
        row = min(row, len(self) - 1)
        return {name: float(value) for name, value in zip(self.names, self.values[row], strict=True)}


def identity(scenario: Scenario, free: Sequence[str]) -> str:
    """What a posterior is of: SHA-256 of all numbers, names and choices of the scenario.

    Left out are the values of the free parameters, the table of the calibration itself, and what only explains
    (sources, statuses, titles), so that better words do not cost a new calibration.
    """
    said = scenario.model_dump(mode="json", exclude_defaults=True, exclude={"calibration"})
    said["parameters"] = {k: v["value"] for k, v in said.get("parameters", {}).items() if k not in free}
    everything = [_bare(said), sorted(read_paths(scenario).items()), read_fifths(scenario)]
    return sha256(json.dumps(everything, sort_keys=True).encode()).hexdigest()


def _bare(content: Any) -> Any:
    """Tables without the keys that only explain."""
    if isinstance(content, dict):
        return {key: _bare(value) for key, value in content.items() if key not in _WORDS}
    return [_bare(value) for value in content] if isinstance(content, list) else content


def write_posterior(path: Path, posterior: Posterior) -> None:
    """Write the file in one piece."""
    frame = pd.DataFrame(posterior.values, columns=list(posterior.names))
    frame.insert(0, "distance", posterior.distances)
    frame.insert(0, "weight", posterior.weights)
    frame.insert(0, "draw", np.arange(1, len(posterior) + 1))
    about = {"format": FORMAT, **posterior.about}
    head = "".join(f"# {key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in about.items())
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_text(head + frame.to_csv(index=False, lineterminator="\n"), encoding="utf-8")
    temporary.replace(path)


def posterior_of(scenario: Scenario) -> Posterior | None:
    """The posterior that the scenario names; None where it names none.

    Raises:
        InputError: the file is missing, damaged, or of another scenario.
    """
    if scenario.calibration is None or scenario.calibration.posterior is None:
        return None
    return read_posterior(beside(scenario, scenario.calibration.posterior), scenario)


def read_posterior(path: Path, scenario: Scenario) -> Posterior:
    """Read a posterior and check that it is one of this scenario.

    Raises:
        InputError: the file is missing or damaged, of another scenario, lacks a column, or holds values out of
            bounds or weights that do not sum to 1.
    """
    about, frame = _parsed(path)
    free = about.get("free")
    if about.get("format") != FORMAT or not isinstance(free, list) or not free:
        raise InputError("is no posterior that this version reads", file=path, mend=_AGAIN)
    missing = [column for column in (*KEYS, *free) if column not in frame]
    if missing:
        raise InputError("the column is missing", file=path, key=missing[0], mend=_AGAIN)
    # What a user has set on top of the file (--set) is set on top of the posterior too.
    if about.get("identity") not in (identity(scenario, free), identity(read_scenario(scenario.file), free)):
        raise InputError(
            f"is the posterior of another scenario than {scenario.file}, or of one that has changed since",
            file=path,
            key="identity",
            mend=f"{_AGAIN}, or set posterior = '' in [calibration]",
        )
    numbers = frame[[*KEYS, *free]].apply(pd.to_numeric, errors="coerce").to_numpy(dtype=np.float64)
    if not len(numbers):
        raise InputError("holds no draws", file=path, mend=_AGAIN)
    if not np.isfinite(numbers).all():
        row, column = np.argwhere(~np.isfinite(numbers))[0]
        _complain(path, [*KEYS, *free][column], row, "is no number")
    weights, values = numbers[:, 1], numbers[:, len(KEYS) :]
    if (weights < 0).any() or abs(weights.sum() - 1.0) > 1e-6:
        problem = f"the weights sum to {weights.sum():.6g}, not to 1"
        raise InputError(problem, file=path, key="weight", mend=_AGAIN)
    settings = plan.settings(scenario)
    for column, name in enumerate(free):
        if name not in settings:
            problem = "is no parameter of this scenario"
            raise InputError(problem, file=path, key=name, mend=_AGAIN)
        low, high = settings[name].parameter.bounds
        outside = np.flatnonzero((values[:, column] < low) | (values[:, column] > high))
        if len(outside):
            what = f"{values[outside[0], column]:g} is out of bounds ({low:g} to {high:g})"
            _complain(path, name, int(outside[0]), what)
    return Posterior(tuple(free), values, weights, numbers[:, 2], about)


def _complain(path: Path, column: str, row: int, problem: str) -> None:
    raise InputError(f"draw {row + 1}: {problem}", file=path, key=column, mend=_AGAIN)


def _parsed(path: Path) -> tuple[dict[str, Any], pd.DataFrame]:
    """The comment lines as a dictionary, and the rows."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        mend = "make it with 'abm calibrate', or set posterior = '' in [calibration]"
        raise InputError("there is no such posterior", file=path, mend=mend) from None
    except (OSError, UnicodeDecodeError):
        raise InputError("cannot be read", file=path, mend=_AGAIN) from None
    head = [line for line in lines if line.startswith("#")]
    try:
        pairs = (line.lstrip("# ").split(" = ", 1) for line in head)
        about = {key: json.loads(value) for key, value in pairs}
        body = "\n".join(line for line in lines if not line.startswith("#"))
        return about, pd.read_csv(io.StringIO(body))
    except ValueError:
        raise InputError("is damaged", file=path, mend=_AGAIN) from None
