"""Credit of households, as ``abm.world.credit`` states it."""

from collections.abc import Sequence

from tests.reference.agents import Household
from tests.reference.model import PlainModel


def room(model: PlainModel, home: Household, part: float = 1.0) -> float:
    """The limit, or a part of it, less what it owes; nothing for some years after a default. Yuan."""
    if model.year < home.no_credit_until:
        return 0.0
    limit = part * model.parameters["credit"].limit * home.expected_income
    return max(limit - home.debt / 100.0, 0.0)


def borrow(model: PlainModel, home: Household, lack: float, part: float = 1.0, layer: str = "") -> float:
    """Credit for what it lacks, as far as there is room; returns what it got, yuan."""
    got = model.ledger.pay(model.bank, home, min(lack, room(model, home, part)), "loan", layer)
    home.debt += round(got * 100.0)
    return got


def spare_cash(model: PlainModel, home: Household) -> float:
    """Cash beyond the buffer, yuan."""
    buffer = model.parameters["credit"].buffer * max(home.expected_income, 0.0)
    return max(home.cash - buffer, 0.0)


def write_off(model: PlainModel, homes: Sequence[Household]) -> None:
    """The bank gives up what they owe; they get no credit for some years."""
    for place in model.places:
        lost = [home.debt for home in homes if home.place is place]
        if sum(lost) > 0:
            model.note(place, "debt_written_off", f"{sum(lost) / 100.0:.2f}")
            model.note(place, "households_in_default", str(len(lost)))
    for home in homes:
        home.debt = 0
        home.no_credit_until = model.year + 1 + round(model.parameters["credit"].exclusion)
