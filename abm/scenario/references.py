"""Names in a scenario that point somewhere must arrive, and its sums must agree."""

from collections.abc import Iterable

from abm.core.errors import InputError, nearest
from abm.core.names import LAYERS
from abm.scenario.schema import SELECTORS, Scenario
from abm.scenario.switches import Switch


def check_references(scenario: Scenario) -> None:
    """Check what one field cannot know of another.

    Raises:
        InputError: a name that points nowhere or stands twice, or parts that do not sum to the whole.
    """
    file = scenario.file
    _check_places(scenario)
    _check_sums(scenario)
    _check_contract(scenario)
    _unique([p.name for p in scenario.programmes], "programmes", "the name", file)
    selectors = [*SELECTORS, *scenario.place_kinds, *scenario.village_names]
    for table in ("joint_points", "programmes"):
        for number, plan in enumerate(getattr(scenario, table), 1):
            key = f"{table}.{getattr(plan, 'name', number)}"
            wanted = plan.places if isinstance(plan.places, tuple) else (plan.places,)
            for name in wanted:
                if name not in selectors:
                    mend = nearest(name, selectors)
                    raise InputError(f"there is no place '{name}'", file=file, key=f"{key}.places", mend=mend)
    for number, switch in enumerate(scenario.switches, 1):
        check_switch(scenario, switch, f"switches.{number}")


def check_switch(scenario: Scenario, switch: Switch, key: str) -> None:
    """A switch for a layer or village that does not exist is an error, not a switch that does nothing."""
    for part, name, choices in (
        ("layer", switch.layer, LAYERS),
        ("village", switch.village, scenario.village_names),
    ):
        if name is not None and name not in choices:
            what, mend = f"there is no {part} '{name}'", nearest(name, choices)
            raise InputError(what, file=scenario.file, key=f"{key}.{part}", mend=mend)


def _check_places(scenario: Scenario) -> None:
    rows, file = scenario.places.rows, scenario.file
    _unique([p.id for p in rows], "places.rows", "the id", file)
    _unique([p.name for p in rows], "places.rows", "the name", file)
    for name in scenario.place_kinds:
        if name in SELECTORS:
            mend = "give the kind another name"
            raise InputError("already means something else", file=file, key=f"place_kinds.{name}", mend=mend)
    for place in rows:
        key = f"places.rows.{place.name}"
        if place.kind not in scenario.place_kinds:
            mend = nearest(place.kind, scenario.place_kinds)
            raise InputError(f"unknown kind '{place.kind}'", file=file, key=f"{key}.kind", mend=mend)
        if place.floating > place.people:
            mend = "floating counts some of people"
            raise InputError("has more floating people than people", file=file, key=key, mend=mend)
        if place.name in SELECTORS or place.name in scenario.place_kinds:
            mend = "give the place another name"
            raise InputError("is also the name of a kind of place", file=file, key=f"{key}.name", mend=mend)


def _check_sums(scenario: Scenario) -> None:
    rows = scenario.places.rows
    for key, total, parts in (
        ("people", scenario.district.people, sum(p.people for p in rows)),
        ("floating_people", scenario.district.floating_people, sum(p.floating for p in rows)),
    ):
        if total != parts:
            raise InputError(
                f"the district has {total}, its places sum to {parts}",
                file=scenario.file,
                key=f"district.{key}",
                mend="make the two agree",
            )


def _check_contract(scenario: Scenario) -> None:
    if scenario.contract is None:
        return
    total = sum(weight for _, weight in scenario.contract.weights)
    if abs(total - 1.0) > 1e-6:
        what, mend = f"sum to {total:.8g}, not to 1", "give five weights that sum to 1"
        raise InputError(what, file=scenario.file, key="contract.weights", mend=mend)


def _unique(values: Iterable[object], key: str, what: str, file: str) -> None:
    seen: set[object] = set()
    for value in values:
        if value in seen:
            raise InputError(f"{what} {value!r} stands twice", file=file, key=key, mend="change one of them")
        seen.add(value)
