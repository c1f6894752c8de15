"""The labour market looks only at those whose draw can matter, and finds what it would find among all."""

from typing import Any

import numpy as np
import pytest

from abm.core.calendar import MONTH
from abm.mechanisms.background.labour import Labour, _best, _rank
from abm.model.model import JointPointModel
from abm.population.households import LOCAL_JOB, OWN_ACCOUNT
from tests.worlds import t_district


@pytest.fixture
def market() -> tuple[JointPointModel, Any]:
    """A model after a year, and its labour market."""
    model = JointPointModel(t_district(), households=600, years=2, views=False, rng=4)
    for _ in range(4):
        model.step()
    return model, next(m for m in model.mechanisms if m.name == "labour")


@pytest.mark.parametrize("months", [1, 3, 12])
@pytest.mark.parametrize(("who", "activity"), [("quit", LOCAL_JOB), ("search", OWN_ACCOUNT)])
def test_who_quits_or_searches_is_whose_waiting_time_ends(
    market: tuple[JointPointModel, Any], who: str, activity: int, months: int
) -> None:
    model, labour = market
    world = model.world
    rows = np.flatnonzero(world.workers.activity == activity)
    span = range(30, 30 + months)
    found, when = getattr(labour, f"_{who}")(world, span, rows)
    stream = {"quit": "labour.separation", "search": "labour.search"}[who]
    u = world.draws.uniform(stream, 30, world.workers.key[rows])
    waits = -np.log1p(-u) / (getattr(labour, f"_{who}_rate")(world, rows) * MONTH)
    assert 0 < len(found) < len(rows)
    assert np.array_equal(found, rows[waits < months])
    assert np.array_equal(when, 30 + np.floor(waits[waits < months]))


def test_a_rate_beyond_what_is_looked_at_is_refused(
    market: tuple[JointPointModel, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rule of somebody's own may bend rates: who it would reach must not be left out in silence."""
    model, labour = market
    monkeypatch.setattr(Labour, "_gap", lambda self, one, other: np.full(len(one), 5.0))
    rows = np.flatnonzero(model.world.workers.activity == OWN_ACCOUNT)
    with pytest.raises(ValueError, match=r"labour.search: a rate of 7\.5 a year, and none may be above 4\.5"):
        labour._search(model.world, range(30, 33), rows)


def test_applicants_are_compared_only_where_they_are_too_many() -> None:
    chance = np.random.default_rng(1)
    for _ in range(50):
        firm = chance.integers(0, 8, 60)
        fit = chance.integers(0, 5, 60).astype(np.float64)  # some fit alike
        places = chance.integers(0, 12, 8)[firm].astype(np.float64)
        gets = _best(firm, fit, places)
        assert np.array_equal(gets, _rank(firm, fit) < places)
        assert np.array_equal(
            np.bincount(firm, weights=gets, minlength=8),
            np.minimum(
                np.bincount(firm, minlength=8),
                np.array([places[firm == f].max(initial=0) for f in range(8)]),
            ),
        )
    assert len(_best(firm[:0], fit[:0], places[:0])) == 0
