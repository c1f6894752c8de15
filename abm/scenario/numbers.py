"""All numbers of a scenario file with unit, source and status: what `abm describe` and the manifest list."""

from collections.abc import Iterator
from dataclasses import dataclass

from abm.core.names import SECTORS
from abm.scenario.schema import Provenance, Scenario, Sourced, Status, Table, Unit


@dataclass(frozen=True)
class Number:
    """One number of a scenario file, under its dotted key."""

    key: str
    value: float
    unit: str
    source: str
    status: Status


def numbers_of(scenario: Scenario) -> tuple[Number, ...]:
    """Every number that stands in a scenario's sourced tables, in the order of the schema.

    Places count as one table: the source of ``[places]`` covers each number of its rows.
    """
    found: list[Number] = []
    for name, table in _tables(scenario):
        for field in type(table).model_fields:
            found.extend(_of_field(table, field, name, table.provenance(field)))
    rows = scenario.places.provenance("rows")
    for place in scenario.places.rows:
        for field in type(place).model_fields:
            if field != "id":
                found.extend(_of_field(place, field, f"places.rows.{place.name}", rows))
    return tuple(found)


def _tables(scenario: Scenario) -> Iterator[tuple[str, Sourced]]:
    yield "district", scenario.district
    yield "outside", scenario.outside
    yield "population", scenario.population
    for kind, table in scenario.place_kinds.items():
        yield f"place_kinds.{kind}", table
    if scenario.contract is not None:
        yield "contract", scenario.contract
    for number, plan in enumerate(scenario.joint_points, 1):
        yield f"joint_points.{number}.{plan.kind}", plan
    for programme in scenario.programmes:
        yield f"programmes.{programme.name}", programme


def _of_field(table: Table, field: str, key: str, origin: Provenance) -> Iterator[Number]:
    value = getattr(table, field)
    unit = next((m.text for m in type(table).model_fields[field].metadata if isinstance(m, Unit)), "")
    if field.endswith("year"):
        unit = "calendar year"
    parts: dict[str, object] = {f"{key}.{field}": value}
    if field == "amenity":
        parts, unit = {f"{key}.{field}.{s}": v for s, v in zip(SECTORS, value, strict=True)}, "1 is ordinary"
    elif isinstance(value, Table):
        parts = {f"{key}.{field}.{name}": number for name, number in value}
    for name, part in parts.items():
        if isinstance(part, int | float) and not isinstance(part, bool):
            yield Number(name, part, unit, origin.source, origin.status)
