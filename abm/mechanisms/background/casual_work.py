"""Casual and part-year work: days on building sites and other people's fields beside one's own account."""

import numpy as np

from abm.mechanisms.base import Mechanism
from abm.scenario.parameters import Parameter
from abm.world.world import OUTSIDE, World


class CasualWork(Mechanism):
    """Households with workers on own account look for days of paid work (打零工) and take them if the day's pay
    is more than what a day at home brings: c · w_v > own product per worker.

    Buyers elsewhere (building sites, harvests) offer a number of such places in each place, a share of its
    workers at the start, less with distance; where more want them than there are, lots decide. Who has one
    works there for a share of its own-account time. The pay is the same for all: nobody asks for skill.

    Reads: ``own_product``, ``own_workers``, ``wage`` of places. Writes: ``busy``; money. Draws: the lot of
    every household.
    Source: docs/TRIAL.md, *Left to mend* (casual and part-year work for the lowest fifth); 003_19841ef29fc91a24.txt.
    """

    name, layer = "casual_work", "background"
    parameters = (
        Parameter("places", 0.25, "share of workers", (0.0, 0.6), "who can find casual work", "assumed"),
        Parameter("distance", 0.3, "log per unit of market distance", (0.0, 1.0), "fewer places far away", "assumed"),
        Parameter("time", 0.35, "share of own-account time", (0.1, 0.7), "days of it", "assumed"),
        Parameter("pay", 0.75, "share of the wage of the place", (0.4, 1.0), "a day's pay", "assumed"),
    )  # fmt: skip
    columns = (("households", "casual", np.float64, 0.0),)

    def labour(self, world: World) -> None:
        h, places = world.households, world.places
        pay = self.p.pay * places.wage
        willing = (h.own_workers > 0) & (pay[h.place] > h.own_product)
        seeking = world.by_place(h.own_workers * willing)
        offered = self.p.places * np.exp(-self.p.distance * places.market_distance) * places.workers_first
        chance = np.minimum(offered / np.maximum(seeking, 1.0), 1.0)
        rows = np.flatnonzero(willing)
        lot = world.draws.uniform("casual_work.lot", world.calendar.season, h.key[rows])
        rows = rows[lot < chance[h.place[rows]]]
        h.casual = 0.0
        h.casual[rows] = (1.0 - h.busy[rows]) * self.p.time
        h.busy[rows] += h.casual[rows]

    def production(self, world: World) -> None:
        h = world.households
        rows = np.flatnonzero(h.casual > 0)
        days = h.casual[rows] * h.own_workers[rows] * world.dt
        pay = self.p.pay * world.places.wage[h.place[rows]] * days
        world.ledger.transfer(OUTSIDE, ("household", rows), pay, "casual_wage")
