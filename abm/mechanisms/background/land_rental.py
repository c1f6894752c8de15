"""The rental market for land: who works whose fields, and at what rent."""

import numpy as np
from numpy.typing import NDArray

from abm.mechanisms.base import Mechanism
from abm.population.households import members
from abm.scenario.parameters import Parameter, values_of
from abm.world.own_lines import OF_LAND
from abm.world.world import World

Floats = NDArray[np.float64]


class LandRental(Mechanism):
    """Once a year each village's land goes some way from those who have it to those who make most of it.

    A household of value V (a year, net) with land L and land exponent α would work L* at which its marginal product is
    the rent r: L* = L (αV/(rL))^{1/(1−α)}. The rent clears the village: Σ L* = Σ L. Of the difference a share m
    (``mobility``) is really let and rented, so that what is let is what is rented: the rest stays with its contract
    holder, for want of a trusted tenant or of a written lease. Tenants pay each tick; lessors receive by what they let.

    Land of an empty dwelling lies idle. Rent is property income of the lessor and a business cost of the tenant.

    Reads: land, ``own_value``, ``line``. Writes: ``land_used``, ``rent`` of places; money. Draws: none.
    Source: docs/MODEL.md, *Closure* (there is a rental market, the rent lies inside); 35 % of contracted land
    was let in China about 2020 (recalled).
    """

    name, layer = "land_rental", "background"
    requires = ("own_account",)
    parameters = (
        Parameter("mobility", 0.35, "share of the difference", (0.0, 1.0), "land that is let", "assumed; recalled"),
    )  # fmt: skip
    columns = (("places", "rent", np.float64, 0.0),)

    def start(self, world: World) -> None:
        self.of_land = values_of(world.settings, "own_account").land_exponent * OF_LAND

    def enterprise(self, world: World) -> None:
        h = world.households
        if not world.calendar.year_begins:
            return
        rows = np.flatnonzero(~h.urban & (members(h) > 0))
        wanted = self._wanted(world, rows)
        h.land_used = 0.0
        h.land_used[rows] = (1.0 - self.p.mobility) * h.land[rows] + self.p.mobility * wanted

    def _wanted(self, world: World, rows: NDArray[np.int64]) -> Floats:
        """L* of each household at the rent that clears its village, mu; the rent is kept in ``places.rent``."""
        h, places = world.households, world.places
        place, used = h.place[rows], np.maximum(h.land_used[rows], 0.05 * places.land_norm[h.place[rows]])
        alpha = self.of_land[h.line[rows]]
        marginal = alpha * np.maximum(h.own_value[rows], 0.0) / used  # yuan a mu, at the land of last year
        power = 1.0 / (1.0 - self.of_land)  # by line
        at_one = used * marginal ** power[h.line[rows]]  # wanted at a rent of 1 yuan
        by_line = len(power) * place + h.line[rows]
        demand = np.bincount(by_line, weights=at_one, minlength=len(places) * len(power)).reshape(
            len(places), -1
        )
        there = np.bincount(place, weights=h.land[rows], minlength=len(places))
        low = np.full(len(places), 1e-3)
        high = np.full(len(places), 1e6)
        for _ in range(40):  # bisection in logs: to 1e-9 of the rent
            rent = np.sqrt(low * high)
            much = (demand * rent[:, np.newaxis] ** -power).sum(axis=1) > there
            low, high = np.where(much, rent, low), np.where(much, high, rent)
        places.rent = np.where(there > 0, rent, 0.0)
        asked = at_one * rent[place] ** -power[h.line[rows]]
        sums = np.bincount(place, weights=asked, minlength=len(places))
        return np.asarray(asked * (there / np.maximum(sums, 1e-9))[place])  # to the last mu

    def distribution(self, world: World) -> None:
        h = world.households
        more = h.land_used - h.land
        tenants, lessors = np.flatnonzero(more > 1e-9), np.flatnonzero(more < -1e-9)
        lessors = lessors[members(h)[lessors] > 0]
        if len(tenants) == 0 or len(lessors) == 0:
            return
        due = world.places.rent[h.place[tenants]] * more[tenants] * world.dt
        world.ledger.clear_groups(
            ("household", tenants),
            due,
            h.place[tenants],
            ("household", lessors),
            -more[lessors],
            h.place[lessors],
            "land_rent",
        )
