"""The village collective (村集体): takes its share of contracts and pays dividends to members."""

import mesa

from abm.core.protocols import WorldTables


class Collective(mesa.Agent):
    """Args: ``place`` is the row of its place and of its account in the ledger."""

    def __init__(self, model: mesa.Model, world: WorldTables, place: int) -> None:
        super().__init__(model)
        self.world, self.place = world, place
        self.income_year = 0.0
        """Yuan received this year so far."""
        self.income_last = 0.0
        """Yuan received in the last full year."""

    @property
    def village(self) -> str:
        return self.world.place_names[self.place]

    @property
    def name(self) -> str:
        return f"collective:{self.village}"

    @property
    def cash(self) -> float:
        """Yuan."""
        return float(self.world.ledger.balances["collective"][self.place] / 100)

    def receive(self, yuan: float) -> None:
        """Count income; the ledger has moved the money."""
        self.income_year += yuan

    def allocate(self, dividend: float, welfare: float) -> tuple[float, float]:
        """At year-end: what it pays out of the year's income as dividend and spends on the village, yuan.

        The rest stays with it.
        """
        income = min(self.income_year, self.cash)
        self.income_last, self.income_year = self.income_year, 0.0
        return dividend * income, welfare * income
