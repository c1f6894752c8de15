"""Wages: set by place, paid by enterprises at home and by cities elsewhere."""

import numpy as np
from numpy.typing import NDArray

from abm.mechanisms.base import Mechanism
from abm.population.households import LOCAL_JOB, MIGRANT
from abm.scenario.parameters import Parameter, values_of
from abm.world.world import OUTSIDE, World


class Wages(Mechanism):
    """The wage of a place moves a quarter of the gap a quarter toward m · city wage · e^{−.15(distance − .6)}
    · (slack/slack at the start)^−η · e^{θ·v}, slack being the share of workers on own account when wages
    were last paid and v the vacancies left open in the place at the months' ends over its jobs, smoothed
    over about a year and drawn toward the district's where jobs are few: where workers are short, pay
    rises. Without the last two factors it is the usual wage, which founders of enterprises plan with. At a
    new year pay follows the trend at once, as prices do. A local job pays wage · skill · e^{terms}
    (``labour``), a migrant earns city wage · skill and pays for being away; who has somebody ill at home
    works less, and of what is lost so the sick pay makes good a share. In the first half year away this is
    wage income; later the migrant is no usual resident, and a share of what is left is sent home as transfer
    (the rest is spent or saved in the city).

    A wage paid by a project under contract to a member of the collective passes their joint-point and is booked
    under its layer; the rate of pay is the same.

    Reads: jobs, skill, distance, illness, project and membership links. Writes: ``wage`` and ``usual_wage`` of
    places, ``pay``; money. Draws: none.
    Source: docs/TRIAL.md, *Closing it*; the statistics office's definition in docs/DESIGN.md, *Results*.
    """

    name, layer = "wages", "background"
    requires = ("migration", "own_account")
    parameters = (
        Parameter("slack_elasticity", 0.08, "elasticity", (0.0, 0.3), "wage setting", "docs/TRIAL.md"),
        Parameter("tightness", 1.0, "log per unit of vacancies over jobs", (0.0, 2.0), "wage setting", "assumed"),
        Parameter("memory", 1.0, "1/year", (0.3, 4.0), "vacancies that wages look at", "assumed"),
        Parameter("gap_closed", 0.25, "share per quarter", (0.05, 1.0), "wage setting", "docs/TRIAL.md"),
        Parameter("sick_pay", 0.5, "share of pay", (0.0, 1.0), "for time lost by illness at home", "assumed"),
        Parameter("remitted", 0.6, "share of pay beyond the costs of being away", (0.2, 1.0), "remittances", "assumed"),
    )  # fmt: skip
    columns = (("places", "shortage", np.float64, 0.0),)

    def start(self, world: World) -> None:
        self.illness_loss = values_of(world.settings, "own_account").illness_loss
        self.base = values_of(world.settings, "start")
        self.away_cost = values_of(world.settings, "migration").away_cost
        self.slack_first = self.slack = self._slack(world)

    def _slack(self, world: World) -> NDArray[np.float64]:
        own = world.by_place(world.households.own_workers)
        return np.asarray(np.maximum(own / np.maximum(world.places.workers, 1), 0.02))

    def _shortage(self, world: World) -> NDArray[np.float64]:
        """Vacancies left open over jobs by place, at most 1, smoothed; ten of the district's jobs count with each
        place's own."""
        firms, places = world.enterprises, world.places
        still_open = np.bincount(firms.place, weights=firms.unfilled, minlength=len(places))
        jobs = np.bincount(firms.place, weights=firms.workers, minlength=len(places))
        usual = still_open.sum() / max(jobs.sum(), 1.0)
        now = np.minimum((still_open + 10.0 * usual) / (jobs + 10.0), 1.0)
        places.shortage += (1.0 - world.calendar.kept(self.p.memory)) * (now - places.shortage)
        return places.shortage

    def calendar(self, world: World) -> None:
        """Wages follow the trend before anybody plans by them: not this year's prices with last year's wages."""
        if world.calendar.year_begins and world.tick > 0:
            trend = world.index / world.outside.index(world.year - 1)
            world.places.wage *= trend
            world.places.usual_wage *= trend

    def enterprise(self, world: World) -> None:
        places = world.places
        level = np.where(places.urban, self.base.local_wage_urban, self.base.local_wage_rural)
        distance = np.exp(-self.base.wage_distance * (places.market_distance - 0.6))
        slack = (self.slack / self.slack_first) ** -self.p.slack_elasticity
        tight = np.exp(self.p.tightness * self._shortage(world))
        places.usual_wage = level * world.outside.wage(world.year) * distance
        target = places.usual_wage * slack * tight
        closed = 1.0 - (1.0 - self.p.gap_closed) ** (4.0 * world.dt)
        places.wage += closed * (target - places.wage)

    def production(self, world: World) -> None:
        workers, firms, ledger = world.workers, world.enterprises, world.ledger
        workers.pay = 0.0
        self.slack = self._slack(world)  # not when enterprises have just closed, the more the longer the tick
        rows = np.flatnonzero(workers.activity == LOCAL_JOB)
        employer, household = workers.employer[rows], workers.household[rows]
        time_at_work = self._time_at_work(world)
        pay = world.places.wage[firms.place][employer] * workers.skill[rows] * np.exp(workers.terms[rows])
        pay = pay * time_at_work[household] * world.dt
        owed = np.bincount(employer, weights=pay, minlength=len(firms))
        part = np.minimum(1.0, ledger.yuan("enterprise") / np.maximum(owed, 0.01))
        due = pay * part[employer]  # who cannot pay all pays each the same part, contract or not
        by_contract = self._by_contract(world, employer, household)
        for layer, part_of in (("", ~by_contract), ("interest", by_contract)):
            chosen = np.flatnonzero(part_of)  # faster than a mask, where used often
            payer, payee = employer[chosen], household[chosen]
            paid = ledger.transfer(
                ("enterprise", payer), ("household", payee), due[chosen], "local_wage", layer
            )
            firms.profit -= np.bincount(payer, weights=paid / 100.0, minlength=len(firms))
            workers.pay[rows[chosen]] = paid / 100.0
        rows = np.flatnonzero(workers.activity == MIGRANT)
        at_work = time_at_work[workers.household[rows]]
        pay = world.outside.wage(world.year) * workers.skill[rows] * at_work * world.dt
        cost = self.away_cost * world.index * world.dt
        settled = world.settled(rows)
        new, old = rows[~settled], rows[settled]
        ledger.transfer(OUTSIDE, ("household", workers.household[new]), pay[~settled], "migrant_wage")
        ledger.transfer(("household", workers.household[new]), OUTSIDE, cost, "away_costs")
        sent = self.p.remitted * np.maximum(pay[settled] - cost, 0.0)
        ledger.transfer(OUTSIDE, ("household", workers.household[old]), sent, "remittance")

    def _time_at_work(self, world: World) -> NDArray[np.float64]:
        """Share of full pay that each household's workers get: illness at home takes the rest, less sick pay."""
        h = world.households
        lost = (1.0 - self.p.sick_pay) * self.illness_loss * h.ill / np.maximum(h.workers, 1)
        return np.asarray(1.0 - lost)

    @staticmethod
    def _by_contract(
        world: World, employer: NDArray[np.int64], household: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """Jobs of members in a project under contract with their collective."""
        firms, h = world.enterprises, world.households
        jobs = firms.contract[employer]
        few = np.flatnonzero(jobs)
        employer, household = employer[few], household[few]
        here = firms.contract_with[employer] == h.place[household]
        jobs[few] = here & world.points.reaches("membership")[household]
        return jobs
