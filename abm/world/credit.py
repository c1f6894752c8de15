"""Credit of households (owner ``credit``): drawn from the bank up to a limit, owed in fen, written off on default."""

import numpy as np
from numpy.typing import NDArray

from abm.scenario.parameters import Parameter, values_of
from abm.world.world import BANK, World

PARAMETERS = (
    Parameter("limit", 0.5, "years of income", (0.0, 2.0), "how much a household can owe", "docs/TRIAL.md"),
    Parameter("interest", 0.08, "1/year", (0.02, 0.2), "interest on debt", "docs/TRIAL.md"),
    Parameter("deposit_rate", 0.01, "1/year", (0.0, 0.04), "interest on savings", "assumed"),
    Parameter("buffer", 0.25, "years of income", (0.05, 1.0), "cash kept", "assumed"),
    Parameter("exclusion", 5.0, "years", (0.0, 10.0), "no credit after a default",
        "征信业管理条例 (2013), art. 16: five years; recalled"),
)  # fmt: skip


def room(world: World, rows: NDArray[np.int64], part: float = 1.0) -> NDArray[np.float64]:
    """What households can still borrow, yuan: the limit (or ``part`` of it) less what they owe.

    Who has defaulted has none before ``no_credit_until``.
    """
    h, p = world.households, values_of(world.settings, "credit")
    free = np.maximum(part * p.limit * h.expected_income[rows] - h.debt[rows] / 100.0, 0.0)
    return np.where(world.year >= h.no_credit_until[rows], free, 0.0)


def borrow(
    world: World, rows: NDArray[np.int64], yuan: NDArray[np.float64], part: float = 1.0, layer: str = ""
) -> NDArray[np.float64]:
    """Households draw credit for what they lack, as far as their limit (or ``part`` of it) allows.

    Args:
        layer: of the joint-point that the credit passes, if any.

    Returns:
        What each got, yuan.
    """
    wanted = np.minimum(yuan, room(world, rows, part))
    paid = world.ledger.transfer(BANK, ("household", rows), wanted, "loan", layer)
    world.households.debt[rows] += paid
    return paid / 100.0


def spare_cash(world: World, rows: NDArray[np.int64] | None = None) -> NDArray[np.float64]:
    """Cash beyond the buffer that households (``rows``, or all) keep, yuan."""
    buffer, expected = values_of(world.settings, "credit").buffer, world.households.expected_income
    kept = buffer * np.maximum(expected if rows is None else expected[rows], 0.0)
    return np.asarray(np.maximum(world.ledger.yuan("household", rows) - kept, 0.0))


def write_off(world: World, rows: NDArray[np.int64]) -> None:
    """The bank gives up what these households owe; they get no credit for some years.

    No money moves here: the bank's loss is settled with the outside world at the year's end (``debt``). Events say how
    much was lost in a place, yuan, and how many households defaulted.
    """
    h, p = world.households, values_of(world.settings, "credit")
    lost = np.zeros(len(h), np.int64)
    lost[rows] = h.debt[rows]
    h.debt[rows] = 0
    h.no_credit_until[rows] = world.year + 1 + round(p.exclusion)
    number = world.by_place(lost > 0)
    for place, fen in enumerate(world.by_place(lost)):
        if fen > 0:
            world.note(place, "debt_written_off", f"{fen / 100.0:.2f}")
            world.note(place, "households_in_default", f"{number[place]:.0f}")
