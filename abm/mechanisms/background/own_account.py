"""Own account: fields, herds, yards and small trade of households."""

import numpy as np
from numpy.typing import NDArray

from abm.mechanisms.base import Mechanism
from abm.scenario.parameters import Parameter
from abm.world.world import OUTSIDE, World


class OwnAccount(Mechanism):
    """y = G · X · P_v · exp(s + z + ε) · (land/norm)^α (k/k₀X)^κ ℓ^λ Δ, less inputs worth a share of its expected
    value.

    ℓ are the workers on own account, less time taken up otherwise and by illness, plus some work of elders in
    villages. The price falls with the number who do the same nearby: P_v = (L_v/L_v,first)^−crowding. Income can
    be negative in a bad year. Own produce consumed counts: it is sold and bought back at one price.

    A worker who thinks of leaving compares with the household's average net product, since a family shares what it
    earns (Lewis 1954, *Economic development with unlimited supplies of labour*, The Manchester School 22).

    Reads: workers, land, capital, productivity, ``busy``, ``ill``. Writes: ``own_product`` (net product per worker
    and year), ``own_labour`` and ``own_price`` of places. Draws: none.
    Source: docs/MODEL.md, *Own account*; values docs/TRIAL.md; M18 for crowding.
    """

    name, layer = "own_account", "background"
    parameters = (
        Parameter("gross", 26600.0, "yuan per worker and year", (15000.0, 40000.0), "output", "docs/TRIAL.md"),
        Parameter("land_exponent", 0.20, "exponent", (0.1, 0.3), "output", "docs/TRIAL.md"),
        Parameter("capital_exponent", 0.15, "exponent", (0.05, 0.20), "output and investment", "docs/TRIAL.md"),
        Parameter("labour_exponent", 0.55, "exponent", (0.4, 0.7), "output", "docs/TRIAL.md"),
        Parameter("inputs", 0.35, "share of expected output", (0.2, 0.5), "costs", "docs/TRIAL.md"),
        Parameter("crowding", 0.75, "elasticity", (0.4, 0.8), "price", "docs/TRIAL.md; M18"),
        Parameter("elder_labour", 0.25, "workers per elder in villages", (0.0, 0.5), "output", "assumed"),
        Parameter("illness_loss", 0.5, "workers per ill household", (0.0, 1.0), "output", "assumed"),
        Parameter("capital_norm", 20000.0, "yuan", (5000.0, 60000.0), "capital at which its factor is 1", "assumed"),
        Parameter("premium_urban", 1.1, "factor", (0.7, 2.0), "output of small trade in communities", "assumed"),
    )  # fmt: skip

    def start(self, world: World) -> None:
        labour = self._labour(world)
        world.places.own_labour_first = np.maximum(world.by_place(labour), 0.5)
        self._price(world, labour)
        self._set_own_product(world, labour, self._factor(world))

    def production(self, world: World) -> None:
        h = world.households
        labour = self._labour(world)
        self._price(world, labour)
        factor = self._factor(world)
        expected = factor * labour**self.p.labour_exponent * world.dt
        output = expected * np.exp(h.season)
        world.ledger.transfer(OUTSIDE, ("household", None), output, "own_account_sales")
        world.ledger.transfer(("household", None), OUTSIDE, self.p.inputs * expected, "own_account_costs")
        self._set_own_product(world, labour, factor)

    def _labour(self, world: World) -> NDArray[np.float64]:
        h = world.households
        own = h.own_workers * (1.0 - h.busy) - self.p.illness_loss * h.ill
        return np.asarray(np.maximum(own, 0.0) + self.p.elder_labour * h.elders * ~h.urban)

    def _price(self, world: World, labour: NDArray[np.float64]) -> None:
        places = world.places
        places.own_labour = world.by_place(labour)
        many = np.maximum(places.own_labour / places.own_labour_first, 0.1)
        places.own_price = many**-self.p.crowding

    def _factor(self, world: World) -> NDArray[np.float64]:
        """Output of a year at ℓ = 1 in an ordinary season, yuan; shape (households,)."""
        h, places, index = world.households, world.places, world.index
        norm = np.maximum(places.land_norm, 0.01)[h.place]
        land = np.where(h.urban, 1.0, np.maximum(h.land / norm, 0.05) ** self.p.land_exponent)
        capital = (h.capital / (self.p.capital_norm * index)) ** self.p.capital_exponent
        base = self.p.gross * np.where(h.urban, self.p.premium_urban, 1.0)
        level = index * base * places.own_price[h.place] * np.exp(h.skill + h.fortune)
        return np.asarray(level * land * capital)

    def _set_own_product(
        self, world: World, labour: NDArray[np.float64], factor: NDArray[np.float64]
    ) -> None:
        average = np.maximum(labour, 1.0) ** (self.p.labour_exponent - 1.0)
        world.households.own_product = (1.0 - self.p.inputs) * factor * average
