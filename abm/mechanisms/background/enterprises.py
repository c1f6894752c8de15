"""Enterprises: entry and exit, jobs wanted, sales, profit to owners, investment."""

import numpy as np
from numpy.typing import NDArray

from abm.core.draws import key_of, name_key
from abm.core.names import SECTORS
from abm.mechanisms.base import Mechanism
from abm.population.households import LOCAL_JOB
from abm.scenario.parameters import Parameter, values_of
from abm.world.capital import best_sector
from abm.world.choosing import choose_owners, choose_sectors
from abm.world.economics import (
    capital_for,
    capital_wanted,
    labour_wanted,
    sales_per_year,
)
from abm.world.enterprises import (
    close_enterprises,
    for_sale,
    found_enterprises,
    founders_luck,
    next_keys,
    pay_owners,
    planned_productivity,
)
from abm.world.world import GOVERNMENT, OUTSIDE, World

_ENTRY = np.uint64(name_key("entry"))


class Enterprises(Mechanism):
    """Founders come at rate λ · (enterprises at the start) · (workers/workers at the start) · D̄², D̄ being the
    demand of the place, its sectors weighted by its natural advantages, and plan with the usual wage; some follow
    last year's best sector (herding, M18), the others what their place is good at, and a sector that does not fit
    the place costs productivity. Half of the founders live in the place and hold what half of their savings pays
    for; partners elsewhere hold the rest. Enterprises leave at a rate, sooner when they run out of cash or make
    losses. Entry and exit each have one draw a year: what has been expected since the year began is rounded by it,
    or 1 − exp(−sum of the rate) compared with it, which is the same law, and luck, at any tick. What enterprises
    earn beyond a buffer of wages goes to investment (wear, a part of the gap to K* and the trend) and to the owners;
    jobs follow what would be best with some delay.

    Reads: ledger, ``demand`` of places, capital, labour. Writes: enterprises. Draws: by place and year for
    entry, by enterprise and year for exit.
    Source: docs/MODEL.md, *Enterprise*, *Entry*, *Closure*; values docs/TRIAL.md.
    """

    name, layer = "enterprises", "background"
    requires = ("own_account",)
    parameters = (
        Parameter("exit_rate", 0.10, "1/year", (0.03, 0.2), "exit", "docs/TRIAL.md"),
        Parameter("exit_in_distress", 2.0, "1/year", (0.5, 6.0), "exit without cash", "assumed"),
        Parameter("exit_at_loss", 0.5, "1/year", (0.1, 2.0), "exit after a year of losses", "assumed"),
        Parameter("entry_rate", 0.11, "1/year per enterprise at the start", (0.03, 0.2), "entry", "docs/TRIAL.md"),
        Parameter("herding", 0.5, "share of founders", (0.0, 1.0), "who follows the best sector", "M18; assumed"),
        Parameter("fit_exponent", 0.3, "exponent", (0.0, 1.0), "what a place is good at", "assumed"),
        Parameter("planning", 2.0, "1/year", (0.5, 12.0), "gap to the best number of jobs closed", "assumed"),
        Parameter("adjustment", 0.25, "1/year", (0.1, 1.0), "investment", "assumed"),
        Parameter("payout", 0.5, "share of spare cash per quarter", (0.1, 1.0), "profit to owners", "assumed"),
    )  # fmt: skip
    columns = (
        ("enterprises", "exit_risk", np.float64, 0.0),  # expected exits since the year began
        ("places", "founders_due", np.float64, 0.0),  # a year's draw and the founders expected since it began
    )

    def start(self, world: World) -> None:
        firms = world.enterprises
        self.shared = values_of(world.settings, "enterprise")
        self.illness_loss = values_of(world.settings, "own_account").illness_loss
        first = np.bincount(firms.sector, weights=firms.capital, minlength=len(SECTORS))
        self.best_sector = int(np.argmax(first))

    def enterprise(self, world: World) -> None:
        firms = world.enterprises
        self._exit(world)
        self._entry(world)
        rows = np.flatnonzero(firms.open)
        firms.demand[rows] = world.places.demand[firms.place[rows], firms.sector[rows]]
        wage = world.places.wage[firms.place[rows]]
        serves = firms.capital[rows] + firms.yards[rows]
        best = labour_wanted(
            self.shared, world.index, firms.productivity[rows], firms.demand[rows], serves, wage
        )
        planned = firms.wanted[rows]
        soon = 1.0 - world.calendar.kept(self.p.planning)
        firms.wanted[rows] = np.where(planned > 0, planned + soon * (best - planned), best)

    def production(self, world: World) -> None:
        """Deliver what public buyers have paid for, sell to buyers elsewhere what households of the place are not
        expected to take; pay the sales tax."""
        firms, places = world.enterprises, world.places
        rows = np.flatnonzero(firms.open)
        labour = np.maximum(firms.labour - self._lost(world), 0.0)[rows]
        sales = world.dt * sales_per_year(
            self.shared,
            world.index,
            firms.productivity[rows],
            firms.demand[rows],
            firms.capital[rows] + firms.yards[rows],
            labour,
        )
        firms.sales[rows] = sales
        free = for_sale(world, rows)
        here = np.bincount(firms.place[rows], weights=free, minlength=len(places))
        local = np.minimum(places.local_sales * world.dt / np.maximum(here, 1.0), 1.0)
        elsewhere = free * (1.0 - local[firms.place[rows]])
        world.ledger.transfer(OUTSIDE, ("enterprise", rows), elsewhere, "sales")
        tax = world.ledger.transfer(
            ("enterprise", rows), GOVERNMENT, self.shared.sales_tax * sales, "sales_tax"
        )
        firms.profit[rows] = sales - tax / 100.0 - firms.recruiting[rows]

    def _lost(self, world: World) -> NDArray[np.float64]:
        """Labour that illness at home keeps from each enterprise, which pays for a part of it (``wages``); shape
        (enterprises,)."""
        workers, h = world.workers, world.households
        rows = np.flatnonzero(workers.activity == LOCAL_JOB)
        rows = rows[h.ill[workers.household[rows]]]
        part = self.illness_loss / np.maximum(h.workers[workers.household[rows]], 1)
        lost = workers.skill[rows] * np.exp(workers.fit[rows]) * part
        return np.asarray(np.bincount(workers.employer[rows], lost, len(world.enterprises)), np.float64)

    def spending(self, world: World) -> None:
        """Invest, then pay the owners; keep the running sum of profit."""
        firms, ledger, dt = world.enterprises, world.ledger, world.dt
        rows = np.flatnonzero(firms.open)
        worn = self.shared.depreciation * dt * firms.capital[rows]
        gap = capital_wanted(self.shared, firms.sales[rows] / dt) - firms.capital[rows] - firms.yards[rows]
        trend = (
            world.outside.index(world.year + 1) / world.index - 1.0
        )  # what was enough this year is not the next
        wish = np.maximum(worn + (self.p.adjustment * gap + trend * firms.capital[rows]) * dt, 0.0)
        wages = world.places.wage[firms.place[rows]] * firms.labour[rows]
        spare = np.maximum(ledger.yuan("enterprise", rows) - 0.5 * self.shared.buffer * wages, 0.0)
        bought = ledger.transfer(
            ("enterprise", rows), OUTSIDE, np.minimum(wish, spare), "enterprise_investment"
        )
        firms.capital[rows] += bought / 100.0 - worn
        firms.profit[rows] -= worn
        firms.retained[rows] += firms.profit[rows]
        firms.profit_year[rows] += (1.0 - world.calendar.kept(1.0)) * (
            firms.profit[rows] / dt - firms.profit_year[rows]
        )
        spare = np.maximum(ledger.yuan("enterprise", rows) - self.shared.buffer * wages, 0.0)
        due = spare * (1.0 - (1.0 - self.p.payout) ** (4.0 * dt))
        due = np.minimum(due, np.maximum(firms.retained[rows], 0.0))  # paid-in money is no profit
        firms.retained[rows] -= pay_owners(world, rows, due, "owner_profit", "outside_profit")

    def year_end(self, world: World) -> None:
        self.best_sector = best_sector(world)

    def _exit(self, world: World) -> None:
        firms = world.enterprises
        rows = np.flatnonzero(firms.open)
        wages = world.places.wage[firms.place[rows]] * firms.labour[rows]
        broke = world.ledger.yuan("enterprise", rows) < 0.02 * wages
        losing = (firms.profit_year[rows] < 0) & (world.year - firms.founded[rows] >= 2)
        rate = self.p.exit_rate + self.p.exit_in_distress * broke + self.p.exit_at_loss * losing
        if world.calendar.year_begins:
            firms.exit_risk.fill(0.0)
        firms.exit_risk[rows] += rate * world.dt
        lot = world.draws.uniform("enterprises.exit", world.year, firms.key[rows])
        gone = rows[lot < -np.expm1(-firms.exit_risk[rows])]
        close_enterprises(world, gone)
        closed = np.bincount(firms.place[gone], minlength=len(world.places))
        for place in np.flatnonzero(closed).tolist():
            world.note(place, "enterprises_closed", str(closed[place]))

    def _entry(self, world: World) -> None:
        places = world.places
        level = (places.demand * places.amenity).sum(axis=1) / places.amenity.sum(axis=1)
        people = places.workers / np.maximum(places.workers_first, 1)
        expected = self.p.entry_rate * places.first_enterprises * people * level**2 * world.dt
        draw = world.draws.uniform("enterprises.entry", world.year, key_of(places.id) ^ _ENTRY)
        if world.calendar.year_begins:
            places.founders_due = draw
        before = np.floor(places.founders_due).astype(np.int64)
        places.founders_due += expected
        number = np.floor(places.founders_due).astype(np.int64) - before
        where = np.repeat(np.arange(len(places)), number)
        if len(where) == 0:
            return
        keys = next_keys(world, where, "entry", before)
        sectors = self._sectors(world, where, keys)
        owners = choose_owners(world, where, keys)
        jobs = self.shared.jobs * np.exp(0.7 * world.draws.normal("enterprise.size", 0, keys) - 0.245)
        wage = places.usual_wage[where]
        capital = capital_for(self.shared, jobs, wage)
        productivity = planned_productivity(world, where, sectors, jobs, self.p.fit_exponent)
        productivity *= founders_luck(world, keys)
        rows = found_enterprises(world, where, sectors, owners, capital, productivity, keys)
        self._pay_in(world, rows, capital, self.shared.buffer * wage * jobs)

    def _sectors(self, world: World, where: NDArray[np.int64], keys: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Sectors that founders choose: the one that did best last year, or one that their place is good at."""
        own = choose_sectors(world.places.amenity[where], world.draws.uniform("enterprise.sector", 0, keys))
        follows = world.draws.uniform("enterprises.herding", 0, keys) < self.p.herding
        return np.where(follows, self.best_sector, own)

    @staticmethod
    def _pay_in(
        world: World, rows: NDArray[np.int64], capital: NDArray[np.float64], cash: NDArray[np.float64]
    ) -> None:
        """Local owners pay up to half of their savings, partners elsewhere the rest and own as much; then capital
        is bought."""
        firms, ledger = world.enterprises, world.ledger
        owned = firms.owner[rows] >= 0
        mine = np.zeros(len(rows))
        savings = ledger.yuan("household", firms.owner[rows[owned]])
        mine[owned] = np.minimum(0.5 * np.maximum(savings, 0.0), (capital + cash)[owned])
        paid = np.zeros(len(rows))
        paid[owned] = (
            ledger.transfer(
                ("household", firms.owner[rows[owned]]),
                ("enterprise", rows[owned]),
                mine[owned],
                "founding_capital",
            )
            / 100.0
        )
        firms.owner_share[rows] = np.minimum(paid / (capital + cash), 1.0)
        ledger.transfer(
            OUTSIDE, ("enterprise", rows), np.maximum(capital + cash - paid, 0.0), "founding_capital"
        )
        ledger.transfer(("enterprise", rows), OUTSIDE, capital, "enterprise_investment")
