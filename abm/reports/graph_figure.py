"""The joint-point graph of a few places drawn, and where it is broken (断点), from the counts of links in ``graph``."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch

from abm.analysis.arms import UNIT, arm_of
from abm.core.errors import InputError
from abm.core.names import BACKGROUND, LAYERS
from abm.graph.kinds import LINK_KINDS
from abm.reports.drawing import COLOURS, draw, pictured
from abm.reports.labels import arm_name, capital, channel_name, layer_name, link_name, number
from abm.reports.language import say
from abm.reports.numbers import Numbers
from abm.reports.pictures import Picture
from abm.reports.tables import Table, seeds
from abm.scenario.load import read_scenario
from abm.scenario.schema import Place, Scenario

ON = arm_of(set(LAYERS))
PILOTS, MOST_PLACES = 3, 5
"""Places with the most kinds of links that are drawn, and places in all."""

NODES = {
    "district": ("district", "区委", (-0.75, 3.2)),
    "station": ("social-work\nstation", "社工站", (2.45, 3.3)),
    "branch": ("party\nbranch", "党组织", (-0.75, 2.1)),
    "grid": ("grids", "网格", (-1.6, 1.05)),
    "collective": ("collective", "村集体", (0.3, 0.9)),
    "volunteers": ("volunteers", "志愿者", (2.45, 2.45)),
    "platform": ("platform", "平台", (-1.6, 0.1)),
    "household": ("households", "居民户", (0.0, 0.0)),
}
"""Types of ends that stand in every place: names and where they are drawn."""
IN_SOME = {
    "government": ("government", "政府", (1.75, 1.15)),
    "academy": ("academy", "书院", (2.45, 1.75)),
    "association": ("association", "协会", (2.45, 0.75)),
    "rural_bank": ("rural bank", "农商行", (2.45, -0.05)),
    "fund": ("fund", "基金", (1.4, -0.4)),
}
"""The same of those that are drawn only where they have a link."""
BESIDE: dict[str, tuple[tuple[int, int], Any, Any]] = {
    "district": ((0, 6), "center", "bottom"),
    "station": ((0, 6), "center", "bottom"),
    "branch": ((-7, 0), "right", "center"),
    "collective": ((7, -1), "left", "center"),
    "household": ((0, -21), "center", "top"),
    **dict.fromkeys(("station", "volunteers", *IN_SOME), ((6, 0), "left", "center")),
}
"""Where a name stands: its offset in points and how it is set; elsewhere below the node."""
SECTORS = {"farm": "农业", "tourism": "旅游", "processing": "加工", "solar": "光伏", "services": "服务"}
ELSEWHERE = "elsewhere"
"""The far end of a link between two ends of one type: the same in another place."""
INK, PALE = "#333333", "#BBBBBB"


@dataclass(frozen=True)
class Choice:
    """What is drawn: one run's year, a few places, in one or two arms."""

    rows: pd.DataFrame
    year: int
    places: tuple[str, ...]
    arms: tuple[str, ...]


def choose(numbers: Numbers) -> Choice | None:
    """The first seed's year two after the switch, or the last one before that; None without the table.

    Places: those with the most kinds of links, then the first ordinary village and community. Arms: with most on, and
    beside it the one that cuts the layer with the most lines in the picture.
    """
    if numbers.graph is None:
        return None
    wanted = numbers.switch_year + 2
    years = [year for year in numbers.all_years if year <= wanted] or numbers.all_years[:1]
    rows = numbers.graph[numbers.graph["year"] == years[-1]]
    first = (
        rows.loc[rows["arm"] == numbers.arms[0], UNIT].sort_values(UNIT).iloc[0]
    )  # others may lack the arm
    rows = rows[(rows[UNIT] == first).all(axis=1)]
    base = rows[rows["arm"] == numbers.arms[0]]
    places = _places(base, numbers)
    arms = [numbers.arms[0]]
    lines = base[(base["active"] > 0) & base["village"].isin(places)]["layer"].value_counts()
    cuts = {layer: arm_of(set(LAYERS) - {layer}) for layer in LAYERS if layer in lines}
    there = [
        layer for layer in sorted(cuts, key=lambda name: -lines[name]) if cuts[layer] in set(rows["arm"])
    ]
    if arms[0] == ON and there:
        arms.append(cuts[there[0]])
    return Choice(rows, years[-1], tuple(places), tuple(arms))


