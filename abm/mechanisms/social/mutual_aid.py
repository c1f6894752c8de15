"""Mutual aid (互助): neighbours tied by trust help in need and tell each other of jobs."""

from abm.mechanisms.base import Mechanism
from abm.scenario.parameters import Parameter, values_of
from abm.world.helping import help_along, in_need
from abm.world.world import World


class MutualAid(Mechanism):
    """After kin have helped, households tied to one in need give out of spare cash, the more the more they trust.
    Who has neighbours in a job hears of vacancies: P = 1 − (1 − q)^n.

    The other channel: kin. Break-point: no ties. Failure: ties join people of like standing (homophily), so the
    poor have poor helpers; what is given is missing to the giver.

    Reads: mutual-aid ties, trust, cash, ``care_due``, jobs. Writes: money, ``contact``, ``news_social``.
    Draws: none.
    Source: 000_dc7ebc0f9aeec511.txt, 三 (三) (互助友爱) and 六, 三是 (trust and mutual help); docs/MECHANISMS.md M8.
    """

    name, layer = "mutual_aid", "social"
    requires = ("consumption",)
    parameters = (
        Parameter("generosity", 0.05, "share of spare cash a quarter at full trust", (0.0, 0.3), "gift", "assumed"),
        Parameter("buffer", 0.5, "years of income", (0.1, 2.0), "what givers keep", "assumed"),
        Parameter("news", 0.08, "probability per employed neighbour", (0.0, 0.3), "vacancies", "assumed"),
    )  # fmt: skip

    def start(self, world: World) -> None:
        self.food = values_of(world.settings, "consumption").floor

    def enterprise(self, world: World) -> None:
        h = world.households
        employed = world.points.pairs["mutual_aid"].count(h.local_workers > 0)
        if employed.any():
            h.news_social = 1.0 - (1.0 - self.p.news) ** employed

    def distribution(self, world: World) -> None:
        rows, lack = in_need(world, self.food * world.index)
        gifts = help_along(
            world,
            world.points.pairs["mutual_aid"],
            rows,
            lack,
            generosity=self.p.generosity,
            buffer=self.p.buffer,
            by_trust=True,
            kind="mutual_aid",
            layer=self.layer,
        )
        world.message(self.layer, gifts)
