"""What an experiment will take, before it is run: runs, burn-ins, time and disk, from short runs of its kind."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from shutil import disk_usage
from time import process_time

import pyarrow as pa
import pyarrow.parquet as pq

from abm.core.errors import InputError
from abm.population.synthesis import households_by_place
from abm.records.schema import TABLES
from abm.runs.design import RunSpec
from abm.runs.manifest import begun
from abm.runs.planned import Planned, burn_ins
from abm.runs.simulate import run_spec

PROBE_HOUSEHOLDS, PROBE_YEARS = (1000, 10_000), (1, 3)
"""Sizes of the short runs: as many households as the first at most in so many years each; as the second in the more."""
BLOCK = 4096
"""Bytes that a file takes at least on most disks; a file's last block is rarely full."""
BY_PLACE = ("villages", "graph")
"""Tables with rows for each place that is simulated."""
_GENEROUS = (2_000_000, 150_000, 150)
"""Bytes that no run exceeds: at once, per year, and per household and year where the households are kept."""


@dataclass(frozen=True)
class Cost:
    """What a run costs: at once and by year, in seconds of processor time and in bytes by table.

    The seconds of a year have a part for each household; bytes of the table of households grow with households, those
    of places with places.
    """

    seconds: tuple[float, float]
    per_household: float
    bytes: Mapping[str, tuple[float, float]]
    households: int
    places: int

    def year(self, households: int) -> float:
        """Seconds of a year of a run of so many households."""
        return self.seconds[1] + self.per_household * max(households - self.households, 0)


@dataclass(frozen=True)
class Forecast:
    """What is to come.

    Args:
        points, runs, missing: how many points and runs there are, and how many runs are not done yet.
        burn_ins: how many distinct burn-ins the missing runs need.
        seconds: processor time of the missing runs.
        bytes: what they will add to the disk.
        cost: of the short runs that this follows from.
    """

    points: int
    runs: int
    missing: int
    burn_ins: int
    seconds: float
    bytes: float
    cost: Cost


def forecast(plan: Planned, done: Collection[str] = ()) -> Forecast:
    """What the runs that are not ``done`` will take, by short runs of the first of them.

    Time and bytes of a year are the difference of two, divided by their years; what a run costs at once is what
    remains. A third, of more households, says what one more household costs. Years of the burn-in, and those before
    the switch, are taken for years after it, which is more than they cost.
    """
    finished = frozenset(done)
    missing = [spec for spec in plan.specs if spec.run_id not in finished]
    spec = missing[0] if missing else plan.specs[0]
    cost = probe(spec)
    at_once, a_year = cost.seconds[0], cost.year(_size(spec)[0])
    burnt = burn_ins(missing)
    return Forecast(
        points=len(plan.points.rows),
        runs=len(plan.specs),
        missing=len(missing),
        burn_ins=burnt,
        seconds=len(missing) * (at_once + a_year * spec.years) + burnt * a_year * spec.scenario.burn_in,
        bytes=len(missing) * _run_bytes(spec, cost) + _manifest_bytes(plan),
        cost=cost,
    )


def probe(spec: RunSpec) -> Cost:
    """Short runs of a kind from the switch on, without a burn-in: their processor time, and the bytes of the tables
    that are kept."""
    short = _short(spec)
    households = min(_size(spec)[0], PROBE_HOUSEHOLDS[0])
    years = [min(number, spec.years) for number in PROBE_YEARS]
    seconds, sizes = [], []
    for number in years:
        taken, tables = _timed(replace(short, households=households, years=number))
        kept = [name for name in tables if not spec.tables or name in spec.tables]
        seconds.append(taken)
        sizes.append({name: _parquet_bytes(tables[name]) for name in kept})
    span = max(years[1] - years[0], 1)
    per_year = max((seconds[1] - seconds[0]) / span, 0.0)
    at_once = max(seconds[1] - per_year * years[1], 0.0)
    per_household, more = 0.0, min(_size(spec)[0], PROBE_HOUSEHOLDS[1])
    if more > households:
        taken, _ = _timed(replace(short, households=more, years=years[1]))
        per_household = max((taken - seconds[1]) / years[1], 0.0) / (more - households)
    by_table = {}
    for name in sizes[1]:
        grows = max((sizes[1][name] - sizes[0].get(name, 0)) / span, 0.0)
        by_table[name] = (max(sizes[1][name] - grows * years[1], 0.0), grows)
    places = _size(replace(short, households=households))[1]
    return Cost((at_once, per_year), per_household, by_table, households, places)


