"""What rules hand to luck: keys of those concerned, never row numbers, and each decision has a draw of its own."""

from collections import defaultdict

import numpy as np
import pytest

from abm.core.draws import Draws, Floats, Keys, key_of
from abm.model.model import JointPointModel
from abm.world import people
from tests.worlds import HARD_TIMES, finish, finished, t_district


class Watched(Draws):
    """Draws that remember what they were asked."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.asked: defaultdict[tuple[str, int], list[Keys]] = defaultdict(list)

    def uniform(self, stream: str, when: int, keys: Keys) -> Floats:
        self.asked[(stream, when)].append(np.array(keys, copy=True).reshape(-1))
        return super().uniform(stream, when, keys)


@pytest.fixture(scope="module")
def luck() -> Watched:
    """Of eight years with all mechanisms, the pilot included."""
    watched = Watched(7)
    model = JointPointModel(t_district(**HARD_TIMES), households=400, years=8, views=False, luck=watched)
    model.run()
    return watched


def test_the_watched_run_is_the_run() -> None:
    watched = JointPointModel(
        t_district(), households=400, years=6, views=False, luck=Watched(7), snapshots=True
    )
    assert finish(watched).flows.equals(finished().flows)


def test_keys_are_64_bit_words(luck: Watched) -> None:
    for (stream, _), asked in luck.asked.items():
        assert all(keys.dtype == np.uint64 for keys in asked), stream


def test_nobody_draws_by_row_number(luck: Watched) -> None:
    """A hashed key below 2³² has a chance of 2⁻³²; row numbers all lie there."""
    small = {stream for (stream, _), asked in luck.asked.items() for keys in asked if (keys < 2**32).any()}
    assert small == set()


def test_streams_are_named_by_what_they_decide(luck: Watched) -> None:
    streams = {stream for stream, _ in luck.asked}
    assert len(streams) > 40
    for stream in streams:
        owner, _, decision = stream.partition(".")
        assert owner.isidentifier(), stream
        assert decision, stream


SHARED = {"labour.reserved"}
"""An enterprise rounds its reserved share once in a tick, for all who apply."""


def test_each_decision_of_a_tick_has_a_draw_of_its_own(luck: Watched) -> None:
    """Nobody is asked the same thing twice in a tick: two decisions by one draw would be no independent ones.

    Draws at 0 are fixed for life (who could be tied, what a mask compares with, how worker and enterprise fit) and
    are looked up as often as wanted; so are those of a year.
    """
    twice = []
    for (stream, when), asked in luck.asked.items():
        keys = np.concatenate(asked)
        if 0 < when < 2014 and stream not in SHARED and len(np.unique(keys)) < len(keys):
            twice.append((stream, when))
    assert twice == []


def test_households_and_workers_draw_under_their_own_keys(luck: Watched) -> None:
    model = JointPointModel(t_district(**HARD_TIMES), households=400, years=1, views=False, rng=7)
    h = model.world.households
    place, generations = model.world.places.id[h.place], np.arange(9)[:, None]
    households = key_of(place, h.number, generations).ravel()  # those of now, and who may live there later
    numbers = np.concatenate([np.arange(10), people.GROWN + np.arange(20)])[:, None]
    known = {"household": households, "worker": key_of(households, numbers).ravel()}
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
            assert np.isin(np.concatenate(asked), known[by[stream]]).all(), (stream, when)
    assert by.keys() <= {stream for stream, _ in luck.asked}
