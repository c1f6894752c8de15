"""What each layer does, from the results of a factorial: a table and a picture.

    python experiments/joint_points/tables.py RESULTS [--out experiments/joint_points] [--name effects]

Effects are on minus off in the mean of the last five years, the other layers on, paired within seeds, with 95 %
intervals. Writes ``NAME.csv``, ``NAME.md`` and ``NAME.png``; with several questions or budgets in the results, one of
each comparison.
"""

import argparse
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

from abm.analysis.arms import comparisons, last_years, select
from abm.analysis.contrasts import layer_effects
from abm.core.errors import InputError
from abm.core.names import LAYERS
from abm.runs.results import Results, read_results

ALL = "all"
MEASURES = {  # by population: label, factor, digits
    ("rural", "mean_income"): ("rural mean, yuan", 1.0, 0),
    ("rural", "headcount_anchored_60"): ("rural poor, points", 100.0, 2),
    ("rural", "gini"): ("rural Gini × 1000", 1000.0, 1),
    ("rural", "theil_t_between_villages"): ("between villages (Theil) × 1000", 1000.0, 2),
    ("all", "mean_income"): ("mean of all, yuan", 1.0, 0),
    ("all", "headcount_anchored_60"): ("poor of all, points", 100.0, 2),
    ("all", "gini"): ("Gini of all × 1000", 1000.0, 1),
    ("all", "urban_rural_ratio"): ("urban over rural × 100", 100.0, 2),
}
COLOURS = dict(zip((*LAYERS, ALL), ("#b2182b", "#d6a21e", "#2166ac", "#333333"), strict=True))


def effects_of(outcomes: pd.DataFrame, years: tuple[int, ...]) -> pd.DataFrame:
    """One row per measure and layer, in the units of ``MEASURES``."""
    parts = []
    for (population, measure), (label, factor, digits) in MEASURES.items():
        found = layer_effects(outcomes, [measure], years, [population])
        found[["mean", "se", "low", "high", "unpaired_low", "unpaired_high"]] *= factor
        parts.append(found.assign(label=label, digits=digits))
    return pd.concat(parts, ignore_index=True)


def as_markdown(effects: pd.DataFrame) -> str:
    """A row per measure, a column per layer; intervals that leave out 0 are bold."""
    lines = [f"| on − off | {' | '.join((*LAYERS, 'all three'))} |", "| --- | --- | --- | --- | --- |"]
    for label, rows in effects.groupby("label", sort=False):
        cells = []
        for layer in (*LAYERS, ALL):
            row = rows[rows["layer"] == layer].iloc[0]
            cells.append(cell(row, row["digits"]))
        lines.append(f"| {label} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def cell(row: "pd.Series[float]", digits: int) -> str:
    """An effect with its interval, in bold where that leaves out 0."""
    mean, low, high = (f"{row[name]:+.{digits}f}" for name in ("mean", "low", "high"))
    told = "**" if row["low"] > 0 or row["high"] < 0 else ""
    return f"{told}{mean}{told} ({low}, {high})".replace("-", "−")


def asked(explained: str | None, **more: str) -> tuple[argparse.Namespace, Results | None]:
    """The arguments of a script and the results that they name; None where these cannot be read, which is told.

    Args:
        explained: the script's docstring.
        more: further options and what they are if left out.
    """
    options = argparse.ArgumentParser(description=(explained or "").partition("\n")[0])
    options.add_argument("results", type=Path)
    options.add_argument("--out", type=Path, default=Path(__file__).parent)
    for name, default in more.items():
        options.add_argument(f"--{name}", default=default)
    given = options.parse_args()
    try:
        return given, read_results(given.results)
    except InputError as error:
        print(f"{Path(sys.argv[0]).name}: {error}", file=sys.stderr)
        return given, None


def draw(effects: pd.DataFrame, title: str, file: Path) -> None:
    """Effects with their intervals, a panel per measure."""
    figure, axes = plt.subplots(2, 4, figsize=(12, 4.6), layout="constrained")
    for axis, (label, rows) in zip(axes.flat, effects.groupby("label", sort=False), strict=True):
        axis.axvline(0.0, color="0.7", linewidth=0.8)
        for place, layer in enumerate((*LAYERS, ALL)):
            row = rows[rows["layer"] == layer].iloc[0]
            axis.plot([row["low"], row["high"]], [-place, -place], color=COLOURS[layer], linewidth=2)
            axis.plot(row["mean"], -place, "o", color=COLOURS[layer])
        axis.set_yticks(range(0, -4, -1), (*LAYERS, "all three") if axis in axes[:, 0] else [""] * 4)
        axis.set_title(label, fontsize=9)
    figure.suptitle(title, fontsize=10)
    figure.savefig(file, dpi=130)
    plt.close(figure)


def main() -> int:
    """Read, tabulate, draw; returns the exit code."""
    given, results = asked(__doc__, name="effects")
    if results is None:
        return 2
    years = last_years(results.manifest, results.outcomes, 5)
    found = comparisons(results.outcomes)
    for question, budget in found:
        name = given.name if len(found) == 1 else f"{given.name}_{question}_{budget}"
        effects = effects_of(select(results.outcomes, question, budget), years)
        effects.to_csv(given.out / f"{name}.csv", index=False, float_format="%.6g")
        (given.out / f"{name}.md").write_text(as_markdown(effects), encoding="utf-8")
        title = f"{question}, {budget}: on minus off, mean of {years[0]}–{years[-1]}, {effects['n'].max()} seeds, 95 %"
        draw(effects, title, given.out / f"{name}.png")
        print(f"{title}\n{as_markdown(effects)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
