"""One declared task in this project's columns and in Starsim, with the same rules, timed in turn in one run.

    python benchmarks/beside_starsim.py --starsim-python ENV/bin/python [--persons N] [--ticks T] [--dies RATE] [--json]

The task stands in ``sick_pay.py``, Starsim's side of it in ``starsim_task.py``. Starsim is no dependency of this
project and needs an environment of its own. Both sides run once untimed, then ``--rounds`` times in turn, with other
seeds each round. Before any time is printed the outcomes of all four that are timed are held against the closed form,
and those of the two against each other: beyond 4 standard errors the table is refused (exit code 1). With ``--json``
the last line is one object.
"""

import argparse
import json
import platform
import subprocess
import sys
import tempfile
from dataclasses import asdict
from importlib.metadata import version
from math import sqrt
from pathlib import Path
from statistics import fmean, median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from sick_pay import Outcome, Task, expected, run

SIDES = {
    "abm": "abm, money in the ledger",
    "abm_plain": "abm, money in a plain column",
    "starsim": "Starsim",
    "starsim_lean": "Starsim, people_results=False",
}
BASE = "abm"
"""The side that all times are divided by."""
ALLOWED = 4.0
"""Standard errors; one of the ten differences exceeds it by luck in less than 7 of 10 000 sets of seeds."""


class Starsim:
    """A process in Starsim's own environment that runs the task when asked."""

    def __init__(self, python: str, task: Task) -> None:
        # a pipe that nobody reads could fill up and stop it; the file goes with this object
        self.said = tempfile.TemporaryFile("w+")  # noqa: SIM115
        try:
            self.process = subprocess.Popen(
                [python, str(Path(__file__).with_name("starsim_task.py")), json.dumps(asdict(task))],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self.said,
                text=True,
            )
        except OSError as error:
            raise LookupError(f"cannot run {python}: {error.strerror}") from None
        self.versions = self.answer()

    def answer(self) -> dict[str, Any]:
        line = self.process.stdout.readline()
        if line:
            return json.loads(line)
        self.close()
        self.said.seek(0)
        said = self.said.read().strip().splitlines()
        last = said[-1] if said else "it ended without a word"
        if "No module named 'starsim'" in last:
            raise LookupError(f"{self.process.args[0]} has no Starsim")
        raise RuntimeError(f"Starsim's side failed: {last}")

    def run(self, seed: int, lean: bool) -> Outcome:
        print(json.dumps({"seed": seed, "lean": lean}), file=self.process.stdin, flush=True)
        return Outcome(**self.answer())

    def close(self) -> None:
        self.process.communicate()


def measure(starsim: Starsim, task: Task, rounds: int) -> dict[str, list[Outcome]]:
    """All sides in turn, after one round that warms up caches and compiled parts and is thrown away."""
    found: dict[str, list[Outcome]] = {side: [] for side in SIDES}
    for seed in range(rounds + 1):
        for side in SIDES:
            if side.startswith("abm"):
                outcome = run(task, seed, ledger=side == "abm")
            else:
                outcome = starsim.run(seed, lean=side == "starsim_lean")
            if seed:
                found[side].append(outcome)
    return found


def agreement(task: Task, found: dict[str, list[Outcome]]) -> list[tuple[str, float, float, float]]:
    """What is compared, the two values, and their difference in standard errors."""
    ill, cash = expected(task)
    count = task.persons * len(found[BASE])
    error_ill = sqrt(ill * (1.0 - ill) / count)
    rows = []
    means: dict[str, tuple[float, float, float]] = {}
    for side in SIDES:
        share, mean = fmean(o.share_ill for o in found[side]), fmean(o.mean_cash for o in found[side])
        error = sqrt(fmean(o.sd_cash**2 for o in found[side]) / count)
        means[side] = (share, mean, error)
        rows.append((f"share ill, {side} and closed form", share, ill, (share - ill) / error_ill))
        rows.append((f"mean cash, {side} and closed form", mean, cash, (mean - cash) / error))
    (ill_a, cash_a, error_a), (ill_s, cash_s, error_s) = means["abm"], means["starsim"]
    rows.append(("share ill, abm and starsim", ill_a, ill_s, (ill_a - ill_s) / (sqrt(2.0) * error_ill)))
    rows.append(
        ("mean cash, abm and starsim", cash_a, cash_s, (cash_a - cash_s) / sqrt(error_a**2 + error_s**2))
    )
    return rows


