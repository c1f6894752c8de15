"""Credit of households (owner ``credit``): drawn from the bank up to a limit, owed in fen."""

import numpy as np
from numpy.typing import NDArray

from abm.scenario.parameters import Parameter, values_of
from abm.world.world import BANK, World

PARAMETERS = (
    Parameter("limit", 0.5, "years of income", (0.0, 2.0), "how much a household can owe", "docs/TRIAL.md"),
    Parameter("interest", 0.08, "1/year", (0.02, 0.2), "interest on debt", "docs/TRIAL.md"),
    Parameter("deposit_rate", 0.015, "1/year", (0.0, 0.04), "interest on savings", "assumed"),
)  # fmt: skip


def borrow(world: World, rows: NDArray[np.int64], yuan: NDArray[np.float64]) -> None:
    """Households draw credit for what they lack, as far as their limit allows."""
    h, p = world.households, values_of(world.settings, "credit")
    room = np.maximum(p.limit * h.expected_income[rows] - h.debt[rows] / 100.0, 0.0)
    paid = world.ledger.transfer(BANK, ("household", rows), np.minimum(yuan, room), "loan")
    h.debt[rows] += paid
