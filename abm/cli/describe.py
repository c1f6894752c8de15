"""``abm describe``: every parameter and number of a scenario, with its source."""

import csv
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from abm.cli.options import ScenarioName
from abm.cli.show import show, table
from abm.core.errors import InputError, nearest

FORMATS = ("table", "csv", "markdown")
HEAD = ("kind", "name", "value", "unit", "low", "high", "role", "source", "status")


def describe(
    scenario: ScenarioName,
    form: Annotated[
        str, typer.Option("--format", metavar="table|csv|markdown", help="How to print it.")
    ] = "table",
) -> None:
    """List all parameters and numbers, with their sources.

    These are the parameters of the scenario's mechanisms, and the numbers of its file. Each has value, unit,
    source and status: seed (from the papers), published (seen on the page that is named) or assumed (a
    prior). Parameters have bounds and a role besides.

    \b
    Examples:
      abm describe t_district
      abm describe t_district --format csv > numbers.csv
    """
    if form not in FORMATS:
        raise InputError(f"there is no format '{form}'", key="--format", mend=nearest(form, FORMATS))

    from abm.model.plan import load_scenario

    rows = described(load_scenario(scenario))
    if form == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerows([HEAD, *rows])
    elif form == "markdown":
        for line in _markdown([HEAD, *rows]):
            sys.stdout.write(line + "\n")
    else:
        _show_tables(rows)


def described(scenario: Any) -> list[tuple[str, ...]]:
    """Rows of text under ``HEAD``: the parameters first, then the numbers of the file."""
    from abm.model.plan import settings
    from abm.scenario.numbers import numbers_of

    rows: list[tuple[str, ...]] = []
    for name, setting in settings(scenario).items():
        parameter = setting.parameter
        low, high = parameter.bounds
        bounds = (_text(low), _text(high))
        rows.append(
            (
                "parameter",
                name,
                _text(setting.value),
                parameter.unit,
                *bounds,
                parameter.role,
                setting.source,
                setting.status,
            )
        )
    for number in numbers_of(scenario):
        value = _text(number.value)
        rows.append(("number", number.key, value, number.unit, "", "", "", number.source, number.status))
    return rows


def _text(value: float) -> str:
    """A number as short as it can be without losing anything."""
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def _markdown(rows: Sequence[Sequence[str]]) -> list[str]:
    lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return [lines[0], "|" + " --- |" * len(rows[0]), *lines[1:]]


def _show_tables(rows: Sequence[Sequence[str]]) -> None:
    parameters: list[tuple[str, ...]] = []
    numbers: list[tuple[str, ...]] = []
    for kind, name, value, unit, low, high, role, source, status in rows:
        if kind == "parameter":
            parameters.append((name, value, unit, f"{low} to {high}", role, source, status))
        else:
            numbers.append((name, value, unit, source, status))
    heads = ["name", "value", "unit", "bounds", "role", "source", "status"]
    show(table(f"{len(parameters)} parameters", heads, parameters, ["value"]))
    heads = ["name", "value", "unit", "source", "status"]
    show(table(f"{len(numbers)} numbers of the scenario file", heads, numbers, ["value"]))
