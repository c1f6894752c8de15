"""The tick of a household in columns, and agent by agent in plain Mesa: the same rules on the same draws.

    python benchmarks/household_tick.py [--households N] [--plain-households M] [--ticks T] [--json]

Both run T District with all of its rules and joint-points, from the first year of the pilot on (``tests/reference``
proves that they do the same), and are timed over ``--ticks`` ticks after the first, measuring and recording left out.
The cost of agents is in proportion to their number, so fewer of them are enough (``--plain-households``, at most 5 000
if not given). Prints nanoseconds of processor time a household and tick, their ratio, and a floor: what the bytes
moved and the numbers drawn take alone (``floor.py``); with ``--json`` as one object, in the last line.
"""

import argparse
import json
import sys
from pathlib import Path
from time import process_time

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from floor import counting, price_of_byte, price_of_draw

from abm.model.model import JointPointModel
from abm.model.ticks import run_tick
from tests.reference.free import plain_of
from tests.worlds import t_district

ENOUGH = 5_000
"""Households after which more agents only take longer."""


def production(households: int) -> JointPointModel:
    """Without views and burn-in, after its first tick, in which all links planned until 2019 form."""
    scenario = t_district(scenario__start_year=2019)
    model = JointPointModel(scenario, households=households, views=False, rng=1)
    model.step()
    return model


def columns_ns(households: int, ticks: int) -> float:
    """Nanoseconds a household and tick of the production's phases."""
    model, spent = production(households), 0.0

    def clock(phase: str, began: float) -> None:
        nonlocal spent, last
        now = process_time()
        if phase != "measuring":
            spent += now - last
        last = now

    for _ in range(ticks):
        last = process_time()
        run_tick(model.world, model.mechanisms, model.recorder, clock)
    return spent / (ticks * len(model.world.households)) * 1e9


def plain_mesa_ns(households: int, ticks: int) -> float:
    """The same of the plain model."""
    plain = plain_of(production(households))
    began = process_time()
    for _ in range(ticks):
        plain.step()
    return (process_time() - began) / (ticks * len(plain.households)) * 1e9


def floor_ns(households: int, ticks: int) -> dict[str, float]:
    """What bytes and draws alone take of a household and tick, in nanoseconds, and how many of each there are."""
    model = production(households)
    rows = len(model.world.households)
    with counting(model) as seen:
        for _ in range(ticks):
            run_tick(model.world, model.mechanisms, model.recorder, lambda *_: seen.phase_ends())
    each = 1.0 / (ticks * rows)
    moved, drawn = each * seen.bytes, each * seen.draws
    floor = moved * price_of_byte(rows) + drawn * price_of_draw(rows)
    return {"bytes": moved, "draws": drawn, "floor_ns": floor}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--households", type=int, default=100_000)
    parser.add_argument("--plain-households", type=int)
    parser.add_argument("--ticks", type=int, default=4, help="a year of quarters")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    agents = given.plain_households or min(given.households, ENOUGH)
    columns, plain = columns_ns(given.households, given.ticks), plain_mesa_ns(agents, given.ticks)
    floor = floor_ns(given.households, given.ticks)
    if given.json:
        result = {
            "households": given.households,
            "plain_households": agents,
            "ticks": given.ticks,
            "columns_ns": round(columns, 1),
            "plain_mesa_ns": round(plain, 1),
            "ratio": round(plain / columns, 2),
            **{name: round(value, 1) for name, value in floor.items()},
            "over_floor": round(columns / floor["floor_ns"], 2),
        }
        print(json.dumps(result))
    else:
        print(f"columns {columns:.0f} ns, plain Mesa {plain:.0f} ns, ratio {plain / columns:.0f}")
        print(
            f"floor {floor['floor_ns']:.0f} ns ({floor['bytes']:.0f} bytes moved, {floor['draws']:.1f} numbers drawn): "
            f"columns take {columns / floor['floor_ns']:.1f} times as long"
        )


if __name__ == "__main__":
    main()
