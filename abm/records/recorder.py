"""Observing a world at each year-end: it reads everything and writes nothing.

Income is yearly disposable income per head of usual residents; persons are divisor and weight. Lines anchored to
the rural median of the year before the switch are filled in for earlier years once that year has come.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from abm.core.names import INCOME_SOURCES, LAYERS, POPULATIONS
from abm.graph.integration import participation_coefficient
from abm.measures import Distribution, decompose_theil_t, entry_rate, exit_rate
from abm.records.schema import MEASURE_COLUMNS, TABLES, RunKey, key_columns
from abm.world.world import World

_LINES = (40, 50, 60)
_NAN = float("nan")


@dataclass
class YearRecord:
    """What one year left behind: incomes and weights of households, and the measured rows."""

    year: int
    income: NDArray[np.float64]
    persons: NDArray[np.float64]
    outcomes: dict[str, dict[str, float]]
    villages: dict[str, dict[str, float]]
    flows: dict[tuple[str, str, str, str], int]
    snapshot: dict[str, NDArray[Any]] | None = None


@dataclass
class Group:
    """Households that are measured together."""

    rows: NDArray[np.bool_] | slice
    places: NDArray[np.bool_] | None
    district: bool = False


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
    line: float = _NAN
    """Rural median that anchored lines rest on, yuan per head."""

    def year_end(self) -> None:
        """Measure the year; call it after the rules of its last tick and before the ledger closes it."""
        world = self.world
        persons = world.residents().astype(np.float64)
        income = world.ledger.income.sum(axis=0) / 100.0 / np.maximum(persons, 1.0)
        shared = _Shared(world, income, persons)
        record = YearRecord(
            world.year,
            income,
            persons,
            {name: shared.measure(group) for name, group in self._populations().items()},
            {name: shared.measure(group) for name, group in self._villages()},
            dict(world.ledger.flows),
            self._snapshot(income, persons) if self.snapshots else None,
        )
        self.years.append(record)
        if record.year == self._anchor_year():
            self.line = record.outcomes["rural"]["median_income"]
            for earlier in range(len(self.years)):
                self._fill_anchored(earlier)
        elif self.line == self.line:
            self._fill_anchored(len(self.years) - 1)

    def latest(self, name: str) -> float:
        """A measure of ``all`` for the last full year; NaN before the first."""
        return float(self.years[-1].outcomes["all"].get(name, _NAN)) if self.years else _NAN

    def finish(self) -> None:
        """Fill in anchored lines of a run that ends before the year they rest on: its first year serves."""
        if self.line != self.line and self.years:
            self.line = self.years[0].outcomes["rural"]["median_income"]
            for row in range(len(self.years)):
                self._fill_anchored(row)

    def tables(self, key: RunKey) -> dict[str, pa.Table]:
        """All rows of the run as Arrow tables, with the run's key in front."""
        self.finish()
        made = {
            "outcomes": self._measured(key, "population", "outcomes"),
            "villages": self._measured(key, "village", "villages"),
            "flows": self._flows(key),
            "events": self._events(key),
        }
        if self.snapshots:
            made["households"] = self._households(key)
        return made

    def _anchor_year(self) -> int:
        scenario = self.world.scenario
        return max(scenario.switch_year - 1, scenario.start_year)

    def _populations(self) -> dict[str, Group]:
        h, places = self.world.households, self.world.places
        everyone = np.ones(len(h), bool)
        groups = {
            "all": Group(everyone, np.ones(len(places), bool), district=True),
            "urban": Group(h.urban, places.urban),
            "rural": Group(~h.urban, ~places.urban),
            "registered": Group(h.registered, None),
            "floating": Group(~h.registered, None),
        }
        return {name: groups[name] for name in POPULATIONS}

    def _villages(self) -> Iterator[tuple[str, Group]]:
        places = self.world.places
        last = np.cumsum(places.households)
        for row, name in enumerate(self.world.place_names):
            here = np.arange(len(places)) == row
            yield name, Group(slice(int(last[row] - places.households[row]), int(last[row])), here)

    def _fill_anchored(self, row: int) -> None:
        """Headcounts under anchored lines, and entry and exit since the year before."""
        record = self.years[row]
        before = self.years[row - 1] if row else None
        groups = [(record.outcomes[n], g) for n, g in self._populations().items()]
        groups += [(record.villages[n], g) for n, g in self._villages()]
        poor = record.income < 0.6 * self.line
        was_poor = before.income < 0.6 * self.line if before else None
        for measures, group in groups:
            rows = group.rows
            weight = record.persons[rows]
            total = weight.sum()
            for line in _LINES:
                under = record.income[rows] < line / 100.0 * self.line
                share = float(weight[under].sum() / total) if total > 0 else _NAN
                measures[f"headcount_anchored_{line}"] = share
            if was_poor is not None and before is not None:
                both = np.where(before.persons[rows] > 0, weight, 0.0)
                measures["poverty_entry"] = float(entry_rate(was_poor[rows], poor[rows], both))
                measures["poverty_exit"] = float(exit_rate(was_poor[rows], poor[rows], both))

    def _measured(self, key: RunKey, label: str, which: str) -> pa.Table:
        rows = [(record.year, name, m) for record in self.years for name, m in getattr(record, which).items()]
        columns = {
            "year": [year for year, _, _ in rows],
            label: [name for _, name, _ in rows],
            **{m: [measured.get(m, _NAN) for _, _, measured in rows] for m in MEASURE_COLUMNS},
        }
        return _table(which, key, columns, len(rows))

    def _flows(self, key: RunKey) -> pa.Table:
        rows = [(r.year, *what, fen / 100.0) for r in self.years for what, fen in sorted(r.flows.items())]
        names = ("year", "payer", "payee", "kind", "layer", "amount")
        return _table("flows", key, {n: [row[i] for row in rows] for i, n in enumerate(names)}, len(rows))

    def _events(self, key: RunKey) -> pa.Table:
        events = self.world.events
        names = ("year", "tick", "village", "event", "detail")
        return _table("events", key, {n: [getattr(e, n) for e in events] for n in names}, len(events))

    def _households(self, key: RunKey) -> pa.Table:
        kept = [record for record in self.years if record.snapshot is not None]
        if not kept:  # no year has ended yet
            return TABLES["households"].empty_table()
        names = kept[0].snapshot or {}
        columns = {
            name: np.concatenate([r.snapshot[name] for r in kept if r.snapshot is not None]) for name in names
        }
        years = np.concatenate([np.full(len(r.income), r.year) for r in kept])
        return _table("households", key, {"year": years, **columns}, len(years))

    def _snapshot(self, income: NDArray[np.float64], persons: NDArray[np.float64]) -> dict[str, NDArray[Any]]:
        world, h = self.world, self.world.households
        names = np.array(world.place_names, dtype=object)
        kept = {
            "household": np.arange(len(h)),
            "village": names[h.place],
            "persons": persons,
            "income": income * np.maximum(persons, 1.0),
            "savings": world.ledger.yuan("household"),
            "debt": h.debt / 100.0,
        }
        for row, source in enumerate(INCOME_SOURCES):
            kept[f"income_{source}"] = world.ledger.income[row] / 100.0
        for field_ in TABLES["households"]:
            if field_.name in h and field_.name not in kept:
                kept[field_.name] = h[field_.name].copy()
        return kept


