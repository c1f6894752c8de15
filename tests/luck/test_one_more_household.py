"""One household appended to one place changes nobody else's keys, columns, ties or draws."""

import numpy as np
import pytest

from abm.core.columns import Columns
from abm.core.draws import Draws, key_of, pair_key
from abm.graph.formation import (
    NEIGHBOURHOOD,
    form_household_links,
    form_pair_links,
    household_links,
    kin_ties,
    mutual_aid_ties,
    pair_candidates,
)
from abm.graph.joint_points import JointPoints
from abm.graph.links import PairLinks
from abm.model.model import JointPointModel
from abm.model.plan import settings
from abm.population.synthesis import Synthesised, households_by_place, synthesise
from abm.scenario.parameters import values_of
from abm.scenario.schema import Scenario
from abm.world.choosing import one_of
from abm.world.world import World
from tests.worlds import t_district

SEED = 3
PLACE = 4
"""The place that gets one more household; there are others before and after it."""


def made(extra: int) -> Synthesised:
    scenario = t_district()
    counts = households_by_place(scenario, 600)
    rows = tuple(place for place, n in zip(scenario.places.rows, counts, strict=True) if n)
    counts = counts[counts > 0]
    counts[PLACE] += extra
    return synthesise(scenario, rows, counts, Draws(SEED), values_of(settings(scenario), "synthesis"))


@pytest.fixture(scope="module")
def fewer() -> Synthesised:
    return made(0)


@pytest.fixture(scope="module")
def more() -> Synthesised:
    return made(1)


def others(table: Columns, keys: np.ndarray) -> np.ndarray:
    """Rows of these keys, in their order."""
    order = np.argsort(table.key)
    rows = order[np.searchsorted(table.key, keys, sorter=order)]
    assert np.array_equal(table.key[rows], keys)
    return rows


def test_there_is_one_more_and_it_is_the_last_of_its_place(fewer: Synthesised, more: Synthesised) -> None:
    new = np.setdiff1d(more.households.key, fewer.households.key)
    assert len(new) == 1
    assert np.isin(fewer.households.key, more.households.key).all()
    row = others(more.households, new)[0]
    assert more.households.place[row] == PLACE
    assert more.households.number[row] == (fewer.households.place == PLACE).sum()


def test_no_column_of_another_household_changes(fewer: Synthesised, more: Synthesised) -> None:
    a, b = fewer.households, more.households
    rows = others(b, a.key)
    for name in a.names:
        assert np.array_equal(a[name], b[name][rows]), name
    assert np.array_equal(fewer.income, more.income[rows])
    for name in ("standing", "workers", "schooling", "skill", "capital", "trust"):
        assert len(np.unique(a[name])) > 3, name  # there was something to compare


def test_no_column_of_another_worker_changes(fewer: Synthesised, more: Synthesised) -> None:
    a, b = fewer.workers, more.workers
    rows = others(b, a.key)
    for name in a.names:
        if name != "household":
            assert np.array_equal(a[name], b[name][rows]), name
    assert np.array_equal(
        fewer.households.key[a.household], more.households.key[b.household[rows]]
    )  # of the same household
    assert len(np.unique(a.activity)) == 3


def ties(people: Synthesised) -> dict[str, PairLinks]:
    h, p = people.households, values_of(settings(t_district()), "ties")
    draws = Draws(SEED)
    return {
        "kin": kin_ties(draws, h.key, h.place, h.number, p.kin_chance, 2014),
        "mutual_aid": mutual_aid_ties(draws, h.key, h.place, h.number, h.standing, p.aid_chance, p.homophily),
    }


def described(people: Synthesised, links: PairLinks) -> dict[tuple[int, int], tuple[float, float, int]]:
    """Ties by the keys of their ends."""
    keys = people.households.key
    return {
        (int(keys[a]), int(keys[b])): (float(form), float(draw), int(since))
        for a, b, form, draw, since in zip(
            links.a, links.b, links.form_draw, links.draw, links.since, strict=True
        )
    }


@pytest.mark.parametrize("kind", ["kin", "mutual_aid"])
def test_no_tie_among_others_comes_goes_or_changes(kind: str, fewer: Synthesised, more: Synthesised) -> None:
    before, after = described(fewer, ties(fewer)[kind]), described(more, ties(more)[kind])
    known = set(fewer.households.key.tolist())
    kept = {ends: what for ends, what in after.items() if known.issuperset(ends)}
    assert kept == before
    assert len(before) > 300


def test_the_new_household_gets_ties_of_its_own(more: Synthesised, fewer: Synthesised) -> None:
    """Over many seeds: one appended to a place is no hermit."""
    h = more.households
    a, b = pair_candidates(h.place, h.number, NEIGHBOURHOOD, blocks=False)
    new = others(h, np.setdiff1d(h.key, fewer.households.key))[0]
    assert ((a == new) | (b == new)).sum() == NEIGHBOURHOOD


