"""How ties form: who could be tied, by which draws, and what a larger share adds."""

import numpy as np
import pytest

from abm.core.draws import Draws, FixedDraws, key_of
from abm.graph.formation import (
    LINEAGE,
    NEIGHBOURHOOD,
    form_household_links,
    form_pair_links,
    household_links,
    kin_ties,
    mutual_aid_ties,
    pair_candidates,
)
from abm.graph.joint_points import JointPoints

COUNTS = (37, 1, 250)
PLACE = np.repeat(np.arange(3), COUNTS).astype(np.int16)
NUMBER = np.concatenate([np.arange(n) for n in COUNTS]).astype(np.int32)
KEYS = key_of(PLACE, NUMBER, 0)


@pytest.mark.parametrize("blocks", [True, False])
def test_candidates_are_all_near_pairs_of_a_place_once(blocks: bool) -> None:
    reach = 5
    a, b = pair_candidates(PLACE, NUMBER, reach, blocks=blocks)
    found = set(zip(a.tolist(), b.tolist(), strict=True))
    assert len(found) == len(a)
    expected = {
        (i, j)
        for i in range(len(PLACE))
        for j in range(i + 1, len(PLACE))
        if PLACE[i] == PLACE[j]
        and (NUMBER[i] // reach == NUMBER[j] // reach if blocks else NUMBER[j] - NUMBER[i] <= reach)
    }
    assert found == expected


def test_kin_are_of_one_lineage_and_there_from_the_start() -> None:
    ties = kin_ties(Draws(1), KEYS, PLACE, NUMBER, 0.35, 2014)
    assert (NUMBER[ties.a] // LINEAGE == NUMBER[ties.b] // LINEAGE).all()
    assert (PLACE[ties.a] == PLACE[ties.b]).all()
    assert (ties.since == 2014).all()
    candidates = len(pair_candidates(PLACE, NUMBER, LINEAGE, blocks=True)[0])
    assert abs(len(ties.a) - 0.35 * candidates) < 5 * np.sqrt(candidates * 0.35 * 0.65)
    whole = kin_ties(Draws(1), KEYS, PLACE, NUMBER, 0.8, 2014)
    assert set(zip(ties.a, ties.b, strict=True)) < set(zip(whole.a, whole.b, strict=True))


def test_neighbours_of_like_standing_are_likelier_to_be_tied() -> None:
    n = 20_000
    place, number = np.zeros(n, np.int16), np.arange(n, dtype=np.int32)
    keys, standing = key_of(1, number, 0), Draws(2).normal("standing", 0, key_of(1, number, 0))
    ties = mutual_aid_ties(Draws(1), keys, place, number, standing, 0.2, 1.0)
    a, b = pair_candidates(place, number, NEIGHBOURHOOD, blocks=False)
    gap, tied = np.abs(standing[a] - standing[b]), np.abs(standing[ties.a] - standing[ties.b])
    for low, high in ((0.0, 0.5), (0.5, 1.0), (1.0, 2.0), (2.0, 9.0)):
        inside = (gap >= low) & (gap < high)
        expected = (0.2 * np.exp(-gap[inside])).sum()
        assert abs(((tied >= low) & (tied < high)).sum() - expected) < 5 * np.sqrt(expected)
    assert (ties.since == 0).all()  # possible ties: none has formed
    assert not ties.active.any()
    blind = mutual_aid_ties(Draws(1), keys, place, number, standing, 0.2, 0.0)
    assert abs(len(blind.a) / len(a) - 0.2) < 5 * np.sqrt(0.16 / len(a))


def points() -> JointPoints:
    made = JointPoints(("A", "B", "C"), PLACE)
    made.household["volunteer"] = household_links("volunteer", Draws(1), KEYS)
    made.pairs["mutual_aid"] = mutual_aid_ties(Draws(1), KEYS, PLACE, NUMBER, np.zeros(len(KEYS)), 0.5, 0.0)
    return made


def form(
    made: JointPoints, places: list[int], share: float, year: int, eligible: np.ndarray | None = None
) -> int:
    able = np.ones(len(KEYS), bool) if eligible is None else eligible
    return form_household_links(made, "volunteer", Draws(1), KEYS, np.array(places), share, year, able)


def test_a_larger_share_keeps_those_who_are_linked_and_adds_others() -> None:
    made = points()
    first = form(made, [2], 0.3, 2014)
    since = made.household["volunteer"].since.copy()
    assert first == (since == 2014).sum() > 0
    second = form(made, [2], 0.7, 2019)
    now = made.household["volunteer"].since
    assert (now[since == 2014] == 2014).all()
    assert second == (now == 2019).sum() > 0
    assert form(made, [2], 0.5, 2020) == 0  # a smaller one adds nobody and removes nobody
    assert np.array_equal(now, made.household["volunteer"].since)
    at_once = points()
    form(at_once, [2], 0.7, 2019)
    assert np.array_equal(at_once.household["volunteer"].since > 0, now > 0)


def test_links_form_where_planned_for_the_eligible_only() -> None:
    made = points()
    eligible = NUMBER % 2 == 0
    assert form(made, [0, 1], 1.0, 2014, eligible) == (eligible & (PLACE < 2)).sum()
    linked = made.household["volunteer"].since > 0
    assert np.array_equal(linked, eligible & (PLACE < 2))
    assert not made.household["volunteer"].active.any()  # a mask decides that


def test_possible_ties_form_by_share_and_place() -> None:
    made = points()
    ties = made.pairs["mutual_aid"]
    here = PLACE[ties.a] == 2
    new = form_pair_links(made, "mutual_aid", np.array([2]), 0.4, 2014)
    formed = ties.since == 2014
    assert new == formed.sum()
    assert not formed[~here].any()
    assert abs(new - 0.4 * here.sum()) < 5 * np.sqrt(here.sum() * 0.24)
    form_pair_links(made, "mutual_aid", np.array([0, 1, 2]), 1.0, 2019)
    assert (ties.since[formed] == 2014).all()
    assert (ties.since[~formed] == 2019).all()


def test_the_draw_that_forms_a_link_is_not_the_one_that_masks_it() -> None:
    made = points()
    ties = made.pairs["mutual_aid"]
    assert abs(np.corrcoef(ties.form_draw, ties.draw)[0, 1]) < 5 / np.sqrt(len(ties.draw))
    luck = FixedDraws({"mask.volunteer": 0.25})
    assert (household_links("volunteer", luck, KEYS).draw == 0.25).all()
