"""Investment of households: productive capital, and the improved technique."""

import numpy as np
from numpy.typing import NDArray

from abm.mechanisms.base import Mechanism
from abm.scenario.parameters import Parameter, values_of
from abm.world.credit import borrow, room, spare_cash
from abm.world.own_lines import OF_CAPITAL
from abm.world.people import least_tools
from abm.world.technique import factor, find_needs, settle
from abm.world.world import OUTSIDE, World

Floats = NDArray[np.float64]


def best_capital(value: Floats, capital: Floats, exponent: Floats, cost: float) -> Floats:
    """K* at which the marginal return κ·v/K equals its yearly cost, v being value at ``capital`` and v ∝ K^κ; yuan."""
    ratio = exponent * value / (cost * capital)
    return np.asarray(capital * ratio ** (1.0 / (1.0 - exponent)))


class Investment(Mechanism):
    """Productive capital wears out at a rate and is rebuilt toward K*, a part of the gap each year: K* is where the
    expected return κ·value/K covers interest and wear. It is bought out of cash beyond the buffer; what cash does not
    reach is borrowed, up to a part of the credit limit.

    The improved technique (``abm.world.technique``) needs a threshold at once. A household thinks of it at a rate,
    or when somebody has shown it (``shown``), and goes for it if it can reach it, cash beyond the buffer and credit
    together, and if it pays: the product at the threshold, times the gain, less that of the traditional technique
    at its best capital, is above wear and funds for the capital between the two. Funds cost the interest lost on
    savings for the part that is its own, the loan rate for the part that is borrowed. Who thinks of it because it
    was shown expects a product between its own and that of those who show it, y^(1 − c) · y_shown^c, and may be
    wrong. By its own product who has it keeps it up. Nobody is told to be poor: who stays traditional lacks cash
    and credit, or the technique does not pay with its labour and land.

    Wear has no payment, and income is what flowed. The statistics office subtracts depreciation of productive assets
    from net business income; we book what is bought up to wear (``replacement``) as such a cost. Net investment is
    not a cost of the year. Wear that nobody makes good lowers the product later, not the income now.

    Reads: ``own_value``, capital, cash, credit, ``shown``, ``shown_product``. Writes: money, ``capital``,
    ``improved``, ``debt``. Draws: who thinks of the technique, every household.
    Source: docs/MODEL.md, *Consumption and saving* (poverty traps must be able to emerge, not be put in); Carter &
    Barrett (2006), Journal of Development Studies 42(2).
    """

    name, layer = "investment", "background"
    requires = ("own_account",)
    parameters = (
        Parameter("wear", 0.10, "1/year", (0.04, 0.2), "productive capital", "docs/TRIAL.md"),
        Parameter("adjustment", 0.25, "1/year", (0.05, 1.0), "gap to K* closed", "assumed"),
        Parameter("decision", 1.0, "1/year", (0.1, 12.0), "who thinks of the improved technique", "assumed"),
        Parameter("copying", 0.3, "share, in logs", (0.0, 1.0), "others' product in what is expected, c", "assumed"),
        Parameter("on_credit", 0.5, "share of the credit limit", (0.0, 1.0), "debt taken up to invest", "assumed"),
    )  # fmt: skip

    def start(self, world: World) -> None:
        self.credit = values_of(world.settings, "credit")
        self.own = values_of(world.settings, "own_account")
        self.technique = values_of(world.settings, "technique")
        find_needs(world)
        settle(world)

    def spending(self, world: World) -> None:
        h, dt, ledger = world.households, world.dt, world.ledger
        if world.calendar.year_begins:
            find_needs(world)  # of newcomers
        worn = self.p.wear * dt * h.capital
        wish, pays = self._wanted(world, worn)
        spare = spare_cash(world)
        lacking = np.flatnonzero(pays & (wish > spare))
        spare[lacking] += borrow(world, lacking, (wish - spare)[lacking], self.p.on_credit)
        due = np.minimum(wish, spare)
        replaced = np.minimum(due, worn)
        bought = ledger.transfer(("household", None), OUTSIDE, replaced, "replacement")
        bought = bought + ledger.transfer(
            ("household", None), OUTSIDE, due - replaced, "household_investment"
        )
        h.capital += bought / 100.0 - worn
        np.maximum(h.capital, least_tools(world), out=h.capital)
        settle(world)

    def _wanted(self, world: World, worn: Floats) -> tuple[Floats, NDArray[np.bool_]]:
        """What households would like to buy this tick, yuan, and for whom it pays at the loan rate."""
        h = world.households
        exponent = self.own.capital_exponent * OF_CAPITAL[h.line]
        value = np.maximum(h.own_value, 0.0)
        cost = self.credit.interest + self.p.wear
        best = best_capital(value, np.maximum(h.capital, 1.0), exponent, cost)
        trend = world.outside.index(world.year + 1) / world.index - 1.0
        more = (self.p.adjustment * (best - h.capital) + trend * h.capital) * world.dt
        wish = np.maximum(worn + more, 0.0)
        needed = h.improved_needs * world.index
        missing = np.maximum(needed - (h.capital - worn), 0.0)
        rows = np.flatnonzero((missing > 0) & (value > 0))
        u = world.draws.uniform("investment.decision", world.tick, h.key[rows])
        alone = h.improved[rows] | (u < world.calendar.chance(self.p.decision))
        thinks = alone | (u < 1.0 - world.calendar.kept(self.p.decision) * (1.0 - h.shown[rows]))
        rows, copies = rows[thinks], ~alone[thinks]
        goes = rows[self._goes_for_it(world, rows, copies, missing[rows], exponent[rows], needed[rows])]
        wish[goes] = np.maximum(wish[goes], missing[goes])
        pays = best > h.capital
        pays[goes] = True
        return wish, pays

    def _goes_for_it(
        self,
        world: World,
        rows: NDArray[np.int64],
        copies: NDArray[np.bool_],
        missing: Floats,
        exponent: Floats,
        needed: Floats,
    ) -> NDArray[np.bool_]:
        """Who can reach the threshold and expects to gain by it, ``copies`` by what others make; shape of ``rows``."""
        h, wear = world.households, self.p.wear
        capital = np.maximum(h.capital[rows], 1.0)
        # product of the traditional technique at this capital
        plain = h.own_value[rows] / factor(world, rows)
        others = np.where(copies, h.shown_product[rows], plain)
        plain *= (np.maximum(others, 1.0) / plain) ** (self.p.copying * copies)
        own = np.minimum(spare_cash(world, rows), missing)
        lent = missing - own
        within = lent <= room(world, rows, self.p.on_credit)
        best = best_capital(plain, capital, exponent, self.credit.interest + wear)
        fallback = np.minimum(best, needed)
        improved = self.technique.gain * plain * (needed / capital) ** exponent
        traditional = plain * (fallback / capital) ** exponent
        funds = (self.credit.deposit_rate * own + self.credit.interest * lent) / missing
        return np.asarray(within & (improved - traditional > (wear + funds) * (needed - fallback)))
