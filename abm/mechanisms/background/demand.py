"""Demand for what enterprises sell: buyers elsewhere, buyers here, and the crowd that serves them."""

import numpy as np

from abm.core.draws import key_of
from abm.core.names import SECTORS
from abm.mechanisms.base import Mechanism
from abm.scenario.parameters import Parameter
from abm.world.world import World


class Demand(Mechanism):
    """D = [(1 − ω) · outside_s + ω · local_v] · (capital_s / capital_s at the start)^−crowding.

    Outside demand has a shock per sector and year. Local demand is what households and public buyers of the place spend
    with its enterprises against the first year, within a factor of three. Capital is that of the whole district, at the
    trend: who follows the market finds it crowded (M18).

    Reads: ``local_sales``, ``public_orders``, capital. Writes: ``demand`` of places, ``public_goods``,
    ``prepaid``, ``local_sales_first``. Draws: by sector and year.
    Source: docs/MODEL.md, *Enterprise*, *Closure*; docs/TRIAL.md (ω at most .2, crowding at least .3).
    """

    name, layer = "demand", "background"
    parameters = (
        Parameter("crowding", 0.4, "elasticity", (0.3, 0.8), "demand", "docs/TRIAL.md"),
        Parameter("spread", 0.05, "log standard deviation", (0.0, 0.3), "demand of a year", "assumed"),
        Parameter("local_weight", 0.15, "share of demand", (0.0, 0.2), "demand", "docs/TRIAL.md, at most .2"),
    )  # fmt: skip

    def start(self, world: World) -> None:
        firms = world.enterprises
        first = np.bincount(firms.sector, weights=firms.capital, minlength=len(SECTORS)) / world.index
        self.capital_first = np.maximum(first, 1.0)

    def calendar(self, world: World) -> None:
        """Public goods ordered at year-end are delivered in this year; the first year is the yardstick of demand."""
        places = world.places
        if world.calendar.year_begins:
            places.public_goods = places.public_orders
            places.public_orders = 0.0
            world.enterprises.prepaid = world.enterprises.ordered
            world.enterprises.ordered = 0.0
        if world.tick == world.calendar.ticks_per_year:
            bought = (places.local_sales + places.public_goods) / world.index
            usual = bought.sum() * places.members / places.members.sum()
            places.local_sales_first = np.maximum(
                bought, 0.5 * usual
            )  # a place may have no enterprise just then

    def enterprise(self, world: World) -> None:
        firms, places = world.enterprises, world.places
        sectors = key_of(np.arange(len(SECTORS)))
        shock = self.p.spread * world.draws.normal("demand.outside", world.year, sectors)
        outside = np.exp(shock - 0.5 * self.p.spread**2)
        local = np.ones(len(places))
        if places.local_sales_first.any():
            local = (places.local_sales + places.public_goods) / (places.local_sales_first * world.index)
        capital = np.bincount(
            firms.sector[firms.open], weights=firms.capital[firms.open], minlength=len(SECTORS)
        )
        crowd = np.maximum(capital / world.index / self.capital_first, 0.05) ** -self.p.crowding
        mixed = (1.0 - self.p.local_weight) * outside + self.p.local_weight * np.minimum(local, 3.0)[:, None]
        places.demand = mixed * crowd
