"""Social organisations (社会组织): volunteers of a village, alive as long as people take part."""

import mesa

from abm.core.protocols import WorldTables


class SocialOrganization(mesa.Agent):
    """Args: ``place`` is the row of its place and of its account in the ledger."""

    def __init__(self, model: mesa.Model, world: WorldTables, place: int) -> None:
        super().__init__(model)
        self.world, self.place = world, place
        self.activity = 0.0
        """Share of what it could do at most that it does this tick, 0–1."""
        self.dormant = False

    @property
    def village(self) -> str:
        return self.world.place_names[self.place]

    @property
    def name(self) -> str:
        return f"volunteers:{self.village}"

    @property
    def cash(self) -> float:
        """Yuan."""
        return float(self.world.ledger.balances["social_organization"][self.place] / 100)

    def plan(self, means: float, participation: float, wake: float, guidance: float) -> float:
        """Set and return its activity.

        activity = means · participation, and a guide from the social-work station does part of what is left:
        1 − (1 − own)(1 − guidance). With members who hardly take part it falls dormant (社会组织乏力), until
        participation is half as high again as the level at which it fell asleep.

        Args:
            means: money at hand over what full activity costs, 0–1.
            participation: mean participation of its members, 0–1.
            wake: participation below which it falls dormant.
            guidance: what a station's guide adds, 0–1; 0 without a link.
        """
        self.dormant = participation < (1.5 * wake if self.dormant else wake)
        own = 0.0 if self.dormant else means * participation
        self.activity = 1.0 - (1.0 - own) * (1.0 - guidance * means) if means > 0 else 0.0
        return self.activity
