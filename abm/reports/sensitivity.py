"""What the results of an experiment's file say of what it varied: a table, a few notes, a picture.

Which analysis fits follows from the design: elementary effects for Morris, shares of variance for Sobol, rank
correlations for a Latin hypercube, changes from the base one at a time; of any other design a response where one
name varies, and a map where two do.
"""

from collections.abc import Sequence
from dataclasses import replace
from math import pi, sqrt

from abm.analysis import response
from abm.analysis import sensitivity as s
from abm.analysis.designed import Designed
from abm.analysis.observed import averaged
from abm.core.errors import InputError
from abm.reports import sensitivity_figures as figures
from abm.reports.answers import (
    Answer,
    described,
    failed_note,
    interval_head,
    noise_notes,
    pair,
    rows_of,
    spread_note,
    title_of,
    what_head,
)
from abm.reports.factors import factor_name
from abm.reports.labels import NONE, Label, label, number, percent, signed, unit_name
from abm.reports.language import say

BASED = ("one_at_a_time", "timing")
"""Designs whose first point is the base that all others are compared with."""
MONOTONY = {
    response.RISES: "逐级上升",
    response.FALLS: "逐级下降",
    response.MOSTLY_RISES: "总体上升，无一级显示下降",
    response.MOSTLY_FALLS: "总体下降，无一级显示上升",
    response.PARTLY_RISES: "某一级上升，其余无法判定",
    response.PARTLY_FALLS: "某一级下降，其余无法判定",
    response.TURNS: "先后转向",
    response.UNTOLD: "与水平线无法区分",
}


def answer_of(found: Designed) -> Answer:
    """The analysis that fits a design.

    Raises:
        InputError: nothing varies, more than two names do, or points are not what the design says.
    """
    makers = {"morris": _morris, "sobol": _sobol, "latin_hypercube": _ranks} | dict.fromkeys(BASED, _changes)
    maker = makers.get(found.kind, _response)
    try:
        made = maker(found, label(found.measure))
    except ValueError as error:
        if isinstance(error, InputError):
            raise
        raise InputError(str(error), mend="look at the design that made the results") from None
    return replace(made, frame=described(made.frame, found))


def _morris(found: Designed, text: Label) -> Answer:
    levels = int(found.options.get("grid_levels", s.LEVELS))
    noise = s.noise_of(found.values)
    floor = noise.elementary(levels)
    table = s.morris_table(found.sample, found.values, found.groups, levels)
    of_luck = _plain(floor, text), _plain(floor * sqrt(pi / 2), text)
    if table.empty:
        raise InputError("no trajectory is complete", mend="run the batch again to finish it")
    head = [what_head(), "μ*", interval_head(), "σ", say("above luck", "高于随机性")]
    rows = [
        (
            factor_name(row.name_),
            _plain(row.mu_star, text),
            _between(row.low, row.high, text),
            _plain(row.sigma, text),
            _yes(row.low > floor) if floor == floor else NONE,
        )
        for row in rows_of(table)
    ]
    kept = s.screened(table, floor)
    notes = [
        spread_note(found, text),
        *noise_notes(found, noise),
        say(
            f"of luck alone: μ* {of_luck[0]}, σ {of_luck[1]}; σ is not known of groups of several parameters",
            f"仅由随机性产生的 μ*：{of_luck[0]}，σ：{of_luck[1]}；含多个参数的组没有 σ",
        ),
        _over_note(str(table["over"].iloc[0]), noise),
        *([_next(found, kept)] if kept else []),
    ]

    def title() -> str:
        return title_of(
            found, say("Elementary effects (Morris)", "基本效应（Morris）"), text.with_effect_unit
        )

    frame = table.assign(luck=floor, seed_share=noise.share)
    return Answer(
        title(),
        head,
        rows,
        head[1:],
        notes,
        frame,
        lambda: figures.morris_figure(table, floor, text, title()),
    )


def _over_note(over: str, noise: s.Noise) -> str:
    """What intervals of elementary effects are over."""
    if over == s.BOTH:
        return say(
            f"intervals are over trajectories and seeds, crossed ({noise.seeds} seeds); each holds by itself",
            f"区间同时反映轨迹与种子的抽样（{noise.seeds} 个种子）；各区间单独成立，未作多重比较校正",
        )
    if not noise.common:
        return say(
            "intervals are over trajectories, each on seeds of its own; each holds by itself",
            "区间反映轨迹的抽样，各轨迹使用各自的种子；各区间单独成立，未作多重比较校正",
        )
    return say(
        "intervals are over trajectories, on the one seed that was run: what other seeds would do is not in them; "
        "each holds by itself",
        "区间只反映轨迹的抽样，且限于所运行的一个种子，不含换用其他种子的不确定性；各区间单独成立，未作多重比较校正",
    )


