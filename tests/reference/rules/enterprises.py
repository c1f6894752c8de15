"""Enterprises: entry and exit, jobs wanted, sales, profit to owners, investment."""

from math import exp, floor

from abm.core.names import SECTORS
from tests.reference.agents import Firm, Place, Worker
from tests.reference.luck import key_of, name_key
from tests.reference.model import Rule
from tests.reference.shared.capital import best_sector
from tests.reference.shared.choosing import by_weight, choose_owner
from tests.reference.shared.economics import (
    capital_for,
    capital_wanted,
    labour_wanted,
    productivity_for,
    sales_per_year,
    suitability,
)
from tests.reference.shared.firms import close, found, key_of_next, pay_owners


class Enterprises(Rule):
    name = "enterprises"
    remembers = ("best_sector",)

    def start(self) -> None:
        """Before anybody knows of returns, the sector with most capital is taken for the best."""
        firms, sectors = self.model.firms, range(len(SECTORS))
        self.best_sector = max(
            sectors, key=lambda sector: sum(firm.capital for firm in firms if firm.sector == sector)
        )

    @property
    def open_firms(self) -> list[Firm]:
        return [firm for firm in self.model.firms if firm.open]

    def enterprise(self) -> None:
        """Some leave, founders come; jobs wanted follow what would be best with some delay."""
        m = self.model
        self.let_go()
        founders = [(place, number) for place in m.places for number in self.founders(place)]
        self.pay_in([self.open_up(place, number) for place, number in founders])
        for firm in self.open_firms:
            firm.demand = firm.place.demand[firm.sector]
            best = labour_wanted(
                m.parameters["enterprise"],
                m.index,
                firm.productivity,
                firm.demand,
                firm.capital + firm.yards,
                firm.place.wage,
            )
            if firm.wanted > 0:
                best = firm.wanted + (1.0 - m.kept(self.p.planning)) * (best - firm.wanted)
            firm.wanted = best

    def let_go(self) -> None:
        """Exit at a rate, sooner without cash or after two years at a loss; one draw a year."""
        m, p = self.model, self.p
        for firm in m.firms:
            if m.year_begins:
                firm.exit_risk = 0.0
        gone = []
        for firm in self.open_firms:
            broke = firm.cash < 0.02 * firm.place.wage * firm.labour
            losing = firm.profit_year < 0 and m.year - firm.founded >= 2
            firm.exit_risk += (p.exit_rate + p.exit_in_distress * broke + p.exit_at_loss * losing) * m.dt
            if m.luck.uniform("enterprises.exit", m.year, firm.key) < 1.0 - exp(-firm.exit_risk):
                gone.append(firm)
        for firm in gone:
            close(m, firm)
        for place in m.places:
            number = sum(firm.place is place for firm in gone)
            if number:
                m.note(place, "enterprises_closed", str(number))

    def founders(self, place: Place) -> range:
        """Numbers in this year of those who found now: λ · (enterprises at the start) · (workers/workers at the start)
        · D̄² a year."""
        m, good_at = self.model, place.amenity
        demand = sum(d * a for d, a in zip(place.demand, good_at, strict=True)) / sum(good_at)
        people = place.workers / max(place.workers_first, 1)
        if m.year_begins:
            key = key_of(place.id) ^ name_key("entry")
            place.founders_due = m.luck.uniform("enterprises.entry", m.year, key)
        before = floor(place.founders_due)
        place.founders_due += self.p.entry_rate * place.first_enterprises * people * demand**2 * m.dt
        return range(before, floor(place.founders_due))

    def open_up(self, place: Place, number: int) -> tuple[Firm, float]:
        """A founder's enterprise, and the cash that it needs beside its capital."""
        m, p = self.model, self.model.parameters["enterprise"]
        key, wage = key_of_next(m, place, "entry", number), place.usual_wage
        sector = by_weight(place.amenity, m.luck.uniform("enterprise.sector", 0, key))
        if m.luck.uniform("enterprises.herding", 0, key) < self.p.herding:
            sector = self.best_sector
        jobs = p.jobs * exp(0.7 * m.luck.normal("enterprise.size", 0, key) - 0.245)
        luck = exp(p.productivity_spread * m.luck.normal("enterprises.luck", 0, key))
        suits = suitability(place.amenity, sector) ** self.p.fit_exponent
        productivity = productivity_for(p, m.index, jobs, wage) * luck * suits
        owner = choose_owner(m, place, key)
        firm = found(m, place, sector, owner, capital_for(p, jobs, wage), productivity, key)
        return firm, p.buffer * wage * jobs

    def pay_in(self, founded: list[tuple[Firm, float]]) -> None:
        """Owners here pay what half of their savings reaches and own that part; partners elsewhere pay the rest."""
        m = self.model
        due = [
            (firm.owner, firm, min(0.5 * max(firm.owner.cash, 0.0), firm.capital + cash))
            for firm, cash in founded
            if firm.owner is not None
        ]
        paid = m.ledger.pay_all(due, "founding_capital")
        mine = {firm: yuan for (_, firm, _), yuan in zip(due, paid, strict=True)}
        for firm, cash in founded:
            needed, own = firm.capital + cash, mine.get(firm, 0.0)
            firm.owner_share = min(own / needed, 1.0)
            m.ledger.pay(m.outside, firm, max(needed - own, 0.0), "founding_capital")
            m.ledger.pay(firm, m.outside, firm.capital, "enterprise_investment")

    def production(self) -> None:
        """Deliver what is paid for, sell elsewhere what households here are not expected to take; pay the sales tax."""
        m, p = self.model, self.model.parameters["enterprise"]
        for firm in self.open_firms:
            serves = firm.capital + firm.yards
            labour = max(firm.labour - sum(self.lost(worker) for worker in firm.staff), 0.0)
            year = sales_per_year(p, m.index, firm.productivity, firm.demand, serves, labour)
            firm.sales = year * m.dt
        for place in m.places:
            firms = [firm for firm in place.firms if firm.open]
            free = {firm: max(firm.sales - firm.prepaid * m.dt, 0.0) for firm in firms}
            local = min(place.local_sales * m.dt / max(sum(free.values()), 1.0), 1.0)
            for firm in firms:
                m.ledger.pay(m.outside, firm, free[firm] * (1.0 - local), "sales")
                tax = m.ledger.pay(firm, m.government, p.sales_tax * firm.sales, "sales_tax")
                firm.profit = firm.sales - tax - firm.recruiting

    def lost(self, worker: Worker) -> float:
        """Labour that illness in its household keeps from its job."""
        home = worker.household
        part = self.model.parameters["own_account"].illness_loss * home.ill / max(home.workers, 1)
        return worker.skill * exp(worker.fit) * part

    def spending(self) -> None:
        """Invest wear, a part of the gap to K* and the trend; pay owners a part of what is spare beyond the buffer."""
        m, p = self.model, self.model.parameters["enterprise"]
        growth = m.outside_world.index(m.year + 1) / m.index - 1.0
        for firm in self.open_firms:
            worn, wages = p.depreciation * m.dt * firm.capital, firm.place.wage * firm.labour
            gap = capital_wanted(p, firm.sales / m.dt) - firm.capital - firm.yards
            wish = worn + (self.p.adjustment * gap + growth * firm.capital) * m.dt
            can = max(firm.cash - 0.5 * p.buffer * wages, 0.0)
            bought = m.ledger.pay(firm, m.outside, min(max(wish, 0.0), can), "enterprise_investment")
            firm.capital += bought - worn
            firm.profit -= worn
            firm.retained += firm.profit
            firm.profit_year += (1.0 - m.kept(1.0)) * (firm.profit / m.dt - firm.profit_year)
            spare = max(firm.cash - p.buffer * wages, 0.0)
            due = min(spare * (1.0 - (1.0 - self.p.payout) ** (4.0 * m.dt)), max(firm.retained, 0.0))
            firm.retained -= pay_owners(m, firm, due, "owner_profit", "outside_profit")

    def year_end(self) -> None:
        """Founders of the next year look at the returns of this."""
        self.best_sector = best_sector(self.model)
