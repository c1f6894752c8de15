"""Targets: what published figures say that a run should show. One CSV row each, checked before anything runs.

Columns: ``id, population, year, measure, value, tolerance, unit, status, source, use, note``. ``use`` is ``fit``
(a calibration aims at it), ``check`` (a validation looks at it) or ``none``. A figure that is only recalled, not
seen, is ``none``.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from abm.analysis.moments import DISTRICT_ONLY, MEASURES, Observed, measured
from abm.core.errors import InputError, nearest
from abm.core.names import POPULATIONS
from abm.runs.simulate import Tables
from abm.scenario.load import beside
from abm.scenario.schema import Scenario

COLUMNS = (
    "id", "population", "year", "measure", "value", "tolerance", "unit", "status", "source", "use", "note"
)  # fmt: skip
STATUSES = ("seed", "published", "assumed", "recalled")
USES = ("fit", "check", "none")


@dataclass(frozen=True)
class Target:
    """One row: ``measure`` of ``population`` in ``year`` should be ``value``, give or take ``tolerance``."""

    id: str
    population: str
    year: int
    measure: str
    value: float
    tolerance: float
    unit: str
    status: str
    source: str
    use: str
    note: str

    def met(self, value: float) -> bool:
        """Whether a value lies within the tolerance."""
        return abs(value - self.value) <= self.tolerance * (1.0 + 1e-9)


def targets_file(scenario: Scenario, given: str | Path | None = None) -> Path:
    """Path of the scenario's targets, or of those that were given instead."""
    if given is not None:
        return Path(given)
    if scenario.calibration is None:
        mend = 'add it with targets = "data/targets.csv" and free = ["…"], or give --targets'
        raise InputError("has no table [calibration]", file=scenario.file, key="calibration", mend=mend)
    return beside(scenario, scenario.calibration.targets)


def read_targets(path: Path, scenario: Scenario) -> list[Target]:
    """Read and check all rows.

    Raises:
        InputError: names file, row and column, and the mend.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        mend = "give a CSV file with the columns " + ", ".join(COLUMNS)
        raise InputError("cannot be read", file=path, key="--targets", mend=mend) from None
    table = csv.DictReader(io.StringIO(text), restval="")
    missing = [column for column in COLUMNS if column not in (table.fieldnames or ())]
    if missing:
        mend = f"give the columns {', '.join(COLUMNS)}"
        raise InputError("the column is missing", file=path, key=missing[0], mend=mend)
    targets: list[Target] = []
    for row in table:
        target = _row(row, table.line_num, path, scenario)
        if target.id in {t.id for t in targets}:
            mend = "give each row an id of its own"
            raise InputError("this id stands twice", file=path, key=f"{target.id}.id", mend=mend)
        targets.append(target)
    return targets


def used_for(use: str, targets: Sequence[Target], path: Path) -> list[Target]:
    """The rows of one use; there has to be one."""
    rows = [target for target in targets if target.use == use]
    if not rows:
        raise InputError(f"has no row with use = {use}", file=path, key="use", mend="mark some rows so")
    return rows


def years_for(targets: Sequence[Target], scenario: Scenario) -> int:
    """Calendar years from the scenario's first that all targets need."""
    return max(target.year for target in targets) - scenario.start_year + 1


def values_in(tables: Tables, scenario: Scenario, targets: Sequence[Target]) -> NDArray[np.float64]:
    """What one run gives for each target; shape (targets,)."""
    observed = Observed(tables, scenario)
    return np.array([measured(observed, t.measure, t.population, t.year) for t in targets])


def misses(values: NDArray[np.float64], targets: Sequence[Target]) -> NDArray[np.float64]:
    """(model − target) / tolerance; shape of ``values``, whose last axis is the targets."""
    aims = np.array([t.value for t in targets])
    return (values - aims) / np.array([t.tolerance for t in targets])


def digest_of(targets: Sequence[Target]) -> str:
    """SHA-256 of what the rows ask, without their notes."""
    said = [(t.id, t.population, t.year, t.measure, t.value, t.tolerance) for t in targets]
    return sha256(repr(said).encode()).hexdigest()


def _row(row: Mapping[str, Any], line: int, path: Path, scenario: Scenario) -> Target:
    name = str(row["id"]).strip() or f"line {line}"

    def wrong(column: str, problem: str, mend: str) -> InputError:
        return InputError(problem, file=path, key=f"{name}.{column}", mend=mend)

    def word(column: str, words: Sequence[str]) -> str:
        text = str(row[column]).strip()
        if text not in words:
            raise wrong(column, f"there is no {column} '{text}'", nearest(text, words))
        return text

    def number(column: str) -> float:
        try:
            value = float(row[column])
        except ValueError:
            value = float("nan")
        if not isfinite(value):
            raise wrong(column, f"'{row[column]}' is no number", "give a number")
        return value

    if not str(row["id"]).strip():
        raise wrong("id", "is empty", "give the row an id")
    measure_name, population = word("measure", tuple(MEASURES)), word("population", POPULATIONS)
    measure = MEASURES[measure_name]
    lack = _lacking(population, scenario)
    if lack:
        raise wrong("population", f"{scenario.name} has no {lack}", "take the row out")
    if measure_name in DISTRICT_ONLY and population != "all":
        raise wrong("population", f"'{measure_name}' is of all together", "write all")
    year = number("year")
    first, last = scenario.start_year + measure.before, scenario.end_year
    if year != int(year) or not first <= year <= last:
        problem = f"{row['year']} lies outside the years of {measure_name} in a run"
        raise wrong("year", problem, f"give a year from {first} to {last}")
    unit = word("unit", (measure.unit,))
    value, tolerance = number("value"), number("tolerance")
    if not measure.low <= value <= measure.high:
        mend = f"give a value from {measure.low:g} to {measure.high:g} ({measure.unit})"
        raise wrong("value", f"{value:g} cannot be a {measure_name}", mend)
    if tolerance <= 0:
        raise wrong("tolerance", f"{tolerance:g} is too small", f"give more than 0 ({measure.unit})")
    status, use = word("status", STATUSES), word("use", USES)
    if status == "recalled" and use != "none":
        raise wrong("use", "a recalled figure is no target", "write none, or look the figure up")
    texts = {column: str(row[column] or "").strip() for column in ("source", "note")}
    if not texts["source"] and use != "none":
        raise wrong("source", "is empty", "say where the figure comes from")
    return Target(name, population, int(year), measure_name, value, tolerance, unit, status, use=use, **texts)


def _lacking(population: str, scenario: Scenario) -> str:
    """Why a scenario has nobody of a population; empty if it has somebody."""
    if population == "floating" and scenario.district.floating_people == 0:
        return "floating people"
    if population == "urban" and not scenario.selected("communities"):
        return "communities, where urban residents live"
    if population == "rural" and not scenario.selected("villages"):
        return "villages, where rural residents live"
    return ""
