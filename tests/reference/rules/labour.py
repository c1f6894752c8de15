"""The local labour market."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from math import exp, expm1, floor, log1p
from typing import NamedTuple

from abm.core.names import LAYERS
from abm.population.households import LOCAL_JOB, OWN_ACCOUNT
from tests.reference.agents import Firm, Place, Worker
from tests.reference.luck import pair_key
from tests.reference.model import Rule
from tests.reference.shared.choosing import by_weight
from tests.reference.shared.firms import hire
from tests.reference.shared.people import release

MONTH = 1.0 / 12.0
"""Years."""
CHANNELS = ("spot", "kin", "organizational", "interest", "social")


class Application(NamedTuple):
    worker: Worker
    firm: Firm
    fit: float
    terms: float


class Labour(Rule):
    name = "labour"

    def labour(self) -> None:
        """The market clears month by month."""
        m = self.model
        for firm in m.firms:
            firm.recruiting = firm.unfilled = 0.0
        when = {
            worker: self.next_move(worker, m.months.start)
            for worker in m.workers
            if worker.activity in (LOCAL_JOB, OWN_ACCOUNT)
        }
        for month in m.months:
            due = [worker for worker, then in when.items() if then == month]
            for worker in self.month(month, due):
                when[worker] = self.next_move(worker, month + 1)
            for firm in m.firms:
                firm.unfilled += firm.vacancies / len(m.months)

    def month(self, month: int, due: Sequence[Worker]) -> list[Worker]:
        """Quits and dismissals, vacancies, searches, applications, hiring; returns who has to think anew of when."""
        searching = [worker for worker in due if worker.activity == OWN_ACCOUNT]
        gone = [worker for worker in due if worker.activity == LOCAL_JOB]
        for worker in gone:
            release(worker)
        gone += self.dismissed(month)
        think_anew = searching + gone
        searching = searching + [worker for worker in gone if self.next_move(worker, month) == month]
        self.open_vacancies(month)
        self.tell()
        heard = [(worker, self.hears_of(worker, month)) for worker in searching]
        applications = [self.application(worker, firm) for worker, firm in heard if firm is not None]
        self.fill(month, [application for application in applications if self.pays(application)])
        self.recruit()
        return think_anew

    def next_move(self, worker: Worker, month: int) -> int:
        """Month, from this on, in which it next quits or searches: an exponential wait without memory."""
        if worker.activity == LOCAL_JOB:
            stream, rate = "labour.separation", self.quit_rate(worker)
        else:
            stream, rate = "labour.search", self.search_rate(worker)
        return month + int(-log1p(-self.model.luck.uniform(stream, month, worker.key)) / (rate * MONTH))

    def quit_rate(self, worker: Worker) -> float:
        """q · (own product/pay)^γ a year."""
        pay = worker.employer.place.wage * worker.skill * exp(worker.terms)
        return self.p.quit_rate * self.gap(worker.household.own_product, pay)

    def search_rate(self, worker: Worker) -> float:
        """s · (w/own product)^γ a year."""
        home = worker.household
        return self.p.search_rate * self.gap(home.place.wage * worker.skill, home.own_product)

    def gap(self, one: float, other: float) -> float:
        """Within a factor of three."""
        return min(max((one / max(other, 1.0)) ** self.p.gap_exponent, 1.0 / 3.0), 3.0)

    def dismissed(self, month: int) -> list[Worker]:
        """An enterprise with far too many dismisses by lot, not beyond what it wants."""
        found = []
        for firm in self.model.firms:
            if not firm.open or firm.labour <= self.p.slack * firm.wanted + 0.5:
                continue
            too_many, so_far = firm.labour - firm.wanted, 0.0
            for worker in sorted(
                firm.staff, key=lambda w: self.model.luck.uniform("labour.dismissal", month, w.key)
            ):
                so_far += worker.effective_labour
                if so_far > too_many:
                    break
                found.append(worker)
        for worker in found:
            release(worker)
        return found

    def open_vacancies(self, month: int) -> None:
        """Whole workers; the part of one is rounded by one draw a year."""
        m = self.model
        for firm in m.firms:
            firm.vacancies = 0
            if firm.open and firm.opens <= month:
                gap = max(firm.wanted - firm.labour, 0.0)
                firm.vacancies = floor(gap + m.luck.uniform("labour.vacancy", m.year, firm.key))

    # --- hearing of a vacancy ---

    def hears_of(self, worker: Worker, month: int) -> Firm | None:
        """The enterprise of the vacancy that its search leads to."""
        m, home = self.model, worker.household
        force = {  # −ln(1 − p_c) of channels that have something to tell
            channel: -log1p(-min(chance, 0.999))
            if (self.anywhere if channel == "spot" else self.news[channel, home.place])
            else 0.0
            for channel, chance in self.chances(worker).items()
        }
        together = sum(force.values())
        searches = self.search_rate(worker) * MONTH  # at least one of a Poisson number of this mean
        hears = expm1(-searches * -expm1(-together)) / expm1(-searches)
        if m.luck.uniform("labour.news", month, worker.key) >= hears:
            return None
        left = m.luck.uniform("labour.channel", month, worker.key) * together
        for channel in CHANNELS:
            if left < force[channel]:
                break
            left -= force[channel]
        near = channel != "spot" or m.luck.uniform("labour.near", month, worker.key) < self.p.spot_near
        firms = self.news[channel, home.place] if near else self.anywhere
        u = m.luck.uniform("labour.pick", month, worker.key)
        number = by_weight([firm.vacancies for firm in firms], u)
        if number < 0:
            return None
        if channel in LAYERS:
            m.messages[channel] += 1
        return firms[number]

    def chances(self, worker: Worker) -> dict[str, float]:
        """p_c of each channel."""
        p, home = self.p, worker.household
        distance = 0.0 if home.online else home.place.market_distance
        employed_kin = sum(kin.local_workers > 0 for kin in home.ties["kin"])
        return {
            "spot": p.spot_news * exp(-p.spot_distance * distance),
            "kin": 1.0 - (1.0 - p.kin_news) ** employed_kin,
            "organizational": home.news_organizational,
            "interest": home.news_interest,
            "social": home.news_social,
        }

    def tell(self) -> None:
        """Who hires in this month, by channel and place where it is told, and anywhere, which the spot market tells.

        Among kin and neighbours it is who hires in the place; the branch has told of some, and a collective of those
        under contract with it.
        """
        m = self.model
        hiring = [firm for place in m.places for firm in place.firms if firm.vacancies > 0]
        here = [(firm, firm.place) for firm in hiring]
        under_contract = [
            (firm, firm.contract_with) for firm in m.firms if firm.contract and firm.vacancies > 0
        ]
        told = [pair for pair in set(m.told["organizational"]) if pair[0].vacancies > 0]
        told.sort(key=lambda pair: pair[0].row)
        self.anywhere = hiring
        self.news: defaultdict[tuple[str, Place], list[Firm]] = defaultdict(list)
        for channel, pairs in zip(CHANNELS, (here, here, told, under_contract, here), strict=True):
            for firm, place in pairs:
                self.news[channel, place].append(firm)

    # --- applying and hiring ---

    def application(self, worker: Worker, firm: Firm) -> Application:
        """How well they fit, and its pay: half of the pair's own fit counts, all of the post and of courses."""
        p, home = self.p, worker.household
        own = p.fit_spread * self.model.luck.normal("labour.fit", 0, pair_key(worker.key, firm.key))
        known = -p.outsider if firm.place.urban and not home.local else 0.0
        if worker.trained_sector == firm.sector:
            known += self.model.parameters["synthesis"].schooling_return * worker.trained_years
        return Application(worker, firm, own + known, 0.5 * own + known)

    def pays(self, application: Application) -> bool:
        """Whether the pay after commuting, less support lost, beats what it has on own account."""
        worker, firm, _, terms = application
        home = worker.household
        pay = firm.place.wage * worker.skill * exp(terms)
        if firm.place is not home.place:
            pay *= 1.0 - self.p.commuting
        return pay - home.at_stake > home.own_product

    def fill(self, month: int, applications: Sequence[Application]) -> None:
        """The reserved places go to the members that fit best, the others to the best of the rest."""
        to: defaultdict[Firm, list[Application]] = defaultdict(list)
        for application in sorted(applications, key=lambda a: -a.fit):
            to[application.firm].append(application)
        for firm, here in to.items():
            reserved = 0
            if firm.reserved > 0:
                part = self.model.luck.uniform("labour.reserved", month, firm.key)
                reserved = floor(firm.reserved * firm.vacancies + part)
            chosen = [a for a in here if reserved > 0 and self.is_member(a)][:reserved]
            others = [a for a in here if a not in chosen]
            chosen += others[: max(firm.vacancies - reserved, 0)]
            for worker, _, fit, terms in chosen:
                hire(worker, firm, fit, terms)
            firm.vacancies -= len(chosen)

    @staticmethod
    def is_member(application: Application) -> bool:
        """Of the collective under contract with the enterprise."""
        home = application.worker.household
        return home.place is application.firm.contract_with and home.reaches("membership")

    def recruit(self) -> None:
        """A vacancy that stays open costs the enterprise."""
        m = self.model
        for firm in m.firms:
            cost = self.p.recruiting * firm.place.wage * firm.vacancies * MONTH
            firm.recruiting += m.ledger.pay(firm, m.outside, cost, "recruiting")
