"""Help in need along ties, as ``abm.world.helping`` states it."""

from collections import Counter

from tests.reference.agents import Household
from tests.reference.model import PlainModel


def in_need(model: PlainModel, floor: float) -> dict[Household, float]:
    """Households whose cash does not cover the care that they owe and the food of this tick, and what each lacks."""
    lack = {home: home.care_due + floor * home.residents * model.dt - home.cash for home in model.households}
    return {home: yuan for home, yuan in lack.items() if yuan > 1.0}


def help_along(
    model: PlainModel,
    ties: str,
    needy: dict[Household, float],
    *,
    generosity: float,
    buffer: float,
    by_trust: bool,
    kind: str,
    layer: str,
) -> float:
    """A needy household takes from each whom it is tied to in proportion to what that one can spare, up to what it
    lacks; who is asked by several gives to each a part. Returns the contacts made."""
    a_tick = 1.0 - (1.0 - generosity) ** (4.0 * model.dt)
    asked = Counter(giver for home in needy for giver in home.ties[ties])
    gifts = []
    for home, lack in needy.items():
        offers, share = {}, generosity if home.care_due > 0 else a_tick
        for giver in home.ties[ties]:
            if giver in needy:
                continue  # the needy give nothing
            spare = share * max(giver.cash - buffer * giver.expected_income, 0.0)
            offers[giver] = spare * (giver.trust if by_trust else 1.0) / asked[giver]
        part = min(1.0, lack / max(sum(offers.values()), 1e-9))
        gifts += [(giver, home, part * offer) for giver, offer in offers.items() if part * offer > 0.005]
    paid = model.ledger.pay_all(gifts, kind, layer)
    contacts = {home: 1.0 if home.care_due > 0 else 4.0 * model.dt for home in needy}
    for home in {home for _, home, _ in gifts}:
        home.contact += contacts[home]
    made = 0.0
    for (giver, home, _), yuan in zip(gifts, paid, strict=True):
        if yuan > 0:
            giver.helping = max(giver.helping, contacts[home] / (4.0 * model.dt))
            made += contacts[home]
    return made
