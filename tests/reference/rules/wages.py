"""Wages at home and in cities elsewhere."""

from math import exp

from abm.population.households import MIGRANT
from tests.reference.agents import Place, Worker
from tests.reference.model import Rule


class Wages(Rule):
    name = "wages"
    remembers = ("slack", "slack_first")

    def start(self) -> None:
        """Slack at the start."""
        self.slack_first = self.slack = [self.slack_in(place) for place in self.model.places]

    def calendar(self) -> None:
        """At a new year wages follow the trend at once, the usual one too."""
        m = self.model
        if m.year_begins and m.tick > 0:
            for place in m.places:
                place.wage *= m.index / m.outside_world.index(m.year - 1)
                place.usual_wage *= m.index / m.outside_world.index(m.year - 1)

    def enterprise(self) -> None:
        """Wages move toward m · city wage · e^{−.15(distance − .6)} · (slack/slack at the start)^−η · e^{θ·v}."""
        m, p, start = self.model, self.p, self.model.parameters["start"]
        vacant = {place: sum(firm.unfilled for firm in place.firms) for place in m.places}
        jobs = {place: sum(firm.workers for firm in place.firms) for place in m.places}
        usual = sum(vacant.values()) / max(sum(jobs.values()), 1)
        closed = 1.0 - (1.0 - p.gap_closed) ** (4.0 * m.dt)
        for place in m.places:
            now = min((vacant[place] + 10.0 * usual) / (jobs[place] + 10.0), 1.0)
            place.shortage += (1.0 - m.kept(p.memory)) * (now - place.shortage)
            level = start.local_wage_urban if place.urban else start.local_wage_rural
            distance = exp(-start.wage_distance * (place.market_distance - 0.6))
            place.usual_wage = level * m.city_wage * distance
            slack = self.slack[place.row] / self.slack_first[place.row]
            target = place.usual_wage * slack**-p.slack_elasticity * exp(p.tightness * place.shortage)
            place.wage += closed * (target - place.wage)

    def production(self) -> None:
        """Enterprises pay their workers, cities the migrants."""
        self.slack = [self.slack_in(place) for place in self.model.places]
        for worker in self.model.workers:
            worker.pay = 0.0
        self.pay_at_home()
        self.pay_away()

    @staticmethod
    def slack_in(place: Place) -> float:
        """Share of workers on own account."""
        own = sum(home.own_workers for home in place.dwellings)
        return max(own / max(place.workers, 1), 0.02)

    def at_work(self, worker: Worker) -> float:
        """Share of full pay: who has somebody ill at home works less, and sick pay makes good a part."""
        home, lost = worker.household, self.model.parameters["own_account"].illness_loss
        return 1.0 - (1.0 - self.p.sick_pay) * lost * home.ill / max(home.workers, 1)

    def pay_at_home(self) -> None:
        """Wage · skill · e^{terms}; an enterprise that cannot pay all pays each the same part."""
        m = self.model
        due: dict[str, list[tuple[Worker, float]]] = {"": [], "interest": []}
        for firm in m.firms:
            full = [firm.place.wage * w.skill * exp(w.terms) * self.at_work(w) * m.dt for w in firm.staff]
            part = min(1.0, firm.cash / max(sum(full), 0.01))
            for worker, yuan in zip(firm.staff, full, strict=True):
                home = worker.household
                by_contract = (
                    firm.contract and firm.contract_with is home.place and home.reaches("membership")
                )
                due["interest" if by_contract else ""].append((worker, part * yuan))
        for layer, wages in due.items():
            payments = [(worker.employer, worker.household, yuan) for worker, yuan in wages]
            for (worker, _), paid in zip(wages, m.ledger.pay_all(payments, "local_wage", layer), strict=True):
                worker.pay = paid
                worker.employer.profit -= paid

    def pay_away(self) -> None:
        """City wage · skill: in the first half year a wage, less what being away costs; then a part of what is left is
        sent home."""
        m = self.model
        cost = m.parameters["migration"].away_cost * m.index * m.dt
        newly = []
        for worker in m.workers:
            if worker.activity != MIGRANT:
                continue
            pay = m.city_wage * worker.skill * self.at_work(worker) * m.dt
            if worker.settled:
                m.ledger.pay(
                    m.outside, worker.household, self.p.remitted * max(pay - cost, 0.0), "remittance"
                )
            else:
                m.ledger.pay(m.outside, worker.household, pay, "migrant_wage")
                newly.append(worker)
        m.ledger.pay_all([(worker.household, m.outside, cost) for worker in newly], "away_costs")
