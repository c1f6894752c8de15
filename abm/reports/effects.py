"""What the layers of a factorial do to one outcome, in tables for the terminal: paired, shared out, together, by
source and by place.

All speak of the mean over the last years, on minus off, formed within seeds.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from abm.analysis import gini_change, place_change
from abm.analysis.arms import select
from abm.analysis.contrasts import EVERY_LAYER, half_width, layer_weights
from abm.analysis.pairing import pairing_table
from abm.analysis.shapley import shapley_table
from abm.analysis.supermodularity import JOINT, THREE_WAY, supermodularity, verdicts
from abm.core.names import INCOME_SOURCES, LAYERS
from abm.reports.labels import (
    NONE,
    budget_name,
    label,
    layer_name,
    number,
    percent,
    population_name,
    question_name,
)
from abm.reports.language import say
from abm.runs.results import Results

SOURCES = {
    "wage": ("wages", "工资性收入"),
    "business": ("business", "经营净收入"),
    "property": ("property", "财产净收入"),
    "transfer": ("transfers", "转移净收入"),
    gini_change.ALL_SOURCES: ("all income", "全部收入"),
}
PARTS = {
    "share": ("its share", "收入份额"),
    "source_gini": ("its own spread", "来源内部差距"),
    "correlation": ("its place in income", "与总收入位次的相关"),
    gini_change.UNDIVIDED: ("not divided", "未分解"),
    gini_change.TOTAL: ("together", "合计"),
}
PLACES = {
    "within": ("within places", "村居内部"),
    "between": ("between places: means", "村居之间：均值"),
    "composition_within": ("people elsewhere: within", "人口分布：内部"),
    "composition_between": ("people elsewhere: between", "人口分布：之间"),
    "rest": ("floors of bottom-coding", "下限编码"),
    "total": ("together", "合计"),
}
_ROUNDING = 1e-12  # of parts of a Gini: below it a number is what sums leave
TERMS = {JOINT: (JOINT, "三层合计"), THREE_WAY: (THREE_WAY, "三层交互")}
"""Words of the terms that are no formula."""
VERDICTS = {
    "supermodular": "超模",
    "submodular": "次模",
    "neither": "既非超模亦非次模",
    "not supermodular": "非超模",
    "not submodular": "非次模",
    "undecided": "无法判定",
    "exceeds the sum": "大于各自之和",
    "falls short": "小于各自之和",
}


@dataclass(frozen=True)
class Shown:
    """One table: ``frame`` holds all its numbers, unrounded and in the measure's own unit."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str]
    frame: pd.DataFrame


@dataclass(frozen=True)
class Question:
    """What is asked of one comparison of a factorial's results."""

    results: Results
    measure: str
    population: str
    years: tuple[int, ...]
    question: str
    budget: str

    def table(self, name: str) -> pd.DataFrame:
        return select(getattr(self.results, name), self.question, self.budget)

    def has(self, name: str) -> bool:
        return (self.results.folder / name).is_dir()

    def lacks(self, name: str) -> str:
        """The table that one of ``TABLES`` needs and the runs have not kept; empty where they have."""
        if name == "sources":
            return "" if self.has("households") or self.has("fifths") else "fifths"
        placed = self.has("households") or self.has("villages")
        return "villages" if name == "places" and not placed else ""

    def title(self, what: str, outcome: str, population: str | None = None) -> str:
        first, last = self.years[0], self.years[-1]
        span = str(first) if first == last else f"{first}–{last}"
        who = population_name(population or self.population)
        asked = [question_name(self.question), budget_name(self.budget)]
        return say(
            f"{what}: {outcome}; {who}; {span}; {', '.join(asked)}",
            f"{what}：{outcome}；{who}；{span}；{'，'.join(asked)}",
        )


