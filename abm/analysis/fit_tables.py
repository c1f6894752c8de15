"""What a calibration found, as tables: targets as they were met, and what the data say of each parameter."""

from collections.abc import Sequence
from math import sqrt

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from abm.analysis.calibration import Fit
from abm.analysis.targets import Target

Floats = NDArray[np.float64]

INFORMED, WEAKLY = 0.5, 0.2
"""Contraction (1 − sd of the posterior / sd of the prior) from which the data inform, or weakly inform."""
CORRELATED = 0.6


def quantile(values: Floats, weights: Floats, share: float) -> float:
    """Weighted quantile, linear between the middles of the draws' weights; the median of two is their mean."""
    order = np.argsort(values, kind="stable")
    ordered = weights[order]
    middles = (np.cumsum(ordered) - ordered / 2) / ordered.sum()
    return float(np.interp(share, middles, values[order]))


def targets_table(targets: Sequence[Target], moments: Floats, weights: Floats) -> pd.DataFrame:
    """Each target beside median and 90 % interval of the model.

    Args:
        moments: one row per draw, one column per target.
        weights: of the draws.
    """
    rows = []
    for column, target in enumerate(targets):
        values = moments[:, column]
        kept = np.isfinite(values)
        low, median, high = (
            quantile(values[kept], weights[kept], share) if kept.any() else float("nan")
            for share in (0.05, 0.5, 0.95)
        )
        rows.append(
            {
                "id": target.id,
                "population": target.population,
                "year": target.year,
                "measure": target.measure,
                "target": target.value,
                "tolerance": target.tolerance,
                "model": median,
                "low": low,
                "high": high,
                "met": target.met(median),
                "unit": target.unit,
                "source": target.source,
                "note": target.note,
            }
        )
    return pd.DataFrame(rows)


def verdict(contraction: float) -> str:
    """What the contraction of a parameter's spread says."""
    if contraction >= INFORMED:
        return "informed"
    return "weakly informed" if contraction >= WEAKLY else "not informed by these data"


def parameters_table(fit: Fit) -> pd.DataFrame:
    """Prior beside posterior of each free parameter."""
    rows = []
    for column, (name, (low, high)) in enumerate(fit.problem.priors.items()):
        spread = (high - low) / sqrt(12.0)
        row: dict[str, object] = {
            "parameter": name,
            "prior_mean": (low + high) / 2,
            "prior_sd": spread,
            "prior_5": low + 0.05 * (high - low),
            "prior_95": low + 0.95 * (high - low),
        }
        if fit.posterior is not None:
            values, weights = fit.posterior.values[:, column], fit.posterior.weights
            mean = float((weights * values).sum())
            sd = float(np.sqrt((weights * (values - mean) ** 2).sum()))
            contraction = 1.0 - sd / spread
            row |= {
                "mean": mean,
                "sd": sd,
                "p5": quantile(values, weights, 0.05),
                "p95": quantile(values, weights, 0.95),
                "contraction": contraction,
                "verdict": verdict(contraction),
            }
        row["best_point"] = float("nan") if fit.best is None else fit.best[name]
        rows.append(row)
    return pd.DataFrame(rows)


def correlated(fit: Fit) -> list[tuple[str, str, float]]:
    """Pairs of parameters that the posterior ties together, the strongest first."""
    if fit.posterior is None or len(fit.posterior) < 3:
        return []
    names, weights = fit.posterior.names, fit.posterior.weights
    centred = fit.posterior.values - (weights[:, None] * fit.posterior.values).sum(axis=0)
    covariance = (weights[:, None] * centred).T @ centred
    spread = np.sqrt(np.diag(covariance))
    pairs = [
        (names[i], names[j], float(covariance[i, j] / (spread[i] * spread[j])))
        for i in range(len(names))
        for j in range(i)
        if spread[i] * spread[j] > 0
    ]
    return sorted((p for p in pairs if abs(p[2]) > CORRELATED), key=lambda p: -abs(p[2]))


def fit_tables(fit: Fit) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(targets, parameters). Without a posterior, the model's column is that of the best point."""
    targets = fit.problem.targets
    if fit.posterior is not None and fit.moments is not None:
        table = targets_table(targets, fit.moments, fit.posterior.weights)
    else:
        best = np.full((1, len(targets)), np.nan) if fit.best_moments is None else fit.best_moments[None, :]
        table = targets_table(targets, best, np.ones(1))
    table.insert(
        table.columns.get_loc("unit"), "best_point", np.nan if fit.best_moments is None else fit.best_moments
    )
    return table, parameters_table(fit)
