"""What the assumed parameters do to the effects of the layers: tables and pictures of both steps.

    python experiments/sensitivity/tables.py MORRIS [SOBOL] [--out experiments/sensitivity]

Writes ``screening.csv`` (elementary effects of each mechanism's parameters on each layer's effect on each outcome),
``signs.csv`` (how each effect is spread over the points of each step, and how much of that is luck), with SOBOL
``shares.csv`` (shares of variance), and a picture of each. Prints the mechanisms that go on to Sobol, by the rule in
``sobol.toml``.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy.stats import norm

from abm.analysis.designed import Designed, designs_of, effect_of
from abm.analysis.observed import averaged
from abm.analysis.screening import OUTCOMES, screening, strongest
from abm.analysis.sensitivity import noise_of, sobol_table
from abm.core.errors import InputError
from abm.core.names import LAYERS
from abm.runs.results import Results, read_results

GO_ON = 4
"""Mechanisms that Sobol asks about."""
LABELS = {  # by measure: short and long label, factor
    "mean_income": ("mean", "rural mean, yuan", 1.0),
    "headcount_anchored_60": ("poor", "rural poor, points", 100.0),
    "gini": ("Gini", "rural Gini × 1000", 1000.0),
}
COLOURS = dict(zip(LAYERS, ("#b2182b", "#d6a21e", "#2166ac"), strict=True))


def effects_of(results: Results) -> Iterator[tuple[str, str, float, Designed]]:
    """Each layer's effect on each outcome: layer, label, factor to the label's unit, and the effect by point."""
    for population, measure in OUTCOMES:
        (found,) = designs_of(results, measure, population)
        for layer in LAYERS:
            yield layer, *LABELS[measure][1:], effect_of(found, f"switches.{layer}")


def signs_of(step: str, results: Results) -> pd.DataFrame:
    """How effects spread over a step's points.

    Returns:
        One row per outcome and layer: ``points``, ``mean``, ``low``, ``median``, ``high`` (5, 50 and 95 per cent of
        the points), ``above_0`` (share of the points), ``luck`` (share of the variance over points that is the
        seeds'; NaN with one seed a point) and ``above_0_without_luck`` (were effects normal, with luck's variance
        taken out).
    """
    rows = []
    for layer, label, factor, effect in effects_of(results):
        means, noise = averaged(effect.values).dropna() * factor, noise_of(effect.values)
        low, median, high = means.quantile([0.05, 0.5, 0.95])
        left = noise.rest / noise.seeds / (noise.between + noise.rest / noise.seeds)
        sd = float(np.sqrt(noise.between)) * factor
        rows.append(
            {
                "step": step,
                "outcome": label,
                "layer": layer,
                "points": len(means),
                "mean": means.mean(),
                "low": low,
                "median": median,
                "high": high,
                "above_0": (means > 0).mean(),
                "luck": left,
                "above_0_without_luck": norm.cdf(means.mean() / sd) if sd > 0 else np.nan,
            }
        )
    return pd.DataFrame(rows)


def shares_of(results: Results) -> pd.DataFrame:
    """Shares of variance of each effect; see ``abm.analysis.sensitivity.sobol_table``."""
    parts = [
        sobol_table(effect.sample, averaged(effect.values), effect.groups).assign(outcome=label, layer=layer)
        for layer, label, _, effect in effects_of(results)
    ]
    return pd.concat(parts, ignore_index=True)


def draw_effects(step: str, results: Results, file: Path) -> None:
    """Each layer's effect at each point, a panel per outcome."""
    figure, axes = plt.subplots(1, len(LABELS), figsize=(11, 3.2), layout="constrained")
    axis_of = {label: axis for (_, label, _), axis in zip(LABELS.values(), axes, strict=True)}
    for layer, label, factor, effect in effects_of(results):
        axis, place = axis_of[label], -LAYERS.index(layer)
        values = np.sort(averaged(effect.values).dropna().to_numpy() * factor)
        spread = 0.3 * np.sin(np.arange(len(values)) * 2.4)  # so that points do not lie on each other
        axis.plot(values, place + spread, ".", color=COLOURS[layer], markersize=3, alpha=0.5)
        axis.plot(np.median(values), place, "|", color="black", markersize=22, markeredgewidth=2)
        axis.text(
            0.99,
            (place + 2.5) / 3 + 0.1,
            f"above 0: {(values > 0).mean():.0%}",
            transform=axis.transAxes,
            ha="right",
            fontsize=8,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.7, "pad": 1},
        )
    for label, axis in axis_of.items():
        axis.axvline(0.0, color="0.7", linewidth=0.8)
        axis.set_title(f"{label}, on − off", fontsize=9)
        axis.set_yticks([0, -1, -2], LAYERS if axis is axes[0] else [""] * 3)
        axis.set_ylim(-2.5, 0.5)
    figure.suptitle(f"{step}: a dot per point of the assumed parameters; bar: median", fontsize=10)
    figure.savefig(file, dpi=130)
    plt.close(figure)


