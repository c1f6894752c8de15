"""Training: short courses for a sector."""

from collections.abc import Sequence
from math import floor
from typing import NamedTuple

from abm.core.names import SECTORS
from abm.population.households import LOCAL_JOB, OWN_ACCOUNT
from tests.reference.agents import Place, Worker
from tests.reference.luck import key_of
from tests.reference.model import Envelope, Rule
from tests.reference.shared.choosing import by_weight
from tests.reference.shared.firms import buy_here


class Course(NamedTuple):
    worker: Worker
    sector: int
    years: float
    """Of schooling that its courses are worth in that sector after this one."""
    asked: bool
    """An enterprise under contract has named it."""


class Training(Rule):
    name = "training"
    remembers = ("openings",)

    def start(self) -> None:
        """Nobody has seen a vacancy yet."""
        self.openings = [0.0 for _ in SECTORS]

    def enterprise(self) -> None:
        """Courses of this tick, before anybody looks for a job."""
        m, envelope = self.model, self.model.envelope("course")
        self.look_at_vacancies()
        self.listen_to_enterprises()
        for worker in m.workers:
            if worker.trained_years and not self.uses(worker):
                worker.trained_years *= m.kept(self.p.fade)
        linked = {place: m.paid_for(place, envelope) for place in m.places} if envelope else {}
        wanted = {place: [] for place in linked}
        for place, homes in linked.items():
            for worker in (worker for home in homes for worker in home.people):
                if worker.activity == OWN_ACCOUNT and self.thinks_of_it(worker):
                    course = self.course(worker)
                    margin = m.parameters["own_account"].labour_exponent * worker.household.own_product
                    if self.expects(course) > self.p.time * margin:
                        wanted[place].append(course)
        for course in self.seated(wanted, envelope):
            self.teach(course)

    def look_at_vacancies(self) -> None:
        """Of the district by sector, of late."""
        part = 1.0 - self.model.kept(self.p.memory)
        for sector, seen in enumerate(self.openings):
            now = sum(firm.unfilled for firm in self.model.firms if firm.sector == sector)
            self.openings[sector] += part * (now - seen)

    def listen_to_enterprises(self) -> None:
        """What those under contract with a village say that they need, labour by sector."""
        self.asked_for: dict[Place, list[float]] = {}
        for firm in self.model.firms:
            if firm.contract and firm.open:
                self.asked_for.setdefault(firm.contract_with, [0.0 for _ in SECTORS])[firm.sector] += (
                    firm.wanted
                )

    @staticmethod
    def uses(worker: Worker) -> bool:
        return worker.activity == LOCAL_JOB and worker.employer.sector == worker.trained_sector

    def thinks_of_it(self, worker: Worker) -> bool:
        m = self.model
        return m.luck.uniform("training.thinks", m.tick, worker.key) < m.chance(self.p.thinks)

    def course(self, worker: Worker) -> Course:
        """For the sector that the provider can teach, or by the vacancies of the district; where enterprises under
        contract say what they need, less of the former and by the labour that these want."""
        m, p, place = self.model, self.p, worker.household.place
        needs = self.asked_for.get(place, [])
        speaks = sum(needs) > 0
        led = p.supply_led * (1.0 - p.asked * speaks)
        if m.luck.uniform("training.supply_led", m.tick, worker.key) < led:
            u = m.luck.uniform("training.teaches", 0, key_of(place.id))
            sector, asked = floor(u * len(SECTORS)), False
        else:
            u = m.luck.uniform("training.sector", m.tick, worker.key)
            sector, asked = by_weight(needs if speaks else self.openings, u), speaks
        before = worker.trained_years if worker.trained_sector == sector else 0.0
        kept = p.years * min(worker.schooling / p.full, 1.0)
        return Course(worker, sector, max(min(before + kept, p.most), before), asked)

    def expects(self, course: Course) -> float:
        """T · r · w · P(job) · (years after · P(sector) − the same before), yuan; 0 without vacancies."""
        m, worker = self.model, course.worker
        total, place = sum(self.openings), worker.household.place
        if total <= 0:
            return 0.0
        gain = course.years * self.openings[course.sector]
        if worker.trained_years:
            gain -= worker.trained_years * self.openings[worker.trained_sector]
        in_jobs = sum(home.local_workers for home in place.dwellings) / max(place.workers, 1)
        pay = m.parameters["synthesis"].schooling_return * worker.skill * place.wage
        return self.p.horizon * pay * in_jobs * gain / max(total, 1e-9)

    def seated(self, wanted: dict[Place, list[Course]], envelope: Envelope | None) -> Sequence[Course]:
        """Seats go by lot until the programme's money of the year is gone; the part of a seat by one draw a year."""
        m, price = self.model, self.p.price * self.model.index
        seated, orders = [], []
        for place, courses in wanted.items():
            purse = envelope.purses[place.row]
            part = m.luck.uniform("training.part", m.year, key_of(place.id))
            seats = max(floor(purse.cash / price - part) + 1, 0)
            courses.sort(key=lambda course: m.luck.uniform("training.lot", m.tick, course.worker.key))
            seated += courses[:seats]
            orders.append((purse, place, min(price * len(courses[:seats]), purse.cash)))
        buy_here(m, orders, "course", "social")
        return seated

    def teach(self, course: Course) -> None:
        m, worker = self.model, course.worker
        home = worker.household
        worker.trained_sector, worker.trained_years = course.sector, course.years
        home.busy = min(home.busy + self.p.time / m.dt / home.own_workers, 1.0)
        m.messages["social"] += 1
        m.messages["interest"] += course.asked