def test_links_to_institutions_form_for_the_same_households(fewer: Synthesised, more: Synthesised) -> None:
    linked = []
    for people in (fewer, more):
        h = people.households
        points = JointPoints(tuple(str(i) for i in range(h.place.max() + 1)), h.place)
        points.household["membership"] = household_links("membership", Draws(SEED), h.key)
        eligible = h.registered.copy()
        form_household_links(points, "membership", Draws(SEED), h.key, np.arange(3, 6), 0.5, 2019, eligible)
        points.pairs.update(ties(people))
        form_pair_links(points, "mutual_aid", np.arange(3, 6), 0.5, 2019)
        formed = points.pairs["mutual_aid"].since == 2019
        aid = points.pairs["mutual_aid"]
        linked.append(
            (
                dict(zip(h.key.tolist(), points.household["membership"].since.tolist(), strict=True)),
                {(int(h.key[a]), int(h.key[b])) for a, b in zip(aid.a[formed], aid.b[formed], strict=True)},
            )
        )
    (since, pairs), (since_more, pairs_more) = linked
    assert {key: since_more[key] for key in since} == since
    assert 0 < sum(year == 2019 for year in since.values()) < len(since)
    assert pairs <= pairs_more
    assert all(not set(ends) <= set(since) for ends in pairs_more - pairs)


def test_an_owner_is_another_only_if_it_is_the_new_household() -> None:
    """Whom a founder's lot falls on: with one more household in the place, the newcomer or the same as before."""
    keys, draws = key_of(1, np.arange(20_000)), Draws(SEED)
    for count in (1, 2, 37, 400):
        before = one_of(draws, "enterprise.owner", keys, np.full(len(keys), count))
        after = one_of(draws, "enterprise.owner", keys, np.full(len(keys), count + 1))
        moved = after != before
        assert (after[moved] == count).all()
        assert abs(moved.mean() - 1 / (count + 1)) < 6 * np.sqrt(count) / (count + 1) / np.sqrt(len(keys))
        expected = len(keys) / count
        counts = np.bincount(before, minlength=count)
        assert np.abs(counts - expected).max() < 6 * np.sqrt(expected)
        assert len(counts) == count


def test_no_two_keys_of_a_whole_district_are_equal() -> None:
    """Households, workers, enterprises over a century, and possible ties, at real size."""
    scenario = t_district()
    counts = households_by_place(scenario, None)
    place = np.repeat(np.arange(len(counts)), counts)
    ids = np.array([row.id for row in scenario.places.rows])
    number = np.concatenate([np.arange(count) for count in counts])
    households = key_of(ids[place], number, 0)
    workers = key_of(households[:, None], np.arange(9)[None, :]).ravel()
    enterprises = key_of(ids[:, None], np.arange(2000)[None, :]).ravel()
    a, b = pair_candidates(place.astype(np.int16), number.astype(np.int32), NEIGHBOURHOOD, blocks=False)
    pairs = pair_key(households[a], households[b])
    everything = np.concatenate([households, workers, enterprises, pairs])
    assert len(everything) > 3_000_000
    everything.sort()
    assert (everything[1:] != everything[:-1]).all()


@pytest.fixture(scope="module")
def worlds() -> list[World]:
    """Two whole models after two years, one with one more household."""

    def counts(scenario: Scenario, households: int | None) -> np.ndarray:
        found = households_by_place(scenario, households)
        found[np.flatnonzero(found)[PLACE]] += len(worlds)
        return found

    worlds: list[World] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("abm.world.build.households_by_place", counts)
        for _ in range(2):
            model = JointPointModel(t_district(), households=600, years=2, views=False, rng=SEED)
            model.run()
            worlds.append(model.world)
    return worlds


def test_what_luck_alone_decides_stays_the_same_for_all_others(worlds: list[World]) -> None:
    """After two years of a whole model: fortunes and seasons come from draws alone.

    Who lives in a dwelling may differ, since people come where there is work."""
    a, b = (world.households for world in worlds)
    assert len(b) == len(a) + 1
    same = np.intersect1d(a.key, b.key)
    assert len(same) > 0.97 * len(a)
    old, new = others(a, same), others(b, same)
    for name in ("fortune", "season", "standing", "trust_first"):
        assert np.array_equal(a[name][old], b[name][new]), name
    assert a.fortune.std() > 0.1


def test_enterprises_have_the_same_owners(worlds: list[World]) -> None:
    """Those of the start; the newcomer may have got one."""
    a, b = worlds
    firms = {int(key): row for row, key in enumerate(b.enterprises.key)}
    new = set(b.households.key.tolist()) - set(a.households.key.tolist())
    compared = 0
    for row in np.flatnonzero(a.enterprises.owner >= 0):
        twin = firms.get(int(a.enterprises.key[row]))
        if twin is None:
            continue  # founded in one of the two worlds only
        before = int(a.households.key[a.enterprises.owner[row]])
        after = int(b.households.key[b.enterprises.owner[twin]])
        assert after == before or after in new
        compared += 1
    assert compared > 20
