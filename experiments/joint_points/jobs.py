"""Where villagers work with each kind of link that brings news, and without it: in town, in a village, or neither.

    python experiments/joint_points/jobs.py [--seeds 12] [--households 3000] [--out experiments/joint_points]

Tables of results count jobs and not where they are, so that this runs the model itself: T District as it is, and with
one kind cut everywhere from the switch year on; means at the ends of the last five years, on minus off, paired within
seeds, with 95 % intervals. Writes ``jobs.csv`` and ``jobs.md``. Some three minutes.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from kinds import NAMES
from tables import cell

from abm import JointPointModel
from abm.analysis.contrasts import estimate
from abm.population.households import LOCAL_JOB

SCENARIO, FIRST_SEED, YEARS = "t_district", 2032, 5
NEWS = ("pairing", "alliance", "liaison", "mutual_aid")
MEASURES = {  # label, factor, digits
    "in_town": ("of 100 workers of villages: in town jobs", 100.0, 2),
    "in_villages": ("in village jobs", 100.0, 2),
    "pay_in_town": ("pay in town, yuan a year", 1.0, 0),
    "pay_in_villages": ("pay in villages", 1.0, 0),
}


def villagers(model: JointPointModel) -> dict[str, float]:
    """Share of the workers of villages with a job in town and in a village, and what these pay."""
    world = model.world
    workers, urban = world.workers, world.places.urban
    rows = np.flatnonzero(~urban[world.households.place[workers.household]])
    jobs = rows[workers.activity[rows] == LOCAL_JOB]
    town = urban[world.enterprises.place[workers.employer[jobs]]]
    found = {}
    for where, those in (("in_town", jobs[town]), ("in_villages", jobs[~town])):
        found[where] = len(those) / len(rows)
        found[f"pay_{where}"] = float(workers.pay[those].mean() / world.dt)
    return found


def means(seed: int, households: int, cut: str | None) -> pd.Series:
    """Their means over the ends of the last years of one run."""
    model = JointPointModel(SCENARIO, households=households, views=False, rng=seed)
    if cut:
        model.switch(kind=cut, year=model.world.scenario.switch_year)
    found = []
    while model.running:
        model.step()
        if model.world.calendar.year_ends and model.year > model.world.scenario.end_year - YEARS:
            found.append(villagers(model))
    assert len(found) == YEARS
    return pd.DataFrame(found).mean()


def as_markdown(table: pd.DataFrame) -> str:
    """A row per kind, after one of the levels with all links on."""
    lines = [
        f"| on − off | {' | '.join(label for label, _, _ in MEASURES.values())} |",
        "| --- " * (1 + len(MEASURES)) + "|",
    ]
    for kind, rows in table.groupby("kind", sort=False):
        row = rows.set_index("measure")
        cells = [
            f"{row.loc[m, 'mean']:,.{digits}f}".replace(",", " ")
            if kind == "base"
            else cell(row.loc[m], digits)
            for m, (_, _, digits) in MEASURES.items()
        ]
        lines.append(f"| {'*all links on*' if kind == 'base' else NAMES[str(kind)]} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Run, tabulate; returns the exit code."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--seeds", type=int, default=12)
    options.add_argument("--households", type=int, default=3000)
    options.add_argument("--out", type=Path, default=Path(__file__).parent)
    given = options.parse_args()
    seeds = range(FIRST_SEED, FIRST_SEED + given.seeds)
    runs = {
        cut: pd.DataFrame([means(seed, given.households, cut) for seed in seeds]) for cut in (None, *NEWS)
    }
    rows = []
    for cut, off in runs.items():
        shown = off if cut is None else runs[None] - off
        for measure, (_, factor, _) in MEASURES.items():
            found = estimate(shown[measure] * factor)
            numbers = {"mean": found.mean, "low": found.low, "high": found.high, "n": found.n}
            rows.append({"kind": cut or "base", "measure": measure, **numbers})
    table = pd.DataFrame(rows)
    table.to_csv(given.out / "jobs.csv", index=False, float_format="%.6g")
    (given.out / "jobs.md").write_text(as_markdown(table), encoding="utf-8")
    print(as_markdown(table))
    return 0


if __name__ == "__main__":
    sys.exit(main())
