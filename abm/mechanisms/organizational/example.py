"""Party members set an example (党员带头示范): what they have tried they show to the households of their grid."""

import numpy as np

from abm.mechanisms.base import Mechanism
from abm.scenario.parameters import Parameter
from abm.world import technique
from abm.world.world import World


class Example(Mechanism):
    """A party member's household that works with the improved technique (``abm.world.technique``) and has an active
    grid link shows it to the linked households of its grid that lack it, v of them a year, and gives time to it.
    Each of them is shown it with P = 1 − exp(−v · m/n · Δ), m being those who show it in the grid and n those to be
    shown. Who has been shown it thinks of it now (investment), beside those who think of it by themselves.

    The other channel: thinking of it alone, at the usual rate. Break-point: no grid, no member who has tried it.
    Failure: members are better off, and what pays for them need not pay for others, who judge it in part by the product
    of those who show it (``shown_product``), so that some buy what does not pay for them; the members' time.

    Courtyards and courses are shown by rules of their own, if at all. Ties along and across the
    district's four ethnic groups (M60) are left out: the paper has no figure on them, and our households know no
    groups. That favours for some are made general (特惠→普惠, M60) is in ``whistle``.

    Reads: grid links, ``party_member``, ``improved``, ``own_value``. Writes: ``shown``, ``shown_product``, ``busy``.
    Draws: none; investment draws for who thinks of it.
    Source: 000_dc7ebc0f9aeec511.txt, 五 (一) (party members lead by example); that it is the technique is our reading.
    """

    name, layer = "example", "organizational"
    requires = ("investment",)
    parameters = (
        Parameter("visits", 10.0, "households shown per year", (1.0, 50.0), "by each who shows it", "assumed"),
        Parameter("time", 0.01, "years of work per year", (0.0, 0.05), "what showing it takes", "assumed"),
    )  # fmt: skip

    def needs(self, world: World) -> None:
        h, points = world.households, world.points
        grid = points.reaches("grid")
        shows = np.flatnonzero(grid & h.party_member & h.improved & (h.own_workers > 0))
        if len(shows) == 0:
            return
        several = int(points.grid.max()) + 1
        group = h.place * several + points.grid  # a grid's number is that within its place
        to = np.flatnonzero(grid & ~h.improved & (h.own_workers > 0))
        count = len(world.places) * several
        members = np.bincount(group[shows], minlength=count)
        others = np.bincount(group[to], minlength=count)
        plain = h.own_value[shows] / technique.factor(world, shows)
        product = np.bincount(group[shows], weights=plain, minlength=count) / np.maximum(members, 1)
        rate = self.p.visits * members / np.maximum(others, 1)
        h.shown[to] = -np.expm1(-rate * world.dt)[group[to]]
        h.shown_product[to] = product[group[to]]
        busy = shows[others[group[shows]] > 0]
        h.busy[busy] = np.minimum(h.busy[busy] + self.p.time / h.own_workers[busy], 1.0)
        world.message(self.layer, float(h.shown[to].sum()))
