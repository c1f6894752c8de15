"""Rewiring: by lot, each lot keyed by the link and whom it may fall on, so that newcomers move nobody else's."""

import numpy as np
import pytest

from abm.core.draws import Draws, FixedDraws, key_of
from abm.graph.formation import form_household_links, form_pair_links, household_links, mutual_aid_ties
from abm.graph.joint_points import JointPoints
from abm.graph.links import Link
from abm.graph.rewiring import drawn_households, drawn_partner, rewire_ties

COUNTS = (60, 2, 140)


def keys_of(counts: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    place = np.repeat(np.arange(len(counts)), counts).astype(np.int64)
    number = np.concatenate([np.arange(n) for n in counts]).astype(np.int32)
    return place, number, key_of(place, number, 0)


def points_of(counts: tuple[int, ...] = COUNTS) -> tuple[JointPoints, np.ndarray]:
    place, number, keys = keys_of(counts)
    made = JointPoints(tuple("ABCDEF"[: len(counts)]), place)
    made.household["volunteer"] = household_links("volunteer", Draws(1), keys)
    made.pairs["mutual_aid"] = mutual_aid_ties(Draws(1), keys, place, number, np.zeros(len(keys)), 0.4, 0.0)
    return made, keys


# --- households -----------------------------------------------------------------------------------------


def test_as_many_households_as_planned_from_all_places() -> None:
    everybody = np.ones(sum(COUNTS), bool)
    planned, keys = points_of()
    wanted = form_household_links(planned, "volunteer", Draws(1), keys, np.array([0]), 0.5, 2019, everybody)
    made, _ = points_of()
    got = form_household_links(
        made, "volunteer", Draws(1), keys, np.array([0]), 0.5, 2019, everybody, rewired=True
    )
    links = made.household["volunteer"]
    assert wanted == got == (links.since == 2019).sum() > 0
    assert np.array_equal(links.planned, planned.household["volunteer"].planned)
    assert (links.since[made.place == 2] == 2019).any()
    # later on, who was drawn before counts as linked, and who was planned before is not planned again
    wanted = form_household_links(
        planned, "volunteer", Draws(1), keys, np.array([0, 2]), 0.8, 2020, everybody
    )
    got = form_household_links(
        made, "volunteer", Draws(1), keys, np.array([0, 2]), 0.8, 2020, everybody, rewired=True
    )
    assert wanted == got == (links.since == 2020).sum()
    assert (links.since == 2019).sum() > 0


def test_only_the_eligible_are_drawn_and_never_more_than_there_are() -> None:
    made, keys = points_of()
    links, eligible = made.household["volunteer"], made.place == 1
    assert drawn_households(links, Draws(1), keys, 5, eligible).tolist() == [60, 61]
    links.since[60] = 2014
    assert drawn_households(links, Draws(1), keys, 5, eligible).tolist() == [61]
    assert drawn_households(links, Draws(1), keys, 0, eligible).tolist() == []


def test_one_more_household_takes_a_link_from_one_at_most() -> None:
    drawn = []
    for counts in (COUNTS, (60, 3, 140)):
        made, keys = points_of(counts)
        everybody = np.ones(len(keys), bool)
        rows = drawn_households(made.household["volunteer"], Draws(1), keys, 100, everybody)
        drawn.append(set(keys[rows].tolist()))
    assert len(drawn[0] - drawn[1]) <= 1
    assert len(drawn[0]) == len(drawn[1]) == 100


def test_the_lots_are_even() -> None:
    counts = np.zeros(sum(COUNTS))
    for seed in range(200):
        made, keys = points_of()
        counts[drawn_households(made.household["volunteer"], Draws(seed), keys, 50, counts >= 0)] += 1
    expected = 200 * 50 / sum(COUNTS)
    assert np.abs(counts - expected).max() < 5 * np.sqrt(expected)


# --- ties -----------------------------------------------------------------------------------------------


def ends_of(made: JointPoints, keys: np.ndarray, year: int) -> dict[float, frozenset[int]]:
    """The keys of the two ends of each tie of a year, by the tie's own draw."""
    ties = made.pairs["mutual_aid"]
    new = np.flatnonzero(ties.since == year)
    return {float(ties.form_draw[i]): frozenset((int(keys[ties.a[i]]), int(keys[ties.b[i]]))) for i in new}


def test_ties_get_other_ends_in_the_same_place() -> None:
    planned, keys = points_of()
    made, _ = points_of()
    for points, by in ((planned, None), (made, (Draws(1), keys))):
        form_pair_links(points, "mutual_aid", np.array([0, 2]), 0.3, 2014)
        form_pair_links(points, "mutual_aid", np.array([0, 2]), 0.7, 2019, by)
    real, other = (ends_of(points, keys, 2019) for points in (planned, made))
    assert ends_of(planned, keys, 2014) == ends_of(made, keys, 2014)
    assert real.keys() == other.keys()  # the same ties, with their own draws
    assert sum(real[tie] != other[tie] for tie in real) > 0.9 * len(real)
    ties = made.pairs["mutual_aid"]
    formed = ties.since > 0
    pairs = list(zip(ties.a[formed].tolist(), ties.b[formed].tolist(), strict=True))
    assert len(pairs) == len(set(pairs))
    assert (ties.a < ties.b).all()
    assert (made.place[ties.a] == made.place[ties.b]).all()


def test_one_more_household_moves_few_ties() -> None:
    found = []
    for counts in (COUNTS, (60, 2, 141)):
        place, _, keys = keys_of(counts)
        made = JointPoints(("A", "B", "C"), place)
        # possible ties among the old ones alone, so that the newcomer can only come in by lot
        old = points_of()[0].pairs["mutual_aid"]
        made.pairs["mutual_aid"] = old
        form_pair_links(made, "mutual_aid", np.array([2]), 0.7, 2019, (Draws(1), keys))
        found.append(ends_of(made, keys, 2019))
    moved = [tie for tie in found[0] if found[0][tie] != found[1][tie]]
    new = int(keys_of((60, 2, 141))[2][-1])
    assert found[0].keys() == found[1].keys()
    assert 0 < len(moved) < 0.1 * len(found[0])
    assert sum(new in found[1][tie] for tie in moved) >= len(moved) - 1  # or whom these have pushed off


def test_where_all_are_tied_ties_stay() -> None:
    place, number, keys = keys_of((2,))
    pair = mutual_aid_ties(Draws(1), keys, place, number, np.zeros(2), 1.0, 0.0)
    rewire_ties(pair, np.array([0]), place, Draws(1), keys)
    assert (pair.a.tolist(), pair.b.tolist()) == ([0], [1])
    made, keys = points_of()
    ties = made.pairs["mutual_aid"]
    rewire_ties(ties, np.arange(5), made.place, FixedDraws(), keys)  # all lots alike: still no pair twice
    assert len(set(zip(ties.a[:5].tolist(), ties.b[:5].tolist(), strict=True))) == 5


# --- institutions ---------------------------------------------------------------------------------------


def graph(branches: int) -> JointPoints:
    made = JointPoints(tuple("ABCDEFGHIJ"[:branches]), np.zeros(1, np.int64))
    made.add_institution("branch:district", None, type="party_branch", tier="district")
    for i in range(branches):
        made.add_institution(f"branch:{i}", None, type="party_branch", tier="village")
        made.add_institution(f"volunteers:{i}", None, type="social_organization")
    made.add_institution("station:district", None, type="social_work_station")
    return made


def key(name: str) -> int:
    return int(key_of(int(name.rpartition(":")[2]), 0)[0])


def partner(made: JointPoints, target: str, draw: float, kind: str = "station") -> str:
    return drawn_partner(made, kind, "station:district", target, draw, Draws(1), key)


def test_a_partner_is_of_the_same_type_and_not_taken_yet() -> None:
    made, drawn = graph(10), []
    for i in range(10):
        found = partner(made, f"volunteers:{i}", 0.05 + i / 20)
        drawn.append(found)
        made.add_link(
            Link("station:district", found, "station", i, 0.5, 2019, meant_for=f"volunteers:{i}"), active=True
        )
        assert made.has_formed("station", "station:district", f"volunteers:{i}")
    assert sorted(drawn) == [f"volunteers:{i}" for i in range(10)]  # each once
    assert drawn != [f"volunteers:{i}" for i in range(10)]
    assert partner(made, "volunteers:3", 0.4) == "volunteers:3"  # nobody is left


def test_partners_are_drawn_evenly_and_stay_when_another_comes() -> None:
    few, more = graph(9), graph(10)
    draws = np.linspace(0.001, 0.999, 900)
    chosen = [(partner(few, "volunteers:0", u), partner(more, "volunteers:0", u)) for u in draws.tolist()]
    counts = np.unique([one for one, _ in chosen], return_counts=True)[1]
    assert len(counts) == 9
    assert np.abs(counts - 100).max() < 5 * np.sqrt(100)
    changed = [other for one, other in chosen if one != other]
    assert set(changed) == {"volunteers:9"}


@pytest.mark.parametrize("gone", ["volunteers:1", "volunteers:2", "branch:0"])
def test_a_rewired_link_ends_with_its_partner_and_with_whom_it_was_meant_for(gone: str) -> None:
    made = graph(4)
    made.add_link(
        Link("branch:0", "volunteers:2", "station", 0, 0.5, 2019, meant_for="volunteers:1"), active=True
    )
    assert made.has_formed("station", "branch:0", "volunteers:1")
    assert not made.has_formed("station", "branch:0", "volunteers:2")
    made.remove_institution(gone)
    assert not made.links
    assert made.graph.number_of_edges() == 0
    assert not made.has_formed("station", "branch:0", "volunteers:1")
    for other in {"volunteers:1", "volunteers:2", "branch:0"} - {gone}:
        made.remove_institution(other)  # nothing of it is left anywhere
