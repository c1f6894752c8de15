"""Demand for what enterprises sell."""

from math import exp

from abm.core.names import SECTORS
from tests.reference.agents import Place
from tests.reference.luck import key_of
from tests.reference.model import Rule


class Demand(Rule):
    name = "demand"
    remembers = ("capital_first",)

    def start(self) -> None:
        """Capital of the district by sector at the start, at the trend."""
        m = self.model
        sums = [sum(f.capital for f in m.firms if f.sector == sector) for sector in range(len(SECTORS))]
        self.capital_first = [max(capital / m.index, 1.0) for capital in sums]

    def calendar(self) -> None:
        """Public goods ordered last year are delivered in this; the first year is the yardstick of local demand."""
        m = self.model
        for place in m.places:
            if m.year_begins:
                place.public_goods, place.public_orders = place.public_orders, 0.0
                for firm in place.firms:
                    firm.prepaid, firm.ordered = firm.ordered, 0.0
        if m.tick == m.ticks_per_year:
            bought = {place: (place.local_sales + place.public_goods) / m.index for place in m.places}
            everybody = sum(place.members for place in m.places)
            for place in m.places:
                usual = sum(bought.values()) * place.members / everybody
                place.local_sales_first = max(bought[place], 0.5 * usual)

    def enterprise(self) -> None:
        """D = [(1 − ω) · outside_s + ω · local_v] · (capital_s / capital_s at the start)^−crowding."""
        m, p = self.model, self.p
        outside, crowd = [], []
        for sector in range(len(SECTORS)):
            shock = p.spread * m.luck.normal("demand.outside", m.year, key_of(sector))
            outside.append(exp(shock - p.spread**2 / 2))
            capital = sum(firm.capital for firm in m.firms if firm.open and firm.sector == sector)
            crowd.append(max(capital / m.index / self.capital_first[sector], 0.05) ** -p.crowding)
        known = any(place.local_sales_first for place in m.places)
        for place in m.places:
            local = self.local(place) if known else 1.0
            place.demand = [
                ((1.0 - p.local_weight) * elsewhere + p.local_weight * local) * factor
                for elsewhere, factor in zip(outside, crowd, strict=True)
            ]

    def local(self, place: Place) -> float:
        """What is bought here against the first year, at most three times as much."""
        bought = place.local_sales + place.public_goods
        return min(bought / (place.local_sales_first * self.model.index), 3.0)
