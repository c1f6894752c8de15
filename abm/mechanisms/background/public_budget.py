"""The district's budget, and what becomes of programme money that no active link has spent."""

import numpy as np

from abm.core.names import SECTORS
from abm.mechanisms.base import Mechanism
from abm.scenario.parameters import Parameter, values_of
from abm.world.economics import capital_for, productivity_for
from abm.world.enterprises import found_enterprises
from abm.world.world import GOVERNMENT, OUTSIDE, World


class PublicBudget(Mechanism):
    """Revenue is the sales tax and a grant per resident that is set once and grows with the trend. Mandatory
    spending comes first (dibao, in its own file); what is left at year-end buys public goods from enterprises of
    all places by their people: the same named use in every arm.

    Programme money left over: in a *neutral* budget public money buys public goods from enterprises of the same
    place, and capital founds or strengthens ordinary enterprises there; in a *withheld* one it goes back.

    Reads: envelopes, enterprises. Writes: money, ``public_goods`` of places. Draws: none.
    Source: docs/TRIAL.md, *Closing it*; docs/DESIGN.md, *Same money*.
    """

    name, layer = "public_budget", "background"
    parameters = (
        Parameter("grant", 900.0, "yuan per resident and year", (200.0, 4000.0), "revenue", "assumed"),
        Parameter("smallest", 0.5, "jobs", (0.1, 10.0), "capital worth founding an enterprise with", "assumed"),
        Parameter("largest", 40.0, "jobs", (5.0, 200.0), "capital of a new enterprise at most", "assumed"),
    )  # fmt: skip

    def start(self, world: World) -> None:
        self.shared = values_of(world.settings, "enterprise")

    def distribution(self, world: World) -> None:
        due = self.p.grant * world.index * float(world.residents().sum()) * world.dt
        world.ledger.transfer(OUTSIDE, GOVERNMENT, due, "grant")

    def year_end(self, world: World) -> None:
        places = world.places
        bought = np.zeros(len(places))
        people = world.by_place(world.residents())
        left = max(float(world.ledger.yuan("government")[0]), 0.0)
        for place in range(len(places)):
            share = left * people[place] / people.sum()
            bought[place] += self._buy(world, GOVERNMENT, place, share)
        for envelope in world.envelopes:
            rest = world.ledger.yuan("programme", envelope.accounts)
            for place in np.flatnonzero(rest > 0).tolist():
                account = ("programme", int(envelope.accounts[place]))
                if world.budget == "withheld":
                    world.ledger.transfer(account, OUTSIDE, rest[place], "envelope_return")
                elif envelope.purse == "public":
                    bought[place] += self._buy(world, account, place, rest[place])
                else:
                    self._found(world, account, place, rest[place])
        places.public_goods = bought

    @staticmethod
    def _buy(world: World, payer: tuple[str, int], place: int, yuan: float) -> float:
        """Public goods from the enterprises of a place; from elsewhere where there are none. Yuan spent here."""
        firms = world.enterprises
        rows = np.flatnonzero(firms.open & (firms.place == place) & (firms.capital > 0))
        if len(rows) == 0:
            world.ledger.transfer(payer, OUTSIDE, yuan, "public_goods")
            return 0.0
        paid = world.ledger.clear(payer, yuan, ("enterprise", rows), firms.capital[rows], "public_goods")
        return float(paid.sum()) / 100.0

    def _found(self, world: World, payer: tuple[str, int], place: int, yuan: float) -> None:
        """Capital for an ordinary enterprise of the place: a new one, or one that is there."""
        firms, wage = world.enterprises, world.places.wage[place]
        of_one_job = float(capital_for(self.shared, np.array(1.0), wage))
        here = np.flatnonzero(firms.open & (firms.place == place) & ~firms.project)
        jobs = min(yuan / of_one_job, self.p.largest)
        if jobs >= self.p.smallest or len(here) == 0:
            sector = int(np.argmax(world.places.amenity[place])) % len(SECTORS)
            where = np.array([place])
            a = productivity_for(self.shared, world.index, np.array([jobs]), np.array([wage]))
            rows = found_enterprises(world, where, np.array([sector]), np.array([-1]), np.array([0.0]), a)
        else:
            rows = here[:1]
        world.ledger.transfer(payer, ("enterprise", rows), yuan, "founding_capital")
        spent = world.ledger.transfer(("enterprise", rows), OUTSIDE, 0.9 * yuan, "enterprise_investment")
        firms.capital[rows] += spent / 100.0
