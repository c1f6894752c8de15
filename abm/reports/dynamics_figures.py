"""The pictures of mobility, fifths and the burn-in, each as SVG text."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from abm.analysis.arms import UNIT
from abm.analysis.contrasts import levels
from abm.core.names import INCOME_SOURCES
from abm.reports.drawing import banded_line, draw, name_ends, ticks_of
from abm.reports.dynamics import Published, base_arm, fifths_profile, mobility_mean
from abm.reports.labels import capital, label, population_name, unit_name
from abm.reports.language import say
from abm.reports.numbers import Numbers

BLACK, BLUE, ORANGE, GREEN, PINK = "#222222", "#0072B2", "#D55E00", "#009E73", "#CC79A7"
MODEL = {"all": BLACK, "rural": BLUE}
PRINTED = (ORANGE, GREEN, PINK)
SOURCES = dict(zip(INCOME_SOURCES, (BLUE, ORANGE, PINK, GREEN), strict=True))
PARTS = {
    "income": ("All income", "全部收入"),
    "income_wage": ("Wages", "工资性收入"),
    "income_business": ("Business", "经营净收入"),
    "income_property": ("Property", "财产净收入"),
    "income_transfer": ("Transfers", "转移净收入"),
}
BURN_IN = ("mean_income", "gini", "share", "migrant_share", "savings_years")
"""Panels of the burn-in; ``share``: the four sources."""


def fifths_figure(numbers: Numbers, name: str, year: int, published: list[Published]) -> str:
    """Income by source and fifth in percent of the mean of the fifths, model beside print: one panel per source."""
    profiles = {population: fifths_profile(numbers, population, year) for population in numbers.compared}

    def fill(figure: Figure) -> None:
        panels = figure.subplots(1, len(PARTS), sharex=True)
        for panel, (part, title) in zip(panels, PARTS.items(), strict=True):
            for population, profile in profiles.items():
                rows = profile[profile["part"] == part].rename(columns={"fifth": "year"})
                banded_line(panel, rows, MODEL[population], "-")
            for printed, colour in zip(published, PRINTED, strict=False):
                means = printed.means.get(part.removeprefix("income_"))
                if means is None:
                    continue
                level = sum(printed.means["income"]) / 5.0
                panel.plot(
                    range(1, 6),
                    [100.0 * mean / level for mean in means],
                    "o",
                    color=colour,
                    markerfacecolor="white",
                    markersize=4.5,
                    linestyle=(0, (3, 2)),
                    linewidth=1.0,
                )
            panel.axhline(0, color="#999999", linewidth=0.6, zorder=0)
            panel.set_title(say(*title))
            _to_lines(panel)
            panel.set_xticks(range(1, 6))
            panel.set_xlabel(say("fifth, poorest first", "五等份，自低至高"))
            ticks_of(panel)
        panels[0].set_ylabel(say("percent of the fifths' mean", "占五组平均的 %"))
        _legend(
            figure,
            {
                say(f"model {year}, ", f"模型 {year} 年，") + population_name(p): (MODEL[p], "-", "")
                for p in profiles
            }
            | {
                printed.name: (colour, (0, (3, 2)), "o")
                for printed, colour in zip(published, PRINTED, strict=False)
            },
        )

    return draw(name, 2.9, fill)


def mobility_figure(numbers: Numbers, name: str) -> str | None:
    """Mobility matrices between fifths; None where there is none."""
    found: dict[str, pd.DataFrame] = {}
    for population in numbers.compared:
        for lag in (1, 5):
            matrix = mobility_mean(numbers, population, lag)
            if matrix is not None:
                years = say("after a year", "一年后") if lag == 1 else say("after five years", "五年后")
                found[f"{capital(population_name(population))},\n{years}"] = matrix
    if not found:
        return None

    def fill(figure: Figure) -> None:
        panels = figure.subplots(1, max(len(found), 4), squeeze=False)[0]
        for panel, (title, matrix) in zip(panels, found.items(), strict=False):
            _matrix(panel, title, matrix)
        for panel in panels[len(found) :]:
            panel.set_visible(False)
        panels[0].set_ylabel(say("fifth before, poorest first", "先前所在五等份，自低至高"))

    return draw(name, 3.2, fill)


def _matrix(panel: Axes, title: str, matrix: pd.DataFrame) -> None:
    values = 100.0 * matrix.to_numpy()
    # squares rather than an image: an SVG image would be a bitmap
    panel.pcolormesh(values, cmap="Blues", vmin=0, vmax=100, edgecolors="white", linewidth=1.0)
    for row in range(values.shape[0]):
        for column in range(values.shape[1]):
            value = values[row, column]
            if value == value:
                ink = "white" if value > 55 else BLACK
                panel.text(
                    column + 0.5,
                    row + 0.5,
                    f"{value:.0f}",
                    ha="center",
                    va="center",
                    color=ink,
                    fontsize=7.5,
                )
    panel.set_aspect("equal")
    panel.invert_yaxis()
    panel.set_xticks([i + 0.5 for i in range(5)], [str(i) for i in range(1, 6)])
    panel.set_yticks([i + 0.5 for i in range(5)], [str(i) for i in range(1, 6)])
    panel.tick_params(length=0)
    for side in panel.spines.values():
        side.set_visible(False)
    panel.set_title(title)
    panel.set_xlabel(say("fifth after", "之后所在五等份"))


def burn_in_figure(numbers: Numbers, name: str) -> str:
    """The last years before the scenario's first one: whether what is to stand still does."""
    frame = numbers.burn_in
    assert frame is not None
    arm = base_arm(numbers)

    frame = frame[(frame["arm"] == arm) & (frame["population"] == "all")]

    def line(panel: Axes, measure: str, scale: float, colour: str) -> float:
        """The mean over seeds, thick, with up to ten seeds, thin; returns where it ends."""
        for _, run in list(frame.groupby(UNIT))[:10]:
            panel.plot(run["year"], run[measure] * scale, color=colour, linewidth=0.6, alpha=0.4)
        table = levels(frame, measure)
        mean = table["mean"] * scale
        panel.plot(table["year"], mean, color=colour, linewidth=1.7, zorder=3)
        return float(mean.iloc[-1])

    def fill(figure: Figure) -> None:
        panels = figure.subplots(1, len(BURN_IN))
        for panel, measure in zip(panels, BURN_IN, strict=True):
            if measure == "share":
                ends = [
                    (
                        say(source, PARTS[f"income_{source}"][1][:2]),
                        colour,
                        line(panel, f"share_{source}", 100.0, colour),
                    )
                    for source, colour in SOURCES.items()
                ]
                panel.set_title(say("Sources of income", "收入来源"))
                panel.set_ylabel(say("percent of income", "占收入的 %"))
                ticks_of(panel)
                _years(panel)
                name_ends(panel, ends)
                continue
            text = label(measure)
            line(panel, measure, text.scale, BLACK)
            panel.set_title(say(*TITLES[measure]))
            panel.set_ylabel(unit_name(text.unit) or say("0 to 1", "0–1"))
            _wide_enough(panel)
            ticks_of(panel)
            _years(panel)

    return draw(name, 2.6, fill)


