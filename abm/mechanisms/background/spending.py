"""What households do with their money: consumption, debt service, saving, productive investment."""

import numpy as np
from numpy.typing import NDArray

from abm.mechanisms.base import Mechanism
from abm.scenario.parameters import Parameter, values_of
from abm.world.credit import borrow
from abm.world.world import BANK, OUTSIDE, World


class Spending(Mechanism):
    """c = min(resources, Δ · [floor per resident + b · expected income + φ · savings]). A share θ is bought from
    enterprises of the place. Below the floor a household draws credit. Debt bears interest and is paid back from
    cash beyond a buffer; debt far over the limit is written off, the bank's loss. Productive capital wears out
    and is rebuilt toward K* = κ · own-account value / (interest + wear), from cash only: who has none stays small.

    Reads: ledger, members, ``own_product``. Writes: ``expected_income``, ``capital``, ``debt``, ``local_sales``.
    Draws: none.
    Source: docs/MODEL.md, *Consumption and saving*; values docs/TRIAL.md.
    """

    name, layer = "spending", "background"
    parameters = (
        Parameter("floor", 3300.0, "yuan per head and year", (1500.0, 5000.0), "consumption", "docs/TRIAL.md"),
        Parameter("from_income", 0.54, "share", (0.3, 0.8), "consumption, b", "docs/TRIAL.md"),
        Parameter("from_savings", 0.095, "share per year", (0.07, 0.15), "consumption, φ", "docs/TRIAL.md"),
        Parameter("bought_here", 0.15, "share", (0.0, 0.2), "consumption bought in the place, θ", "docs/TRIAL.md"),
        Parameter("adaptation", 1.0, "1/year", (0.3, 3.0), "expected income", "assumed"),
        Parameter("buffer", 0.25, "years of income", (0.05, 1.0), "cash kept", "assumed"),
        Parameter("wear", 0.10, "1/year", (0.04, 0.2), "productive capital", "docs/TRIAL.md"),
        Parameter("adjustment", 0.25, "1/year", (0.05, 1.0), "investment", "assumed"),
        Parameter("write_off", 2.0, "times the limit", (1.2, 5.0), "debt that the bank gives up", "assumed"),
    )  # fmt: skip
    columns = (("households", "income_seen", np.float64, 0.0),)

    def start(self, world: World) -> None:
        self.credit = values_of(world.settings, "credit")
        self.own = values_of(world.settings, "own_account")

    def spending(self, world: World) -> None:
        h, dt = world.households, world.dt
        self._expect(world)
        self._interest(world)
        cash = world.ledger.yuan("household")
        residents = world.residents()
        floor = self.p.floor * world.index * residents * dt
        wish = floor + dt * (
            self.p.from_income * np.maximum(h.expected_income, 0.0) + self.p.from_savings * cash
        )
        hungry = np.flatnonzero(cash < floor)
        borrow(world, hungry, (floor - cash)[hungry])
        cash[hungry] = world.ledger.yuan("household", hungry)
        h.spent = np.minimum(wish, cash)
        self._buy(world, h.spent)
        self._repay(world)
        self._invest(world)

    def year_end(self, world: World) -> None:
        # what came in after the last expectation counts in the next one
        world.households.income_seen -= world.ledger.income.sum(axis=0) / 100.0
        self._write_off(world)
        self._settle_bank(world)

    def _expect(self, world: World) -> None:
        h, dt = world.households, world.dt
        so_far = world.ledger.income.sum(axis=0) / 100.0
        now = (so_far - h.income_seen) / dt
        h.income_seen = so_far
        h.expected_income += -np.expm1(-self.p.adaptation * dt) * (now - h.expected_income)

    def _interest(self, world: World) -> None:
        h, dt = world.households, world.dt
        ledger = world.ledger
        ledger.transfer(
            BANK,
            ("household", None),
            self.credit.deposit_rate * dt * ledger.yuan("household"),
            "deposit_interest",
        )
        rows = np.flatnonzero(h.debt > 0)
        due = self.credit.interest * dt * h.debt[rows] / 100.0
        paid = ledger.transfer(("household", rows), BANK, due, "loan_interest")
        h.debt[rows] += np.rint(due * 100.0).astype(np.int64) - paid

    def _buy(self, world: World, spent: NDArray[np.float64]) -> None:
        """Pay enterprises of the place their part, in proportion to what they sell, and buyers' markets the rest."""
        places, firms, ledger = world.places, world.enterprises, world.ledger
        here = self.p.bought_here * spent
        order = np.flatnonzero(firms.open & (firms.sales > 0))
        received = np.zeros(len(places))
        for place in range(len(places)):
            rows = world.rows_of(place)
            shops = order[firms.place[order] == place]
            on_offer = max(firms.sales[shops].sum() - places.public_goods[place] * world.dt, 0.0)
            here[rows] *= min(1.0, on_offer / max(here[rows].sum(), 0.01))
            if on_offer == 0:
                continue
            buyers = np.arange(rows.start, rows.stop)
            paid = ledger.clear(
                ("household", buyers), here[rows], ("enterprise", shops), firms.sales[shops], "consumption"
            )
            received[place] = paid.sum() / 100.0
        ledger.transfer(("household", None), OUTSIDE, np.maximum(spent - here, 0.0), "consumption")
        places.local_sales = received / world.dt

    def _repay(self, world: World) -> None:
        h = world.households
        rows = np.flatnonzero(h.debt > 0)
        spare = world.ledger.yuan("household", rows) - self.p.buffer * np.maximum(
            h.expected_income[rows], 0.0
        )
        due = np.minimum(np.maximum(spare, 0.0), h.debt[rows] / 100.0)
        h.debt[rows] -= world.ledger.transfer(("household", rows), BANK, due, "repayment")

    def _invest(self, world: World) -> None:
        h, dt = world.households, world.dt
        worn = self.p.wear * dt * h.capital
        value = h.own_product * np.maximum(h.own_workers, 0.25)
        wanted = self.own.capital_exponent * value / (self.credit.interest + self.p.wear)
        wish = np.maximum(worn + self.p.adjustment * dt * (wanted - h.capital), 0.0)
        spare = world.ledger.yuan("household") - self.p.buffer * np.maximum(h.expected_income, 0.0)
        due = np.minimum(wish, np.maximum(spare, 0.0))
        bought = world.ledger.transfer(("household", None), OUTSIDE, due, "household_investment")
        h.capital += bought / 100.0 - worn
        np.maximum(h.capital, 100.0, out=h.capital)  # some tools are always left

    @staticmethod
    def _settle_bank(world: World) -> None:
        """The bank keeps no money of its own: beyond the credit it has given it settles with the world outside."""
        gap = -int(world.households.debt.sum()) - int(world.ledger.balances["bank"][0])
        payer, payee = (OUTSIDE, BANK) if gap > 0 else (BANK, OUTSIDE)
        world.ledger.transfer(payer, payee, abs(gap) / 100.0, "bank_settlement")

    def _write_off(self, world: World) -> None:
        h = world.households
        limit = self.p.write_off * self.credit.limit * np.maximum(h.expected_income, 0.0) * 100.0
        over = np.maximum(h.debt - limit.astype(np.int64), 0)
        if over.any():
            h.debt -= over
            for place, lost in enumerate(world.by_place(over)):
                if lost > 0:
                    world.note(place, "debt_written_off", f"{lost / 100.0:.2f}")
