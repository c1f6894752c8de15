"""The joint-point graph as a data structure, its masks, and its export."""

import numpy as np
import pytest

from abm.core.names import LAYERS
from abm.graph.integration import participation_coefficient
from abm.graph.joint_points import JointPoints
from abm.graph.kinds import LINK_KINDS
from abm.graph.links import HouseholdLinks, Link, PairLinks
from abm.graph.switching import apply_switches, link_limit
from abm.scenario.switches import Switch

NAMES = ("A", "B")


def small() -> JointPoints:
    """Two villages of three households; everything has formed in 2014."""
    points = JointPoints(NAMES, np.array([0, 0, 0, 1, 1, 1], np.int16))
    for name in ("branch:district", "branch:A", "branch:B", "collective:A", "enterprise:A/0"):
        points.add_institution(name, object(), type="any")
    points.add_link(Link("branch:district", "branch:A", "vertical", 0, 0.2, 2014), active=True)
    points.add_link(Link("branch:district", "branch:B", "vertical", 1, 0.8, 2019), active=True)
    points.add_link(Link("enterprise:A/0", "collective:A", "project", 0, 0.5, 2014), active=True)
    draws = np.array([0.1, 0.3, 0.5, 0.7, 0.9, 0.95])
    since = np.array([2014, 2014, 2019, 2014, 2019, 0], np.int16)
    points.household["volunteer"] = HouseholdLinks("volunteer", draws, since, np.zeros(6, bool))
    for kind in ("mutual_aid", "kin"):
        a, b = np.array([0, 1, 3], np.int32), np.array([1, 2, 5], np.int32)
        ties = PairLinks(
            kind, a, b, draws[:3], draws[:3].copy(), np.full(3, 2014, np.int16), np.zeros(3, bool)
        )
        points.pairs[kind] = ties
    apply_switches(points, (), 2019)
    return points


def test_without_a_switch_all_that_has_formed_is_active() -> None:
    points = small()
    assert points.household["volunteer"].active.tolist() == [True, True, True, True, True, False]
    assert points.pairs["kin"].active.all()
    assert points.graph.number_of_edges() == 3
    apply_switches(points, (), 2014)  # what forms later is not there yet
    assert points.household["volunteer"].active.tolist() == [True, True, False, True, False, False]


@pytest.mark.parametrize(
    ("switch", "volunteers", "edges"),
    [
        (Switch(layer="social"), [], 3),
        (Switch(layer="social", strength=0.6), [0, 1, 2], 3),
        (Switch(layer="social", village="A"), [3, 4], 3),
        (Switch(layer="social", village="C"), [0, 1, 2, 3, 4], 3),
        (Switch(kind="volunteer", added_since=2019), [0, 1, 3], 3),
        (Switch(layer="organizational"), [0, 1, 2, 3, 4], 1),
        (Switch(layer="organizational", strength=0.5), [0, 1, 2, 3, 4], 2),
        (Switch(layer="organizational", added_since=2019), [0, 1, 2, 3, 4], 2),
        (Switch(layer="organizational", village="B"), [0, 1, 2, 3, 4], 2),
        (Switch(link="vertical:branch:district>branch:A"), [0, 1, 2, 3, 4], 2),
        (Switch(layer="interest", kind="vertical"), [0, 1, 2, 3, 4], 3),  # no link is both
        (Switch(), [], 0),
        (Switch(village="A"), [3, 4], 1),
        (Switch(from_year=2020), [0, 1, 2, 3, 4], 3),
        (Switch(to_year=2018), [0, 1, 2, 3, 4], 3),
        (Switch(kind="kin"), [0, 1, 2, 3, 4], 3),
    ],
)
def test_what_a_switch_leaves(switch: Switch, volunteers: list[int], edges: int) -> None:
    points = small()
    apply_switches(points, (switch,), 2019)
    assert np.flatnonzero(points.household["volunteer"].active).tolist() == volunteers
    assert points.graph.number_of_edges() == edges
    assert points.pairs["kin"].active.any() == (switch.kind != "kin")
    apply_switches(points, (), 2019)
    assert points.graph.number_of_edges() == 3
    assert points.household["volunteer"].active.sum() == 5


def test_the_strongest_mask_wins() -> None:
    masks = (
        Switch(layer="social", strength=0.5),
        Switch(kind="volunteer", strength=0.2),
        Switch(strength=0.9),
    )
    assert link_limit(masks, "volunteer", 0, 2014, "x", NAMES) == 0.2
    assert link_limit(masks, "mutual_aid", 0, 2014, "x", NAMES) == 0.5
    assert link_limit(masks, "vertical", -1, 2014, "x", NAMES) == 0.9
    assert link_limit(masks, "kin", 0, 2014, "x", NAMES) == 1.0
    assert link_limit((), "kin", 0, 2014, "x", NAMES) == 1.0


def test_neighbours_are_the_two_ends_of_active_ties() -> None:
    points = small()
    ties = points.pairs["mutual_aid"]
    matrix = ties.neighbours(6)
    assert (matrix != matrix.T).nnz == 0
    assert [sorted(matrix[[row]].indices.tolist()) for row in range(6)] == [[1], [0, 2], [1], [5], [], [3]]
    apply_switches(points, (Switch(kind="mutual_aid", strength=0.2),), 2019)
    assert ties.neighbours(6).nnz == 2  # what was worked out before is forgotten
    apply_switches(points, (Switch(kind="mutual_aid"),), 2019)
    assert ties.neighbours(6).nnz == 0


def test_degrees_count_active_joint_points_by_layer() -> None:
    points = small()
    degrees = points.degrees()
    assert degrees.shape == (3, 6)
    assert degrees[LAYERS.index("social")].tolist() == [2, 3, 2, 2, 1, 1]
    assert not degrees[:2].any()
    apply_switches(points, (Switch(kind="volunteer"),), 2019)
    assert points.degrees()[LAYERS.index("social")].tolist() == [1, 2, 1, 1, 0, 1]


def test_an_institution_that_goes_takes_its_links_with_it() -> None:
    points = small()
    points.remove_institution("enterprise:A/0")
    assert "enterprise:A/0" not in points.graph
    assert not [link for link in points.links.values() if link.kind == "project"]
    points.remove_institution("collective:A")  # the other end can go, too
    points.remove_institution("branch:district")
    assert points.graph.number_of_edges() == 0
    assert points.links == {}


def test_every_kind_of_link_has_a_layer_ends_and_a_chinese_name() -> None:
    for kind, what in LINK_KINDS.items():
        assert what.layer in (*LAYERS, "background"), kind
        assert what.ends in ("institutions", "household", "households"), kind
        assert what.resource
        assert any("\u4e00" <= letter <= "\u9fff" for letter in what.chinese)
    assert {what.layer for what in LINK_KINDS.values()} == {*LAYERS, "background"}


@pytest.mark.parametrize(
    ("degrees", "index"),
    [
        ((0, 0, 0), 0.0),
        ((5, 0, 0), 0.0),
        ((2, 2, 2), 1.0),
        ((1, 1, 0), 0.75),
        ((3, 1, 0), 1.5 * (1 - 10 / 16)),
        ((4, 2, 1), 1.5 * (1 - 21 / 49)),
    ],
)
def test_the_participation_coefficient_by_hand(degrees: tuple[int, ...], index: float) -> None:
    """Battiston, Nicosia & Latora (2014), eq. 16, for three layers."""
    found = participation_coefficient(np.array([degrees, degrees], np.int32).T)
    assert found == pytest.approx([index, index], abs=1e-15)
