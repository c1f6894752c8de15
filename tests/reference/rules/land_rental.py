"""The rental market for land."""

from math import sqrt

from abm.world.own_lines import OF_LAND
from tests.reference.agents import Household, Place
from tests.reference.model import Rule

LIVELY = 1e-9
"""Mu; less is neither let nor rented."""


class LandRental(Rule):
    name = "land_rental"

    def enterprise(self) -> None:
        """Once a year a share of the difference between what households have and would work is let and rented."""
        m, share = self.model, self.p.mobility
        if not m.year_begins:
            return
        for place in m.places:
            there = [home for home in place.dwellings if home.members > 0 and not home.urban]
            wanted = self.clear(place, there)
            for home in place.dwellings:
                home.land_used = 0.0
            for home in there:
                home.land_used = (1.0 - share) * home.land + share * wanted[home]

    def clear(self, place: Place, there: list[Household]) -> dict[Household, float]:
        """L* = L (αV/(rL))^{1/(1−α)} of each household at the rent r at which Σ L* is the land of the place."""
        worth, power = {}, {}
        for home in there:
            alpha = self.model.parameters["own_account"].land_exponent * float(OF_LAND[home.line])
            used = max(home.land_used, 0.05 * place.land_norm)
            power[home] = 1.0 / (1.0 - alpha)
            worth[home] = used * (alpha * max(home.own_value, 0.0) / used) ** power[home]
        land = sum(home.land for home in there)
        low, high = 1e-3, 1e6
        for _ in range(40):
            rent = sqrt(low * high)
            if sum(worth[home] * rent ** -power[home] for home in there) > land:
                low = rent
            else:
                high = rent
        place.rent = rent if land > 0 else 0.0
        asked = {home: worth[home] * rent ** -power[home] for home in there}
        scale = land / max(sum(asked.values()), 1e-9)  # to the last mu
        return {home: mu * scale for home, mu in asked.items()}

    def distribution(self) -> None:
        """Tenants pay the rent of what they work beyond their own; lessors receive by what they let."""
        m = self.model
        for place in m.places:
            more = {home: home.land_used - home.land for home in place.dwellings}
            tenants = [(home, place.rent * mu * m.dt) for home, mu in more.items() if mu > LIVELY]
            lessors = [(home, -mu) for home, mu in more.items() if mu < -LIVELY and home.members > 0]
            if tenants and lessors:
                m.ledger.clear(tenants, lessors, "land_rent")
