"""``abm check``: is a scenario sound?"""

from collections import Counter
from collections.abc import Iterable

from abm.cli.options import ScenarioName
from abm.cli.show import show

SMALLEST = 200
"""Households of the world that a check builds, and drops."""


def check(scenario: ScenarioName) -> None:
    """Check a scenario, and say what is in it.

    Checked are keys, types, bounds, names that point somewhere, sums, data files, mechanisms and parameters.

    \b
    Examples:
      abm check t_district
      abm check my_town.toml
    """
    from abm.model.model import JointPointModel
    from abm.model.plan import load_scenario, settings
    from abm.scenario.numbers import numbers_of

    read = load_scenario(scenario)
    JointPointModel(read, households=SMALLEST, views=False, rng=0).close()  # data files are read here
    header, places = read.scenario, read.places.rows
    villages = len(read.selected("villages"))
    parameters = settings(read)
    changed = sum(setting.changed for setting in parameters.values())
    show(f"{read.file} is sound.")
    show(f"  {read.name}: {' '.join(filter(None, (header.title, header.title_zh)))}")
    show(
        f"  years {read.start_year} to {read.end_year}, switch year {read.switch_year}, "
        f"{header.ticks_per_year} ticks a year, prices of {header.base_year}"
    )
    show(
        f"  {len(places)} places ({villages} villages, {len(places) - villages} communities), "
        f"{read.district.people} people, {read.district.floating_people} of them not locally registered"
    )
    show(
        f"  {len(header.mechanisms)} mechanisms, {len(read.joint_points)} plans of joint-points, "
        f"{len(read.programmes)} programmes, {len(read.switches)} switches"
    )
    show(
        f"  {len(parameters)} parameters, {changed} of them set by the scenario: "
        f"{_counted(setting.status for setting in parameters.values())}"
    )
    numbers = numbers_of(read)
    show(f"  {len(numbers)} numbers of its own: {_counted(number.status for number in numbers)}")
    show(f"  content {read.content_hash}")


def _counted(words: Iterable[str]) -> str:
    return ", ".join(f"{count} {word}" for word, count in sorted(Counter(words).items()))
