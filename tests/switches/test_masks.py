"""A switch masks, it does not rebuild: links form by the same draws, weaker masks nest in stronger ones, and what is
lifted comes back."""

from itertools import pairwise

import networkx as nx
import numpy as np
import pytest

from abm.core.names import BACKGROUND, LAYERS
from abm.graph.joint_points import BreakPoint
from abm.graph.kinds import LINK_KINDS
from abm.laws.switches import active_links
from abm.laws.symmetry import with_names
from abm.model.model import JointPointModel
from abm.scenario.switches import Arm
from tests.worlds import t_district

SIZE = {"households": 600, "views": False, "rng": 1}


def model_of(
    years: int, switches: tuple[dict[str, object], ...] = (), arm: Arm | None = None
) -> JointPointModel:
    scenario = t_district(switches=switches) if switches else t_district()
    return JointPointModel(scenario, years=years, arm=arm, **SIZE)


def of_layer(links: dict[str, set[object]], layer: str) -> int:
    return sum(len(found) for kind, found in links.items() if LINK_KINDS[kind].layer == layer)


# --- what is there at the start -----------------------------------------------------------------------


def test_in_2014_there_are_joint_points_in_each_layer() -> None:
    model = model_of(1)
    model.step()
    links, degrees = active_links(model.world), model.world.points.degrees()
    for i, layer in enumerate(LAYERS):
        assert of_layer(links, layer) > 0
        assert degrees[i].sum() > 0
    for kind in ("vertical", "case_channel", "membership", "volunteer", "mutual_aid", "kin"):
        assert links[kind], kind
    for kind in ("grid", "grid_branch", "station"):
        assert not links[kind], kind


def test_what_the_scenario_plans_begins_in_its_year_and_place() -> None:
    model = model_of(9)
    model.run()
    world = model.world
    for kind in ("grid", "volunteer", "membership", "mutual_aid"):
        links = world.points.household.get(kind) or world.points.pairs[kind]
        rows = np.arange(len(world.households)) if kind in world.points.household else links.a
        formed = {
            (world.place_names[world.households.place[row]], int(year))
            for row, year in zip(rows[links.since > 0], links.since[links.since > 0], strict=True)
        }
        planned = {
            (world.place_names[place], plan.from_year)
            for plan in world.scenario.joint_points
            if plan.kind == kind
            for place in world.scenario.selected(plan.places)
            if place < len(world.scenario.places.rows)
            and world.scenario.places.rows[place].name in world.place_names
            for place in [world.place_names.index(world.scenario.places.rows[place].name)]
        }
        assert formed <= planned
        assert {year for _, year in formed} == {year for _, year in planned if year <= 2022}


# --- the live graph -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arm", [Arm(), Arm(organizational=0.5, interest=False, from_year=2019)], ids=["on", "off"]
)
def test_the_live_graph_holds_active_links_and_what_they_are(arm: Arm) -> None:
    model = model_of(8, arm=arm)
    while model.running:
        model.step()
        graph = model.graph
        assert isinstance(graph, nx.MultiDiGraph)
        active = {link.id: link for link in model.world.points.links.values() if link.active}
        edges = {
            key: (source, target, data) for source, target, key, data in graph.edges(keys=True, data=True)
        }
        assert edges.keys() == active.keys()
        for key, (source, target, data) in edges.items():
            link = active[key]
            assert (source, target) == (link.source, link.target)
            assert data["layer"] == LINK_KINDS[data["kind"]].layer
            assert data["kind"] == link.kind
            assert 0.0 <= data["strength"] <= 1.0
            assert 2014 <= data["since"] <= model.year
            assert data["background"] is (data["layer"] == BACKGROUND)
    layers = {data["layer"] for *_, data in graph.edges(data=True)}
    assert ("interest" in layers) is (arm.interest is True)
    assert "organizational" in layers
    assert all(data["agent"] is not None for _, data in graph.nodes(data=True))
    open_ = {
        f"enterprise:{agent.village}/{agent.number}"
        for agent in model.agents
        if hasattr(agent, "sector_name")
    }
    assert {name for name, data in graph.nodes(data=True) if data["type"] == "enterprise"} == open_


