"""The traditional and the improved technique, as ``abm.world.technique`` states them."""

from math import exp

from tests.reference.agents import Household
from tests.reference.model import PlainModel


def factor(model: PlainModel, home: Household) -> float:
    """Product over that of the traditional technique."""
    return model.parameters["technique"].gain if home.improved else 1.0


def find_need(model: PlainModel, home: Household) -> None:
    """The sum that its improved technique needs, yuan of the base year."""
    p = model.parameters["technique"]
    home.improved_needs = p.threshold * exp(p.spread * model.luck.normal("technique.needs", 0, home.key))


def settle(model: PlainModel, home: Household) -> None:
    """Who has reached the threshold works with the technique, and loses it when much has worn out; what a year brings
    follows."""
    real, p, before = home.capital / model.index, model.parameters["technique"], factor(model, home)
    if real >= home.improved_needs - 0.02 / model.index:
        home.improved = True
    if real < p.repair * home.improved_needs:
        home.improved = False
    home.own_product *= factor(model, home) / before
    home.own_value *= factor(model, home) / before
