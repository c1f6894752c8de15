"""T District cut down to less: some of its places, some of its rules, one sector. What plans and programmes name beyond
that goes with it."""

from collections.abc import Iterable

from abm.core.names import SECTORS
from abm.mechanisms.registry import find_mechanism
from abm.model.plan import SHARED
from abm.scenario.schema import Scenario

NOBODY = 1e-20
"""A natural advantage so small that no lot ever falls on it; the file takes none of 0."""


def with_places(scenario: Scenario, names: Iterable[str], *, people: int | None = None) -> Scenario:
    """The scenario with these places alone, each with so many ``people`` if that is said.

    An alliance or a pairing needs another place: with one place alone there is none.
    """
    kept = frozenset(names)
    size = {} if people is None else {"people": people}
    rows = tuple(p.model_copy(update=size) for p in scenario.places.rows if p.name in kept)

    def here(selector: str | tuple[str, ...]) -> str | tuple[str, ...]:
        return selector if isinstance(selector, str) else tuple(name for name in selector if name in kept)

    def cut(tables):
        moved = (table.model_copy(update={"places": here(table.places)}) for table in tables)
        return tuple(table for table in moved if table.places)

    plans = cut(scenario.joint_points)
    if len(kept) == 1:
        plans = tuple(plan for plan in plans if plan.kind not in ("alliance", "pairing"))
    return scenario.model_copy(
        update={
            "places": scenario.places.model_copy(update={"rows": rows}),
            "joint_points": plans,
            "programmes": cut(scenario.programmes),
        }
    )


def with_rules(scenario: Scenario, names: Iterable[str]) -> Scenario:
    """The scenario with these rules only, in its own order, without the parameters and programmes of the others."""
    asked = frozenset(names)
    listed = tuple(name for name in scenario.scenario.mechanisms if name in asked)
    assert len(listed) == len(asked), asked.difference(listed)
    owners = asked.union(owner for owner, _ in SHARED)
    spent = frozenset(kind for name in listed for kind in find_mechanism(name).spends)
    return scenario.model_copy(
        update={
            "scenario": scenario.scenario.model_copy(update={"mechanisms": listed}),
            "parameters": {k: v for k, v in scenario.parameters.items() if k.partition(".")[0] in owners},
            "programmes": tuple(p for p in scenario.programmes if p.pays_for in spent),
        }
    )


def without_rules(scenario: Scenario, names: Iterable[str]) -> Scenario:
    """The scenario without these rules."""
    return with_rules(scenario, frozenset(scenario.scenario.mechanisms).difference(names))


def without_plans(scenario: Scenario, *kinds: str) -> Scenario:
    """The scenario in which no link of these kinds is ever planned."""
    plans = tuple(plan for plan in scenario.joint_points if plan.kind not in kinds)
    return scenario.model_copy(update={"joint_points": plans})


def one_sector(scenario: Scenario, sector: str) -> Scenario:
    """The scenario in which every place is good at one sector and at no other."""
    amenity = tuple(1.0 if name == sector else NOBODY for name in SECTORS)
    kinds = {
        name: kind.model_copy(update={"amenity": amenity}) for name, kind in scenario.place_kinds.items()
    }
    return scenario.model_copy(update={"place_kinds": kinds})
