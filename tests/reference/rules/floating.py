"""The floating population (流动人口)."""

from math import exp, sqrt

from abm.population.synthesis import LARGEST_HOUSEHOLD
from tests.reference.agents import Household
from tests.reference.luck import key_of
from tests.reference.model import Rule
from tests.reference.shared.people import how_many, join, move_in, move_out, wind_up, within_a_year


class Floating(Rule):
    name = "floating"

    def people(self) -> None:
        """Households without local registration leave, others come into empty flats."""
        m = self.model
        if m.burning_in:
            return
        self.leave()
        self.come()
        for home in m.households:
            home.cash_first = home.cash

    def leave(self) -> None:
        """At a rate, the jobless at a higher one; with all that they have."""
        m, going = self.model, []
        for home in m.households:
            rate = self.p.leaves if home.local_workers > 0 else self.p.leaves_jobless
            u = m.luck.uniform("floating.leaves", m.year, home.key)
            if home.inhabited and not home.registered and u < within_a_year(rate):
                going.append(home)
        wind_up(m, going, dict.fromkeys(going, False))
        for home in going:
            m.ledger.pay(home, m.outside, home.cash, "moved_out")
            move_out(m, home)

    def come(self) -> None:
        """An empty flat is let at a rate a · (1 + b · v)."""
        m = self.model
        jobs = sum(firm.workers for firm in m.firms)
        v = sum(firm.vacancies for firm in m.firms) / max(jobs, 1)
        let = within_a_year(self.p.arrival * (1.0 + self.p.pull * v))
        flats = [
            home
            for home in m.households
            if home.urban and not home.inhabited and m.luck.uniform("floating.comes", m.year, home.key) < let
        ]
        usual = {place: self.usual([h for h in place.dwellings if h.inhabited]) for place in m.places}
        for home in flats:
            self.arrive(home, usual[home.place])

    @staticmethod
    def usual(homes: list[Household]) -> dict[str, float]:
        """Means of those who live in a place."""
        names = ("trust", "participation", "own_product")
        return {name: sum(getattr(home, name) for home in homes) / max(len(homes), 1) for name in names}

    def arrive(self, home: Household, usual: dict[str, float]) -> None:
        """Newcomers as in the synthesis of communities, but no elders."""
        m, first, luck = self.model, self.model.parameters["synthesis"], self.model.luck
        move_in(home, registered=False)
        home.party_member = False
        home.standing = luck.normal("population.standing", 0, home.key)
        close = first.rank_correlation

        def score(name: str) -> float:
            noise = luck.normal(f"population.{name}", 0, home.key)
            return close * home.standing + sqrt(1.0 - close**2) * noise

        further = self.further_members(home)
        home.children = how_many(m, "floating.child", home, further, self.p.child)
        grown = 1 + further - home.children
        spread = sqrt(m.parameters["productivity"].variance)
        home.fortune = spread * luck.normal("floating.fortune", 0, home.key)
        years = first.schooling_urban + first.schooling_spread * score("schooling")
        home.skill = first.skill_spread * score("skill")
        home.worker_effect = score("worker_effect")
        for name, mean in usual.items():
            setattr(home, name, mean)
        for k in range(grown):
            join(m, home, key_of(home.key, k), min(max(years, 0.0), 19.0))
        home.expected_income = home.income_last = home.place.wage * grown
        home.own_value = home.own_product * grown
        home.residents_last = home.members
        m.ledger.pay(m.outside, home, self.p.cash * m.index * home.members, "moved_in")

    def further_members(self, home: Household) -> int:
        """Beyond the first: a Poisson number by inverse CDF, smaller the better the standing."""
        m, gradient = self.model, self.model.parameters["synthesis"].size_gradient
        mean = (m.urban_household_size - 1.0) * exp(-gradient * home.standing)
        u = m.luck.uniform("floating.size", 0, home.key)
        number, term = 0, exp(-mean)
        below = term
        while u > below and number < LARGEST_HOUSEHOLD - 1:
            number += 1
            term *= mean / number
            below += term
        return number
