"""Experiments beside the factorial: the placebo of each layer, and what a pilot does to places without one."""

from collections.abc import Mapping
from pathlib import Path
from typing import Unpack

from abm.core.errors import InputError
from abm.runs.batch import Options, run_arms
from abm.runs.design import scenario_with
from abm.runs.results import Results
from abm.runs.treated import added_links, pilot_villages
from abm.scenario.schema import Scenario
from abm.scenario.switches import pilot_arms, placebo_arms


def placebo(
    scenario: str | Path | Scenario = "t_district",
    *,
    settings: Mapping[str, object] | None = None,
    **options: Unpack[Options],
) -> Results:
    """Run a scenario with everything on, with each layer rewired at random, and without each layer's added links.

    Seven arms (``abm.scenario.switches.placebo_arms``) on the same seeds; ``abm.analysis.placebo`` compares them.

    Args:
        options: as in ``abm.factorial``, but for ``question``: a placebo is one of *programme*.

    Raises:
        InputError: as ``abm.factorial``; and a scenario that adds no links from its switch year on.
    """
    read = scenario_with(scenario, settings)
    if not added_links(read):
        raise InputError(
            f"no links are planned from the switch year {read.switch_year} on, and only those are rewired",
            file=read.file,
            key="joint_points",
            mend="plan links for the switch year or later",
        )
    return run_arms("placebo", read, placebo_arms(read.switch_year), **options)


def displacement(
    scenario: str | Path | Scenario = "t_district",
    *,
    settings: Mapping[str, object] | None = None,
    **options: Unpack[Options],
) -> Results:
    """Run a scenario with everything on, and with the links that it adds in its pilot villages cut there alone.

    Five arms (``abm.scenario.switches.pilot_arms``) on the same seeds. All other places have the same links in all of
    them, so what differs there is what the pilot spills over (外溢) or crowds out (挤出);
    ``abm.analysis.displacement`` tells it by groups of places.

    Args:
        options: as in ``abm.factorial``, but for ``question``.

    Raises:
        InputError: as ``abm.factorial``; and a scenario without a pilot, or with one in every place.
    """
    read = scenario_with(scenario, settings)
    return run_arms("displacement", read, pilot_arms(read.switch_year, pilot_villages(read)), **options)
