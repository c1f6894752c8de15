"""Lorenz curves, gains and the graph on the page: numbers are those of the tables, lines those of the numbers."""

import re
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure
from scipy import stats

from abm.reports import distribution, distribution_figures, graph_figure
from abm.reports.distribution import CUTS, gains, gains_table, lorenz_curves, lorenz_gaps
from abm.reports.numbers import numbers_of
from abm.reports.page import render
from tests.unit.reports_data import CURVE, SWITCH, factorial, gap_of, income_of, with_distribution
from tests.unit.test_reports_page import Page

SEEDS = 4


@pytest.fixture(scope="module")
def numbers():
    return numbers_of(with_distribution(factorial(seeds=SEEDS)))[0]


@pytest.fixture
def drawn(monkeypatch):
    """The figures that are drawn, as matplotlib holds them."""
    seen = []
    savefig = Figure.savefig

    def keep(figure, *args, **options):
        seen.append(figure)
        return savefig(figure, *args, **options)

    monkeypatch.setattr(Figure, "savefig", keep)
    return seen


def interval(values):
    return stats.t.interval(0.95, len(values) - 1, loc=np.mean(values), scale=stats.sem(values))


# --- Lorenz curves --------------------------------------------------------------------------------------


def test_gaps_of_lorenz_curves_are_paired(numbers):
    gaps = lorenz_gaps(numbers).set_index(["layer", "persons_share"])
    for layer, cut in (("interest", 1), ("social", 1), ("all", 3)):
        assert list(gaps.loc[layer].index) == [0.0, *CURVE, 1.0]
        for share in CURVE:
            by_seed = [gap_of(cut, share, unit) for unit in range(SEEDS)]
            row = gaps.loc[(layer, share)]
            assert row["mean"] == pytest.approx(np.mean(by_seed))
            assert (row["low"], row["high"]) == pytest.approx(interval(by_seed))
        assert gaps.loc[(layer, 1.0)].tolist() == [0.0, 0.0, 0.0]


def test_the_lorenz_figure_shows_these_lines(numbers, drawn):
    curves, gaps = lorenz_curves(numbers), lorenz_gaps(numbers)
    distribution_figures.lorenz_figure(curves, gaps, "f")
    whole, *near = drawn[0].axes
    on = next(line for line in whole.lines if line.get_color() == "#222222")
    assert on.get_xdata() == pytest.approx([0, 5, 50, 95, 100])
    assert on.get_ydata() == pytest.approx([0, 0.25, 25, 90.25, 100])
    assert [panel.get_title(loc="left") for panel in near] == [
        "Organizational cut",
        "Interest cut",
        "Social cut",
        "All three cut",
    ]
    for panel, layer in zip(near, distribution_figures.SHOWN, strict=True):
        gap = gaps[gaps.layer == layer]
        assert panel.lines[-1].get_ydata() == pytest.approx(100 * gap["mean"])
        (band,) = panel.collections
        corners = band.get_paths()[0].vertices[:, 1]
        assert (corners.min(), corners.max()) == pytest.approx((0.0, 100 * gap["high"].max()))


def test_no_panel_cuts_off_what_lies_on_the_other_side_of_zero(numbers, drawn):
    """The first panel lies below zero, another above: both are seen whole."""
    gaps = lorenz_gaps(numbers)
    gaps.loc[gaps.layer == distribution_figures.SHOWN[0], ["mean", "low", "high"]] *= -1.0
    distribution_figures.lorenz_figure(lorenz_curves(numbers), gaps, "f")
    _, *near = drawn[0].axes
    for panel, layer in zip(near, distribution_figures.SHOWN, strict=True):
        low, high = panel.get_ylim()
        shown = 100 * gaps[gaps.layer == layer][["mean", "low", "high"]].to_numpy()
        assert low < shown.min() <= shown.max() < high


# --- gains ----------------------------------------------------------------------------------------------


def test_gains_are_paired_and_in_yuan_and_percent(numbers):
    table = gains(numbers).set_index(["layer", "population", "place_kind", "start_fifth"])
    assert set(table.index.get_level_values("layer")) == set(CUTS)
    for layer, cut in (("organizational", 1), ("all", 3)):
        for group in (("rural", "", 2), ("all", "mountain", 0)):
            on = [income_of(0, group[2], unit) for unit in range(SEEDS)]
            off = [income_of(cut, group[2], unit) for unit in range(SEEDS)]
            change = np.subtract(off, on)
            row = table.loc[(layer, *group)]
            assert row["yuan"] == pytest.approx(change.mean())
            assert (row["low"], row["high"]) == pytest.approx(interval(change))
            assert row["percent"] == pytest.approx(np.mean(100 * change / on))
            assert row["on"] == pytest.approx(np.mean(on))
            assert row["stay"] == pytest.approx(0.9)


def test_the_gains_figure_puts_the_dots_there(numbers, drawn):
    distribution._gains_figure(numbers, "f")
    table = gains(numbers).set_index(["layer", "population", "place_kind", "start_fifth"])
    panels = drawn[0].axes
    names = {
        round(place, 6): label.get_text()
        for place, label in zip(panels[0].get_yticks(), panels[0].get_yticklabels(), strict=True)
    }
    assert {"Poorest fifth", "Richest fifth", "Mountain", "Rural residents", "Communities"} <= {
        name.removesuffix(" villages") for name in names.values()
    }
    for panel, layer in zip(panels, CUTS, strict=True):
        dots = [line for line in panel.lines if line.get_marker() == "o"]
        groups = [("all", "", f) for f in range(6)] + [("rural", "", f) for f in range(6)]
        groups += [("all", "community", 0), ("all", "mountain", 0)]
        assert [dot.get_xdata()[0] for dot in dots] == pytest.approx(
            [table.loc[(layer, *group)]["yuan"] for group in groups]
        )
        assert names[round(dots[1].get_ydata()[0], 6)] == "Poorest fifth"
        texts = [text.get_text() for text in panel.texts]
        assert len(texts) == len(dots)
        low, high = panel.get_xlim()
        assert all(low <= dot.get_xdata()[0] <= high for dot in dots)


