"""The comparison itself: where accounts are some fen apart, nothing but money may be, and that by no more."""

from collections.abc import Callable, Iterator

import pytest

from tests.reference.free import Pair
from tests.reference.mirror import differences
from tests.reference.model import PlainModel
from tests.worlds import t_district

FEN = 3


@pytest.fixture(scope="module")
def pair() -> Pair:
    return Pair(t_district(scenario__start_year=2019), households=200, years=1, seed=11)


def _set(agent: object, name: str, by: float) -> Callable[[], None]:
    """Change an attribute; gives what undoes it."""
    was = getattr(agent, name)
    setattr(agent, name, was + by)
    return lambda: setattr(agent, name, was)


def _inhabited(plain: PlainModel):
    return next(home for home in plain.households if home.inhabited and home.people)


SEEN = {
    "households.residents_last": lambda plain: _set(_inhabited(plain), "residents_last", 1),
    "households.trust": lambda plain: _set(_inhabited(plain), "trust", 0.02),
    "households.capital": lambda plain: _set(_inhabited(plain), "capital", 0.01 * (FEN + 1)),
    "households.debt": lambda plain: _set(_inhabited(plain), "debt", FEN + 1),
    "workers.activity": lambda plain: _set(_inhabited(plain).people[0], "activity", 1),
    "enterprises.sector": lambda plain: _set(plain.firms[0], "sector", 1),
    "enterprises.founded": lambda plain: _set(plain.firms[0], "founded", -1),
    "branch.queue": lambda plain: _set(plain.places[0].branch, "queue", 1),
    "association.service": lambda plain: _set(plain.places[0].association, "service", -0.02),
    "household[": lambda plain: _set(_inhabited(plain), "fen", FEN + 1),
}
"""What is changed in the plain agents, by the name under which it must be told."""
ALLOWED = {
    "households.capital": lambda plain: _set(_inhabited(plain), "capital", 0.01 * FEN),
    "households.debt": lambda plain: _set(_inhabited(plain), "debt", FEN),
    "collective.income_year": lambda plain: _set(plain.places[0].collective, "income_year", 0.01 * FEN),
    "household[": lambda plain: _set(_inhabited(plain), "fen", FEN),
}


def _told(pair: Pair, change: Callable[[PlainModel], Callable[[], None]]) -> Iterator[str]:
    world, mechanisms = pair.production.world, pair.production.mechanisms
    assert differences(world, mechanisms, pair.plain, fen=FEN) == []
    undo = change(pair.plain)
    yield from differences(world, mechanisms, pair.plain, fen=FEN)
    undo()


@pytest.mark.parametrize("name", SEEN)
def test_what_is_no_money_is_held_exactly_though_some_fen_are_allowed(name: str, pair: Pair) -> None:
    told = list(_told(pair, SEEN[name]))
    assert any(name in what for what in told), told


@pytest.mark.parametrize("name", ALLOWED)
def test_sums_may_be_these_fen_apart(name: str, pair: Pair) -> None:
    assert list(_told(pair, ALLOWED[name])) == []