def table(task: Task, found: dict[str, list[Outcome]]) -> dict[str, dict[str, float]]:
    """Nanoseconds of processor time a person-tick (median, least, most), the median ratio, and the setup."""
    each = 1e9 / (task.persons * task.ticks)
    base = [outcome.ticks for outcome in found[BASE]]
    rows = {}
    for side, outcomes in found.items():
        ns = [outcome.ticks * each for outcome in outcomes]
        ratios = [outcome.ticks / one for outcome, one in zip(outcomes, base, strict=True)]
        rows[side] = {
            "ns": round(median(ns), 1),
            "least": round(min(ns), 1),
            "most": round(max(ns), 1),
            "ratio": round(median(ratios), 2),
            "ratio_least": round(min(ratios), 2),
            "ratio_most": round(max(ratios), 2),
            "setup_ms": round(median(outcome.setup for outcome in outcomes) * 1e3, 1),
        }
    return rows


def number(least: float, kind: type = int) -> Any:
    """A command-line number of at least so much."""

    def read(text: str) -> Any:
        value = kind(text)
        if not least <= value < float("inf"):
            raise argparse.ArgumentTypeError(f"must be at least {least}")
        return value

    return read


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument(
        "--starsim-python", metavar="PATH", help="the Python of an environment that has Starsim"
    )
    parser.add_argument("--persons", type=number(100), default=Task.persons)
    parser.add_argument("--ticks", type=number(1), default=Task.ticks, help="quarters of a year")
    parser.add_argument(
        "--dies", type=number(0, float), default=Task.dies, help="a year; 0: no deaths, no births"
    )
    parser.add_argument("--rounds", type=number(1), default=5)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def report(
    versions: dict[str, dict[str, str]], rows: list[tuple], times: dict[str, dict[str, float]]
) -> None:
    for name, parts in versions.items():
        print(f"{name}: " + ", ".join(f"{part} {number}" for part, number in parts.items()))
    print(f"\n{'outcome after the last tick':<40}{'one':>12}{'other':>12}{'diff./s.e.':>12}")
    for what, one, other, z in rows:
        digits = 5 if what.startswith("share") else 1
        print(f"{what:<40}{one:>12.{digits}f}{other:>12.{digits}f}{z:>12.2f}")
    if not times:
        return
    print(f"\n{'processor time':<32}{'ns a person-tick':>24}{'ratio':>22}{'setup ms':>11}")
    for side, row in times.items():
        ns = f"{row['ns']:.1f} ({row['least']:.1f}–{row['most']:.1f})"
        ratio = f"{row['ratio']:.2f} ({row['ratio_least']:.2f}–{row['ratio_most']:.2f})"
        print(f"{SIDES[side]:<32}{ns:>24}{ratio:>22}{row['setup_ms']:>11.1f}")


def main() -> int:
    given = arguments()
    task = Task(persons=given.persons, ticks=given.ticks, dies=given.dies)
    try:
        if not given.starsim_python:
            raise LookupError("--starsim-python is not given")
        starsim = Starsim(given.starsim_python, task)
        found = measure(starsim, task, given.rounds)
    except LookupError as error:
        print(
            f"beside_starsim: {error}; make an environment (python -m venv ENV; ENV/bin/pip install starsim) "
            "and give --starsim-python ENV/bin/python",
            file=sys.stderr,
        )
        return 2
    except RuntimeError as error:
        print(f"beside_starsim: {error}", file=sys.stderr)
        return 1
    starsim.close()
    ours = {"abm": version("jiedian"), "numpy": np.__version__, "python": platform.python_version()}
    versions = {"abm": ours, "Starsim": starsim.versions}
    rows = agreement(task, found)
    agree = all(abs(z) < ALLOWED for *_, z in rows)
    times = table(task, found) if agree else {}
    report(versions, rows, times)
    if not agree:
        print(f"beside_starsim: the outcomes differ by {ALLOWED:g} standard errors or more", file=sys.stderr)
        return 1
    if given.json:
        differences = {what: round(z, 2) for what, *_, z in rows}
        result = {"task": asdict(task), "rounds": given.rounds, "versions": versions}
        print(json.dumps(result | {"differences_in_standard_errors": differences, "times": times}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
