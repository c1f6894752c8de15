"""Founding and closing enterprises, staff, owners and orders, as ``abm.world.enterprises`` states them."""

from collections.abc import Sequence
from math import floor

from abm.population.households import LOCAL_JOB
from tests.reference.agents import Firm, Household, Payer, Place, Worker
from tests.reference.luck import key_of, name_key
from tests.reference.model import PlainModel
from tests.reference.shared.people import release


def key_of_next(model: PlainModel, place: Place, origin: str, number: int) -> int:
    """Of the enterprise that a rule founds in a place as the ``number``-th in this year."""
    return key_of(place.id, model.year, number) ^ name_key(f"enterprise {origin}")


def found(
    model: PlainModel,
    place: Place,
    sector: int,
    owner: Household | None,
    capital: float,
    productivity: float,
    key: int,
    *,
    project: bool = False,
) -> Firm:
    """Open an enterprise, which takes on staff from some month of the tick on; its money is the caller's to move."""
    firm = Firm(model, len(model.firms))
    firm.__dict__.update(model.new_rows["enterprises"])
    firm.place = firm.contract_with = place
    firm.key, firm.number, firm.sector, firm.owner, firm.project = (
        key,
        place.enterprises_founded,
        sector,
        owner,
        project,
    )
    firm.founded, firm.capital, firm.productivity = model.year, capital, productivity
    months = model.months
    firm.opens = floor(months.start + len(months) * model.luck.uniform("enterprise.month", 0, key))
    place.enterprises_founded += 1
    place.firms.append(firm)
    model.firms.append(firm)
    return firm


def close(model: PlainModel, firm: Firm) -> None:
    """Its workers are free, its cash goes to the owners, its capital is lost."""
    for worker in list(firm.staff):
        release(worker)
    owed = firm.ordered + firm.prepaid * model.ticks_left * model.dt
    model.ledger.pay(firm, model.outside, owed, "orders_passed_on")
    cash = firm.cash
    profit = min(cash, max(firm.retained, 0.0))
    pay_owners(model, firm, profit, "owner_profit", "outside_profit")
    pay_owners(model, firm, cash - profit, "closing_payout", "closing_payout")
    firm.open = firm.contract = False
    firm.capital = firm.yards = firm.wanted = firm.unfilled = firm.reserved = 0.0
    firm.sales = firm.profit = firm.recruiting = firm.retained = firm.ordered = firm.prepaid = 0.0
    firm.vacancies = 0
    model.points.end(firm)


def pay_owners(model: PlainModel, firm: Firm, due: float, to_household: str, elsewhere: str) -> float:
    """To its owner here by share, the rest to owners elsewhere; returns what it paid, yuan."""
    paid = 0.0
    if firm.owner is not None:
        paid += model.ledger.pay(firm, firm.owner, firm.owner_share * due, to_household)
    return paid + model.ledger.pay(firm, model.outside, (1.0 - firm.owner_share) * due, elsewhere)


def hire(worker: Worker, firm: Firm, fit: float, terms: float) -> None:
    """It takes a local job."""
    worker.activity, worker.employer = LOCAL_JOB, firm
    worker.fit, worker.terms = fit, terms
    firm.staff.append(worker)


def buy_here(
    model: PlainModel,
    orders: Sequence[tuple[Payer, Place, float]],
    kind: str = "public_goods",
    layer: str = "",
) -> None:
    """Order from the enterprises of places, who deliver over the next year, four fifths of what they have free; what is
    beyond that is bought elsewhere."""
    houses, rest = [], []
    for place in model.places:
        mine = [(payer, yuan) for payer, where, yuan in orders if where is place]
        shops = [(firm, firm.sales) for firm in place.firms if firm.sells]
        free = sum(sales for _, sales in shops) / model.dt - place.local_sales - place.public_orders
        wanted = sum(yuan for _, yuan in mine)
        part = min(1.0, max(0.8 * free, 0.0) / wanted) if wanted > 0 else 0.0
        houses.append(([(payer, part * yuan) for payer, yuan in mine], shops))
        rest += [(payer, model.outside, (1.0 - part) * yuan) for payer, yuan in mine]
    for place, sold in zip(model.places, model.ledger.clear_all(houses, kind, layer), strict=True):
        place.public_orders += sum(sold)
        for firm, yuan in zip((firm for firm in place.firms if firm.sells), sold, strict=True):
            firm.ordered += yuan
    model.ledger.pay_all(rest, kind, layer)
