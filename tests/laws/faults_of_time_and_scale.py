"""Planted faults: rates by the tick, and yuan that do not grow with the index."""

import numpy as np

from abm.core.calendar import Calendar
from abm.mechanisms.background.consumption import Consumption
from abm.mechanisms.background.illness import Illness
from abm.mechanisms.background.labour import Labour
from abm.mechanisms.background.needs import Needs
from abm.mechanisms.background.pensions import Pensions
from abm.mechanisms.background.productivity import Productivity
from abm.mechanisms.background.trust import Trust
from abm.world import dated
from abm.world.programmes import Envelope
from abm.world.world import GOVERNMENT, OUTSIDE
from tests.laws.planting import after, fault, instead


@fault("a per-tick rate not scaled by dt", "time")
def _():
    return instead(Calendar, "chance", lambda own: lambda calendar, rate: -np.expm1(-rate / 4.0))


@fault("a benefit of a quarter paid every tick", "time")
def _():
    def pay(rule, world):
        world.ledger.transfer(OUTSIDE, ("household", None), 500.0 * world.index, "disability_allowance")

    return after(Pensions, "distribution", pay)


@fault("skill that grows by the tick", "time")
def _():
    return after(Productivity, "shocks", lambda rule, world: world.households.skill.__iadd__(0.02))


@fault("trust that decays by the tick", "time")
def _():
    return after(Trust, "adaptation", lambda rule, world: world.households.trust.__imul__(0.96))


@fault("disputes that arise by the tick", "time")
def _():
    def quarrel(rule, world):
        h = world.households
        u = world.draws.uniform("needs.quarrel", world.tick, h.key)
        h.dispute |= (u < 0.05) & world.points.inhabited

    return after(Needs, "needs", quarrel)


@fault("illness that ends by the tick", "time")
def _():
    def recover(rule, world):
        h = world.households
        ill = np.flatnonzero(h.ill)
        h.ill[ill[world.draws.uniform("illness.sooner", world.tick, h.key[ill]) < 0.5]] = False

    return after(Illness, "shocks", recover)


@fault("programme money by the tick", "time")
def _():
    ticks = [1.0]

    def of_world(own):
        def fill(world):
            ticks[0] = world.calendar.ticks_per_year / 4.0
            own(world)

        return fill

    def times(own):
        return lambda envelope, year, since=0: own(envelope, year, since) * ticks[0]

    return [instead(dated, "_fill_envelopes", of_world), instead(Envelope, "per_head", times)]


@fault("an absolute yuan constant without the index", "scale")
def _():
    def pay(rule, world):
        world.ledger.transfer(OUTSIDE, ("household", None), 300.0 * world.dt, "disability_allowance")

    return after(Pensions, "distribution", pay)


@fault("a parameter in yuan without the index", "scale")
def _():
    def charge(rule, world):
        world.ledger.transfer(("household", None), OUTSIDE, 0.05 * rule.p.floor * world.dt, "consumption")

    return after(Consumption, "spending", charge)


@fault("a threshold in yuan without the index", "scale")
def _():
    def tire(rule, world):
        h = world.households
        h.trust[world.ledger.yuan("household") < 10_000.0] *= 0.9

    return after(Trust, "adaptation", tire)


@fault("a tax-free sum that never grows", "scale")
def _():
    def tax(rule, world):
        held = world.ledger.yuan("household")
        due = 0.02 * np.maximum(held - 5_000.0, 0.0) * world.dt
        world.ledger.transfer(("household", None), GOVERNMENT, due, "income_tax")

    return after(Consumption, "spending", tax)


@fault("effort that hangs on the number of yuan", "scale")
def _():
    def rest(rule, world):
        h = world.households
        h.busy = np.minimum(h.busy + 0.2 / (1.0 + h.expected_income / 20_000.0), 1.0)

    return after(Labour, "labour", rest)
