"""Wages: set by place, paid by enterprises at home and by cities elsewhere."""

import numpy as np
from numpy.typing import NDArray

from abm.mechanisms.base import Mechanism
from abm.population.households import LOCAL_JOB, MIGRANT
from abm.scenario.parameters import Parameter, values_of
from abm.world.world import OUTSIDE, World


class Wages(Mechanism):
    """The wage of a place moves a quarter of the gap a quarter toward m · city wage · e^{−.15(distance − .6)} ·
    (slack/slack at the start)^−η · e^{θ·v}, slack being the share of workers on own account and v the vacancies of
    the place over its jobs (at most 1): where workers are short, pay rises. A local job pays
    wage · skill · e^{fit/2}; a migrant earns city wage · skill and pays for being away. In the first half year
    away this is wage income; later the migrant is no usual resident, and what is left is sent home as transfer.

    A wage paid by a project under contract to a member of the collective passes their joint-point and is booked
    under its layer; the rate of pay is the same.

    Reads: jobs, skill, distance, project and membership links. Writes: ``wage`` of places; money. Draws: none.
    Source: docs/TRIAL.md, *Closing it*; the statistics office's definition in docs/DESIGN.md, *Results*.
    """

    name, layer = "wages", "background"
    parameters = (
        Parameter("slack_elasticity", 0.08, "elasticity", (0.0, 0.3), "wage setting", "docs/TRIAL.md"),
        Parameter("tightness", 0.5, "log per unit of vacancies over jobs", (0.0, 1.0), "wage setting", "assumed"),
        Parameter("gap_closed", 0.25, "share per quarter", (0.05, 1.0), "wage setting", "docs/TRIAL.md"),
    )  # fmt: skip

    def start(self, world: World) -> None:
        self.base = values_of(world.settings, "start")
        self.away_cost = values_of(world.settings, "migration").away_cost
        self.slack_first = self._slack(world)

    def _slack(self, world: World) -> NDArray[np.float64]:
        own = world.by_place(world.households.own_workers)
        return np.asarray(np.maximum(own / np.maximum(world.places.workers, 1), 0.02))

    @staticmethod
    def _vacancy_rate(world: World) -> NDArray[np.float64]:
        """Vacancies left open last tick over jobs, by place, at most 1."""
        firms, places = world.enterprises, world.places
        still_open = np.bincount(firms.place, weights=firms.vacancies, minlength=len(places))
        jobs = np.bincount(firms.place, weights=firms.workers, minlength=len(places))
        return np.asarray(np.minimum(still_open / np.maximum(jobs, 1.0), 1.0))

    def enterprise(self, world: World) -> None:
        places = world.places
        level = np.where(places.urban, self.base.local_wage_urban, self.base.local_wage_rural)
        distance = np.exp(-self.base.wage_distance * (places.market_distance - 0.6))
        slack = (self._slack(world) / self.slack_first) ** -self.p.slack_elasticity
        tight = np.exp(self.p.tightness * self._vacancy_rate(world))
        target = level * world.outside.wage(world.year) * distance * slack * tight
        closed = 1.0 - (1.0 - self.p.gap_closed) ** (4.0 * world.dt)
        places.wage += closed * (target - places.wage)

    def production(self, world: World) -> None:
        workers, firms, ledger = world.workers, world.enterprises, world.ledger
        rows = np.flatnonzero(workers.activity == LOCAL_JOB)
        employer, household = workers.employer[rows], workers.household[rows]
        pay = world.places.wage[firms.place[employer]] * workers.skill[rows] * np.exp(0.5 * workers.fit[rows])
        pay = pay * world.dt
        owed = np.bincount(employer, weights=pay, minlength=len(firms))
        part = np.minimum(1.0, ledger.yuan("enterprise") / np.maximum(owed, 0.01))
        due = pay * part[employer]  # who cannot pay all pays each the same part, contract or not
        by_contract = self._by_contract(world, employer, household)
        for layer, chosen in (("", ~by_contract), ("interest", by_contract)):
            payer, payee = employer[chosen], household[chosen]
            paid = ledger.transfer(
                ("enterprise", payer), ("household", payee), due[chosen], "local_wage", layer
            )
            firms.profit -= np.bincount(payer, weights=paid / 100.0, minlength=len(firms))
        rows = np.flatnonzero(workers.activity == MIGRANT)
        pay = world.outside.wage(world.year) * workers.skill[rows] * world.dt
        cost = self.away_cost * world.index * world.dt
        settled = workers.ticks_away[rows] * world.dt > 0.5
        new, old = rows[~settled], rows[settled]
        ledger.transfer(OUTSIDE, ("household", workers.household[new]), pay[~settled], "migrant_wage")
        ledger.transfer(("household", workers.household[new]), OUTSIDE, cost, "away_costs")
        sent = np.maximum(pay[settled] - cost, 0.0)
        ledger.transfer(OUTSIDE, ("household", workers.household[old]), sent, "remittance")

    @staticmethod
    def _by_contract(
        world: World, employer: NDArray[np.int64], household: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """Jobs of members in a project of their own place."""
        firms, h = world.enterprises, world.households
        here = firms.place[employer] == h.place[household]
        member = world.points.reaches("membership")[household]
        return np.asarray(firms.contract[employer] & here & member)
