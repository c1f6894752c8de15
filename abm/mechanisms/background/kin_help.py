"""Help among kin: the channel that needs no joint-point."""

from abm.mechanisms.base import Mechanism
from abm.scenario.parameters import Parameter, values_of
from abm.world.helping import help_along, in_need
from abm.world.world import World


class KinHelp(Mechanism):
    """Kin give to a household that can pay neither its care nor its food, out of cash beyond a buffer.

    Reads: cash, ``care_due``, kin. Writes: money, ``contact``. Draws: none.
    Source: docs/MODEL.md, *Consumption and saving* (uninsured illness is paid from savings, then kin).
    """

    name, layer = "kin_help", "background"
    requires = ("consumption",)
    parameters = (
        Parameter("generosity", 0.05, "share of spare cash a quarter", (0.0, 0.3), "gift", "assumed"),
        Parameter("buffer", 0.5, "years of income", (0.1, 2.0), "what givers keep", "assumed"),
    )  # fmt: skip

    def start(self, world: World) -> None:
        self.food = values_of(world.settings, "consumption").floor

    def distribution(self, world: World) -> None:
        rows, lack = in_need(world, self.food * world.index)
        help_along(
            world,
            world.points.pairs["kin"],
            rows,
            lack,
            generosity=self.p.generosity,
            buffer=self.p.buffer,
            by_trust=False,
            kind="kin_help",
            layer="background",
        )
