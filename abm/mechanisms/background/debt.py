"""Debt: interest on deposits and loans, repayment, default."""

import numpy as np
from numpy.typing import NDArray

from abm.mechanisms.base import Mechanism
from abm.scenario.parameters import Parameter, values_of
from abm.world.credit import spare_cash, write_off
from abm.world.world import BANK, OUTSIDE, World


class Debt(Mechanism):
    """Deposits bear interest on what was there when the tick began. Interest on a loan is paid out of what is left
    beyond the food of the tick; what is not paid is added to the debt. Cash beyond the buffer repays.

    Default, at the year's end: more than a share of a whole year's interest went unpaid (nothing could be spared for
    the debt for most of the year), be it the interest that fell due in it or that on what is owed now; or the debt is
    far above the limit, as when income has fallen for good. The bank writes off what is left, its loss is settled with
    banks elsewhere, and the household gets no credit for some years.

    That food comes first is the law's rule for enforcement (民事诉讼法: debtors keep what they need to live; recalled).

    Reads: cash, ``cash_first``, ``expected_income``. Writes: money, ``debt``, ``no_credit_until``,
    ``unpaid_interest``. Draws: none.
    Source: docs/MODEL.md, *Consumption and saving*; docs/TRIAL.md for the rates.
    """

    name, layer = "debt", "background"
    requires = ("consumption",)
    parameters = (
        Parameter("patience", 0.5, "share of a year's interest", (0.1, 1.0),
            "unpaid interest at which the bank gives up", "assumed"),
        Parameter("write_off", 2.0, "times the limit", (1.2, 5.0), "debt that the bank gives up", "assumed"),
    )  # fmt: skip
    columns = (
        ("households", "unpaid_interest", np.float64, 0.0),  # of this year so far, yuan
        ("households", "interest_due", np.float64, 0.0),  # likewise
    )

    def start(self, world: World) -> None:
        self.credit = values_of(world.settings, "credit")
        self.floor = values_of(world.settings, "consumption").floor

    def distribution(self, world: World) -> None:
        h, dt, ledger = world.households, world.dt, world.ledger
        ledger.transfer(
            BANK, ("household", None), self.credit.deposit_rate * dt * h.cash_first, "deposit_interest"
        )
        rows = np.flatnonzero(h.debt > 0)
        due = self.credit.interest * dt * h.debt[rows] / 100.0
        food = self.floor * world.index * world.residents()[rows] * dt
        can = np.maximum(ledger.yuan("household", rows) - food, 0.0)
        paid = ledger.transfer(("household", rows), BANK, np.minimum(due, can), "loan_interest")
        unpaid = np.rint(due * 100.0).astype(np.int64) - paid
        h.debt[rows] += unpaid
        h.unpaid_interest[rows] += unpaid / 100.0
        h.interest_due[rows] += due

    def spending(self, world: World) -> None:
        """Repay out of cash beyond the buffer."""
        h = world.households
        rows = np.flatnonzero(h.debt > 0)
        due = np.minimum(spare_cash(world, rows), h.debt[rows] / 100.0)
        h.debt[rows] -= world.ledger.transfer(("household", rows), BANK, due, "repayment")

    def year_end(self, world: World) -> None:
        write_off(world, self.failing(world))
        world.households.unpaid_interest = world.households.interest_due = 0.0
        self._settle_bank(world)

    def failing(self, world: World) -> NDArray[np.int64]:
        """Households that the bank gives up, rows."""
        h = world.households
        owed = h.debt / 100.0
        limit = self.credit.limit * np.maximum(h.expected_income, 0.0)
        a_year = np.maximum(h.interest_due, self.credit.interest * owed)
        unserved = h.unpaid_interest > self.p.patience * a_year
        return np.flatnonzero((owed > 0) & (unserved | (owed > self.p.write_off * limit)))

    @staticmethod
    def _settle_bank(world: World) -> None:
        """The bank keeps no money of its own: beyond the credit it has given it settles with the world outside."""
        gap = -int(world.households.debt.sum()) - int(world.ledger.balances["bank"][0])
        payer, payee = (OUTSIDE, BANK) if gap > 0 else (BANK, OUTSIDE)
        world.ledger.transfer(payer, payee, abs(gap) / 100.0, "bank_settlement")
