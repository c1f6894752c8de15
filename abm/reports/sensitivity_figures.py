"""Pictures of what moves an outcome: elementary effects, shares of variance, responses to doses, maps.

Each is an ``<svg>`` element as on the report page; ``as_file`` makes a picture of it that stands by itself.
"""

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import TwoSlopeNorm
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from abm.analysis.contrasts import EVERY_LAYER
from abm.analysis.response import cells, told
from abm.reports.drawing import COLOURS, Ticks, draw, ticks_of
from abm.reports.factors import factor_name
from abm.reports.labels import Label, capital, number, signed
from abm.reports.language import say

BLUE, ORANGE, BLACK, GREY = COLOURS["organizational"], COLOURS["interest"], COLOURS[EVERY_LAYER], "#777777"
MOST_NAMES = 25
"""As many names as a picture of names shows."""
MOST_CELLS = 150
"""With more cells a map shows colours alone."""


def as_file(svg: str) -> str:
    """The picture as text of an SVG file, on white."""
    head, rest = svg.split(">", 1)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{head} style="background:white">{rest}\n'


def _drawn(name: str, height: float, title: str, fill: Callable[[Figure], None]) -> str:
    def with_title(figure: Figure) -> None:
        fill(figure)
        if title:
            figure.suptitle(title, x=0.005, ha="left", fontsize=8.5)

    return draw(name, height + (0.3 if title else 0.0), with_title)


def morris_figure(
    table: pd.DataFrame, floor: float, text: Label, title: str = "", name: str = "morris"
) -> str:
    """μ* of each group with its interval, and what luck alone shows as a dotted line.

    Args:
        table: of ``sensitivity.morris_table``.
        floor: of ``Noise.elementary``; NaN: unknown.
    """
    shown, scale = table.head(MOST_NAMES), text.effect_scale

    def fill(figure: Figure) -> None:
        panel = figure.subplots()
        _whiskers(panel, shown["mu_star"] * scale, shown["low"] * scale, shown["high"] * scale, BLACK)
        if floor == floor:
            panel.axvline(floor * scale, color=GREY, linewidth=0.9, linestyle=(0, (1, 2)))
            _beside_line(panel, floor * scale, say("luck alone", "仅由随机性"))
        _names(panel, shown["name"])
        panel.set_xlim(left=0)
        panel.set_xlabel(f"μ*, {text.with_effect_unit}{say(' per whole range', '（全取值范围）')}")

    return _drawn(name, _height(shown), title, fill)


def sobol_figure(table: pd.DataFrame, left: float, title: str = "", name: str = "sobol") -> str:
    """First-order and total shares of variance of each group, with their intervals.

    Args:
        table: of ``sensitivity.sobol_table``.
        left: of ``Noise.left``; NaN: unknown.
    """
    shown = table.head(MOST_NAMES)

    def fill(figure: Figure) -> None:
        panel = figure.subplots()
        for column, colour, shift, words in (
            ("ST", BLACK, -0.14, say("total, with interactions", "总效应（含交互）")),
            ("S1", BLUE, 0.14, say("by itself", "一阶效应")),
        ):
            _whiskers(
                panel, shown[column], shown[f"{column}_low"], shown[f"{column}_high"], colour, shift, words
            )
        if left == left:
            panel.axvline(left, color=GREY, linewidth=0.9, linestyle=(0, (1, 2)))
            _beside_line(panel, left, say("luck alone (total)", "仅由随机性（总效应）"))
        _names(panel, shown["name"])
        panel.axvline(0, color=GREY, linewidth=0.7)
        panel.set_xlabel(say("share of variance", "方差占比"))
        panel.legend(frameon=False, loc="lower right")

    return _drawn(name, _height(shown) + 0.2, title, fill)


def rank_figure(table: pd.DataFrame, title: str = "", name: str = "ranks") -> str:
    """Partial rank correlations with their intervals."""
    shown = table.head(MOST_NAMES)

    def fill(figure: Figure) -> None:
        panel = figure.subplots()
        _whiskers(panel, shown["correlation"], shown["low"], shown["high"], BLACK)
        _names(panel, shown["name"])
        panel.axvline(0, color=GREY, linewidth=0.7)
        panel.set_xlim(-1, 1)
        panel.set_xlabel(say("partial rank correlation", "偏秩相关系数"))

    return _drawn(name, _height(shown), title, fill)


def changes_figure(table: pd.DataFrame, text: Label, title: str = "", name: str = "changes") -> str:
    """What each point of a design changes against its base, with intervals."""
    shown, scale = table.head(2 * MOST_NAMES), text.effect_scale

    def fill(figure: Figure) -> None:
        panel = figure.subplots()
        _whiskers(panel, shown["mean"] * scale, shown["low"] * scale, shown["high"] * scale, BLACK)
        _names(panel, [f"{factor_name(n)} = {v}" for n, v in zip(shown["name"], shown["value"], strict=True)])
        panel.axvline(0, color=GREY, linewidth=0.7)
        panel.set_xlabel(f"{text.with_effect_unit}{say(', change from the base', '，相对基准的变化')}")

    return _drawn(name, _height(shown), title, fill)


