"""How much narrower a comparison is for arms that share their luck.

A contrast of arms, c = Σ w_a x_a, formed within each of n units has the variance

    s_c² = Σ w_a² s_a² + 2 Σ_{a<b} w_a w_b s_ab,

and without shared seeds the covariances s_ab would be gone. So

    variance ratio = Σ w_a² s_a² / s_c²,    narrowing = width of the unpaired interval / width of the paired one.

A variance ratio of 20 says that arms with seeds of their own would have needed twenty times as many runs for the same
standard error; one below 1 that pairing has done harm. The two numbers differ by the degrees of freedom.

Source: P. Glasserman and D. Yao (1992), "Some guidelines and guarantees for common random numbers", Management
Science 38(6), 884–908.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from math import inf, nan

import numpy as np
import pandas as pd

from abm.analysis.contrasts import EVERY_LAYER, Estimate, by_arm, contrast, layer_weights
from abm.core.names import LAYERS


@dataclass(frozen=True)
class Pairing:
    """A contrast and what pairing did for it.

    Args:
        estimate: with the paired and the unpaired interval.
        narrowing: width of the unpaired interval over that of the paired one; NaN without intervals, infinite where
            the contrast is the same in every unit.
        variance_ratio: variance without shared luck over the variance found.
    """

    estimate: Estimate
    narrowing: float
    variance_ratio: float


def pairing(values: pd.DataFrame, weights: Mapping[str, float]) -> Pairing:
    """A weighted sum of arms, and how much the pairing narrowed its interval.

    Args:
        values: one row per unit, one column per arm (``contrasts.by_arm``).
        weights: arm to weight.
    """
    found = contrast(values, weights)
    used = values.reindex(columns=list(weights)).dropna().to_numpy(dtype=float)
    if len(used) < 2:
        return Pairing(found, nan, nan)
    factors = np.array(list(weights.values()), dtype=float)
    apart = float((factors**2 * used.var(axis=0, ddof=1)).sum())
    narrowing = _ratio(found.unpaired_high - found.unpaired_low, found.high - found.low)
    return Pairing(found, narrowing, _ratio(apart, found.se**2 * found.n))


def _ratio(without: float, found: float) -> float:
    if found > 0:
        return without / found
    return inf if without > 0 else nan


def pairing_table(
    outcomes: pd.DataFrame,
    measures: Iterable[str],
    years: Iterable[int],
    populations: Iterable[str] = ("all",),
    others: str = "on",
) -> pd.DataFrame:
    """The effect of each layer, and of all three, with what pairing did for its interval.

    Returns:
        One row per population, measure and layer: the fields of ``Estimate``, ``narrowing``, ``variance_ratio``.

    Raises:
        ValueError: the table mixes questions or budgets.
    """
    years, rows = list(years), []
    for population in populations:
        for measure in measures:
            values = by_arm(outcomes, measure, years, population)
            for layer in (*LAYERS, EVERY_LAYER):
                found = pairing(values, layer_weights(layer, others))
                key = {"population": population, "measure": measure, "layer": layer}
                gain = {"narrowing": found.narrowing, "variance_ratio": found.variance_ratio}
                rows.append(key | asdict(found.estimate) | gain)
    return pd.DataFrame(rows)