def _next(found: Designed, kept: Sequence[str]) -> str:
    seeds = found.values.shape[1]
    arms = max(len(found.options.get("each") or ()), 1)  # each row of the sample is run under all of them
    try:
        base = s.sobol_base(len(kept), seeds * arms)
    except ValueError:
        return say(f"may matter: {', '.join(kept)}", f"可能重要：{'、'.join(kept)}")
    runs = base * (len(kept) + 2) * seeds * arms
    under = say(f" under {arms} arms", f"，{arms} 个臂") if arms > 1 else ""
    return say(
        f"may matter: {', '.join(kept)}; for shares of variance: a Sobol design of these with samples = {base} "
        f"({runs} runs on {seeds} seeds{under})",
        f"可能重要：{'、'.join(kept)}；若求方差占比：对这些做样本数（samples）为 {base} 的 Sobol 设计"
        f"（{seeds} 个种子{under}，共 {runs} 次运行）",
    )


def _sobol(found: Designed, text: Label) -> Answer:
    noise = s.noise_of(found.values)
    second = bool(found.options.get("second_order", False))
    table = s.sobol_table(found.sample, averaged(found.values), found.groups, second_order=second)
    head = [what_head(), "S1", f"S1 {interval_head()}", "ST", f"ST {interval_head()}"]
    rows = [
        (
            factor_name(row.name_),
            *(number(row.S1, 3), pair(row.S1_low, row.S1_high)),
            *(number(row.ST, 3), pair(row.ST_low, row.ST_high)),
        )
        for row in rows_of(table)
    ]
    alone = float(table["S1"].sum(skipna=False))
    notes = [
        spread_note(found, text),
        *noise_notes(found, noise),
        say(
            f"by themselves together: {percent(alone)} of the variance; ST of luck alone: {number(noise.left, 3)}",
            f"一阶效应合计：方差的 {percent(alone)}；仅由随机性产生的 ST：{number(noise.left, 3)}",
        ),
        say(
            "intervals are over points, on the seeds that were run: what other seeds would do is not in them",
            "区间只反映样本点的抽样，且限于所运行的种子，不含换用其他种子的不确定性",
        ),
    ]

    def title() -> str:
        return title_of(found, say("Shares of variance (Sobol)", "方差占比（Sobol）"), text.name)

    frame = table.assign(luck=noise.left, seed_share=noise.share)
    return Answer(
        title(), head, rows, head[1:], notes, frame, lambda: figures.sobol_figure(table, noise.left, title())
    )


def _ranks(found: Designed, text: Label) -> Answer:
    noise = s.noise_of(found.values)
    table = s.rank_table(found.sample, averaged(found.values))
    head = [what_head(), say("partial rank correlation", "偏秩相关系数"), interval_head()]
    rows = [
        (factor_name(row.name_), signed(row.correlation, 2), pair(row.low, row.high, 2))
        for row in rows_of(table)
    ]

    def title() -> str:
        return title_of(found, say("Rank correlations", "秩相关"), text.name)

    frame = table.assign(seed_share=noise.share)
    return Answer(
        title(),
        head,
        rows,
        head[1:],
        [spread_note(found, text), *noise_notes(found, noise)],
        frame,
        lambda: figures.rank_figure(table, title()),
    )


def _changes(found: Designed, text: Label) -> Answer:
    if len(found.x) < 2 or (found.kind in BASED and found.x.index[0] != 0):
        raise InputError("the base is not among the points", mend="leave --effect and --at out")
    table = response.changes_from_base(found.x, found.values)
    head = [what_head(), say("value", "取值"), say("change", "变化"), interval_head()]
    rows = [
        (
            *("+".join(factor_name(part) for part in row.name_.split("+")), _value(row.value)),
            *(text.effect(row.mean) + _star(sure), text.effect_interval(row.low, row.high)),
        )
        for row, sure in zip(rows_of(table), response.told(table), strict=True)
    ]

    def title() -> str:
        return title_of(found, say("Change from the base", "相对基准的变化"), text.with_effect_unit)

    notes = [_base_note(found), _star_note(len(table)), *failed_note(found)]
    return Answer(
        title(), head, rows, head[2:], notes, table, lambda: figures.changes_figure(table, text, title())
    )


def _base_note(found: Designed) -> str:
    """The values of the base; those that are all alike in a few words."""
    names = [str(name) for name in found.x.columns]
    values = [_value(found.x[name].iloc[0]) for name in names]
    if len(names) > 3 and len(set(values)) == 1:
        return say(f"base: all {len(names)} at {values[0]}", f"基准：全部 {len(names)} 项为 {values[0]}")
    base = ", ".join(f"{factor_name(name)} = {value}" for name, value in zip(names, values, strict=True))
    return say(f"base: {base}", f"基准：{base}")


def _response(found: Designed, text: Label) -> Answer:
    varying = found.varying
    if len(varying) not in (1, 2):
        many = f"{len(varying)} names vary" if varying else "nothing varies"
        mend = "choose one or two: --effect NAME for what a switch does, --at NAME=VALUE to keep one value"
        raise InputError(many, mend=mend if varying else "vary something")
    if len(varying) == 2:
        return _map(found, text, *varying)
    return _dose(found, text, varying[0]) if found.is_number(varying[0]) else _changes(found, text)


