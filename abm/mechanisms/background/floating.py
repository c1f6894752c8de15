"""The floating population (流动人口): households without registration in the district leave, others come."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import pdtr

from abm.core.draws import key_of
from abm.mechanisms.base import Mechanism
from abm.population.synthesis import LARGEST_HOUSEHOLD
from abm.scenario.parameters import Parameter, values_of
from abm.world import people
from abm.world.world import OUTSIDE, World

Rows = NDArray[np.int64]


class Floating(Mechanism):
    """A household without local registration leaves at a rate, at a higher one when none of its workers has a local
    job. The insurance pays what it owes it, tools and shares in enterprises are sold to buyers elsewhere at book value,
    debt is repaid (the rest is the bank's loss), and the money goes along. An empty flat of a community, one just left
    too, is let at a rate a · (1 + b · v), v being the open vacancies of the district over its jobs: where work is,
    people come. Newcomers have household size, schooling, skill and moving cost as in the synthesis of communities, but
    no elders; they bring money, buy tools from it by the rule of investment, and look for work from own account. Kin
    they have none here. Trust, participation and the first idea of a product are the means of the place. Once a year
    and not in the burn-in.

    Reads: ``registered``, jobs, vacancies, empty dwellings. Writes: members, workers; money. Draws: households without
    registration, empty flats, newcomers.
    Source: 000_dc7ebc0f9aeec511.txt, 二 (二): about 110 000 of 325 200 people are floating; rates assumed.
    """

    name, layer = "floating", "background"
    requires = ("productivity",)
    parameters = (
        Parameter("leaves", 0.06, "1/year", (0.03, 0.3), "households with a local job", "assumed"),
        Parameter("leaves_jobless", 0.15, "1/year", (0.05, 0.6), "households without any", "assumed"),
        Parameter("arrival", 1.5, "1/year per empty flat", (0.2, 3.0), "a flat is let", "assumed"),
        Parameter("pull", 5.0, "per unit of vacancies over jobs", (0.0, 20.0), "arrivals", "assumed"),
        Parameter("child", 0.3, "probability", (0.1, 0.6), "newcomers beyond the first who are children", "assumed"),
        Parameter("cash", 15000.0, "yuan per person", (2000.0, 40000.0), "brought along", "assumed"),
    )  # fmt: skip

    def people(self, world: World) -> None:
        if world.burning_in:
            return
        self._leave(world)
        self._come(world)
        world.households.cash_first = world.ledger.yuan("household")

    def _leave(self, world: World) -> None:
        h = world.households
        rows = np.flatnonzero(~h.registered & world.points.inhabited)
        rate = np.where(h.local_workers[rows] > 0, self.p.leaves, self.p.leaves_jobless)
        leave = world.draws.uniform("floating.leaves", world.year, h.key[rows]) < people.chance(rate)
        people.leave_district(world, rows[leave])

    def _come(self, world: World) -> None:
        h, draws, firms = world.households, world.draws, world.enterprises
        v = float(firms.vacancies.sum()) / max(float(firms.workers.sum()), 1.0)
        flats = np.flatnonzero(people.empty_dwellings(world) & h.urban)
        coming = draws.uniform("floating.comes", world.year, h.key[flats]) < people.chance(
            self.p.arrival * (1.0 + self.p.pull * v)
        )
        rows = flats[coming]
        if len(rows):
            self._arrive(world, rows)

    def _arrive(self, world: World, rows: Rows) -> None:
        h, draws = world.households, world.draws
        first = values_of(world.settings, "synthesis")
        people.move_in(world, rows, np.zeros(len(rows), bool))
        keys = h.key[rows]
        h.party_member[rows] = False
        h.standing[rows] = draws.normal("population.standing", 0, keys)
        mean = world.scenario.population.urban_household_size - 1.0
        mean = mean * np.exp(-first.size_gradient * h.standing[rows])
        u = draws.uniform("floating.size", 0, keys)
        further = np.zeros(len(h), np.int64)
        for k in range(LARGEST_HOUSEHOLD - 1):  # inverse CDF of the Poisson, as in the synthesis
            further[rows] += u > pdtr(k, mean)
        child = np.full(len(rows), self.p.child)
        h.children[rows] = people.meets_at(world, "floating.child", further, rows, child)
        close = first.rank_correlation

        def score(name: str) -> NDArray[np.float64]:
            noise = np.sqrt(1.0 - close**2) * draws.normal(f"population.{name}", 0, keys)
            return np.asarray(close * h.standing[rows] + noise)

        spread = np.sqrt(values_of(world.settings, "productivity").variance)
        h.fortune[rows] = spread * draws.normal("floating.fortune", 0, keys)
        schooling = np.clip(first.schooling_urban + first.schooling_spread * score("schooling"), 0.0, 19.0)
        h.skill[rows] = first.skill_spread * score("skill")
        h.worker_effect[rows] = score("worker_effect")
        # before they have moved in, so that an empty flat is no part of its place's mean
        inhabited = world.points.inhabited.copy()
        inhabited[rows] = False
        number = np.maximum(world.by_place(inhabited), 1.0)
        for name in ("trust", "participation", "own_product"):
            h[name][rows] = (world.by_place(h[name] * inhabited) / number)[h.place[rows]]
        counts = 1 + further[rows] - h.children[rows]
        household = np.repeat(rows, counts)
        order = np.arange(len(household)) - np.repeat(np.cumsum(counts) - counts, counts)
        people.join(world, household, key_of(h.key[household], order), np.repeat(schooling, counts))
        persons = counts + h.children[rows]
        h.expected_income[rows] = world.places.wage[h.place[rows]] * counts
        h.own_value[rows] = h.own_product[rows] * counts
        h.income_last[rows] = h.expected_income[rows]
        h.residents_last[rows] = persons
        brought = self.p.cash * world.index * persons
        world.ledger.transfer(OUTSIDE, ("household", rows), brought, "moved_in")
