"""The courtyard association (庭院经济协会): sells jointly for its members, as far as their fees carry it."""

import mesa

from abm.core.protocols import WorldTables


class Association(mesa.Agent):
    """Args: ``place`` is the row of its place and of its account in the ledger."""

    def __init__(self, model: mesa.Model, world: WorldTables, place: int) -> None:
        super().__init__(model)
        self.world, self.place = world, place
        self.service = 1.0
        """Share of its members' produce that it can sell jointly this year, 0–1."""
        self.cost_year = 0.0
        """Yuan that its work of this year costs so far."""
        self.paid_year = 0.0
        """Yuan that it could pay of that."""

    @property
    def village(self) -> str:
        return self.world.place_names[self.place]

    @property
    def name(self) -> str:
        return f"association:{self.village}"

    @property
    def cash(self) -> float:
        """Yuan."""
        return float(self.world.ledger.balances["association"][self.place] / 100)

    def pay(self, due: float, paid: float) -> None:
        """Count what its work has cost and what of that it has paid; the ledger has moved the money."""
        self.cost_year += due
        self.paid_year += paid

    def plan(self, unpaid: float) -> float:
        """At the start of a year: set and return its service, that of last year times what it had over what that cost.

        In its first year the founders work for nothing. Later what fees do not carry is not done, down to ``unpaid``,
        the part that some do for nothing; with more fees it recovers. After a year in which nothing was done, for lack
        of members or of any means, founders begin anew.
        """
        if self.cost_year > 0:
            carried = (self.cash + self.paid_year) / self.cost_year
            self.service = min(1.0, max(unpaid, self.service * carried))
        else:
            self.service = 1.0
        self.cost_year = self.paid_year = 0.0
        return self.service
