"""Observing a world at each year-end: it reads everything and writes nothing.

Income is yearly disposable income per head of usual residents; persons are divisor and weight. Lines anchored to
the rural median of the year before the switch are filled in for earlier years once that year has come. Years before
the scenario's first one (the burn-in) serve as history; the last ten of them are a table of their own.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from abm.core.names import INCOME_SOURCES, POPULATIONS
from abm.graph.census import LinkCount, count_links
from abm.population.households import members
from abm.records.dynamics import anchored, rank_dynamics, spells
from abm.records.gains import GainRow, Start, gains, start_of
from abm.records.measuring import GROUP_OF_POPULATION, LORENZ, POPULATION_GROUPS, YearMeasured, groups_of
from abm.records.panel import KEPT, Panel, PanelYear
from abm.records.schema import KEY_COLUMNS, MEASURE_COLUMNS, TABLES, RunKey, key_columns
from abm.world.world import World

BURN_IN_YEARS = 10
"""Years of the burn-in whose outcomes are kept."""
_NAN = float("nan")
_POPULATION_ROWS = [GROUP_OF_POPULATION[name] for name in POPULATIONS]


@dataclass
class YearRecord:
    """What one year left behind.

    Args:
        measures: by name, one number per group (``GROUP_OF_POPULATION``, then the places).
        names: of the places.
        fifths: columns of the table, shape (populations, 5).
        moves: mobility matrices by lag, shape (populations, 5, 5).
        lorenz: shares of income, shape (populations, points).
        gains: by starting fifth, from the year before the switch on.
        links: of the joint-point graph at year-end.
    """

    year: int
    measures: dict[str, NDArray[np.float64]]
    names: tuple[str, ...]
    flows: dict[tuple[str, str, str, str], int]
    fifths: dict[str, NDArray[np.float64]]
    moves: dict[int, NDArray[np.float64]]
    snapshot: dict[str, NDArray[Any]] | None = None
    lorenz: NDArray[np.float64] | None = None
    gains: list[GainRow] = field(default_factory=list)
    links: list[LinkCount] = field(default_factory=list)

    @property
    def outcomes(self) -> dict[str, dict[str, float]]:
        """Measures by population."""
        return {name: self._of(GROUP_OF_POPULATION[name]) for name in POPULATIONS}

    @property
    def villages(self) -> dict[str, dict[str, float]]:
        """Measures by village."""
        return {name: self._of(POPULATION_GROUPS + row) for row, name in enumerate(self.names)}

    def _of(self, group: int) -> dict[str, float]:
        return {name: float(values[group]) for name, values in self.measures.items()}


@dataclass
class Recorder:
    """Measures a world each year.

    Args:
        world: what is observed.
        snapshots: also keep a row per household and year.
    """

    world: World
    snapshots: bool = False
    years: list[YearRecord] = field(default_factory=list)
    """The scenario's years so far."""
    burn_in: list[YearRecord] = field(default_factory=list)
    """The last years before them."""
    line: float = _NAN
    """Rural median that anchored lines rest on, yuan per head."""
    _panel: Panel = field(default_factory=Panel)
    _spell: NDArray[np.int16] | None = None
    _start: Start | None = None

    def year_end(self) -> None:
        """Measure the year; call it after the rules of its last tick and before the ledger closes it."""
        world = self.world
        persons = world.residents().astype(np.float64)
        income = world.ledger.income.sum(axis=0) / 100.0 / np.maximum(persons, 1.0)
        now = self._panel.add(world.year, income, persons, world.households.key, groups_of(world))
        if world.year >= world.scenario.start_year - BURN_IN_YEARS:
            self._measure(now)
        self._panel.keep_from(min(world.year, self._first_pending()) - KEPT + 1)

    def _measure(self, now: PanelYear) -> None:
        world = self.world
        if self._start is None or world.year < world.scenario.switch_year:
            self._start = start_of(now, world.households.key, world.households.urban)
        median = (
            self.line if world.year > self._anchor_year() else _NAN
        )  # who asks for tables early sets the line early
        measured = YearMeasured(world, now, self._start, median)
        dynamics, moves = rank_dynamics(self._panel.until(now.year, KEPT))
        burning_in = world.year < world.scenario.start_year
        record = YearRecord(
            world.year,
            {**measured.measures(), **dynamics},
            world.place_names,
            dict(world.ledger.flows),
            {} if burning_in else measured.fifths(),
            moves,
            self._snapshot(now) if self.snapshots and not burning_in else None,
        )
        if burning_in:
            self.burn_in.append(record)
        else:
            record.lorenz = measured.lorenz()
            record.gains = self._gains(now)
            record.links = list(count_links(world.points))
            self.years.append(record)
            self._anchor(record)

    def latest(self, name: str) -> float:
        """A measure of ``all`` for the scenario's last full year; NaN before its first."""
        if not self.years or name not in self.years[-1].measures:
            return _NAN
        return float(self.years[-1].measures[name][GROUP_OF_POPULATION["all"]])

    def finish(self) -> None:
        """Fill in anchored lines of a run that ends before the year they rest on: its first year serves."""
        if self.years and self.years[-1].year < self._anchor_year():
            self._fill(self.years[0])

    def tables(self, key: RunKey) -> dict[str, pa.Table]:
        """All rows of the run as Arrow tables, with the run's key in front."""
        self.finish()
        made = {
            "outcomes": self._measured("outcomes", key, self.years),
            "villages": self._measured("villages", key, self.years),
            "fifths": self._fifths(key),
            "lorenz": self._lorenz(key),
            "gains": self._of_rows("gains", key),
            "mobility": self._mobility(key),
            "graph": self._of_rows("graph", key),
            "flows": self._flows(key),
            "events": self._events(key),
        }
        if self.burn_in:
            made["burn_in"] = self._measured("burn_in", key, self.burn_in)
        if self.snapshots:
            made["households"] = self._households(key)
        return made

    # --- anchored lines -----------------------------------------------------------------------------------

    def _anchor_year(self) -> int:
        scenario = self.world.scenario
        return max(scenario.switch_year - 1, scenario.start_year)

    def _first_pending(self) -> int:
        """The first year that an anchored line is still to be filled in for, after this one."""
        start = self.world.scenario.start_year
        return start if self.world.year < self._anchor_year() else self.world.year + 1

    def _anchor(self, record: YearRecord) -> None:
        if record.year == self._anchor_year():
            self._fill(record)
        elif record.year > self._anchor_year():
            self._spell = spells(self._spell, self._panel.years[-1], 0.6 * self.line)
            self._fill_year(record)

    def _fill(self, rests_on: YearRecord) -> None:
        """Anchor the line in a year, and fill in all years so far."""
        self.line = float(rests_on.measures["median_income"][GROUP_OF_POPULATION["rural"]])
        self._spell = None
        records = {record.year: record for record in self.years}
        for kept in self._panel.years:
            self._spell = spells(self._spell, kept, 0.6 * self.line)
            if kept.year in records:
                self._fill_year(records[kept.year])

    def _fill_year(self, record: YearRecord) -> None:
        assert self._spell is not None
        record.measures |= anchored(self._panel.until(record.year, KEPT), self.line, self._spell)

    def _gains(self, now: PanelYear) -> list[GainRow]:
        """By where households stood before the switch; none until then, and without such a year."""
        world, start = self.world, self._start
        if start is None or start.year != world.scenario.switch_year - 1:
            return []
        kind_of = {place.name: place.kind for place in world.scenario.places.rows}
        own = [kind_of[name] for name in world.place_names]
        kinds = tuple(kind for kind in world.scenario.place_kinds if kind in own)
        kind = np.array([kinds.index(name) for name in own])[world.households.place]
        return gains(start, now, world.households.key, world.households.urban, kind, kinds)

    # --- tables -------------------------------------------------------------------------------------------

    def _measured(self, which: str, key: RunKey, records: list[YearRecord]) -> pa.Table:
        if which == "villages":
            label, names = "village", list(self.world.place_names)
            rows: list[int] | slice = slice(POPULATION_GROUPS, None)
        else:
            label, names, rows = "population", list(POPULATIONS), _POPULATION_ROWS
        missing = np.full(POPULATION_GROUPS + len(self.world.place_names), _NAN)
        columns: dict[str, Any] = {
            name: _joined([record.measures.get(name, missing)[rows] for record in records])
            for name in MEASURE_COLUMNS
        }
        columns["year"] = np.repeat([record.year for record in records], len(names))
        columns[label] = names * len(records)
        return _table(which, key, columns, len(names) * len(records))

    def _fifths(self, key: RunKey) -> pa.Table:
        size = len(POPULATIONS) * 5
        columns: dict[str, Any] = {
            field_.name: _joined(
                [record.fifths[field_.name][_POPULATION_ROWS].ravel() for record in self.years]
            )
            for field_ in TABLES["fifths"]
            if self.years and field_.name in self.years[0].fifths
        }
        columns = {name: [] for name in TABLES["fifths"].names} | columns
        columns["year"] = np.repeat([record.year for record in self.years], size)
        columns["population"] = [name for name in POPULATIONS for _ in range(5)] * len(self.years)
        columns["fifth"] = np.tile(np.arange(1, 6), len(POPULATIONS) * len(self.years))
        return _table("fifths", key, columns, size * len(self.years))

    def _lorenz(self, key: RunKey) -> pa.Table:
        size = len(LORENZ) * len(POPULATIONS)
        columns = {
            "year": np.repeat([record.year for record in self.years], size),
            "population": [name for name in POPULATIONS for _ in LORENZ] * len(self.years),
            "persons_share": np.tile(LORENZ, len(POPULATIONS) * len(self.years)),
            "income_share": _joined(
                [
                    record.lorenz[_POPULATION_ROWS].ravel()
                    for record in self.years
                    if record.lorenz is not None
                ]
            ),
        }
        return _table("lorenz", key, columns, size * len(self.years))

    def _of_rows(self, name: str, key: RunKey) -> pa.Table:
        """A table whose rows are kept as objects with its columns for fields."""
        rows = [
            (record.year, row)
            for record in self.years
            for row in (record.gains if name == "gains" else record.links)
        ]
        columns: dict[str, Any] = {"year": [year for year, _ in rows]}
        for column in TABLES[name].names:
            if column not in KEY_COLUMNS:
                columns[column] = [getattr(row, column) for _, row in rows]
        return _table(name, key, columns, len(rows))

    def _mobility(self, key: RunKey) -> pa.Table:
        blocks = [(record.year, lag, moves) for record in self.years for lag, moves in record.moves.items()]
        populations = len(POPULATIONS)
        columns = {
            "year": np.repeat([year for year, _, _ in blocks], populations * 25),
            "population": [name for name in POPULATIONS for _ in range(25)] * len(blocks),
            "lag": np.repeat([lag for _, lag, _ in blocks], populations * 25),
            "from_fifth": np.tile(np.repeat(np.arange(1, 6), 5), populations * len(blocks)),
            "to_fifth": np.tile(np.arange(1, 6), 5 * populations * len(blocks)),
            "share": _joined([moves[_POPULATION_ROWS].ravel() for _, _, moves in blocks]),
        }
        return _table("mobility", key, columns, 25 * populations * len(blocks))

    def _flows(self, key: RunKey) -> pa.Table:
        rows = [(r.year, *what, fen / 100.0) for r in self.years for what, fen in sorted(r.flows.items())]
        names = ("year", "payer", "payee", "kind", "layer", "amount")
        return _table("flows", key, {n: [row[i] for row in rows] for i, n in enumerate(names)}, len(rows))

    def _events(self, key: RunKey) -> pa.Table:
        events = [event for event in self.world.events if event.year >= self.world.scenario.start_year]
        names = ("year", "tick", "village", "event", "detail")
        return _table("events", key, {n: [getattr(e, n) for e in events] for n in names}, len(events))

    def _households(self, key: RunKey) -> pa.Table:
        kept = [(record.year, record.snapshot) for record in self.years if record.snapshot is not None]
        if not kept:  # no year has ended yet
            return TABLES["households"].empty_table()
        columns = {name: np.concatenate([snapshot[name] for _, snapshot in kept]) for name in kept[0][1]}
        columns["year"] = np.repeat(
            [year for year, _ in kept], [len(snapshot["persons"]) for _, snapshot in kept]
        )
        return _table("households", key, columns, len(columns["year"]))

    def _snapshot(self, now: PanelYear) -> dict[str, NDArray[Any]]:
        """A row for every dwelling that a household lives in."""
        world, h = self.world, self.world.households
        lived_in = np.flatnonzero(members(h) > 0)
        names = np.array(world.place_names, dtype=object)
        kept = {
            "household": lived_in,
            "village": names[h.place[lived_in]],
            "persons": now.persons[lived_in],
            "income": world.ledger.income[:, lived_in].sum(axis=0) / 100.0,
            "savings": world.ledger.yuan("household", lived_in),
            "debt": h.debt[lived_in] / 100.0,
        }
        for row, source in enumerate(INCOME_SOURCES):
            kept[f"income_{source}"] = world.ledger.income[row, lived_in] / 100.0
        for field_ in TABLES["households"]:
            if field_.name in h and field_.name not in kept:
                kept[field_.name] = h[field_.name][lived_in]
        return kept


def _joined(parts: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    return np.concatenate(parts) if parts else np.zeros(0)


def _table(name: str, key: RunKey, columns: dict[str, Any], rows: int) -> pa.Table:
    schema = TABLES[name]
    arrays = key_columns(key, rows)
    for column in schema.names:
        if column not in arrays:
            arrays[column] = _arrow(columns[column], schema.field(column).type)
    return pa.table([arrays[column] for column in schema.names], schema=schema)


def _arrow(values: Any, kind: pa.DataType) -> pa.Array:
    if isinstance(values, np.ndarray) and values.dtype.kind == "f" and pa.types.is_integer(kind):
        values = values.astype(np.int64)
    return pa.array(values, kind)
