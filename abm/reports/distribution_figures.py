"""The pictures of Lorenz curves and of gains, each as SVG text."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from abm.analysis.arms import arm_of
from abm.analysis.contrasts import EVERY_LAYER
from abm.core.names import LAYERS
from abm.reports.drawing import COLOURS, Ticks, banded_line, draw, ticks_of
from abm.reports.labels import arm_name, capital, signed
from abm.reports.language import say

ON = arm_of(set(LAYERS))
CUT_OF = {arm_of(set(LAYERS) - {layer}): layer for layer in LAYERS} | {arm_of(set()): EVERY_LAYER}
SHOWN = (*LAYERS, EVERY_LAYER)
GREY, PALE = "#777777", "#A8A8A8"
Group = tuple[str, str, int]


def _colour(layer: str) -> str:
    return GREY if layer == EVERY_LAYER else COLOURS[layer]


def lorenz_figure(curves: pd.DataFrame, gaps: pd.DataFrame, name: str) -> str:
    """Lorenz curves of the arms, and magnified beside them what cutting adds to the one with everything on.

    Args:
        curves: columns arm, persons_share, mean.
        gaps: columns layer, persons_share, mean, low, high; shares of all income.
    """

    def fill(figure: Figure) -> None:
        whole, *near = figure.subplots(1, 1 + len(SHOWN), width_ratios=[1.5] + [1.0] * len(SHOWN))
        _curves(whole, curves)
        for panel, layer in zip(near, SHOWN, strict=True):
            gap = gaps[gaps["layer"] == layer].rename(columns={"persons_share": "year"})
            gap = gap.assign(**{column: 100 * gap[column] for column in ("year", "mean", "low", "high")})
            panel.axhline(0, color=COLOURS[EVERY_LAYER], linewidth=1.2)
            banded_line(panel, gap, _colour(layer), "-")
            panel.set_xlim(0, 100)
            panel.set_xticks([0, 50, 100])
            panel.set_title(capital(arm_name(next(arm for arm, cut in CUT_OF.items() if cut == layer))))
            panel.set_xlabel(say("poorest %", "最穷的 %"))
            if panel is not near[0]:
                panel.sharey(near[0])
                panel.tick_params(axis="y", labelleft=False)
        shown = 100 * gaps[["mean", "low", "high"]]
        low, high = min(0.0, float(shown.min().min())), max(0.0, float(shown.max().max()))
        room = 0.05 * (high - low) or 0.1
        near[0].set_ylim(
            low - room, high + room
        )  # panels that share an axis late keep the first one's limits
        near[0].set_ylabel(say("cut minus all on, percent of all income", "断开减全开，占全部收入的 %"))
        ticks_of(near[0])

    return draw(name, 3.2, fill)


def _curves(panel: Axes, curves: pd.DataFrame) -> None:
    panel.plot([0, 100], [0, 100], color="#999999", linewidth=0.8, linestyle=(0, (1, 2)))
    panel.text(42, 48, say("equal incomes", "收入均等"), rotation=45, color=GREY, ha="center", va="center")
    for arm in (*CUT_OF, ON):
        curve = curves[curves["arm"] == arm]
        colour = COLOURS[EVERY_LAYER] if arm == ON else _colour(CUT_OF[arm])
        panel.plot(
            100 * curve["persons_share"],
            100 * curve["mean"],
            color=colour,
            linewidth=1.6 if arm == ON else 1.0,
            zorder=2 if arm == ON else 3,
        )
    panel.text(97, 8, say("all arms", "各方案"), ha="right", color=COLOURS[EVERY_LAYER])
    panel.set_aspect("equal")
    panel.set_xlim(0, 100)
    panel.set_ylim(min(0.0, 100 * float(curves["mean"].min())), 100)
    panel.set_title(say("Lorenz curves", "洛伦兹曲线"))
    panel.set_xlabel(say("poorest percent of the persons", "最穷的百分之几的人"))
    panel.set_ylabel(say("percent of all income", "占全部收入的 %"))


def gains_figure(
    table: pd.DataFrame,
    groups: Sequence[tuple[str, Sequence[tuple[str, Group]]]],
    titles: Mapping[str, str],
    name: str,
) -> str:
    """Change of income per head by group: a column for each layer that is cut.

    Args:
        table: columns layer, population, place_kind, start_fifth, yuan, low, high, percent.
        groups: headings with the groups below them, each with its name.
        titles: of the columns, by layer.
    """
    rows = table.set_index(["layer", "population", "place_kind", "start_fifth"])
    places: list[tuple[float, str, Group]] = []
    headings: list[tuple[float, str]] = []
    at = 0.0
    for heading, members in groups:
        headings.append((at, heading))
        at += 1.0
        for text, group in members:
            places.append((at, text, group))
            at += 1.0
        at += 0.4

    reach = _reach(rows.loc[[(layer, *group) for layer in titles for _, _, group in places]])

    def fill(figure: Figure) -> None:
        panels = figure.subplots(1, len(titles), sharey=True, sharex=True)
        for panel, (layer, title) in zip(panels, titles.items(), strict=True):
            panel.axvline(0, color="#666666", linewidth=0.8)
            panel.set_title(title)
            for place, _, group in places:
                _change(panel, rows.loc[(layer, *group)], place, _colour(layer), reach)
            panel.xaxis.set_major_formatter(Ticks())
            panel.tick_params(axis="y", length=0)
            panel.set_xlabel(say("yuan per head and year", "元/人·年"))
        first = panels[0]
        first.set_ylim(at - 0.6, -0.6)
        ticks = [(place, text, False) for place, text, _ in places] + [(p, t, True) for p, t in headings]
        first.set_yticks([tick[0] for tick in ticks], [tick[1] for tick in ticks])
        for label, (_, _, heading) in zip(first.get_yticklabels(), ticks, strict=True):
            label.set_fontweight("bold" if heading else "normal")
        first.set_xlim(-1.1 * reach, 2.7 * reach)  # the right half is for the numbers
        first.set_xticks([tick for tick in MaxNLocator(4).tick_values(-reach, reach) if abs(tick) <= reach])

    return draw(name, 1.0 + 0.2 * at, fill)


def _change(panel: Axes, row: pd.Series, place: float, colour: str, reach: float) -> None:
    yuan, low, high = row["yuan"], row["low"], row["high"]
    if yuan != yuan:
        return
    told = low != low or low > 0 or high < 0
    ink = colour if told else PALE
    if low == low:
        seen = np.clip([low, high], -reach, reach)
        panel.plot(seen, [place, place], color=ink, linewidth=1.5, solid_capstyle="butt")
        for end, edge, marker in ((low, -reach, "<"), (high, reach, ">")):
            if abs(end) > reach:  # it goes on
                panel.plot([edge], [place], marker, color=ink, markersize=3.2)
    panel.plot([yuan], [place], "o", color=ink, markerfacecolor=ink if told else "white", markersize=4.2)
    text = f"{signed(yuan)} ({signed(row['percent'], 1)} %)"
    panel.annotate(
        text,
        (1.0, place),
        xycoords=("axes fraction", "data"),
        ha="right",
        va="center",
        fontsize=6.8,
        color="#222222" if told else "#777777",
    )


def _reach(shown: pd.DataFrame) -> float:
    """How far the axis goes to either side: to all dots, and to the ends of most intervals."""
    ends = np.abs(shown[["yuan", "low", "high"]].to_numpy(dtype=float))
    known = ends[np.isfinite(ends)]
    if not known.size:
        return 1.0
    return 1.1 * max(float(np.nanmax(ends[:, 0])), float(np.quantile(known, 0.9)), 1.0)
