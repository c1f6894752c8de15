"""``abm plan``: the order of rules within a tick."""

from abm.cli.options import ScenarioName
from abm.cli.show import show


def plan(scenario: ScenarioName) -> None:
    """Print what happens in each tick, in order.

    These are the phases of a tick, and the mechanisms that act in each.

    \b
    Example:
      abm plan t_district
    """
    from abm.model.plan import load_scenario, plan_lines

    read = load_scenario(scenario)
    show(f"{read.name}: each of its {read.scenario.ticks_per_year} ticks a year, in this order")
    for number, (phase, sentence, mechanisms) in enumerate(plan_lines(read), 1):
        show(f"{number:3}  {phase}: {sentence}")
        for name, layer in mechanisms:
            show(f"       {name} ({layer})")
