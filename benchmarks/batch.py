"""What the engine of batches costs, and what a second worker brings.

    python benchmarks/batch.py [--runs N] [--households H] [--years Y] [--rounds R] [--json]

Times three ways to do the same runs of T District with its eight arms, one after the other in each round:

- *bare*: two plain processes side by side that do half of the runs each and keep nothing;
- *two*: ``abm.factorial`` on two workers, with tables, digests and notes written;
- *one*: the same in one process, without a scheduler (``workers=1``).

Burn-ins are kept from a round before the first. What *two* takes beyond *bare* is the engine's: starting workers, which
a batch does once, is timed apart, and the rest is in proportion to the runs. *one* over *two* is what the second worker
brings. Wall-clock medians over the rounds; needs two idle cores.
"""

import argparse
import json
import multiprocessing
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from abm.model.plan import load_scenario
from abm.runs.batch import factorial
from abm.runs.cluster import local_workers
from abm.runs.design import RunSpec, factorial_design
from abm.runs.simulate import run_spec

MANY = 2000
"""Runs of a large batch, over which the start of the workers is spread."""


def do_bare(specs: list[RunSpec], start: "multiprocessing.synchronize.Barrier") -> None:
    start.wait()  # Python and its packages have been loaded
    for spec in specs:
        run_spec(spec)


def bare(specs: list[RunSpec]) -> float:
    """Seconds that two plain processes take, each with half of the seeds and all arms."""
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(3)
    halves = specs[: len(specs) // 2], specs[len(specs) // 2 :]
    processes = [context.Process(target=do_bare, args=(half, start)) for half in halves]
    for process in processes:
        process.start()
    start.wait()
    began = perf_counter()
    for process in processes:
        process.join()
    return perf_counter() - began


def batch(workers: int, design: dict) -> float:
    """Seconds of a whole batch on so many worker processes."""
    with TemporaryDirectory() as folder:
        began = perf_counter()
        done = factorial("t_district", workers=workers, out=Path(folder) / "r", **design)
        taken = perf_counter() - began
        assert not done.failures
    return taken


def start_up(workers: int) -> float:
    """Seconds from nothing to workers that have loaded the package, and to their end."""
    began = perf_counter()
    with local_workers(workers) as client:
        client.wait_for_workers(workers)
        client.run(_load)
    return perf_counter() - began


def _load() -> None:
    import abm.runs.engine  # noqa: F401


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=48, help="a multiple of 16")
    parser.add_argument("--households", type=int, default=2000)
    parser.add_argument("--years", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="print one object as the last line")
    given = parser.parse_args()
    design = {
        "households": given.households,
        "years": given.years,
        "replications": given.runs // 8,
        "seed": 1,
    }
    specs = factorial_design(load_scenario("t_district"), **design)
    bare(specs)  # keeps the burn-ins
    times: dict[str, list[float]] = {"bare": [], "two": [], "one": [], "start": []}
    for _ in range(given.rounds):
        times["bare"].append(bare(specs))
        times["two"].append(batch(2, design))
        times["start"].append(start_up(2))
        times["one"].append(batch(1, design))
    middle = {name: median(values) for name, values in times.items()}
    own = middle["two"] - middle["bare"] - middle["start"]
    many = middle["bare"] / len(specs) * MANY
    found = {
        "runs": len(specs),
        "households": given.households,
        "years": given.years,
        **{f"{name}_s": round(value, 2) for name, value in middle.items()},
        "one_over_two": round((middle["one"]) / (middle["two"] - middle["start"]), 3),
        "engine_share": round(own / (middle["bare"] + own), 4),
        "engine_share_of_2000_runs": round((own / len(specs) * MANY + middle["start"]) / many, 4),
    }
    print(f"{len(specs)} runs of {given.households} households and {given.years} years, seconds:")
    for name in times:
        print(f"  {name:6} {middle[name]:7.2f}   {' '.join(f'{value:.2f}' for value in times[name])}")
    print(f"a second worker brings {found['one_over_two']:.2f} times, starting the workers left out")
    print(f"the engine's own cost: {100 * found['engine_share']:.1f} % of a run's time")
    print(f"of {MANY} runs, with the start: {100 * found['engine_share_of_2000_runs']:.1f} %")
    if given.json:
        print(json.dumps(found))


if __name__ == "__main__":
    main()