def _places(base: pd.DataFrame, numbers: Numbers) -> list[str]:
    """Those with the most kinds of active links, and an ordinary village and community with few."""
    live = base[(base["active"] > 0) & (base["village"] != "")]
    counts = live.groupby("village")["kind"].nunique()
    scenario = _scenario(numbers)
    known = [] if scenario is None else list(scenario.village_names)
    names = [name for name in known if name in counts] + [name for name in counts.index if name not in known]
    most = sorted(names, key=lambda name: -counts[name])[:PILOTS]
    few = sorted((name for name in names if name not in most), key=lambda name: counts[name])
    if scenario is not None:
        towns = {known[row] for row in scenario.selected("communities")}
        few = [
            *[name for name in few if name not in towns][:1],
            *[name for name in few if name in towns][:1],
            *few,
        ]
    chosen = set(list(dict.fromkeys([*most, *few]))[:MOST_PLACES])
    return [name for name in names if name in chosen]


def _scenario(numbers: Numbers) -> Scenario | None:
    """The scenario, for words and for the order of its places only; None where its file is not at hand."""
    try:
        return read_scenario(str(numbers.manifest["scenario"]["name"]))
    except (InputError, OSError, KeyError):
        return None


def _scenario_places(numbers: Numbers) -> dict[str, Place]:
    scenario = _scenario(numbers)
    return {} if scenario is None else {place.name: place for place in scenario.places.rows}


def place_graph(rows: pd.DataFrame) -> nx.MultiGraph:
    """One place's institutions and its households as nodes; an edge for each kind of link and pair of types of ends.

    Args:
        rows: of the table ``graph``, of one run, year and place.

    Returns:
        Edges carry kind, layer, formed, active and reached; only what has formed is there.
    """
    graph = nx.MultiGraph()
    graph.add_nodes_from(NODES)
    for row in rows[(rows["formed"] > 0) & (rows["layer"] != BACKGROUND)].itertuples():
        same = row.source == row.target and row.source != "household"
        graph.add_edge(
            row.source,
            ELSEWHERE if same else row.target,
            kind=row.kind,
            layer=row.layer,
            formed=row.formed,
            active=row.active,
            reached=row.reached,
        )
    return graph


def graph_figure(choice: Choice, known: dict[str, Place], name: str) -> str:
    """A panel for each place, a row for each arm."""

    def fill(figure: Figure) -> None:
        panels = figure.subplots(len(choice.arms), len(choice.places), squeeze=False)
        for line, arm in zip(panels, choice.arms, strict=True):
            for panel, village in zip(line, choice.places, strict=True):
                rows = choice.rows[(choice.rows["arm"] == arm) & (choice.rows["village"] == village)]
                _draw_place(panel, place_graph(rows))
                if arm == choice.arms[0]:
                    panel.set_title(_place_title(village, known), loc="center")
            line[0].text(
                -0.06,
                0.5,
                capital(arm_name(arm)),
                transform=line[0].transAxes,
                rotation=90,
                ha="center",
                va="center",
                fontweight="bold",
                fontsize=9,
            )
        handles = [
            Line2D([], [], color=COLOURS[layer], linewidth=2.2, label=capital(channel_name(layer)))
            for layer in LAYERS
        ]
        cut = say("formed, but cut", "已建立但被断开")
        handles.append(Line2D([], [], color=PALE, linewidth=1.0, linestyle=(0, (2, 2)), label=cut))
        figure.legend(handles=handles, loc="outside lower center", ncols=len(handles), frameon=False)

    return draw(name, 0.5 + 2.75 * len(choice.arms), fill)