def paired(asked: Question) -> Shown:
    """The effect of each layer and of all, and what pairing did for its interval."""
    found = pairing_table(asked.table("outcomes"), [asked.measure], asked.years, [asked.population])
    text = label(asked.measure)
    head = [
        say("unpaired", "不配对的区间"),
        say("narrower by", "区间缩窄倍数"),
        say("runs saved", "等效运行倍数"),
    ]
    beside = [
        (
            text.effect_interval(row["unpaired_low"], row["unpaired_high"]),
            _times(row["narrowing"]),
            _times(row["variance_ratio"]),
        )
        for row in found.to_dict("records")
    ]
    units = int(found["n"].max())
    notes = [
        say(
            "the others on. 'Runs saved': how many times as many runs seeds of their own would have taken",
            "其余两层开启。“等效运行倍数”：若各臂使用各自的种子，达到同样精度所需运行数的倍数",
        ),
        say(
            f"the last two columns compare variances over {units} seeds or draws: rough where these are few",
            f"最后两列比较的是 {units} 个种子（或参数抽样）间的方差，数目少时仅为粗略值",
        ),
    ]
    words = say("Effect of each layer", "各层的效应"), say("on − off", "开 − 关")
    return _by_layer(asked, found, words, (head, beside), notes)


def shared(asked: Question) -> Shown:
    """Shapley values of the layers, and their shares of the whole."""
    found = shapley_table(asked.table("outcomes"), [asked.measure], asked.years, [asked.population])
    beside = [
        (
            percent(row["share"]) if row["share_low"] == row["share_low"] else NONE,
            _percents(row["share_low"], row["share_high"]) if row["layer"] != EVERY_LAYER else NONE,
        )
        for row in found.to_dict("records")
    ]
    note = say("no shares of a whole that cannot be told from 0", "总效应与 0 无法区分时不给出占比")
    words = say("Shared out over the layers", "效应在三层间的分配"), say("Shapley value", "夏普利值")
    head = [say("share", "占比"), say("its 95 %", "其 95 % 区间")]
    return _by_layer(asked, found, words, (head, beside), [note] if beside[0][0] == NONE else [])


def _by_layer(
    asked: Question,
    found: pd.DataFrame,
    words: tuple[str, str],
    beside: tuple[Sequence[str], Sequence[Sequence[str]]],
    notes: Sequence[str],
) -> Shown:
    """A number of each layer with its interval, and further cells beside it.

    Args:
        found: columns ``layer``, ``mean``, ``low``, ``high``.
        words: what is shown, and the head of the numbers.
        beside: heads and, row by row, cells of the further columns.
    """
    text = label(asked.measure)
    head = [say("layer", "层"), words[1], say("95 % interval", "95 % 区间"), *beside[0]]
    rows = [
        (
            layer_name(row["layer"]),
            text.effect(row["mean"]),
            text.effect_interval(row["low"], row["high"]),
            *cells,
        )
        for row, cells in zip(found.to_dict("records"), beside[1], strict=True)
    ]
    return Shown(asked.title(words[0], text.with_effect_unit), head, rows, [*notes, _one_by_one()], found)


def _one_by_one() -> str:
    return say("intervals hold one by one", "各区间单独成立，未作多重比较校正")


def together(asked: Question) -> Shown:
    """Second differences with intervals that hold at once, and the verdict."""
    found = supermodularity(asked.table("outcomes"), [asked.measure], asked.years, [asked.population])
    text = label(asked.measure)
    said = verdicts(found).iloc[0]
    head = [say("term", "项"), say("beyond the sum", "超出之和"), say("95 %, all at once", "95 % 联合区间")]
    rows = [
        (
            say(*TERMS.get(row["term"], (row["term"],) * 2)),
            text.effect(row["mean"]),
            text.effect_interval(row["low"], row["high"]),
        )
        for row in found.to_dict("records")
    ]
    notes = [
        say(
            f"layers: {said['layers']}; all three against the sum of each alone: {said['joint']}",
            f"三层：{VERDICTS[said['layers']]}；三层合计与各自之和相比：{VERDICTS[said['joint']]}",
        ),
        say(
            "of the number as it stands: where less of it is better, layers that help each other are submodular",
            "均就指标数值本身而言：数值越低越好的指标，相互促进的层表现为次模",
        ),
    ]
    title = asked.title(say("Do layers do more together", "三层合用是否超出各自之和"), text.with_effect_unit)
    return Shown(title, head, rows, notes, found)


