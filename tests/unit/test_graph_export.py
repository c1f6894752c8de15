"""The whole graph with households goes out through networkx and comes back."""

import csv
from pathlib import Path

import networkx as nx
import numpy as np
import pytest

from abm.core.names import BACKGROUND
from abm.graph.kinds import LINK_KINDS
from abm.model.model import JointPointModel
from tests.worlds import t_district


@pytest.fixture(scope="module")
def model() -> JointPointModel:
    """After the pilot has begun."""
    made = JointPointModel(t_district(), households=1000, years=6, views=False, rng=2)
    made.run()
    return made


@pytest.fixture(scope="module")
def whole(model: JointPointModel) -> nx.MultiDiGraph:
    return model.graph_with_households()


def test_it_holds_every_household_and_every_active_link(
    model: JointPointModel, whole: nx.MultiDiGraph
) -> None:
    points, h = model.world.points, model.world.households
    assert whole.number_of_nodes() == model.graph.number_of_nodes() + len(h)
    links = model.graph.number_of_edges()
    links += sum(int(found.active.sum()) for found in [*points.household.values(), *points.pairs.values()])
    assert whole.number_of_edges() == links
    for kind in LINK_KINDS:
        assert any(data["kind"] == kind for *_, data in whole.edges(data=True)), kind


def test_every_end_is_a_node_that_says_what_it_is(model: JointPointModel, whole: nx.MultiDiGraph) -> None:
    for name, data in whole.nodes(data=True):
        assert data.get("type"), name
    for source, target, data in whole.edges(data=True):
        assert data["layer"] == LINK_KINDS[data["kind"]].layer
        assert data["background"] is (data["layer"] == BACKGROUND)
        assert 0.0 <= data["strength"] <= 1.0
        assert 2014 <= data["since"] <= 2019
        if LINK_KINDS[data["kind"]].ends == "household":
            village = whole.nodes[source]["village"]
            assert whole.nodes[target]["village"] == village
            assert target in model.graph


def test_a_household_belongs_to_one_of_the_grids_of_its_place() -> None:
    """In a world where a place has more than one; a grid has 150 to 500 households (S0)."""
    big = JointPointModel(t_district(), households=30_000, years=1, views=False, rng=1)
    world = big.world
    names = [
        f"grid:{world.place_names[place]}/{grid}"
        for place, grid in zip(world.households.place, world.points.grid, strict=True)
    ]
    grids, sizes = np.unique(names, return_counts=True)
    assert set(grids) == {n for n, data in big.graph.nodes(data=True) if data.get("tier") == "grid"}
    assert len(grids) > len(world.place_names)
    assert sizes.min() >= 150
    assert sizes.max() <= 500


@pytest.mark.parametrize("form", ["graphml", "gexf"])
def test_it_goes_to_a_file_and_comes_back(whole: nx.MultiDiGraph, tmp_path: Path, form: str) -> None:
    path = tmp_path / f"graph.{form}"
    getattr(nx, f"write_{form}")(whole, path)
    back = getattr(nx, f"read_{form}")(path)
    assert set(back.nodes) == set(whole.nodes)
    assert back.number_of_edges() == whole.number_of_edges()
    kinds = sorted((u, v, d["kind"], d["layer"], int(d["since"])) for u, v, d in back.edges(data=True))
    assert kinds == sorted((u, v, d["kind"], d["layer"], d["since"]) for u, v, d in whole.edges(data=True))


def test_it_goes_to_an_edge_list(whole: nx.MultiDiGraph, tmp_path: Path) -> None:
    path = tmp_path / "edges.csv"
    nx.to_pandas_edgelist(whole).to_csv(path, index=False)
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == whole.number_of_edges()
    assert {"source", "target", "layer", "kind", "strength", "since", "background"} <= set(rows[0])


def test_the_live_graph_does_not_change_with_the_export(
    model: JointPointModel, whole: nx.MultiDiGraph
) -> None:
    edges = model.graph.number_of_edges()
    whole.remove_nodes_from(list(whole.nodes)[:10])
    assert model.graph.number_of_edges() == edges
    assert all("agent" in data for _, data in model.graph.nodes(data=True))
