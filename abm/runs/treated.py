"""Which places a scenario's programme reaches when: those with a pilot, those of later waves, those with nothing."""

from typing import Any

from abm.core.errors import InputError
from abm.core.names import LAYERS
from abm.graph.kinds import LINK_KINDS
from abm.scenario.schema import Scenario


def added_links(scenario: Scenario) -> dict[str, dict[str, Any]]:
    """Places that get links in the switch year or later: ``year`` of the first of them, and the ``layers`` of all."""
    names, found = scenario.village_names, dict[str, dict[str, Any]]()
    for plan in sorted(scenario.joint_points, key=lambda plan: plan.from_year):
        if plan.from_year < scenario.switch_year or plan.share == 0:
            continue
        for row in scenario.selected(plan.places):
            place = found.setdefault(names[row], {"year": plan.from_year, "layers": set()})
            place["layers"].add(LINK_KINDS[plan.kind].layer)
    return {
        name: {**found[name], "layers": [layer for layer in LAYERS if layer in found[name]["layers"]]}
        for name in names
        if name in found
    }


def pilot_villages(scenario: Scenario) -> tuple[str, ...]:
    """The places that get links before all others, in the switch year or later.

    Raises:
        InputError: nobody gets links then, or everybody at once.
    """
    years = {name: place["year"] for name, place in added_links(scenario).items()}
    first = min(years.values(), default=None)
    pilot = tuple(name for name, year in years.items() if year == first)
    if not pilot or len(pilot) == len(scenario.village_names):
        problem = f"every place gets links in {first}, and no other is left to look at"
        raise InputError(
            problem if pilot else f"no place gets links from the switch year {scenario.switch_year} on",
            file=scenario.file,
            key="joint_points",
            mend="give some places links in the switch year or later, and others later or never",
        )
    return pilot
