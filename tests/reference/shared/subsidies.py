"""Public or common money for applicants, as ``abm.world.subsidies`` states it."""

from collections.abc import Mapping, Sequence
from math import exp
from typing import NamedTuple

from abm.world.own_lines import OF_CAPITAL
from tests.reference.agents import Household, Payer, Place
from tests.reference.model import PlainModel
from tests.reference.shared.choosing import by_weight
from tests.reference.shared.credit import borrow, room, spare_cash
from tests.reference.shared.economics import capital_for, productivity_for, suitability
from tests.reference.shared.firms import found, key_of_next
from tests.reference.shared.technique import settle


class Applicant(NamedTuple):
    """``due`` is what it would get, or what it would invest, yuan; by ``merit`` it is ranked."""

    home: Household
    due: float
    merit: float


def offers(
    model: PlainModel, budget: Mapping[Place, float], applicants: Sequence[Applicant], stream: str
) -> dict[Household, float]:
    """The first in the order of merit, then of a lot of the year, get all, until the money of their place is gone."""
    left, given = dict(budget), {}
    for home, due, _ in sorted(
        applicants, key=lambda one: (-one.merit, model.luck.uniform(stream, model.year, one.home.key))
    ):
        given[home] = min(due, max(left[home.place], 0.0))
        left[home.place] -= due
    return given


def start_ups(
    model: PlainModel,
    purse: Mapping[Place, Payer],
    budget: Mapping[Place, float],
    applicants: Sequence[Applicant],
    matched: float,
    stream: str,
    layer: str,
) -> None:
    """A part of an investment in own account for those who want it then and can pay the rest; who is offered less,
    since the money runs out, looks again."""
    some = [
        Applicant(home, matched * wish, merit)
        for home, wish, merit in applicants
        if budget[home.place] > 0 and wanted(model, home, wish, matched * wish)
    ]
    given = offers(model, budget, some, stream)
    goes = {
        home: wish
        for home, wish, _ in applicants
        if given.get(home, 0.0) > 0.005 and wanted(model, home, wish, given[home])
    }
    subsidies = [(purse[home.place], home, given[home]) for home in goes]
    model.ledger.pay_all(subsidies, "start_up_subsidy", layer)
    for home, wish in goes.items():
        lack = max(wish - spare_cash(model, home), 0.0)
        borrow(model, home, lack, model.parameters["investment"].on_credit)
        home.capital += model.ledger.pay(home, model.outside, wish, "household_investment")
        settle(model, home)
        home.contact += 1.0
        model.messages[layer] += 1


def wanted(model: PlainModel, home: Household, wish: float, given: float) -> bool:
    """It pays if the product grows by more than interest and wear on one's own part, V·((K + x)/K)^κ·T − V; and cash
    beyond the buffer and credit reach."""
    investment, own = model.parameters["investment"], wish - given
    capital = max(home.capital, 1.0)
    kappa = model.parameters["own_account"].capital_exponent * float(OF_CAPITAL[home.line])
    grown = ((capital + wish) / capital) ** kappa
    if not home.improved and home.capital + wish >= home.improved_needs * model.index - 0.02:
        grown *= model.parameters["technique"].gain
    cost = model.parameters["credit"].interest + investment.wear
    can = max(own - spare_cash(model, home), 0.0) <= room(model, home, investment.on_credit)
    return can and home.own_value * (grown - 1.0) > cost * own


def small_foundings(
    model: PlainModel,
    purse: Mapping[Place, Payer],
    budget: Mapping[Place, float],
    merit: Mapping[Household, float],
    jobs: float,
    matched: float,
    stream: str,
    layer: str,
) -> list[Household]:
    """A part of what a small enterprise of one's own takes, for those who can pay the rest; returns who founds."""
    shared, on_credit = model.parameters["enterprise"], model.parameters["investment"].on_credit
    needed = {}
    for home in merit:
        wage = home.place.usual_wage
        needed[home] = capital_for(shared, jobs, wage) + shared.buffer * wage * jobs
    some = [
        Applicant(home, matched * needed[home], one) for home, one in merit.items() if budget[home.place] > 0
    ]
    given = offers(model, budget, some, stream)
    founders, number = [], dict.fromkeys(model.places, 0)
    for home in merit:  # in the order of households
        part, reach = given.get(home, 0.0), spare_cash(model, home) + room(model, home, on_credit)
        if part <= 0.005 or needed[home] - part > reach:
            continue
        own = needed[home] - part
        borrow(model, home, max(own - spare_cash(model, home), 0.0), on_credit)
        _found(model, home, jobs, number[home.place], (purse[home.place], part), own, layer)
        home.contact += 1.0
        model.messages[layer] += 1
        number[home.place] += 1
        founders.append(home)
    for place, count in number.items():
        if count:
            model.note(place, "founded_after_return", str(count))
    return founders


def _found(
    model: PlainModel,
    home: Household,
    jobs: float,
    number: int,
    subsidy: tuple[Payer, float],
    own: float,
    layer: str,
) -> None:
    """Of a sector that the place is good at; how good the founder is, it finds out later."""
    shared, place, luck = model.parameters["enterprise"], home.place, model.luck
    key = key_of_next(model, place, f"return {model.tick}", number)
    sector = by_weight(place.amenity, luck.uniform("enterprise.sector", 0, key))
    a = productivity_for(shared, model.index, jobs, place.usual_wage)
    a *= suitability(place.amenity, sector) ** model.parameters["capital"].fit_exponent
    a *= exp(shared.productivity_spread * luck.normal("enterprises.luck", 0, key))
    firm = found(model, place, sector, home, capital_for(shared, jobs, place.usual_wage), a, key)
    firm.owner_share = 1.0
    model.ledger.pay(subsidy[0], firm, subsidy[1], "founding_capital", layer)
    model.ledger.pay(home, firm, own, "founding_capital")
    model.ledger.pay(firm, model.outside, firm.capital, "enterprise_investment")
