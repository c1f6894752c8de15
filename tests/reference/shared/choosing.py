"""Choices by lot, as ``abm.world.choosing`` states them."""

from collections.abc import Sequence

from tests.reference.agents import Household, Place
from tests.reference.luck import key_of
from tests.reference.model import PlainModel


def by_weight(weights: Sequence[float], u: float) -> int:
    """The number of the weight in which the share u of their sum falls; −1 where they are nothing."""
    total, so_far = sum(weights), 0.0
    for number, weight in enumerate(weights):
        so_far += weight
        if weight > 0 and u * total < so_far:
            return number
    return -1


def one_of(model: PlainModel, stream: str, key: int, count: int) -> int:
    """One of 0 … count − 1 by a jump consistent hash."""
    chosen = 0
    while True:
        following = int((chosen + 1) / model.luck.uniform(stream, 0, key_of(key, chosen)))
        if following >= count:
            return chosen
        chosen = following


def choose_owner(model: PlainModel, place: Place, key: int) -> Household | None:
    """Half of the enterprises belong to a household of the place, the best off of three drawn."""
    drawn = [place.dwellings[one_of(model, f"enterprise.owner{i}", key, place.households)] for i in range(3)]
    there = [home for home in drawn if home.inhabited]
    if not there or model.luck.uniform("enterprise.local", 0, key) >= 0.5:
        return None
    return max(there, key=lambda home: home.standing)


def members_first(model: PlainModel, stream: str, when: int, homes: Sequence[Household]) -> list[Household]:
    """Households in the order in which posts are filled: party members first, by lot."""
    return sorted(homes, key=lambda home: (not home.party_member, model.luck.uniform(stream, when, home.key)))
