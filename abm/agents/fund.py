"""The common-prosperity fund (共富基金) of a village: what it has for school, hardship and those who return."""

import mesa

from abm.core.protocols import WorldTables


class Fund(mesa.Agent):
    """Args: ``place`` is the row of its place and of its account in the ledger."""

    def __init__(self, model: mesa.Model, world: WorldTables, place: int) -> None:
        super().__init__(model)
        self.world, self.place = world, place

    @property
    def village(self) -> str:
        return self.world.place_names[self.place]

    @property
    def name(self) -> str:
        return f"fund:{self.village}"

    @property
    def cash(self) -> float:
        """Yuan."""
        return float(self.world.ledger.balances["fund"][self.place] / 100)
