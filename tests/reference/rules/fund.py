"""The common-prosperity fund: three sources, and what is paid out of it."""

from collections.abc import Callable
from math import ceil, sqrt

from tests.reference.agents import Household, Place
from tests.reference.model import Rule
from tests.reference.shared.choosing import members_first
from tests.reference.shared.credit import spare_cash
from tests.reference.shared.firms import buy_here
from tests.reference.shared.helping import in_need
from tests.reference.shared.people import how_many, within_a_year
from tests.reference.shared.subsidies import Applicant, offers, small_foundings, start_ups

STEPS = ((1.5, 4.0), (0.8, 2.0), (0.0, 1.0))
"""Marks, in standard deviations, from which a reward is paid, and its size in first steps."""


class Fund(Rule):
    name = "fund"
    remembers = ("spent",)
    knows = ("with_children", "committee", "donors", "returned")

    def start(self) -> None:
        """Nobody sits, gives or has come home yet."""
        self.with_children = self.committee = self.donors = self.returned = []
        self.spent = self.nothing()

    def nothing(self) -> list[list[float]]:
        """Spent this year, by use and place."""
        return [[0.0 for _ in self.model.places] for _ in range(3)]

    # --- who ---

    def ties(self) -> None:
        """At the start of a year: the committee, and who did well and gives."""
        m = self.model
        if not m.year_begins:
            return
        self.with_children, self.committee, self.donors = [], [], []
        self.spent = self.nothing()
        for place in m.places:
            linked = [home for home in place.dwellings if home.reaches("fund")]
            self.with_children += [home for home in linked if home.children > 0]
            seats = ceil(self.p.committee * len(linked))
            self.committee += members_first(m, "fund.committee", m.year, linked)[:seats]
            self.donors += [home for home in self.well_off(place, linked) if self.gives(home)]

    def well_off(self, place: Place, linked: list[Household]) -> list[Household]:
        """With an income per head above a multiple of their village's."""
        people = sum(home.residents_last for home in place.dwellings)
        mean = sum(home.income_last for home in place.dwellings) / max(people, 1)
        least = self.p.well_off * max(mean, 0.0)
        return [home for home in linked if home.income_last / max(home.residents_last, 1) > least]

    def gives(self, home: Household) -> bool:
        return self.model.luck.uniform("fund.gives", self.model.year, home.key) < home.trust

    def targeting(self) -> None:
        """Help in hardship is lost by earning: what came of it of late fades over a year."""
        for home in self.model.households:
            home.aid_seen *= self.model.kept(1.0)
            if home.reaches("fund"):
                home.at_stake += home.aid_seen

    def enterprise(self) -> None:
        """Who is away before this tick's moves."""
        for home in self.model.households:
            home.away_before = home.migrants

    def labour(self) -> None:
        """Whose migrant has come home."""
        self.returned = [
            home
            for home in self.model.households
            if home.migrants < home.away_before and home.own_workers > 0
        ]

    def applies(self, home: Household, use: str) -> bool:
        """Once a year who is in the case applies or not."""
        u = self.model.luck.uniform(f"fund.applies_{use}", self.model.year, home.key)
        return u < self.p.applies and home.reaches("fund")

    # --- the tick ---

    def distribution(self) -> None:
        """Gifts come in; school, hardship and return are paid for."""
        m = self.model
        self.know_ties()
        if not any(home.reaches("fund") for home in m.households):
            return
        if m.tick % m.ticks_per_year == m.ticks_per_year // 2:
            self.spend(0, self.reward, self.budgets(1)[0])
        self.collect()
        school, hardship, _ = self.budgets(m.ticks_left)
        _, _, returning = self.budgets(1)
        self.spend(0, self.pay_for_school, school)
        self.spend(1, self.relieve, hardship)
        self.spend(2, self.help_returned, returning)

    def budgets(self, ticks: int) -> list[dict[Place, float]]:
        """For school, hardship and return: a tick's part, of so many, of what is left of its share of the year's
        money."""
        shares = (self.p.for_school, self.p.for_hardship, self.p.for_return)
        too_much = max(1.0, sum(shares))
        found: list[dict[Place, float]] = [{}, {}, {}]
        for place in self.model.places:
            had = place.fund.cash + sum(spent[place.row] for spent in self.spent)
            for use, share in enumerate(shares):
                due = share / too_much * had - self.spent[use][place.row]
                found[use][place] = min(max(due, 0.0), place.fund.cash) / ticks
        return found

    def spend(
        self, use: int, pay: Callable[[dict[Place, float]], object], budget: dict[Place, float]
    ) -> None:
        """Pay, and keep account of what it took."""
        before = {place: place.fund.cash for place in self.model.places}
        pay(budget)
        for place, yuan in before.items():
            self.spent[use][place.row] += yuan - place.fund.cash

    def know_ties(self) -> None:
        """A tie is being of the committee, kin or mutual aid with one of them."""
        sit = {home for home in self.committee if home.reaches("fund")}
        near = {other for home in sit for kind in ("kin", "mutual_aid") for other in home.ties[kind]}
        for home in self.model.households:
            home.fund_tied = home in near or home in sit

    def collect(self) -> None:
        """A share of income, out of spare cash."""
        m = self.model
        for home in self.donors:
            if home.reaches("fund"):
                due = min(self.p.gift * m.dt * home.income_last, spare_cash(m, home))
                m.ledger.pay(home, home.place.fund, max(due, 0.0), "fund_gift", "social")
                m.messages["social"] += m.dt

    def reward(self, budget: dict[Place, float]) -> None:
        """By step to those who pass the examination of the year; all get the same part where money is short."""
        m = self.model
        due = {home: self.rewarded(home) for home in self.with_children if home.reaches("fund")}
        for place in m.places:
            here = {home: yuan for home, yuan in due.items() if home.place is place}
            part = min(budget[place] / max(sum(here.values()), 0.01), 1.0)
            payments = [(place.fund, home, part * yuan) for home, yuan in here.items()]
            m.ledger.pay_all(payments, "exam_reward", "social")

    def rewarded(self, home: Household) -> float:
        """What its examined would get, yuan: marks follow their parents' schooling."""
        m, p, first = self.model, self.p, self.model.parameters["synthesis"]
        examined = how_many(m, "fund.examined", home, home.children, within_a_year(p.examined))
        parents = (home.schooling - first.schooling_rural) / first.schooling_spread
        noise = m.luck.normal("fund.marks", m.year, home.key)
        marks = p.from_parents * parents + sqrt(1.0 - p.from_parents**2) * noise
        size = next((size for least, size in STEPS if marks >= least), 0.0)
        return p.reward * m.index * examined * size

    def food(self, home: Household) -> float:
        """Of this tick, yuan."""
        m = self.model
        return m.parameters["consumption"].floor * m.index * m.dt * home.residents

    def pay_for_school(self, budget: dict[Place, float]) -> None:
        """Where a family cannot pay the fee after food and care, at most so much a pupil."""
        m, school, found = self.model, self.model.parameters["schooling"], []
        for home in self.with_children:
            if budget[home.place] <= 0 or not self.applies(home, "school"):
                continue
            pupils = school.pupils * home.children * m.index * m.dt
            fee = school.fee * pupils
            lack = fee - max(home.cash - self.food(home) - home.care_due, 0.0)
            if lack > 1.0:
                found.append(Applicant(home, min(lack, self.p.aid * pupils), lack / max(fee, 0.01)))
        self.award(found, budget, "scholarship")

    def relieve(self, budget: dict[Place, float]) -> None:
        """Those still in need after kin and neighbours have helped."""
        if not any(budget.values()):
            return
        m = self.model
        lack = in_need(m, m.parameters["consumption"].floor * m.index)
        found = [
            Applicant(home, yuan, min(yuan / max(self.food(home), 1.0), 1.0))
            for home, yuan in lack.items()
            if self.applies(home, "hardship")
        ]
        for home, yuan in self.award(found, budget, "hardship_aid").items():
            kept = self.model.kept(1.0)
            home.aid_seen += yuan * (1.0 - kept) / (kept * self.model.dt)

    def award(self, needy: list[Applicant], budget: dict[Place, float], kind: str) -> dict[Household, float]:
        """The committee ranks by need + favour · tie. Who would have got more by need alone sees it."""
        m = self.model
        favoured = [Applicant(home, due, need + self.p.favour * home.fund_tied) for home, due, need in needy]
        given, by_need = (offers(m, budget, each, f"fund.lot_{kind}") for each in (favoured, needy))
        m.ledger.pay_all([(home.place.fund, home, yuan) for home, yuan in given.items()], kind, "social")
        for home, yuan in given.items():
            if yuan < by_need[home] - 0.005:
                home.trust *= (1.0 - self.p.wound) ** (4.0 * m.dt)
            if yuan > 0.005:  # met once a quarter, in however many ticks
                home.contact += 4.0 * m.dt
                m.messages["social"] += 4.0 * m.dt
        return given

    def help_returned(self, budget: dict[Place, float]) -> None:
        """Who has come home founds a small enterprise or, if it cannot, enlarges its own business."""
        m, p = self.model, self.p
        came = [home for home in self.returned if self.applies(home, "return")]
        before = {place: place.fund.cash for place in m.places}
        purse = {place: place.fund for place in m.places}
        merit = {home: p.favour * home.fund_tied for home in came}
        founders = small_foundings(m, purse, budget, merit, p.jobs, p.matched, "fund.lot_founding", "social")
        left = {place: max(yuan - (before[place] - place.fund.cash), 0.0) for place, yuan in budget.items()}
        others = [Applicant(home, p.start_up * m.index, merit[home]) for home in came if home not in founders]
        start_ups(m, purse, left, others, p.matched, "fund.lot_start_up", "social")

    def year_end(self) -> None:
        """The collective's share comes in; what exceeds the reserve buys public goods; a fund without members ends."""
        m, orders = self.model, []
        for place in m.places:
            if any(home.reaches("fund") for home in place.dwellings):
                share = self.p.set_aside * place.collective.income_last
                m.ledger.pay(place.collective, place.fund, share, "set_aside", "social")
                kept = self.p.reserve * m.index * place.members_first
                orders.append((place.fund, place, max(place.fund.cash - kept, 0.0)))
            else:
                m.ledger.pay(place.fund, place.collective, place.fund.cash, "wound_up")
        buy_here(m, orders, layer="social")
