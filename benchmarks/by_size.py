"""What a household-tick costs at each size: the economy by itself, and T District with all of its rules.

    python benchmarks/by_size.py [--households 1000 10000 100000] [--years 22] [--json]

*economy*: the background rules, without joint-points. *whole*: all rules and joint-points. Processor time of
``JointPointModel.run`` with all measures, from 2014 on, without views and burn-in, one core, a run each, one after the
other. Needs an idle core; 22 years at 100 000 households take half a minute, at a million five minutes.
"""

import argparse
import json
import sys
from pathlib import Path
from time import process_time

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from abm.core.names import BACKGROUND
from abm.model.model import JointPointModel
from abm.model.plan import mechanism_classes
from abm.scenario.schema import Scenario
from tests.limits.cut_down import with_rules, without_plans
from tests.worlds import t_district


def economy() -> Scenario:
    """The background rules of T District, without joint-points."""
    whole = t_district()
    rules = [rule.name for rule in mechanism_classes(whole) if rule.layer == BACKGROUND]
    return without_plans(with_rules(whole, rules), *{plan.kind for plan in whole.joint_points})


def seconds(scenario: Scenario, households: int, years: int) -> tuple[float, int]:
    """Processor time of a run, and its household-ticks."""
    model = JointPointModel(scenario, households, years, views=False, rng=1)
    living, began = len(model.world.households), process_time()
    model.run()
    taken = process_time() - began
    model.close()
    return taken, living * years * scenario.scenario.ticks_per_year


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--households", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--years", type=int, default=22)
    parser.add_argument("--json", action="store_true", help="print one object as the last line")
    given = parser.parse_args()
    scenarios = {"economy": economy(), "whole": t_district()}
    seconds(scenarios["whole"], 200, 1)  # loads what is loaded at first use
    found = []
    print(f"{'households':>10}  {'rules':8} {'µs a household-tick':>20} {'ms a tick':>10}")
    for households in given.households:
        for name, scenario in scenarios.items():
            taken, ticks = seconds(scenario, households, given.years)
            row = {
                "households": households,
                "rules": name,
                "us_household_tick": round(1e6 * taken / ticks, 3),
                "ms_tick": round(1e3 * taken / (given.years * scenario.scenario.ticks_per_year), 1),
            }
            found.append(row)
            print(
                f"{households:>10}  {name:8} {row['us_household_tick']:>20} {row['ms_tick']:>10}", flush=True
            )
    if given.json:
        print(json.dumps(found))


if __name__ == "__main__":
    main()