def values_figure(table: pd.DataFrame, text: Label, title: str = "", name: str = "values") -> str:
    """One value with its interval for each name.

    Args:
        table: columns ``name``, ``mean``, ``low``, ``high``.
    """
    shown, scale = table.head(MOST_NAMES), text.effect_scale

    def fill(figure: Figure) -> None:
        panel = figure.subplots()
        _whiskers(panel, shown["mean"] * scale, shown["low"] * scale, shown["high"] * scale, BLACK)
        _names(panel, shown["name"])
        panel.axvline(0, color=GREY, linewidth=0.7)
        panel.set_xlabel(text.with_effect_unit)

    return _drawn(name, _height(shown), title, fill)


def dose_figure(
    table: pd.DataFrame, factor: str, text: Label, contrast: bool, title: str = "", name: str = "dose"
) -> str:
    """An outcome by dose, and its paired change from the lowest dose, with 95 % intervals.

    Args:
        table: of ``response.dose_response``.
        factor: name of the dose.
        contrast: whether the outcome is a difference already.
    """
    level = text.effect_scale if contrast else text.scale
    parts = (
        ("mean", "low", "high", level, capital(text.with_effect_unit if contrast else text.with_unit)),
        (
            *("change", "change_low", "change_high", text.effect_scale),
            say(
                f"change from the lowest: {text.with_effect_unit}",
                f"相对最低值的变化：{text.with_effect_unit}",
            ),
        ),
    )

    def fill(figure: Figure) -> None:
        panels = figure.subplots(1, 2)
        for panel, (middle, low, high, scale, title) in zip(panels, parts, strict=True):
            rows = table[table[middle].notna()]
            x = rows["dose"].to_numpy(dtype=float)
            panel.fill_between(x, rows[low] * scale, rows[high] * scale, color=BLUE, alpha=0.16, linewidth=0)
            panel.plot(x, rows[middle] * scale, color=BLUE, marker="o", markersize=4, linewidth=1.5)
            panel.set_title(title)
            panel.set_xlabel(factor_name(factor))
            ticks_of(panel)
        if not contrast:
            panels[1].axhline(0, color=GREY, linewidth=0.7)

    return _drawn(name, 3.0, title, fill)


def map_figure(
    table: pd.DataFrame,
    first: str,
    second: str,
    text: Label,
    contrast: bool,
    title: str = "",
    name: str = "map",
) -> str:
    """An outcome over two parameters, in colours and, where there is room, in numbers; bold is told from 0, all
    points at once.

    Args:
        table: of ``response.map_of``.
        contrast: whether the outcome is a difference: then colours part at 0.
    """
    scale = text.effect_scale if contrast else text.scale
    grid = cells(table, first, second) * scale
    sure = cells(table.assign(told=told(table)), first, second, "told")

    def fill(figure: Figure) -> None:
        panel = figure.subplots()
        top = float(np.nanmax(np.abs(grid.to_numpy()))) if grid.notna().any(axis=None) else 1.0
        norm = TwoSlopeNorm(0.0, -(top or 1.0), top or 1.0) if contrast else None
        drawn = panel.imshow(grid, aspect="auto", cmap="PuOr_r" if contrast else "cividis", norm=norm)
        panel.set_xticks(range(grid.shape[1]), [f"{value:g}" for value in grid.columns])
        panel.set_yticks(range(grid.shape[0]), [f"{value:g}" for value in grid.index])
        panel.set_xlabel(factor_name(first))
        panel.set_ylabel(factor_name(second))
        bar = figure.colorbar(drawn, ax=panel, format=Ticks())
        bar.set_label(text.with_effect_unit if contrast else text.with_unit)
        if grid.size > MOST_CELLS:
            return
        digits = text.effect_digits if contrast else text.digits
        for (row, column), value in np.ndenumerate(grid.to_numpy()):
            if value != value:
                continue
            red, green, blue, _ = drawn.cmap(drawn.norm(value))
            light = 0.299 * red + 0.587 * green + 0.114 * blue > 0.5
            panel.text(
                column,
                row,
                signed(value, digits) if contrast else number(value, digits),
                ha="center",
                va="center",
                color="black" if light else "white",
                weight="bold" if contrast and sure.iat[row, column] else "normal",
            )

    return _drawn(name, max(2.6, 1.2 + 0.4 * grid.shape[0]), title, fill)


# --- parts --------------------------------------------------------------------------------------------------


def _whiskers(
    panel: Axes,
    middle: pd.Series,
    low: pd.Series,
    high: pd.Series,
    colour: str,
    shift: float = 0.0,
    words: str | None = None,
) -> None:
    places = np.arange(len(middle)) + shift
    known = (low.notna() & high.notna()).to_numpy()
    panel.hlines(places[known], low[known], high[known], color=colour, linewidth=1.4)
    panel.plot(middle, places, "o", color=colour, markersize=4.5, label=words, linestyle="none")


def _names(panel: Axes, names: Iterable[str]) -> None:
    words = [factor_name(name) for name in names]
    panel.set_yticks(range(len(words)), words)
    panel.set_ylim(len(words) - 0.5, -0.5)
    panel.xaxis.set_major_locator(MaxNLocator(6))
    panel.xaxis.set_major_formatter(Ticks())
    panel.grid(axis="x", color="#E4E4E4", linewidth=0.6)
    panel.set_axisbelow(True)


def _beside_line(panel: Axes, place: float, words: str) -> None:
    panel.annotate(
        words,
        (place, 1.0),
        xycoords=("data", "axes fraction"),
        xytext=(3, 2),
        textcoords="offset points",
        color=GREY,
        fontsize=7,
    )


def _height(rows: pd.DataFrame) -> float:
    return 1.2 + 0.24 * max(len(rows), 3)
