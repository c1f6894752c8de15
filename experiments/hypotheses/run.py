"""The designs that hypotheses name beside the factorial and the three villages.

    python experiments/hypotheses/run.py [DESIGN …] --out DIR [--households 5000] [--replications 16] [--workers W]

Running it again finishes what is missing. Then: abm hypotheses DIR.
"""

import sys

from abm.cli.levels import run_designs
from abm.runs.levels import Level
from abm.scenario.schema import Scenario
from abm.scenario.switches import Arm


def link_density(scenario: Scenario) -> dict[str, Level]:
    """All layers thinned alike (H5)."""
    strengths = {"s000": 0.0, "s025": 0.25, "s050": 0.5, "s075": 0.75, "s100": 1.0}
    return {
        label: Level(Arm(strength, strength, strength, from_year=scenario.switch_year))
        for label, strength in strengths.items()
    }


def assortativity(scenario: Scenario) -> dict[str, Level]:
    """Who pairs with whom, at the bounds of the parameter (H8)."""
    on, name = Arm(from_year=scenario.switch_year), "partners.assortativity"
    return {"weak_with_strong": Level(on, {name: -2.0}), "strong_with_strong": Level(on, {name: 2.0})}


def insurance(scenario: Scenario) -> dict[str, Level]:
    """How much of an illness the insurance pays, at the bounds of the parameter (R3)."""
    on, name = Arm(from_year=scenario.switch_year), "illness.reimbursed"
    return {"low": Level(on, {name: 0.3}), "high": Level(on, {name: 0.9})}


def snapshots(scenario: Scenario) -> dict[str, Level]:
    """The table of households, with and without organizational joint-points (R2)."""
    year = scenario.switch_year
    return {
        "on": Level(Arm(from_year=year), snapshots=True),
        "organizational_off": Level(Arm(organizational=False, from_year=year), snapshots=True),
    }


DESIGNS = {
    "link_density": link_density,
    "assortativity": assortativity,
    "insurance": insurance,
    "snapshots": snapshots,
}

if __name__ == "__main__":
    sys.exit(run_designs(DESIGNS, __doc__))