def test_the_table_of_gains(numbers):
    table = gains_table(numbers)
    (_, everybody), *_, (_, kinds) = table.groups
    row = everybody[1]
    assert row[:3] == ["Poorest fifth", "90", "4 150".replace(" ", "\u202f")]
    assert row[3].startswith("−58 (−")  # −50 − 5 × 1.5
    assert row[4] == "−1.4"
    assert [cells[0] for cells in kinds] == ["Communities", "Mountain villages"]
    assert all(len(cells) == len(table.head) for _, rows in table.groups for cells in rows)


# --- the graph ------------------------------------------------------------------------------------------


def test_the_graph_is_that_of_two_years_after_the_switch(numbers):
    choice = graph_figure.choose(numbers)
    assert choice.year == SWITCH + 2
    assert choice.rows.seed.nunique() == 1
    assert choice.arms == ("OIS", "IS"), "the layer with the most lines is the one that is cut"
    assert {"BQ", "BL", "SJ"} < set(choice.places)
    assert len(choice.places) == 5


def test_the_graph_is_that_of_a_seed_that_has_the_arm(numbers):
    graph = numbers.graph
    first = graph.seed.min()
    lacking = replace(numbers, graph=graph[~((graph.seed == first) & (graph.arm == "OIS"))])
    choice = graph_figure.choose(lacking)
    assert graph_figure.choose(numbers).rows.seed.unique().tolist() == [first]
    assert choice.rows.seed.unique().tolist() == [first + 1]
    assert {"BQ", "BL", "SJ"} < set(choice.places)


def test_edges_carry_counts_and_layers(numbers):
    choice = graph_figure.choose(numbers)
    rows = choice.rows[choice.rows.village == "BQ"]
    on, cut = (graph_figure.place_graph(rows[rows.arm == arm]) for arm in ("OIS", "IS"))
    edges = {data["kind"]: (source, target, data) for source, target, data in on.edges(data=True)}
    assert set(edges) == {"vertical", "liaison", "grid", "project", "membership", "volunteer", "mutual_aid"}
    assert set(edges["liaison"][:2]) == {"branch", "enterprise/farm"}
    assert edges["membership"][2] == {
        "kind": "membership",
        "layer": "interest",
        "formed": 20,
        "active": 20,
        "reached": 0.5,
    }
    masked = {data["kind"] for *_, data in cut.edges(data=True) if data["active"] == 0}
    assert masked == {"vertical", "liaison", "grid"}


def test_links_within_one_type_lead_elsewhere(numbers):
    rows = graph_figure.choose(numbers).rows.query("village == 'BQ' and arm == 'OIS' and kind == 'vertical'")
    graph = graph_figure.place_graph(rows.assign(source="branch"))
    assert next(iter(graph.edges())) == ("branch", graph_figure.ELSEWHERE)


def test_the_figure_of_the_graph_names_its_nodes(numbers, drawn):
    svg = graph_figure.graph_figure(graph_figure.choose(numbers), {}, "f")
    found = {re.sub(r"\s+", " ", text) for text in re.findall(r">([^<>]+)</text>", svg)}
    assert {
        "farm 3",
        "collective",
        "households",
        "All three on",
        "Organizational cut",
        "BQ",
        "district",
    } <= found
    assert {"Organizational", "Interest", "Social", "formed, but cut"} <= found
    top, bottom = drawn[0].axes[0], drawn[0].axes[5]
    colours = [patch.get_edgecolor() for patch in top.patches]
    assert len(set(colours)) == 3
    dotted = [patch for patch in bottom.patches if patch.get_linestyle() not in ("-", "solid")]
    assert len(dotted) == 3


def test_break_points_are_counted_by_kind_and_arm(numbers):
    found = graph_figure.break_points(numbers, SWITCH + 2, ["OIS", "IS", "OS"])
    assert found.loc["grid"].tolist() == [0.0, 1.0, 0.0]
    assert found.loc["membership"].tolist() == [0.5, 0.5, 1.0]
    assert "kin" not in found.index
    table = graph_figure.breaks_table(numbers)
    (_, organizational), *_ = table.groups
    assert table.head[1:] == ["All three on", "Organizational cut", "Interest cut", "Social cut"]
    assert next(row for row in organizational if row[0].startswith("Grid"))[1:] == ["0", "100", "0", "0"]


# --- on the page ----------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_page_has_the_new_sections():
    page = Page(render(with_distribution(factorial(seeds=2))))
    assert page.tags.count("svg") == page.tags.count("figcaption") == 10
    for text in (
        "Who gains, who loses when joint-points are cut",
        "The joint-point graph",
        "Break-points (断点)",
    ):
        assert text in page.words
    assert len(page.ids) == len(set(page.ids))
    assert all(target[1:] in page.ids for _, _, target in page.links)


@pytest.mark.usefixtures("without_pictures")
def test_one_seed_and_a_single_run():
    words = Page(render(with_distribution(factorial(seeds=1)))).words
    assert "One seed: no intervals." in words
    single = Page(render(with_distribution(factorial(seeds=1, arms=("OIS",)))))
    assert "Who gains, who loses" not in single.words, "one arm has nothing to compare with"
    assert "The joint-point graph" in single.words
    assert single.tags.count("svg") == 3
