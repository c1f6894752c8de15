"""Planted faults: money that comes from nowhere, goes nowhere or is booked as what it is not."""

from abm.core import ledger as books
from abm.core.ledger import Ledger
from abm.mechanisms.background.consumption import Consumption
from abm.mechanisms.background.dibao import Dibao
from abm.mechanisms.background.kin_help import KinHelp
from abm.mechanisms.background.pensions import Pensions
from abm.mechanisms.background.wages import Wages
from abm.records.recorder import Recorder
from tests.laws.planting import after, fault, instead


def _of(rule, world, kind, row, fen):
    world.ledger.balances[kind][row] += fen


@fault("a leaked yuan", "money")
def _():
    return after(Consumption, "spending", lambda rule, world: _of(rule, world, "household", 5, -100))


@fault("a yuan from nowhere", "money")
def _():
    return after(Pensions, "distribution", lambda rule, world: _of(rule, world, "household", 0, 100))


@fault("a yuan that changes hands without an entry", "money")
def _():
    def hand_over(rule, world):
        _of(rule, world, "household", 0, -100)
        _of(rule, world, "enterprise", 0, 100)

    return after(KinHelp, "distribution", hand_over)


@fault("a payment booked against the wrong account", "money")
def _():
    def make(own):
        def move(ledger, payer, paid, payee, received, kind, layer):
            own(ledger, payer, paid, payee, received, kind, layer)
            if kind == "pension":
                ledger.balances["household"][:2] += (-1000, 1000)

        return move

    return instead(Ledger, "_move", make)


@fault("income written outside the ledger's transfers", "money")
def _():
    def write(rule, world):
        world.ledger.income[0, :10] += 5000

    return after(Wages, "production", write)


@fault("double pay", "money")
def _():
    def make(own):
        def move(ledger, payer, paid, payee, received, kind, layer):
            own(ledger, payer, paid, payee, received, kind, layer)
            if kind == "dibao" and int(paid.sum()):
                books._add(ledger.balances[payee[0]], payee[1], received)

        return move

    return instead(Ledger, "_move", make)


@fault("income counted twice", "money")
def _():
    def make(own):
        def move(ledger, payer, paid, payee, received, kind, layer):
            own(ledger, payer, paid, payee, received, kind, layer)
            if kind == "local_wage":
                books._add(ledger.income[0], payee[1], received)

        return move

    return instead(Ledger, "_move", make)


@fault("who has nothing pays nevertheless", "money")
def _():
    return instead(Ledger, "_affordable", lambda own: lambda ledger, kind, rows, due: due)


@fault("a fen more received than paid", "money")
def _():
    def make(own):
        def move(ledger, payer, paid, payee, received, kind, layer):
            more = received.copy()
            more[:1] += kind == "remittance"
            own(ledger, payer, paid, payee, more, kind, layer)

        return move

    return instead(Ledger, "_move", make)


@fault("receipts through a layer that nobody counts", "money")
def _():
    def make(own):
        def move(ledger, payer, paid, payee, received, kind, layer):
            kept = ledger.received.copy()
            own(ledger, payer, paid, payee, received, kind, layer)
            if layer == "social":
                ledger.received[:] = kept

        return move

    return instead(Ledger, "_move", make)


@fault("care that is no consumption", "money")
def _():
    return instead(books, "CONSUMPTION_KINDS", lambda own: own - {"care"})


@fault("a kind of flow missing in the table", "money")
def _():
    def forget(rule, world):
        for key in [key for key in world.ledger.flows if key[2] == "pension"]:
            del world.ledger.flows[key]

    return after(Wages, "production", forget)


@fault("a mean income of more than flowed", "money")
def _():
    def embellish(recorder):
        recorder.years[-1].measures["mean_income"] *= 1.001

    return after(Recorder, "year_end", embellish)


@fault("an outside balance of half of what came in", "money")
def _():
    def halve(recorder):
        recorder.years[-1].measures["outside_net_per_head"] *= 0.5

    return after(Recorder, "year_end", halve)


@fault("last year's income carried over", "money")
def _():
    def make(own):
        def close(ledger):
            income = ledger.income[3].copy()
            flows = own(ledger)
            ledger.income[3] = income
            return flows

        return close

    return instead(Ledger, "close_year", make)


@fault("a rule that fails in its second year", "money")
def _():
    def fail(rule, world):
        if world.year > world.scenario.start_year:
            raise IndexError("index 3 is out of bounds")

    return after(Dibao, "targeting", fail)
