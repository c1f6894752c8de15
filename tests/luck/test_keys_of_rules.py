"""What rules hand to luck: keys of those concerned, never row numbers, and each decision has a draw of its own."""

import numpy as np
import pytest

from abm.core.draws import key_of
from abm.laws.luck import SHARED, WatchedDraws, asked_twice, by_row_number
from abm.model.model import JointPointModel
from abm.world import people
from tests.worlds import HARD_TIMES, finish, finished, t_district


@pytest.fixture(scope="module")
def luck() -> WatchedDraws:
    """Of eight years with all mechanisms, the pilot included."""
    watched = WatchedDraws(7)
    model = JointPointModel(t_district(**HARD_TIMES), households=400, years=8, views=False, luck=watched)
    model.run()
    return watched


def test_the_watched_run_is_the_run() -> None:
    watched = JointPointModel(
        t_district(), households=400, years=6, views=False, luck=WatchedDraws(7), snapshots=True
    )
    assert finish(watched).flows.equals(finished().flows)


def test_keys_are_64_bit_words(luck: WatchedDraws) -> None:
    for (stream, _), asked in luck.asked.items():
        assert all(keys.dtype == np.uint64 for keys in asked), stream


def test_nobody_draws_by_row_number(luck: WatchedDraws) -> None:
    """A hashed key below 2³² has a chance of 2⁻³²; row numbers all lie there."""
    assert list(by_row_number(luck.asked)) == []


def test_streams_are_named_by_what_they_decide(luck: WatchedDraws) -> None:
    streams = {stream for stream, _ in luck.asked}
    assert len(streams) > 40
    for stream in streams:
        owner, _, decision = stream.partition(".")
        assert owner.isidentifier(), stream
        assert decision, stream


def test_each_decision_of_a_tick_has_a_draw_of_its_own(luck: WatchedDraws) -> None:
    """Nobody is asked the same thing twice in a tick: two decisions by one draw would be no independent ones.

    Draws at 0 are fixed for life (who could be tied, what a mask compares with, how worker and enterprise fit) and
    are looked up as often as wanted; so are those of a year.
    """
    assert list(asked_twice(luck.asked, 2014)) == []
    assert {stream for stream, _ in luck.asked} >= SHARED


def test_households_and_workers_draw_under_their_own_keys(luck: WatchedDraws) -> None:
    model = JointPointModel(t_district(**HARD_TIMES), households=400, years=1, views=False, rng=7)
    h = model.world.households
    place, generations = model.world.places.id[h.place], np.arange(9)[:, None]
    households = key_of(place, h.number, generations).ravel()  # those of now, and who may live there later
    numbers = np.concatenate([np.arange(10), people.GROWN + np.arange(20)])[:, None]
    known = {"household": np.sort(households), "worker": np.sort(key_of(households, numbers), axis=None)}
    by = {
        "illness.onset": "household",
        "needs.dispute": "household",
        "productivity.fortune": "household",
        "dibao.apply": "household",
        "labour.separation": "worker",
        "labour.search": "worker",
        "migration.leave": "worker",
        "migration.return": "worker",
    }
    for (stream, when), asked in luck.asked.items():
        if stream in by:
            keys, among = np.concatenate(asked), known[by[stream]]
            nearest = among[np.searchsorted(among, keys).clip(max=len(among) - 1)]  # np.isin sorts each time
            assert (nearest == keys).all(), (stream, when)
    assert by.keys() <= {stream for stream, _ in luck.asked}