def draw_screening(table: pd.DataFrame, file: Path) -> None:
    """Elementary effects in parts of what luck alone shows, mechanisms by effects; told ones are framed."""
    table = table.assign(
        over_luck=table["standardized"] / table["luck"],
        column=table["effect"].str.removeprefix("switches.")
        + "\n"
        + table["measure"].map({measure: short for measure, (short, _, _) in LABELS.items()}),
    )
    columns = list(dict.fromkeys(table["column"]))
    wide = table.pivot(index="name", columns="column", values="over_luck")[columns]
    told = table.pivot(index="name", columns="column", values="told").loc[wide.index, columns]
    order = wide.max(axis=1).sort_values(ascending=False).index
    wide, told = wide.loc[order], told.loc[order]
    figure, axis = plt.subplots(figsize=(9.5, 0.34 * len(wide) + 1.6), layout="constrained")
    image = axis.imshow(wide, cmap="Greys", vmin=0.0, aspect="auto")
    for row, column in zip(*np.nonzero(told.to_numpy(dtype=bool)), strict=True):
        axis.add_patch(
            plt.Rectangle((column - 0.46, row - 0.44), 0.92, 0.88, fill=False, edgecolor="#b2182b", lw=1.5)
        )
    axis.set_xticks(range(len(columns)), columns, fontsize=7)
    axis.set_yticks(range(len(wide)), wide.index, fontsize=8)
    figure.colorbar(image, label="mean |elementary effect|, 1: what luck alone shows", shrink=0.8)
    axis.set_title("What moves the layers' effects (Morris); framed: told from luck", fontsize=10)
    figure.savefig(file, dpi=130)
    plt.close(figure)


def draw_shares(table: pd.DataFrame, file: Path) -> None:
    """First-order and total shares with their intervals, a panel per outcome and layer."""
    labels = [label for _, label, _ in LABELS.values()]
    figure, axes = plt.subplots(len(labels), len(LAYERS), figsize=(10, 7), layout="constrained", sharex=True)
    for (label, layer), rows in table.groupby(["outcome", "layer"], sort=False):
        axis = axes[labels.index(label), LAYERS.index(layer)]
        rows = rows.sort_values("name", ascending=False)
        for key, shift, colour in (("S1", 0.15, "0.55"), ("ST", -0.15, COLOURS[layer])):
            places = np.arange(len(rows)) + shift
            axis.hlines(places, rows[f"{key}_low"], rows[f"{key}_high"], color=colour, linewidth=2)
            axis.plot(rows[key], places, "o", color=colour, markersize=4)
        axis.axvline(0.0, color="0.8", linewidth=0.8)
        axis.set_yticks(range(len(rows)), rows["name"], fontsize=8)
        axis.set_title(f"{layer}: {label}", fontsize=9)
    figure.suptitle(
        "Shares of the variance of an effect: first order (grey), total (coloured), 95 %", fontsize=10
    )
    figure.savefig(file, dpi=130)
    plt.close(figure)


def main() -> int:
    """Read, tabulate, draw; returns the exit code."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("morris", type=Path)
    options.add_argument("sobol", type=Path, nargs="?")
    options.add_argument("--out", type=Path, default=Path(__file__).parent)
    given = options.parse_args()
    try:
        morris = read_results(given.morris)
        sobol = read_results(given.sobol) if given.sobol else None
        table = screening(morris)
    except InputError as error:
        print(f"{Path(sys.argv[0]).name}: {error}", file=sys.stderr)
        return 2
    table.to_csv(given.out / "screening.csv", index=False, float_format="%.6g")
    draw_screening(table, given.out / "screening.png")
    draw_effects("Morris", morris, given.out / "effects_morris.png")
    signs = signs_of("morris", morris)
    print(f"to Sobol: {', '.join(strongest(table, GO_ON))}")
    if sobol is not None:
        signs = pd.concat([signs, signs_of("sobol", sobol)], ignore_index=True)
        shares = shares_of(sobol)
        shares.to_csv(given.out / "shares.csv", index=False, float_format="%.6g")
        draw_shares(shares, given.out / "shares.png")
        draw_effects("Sobol", sobol, given.out / "effects_sobol.png")
        print(shares.to_string(index=False, float_format="%.2f"))
    signs.to_csv(given.out / "signs.csv", index=False, float_format="%.6g")
    print(signs.to_string(index=False, float_format="%.3g"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
