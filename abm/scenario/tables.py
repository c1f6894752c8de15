"""Data files that a scenario names, read and checked: paths of the outside world, and incomes by fifths.

Both are CSV files with a line of column names; columns that nobody asks for may stand in them too.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from math import isfinite

from abm.core.errors import InputError
from abm.scenario.schema import Scenario


def read_paths(scenario: Scenario) -> dict[int, tuple[float, float]]:
    """Growth of consumer prices (per year) and wage of migrant workers (nominal yuan a month), by year.

    The years are in order, without a gap, and hold at least those from the start to the base year.

    Raises:
        InputError: a column, number or year is missing, or a number cannot be.
    """
    name, key, head = scenario.outside.paths, "outside.paths", scenario.scenario
    paths: dict[int, tuple[float, float]] = {}
    for line, row in _rows(scenario, key, name, ("year", "cpi_growth", "migrant_wage_month")):
        year = int(_number(scenario, key, name, line, row, "year", 1800.0))
        growth = _number(scenario, key, name, line, row, "cpi_growth", -0.5)
        paths[year] = (growth, _number(scenario, key, name, line, row, "migrant_wage_month", 1.0))
    first, last = min(head.start_year, head.base_year), max(head.start_year, head.base_year)
    missing = sorted(set(range(min([first, *paths]), max([last, *paths]) + 1)) - set(paths))
    if missing:
        what = f"'{name}' has no row for {missing[0]}" + (
            f" and {len(missing) - 1} other years" * (len(missing) > 1)
        )
        raise InputError(what, file=scenario.file, key=key, mend=f"give every year from {first} to {last}")
    return dict(sorted(paths.items()))


def read_fifths(scenario: Scenario) -> tuple[float, float, float, float, float]:
    """Mean incomes per head of the five fifths that the scenario names, from the poorest up, in yuan.

    Raises:
        InputError: there is no such row, or its numbers cannot be means of fifths.
    """
    wanted, key = scenario.population, "population.fifths"
    name = wanted.fifths
    place = (wanted.fifths_place, wanted.fifths_population, str(wanted.fifths_year))
    groups = ("q1", "q2", "q3", "q4", "q5")
    for line, row in _rows(scenario, key, name, ("place", "population", "year", *groups)):
        if (row["place"], row["population"], row["year"]) == place:
            q1, q2, q3, q4, q5 = (_number(scenario, key, name, line, row, group, 1.0) for group in groups)
            if not q1 <= q2 <= q3 <= q4 <= q5:
                what = f"line {line} of '{name}': the fifths do not rise from q1 to q5"
                raise InputError(what, file=scenario.file, key=key, mend="order them from the poorest up")
            return q1, q2, q3, q4, q5
    what = f"'{name}' has no row for {', '.join(place)}"
    raise InputError(what, file=scenario.file, key=key, mend="name a place, population and year that it has")


def _rows(
    scenario: Scenario, key: str, name: str, columns: tuple[str, ...]
) -> Iterator[tuple[int, Mapping[str, str]]]:
    table = csv.DictReader(io.StringIO(scenario.data(name)), restval="")
    missing = [column for column in columns if column not in (table.fieldnames or ())]
    if missing:
        what, mend = f"'{name}' has no column '{missing[0]}'", f"give the columns {', '.join(columns)}"
        raise InputError(what, file=scenario.file, key=key, mend=mend)
    for row in table:
        yield table.line_num, row


def _number(
    scenario: Scenario, key: str, name: str, line: int, row: Mapping[str, str], column: str, least: float
) -> float:
    try:
        value = float(row[column])
    except ValueError:
        value = float("nan")
    if not (isfinite(value) and value >= least):
        what = f"line {line} of '{name}': {column} cannot be '{row[column]}'"
        raise InputError(what, file=scenario.file, key=key, mend=f"give a number of at least {least:g}")
    return value
