"""What is cut in ``experiment.toml`` does to mean incomes in villages and towns, beside the same without searching.

    python experiments/searching/tables.py RESULTS KINDS [--out experiments/searching]

KINDS are the results of ``joint_points/kinds.toml``: the same seeds and size in T District itself. On minus off, mean
of the last five years, paired within seeds, with 95 % intervals. Writes ``effects.csv`` and ``effects.md``.
"""

import argparse
import sys
from pathlib import Path

import pandas as pd

from abm.analysis.arms import last_years
from abm.analysis.contrasts import Estimate, estimate
from abm.core.errors import InputError
from abm.runs.results import Results, read_results

BASE, PREFIX = "base", "switches."
POPULATIONS = ("rural", "urban")


def effects_of(results: Results) -> dict[tuple[str, str], Estimate]:
    """The effect of each thing cut on the mean income of each population, yuan."""
    levels = results.points.set_index("run_id").filter(like=PREFIX).eq(0.0)
    cut = levels.idxmax(axis=1).where(levels.any(axis=1), BASE).str.removeprefix(PREFIX)
    years = last_years(results.manifest, results.outcomes, 5)
    rows = results.outcomes[results.outcomes["year"].isin(years)]
    rows = rows.assign(cut=rows["run_id"].map(cut))
    means = rows.groupby(["population", "seed", "cut"])["mean_income"].mean().unstack("cut")
    return {
        (name, population): estimate((means.loc[population, BASE] - means.loc[population, name]).dropna())
        for name in means.columns.drop(BASE)
        for population in POPULATIONS
    }


def as_markdown(table: pd.DataFrame) -> str:
    """A row per thing cut; intervals that leave out 0 are bold."""
    heads = [f"{population}, {which}" for population in POPULATIONS for which in ("as it is", "searching")]
    lines = [f"| on − off, yuan | {' | '.join(heads)} |", "| --- " * (1 + len(heads)) + "|"]
    for name, rows in table.groupby("cut", sort=False):
        cells = []
        for head in heads:
            found = rows[rows["of"] == head]
            if found.empty:
                cells.append("")
                continue
            mean, low, high = (float(found.iloc[0][key]) for key in ("mean", "low", "high"))
            told = "**" if low > 0 or high < 0 else ""
            cells.append(f"{told}{mean:+.0f}{told} ({low:+.0f}, {high:+.0f})".replace("-", "−"))
        lines.append(f"| {str(name).removeprefix('kind.')} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Read, tabulate; returns the exit code."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("results", type=Path)
    options.add_argument("kinds", type=Path)
    options.add_argument("--out", type=Path, default=Path(__file__).parent)
    given = options.parse_args()
    try:
        searching, plain = (effects_of(read_results(folder)) for folder in (given.results, given.kinds))
    except InputError as error:
        print(f"tables.py: {error}", file=sys.stderr)
        return 2
    rows = []
    for (name, population), found in searching.items():
        for which, one in (("as it is", plain.get((name, population))), ("searching", found)):
            if one is not None:
                numbers = {"mean": one.mean, "low": one.low, "high": one.high, "n": one.n}
                rows.append({"cut": name, "of": f"{population}, {which}", **numbers})
    table = pd.DataFrame(rows)
    table.to_csv(given.out / "effects.csv", index=False, float_format="%.6g")
    (given.out / "effects.md").write_text(as_markdown(table), encoding="utf-8")
    print(as_markdown(table))
    return 0


if __name__ == "__main__":
    sys.exit(main())