# --- off and on again ---------------------------------------------------------------------------------


@pytest.mark.parametrize("layer", LAYERS)
def test_what_is_off_for_two_years_comes_back_as_it_was(layer: str) -> None:
    """The very same links, and those that formed meanwhile; never others."""
    model = model_of(7, ({"layer": layer, "from_year": 2017, "to_year": 2018},))
    plain = model_of(7)
    for _ in range(7 * 4):
        model.step()
        plain.step()
        here, there = active_links(model.world), active_links(plain.world)
        if model.year in (2017, 2018):
            assert of_layer(here, layer) == 0
            assert of_layer(there, layer) > 0
        for kind, what in LINK_KINDS.items():
            if (
                kind == "kin"
                or what.ends == "institutions"
                or (what.layer == layer and model.year in (2017, 2018))
            ):
                continue  # enterprises and families come and go otherwise in another history
            assert here[kind] == there[kind], (kind, model.year)
    down = model.world.points.down
    for link in model.world.points.links.values():
        assert link.active is not (link.dud or bool(down & {link.source, link.target}))


# --- strength -----------------------------------------------------------------------------------------

STRENGTHS = (0.0, 0.3, 0.6, 1.0)


@pytest.mark.parametrize("layer", LAYERS)
def test_weaker_masks_nest_in_stronger_ones(layer: str) -> None:
    found = []
    for strength in STRENGTHS:
        model = model_of(1, arm=Arm(**{layer: strength}))
        model.step()
        found.append(active_links(model.world))
    for weak, strong in pairwise(found):
        for kind in LINK_KINDS:
            if LINK_KINDS[kind].layer == layer:
                assert weak[kind] <= strong[kind], kind
            else:
                assert weak[kind] == strong[kind], kind
    sizes = [of_layer(links, layer) for links in found]
    whole = sizes[-1]
    assert whole > 20
    for strength, size in zip(STRENGTHS, sizes, strict=True):
        spread = np.sqrt(whole * strength * (1 - strength))
        assert abs(size - strength * whole) <= 5 * spread  # a share of them, by their own draws


def test_weaker_masks_nest_after_years_of_different_histories() -> None:
    """Links among households and to their institutions; enterprises have another history in each arm."""
    found = []
    for strength in STRENGTHS:
        model = model_of(6, arm=Arm(strength, strength, strength, from_year=2019))
        model.run()
        found.append(active_links(model.world))
    for weak, strong in pairwise(found):
        for kind in (
            "case_channel",
            "grid",
            "membership",
            "volunteer",
            "points",
            "mutual_aid",
            "vertical",
            "grid_branch",
            "station",
        ):
            assert weak[kind] <= strong[kind], kind
            assert found[-1][kind]
    assert found[0]["kin"] == found[-1]["kin"]


def test_two_masks_leave_what_the_stronger_leaves() -> None:
    both = model_of(1, ({"layer": "social", "strength": 0.6}, {"kind": "mutual_aid", "strength": 0.3}))
    kind = model_of(1, ({"kind": "mutual_aid", "strength": 0.3},))
    layer = model_of(1, ({"layer": "social", "strength": 0.6},))
    for model in (both, kind, layer):
        model.step()
    of_both, of_kind, of_layer_ = (active_links(model.world) for model in (both, kind, layer))
    assert of_both["mutual_aid"] == of_kind["mutual_aid"] < of_layer_["mutual_aid"]
    assert of_both["volunteer"] == of_layer_["volunteer"] < of_kind["volunteer"]


def test_draws_of_links_do_not_hang_on_names() -> None:
    """Names of places are labels: with other ones the same links are active at half strength."""
    scenario = t_district()
    other = with_names(scenario, {"BQ": "SJ", "SJ": "BQ"})
    found = []
    for case in (scenario, other):
        model = JointPointModel(case, years=6, arm=Arm(0.5, 0.5, 0.5), **SIZE)
        model.run()
        links = model.world.points.links.values()
        found.append([(link.kind, link.village, link.draw) for link in links if link.kind != "project"])
    assert found[0] == found[1]


