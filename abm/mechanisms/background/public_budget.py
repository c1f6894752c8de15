"""The district's budget, and what becomes of programme money that no active link has spent."""

import numpy as np

from abm.mechanisms.base import Mechanism
from abm.scenario.parameters import Parameter
from abm.world.capital import lay_out
from abm.world.enterprises import buy_here
from abm.world.world import GOVERNMENT, OUTSIDE, World


class PublicBudget(Mechanism):
    """Revenue is the sales tax and a grant per person that is set once and grows with the trend. Mandatory
    spending comes first (dibao, in its own file); what is left at year-end buys public goods from enterprises of
    all places by their people: the same named use in every arm.

    Programme money left over: in a *neutral* budget public money buys public goods from enterprises of the same
    place, and capital founds or strengthens enterprises there (where ``project`` is among the rules it has done so);
    in a *withheld* one it goes back.

    Reads: envelopes, enterprises. Writes: money, ``public_orders`` of places. Draws: none.
    Source: docs/TRIAL.md, *Closing it*; docs/DESIGN.md, *Same money*.
    """

    name, layer = "public_budget", "background"
    parameters = (
        Parameter("grant", 900.0, "yuan per person and year", (200.0, 4000.0), "revenue", "assumed"),
    )  # fmt: skip

    def distribution(self, world: World) -> None:
        due = self.p.grant * world.index * float(world.places.members_first.sum()) * world.dt
        world.ledger.transfer(OUTSIDE, GOVERNMENT, due, "grant")

    def year_end(self, world: World) -> None:
        people = world.places.members / world.places.members.sum()
        everywhere = np.arange(len(people))
        left = max(float(world.ledger.yuan("government")[0]), 0.0)
        buy_here(world, ("government", np.zeros_like(everywhere)), everywhere, left * people)
        for envelope in world.envelopes:
            rest = world.ledger.yuan("programme", envelope.accounts)
            if world.budget == "withheld":
                world.ledger.transfer(("programme", envelope.accounts), OUTSIDE, rest, "envelope_return")
            elif envelope.purse == "public":
                buy_here(world, ("programme", envelope.accounts), everywhere, rest)
            else:
                for place in np.flatnonzero(rest > 0).tolist():
                    lay_out(world, ("programme", int(envelope.accounts[place])), place, float(rest[place]))