def _short(spec: RunSpec) -> RunSpec:
    """The same run from the switch year on, where it reaches so far, and without a burn-in."""
    head = spec.scenario.scenario
    last = spec.scenario.start_year + spec.years - 1
    start = max(spec.scenario.start_year, min(spec.scenario.switch_year, last - PROBE_YEARS[1] + 1))
    head = head.model_copy(update={"burn_in": 0, "start_year": start})
    return replace(spec, scenario=spec.scenario.model_copy(update={"scenario": head}), cache=False)


def _timed(spec: RunSpec) -> tuple[float, Mapping[str, pa.Table]]:
    began = process_time()
    tables = run_spec(spec).arrow
    return process_time() - began, tables


def check_room(expected: float, folder: Path) -> None:
    """Refuse results that the disk has no room for.

    Raises:
        InputError: the free disk is smaller.
    """
    free = free_bytes(folder)
    if expected > free:
        raise InputError(
            f"the results will take {shown_bytes(expected)}, and the disk has {shown_bytes(free)} left",
            file=folder,
            key="--out",
            mend="name a folder on a larger disk, keep fewer tables (outputs), or run fewer points",
        )


def check_room_quickly(plan: Planned, done: Collection[str], folder: Path) -> None:
    """The same before a batch begins; the short runs are done only where a generous guess does not fit.

    Raises:
        InputError: as ``check_room``.
    """
    at_once, a_year, a_household = _GENEROUS
    spec, missing = plan.specs[0], len(plan.specs) - len(done)
    kept = a_household * _size(spec)[0] if spec.snapshots else 0
    if missing * (at_once + (a_year + kept) * spec.years) > free_bytes(folder):
        check_room(forecast(plan, done).bytes, folder)


def free_bytes(folder: Path) -> int:
    """Room on the disk that a folder lies on, or will lie on."""
    there = next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())
    return disk_usage(there).free


def shown_bytes(number: float) -> str:
    """Bytes for a reader: ``3.2 GB``."""
    for unit, size in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if number >= size:
            return f"{number / size:.3g} {unit}"
    return f"{number / 1e3:.3g} kB"


def shown_time(seconds: float) -> str:
    """Seconds for a reader: ``3 h 20 min``."""
    minutes, left = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {left} s" if minutes else f"{left} s"


def _size(spec: RunSpec) -> tuple[int, int]:
    """How many households a run has, and in how many places."""
    households = households_by_place(spec.scenario, spec.households)
    return int(households.sum()), int((households > 0).sum())


def _parquet_bytes(table: object) -> int:
    file = BytesIO()
    pq.write_table(table, file)
    return file.tell()


def _run_bytes(spec: RunSpec, cost: Cost) -> float:
    """Bytes of a run's files, each with half a block that is not full, and its marker."""
    households, places = _size(spec)
    tables, years = dict(cost.bytes), dict.fromkeys(TABLES, spec.years)
    if spec.scenario.burn_in and "outcomes" in tables and (not spec.tables or "burn_in" in spec.tables):
        tables["burn_in"], years["burn_in"] = tables["outcomes"], spec.scenario.burn_in
    total = float(BLOCK)
    for name, (at_once, a_year) in tables.items():
        grown = households / cost.households if name == "households" else 1.0
        grown = places / cost.places if name in BY_PLACE else grown
        total += (at_once + a_year * years[name]) * grown + BLOCK / 2
    return total


def _manifest_bytes(plan: Planned) -> int:
    manifest = begun(plan.specs, plan.command, plan.experiment.header.seed, plan.record)
    return len(json.dumps(manifest, indent=1).encode())
