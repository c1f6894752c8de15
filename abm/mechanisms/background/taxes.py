"""What the state takes from wages: social contributions and the income tax."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from abm.mechanisms.base import Mechanism
from abm.population.households import LOCAL_JOB
from abm.scenario.parameters import Parameter
from abm.world.world import GOVERNMENT, OUTSIDE, World

Floats = NDArray[np.float64]

BRACKETS = ((0.0, 0.03), (36_000.0, 0.10), (144_000.0, 0.20), (300_000.0, 0.25))
"""Taxable yuan a year from which each rate holds (个人所得税法 2018, comprehensive income; recalled; without the rates
above 25 %)."""


def income_tax(taxable: ArrayLike) -> Floats:
    """Tax of a year on taxable income of a year, yuan; shape of ``taxable``."""
    base = np.maximum(np.asarray(taxable, np.float64), 0.0)
    tax = np.zeros_like(base)
    before = 0.0
    for start, rate in BRACKETS:
        tax += (rate - before) * np.maximum(base - start, 0.0)
        before = rate
    return tax


class Taxes(Mechanism):
    """A worker in a local job pays income tax at the yearly rate of this tick's pay, t = T(pay/Δ − contributions −
    allowance) · Δ, with brackets that grow with the trend. Workers of the registered urban population pay employees'
    social contributions, to the province's funds. Of the tax the district's budget gets a share.

    Both lower disposable income, as transfers paid: so the statistics office books them. Deductions for children, rent
    and parents are left out, as are the tax on own-account work (small farmers and traders are below its lines) and
    that of migrants, who are taxed where they work.

    Reads: ``pay`` of workers. Writes: money. Draws: none.
    Source: 个人所得税法 2018 (allowance and brackets), contribution rates 8 + 2 + .5 % of pay; both recalled.
    """

    name, layer = "taxes", "background"
    parameters = (
        Parameter("allowance", 60000.0, "yuan a year", (0.0, 120000.0), "income tax", "个人所得税法 2018, recalled"),
        Parameter("contributions", 0.105, "share of pay", (0.0, 0.2), "social contributions",
            "pension 8 %, medical 2 %, unemployment .5 %; recalled"),
        Parameter("district_share", 0.2, "share of income tax", (0.0, 0.4), "public budget", "assumed"),
    )  # fmt: skip

    def distribution(self, world: World) -> None:
        workers, h, ledger, dt = world.workers, world.households, world.ledger, world.dt
        employed = np.flatnonzero((workers.activity == LOCAL_JOB) & (workers.pay > 0))
        household, pay = workers.household[employed], workers.pay[employed]
        part = self.p.contributions * (h.urban & h.registered)[household]
        real = pay * (1.0 - part) / (dt * world.index)
        pays = np.flatnonzero(real > self.p.allowance)
        tax = income_tax(real[pays] - self.p.allowance) * world.index * dt
        to_funds = np.bincount(household, weights=part * pay, minlength=len(h))
        taxed = np.bincount(household[pays], weights=tax, minlength=len(h))
        for yuan, payee, kind in (
            (to_funds, OUTSIDE, "social_contributions"),
            (self.p.district_share * taxed, GOVERNMENT, "income_tax"),
            ((1.0 - self.p.district_share) * taxed, OUTSIDE, "income_tax"),
        ):
            rows = np.flatnonzero(yuan > 0)
            ledger.transfer(("household", rows), payee, yuan[rows], kind)
