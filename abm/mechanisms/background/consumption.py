"""Consumption: what households spend, and where."""

import numpy as np
from numpy.typing import NDArray

from abm.mechanisms.base import Mechanism
from abm.scenario.parameters import Parameter
from abm.world.credit import borrow
from abm.world.enterprises import for_sale
from abm.world.world import OUTSIDE, World


class Consumption(Mechanism):
    """c = min(cash, Δ · [floor per resident + b_i · expected income + φ · S]), S being what the household had when the
    tick began: then savings do not depend on how finely the year is cut. A household whose cash does not reach the
    floor draws credit for it. Expected income follows what comes in, E′ = E + (1 − e^{−aΔ}) (y/Δ − E).

    Some are thriftier than others, b_i = b + σ·ξ_i within 0 to 1, one ξ for a household's life. With one b for all,
    savings over income draw together, and soon nobody but the poorest lives from hand to mouth.

    A share θ is bought from enterprises of the place in proportion to what they sell, as far as they have it.

    Reads: ledger, ``cash_first``, members. Writes: money, ``spent``, ``expected_income``, ``debt``, ``local_sales``.
    Draws: thrift of every household, once.
    Source: docs/MODEL.md, *Consumption and saving*; values docs/TRIAL.md; Krusell & Smith (1998), *Income and wealth
    heterogeneity in the macroeconomy*, Journal of Political Economy 106, for savers who differ.
    """

    name, layer = "consumption", "background"
    parameters = (
        Parameter("floor", 3300.0, "yuan per head and year", (1500.0, 5000.0), "consumption", "docs/TRIAL.md"),
        Parameter("from_income", 0.54, "share", (0.3, 0.8), "consumption, b", "docs/TRIAL.md"),
        Parameter("thrift_spread", 0.15, "share", (0.0, 0.3), "standard deviation of b among households", "assumed"),
        Parameter("from_savings", 0.095, "share per year", (0.07, 0.2), "consumption, φ", "docs/TRIAL.md"),
        Parameter("bought_here", 0.15, "share", (0.0, 0.2), "consumption bought in the place, θ", "docs/TRIAL.md"),
        Parameter("adaptation", 1.0, "1/year", (0.3, 3.0), "expected income", "assumed"),
    )  # fmt: skip
    columns = (
        ("households", "income_seen", np.float64, 0.0),
        ("households", "from_income", np.float64, 0.0),  # b_i
    )

    def spending(self, world: World) -> None:
        h, dt, ledger = world.households, world.dt, world.ledger
        self._expect(world)
        if world.calendar.year_begins:
            self._find_thrift(world)  # of newcomers, who come with a year only
        floor = self.p.floor * world.index * world.residents() * dt
        wish = floor + dt * (
            h.from_income * np.maximum(h.expected_income, 0.0) + self.p.from_savings * h.cash_first
        )
        cash = ledger.yuan("household")
        hungry = np.flatnonzero(cash < floor)
        borrow(world, hungry, (floor - cash)[hungry])
        cash[hungry] = ledger.yuan("household", hungry)
        h.spent = np.minimum(wish, cash)
        self._buy(world, h.spent)

    def year_end(self, world: World) -> None:
        # what came in after the last expectation counts in the next one
        world.households.income_seen -= world.ledger.income.sum(axis=0) / 100.0

    def _find_thrift(self, world: World) -> None:
        thrift = world.draws.normal("consumption.thrift", 0, world.households.key)
        share = self.p.from_income + self.p.thrift_spread * thrift
        world.households.from_income = np.clip(share, 0.0, 1.0)

    def _expect(self, world: World) -> None:
        h, dt = world.households, world.dt
        so_far = world.ledger.income.sum(axis=0) / 100.0
        now = (so_far - h.income_seen) / dt
        h.income_seen = so_far
        h.expected_income += -np.expm1(-self.p.adaptation * dt) * (now - h.expected_income)

    def _buy(self, world: World, spent: NDArray[np.float64]) -> None:
        """Pay enterprises of the place their part, in proportion to what they have for sale, and markets elsewhere the
        rest."""
        h, places, firms, ledger = world.households, world.places, world.enterprises, world.ledger
        shops = np.flatnonzero(firms.open & (firms.sales > 0))
        free = for_sale(world, shops)
        shops, free = shops[free > 0], free[free > 0]
        on_offer = np.bincount(firms.place[shops], weights=free, minlength=len(places))
        here = self.p.bought_here * spent
        here *= np.minimum(1.0, on_offer / np.maximum(world.by_place(here), 0.01))[h.place]
        buyers = np.flatnonzero(here > 0)
        received = ledger.clear_groups(
            ("household", buyers),
            here[buyers],
            h.place[buyers],
            ("enterprise", shops),
            free,
            firms.place[shops],
            "consumption",
        )
        ledger.transfer(("household", None), OUTSIDE, np.maximum(spent - here, 0.0), "consumption")
        by_place = np.bincount(firms.place[shops], weights=received / 100.0, minlength=len(places))
        places.local_sales = by_place / world.dt