def _place_title(village: str, known: dict[str, Place]) -> str:
    place = known.get(village)
    if place is None:
        return village
    kind = place.kind.replace("_", " ")
    words = {"mountain": "山区", "suburban": "近郊", "urban_village": "城中村", "community": "社区"}
    return say(f"{village} ({kind})", f"{place.name_zh or village}（{words.get(place.kind, kind)}）")


def _draw_place(panel: Axes, graph: nx.MultiGraph) -> None:
    where = {node: at for node, (*_, at) in (NODES | IN_SOME).items()}
    others = sorted(node for node in graph if node not in where and node != ELSEWHERE)
    for row, node in enumerate(others):  # enterprises by sector
        where[node] = (0.0 + 0.16 * (row % 2), 3.0 - 0.36 * row)
    where[ELSEWHERE] = (-1.75, 2.9)
    live = {node for *ends, data in graph.edges(data=True) if data["active"] for node in ends}
    met: dict[frozenset[str], int] = {}
    for source, target, data in graph.edges(data=True):
        pair = frozenset((source, target))
        bend = (0.0, 0.22, -0.22, 0.4, -0.4)[min(met.get(pair, 0), 4)]
        met[pair] = met.get(pair, 0) + 1
        _draw_edge(panel, where[source], where[target], data, bend)
    for node in graph:
        _draw_node(panel, node, where[node], node in live, graph)
    panel.set_xlim(-2.2, 3.7)
    panel.set_ylim(-1.0, 3.85)
    panel.axis("off")


def _draw_edge(
    panel: Axes, start: tuple[float, float], end: tuple[float, float], data: dict[str, Any], bend: float
) -> None:
    active = data["active"] > 0
    share = (
        data["reached"]
        if data["reached"] == data["reached"]
        else 0.25 + 0.12 * np.log(max(data["active"], 1))
    )
    width = 0.7 + 3.2 * min(float(share), 1.0) if active else 1.0
    colour = COLOURS[data["layer"]] if active else PALE
    style: Any = "-" if active else (0, (2, 2))
    if start == end:  # among households: a loop below them
        turn = np.linspace(-0.5 * np.pi - 2.4, -0.5 * np.pi + 2.4, 40)
        x, y = 0.42 * np.cos(turn), -0.22 + 0.26 * np.sin(turn)
        panel.plot(start[0] + x, start[1] + y, color=colour, linewidth=width, linestyle=style, zorder=1)
        return
    panel.add_patch(
        FancyArrowPatch(
            start,
            end,
            arrowstyle="-",
            connectionstyle=f"arc3,rad={bend}",
            color=colour,
            linewidth=width,
            linestyle=style,
            shrinkA=0,
            shrinkB=0,
            zorder=1,
        )
    )


def _draw_node(panel: Axes, node: str, at: tuple[float, float], live: bool, graph: nx.MultiGraph) -> None:
    firm, named = node.startswith("enterprise"), NODES | IN_SOME
    if firm:
        sector = node.partition("/")[2]
        count = max(data["formed"] for _, _, data in graph.edges(node, data=True))
        text = f"{say(sector or 'enterprises', SECTORS.get(sector, '企业'))} {count}"
    elif node == ELSEWHERE:
        text = say("other\nplaces", "其他村")
    else:
        text = say(*named[node][:2]) if node in named else node.replace("_", " ")
    marker = {"household": "o", "district": "D", "collective": "s"}.get(node, "^" if firm else "o")
    size = 60 if firm else 150 if node == "household" else 95
    panel.scatter(
        *at, s=size, marker=marker, color=INK if live else "white", edgecolor=INK if live else PALE, zorder=3
    )
    ink = "#111111" if live else "#8A8A8A"
    in_column = node not in named and node != ELSEWHERE
    below = ((5, 0), "left", "center") if in_column else ((0, -7), "center", "top")
    offset, across, up = BESIDE.get(node, below)
    panel.annotate(
        text,
        at,
        offset,
        textcoords="offset points",
        ha=across,
        va=up,
        fontsize=7,
        color=ink,
        zorder=4,
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 0.3},
    )


