"""Capital from outside that a programme brings, as ``abm.world.capital`` states it."""

from abm.core.names import SECTORS
from tests.reference.agents import Firm, Payer, Place
from tests.reference.model import PlainModel
from tests.reference.planned import link_draw
from tests.reference.shared.choosing import by_weight
from tests.reference.shared.economics import capital_for, productivity_for, suitability
from tests.reference.shared.firms import found, key_of_next


def best_sector(model: PlainModel) -> int:
    """The sector with the best return on capital over the last year; one without enterprises earns nothing."""

    def earns(sector: int) -> float:
        firms = [firm for firm in model.firms if firm.open and firm.sector == sector]
        return sum(firm.profit_year for firm in firms) / max(sum(firm.capital for firm in firms), 1.0)

    return max(range(len(SECTORS)), key=earns)


def lay_out(model: PlainModel, account: Payer, place: Place, yuan: float, layer: str = "") -> None:
    """Found enterprises owned elsewhere, or strengthen small ones that such capital has founded. With a layer each has
    a link to the collective; in a withheld budget money goes to none but those under contract."""
    withheld, passed_over = layer != "" and model.budget == "withheld", 0
    p, shared = model.parameters["capital"], model.parameters["enterprise"]
    one_job = capital_for(shared, 1.0, place.usual_wage)
    whole = 1.0 + p.working  # with the cash that comes with it
    while yuan >= 0.01:
        like = [firm for firm in place.firms if firm.open and firm.project]
        if withheld:
            like = [firm for firm in like if firm.contract]
        small = [firm for firm in like if firm.capital < 0.5 * p.largest * one_job]
        jobs = min(yuan / (whole * one_job), p.largest)
        if small:
            firm, part, grows = small[0], min(yuan, 0.5 * p.largest * one_job), True
        elif jobs >= p.smallest or not like:
            key, part, grows = (
                _key_of_next(model, place, passed_over),
                min(yuan, whole * jobs * one_job),
                False,
            )
            masked = link_draw(model, "project", key) >= model.points.left("project", model.plan_year)
            if withheld and (masked or not has_members(place)):
                yuan -= part
                passed_over += 1
                continue
            firm = _found(model, place, jobs, key)
            if layer and has_members(place):
                _contract(model, firm)
        else:
            firm, part, grows = min(like, key=lambda firm: firm.capital), yuan, True
        model.ledger.pay(account, firm, part, "founding_capital", layer if firm.contract else "")
        before = firm.capital
        firm.capital += model.ledger.pay(firm, model.outside, part / whole, "enterprise_investment")
        if grows:  # another plant of the same kind: jobs grow as capital does
            scale = 1.0 - shared.labour_exponent - shared.capital_exponent
            firm.productivity *= (firm.capital / max(before, 1.0)) ** scale
        yuan -= part


def has_members(place: Place) -> bool:
    """Whether a household is tied to its collective."""
    return any(home.reaches("membership") for home in place.dwellings)


def _key_of_next(model: PlainModel, place: Place, passed_over: int) -> int:
    """The same with a contract and without."""
    number = passed_over + sum(firm.project and firm.founded == model.year for firm in place.firms)
    return key_of_next(model, place, "capital", number)


def _contract(model: PlainModel, firm: Firm) -> None:
    """Its link to the collective; one that never connects binds nobody."""
    ends, draw = (firm, firm.place.collective), link_draw(model, "project", firm.key)
    link = model.points.form(model.points.new_link("project", ends, firm.place, draw, model.plan_year))
    firm.contract = model.points.carries(link) and has_members(firm.place)
    if firm.contract:
        model.note(firm.place, "project_founded", SECTORS[firm.sector])


def _found(model: PlainModel, place: Place, jobs: float, key: int) -> Firm:
    p, shared = model.parameters["capital"], model.parameters["enterprise"]
    sector = by_weight(place.amenity, model.luck.uniform("capital.sector", 0, key))
    if model.luck.uniform("capital.from_outside", 0, key) < p.from_outside:
        sector = best_sector(model)
    suits = suitability(place.amenity, sector) ** p.fit_exponent
    a = productivity_for(shared, model.index, max(jobs, 0.05), place.usual_wage) * suits
    return found(model, place, sector, None, 0.0, a, key, project=True)