def _dose(found: Designed, text: Label, factor: str) -> Answer:
    table = response.dose_response(found.numbers(factor)[factor], found.values)
    contrast = bool(found.contrast)
    head = [
        factor_name(factor),
        _outcome(text, contrast),
        interval_head(),
        say("change", "变化")
        + (f"{say(', ', '，')}{unit_name(text.effect_unit)}" if text.effect_unit else ""),
        say("its 95 %", "其 95 % 区间"),
    ]
    rows = [
        (
            *(
                _value(row.dose),
                _level(row.mean, text, contrast),
                _level_interval(row.low, row.high, text, contrast),
            ),
            *(
                (text.effect(row.change), text.effect_interval(row.change_low, row.change_high))
                if i
                else (NONE, NONE)
            ),
        )
        for i, row in enumerate(rows_of(table))
    ]
    word = response.monotony(table)
    notes = [
        say(
            f"step by step, all at once: {word}; the intervals shown hold one by one",
            f"逐级比较（联合判断）：{MONOTONY[word]}；表中各区间单独成立",
        ),
        *failed_note(found),
    ]

    def title() -> str:
        return title_of(found, say("Response", "响应"), text.with_effect_unit if contrast else text.with_unit)

    return Answer(
        *(title(), head, rows, head[1:], notes, table.assign(name=factor, monotony=word)),
        lambda: figures.dose_figure(table, factor, text, contrast, title()),
    )


def _map(found: Designed, text: Label, first: str, second: str) -> Answer:
    table = response.map_of(found.numbers(first, second), found.values, first, second)
    contrast = bool(found.contrast)
    grid = response.cells(table, first, second)
    told = response.cells(table.assign(told=response.told(table)), first, second, "told")
    corner = f"{factor_name(second)} ↓  {factor_name(first)} →"
    head = [corner, *(f"{value:g}" for value in grid.columns)]
    rows = [
        (
            f"{value:g}",
            *(
                _level(mean, text, contrast) + _star(contrast and mark == 1)  # a gap of the rectangle is NaN
                for mean, mark in zip(grid.loc[value], told.loc[value], strict=True)
            ),
        )
        for value in grid.index
    ]
    notes = [_star_note(len(table))] if contrast else []
    if contrast:
        turns = response.turning_points(table, first, second)
        notes += [
            _turn(factor_name(first), row[first], factor_name(second), row[second], told=row["told"])
            for row in turns.to_dict("records")
        ]

    def title() -> str:
        return title_of(found, say("Map", "双参数图"), text.with_effect_unit if contrast else text.with_unit)

    return Answer(
        *(title(), head, rows, head[1:], [*notes, *failed_note(found)], table),
        lambda: figures.map_figure(table, first, second, text, contrast, title()),
    )


def _turn(first: str, place: float, second: str, value: float, *, told: bool) -> str:
    if not told:
        return say(
            f"{second} = {value:g}: means change sign near {first} = {place:.3g}, but luck may have done it",
            f"{second} = {value:g}：均值的符号在 {first} ≈ {place:.3g} 处改变，但可能出于随机性",
        )
    return say(
        f"{second} = {value:g}: the sign turns near {first} = {place:.3g}",
        f"{second} = {value:g}：符号在 {first} ≈ {place:.3g} 处改变",
    )


# --- words -------------------------------------------------------------------------------------------------


def _outcome(text: Label, contrast: bool) -> str:
    return text.with_effect_unit if contrast else text.with_unit


def _plain(value: float, text: Label) -> str:
    return number(value * text.effect_scale, text.effect_digits)


def _between(low: float, high: float, text: Label) -> str:
    return pair(low * text.effect_scale, high * text.effect_scale, text.effect_digits)


def _level(value: float, text: Label, contrast: bool) -> str:
    return text.effect(value) if contrast else text.level(value)


def _level_interval(low: float, high: float, text: Label, contrast: bool) -> str:
    return (
        text.effect_interval(low, high)
        if contrast
        else pair(low * text.scale, high * text.scale, text.digits)
    )


def _value(value: object) -> str:
    return f"{value:g}" if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def _star(whether: bool) -> str:
    return "*" if whether else ""


def _star_note(comparisons: int) -> str:
    """What a star says, in a table of so many numbers."""
    if comparisons == 1:
        return say("* the 95 % interval leaves out 0", "* 95 % 区间不含 0")
    return say(
        f"* told from 0, all {comparisons} at once (Bonferroni); 95 % intervals hold one by one",
        f"* {comparisons} 项同时比较（Bonferroni 校正）仍与 0 有别；各 95 % 区间单独成立",
    )


def _yes(whether: bool) -> str:
    return say("yes", "是") if whether else say("no", "否")
