"""Succession: a new head, a family that divides, a household that dies out."""

from collections.abc import Sequence
from math import sqrt

from abm.population.households import MIGRANT
from tests.reference.agents import Household
from tests.reference.model import Rule
from tests.reference.shared.firms import buy_here
from tests.reference.shared.people import (
    LEAST_TOOLS,
    how_many,
    move,
    move_in,
    move_out,
    owned_by,
    tie_to_kin,
    wind_up,
    within_a_year,
)

TAKEN_ALONG = ("party_member", "standing", "schooling", "worker_effect", "skill", "fortune", "trust",
    "participation", "school_missed", "line", "own_product", "no_credit_until")  # fmt: skip
"""By a family that divides off."""
DIVIDED = ("capital", "expected_income", "income_last", "dibao_received", "own_value")
"""By heads."""


class Succession(Rule):
    name = "succession"

    def people(self) -> None:
        """Heads change; households die out; families divide."""
        m = self.model
        for home in m.households:
            u = m.luck.uniform("succession.head", m.year, home.key)
            if home.inhabited and u < within_a_year(self.p.rate):
                self.new_head(home)
        if m.burning_in:
            return
        self.dissolve()
        self.divide()
        for home in m.households:
            home.cash_first = home.cash

    def new_head(self, home: Household) -> None:
        """x' = ρ x + √(1 − ρ²) ξ in scores, of standing and of what skill and the workers' effect have beyond it."""
        m, kept, first = self.model, self.p.kept, self.model.parameters["synthesis"]
        close = first.rank_correlation

        def next_one(score: float, name: str, spread: float) -> float:
            noise = m.luck.normal(f"succession.{name}", m.year, home.key)
            return kept * score + spread * sqrt(1.0 - kept**2) * noise

        skill = home.skill / first.skill_spread - close * home.standing
        effect = home.worker_effect - close * home.standing
        home.standing = next_one(home.standing, "standing", 1.0)
        beyond = sqrt(1.0 - close**2)
        home.skill = first.skill_spread * (close * home.standing + next_one(skill, "skill", beyond))
        home.worker_effect = close * home.standing + next_one(effect, "effect", beyond)

    # --- dying out ---

    def dissolve(self) -> None:
        """Where nobody grown up is left: orphans to kin, the estate to the heirs or the public."""
        m = self.model
        heirs = {home: self.heirs(home) for home in m.households}
        for home in m.households:
            if home.children > 0 and home.members == home.children:
                if heirs[home]:
                    self.by_lot(home, heirs[home]).children += home.children
                home.children = 0  # without kin they leave the district
        ends = [h for h in m.households if h.members == 0 and (h.inhabited or h.cash > 0)]
        wind_up(m, ends, {home: bool(heirs[home]) for home in ends})
        for home in ends:
            if heirs[home]:
                self.bequeath(home, heirs[home])
            home.capital = LEAST_TOOLS * m.index
        alone = [home for home in ends if not heirs[home]]
        self.to_the_public([home for home in alone if not home.place.urban])
        self.to_the_public([home for home in alone if home.place.urban])
        died_out = [home for home in ends if home.inhabited]
        for place in m.places:
            number = sum(home.place is place for home in died_out)
            if number:
                m.note(place, "households_died_out", str(number))
        for home in died_out:
            move_out(m, home)

    @staticmethod
    def heirs(home: Household) -> list[Household]:
        """Kin with somebody grown up, of a household without."""
        if home.members > home.children:
            return []
        return sorted((k for k in home.ties["kin"] if k.members > k.children), key=lambda k: k.row)

    def by_lot(self, home: Household, heirs: Sequence[Household]) -> Household:
        return min(heirs, key=lambda heir: self.model.luck.uniform("succession.heir", 0, home.key ^ heir.key))

    def bequeath(self, home: Household, heirs: Sequence[Household]) -> None:
        """Money and tools in equal parts, the odd fen to the first; enterprises to the one whose lot it is."""
        m = self.model
        part, odd = divmod(home.fen, len(heirs))
        due = [(home, heir, (part + (odd if i == 0 else 0)) / 100.0) for i, heir in enumerate(heirs)]
        m.ledger.pay_all(due, "inheritance", "background")
        for heir in heirs:
            heir.capital += max(home.capital - LEAST_TOOLS * m.index, 0.0) / len(heirs)
        for firm in owned_by(m, home):
            firm.owner = self.by_lot(home, heirs)

    def to_the_public(self, homes: Sequence[Household]) -> None:
        """To the collectives, of communities to the government, who buy public goods from it in the places."""
        m, orders = self.model, []
        for place in m.places:
            fund = m.government if place.urban else place.collective
            left = [
                m.ledger.pay(home, fund, home.cash, "inheritance") for home in homes if home.place is place
            ]
            if sum(left) > 0:
                orders.append((fund, place, sum(left)))
        buy_here(m, orders)

    # --- dividing ---

    def divide(self) -> None:
        """Two of those at home move to an empty dwelling with their part of children, money, debt and tools."""
        m = self.model
        matched = self.matched()
        for parents, home in matched:
            move_in(home, parents.registered)
            for name in TAKEN_ALONG:
                setattr(home, name, getattr(parents, name))
            persons, able = parents.members, parents.workers
            children = how_many(m, "succession.child", parents, parents.children, 2.0 / able)
            parents.children -= children
            home.children = children
            part = (2 + children) / persons
            home.land_used = home.land
            for name in DIVIDED:
                theirs = part * getattr(parents, name)
                setattr(home, name, theirs)
                setattr(parents, name, getattr(parents, name) - theirs)
            home.debt = round(part * parents.debt)
            parents.debt -= home.debt
            home.residents_last = 2 + children
            parents.residents_last = max(parents.residents_last - 2 - children, 0)
            m.ledger.pay(parents, home, part * parents.cash, "division")
        tie_to_kin(m, matched)
        for parents, home in matched:
            self.new_head(home)
            at_home = [worker for worker in parents.people if worker.activity != MIGRANT]
            by_lot = sorted(at_home, key=lambda w: m.luck.uniform("succession.leaves", m.year, w.key))
            goes = by_lot[:2]
            for worker in [worker for worker in at_home if worker in goes]:
                move(worker, home)

    def matched(self) -> list[tuple[Household, Household]]:
        """Households that divide and the empty dwellings that they get, by lot within each place."""
        m, luck, found = self.model, self.model.luck, []
        for place in m.places:
            wants = [
                home
                for home in place.dwellings
                if home.workers >= self.p.able
                and home.workers - home.migrants >= 3
                and luck.uniform("succession.division", m.year, home.key) < within_a_year(self.p.division)
            ]
            empty = [home for home in place.dwellings if not home.inhabited]
            parents = sorted(wants, key=lambda h: luck.uniform("succession.lot", m.year, h.key))
            homes = sorted(empty, key=lambda h: luck.uniform("succession.dwelling", m.year, h.key))
            found += list(zip(parents, homes, strict=False))
        return found