# --- break-points -----------------------------------------------------------------------------------------


def break_points(numbers: Numbers, year: int, arms: Sequence[str]) -> pd.DataFrame:
    """Share of the places without any active link of a kind: a row per kind, a column per arm, mean over seeds."""
    assert numbers.graph is not None
    rows = numbers.graph
    rows = rows[
        (rows["year"] == year)
        & (rows["village"] != "")
        & (rows["layer"] != BACKGROUND)
        & rows["arm"].isin(arms)
    ]
    active = rows.groupby([*UNIT, "arm", "kind", "village"])["active"].sum()
    return (active == 0).groupby(["kind", "arm"]).mean().unstack("arm")[list(arms)]


def breaks_table(numbers: Numbers) -> Table | None:
    """Where the graph is broken, by kind of link and arm; None without the table."""
    choice = choose(numbers)
    if choice is None:
        return None
    cuts = [arm_of(set(LAYERS) - {layer}) for layer in LAYERS]
    arms = [arm for arm in (numbers.arms[0], *cuts) if arm in numbers.arms]
    arms = list(dict.fromkeys(arms))
    table = break_points(numbers, choice.year, arms)
    groups = []
    for layer in LAYERS:
        kinds = [kind for kind, what in LINK_KINDS.items() if what.layer == layer and kind in table.index]
        rows = [
            [capital(_kind_name(kind)), *(number(100.0 * table.loc[kind, arm], 0) for arm in arms)]
            for kind in kinds
        ]
        groups.append((capital(layer_name(layer)), rows))
    places = numbers.graph["village"].replace("", None).nunique() if numbers.graph is not None else 0
    caption = say(
        f"Break-points (断点): percent of the {places} places without any active link of a kind at the end of "
        f"{choice.year}, mean over {seeds(numbers)}.",
        f"断点：{choice.year} 年末没有任何一条该类有效联系的地方所占百分比（共 {places} 个），"
        f"对{seeds(numbers)}取平均。",
    )
    head = [say("kind of link", "联系种类"), *(capital(arm_name(arm)) for arm in arms)]
    return Table(caption, head, groups)


def _kind_name(kind: str) -> str:
    return say(f"{link_name(kind)} ({LINK_KINDS[kind].chinese})", link_name(kind))


def pictures(numbers: Numbers, name: str) -> list[Picture]:
    """The graph drawn; none where the folder has no counts of links."""
    choice = choose(numbers)
    if choice is None:
        return []
    known, key = _scenario_places(numbers), f"{name}-graph"
    cut = choice.arms[1:]
    return [
        Picture(
            key,
            say(
                f"The joint-point graph of {len(choice.places)} places at the end of {choice.year}: "
                f"{' and '.join(arm_name(arm) for arm in choice.arms)}",
                f"{choice.year} 年末 {len(choice.places)} 个地方的接点图："
                f"{'与'.join(arm_name(arm) for arm in choice.arms)}",
            ),
            pictured(graph_figure, choice, known, key),
            say(
                "One run, that of the first seed. Lines: active links; the wider, the more of the place's households "
                "they reach. The loop below the households: mutual aid among them. Triangles: enterprises with a "
                "link, by sector, with how many the commonest kind of link ties. Hollow and grey: no active link, so "
                "a break-point." + (" Dotted: links that have formed and that the cut masks." if cut else ""),
                "一次运行（首个种子）。线：有效联系，越粗则连到的居民户比例越高。居民户下方的环：互助。三角形："
                "有联系的企业，按行业，数字为最常见的一种联系所连的企业数。空心灰色：没有任何有效联系，即断点。"
                + ("虚线：已建立但被断开的联系。" if cut else ""),
            ),
        )
    ]