TITLES: Mapping[str, tuple[str, str]] = {
    "mean_income": ("Mean income", "人均收入"),
    "gini": ("Gini", "基尼系数"),
    "migrant_share": ("Workers away", "外出务工"),
    "savings_years": ("Savings", "储蓄"),
}


def _years(panel: Axes) -> None:
    panel.xaxis.set_major_locator(MaxNLocator(3, integer=True))


def _to_lines(panel: Axes) -> None:
    """An axis that shows the lines and some room around them: the bands of a few seeds may leave it."""
    values = [v for line in panel.get_lines() for v in np.ravel(np.asarray(line.get_ydata(), dtype=float))]
    known = [value for value in values if value == value]
    if known:
        low, high = min(known), max(known)
        room = 0.35 * (high - low)
        panel.set_ylim(low - room if low < 0 else max(low - room, 0.0) if low else -0.04 * high, high + room)


def _wide_enough(panel: Axes) -> None:
    """At least a fifth of the level to either side, so that noise does not look like a trend."""
    low, high = panel.get_ylim()
    level = abs(low + high) / 2.0
    panel.set_ylim(min(low, 0.8 * level), max(high, 1.2 * level))


def _legend(figure: Figure, entries: Mapping[str, tuple[str, Any, str]]) -> None:
    handles = [
        Line2D(
            [], [], color=colour, linestyle=style, marker=marker or None, markerfacecolor="white", label=text
        )
        for text, (colour, style, marker) in entries.items()
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles), frameon=False, fontsize=8)
