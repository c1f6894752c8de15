"""Illness: work lost, care to be paid, insurance that pays at once or on a claim."""

import numpy as np

from abm.mechanisms.base import Mechanism
from abm.population.households import members
from abm.scenario.parameters import Parameter
from abm.world.credit import borrow
from abm.world.world import OUTSIDE, World


class Illness(Mechanism):
    """A household falls ill at rate r · (.5 + .5 · share of elders); care costs a lognormal sum once.

    It lasts the longer the more of them are old: recovery r′ · (1 − chronic · share of elders).

    The insurance reimburses those insured (``insurance``) a share of what was treated: on the spot, so that the
    household owes the rest only, or on a claim that it has to get through afterwards (needs). Others pay all.
    Care is paid from cash, after kin and neighbours have helped, then on credit; what nobody pays is forgone, and
    who goes untreated is ill for longer.

    Reads: members, cash, ``insured``. Writes: ``ill``, ``untreated``, ``care_due``, ``claim``. Draws: onset for every
    household, recovery for the ill, cost and kind of settlement for the newly ill.
    Source: docs/TRIAL.md, starting values; 003_19841ef29fc91a24.txt for illness as first cause of poverty.
    """

    name, layer = "illness", "background"
    parameters = (
        Parameter("rate", 0.12, "1/year", (0.05, 0.3), "who falls ill", "docs/TRIAL.md"),
        Parameter("cost", 9000.0, "yuan", (3000.0, 20000.0), "mean cost of care", "docs/TRIAL.md"),
        Parameter("cost_spread", 0.9, "log standard deviation", (0.4, 1.4), "cost of care", "docs/TRIAL.md"),
        Parameter("reimbursed", 0.55, "share of cost", (0.3, 0.9), "insurance", "docs/TRIAL.md"),
        Parameter("on_the_spot", 0.6, "share of cases", (0.0, 1.0), "insurance settled without a claim", "assumed"),
        Parameter("recovery", 2.0, "1/year", (0.5, 6.0), "end of an illness", "assumed"),
        Parameter("chronic", 0.5, "share", (0.0, 0.9), "how much slower elders recover", "assumed"),
        Parameter("recovery_untreated", 1.0, "1/year", (0.2, 3.0), "end of an illness without care", "assumed"),
    )  # fmt: skip

    columns = (("households", "on_the_spot", np.bool_, False),)

    def shocks(self, world: World) -> None:
        h, draws, chance = world.households, world.draws, world.calendar.chance
        persons = members(h)
        old = h.elders / np.maximum(persons, 1)
        ill = np.flatnonzero(h.ill)
        rate = np.where(h.untreated[ill], self.p.recovery_untreated, self.p.recovery)
        # the tick of the onset counts whole, so a chance of rate · Δ gives spells of 1/rate at any Δ
        well_again = np.minimum(rate * (1.0 - self.p.chronic * old[ill]) * world.dt, 1.0)
        over = ill[draws.uniform("illness.recovery", world.tick, h.key[ill]) < well_again]
        h.ill[over] = False
        h.untreated[over] = False
        # a chance per tick is nearly linear in the rate, so the elders' share enters as a factor
        onset = chance(self.p.rate) * (0.5 + 0.5 * old)
        new = np.flatnonzero(
            ~h.ill & (persons > 0) & (draws.uniform("illness.onset", world.tick, h.key) < onset)
        )
        keys, spread = h.key[new], self.p.cost_spread
        size = np.exp(spread * draws.normal("illness.cost", world.tick, keys) - 0.5 * spread**2)
        cost = self.p.cost * world.index * size
        h.ill[new] = True
        at_once = draws.uniform("illness.settlement", world.tick, keys) < self.p.on_the_spot
        h.on_the_spot[new] = at_once & h.insured[new]
        h.care_due[new] = cost * np.where(h.on_the_spot[new], 1.0 - self.p.reimbursed, 1.0)

    def spending(self, world: World) -> None:
        h = world.households
        rows = np.flatnonzero(h.care_due > 0)
        due = h.care_due[rows]
        lack = np.maximum(due - world.ledger.yuan("household", rows), 0.0)
        short = lack > 0
        borrow(world, rows[short], lack[short])
        paid = world.ledger.transfer(("household", rows), OUTSIDE, due, "care") / 100.0
        h.untreated[rows] = paid < 0.9 * due
        spot = h.on_the_spot[rows]
        share = self.p.reimbursed
        direct, treated = rows[spot], paid[spot] * share / (1.0 - share)
        world.ledger.transfer(OUTSIDE, ("household", direct), treated, "reimbursement")
        world.ledger.transfer(("household", direct), OUTSIDE, treated, "care")
        claims = ~spot & h.insured[rows]
        h.claim[rows[claims]] += share * paid[claims]
