"""How the report's pictures are drawn: the style, and the parts that several pictures share.

Text stays text (``svg.fonttype`` none), and the same numbers give the same bytes: no date, no random ids.
Colours are those of Okabe and Ito, which people with colour-blindness can tell apart; lines also carry their
names.
"""

import logging
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import StringIO
from typing import Any, TypeVar

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import Formatter, MaxNLocator

from abm.analysis.contrasts import EVERY_LAYER
from abm.reports.labels import number, signed
from abm.reports.language import chinese_font, language, picture_language, say, speaking
from abm.reports.numbers import Numbers

COLOURS = {
    "organizational": "#0072B2",
    "interest": "#D55E00",
    "social": "#009E73",
    EVERY_LAYER: "#222222",
    "": "#888888",
    "background": "#AA4499",
}

_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "font.family": "DejaVu Sans",
    "font.size": 8.0,
    "axes.titlesize": 8.5,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.labelsize": 8.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#666666",
    "axes.linewidth": 0.7,
    "axes.unicode_minus": True,
    "xtick.color": "#444444",
    "ytick.color": "#444444",
    "xtick.labelcolor": "#222222",
    "ytick.labelcolor": "#222222",
    "lines.solid_capstyle": "round",
}
T = TypeVar("T")
_PAPER = {"facecolor": "white", "edgecolor": "none", "pad": 0.4}
_WIDTH = 10.4
"""Inches; the page is about as wide, so that 8 points are read as 11 pixels."""


def draw(name: str, height: float, fill: Callable[[Figure], None]) -> str:
    """A figure as an ``<svg>`` element.

    Args:
        name: unique on the page; ids inside the picture start with it.
        height: inches.
        fill: draws into the figure.
    """
    with mpl.rc_context():
        mpl.rcdefaults()  # a user's own settings must not change the page
        mpl.rcParams.update({**_STYLE, "svg.hashsalt": name})
        font = chinese_font() if language() == "zh" else None
        if font is not None:  # to measure with; the reader's browser sets the signs in a font of its own
            mpl.rcParams["font.family"] = [_STYLE["font.family"], font]
        with _no_word_of_fonts():
            svg = _svg(height, fill)
    return _inline(svg, name)


def _svg(height: float, fill: Callable[[Figure], None]) -> str:
    """What matplotlib writes.

    The figure is laid out before it is saved, at the resolution of SVG: else matplotlib draws it twice, once for the
    layout.
    """
    figure = Figure(figsize=(_WIDTH, height), dpi=72, layout="constrained")  # colour bars ask for it
    FigureCanvasSVG(figure)
    fill(figure)
    ConstrainedLayoutEngine().execute(figure)
    figure.set_layout_engine("none")
    text = StringIO()
    blank = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    figure.savefig(text, format="svg", metadata=blank, transparent=True, dpi=100)
    return text.getvalue()


@contextmanager
def _no_word_of_fonts() -> Iterator[None]:
    """Chinese fonts often have no bold face; matplotlib measures with the plain one, which is good enough."""
    logger = logging.getLogger("matplotlib.font_manager")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


def pictured(figure: Callable[..., T], *args: Any) -> T:
    """What a function of figures draws, in English where there is no font to measure Chinese with."""
    with speaking(picture_language()):
        return figure(*args)


