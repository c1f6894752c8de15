"""A calibration's report: ``calibration.csv``, ``calibration.md`` and a picture of prior beside posterior."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from abm.analysis.calibration import Fit
from abm.analysis.fit_tables import CORRELATED, correlated, fit_tables

TABLE, PARAMETERS, PAGE, PICTURE = "calibration.csv", "parameters.csv", "calibration.md", "calibration.png"


def write_report(fit: Fit, folder: Path) -> None:
    """Write tables, page and, where there is a posterior, the picture."""
    targets, parameters = fit_tables(fit)
    targets.to_csv(folder / TABLE, index=False)
    parameters.to_csv(folder / PARAMETERS, index=False)
    (folder / PAGE).write_text(page(fit, targets, parameters), encoding="utf-8")
    if fit.posterior is not None:
        draw(fit, folder / PICTURE)


def page(fit: Fit, targets: pd.DataFrame, parameters: pd.DataFrame) -> str:
    """The page in Markdown."""
    about, met = fit.problem.about, int(targets.met.sum())
    lines = [f"# Calibration of {about.get('scenario', 'a model')}", ""]
    lines.append(
        f"{met} of {len(targets)} targets met. {fit.simulations} simulations, {fit.failed} of them failed."
    )
    if fit.best is not None:
        ended = "ended by itself" if fit.search_finished else "ended with its budget"
        lines.append(
            f"Simulated moments: {fit.points} points of the priors' cube looked at; the search {ended}."
        )
    if fit.posterior is not None:
        said = fit.posterior.about
        lines.append(
            f"ABC-SMC: {said['generations']} generations, {len(fit.posterior)} draws within {said['threshold']:.3g} "
            f"tolerances (root of the mean square), worth {1.0 / (fit.posterior.weights**2).sum():.0f} of equal "
            "weight. It starts from the priors, not from the best point."
        )
    else:
        lines.append("No posterior: the columns of the model are those of the best point.")
    lines += ["", "## Targets (use = fit)", ""]
    lines += [
        "*Met*: the model's median lies within the tolerance. *Interval*: 5 % to 95 % of the draws.",
        "",
    ]
    lines += markdown(
        ("target", "population", "year", "value", "tolerance", "model", "interval", "best point", "met"),
        [
            (
                r.id, r.population, str(r.year), number(r.target), number(r.tolerance), number(r.model),
                f"{number(r.low)} to {number(r.high)}", number(r.best_point), "met" if r.met else "**missed**",
            )
            for r in targets.itertuples()
        ],
    )  # fmt: skip
    lines += ["", "## Parameters", ""]
    head = [
        "parameter",
        "prior",
        "posterior mean (sd)",
        "5 % to 95 %",
        "contraction",
        "verdict",
        "best point",
    ]
    rows: list[tuple[str, ...]] = []
    low_high = fit.problem.priors
    for r in parameters.to_dict("records"):
        prior = "{} to {}".format(*(number(v) for v in low_high[r["parameter"]]))
        if fit.posterior is None:
            rows.append((r["parameter"], prior, "", "", "", "", number(r["best_point"])))
            continue
        rows.append(
            (
                r["parameter"], prior, f"{number(r['mean'])} ({number(r['sd'])})",
                f"{number(r['p5'])} to {number(r['p95'])}", f"{r['contraction']:.2f}", r["verdict"],
                number(r["best_point"]),
            )
        )  # fmt: skip
    lines += markdown(head, rows)
    lines += [
        "",
        "*Contraction*: 1 − sd of the posterior / sd of the prior; informed from .5, weakly from .2.",
        "",
    ]
    pairs = correlated(fit)
    if pairs:
        lines.append(f"Correlations above {CORRELATED:g} in the posterior:")
        lines += ["", *(f"- {a} and {b}: {r:+.2f}" for a, b, r in pairs), ""]
    elif fit.posterior is not None:
        lines += [f"No two parameters correlate above {CORRELATED:g} in the posterior.", ""]
    lines += ["## Made with", ""]
    lines += [f"- {key}: {value}" for key, value in (fit.posterior.about if fit.posterior else about).items()]
    return "\n".join(lines) + "\n"


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines of a Markdown table."""
    return [
        "| " + " | ".join(head) + " |",
        "|" + "---|" * len(head),
        *("| " + " | ".join(cell.replace("|", "/") for cell in row) + " |" for row in rows),
    ]


def number(value: Any) -> str:
    """Four digits, without an exponent for yuan; a dash for what is not there."""
    if value is None or not np.isfinite(value):
        return "–"
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def draw(fit: Fit, path: Path) -> None:
    """Prior beside posterior, one panel per parameter."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    posterior = fit.posterior
    assert posterior is not None
    across = min(3, len(posterior.names))
    down = -(-len(posterior.names) // across)
    figure = Figure(figsize=(3.4 * across, 2.3 * down), layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(down, across, squeeze=False).ravel()
    for column, (panel, name) in enumerate(zip(panels, posterior.names, strict=False)):
        low, high = fit.problem.priors[name]
        bins = np.linspace(low, high, 21)
        panel.hist(
            posterior.values[:, column], bins=bins, weights=posterior.weights, density=True, color="#4477aa"
        )
        panel.hlines(1.0 / (high - low), low, high, colors="#999999", linestyles="dashed")
        if fit.best is not None:
            panel.axvline(fit.best[name], color="#cc3311", linewidth=1)
        panel.set_title(name, fontsize=9)
        panel.set_yticks([])
        panel.tick_params(labelsize=8)
    for panel in panels[len(posterior.names) :]:
        panel.set_axis_off()
    figure.suptitle("Posterior (bars), prior (dashes), best point of simulated moments (red)", fontsize=9)
    figure.savefig(path, dpi=130, metadata={"Software": None})
