"""The district government (区政府) and its budget."""

import mesa

from abm.core.protocols import WorldTables


class Government(mesa.Agent):
    """Holds the district's account."""

    def __init__(self, model: mesa.Model, world: WorldTables) -> None:
        super().__init__(model)
        self.world = world

    @property
    def name(self) -> str:
        return "government"

    @property
    def cash(self) -> float:
        """Yuan."""
        return float(self.world.ledger.balances["government"][0] / 100)