def sources(asked: Question) -> Shown:
    """The change in Gini by source of income, for each layer and all three."""
    by_household = asked.has("households")
    if by_household:
        terms = gini_change.household_terms(asked.table("households"), asked.years, asked.population)
    else:
        terms = gini_change.fifth_terms(asked.table("fifths"), asked.years, asked.population)
    measure = "gini" if by_household else "gini_grouped"
    text = label(measure)
    head = [say("layer", "层"), say("source", "来源"), *(say(*PARTS[part]) for part in gini_change.PARTS)]
    rows, frames = [], []
    layers = (*LAYERS, EVERY_LAYER)
    for layer in layers:
        on, off = layer_weights(layer)
        found = gini_change.gini_change(terms, on, off)
        half = half_width(found["se"], found["n"] - 1, len(layers) * len(found))
        told = found["mean"].abs() > np.maximum(half, _ROUNDING)
        frames.append(found.assign(layer=layer, measure=measure, told=told))
        cells = frames[-1].set_index(["source", "part"])
        for source in (*INCOME_SOURCES, gini_change.ALL_SOURCES):
            named = layer_name(layer) if source == INCOME_SOURCES[0] else ""
            shown = [cells.loc[(source, part)] for part in gini_change.PARTS]
            parts = [text.effect(cell["mean"]) + ("*" if cell["told"] else "") for cell in shown]
            rows.append((named, say(*SOURCES[source]), *parts))
    many = sum(len(frame) for frame in frames)
    star = say(
        f"* told from 0, all {many} at once (Bonferroni); 95 % intervals one by one are in the CSV file",
        f"* {many} 项同时比较（Bonferroni 校正）仍与 0 有别；各项单独的 95 % 区间见所存表格",
    )
    note = say(
        "of incomes of households"
        if by_household
        else "of the means of fifths; with --snapshots of households",
        "按户收入计算" if by_household else "按五等份均值计算；带住户快照（--snapshots）的运行按户计算",
    )
    title = asked.title(say("Change by source of income", "按收入来源分解的变化"), text.with_effect_unit)
    return Shown(title, head, rows, [note, star], pd.concat(frames, ignore_index=True))


def places(asked: Question) -> Shown:
    """The change in Theil's L within and between places, for each layer and all three."""
    text, outcomes = label("theil_l"), asked.table("outcomes")
    if asked.has("households"):
        villages = place_change.household_places(asked.table("households"), asked.years)
    else:
        villages = asked.table("villages")
    frames = {}
    for layer in (*LAYERS, EVERY_LAYER):
        on, off = layer_weights(layer)
        frames[layer] = place_change.place_change(villages, outcomes, on, off, asked.years)
    head = [say("part", "部分"), *(layer_name(layer) for layer in frames)]
    rows = []
    for part, names in PLACES.items():
        cells = []
        for found in frames.values():
            row = found.set_index("part").loc[part]
            between = text.effect_interval(row["low"], row["high"])
            cells.append("\n".join([text.effect(row["mean"]), *([] if between == NONE else [between])]))
        rows.append((say(*names), *cells))
    frame = pd.concat([found.assign(layer=layer) for layer, found in frames.items()], ignore_index=True)
    title = asked.title(
        say("Change within and between places", "村居内部与之间的变化"), text.with_effect_unit, "all"
    )
    return Shown(title, head, rows, [_one_by_one()], frame.assign(measure="theil_l"))


TABLES: Mapping[str, Callable[[Question], Shown]] = {
    "paired": paired,
    "shared": shared,
    "together": together,
    "sources": sources,
    "places": places,
}
"""What can be shown, in this order."""


def shown_of(asked: Question, name: str) -> Shown:
    """One of ``TABLES``, its frame with the columns that say what it is of."""
    found = TABLES[name](asked)
    what: dict[str, Any] = {"table": name, "question": asked.question, "budget": asked.budget}
    what |= {"first_year": asked.years[0], "last_year": asked.years[-1]}
    if "population" not in found.frame:
        what["population"] = "all" if name == "places" else asked.population
    frame = found.frame.assign(**what)
    return Shown(found.title, found.head, found.rows, found.notes, frame)


def _times(ratio: float) -> str:
    return NONE if ratio != ratio else f"{number(ratio, 1)} ×"


def _percents(low: float, high: float) -> str:
    if low != low or high != high:
        return NONE
    return f"{percent(low).removesuffix(' %')} {say('to', '至')} {percent(high)}"
