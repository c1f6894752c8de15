"""Alliances (共富联盟): branches of two villages pool staff and news, and pair with enterprises of another place."""

import numpy as np
from numpy.typing import NDArray

from abm.core.draws import key_of, pair_key
from abm.mechanisms.base import Mechanism
from abm.scenario.parameters import Parameter
from abm.world.world import World


class Alliance(Mechanism):
    """Two branches under an active alliance (党建联盟) meet, which takes a share m of the capacity of each, needed or
    not. With what a branch then has left over in a tick it works on its ally's queue; of the help the part 1 − a gets
    there:

        helped = min((1 − a) · spare, what the ally cannot handle itself).

    What enterprises tell one branch (liaison) it passes on to its ally: news of an enterprise arrives there in a tick
    with 1 − a, and reaches households through the grid of that village like any other (whistle), so that it has
    gone one hop more. Under pairing (村企结对) an enterprise of another place tells the branch itself. A job elsewhere
    costs the way there (labour). Who pairs with whom is found once (``abm/world/partners.py``).

    The other channel: the branch's own staff (whistle), the spot market. Break-point: no alliance, no pairing; news
    ends where there is no grid. Failure: the strong pair with the strong (强强联合), so that allies are overloaded or
    idle together and help passes nowhere; meetings that cost more capacity than is ever lent.

    Reads: links alliance, pairing and liaison. Writes: ``meetings`` and ``allies`` of branches, what is told where.
    Draws: enterprises that an ally could hear of, and nobody else.
    Source: 000_dc7ebc0f9aeec511.txt, 四 (一) 组织合力下的共富联盟机制, and 五 (三) (强强联合); docs/MECHANISMS.md M3.
    """

    name, layer = "alliance", "organizational"
    requires = ("whistle",)
    parameters = (
        Parameter("meetings", 0.05, "share of capacity", (0.0, 0.3), "what meetings take of each ally, m", "assumed"),
        Parameter("loss", 0.12, "probability per hop", (0.05, 0.25), "help and news between allies, a",
                  "docs/MECHANISMS.md M2"),
    )  # fmt: skip

    def ties(self, world: World) -> None:
        """Who helps whom this tick, and who meets."""
        branches = world.institutions.village_branches
        for branch in branches:
            branch.allies, branch.meetings = [], 0.0
        for pair in self._allied(world):
            for one, other in (pair, pair[::-1]):
                branches[one].allies.append((other, 1.0 - self.p.loss))
                branches[one].meetings = self.p.meetings

    def enterprise(self, world: World) -> None:
        """Vacancies of which villages hear through an ally or a paired enterprise."""
        world.tell(self.layer, *self._linked(world, "pairing"))
        allied = self._allied(world)
        if not allied:
            return
        rows, heard_in = self._linked(world, "liaison")
        for pair in allied:
            for one, other in (pair, pair[::-1]):
                mine = rows[heard_in == one]
                keys = pair_key(world.enterprises.key[mine], key_of(world.places.id[other]))
                lost = world.draws.uniform("alliance.news", world.tick, keys) < self.p.loss
                world.tell(self.layer, mine[~lost], np.full(int((~lost).sum()), other))

    @staticmethod
    def _allied(world: World) -> list[tuple[int, int]]:
        """Places (rows) of branches under an active alliance."""
        return [(link.village, link.other) for link in world.points.active_links("alliance")]

    @staticmethod
    def _linked(world: World, kind: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Enterprises (rows) with an active link of this kind to a branch, and the branch's place."""
        nodes = world.points.graph.nodes
        linked = [(nodes[link.target]["agent"].row, link.village) for link in world.points.active_links(kind)]
        rows, places = np.array(linked, np.int64).reshape(-1, 2).T
        return rows, places
