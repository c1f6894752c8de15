"""How far the three layers are woven together around a household.

Integration index: the mean over households of the multiplex participation coefficient

    P_i = 3/2 · [1 − Σ_layer (k_i,layer / k_i)²],    k_i = Σ_layer k_i,layer,

0 where a household has no joint-point or all of them in one layer, 1 where they are spread evenly over the three.
Reference: Battiston, Nicosia & Latora (2014), *Structural measures for multiplex networks*, Physical Review E 89,
032804, eq. 16.
"""

import numpy as np
from numpy.typing import NDArray


def participation_coefficient(degrees: NDArray[np.int32]) -> NDArray[np.float64]:
    """P_i of each household from its active links by layer, shape (layers, households) → (households,)."""
    layers = len(degrees)
    total = degrees.sum(axis=0)
    shares = degrees / np.maximum(total, 1)
    spread: NDArray[np.float64] = layers / (layers - 1) * (1.0 - (shares**2).sum(axis=0))
    return np.where(total > 0, np.maximum(spread, 0.0), 0.0)