# --- break-points -------------------------------------------------------------------------------------


def test_break_points_list_what_is_missing_and_nothing_else() -> None:
    model = model_of(6)
    model.run()
    world = model.world
    listed = model.break_points()
    links = active_links(world)
    for point in listed:
        assert isinstance(point, BreakPoint)
        assert point.layer == LINK_KINDS[point.kind].layer
        assert point.resource == LINK_KINDS[point.kind].resource
        assert point.layer != BACKGROUND
    missing = {(point.village, point.kind) for point in listed}
    for row, name in enumerate(world.place_names):
        for kind, what in LINK_KINDS.items():
            if what.layer == BACKGROUND:
                continue
            if what.ends == "institutions":
                ends = [world.points.links[link] for link in links[kind]]
                has = any(row in (link.village, link.other) for link in ends)
            else:
                ends = [end if isinstance(end, int) else end[0] for end in links[kind]]
                has = bool((world.households.place[ends] == row).any()) if ends else False
            assert ((name, kind) in missing) is (not has), (name, kind)
    assert ("V04", "grid") in missing  # its turn comes in 2022
    assert ("BQ", "grid") not in missing


def test_a_cut_makes_break_points_of_its_kind() -> None:
    model = model_of(6)
    model.run()
    before = set(model.break_points())
    model.switch(village="BQ", layer="organizational")
    new = set(model.break_points()) - before
    partners = {point for point in new if point.node != "BQ"}  # a link between two villages goes with either
    assert {point.kind for point in partners} <= {"alliance", "pairing"}
    new -= partners
    assert {(point.node, point.village, point.layer) for point in new} == {("BQ", "BQ", "organizational")}
    assert {point.kind for point in new} >= {"vertical", "case_channel", "grid", "grid_branch"}
    assert before <= set(model.break_points())


def test_institutions_that_a_cut_isolates_are_break_points() -> None:
    model = model_of(6)
    model.run()
    links = active_links(model.world)
    before = {(p.node, p.kind) for p in model.break_points(institutions=True) if ":" in p.node}
    branches = {b.name for b in model.world.institutions.village_branches}
    assert not before & {(name, "vertical") for name in branches}
    tied = {model.world.points.links[link].target for link in links["station"]}
    cut_off = {node for node, kind in before if kind == "station"}
    assert cut_off == {o.name for o in model.world.institutions.organizations} - tied
    assert tied
    assert cut_off
    model.switch(kind="vertical")
    new = {(p.node, p.kind) for p in model.break_points(institutions=True) if ":" in p.node} - before
    assert new == {(name, "vertical") for name in branches}


def test_households_without_a_link_of_a_layer_are_break_points() -> None:
    model = model_of(1, arm=Arm(social=False))
    model.step()
    listed = [point for point in model.break_points(households=True) if point.node.startswith("household")]
    social = [point for point in listed if point.layer == "social"]
    assert len(social) == len(model.world.households)
    lonely = model.world.points.degrees()[1] == 0
    interest = {int(point.node.split()[1]) for point in listed if point.layer == "interest"}
    assert interest == set(np.flatnonzero(lonely).tolist())
    for point in social[:50]:
        row = int(point.node.split()[1])
        assert point.village == model.world.place_names[model.world.households.place[row]]


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"layer": "socal"}, "social"),
        ({"village": "BX"}, "BX"),
        ({"kind": "mutual_ai"}, "mutual_aid"),
        ({"strength": 2.0}, "2"),
        ({"strength": float("nan")}, "nan"),
    ],
)
def test_a_switch_that_names_nothing_is_an_error(wrong: dict[str, object], named: str) -> None:
    model = model_of(1)
    with pytest.raises(ValueError, match=named):
        model.switch(**wrong)
    assert not model.world.switches