class _Shared:
    """What all groups of one year are measured from."""

    def __init__(self, world: World, income: NDArray[np.float64], persons: NDArray[np.float64]) -> None:
        h = world.households
        self.world, self.income, self.persons = world, income, persons
        self.sources = world.ledger.income / 100.0
        self.integration = participation_coefficient(world.points.degrees())
        self.reached = world.ledger.received[LAYERS.index("interest")] > 0
        self.collective = np.array([c.income_last for c in world.institutions.collectives])
        self.imbalance = world.ledger.imbalance()
        self.place = h.place

    def measure(self, group: Group) -> dict[str, float]:
        """All measures of one group but those with an anchored line."""
        rows, h = group.rows, self.world.households
        income, persons = self.income[rows], self.persons[rows]
        d = Distribution(income, persons)
        total = float(persons.sum())
        line = 0.6 * d.median

        def share(part: NDArray[Any], whole: NDArray[Any]) -> float:
            sum_ = float(whole.sum())
            return float(part.sum()) / sum_ if sum_ > 0 else _NAN

        def mean(column: NDArray[Any]) -> float:
            return float((column * persons).sum()) / total if total > 0 else _NAN

        measures: dict[str, float] = {
            "households": len(income),
            "persons": total,
            "mean_income": d.mean,
            "median_income": d.median,
            "gini": d.gini,
            "theil_t": d.theil_t,
            "theil_l": d.theil_l,
            "atkinson_05": d.atkinson(0.5),
            "atkinson_1": d.atkinson(1.0),
            "atkinson_2": d.atkinson(2.0),
            "palma": d.palma,
            "s80_s20": d.s80_s20,
            "poverty_gap_60": d.poverty_gap(line),
            "poverty_severity_60": d.poverty_severity(line),
            "employment_rate": share(h.local_workers[rows] + h.migrants[rows], h.workers[rows]),
            "migrant_share": share(h.migrants[rows], h.workers[rows]),
            "mean_trust": mean(h.trust[rows]),
            "mean_participation": mean(h.participation[rows]),
            "integration_index": mean(self.integration[rows]),
            "reach_poor": self._reach_poor(income, persons, self.reached[rows]),
            "bottom_coded": d.bottom_coded / total if total > 0 else _NAN,
            "ledger_imbalance": self.imbalance,
        }
        for percent in _LINES:
            measures[f"headcount_{percent}"] = d.headcount(percent / 100.0 * d.median)
        by_source = self.sources[:, rows].sum(axis=1)
        for source, amount in zip(INCOME_SOURCES, by_source, strict=True):
            measures[f"share_{source}"] = share(amount, by_source)
        if group.places is not None:
            measures["collective_income"] = float(self.collective[group.places].sum())
        if not isinstance(rows, slice):
            villages = decompose_theil_t(income, persons, self.place[rows])
            measures["theil_t_between_villages"] = villages.between
        if group.district:
            self._district(measures)
        return measures

    def _district(self, measures: dict[str, float]) -> None:
        """What is known for the district as a whole only."""
        world, urban, persons = self.world, self.world.households.urban, self.persons
        sides = decompose_theil_t(self.income, persons, urban.astype(np.int64))
        measures["theil_t_between_urban_rural"] = sides.between
        towns, villages = (float((self.income * persons)[side].sum()) for side in (urban, ~urban))
        people, villagers = float(persons[urban].sum()), float(persons[~urban].sum())
        both = people > 0 and villagers > 0 and villages != 0
        measures["urban_rural_ratio"] = towns / people / (villages / villagers) if both else _NAN
        for layer in LAYERS:
            measures[f"messages_{layer}"] = float(world.messages[layer])
        away = {"outside", "bank"}
        net = sum(
            fen if payer in away else -fen
            for (payer, payee, kind, _), fen in world.ledger.flows.items()
            if (payer in away) != (payee in away) and kind != "opening"
        )
        measures["outside_net_per_head"] = net / 100.0 / float(persons.sum())

    @staticmethod
    def _reach_poor(
        income: NDArray[np.float64], persons: NDArray[np.float64], reached: NDArray[np.bool_]
    ) -> float:
        """Share of the poorest 40 % of persons who received money through interest joint-points."""
        order = np.argsort(income, kind="stable")
        weight = persons[order]
        poorest = np.cumsum(weight) <= 0.4 * weight.sum()
        below = float(weight[poorest].sum())
        return float(weight[poorest & reached[order]].sum()) / below if below > 0 else _NAN


def _table(name: str, key: RunKey, columns: dict[str, Any], rows: int) -> pa.Table:
    schema = TABLES[name]
    arrays = key_columns(key, rows)
    for column in schema.names:
        if column not in arrays:
            arrays[column] = pa.array(columns[column], schema.field(column).type)
    return pa.table([arrays[column] for column in schema.names], schema=schema)
