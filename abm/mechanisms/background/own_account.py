"""Own account: what households grow, raise, make and sell."""

import numpy as np
from numpy.typing import NDArray

from abm.core.draws import key_of
from abm.mechanisms.base import Mechanism
from abm.scenario.parameters import Parameter, values_of
from abm.world import technique
from abm.world.own_lines import LINES, OF_CAPITAL, OF_LAND, SECTOR_OF_LINE, TRADE, YARD
from abm.world.world import OUTSIDE, World

Floats = NDArray[np.float64]


class OwnAccount(Mechanism):
    """y = X · G · P · A · exp(s + z + ε + η) · T · (land/norm)^α (k/k₀X)^κ ℓ^λ Δ, less inputs worth a share of its
    expected value.

    A household of a village follows one of four *lines* (crops, herds, the yard, small trade), which differ
    in the exponents of land and capital; towns have small trade alone. A is how well the line suits the
    household (a fixed draw of its own), its place and its schooling at the year's start. At a rate it thinks again
    and takes the line that would have paid best at last year's prices: so many follow the same one (M18). ℓ are workers
    on own account, less time taken up otherwise and by illness, plus some work of elders in villages (more of
    it in the yard). T is the technique (``abm.world.technique``). Income can be negative in a bad year
    (``productivity``); η is the year's luck of the line, the same for all.

    The price falls with what comes to market: P = (L_v/L_v,first)^−cλ · (share_l/share_l,first)^−cλ, L_v
    being the labour on own account of the place and share_l the part of villages' labour in the line. With c
    below 1 more labour always brings more money, λ(1 − c) of it in per cent, and labour that leaves for a job
    is missed. Own produce consumed counts: it is sold and bought back at one price.

    A worker who thinks of leaving compares with the household's average net product, since a family shares what it
    earns (Lewis 1954, *Economic development with unlimited supplies of labour*, The Manchester School 22).

    Reads: workers, ``land_used``, capital, productivity, ``busy``, ``ill``. Writes: ``line``, ``own_product`` (net
    product per worker and year), ``own_value`` (of the household), ``own_labour`` and ``own_price`` of places.
    Draws: fitness for the lines, luck of the lines (a year), who thinks again (a year).
    Source: docs/MODEL.md, *Own account*; values docs/TRIAL.md; M18 for crowding; the lines are those that the papers
    name: 000_dc7ebc0f9aeec511.txt, 四 (二) (庭院经济), 003_19841ef29fc91a24.txt (farmers and herders).
    """

    name, layer = "own_account", "background"
    parameters = (
        Parameter("gross", 26600.0, "yuan per worker and year", (5000.0, 40000.0), "output", "docs/TRIAL.md"),
        Parameter("land_exponent", 0.20, "exponent", (0.1, 0.3), "output", "docs/TRIAL.md"),
        Parameter("capital_exponent", 0.15, "exponent", (0.05, 0.20), "output and investment", "docs/TRIAL.md"),
        Parameter("labour_exponent", 0.55, "exponent", (0.4, 0.7), "output", "docs/TRIAL.md"),
        Parameter("inputs", 0.35, "share of expected output", (0.2, 0.5), "costs", "docs/TRIAL.md"),
        Parameter("crowding", 0.5, "elasticity", (0.2, 0.8), "price with what comes to market, c", "M18"),
        Parameter("line_fit", 0.15, "log standard deviation", (0.0, 0.4), "household and line", "assumed"),
        Parameter("line_luck", 0.06, "log standard deviation", (0.0, 0.2), "a line's good and bad years", "assumed"),
        Parameter("line_review", 0.2, "1/year", (0.0, 1.0), "who thinks again about the line", "assumed"),
        Parameter("elder_labour", 0.25, "workers per elder in villages", (0.0, 0.5), "output", "assumed"),
        Parameter("illness_loss", 0.5, "workers per ill household", (0.0, 1.0), "output", "assumed"),
        Parameter("capital_norm", 20000.0, "yuan", (5000.0, 60000.0), "capital at which its factor is 1", "assumed"),
        Parameter("premium_urban", 1.1, "factor", (0.7, 2.0), "output of small trade in communities", "assumed"),
    )  # fmt: skip
    columns = (("households", "line_fit", np.float64, 0.0),)

    def start(self, world: World) -> None:
        h = world.households
        first = values_of(world.settings, "synthesis")
        self.schooling = (first.schooling_urban, first.schooling_rural)
        self.glut = self.p.crowding * self.p.labour_exponent
        self.luck = np.zeros(len(LINES))
        self.share_first = np.ones(len(LINES))
        self.line_price = np.ones(len(LINES))
        h.line = self._best_line(world, np.arange(len(h)))
        h.line_fit = self._fit_of_lines(world)
        labour = self._labour(world)
        world.places.own_labour_first = np.maximum(world.by_place(labour), 0.5)
        self.share_first = self._shares(world, labour)
        self._price(world, labour)
        self._set_products(world, labour, labour**self.p.labour_exponent, self._factor(world))

    def calendar(self, world: World) -> None:
        """Products of a new year are in its prices before anybody compares them with its wages."""
        if world.calendar.year_begins and world.tick > 0:
            trend = world.index / world.outside.index(world.year - 1)
            world.households.own_product *= trend
            world.households.own_value *= trend

    def enterprise(self, world: World) -> None:
        """Once a year: the luck of the lines, and those who think again."""
        if not world.calendar.year_begins:
            return
        h, draws = world.households, world.draws
        lines = key_of(np.arange(len(LINES)))
        self.luck = self.p.line_luck * draws.normal("own_account.line_luck", world.year, lines)
        thinks = draws.uniform("own_account.thinks", world.year, h.key) < -np.expm1(-self.p.line_review)
        rows = np.flatnonzero(thinks)
        h.line[rows] = self._best_line(world, rows)
        h.line_fit = self._fit_of_lines(world)

    def production(self, world: World) -> None:
        h = world.households
        labour = self._labour(world)
        self._price(world, labour)
        factor = self._factor(world)
        effort = labour**self.p.labour_exponent
        expected = factor * effort * world.dt
        output = expected * np.exp(h.season + self.luck[h.line])
        world.ledger.transfer(OUTSIDE, ("household", None), output, "own_account_sales")
        world.ledger.transfer(("household", None), OUTSIDE, self.p.inputs * expected, "own_account_costs")
        self._set_products(world, labour, effort, factor)

    def _labour(self, world: World) -> Floats:
        h = world.households
        return np.asarray(self._own_hands(world) + self._of_an_elder()[h.line] * h.elders * ~h.urban)

    def _own_hands(self, world: World) -> Floats:
        """Labour of workers on own account, without the elders."""
        h = world.households
        ill = self.p.illness_loss * h.ill / np.maximum(h.workers, 1)  # jobs lose the rest of it (``wages``)
        return np.asarray(np.maximum(h.own_workers * (1.0 - h.busy - ill), 0.0))

    def _of_an_elder(self) -> Floats:
        """Workers that an elder of a village stands for in each line; shape (lines,)."""
        each = np.full(len(LINES), self.p.elder_labour)
        each[YARD] = min(2.0 * self.p.elder_labour, 1.0)
        return each

    def _shares(self, world: World, labour: Floats) -> Floats:
        """Part of villages' own-account labour in each line; shape (lines,)."""
        h = world.households
        sums = np.bincount(h.line, weights=labour * ~h.urban, minlength=len(LINES))
        return np.asarray(np.maximum(sums / max(sums.sum(), 1e-9), 0.02))

    def _price(self, world: World, labour: Floats) -> None:
        places = world.places
        places.own_labour = world.by_place(labour)
        many = np.maximum(places.own_labour / places.own_labour_first, 0.1)
        places.own_price = many**-self.glut
        self.line_price = (self._shares(world, labour) / self.share_first) ** -self.glut

    def _factor(self, world: World) -> Floats:
        """Output of a year at ℓ = 1 in an ordinary season, yuan; shape (households,)."""
        h, index = world.households, world.index
        of_land = self.p.land_exponent * OF_LAND[h.line]
        of_capital = self.p.capital_exponent * OF_CAPITAL[h.line]
        price = np.log(world.places.own_price)[h.place] + np.where(
            h.urban, 0.0, np.log(self.line_price)[h.line]
        )
        power = (
            h.skill
            + h.fortune
            + h.line_fit
            + price
            + of_land * self._log_land(world)
            + of_capital * self._log_capital(world)
        )
        base = index * self.p.gross * np.where(h.urban, self.p.premium_urban, 1.0)
        return np.asarray(base * np.exp(power) * technique.factor(world))

    def _log_land(self, world: World) -> Floats:
        h = world.households
        norm = np.maximum(world.places.land_norm, 0.01)[h.place]
        return np.asarray(np.log(np.maximum(h.land_used / norm, 0.05)))

    def _log_capital(self, world: World) -> Floats:
        capital = np.maximum(world.households.capital, 1.0)  # an empty dwelling has none
        return np.asarray(np.log(capital / (self.p.capital_norm * world.index)))

    def _best_line(self, world: World, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """The line that would pay these households best at the last prices (in towns trade), by their own work and that
        of their elders."""
        h, own, of_an_elder = world.households, self._own_hands(world)[rows], self._of_an_elder()
        land = self._log_land(world)[rows]
        capital = self._log_capital(world)[rows]
        value = np.empty((len(LINES), len(rows)))
        for line in range(len(LINES)):
            inputs = OF_LAND[line] * self.p.land_exponent * land
            inputs += OF_CAPITAL[line] * self.p.capital_exponent * capital
            hands = np.maximum(own + of_an_elder[line] * h.elders[rows], 0.01)
            inputs += self.p.labour_exponent * np.log(hands)
            value[line] = self._fit(world, rows, line) + inputs + np.log(self.line_price[line])
        return np.where(h.urban[rows], TRADE, value.argmax(axis=0))

    def _fit(self, world: World, rows: NDArray[np.int64], line: int) -> Floats:
        """How well a line suits these households, log points."""
        h = world.households
        fit = self.p.line_fit * world.draws.normal(f"own_account.fit{line}", 0, h.key[rows])
        advantage = np.log(world.places.amenity[h.place[rows], SECTOR_OF_LINE[line]])
        fit += np.where(h.urban[rows], 0.0, 0.3 * advantage)  # in towns ``premium_urban`` says it
        if line == TRADE:
            fit += 0.02 * (h.schooling[rows] - np.where(h.urban[rows], *self.schooling))
        return np.asarray(fit)

    def _fit_of_lines(self, world: World) -> Floats:
        """How well each household's own line suits whoever lives there now; shape (households,)."""
        h = world.households
        fit = np.empty(len(h))
        for line in range(len(LINES)):
            rows = np.flatnonzero(h.line == line)
            fit[rows] = self._fit(world, rows, line)
        return fit

    def _set_products(self, world: World, labour: Floats, effort: Floats, factor: Floats) -> None:
        """Net product of a year: on average per worker, and of the household, yuan; ``effort`` is ℓ^λ."""
        h = world.households
        average = np.maximum(labour, 1.0) ** (self.p.labour_exponent - 1.0)
        h.own_product = (1.0 - self.p.inputs) * factor * average
        h.own_value = (1.0 - self.p.inputs) * factor * effort