def _inline(svg: str, name: str) -> str:
    """Only the element, without size, and with ids that no other picture on the page has."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg, flags=re.DOTALL)
    head, rest = svg.split(">", 1)
    box = re.search(r'viewBox="[^"]*"', head)
    if box is None:
        raise ValueError("matplotlib wrote an SVG without a viewBox")
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'{box.group()} role="img" aria-labelledby="{name}-title"'
    )
    rest = re.sub(r'\bid="', f'id="{name}-', rest)
    rest = re.sub(r'href="#', f'href="#{name}-', rest)
    rest = re.sub(r"url\(#", f"url(#{name}-", rest)
    # a rule for * would reach the whole page
    rest = rest.replace('<style type="text/css">*{', f'<style type="text/css">.{name} *{{')
    return f'{head} class="{name}">{rest}'.strip()


def banded_line(panel: Axes, rows: pd.DataFrame, colour: str, style: Any) -> float:
    """A line with its band; returns where it ends."""
    if rows.empty:
        return float("nan")
    if rows["low"].notna().any():
        panel.fill_between(rows["year"], rows["low"], rows["high"], color=colour, alpha=0.16, linewidth=0)
    panel.plot(rows["year"], rows["mean"], color=colour, linestyle=style, linewidth=1.7, zorder=3)
    return float(rows["mean"].iloc[-1])


def mark_years(panel: Axes, numbers: Numbers, *, named: bool = True) -> None:
    """The axis of years with the switch marked at the start of its year."""
    first, last = numbers.all_years[0], numbers.all_years[-1]
    panel.set_xlim(first - 0.5, last + 0.5)
    panel.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    if first <= numbers.switch_year <= last and len(numbers.arms) > 1:
        panel.axvline(numbers.switch_year - 0.5, color="#444444", linewidth=0.8, linestyle=(0, (1, 2)))
        if named:
            panel.text(
                numbers.switch_year - 0.4,
                0.02,
                say(f"cut from {numbers.switch_year}", f"{numbers.switch_year} 年起断开"),
                transform=panel.get_xaxis_transform(),
                color="#444444",
                fontsize=7,
            )


def name_ends(panel: Axes, ends: Sequence[tuple[str, str, float]]) -> None:
    """Names beside the ends of lines, moved apart where they would overlap."""
    ends = [end for end in ends if end[2] == end[2]]
    if not ends:
        panel.text(0.5, 0.5, say("not measured", "未测量"), transform=panel.transAxes, ha="center")
        return
    low, high = panel.get_ylim()
    places = _apart([end[2] for end in ends], 0.085 * (high - low), low, high)
    for (text, colour, _), place in zip(ends, places, strict=True):
        panel.annotate(
            text,
            (1.0, place),
            xycoords=("axes fraction", "data"),
            xytext=(3, 0),
            textcoords="offset points",
            va="center",
            color=colour,
            annotation_clip=False,
        )


def _apart(wanted: Iterable[float], gap: float, low: float, high: float) -> list[float]:
    """Places near the wanted ones, in their order, at least a gap apart and where possible within bounds."""
    wanted = list(wanted)
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    placed: list[float] = []
    for i in order:
        placed.append(max(wanted[i], placed[-1] + gap) if placed else max(wanted[i], low))
    if placed and placed[-1] > high - gap / 2:
        placed[-1] = high - gap / 2
        for i in range(len(placed) - 2, -1, -1):
            placed[i] = min(placed[i], placed[i + 1] - gap)
    result = [0.0] * len(wanted)
    for i, place in zip(order, placed, strict=True):
        result[i] = place
    return result


def dot(
    panel: Axes, row: pd.Series, place: float, colour: str, marker: str, scale: float, digits: int | None
) -> None:
    """A mean with its interval, and its value above where digits are given."""
    middle, low, high = row["mean"] * scale, row["low"] * scale, row["high"] * scale
    if middle != middle:
        return
    if low == low:
        panel.plot([low, high], [place, place], color=colour, linewidth=1.5, solid_capstyle="butt")
    filled = colour if marker == "o" else "white"
    panel.plot([middle], [place], marker, color=colour, markerfacecolor=filled, markersize=4.5)
    if digits is not None:
        panel.text(
            middle, place - 0.13, signed(middle, digits), ha="center", va="bottom", fontsize=7, bbox=_PAPER
        )


def whiskers(panel: Axes, rows: pd.DataFrame, places: np.ndarray) -> None:
    known = rows["low"].notna().to_numpy()
    panel.hlines(
        places[known], rows["low"][known], rows["high"][known], color="#222222", linewidth=0.9, zorder=4
    )


def beside(panel: Axes, end: float, place: float, text: str, colour: str, *, right: bool = True) -> None:
    """A text beside the end of a bar."""
    panel.annotate(
        text,
        (end, place),
        xytext=(4 if right else -4, 0),
        textcoords="offset points",
        va="center",
        ha="left" if right else "right",
        color=colour,
    )


def yuan(amount: float) -> str:
    return number(amount, 0 if abs(amount) >= 10 else 1)


def ticks_of(panel: Axes) -> None:
    panel.yaxis.set_major_locator(MaxNLocator(5))
    panel.yaxis.set_major_formatter(Ticks())


class Ticks(Formatter):
    """Labels of an axis: all with as many decimals as any of them needs, at most three."""

    def __call__(self, value: float, pos: int | None = None) -> str:
        return number(value, _decimals(value))

    def format_ticks(self, values: Iterable[float]) -> list[str]:
        values = list(values)
        digits = max((_decimals(value) for value in values), default=0)
        return [number(value, digits) for value in values]


def _decimals(value: float) -> int:
    return next((d for d in range(3) if abs(value - round(value, d)) < 1e-9 * max(1.0, abs(value))), 3)
