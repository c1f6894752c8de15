"""Hubs that fail (平台失效): for weeks or quarters a branch, the social-work station or a platform carries nothing."""

from math import expm1

import numpy as np

from abm.core.draws import Keys, key_of, name_key
from abm.mechanisms.base import Mechanism
from abm.scenario.parameters import Parameter
from abm.world.world import World

HUBS = {
    "district": "district branch",
    "village": "village branch",
    "social_work_station": "social-work station",
    "platform": "platform",
}
"""Institutions through which much passes, by tier or type of their node, and how ``events`` calls them."""


class HubFailure(Mechanism):
    """A hub that works fails at rate λ; an outage lasts 1/μ on average, exponentially. Seen once a tick, this is a
    chain with the exact chances

        P(fails) = λ/(λ + μ) · (1 − e^{−(λ + μ)Δ}),    P(works again) = μ/(λ + μ) · (1 − e^{−(λ + μ)Δ}),

    so a hub is down for λ/(λ + μ) of the time at any Δ, and an outage lasts a tick at least. A hub that is down carries
    nothing: its links are absent. What lies in a queue waits (whistle); who needs something goes on by own means.

    The other channel: own means (needs), own application (dibao), the spot market; volunteers without guidance.
    Break-point: whatever has its only path through the hub. Failure: this rule is one; of its two kin, links that never
    connect (连接不畅) are a share of those that form (``ties.dud_share``), and people who leave their affairs to the
    branch (自治消解) are with ``whistle`` and ``trust``.

    Reads: institutions. Writes: which of them are down; ``events``. Draws: one a tick for each hub, of its own kind and
    place, so that outages are the same in every arm.
    Source: 000_dc7ebc0f9aeec511.txt, 六 (连接不畅、自治消解、平台失效); docs/MECHANISMS.md M14.
    """

    name, layer = "hub_failure", "organizational"
    parameters = (
        Parameter("rate", 0.05, "1/year", (0.0, 0.1), "a hub that works fails, λ", "docs/MECHANISMS.md M14"),
        Parameter("length", 0.15, "years", (0.02, 0.5), "mean length of an outage, 1/μ",
                  "assumed: weeks to quarters"),
    )  # fmt: skip

    def ties(self, world: World) -> None:
        """Which hubs fail, and which work again."""
        if world.calendar.year_begins:
            self.hubs, self.keys = self._hubs(world)
        fails, mends = self.p.rate, 1.0 / self.p.length
        moves = -expm1(-(fails + mends) * world.dt) / (fails + mends)
        luck = world.draws.uniform("hub_failure.state", world.tick, self.keys)
        down: set[str] = set()
        for (name, place, what), u in zip(self.hubs, luck.tolist(), strict=True):
            was_down = name in world.points.down
            if u < (mends if was_down else fails) * moves:
                if was_down:
                    world.note(place, "hub_works_again", what)
                else:
                    world.note(place, "hub_fails", what)
                was_down = not was_down
            if was_down:
                down.add(name)
        world.break_down(down)

    @staticmethod
    def _hubs(world: World) -> tuple[list[tuple[str, int, str]], Keys]:
        """Hubs as (name, row of the place or -1, what it is), and their keys."""
        key_of_kind = {kind: name_key(kind) for kind in HUBS}
        row_of = {name: row for row, name in enumerate(world.place_names)}
        hubs, kinds = [], []
        nodes = world.points.graph.nodes(data=True)
        for name, data in nodes:
            kind = data.get("tier") or data["type"]
            if kind in HUBS:
                hubs.append((name, row_of.get(data.get("village"), -1), HUBS[kind]))
                kinds.append(key_of_kind[kind])
        places = np.array([place for _, place, _ in hubs])
        place_id = np.where(places >= 0, world.places.id[places], 0)  # 0: the district
        return hubs, key_of(place_id, np.array(kinds, np.uint64))
