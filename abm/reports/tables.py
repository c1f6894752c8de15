"""Tables of the report page: text ready to show, made from ``Numbers``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from abm.analysis.contrasts import EVERY_LAYER, by_arm, estimate
from abm.core.names import LAYERS
from abm.reports.labels import (
    NONE,
    account_name,
    arm_name,
    capital,
    channel_name,
    flow_meaning,
    flow_name,
    interval,
    label,
    layer_name,
    number,
    percent,
    population_name,
    signed,
)
from abm.reports.language import language, say
from abm.reports.numbers import FURTHER, MAIN, OUTSIDE, Numbers


@dataclass(frozen=True)
class Table:
    """A table of text.

    Args:
        caption: what it shows, over what, with what uncertainty.
        head: one heading per column.
        groups: (heading, rows) pairs; an empty heading is not shown.
        words: how many leading columns are words and not numbers.
    """

    caption: str
    head: Sequence[str]
    groups: Sequence[tuple[str, Sequence[Sequence[str]]]]
    words: int = 1
    last_words: int = field(default=0)
    """How many trailing columns are words."""


def span(numbers: Numbers) -> str:
    """The years that effects are averaged over, in words."""
    first, last = numbers.years[0], numbers.years[-1]
    return f"{first}\N{EN DASH}{last}" if last > first else str(first)


def seeds(numbers: Numbers, count: float | None = None) -> str:
    """How many replications there are, in words; with ``count`` that many of them."""
    count = numbers.units if count is None else int(count)
    if numbers.over_draws:
        return say(f"{count} draws of the parameters", f"{count} 组参数抽样")
    return say("1 seed" if count == 1 else f"{count} seeds", f"{count} 个种子")


def left_out(numbers: Numbers) -> str:
    """What is said of seeds whose runs are not all there; empty where all are."""
    count = numbers.left_out
    if count == 0:
        return ""
    return say(
        f"{count} {'seed lacks' if count == 1 else 'seeds lack'} some arm, whose run failed or is not done, and "
        f"{'is' if count == 1 else 'are'} left out: arms are compared on the same seeds.",
        f"{count} 个种子缺少某些方案（运行失败或尚未完成），未计入：各方案只在相同的种子上比较。",
    )


def arms_table(numbers: Numbers) -> Table:
    """Levels of the main outcomes in every arm; of a single arm in every population."""
    over, several = seeds(numbers), numbers.units > 1
    head = [cell for measure in MAIN for cell in (label(measure).with_unit, "95 %")]
    if len(numbers.arms) == 1:
        rows = [
            [population_name(population), *_levels(_by_arm(numbers, population), numbers.arms[0])]
            for population in numbers.populations
        ]
        caption = say(
            f"Mean of {span(numbers)} by population, over {over}"
            + (", with their 95 % t-intervals." if several else ". One seed has no interval."),
            f"各人群 {span(numbers)} 年均值，{over}"
            + ("，附其 95 % t 区间。" if several else "。只有一个种子，没有区间。"),
        )
        return Table(caption, [say("population", "人群"), *head], [("", rows)])
    groups = []
    for population in numbers.compared:
        values = _by_arm(numbers, population)
        rows = [[arm, arm_name(arm), *_levels(values, arm)] for arm in numbers.arms]
        groups.append((capital(population_name(population)), rows))
    caption = say(
        f"Mean of {span(numbers)} in each arm, over {over}"
        + (
            ", with their 95 % t-intervals. These intervals hold the luck that all arms share; "
            "arms are to be compared by the paired differences."
            if several
            else ". One seed has no interval."
        ),
        f"各方案 {span(numbers)} 年均值，{over}"
        + (
            "，附其 95 % t 区间。区间包含各方案共有的随机波动；方案之间应按配对差异比较。"
            if several
            else "。只有一个种子，没有区间。"
        ),
    )
    return Table(caption, [say("arm", "方案"), say("joint-points", "接点"), *head], groups, words=2)


def _by_arm(numbers: Numbers, population: str) -> dict[str, pd.DataFrame]:
    """Each main outcome by unit and arm."""
    return {measure: by_arm(numbers.outcomes, measure, numbers.years, population) for measure in MAIN}


def _levels(values: Mapping[str, pd.DataFrame], arm: str) -> list[str]:
    """Mean and half of the interval of each main outcome in one arm."""
    cells = []
    for measure, by_unit in values.items():
        text, found = label(measure), estimate(by_unit[arm])
        half = (found.high - found.low) / 2 * text.scale
        digits = text.digits + 1 if text.digits else 0
        cells.append(number(found.mean * text.scale, digits))
        cells.append(NONE if half != half else f"\N{PLUS-MINUS SIGN} {number(half, digits)}")
    return cells


def contrasts_table(numbers: Numbers) -> Table:
    """Paired effects of each layer with the unpaired interval and the net outside money beside them."""
    groups = []
    outside = numbers.outside
    for population in numbers.compared:
        for measure in MAIN:
            text = label(measure)
            rows = []
            for layer in (*LAYERS, EVERY_LAYER):
                row = numbers.effect(measure, layer, population)
                apart, paired = row["unpaired_high"] - row["unpaired_low"], row["high"] - row["low"]
                money = outside[(outside["layer"] == layer) & (outside["others"] == "on")]
                cells = [
                    layer_name(layer),
                    text.effect(row["mean"]),
                    text.effect_interval(row["low"], row["high"]),
                    text.effect_interval(row["unpaired_low"], row["unpaired_high"]),
                    number(apart / paired, 1) + say(" times", " 倍") if paired > 0 else NONE,
                ]
                for state in ("averaged", "off"):
                    if layer == EVERY_LAYER:
                        cells.append(NONE)
                    else:
                        other = numbers.effect(measure, layer, population, state)
                        cells.append(_with_interval(other, text.effect_scale, text.effect_digits))
                cells.append(_with_interval(money.iloc[0], 1.0, 0) if len(money) else NONE)
                rows.append(cells)
            heading = capital(text.with_effect_unit) + say(", ", "，") + population_name(population)
            groups.append((heading, rows))
    head = [
        say("layer", "接点"),
        say("on minus off, other two on", "接通减断开，另两类开"),
        say("95 %, paired", "95 %，配对"),
        say("95 %, if seeds were not shared", "95 %，若不共用种子"),
        say("wider by", "宽出"),
        say("on minus off, averaged over the other two", "接通减断开，另两类取平均"),
        say("on minus off, other two off", "接通减断开，另两类断"),
        label(OUTSIDE).name + say(", yuan, on minus off, all residents", "，元，接通减断开，全体居民"),
    ]
    several = numbers.units > 1
    caption = say(
        f"Effect of the joint-points: on minus off, mean of {span(numbers)}, paired within {seeds(numbers)}; "
        + ("95 % intervals by Student t. " if several else "one seed has no interval. ")
        + "The last column says how much more money came from outside with the layer on.",
        f"接点的作用：接通减断开，{span(numbers)} 年均值，在{seeds(numbers)}内配对；"
        + ("95 % 区间按学生 t 分布。" if several else "只有一个种子，没有区间。")
        + "末列为接通该类接点时多流入的外部资金。",
    )
    return Table(caption, head, groups)


def shapley_table(numbers: Numbers) -> Table:
    """Shapley values of each layer, which add up to the whole difference."""
    groups = []
    for population in numbers.compared:
        told = {measure: share_is_told(numbers, measure, population) for measure in MAIN}
        rows = []
        for layer in (*LAYERS, EVERY_LAYER):
            whole = layer == EVERY_LAYER
            cells = [say("all three (the sum)", "三类合计") if whole else layer_name(layer)]
            for measure in MAIN:
                text, row = label(measure), numbers.shapley_of(measure, layer, population)
                cells.append(_with_interval(row, text.effect_scale, text.effect_digits))
                cells.append(share_of(row) if told[measure] else NONE)
            rows.append(cells)
        groups.append((capital(population_name(population)), rows))
    head = [say("layer", "接点")]
    for measure in MAIN:
        head += [capital(label(measure).with_effect_unit), say("share", "占比")]
    caption = say(
        "Exact Shapley value of each layer: what switching it on adds, averaged over the six orders in which "
        f"the three can be switched on; mean of {span(numbers)} over {seeds(numbers)}, with 95 % paired "
        "intervals, of shares by Fieller's method. Shares are left out where the whole difference cannot be told "
        "from zero.",
        "各类接点的沙普利值（精确计算）：接通该类接点所增加的量，对三类接点的六种接通次序取平均；"
        f"{span(numbers)} 年均值，{seeds(numbers)}，括号内为 95 % 配对区间，"
        "占比的区间按 Fieller 方法。总差异与零无法区分时不列占比。",
    )
    return Table(caption, head, groups)


def share_is_told(numbers: Numbers, measure: str, population: str = "all") -> bool:
    """Whether shares of the whole mean something: it can be told from luck, as it never can be with one seed."""
    whole = numbers.shapley_of(measure, EVERY_LAYER, population)
    return bool(whole["low"] > 0 or whole["high"] < 0)


def share_of(row: pd.Series) -> str:
    """A layer's share of the whole with its interval; of the whole itself, which is all, none."""
    share = percent(row["share"])
    if not row["share_low"] < row["share_high"]:
        return share
    low, high = percent(row["share_low"]).removesuffix(" %"), percent(row["share_high"])
    return say(f"{share}, {low} to {high}", f"{share}，{low} 至 {high}")


def interactions_table(numbers: Numbers) -> Table:
    """Interactions of pairs of layers for the main outcomes."""
    table = numbers.interactions
    rows = []
    for first, second in table[["first", "second"]].drop_duplicates().itertuples(index=False, name=None):
        cells = [say(f"{first} with {second}", f"{layer_name(first)}与{layer_name(second)}")]
        for measure in MAIN:
            text = label(measure)
            row = table[
                (table["measure"] == measure) & (table["first"] == first) & (table["second"] == second)
            ]
            cells.append(_with_interval(row.iloc[0], text.effect_scale, text.effect_digits))
        rows.append(cells)
    caption = say(
        "How much more or less two layers do together than the sum of each alone, averaged over the third "
        f"layer on and off; all residents, mean of {span(numbers)} over {seeds(numbers)}, with 95 % paired "
        "intervals.",
        "两类接点共同的作用比各自作用之和多出或少出多少，对第三类开与断取平均；"
        f"全体居民，{span(numbers)} 年均值，{seeds(numbers)}，括号内为 95 % 配对区间。",
    )
    return Table(
        caption, [say("pair", "组合"), *(capital(label(m).with_effect_unit) for m in MAIN)], [("", rows)]
    )


def further_table(numbers: Numbers) -> Table:
    """Effects on further outcomes, all residents."""
    table = numbers.further
    rows = []
    for measure in [name for name in FURTHER if name in set(table.get("measure", []))]:
        text = label(measure)
        cells = [text.with_effect_unit]
        for layer in (*LAYERS, EVERY_LAYER):
            row = table[(table["measure"] == measure) & (table["layer"] == layer)].iloc[0]
            cells.append(_with_interval(row, text.effect_scale, text.effect_digits))
        rows.append(cells)
    caption = say(
        "Effects on further outcomes: on minus off with the other two on, all residents, mean of "
        f"{span(numbers)} over {seeds(numbers)}, with 95 % paired intervals. Among so many intervals some "
        "exclude zero by luck.",
        f"对其他结果的作用：另两类接通时接通减断开，全体居民，{span(numbers)} 年均值，{seeds(numbers)}，"
        "括号内为 95 % 配对区间。区间如此之多，有些不含零只是偶然。",
    )
    head = [say("outcome", "结果"), *(layer_name(layer) for layer in (*LAYERS, EVERY_LAYER))]
    return Table(caption, head, [("", rows)])


def flows_table(numbers: Numbers) -> Table:
    """Every flow per head, by payer, payee, kind and layer, with what each layer changes of it."""
    means = numbers.flow_means
    base = numbers.arms[0]
    main = means[means["arm"] == base].sort_values("mean", ascending=False)
    keys = ["payer", "payee", "kind", "layer"]
    differences = numbers.flow_differences
    gaps = {
        (row["cut"], *(row[key] for key in keys)): row
        for row in differences.to_dict("records")
        if "payer" in row
    }
    rows = []
    for row in main.to_dict("records"):
        flow = tuple(row[key] for key in keys)
        cells = [account_name(row["payer"]), account_name(row["payee"]), flow_name(row["kind"])]
        cells += [channel_name(row["layer"]), number(row["mean"], 1)]
        if numbers.complete:
            for layer in (*LAYERS, EVERY_LAYER):
                gap = gaps.get((layer, *flow))
                cells.append(NONE if gap is None else _with_half_width(gap))
        rows.append([*cells, flow_meaning(row["kind"])])
    head = [say("payer", "付款方"), say("payee", "收款方"), say("what for", "用途")]
    head += [say("joint-point", "接点"), arm_name(base)]
    caption = say(
        f"Every flow of money, yuan per resident and year, mean of {span(numbers)} over {seeds(numbers)}",
        f"全部资金流，元/人·年，{span(numbers)} 年均值，{seeds(numbers)}",
    )
    if numbers.complete:
        off = say(", on \N{MINUS SIGN} off", "，开 \N{MINUS SIGN} 断")
        head += [layer_name(layer) + off for layer in (*LAYERS, EVERY_LAYER)]
        caption += say(
            "; beside it what each layer changes (on minus off, other two on; 95 % paired intervals)",
            "；右侧为各类接点带来的变化（接通减断开，另两类接通；95 % 配对区间）",
        )
    if language() == "zh":  # what the ledger says of a kind of flow is in English
        return Table(f"{caption}。", head, [("", [row[:-1] for row in rows])], words=4)
    return Table(f"{caption}.", [*head, "meaning"], [("", rows)], words=4, last_words=1)


def checks_table(numbers: Numbers) -> Table:
    """Checks of honesty: equal arms before the switch, and a ledger that adds up."""
    rows = []
    before = [year for year in numbers.all_years if year < numbers.switch_year]
    if len(numbers.arms) > 1 and before:
        gaps = numbers.gaps
        years = f"{before[0]}\N{EN DASH}{before[-1]}" if len(before) > 1 else str(before[0])
        worst = float(gaps.max())
        where = "" if worst == 0 else f" ({', '.join(gaps[gaps > 0].index)})"
        rows.append(
            [
                say(
                    f"Largest difference between the arms of a seed in {years}, all {len(gaps)} measures, "
                    "all populations",
                    f"同一种子各方案之间在 {years} 年的最大差异，全部 {len(gaps)} 项指标、全部人群",
                ),
                f"{worst:g}{where}",
                "0",
                _verdict(worst == 0),
            ]
        )
        rows.append(
            [
                say(
                    f"Largest difference between the arms of a seed in {years}, any flow of money, yuan",
                    f"同一种子各方案之间在 {years} 年任一资金流的最大差异，元",
                ),
                f"{numbers.flow_gap:g}",
                "0",
                _verdict(numbers.flow_gap == 0),
            ]
        )
    rows.append(
        [
            say(
                "Largest sum over all accounts, the outside world included, at any year's end, fen",
                "任一年末全部账户（含区外）余额之和的最大值，分",
            ),
            f"{numbers.imbalance:g}",
            "0",
            _verdict(numbers.imbalance == 0),
        ]
    )
    for layer in LAYERS if len(numbers.arms) > 1 else ():
        passed = _passed_while_cut(numbers, layer)
        if passed is not None:
            text = say(
                f"Money through {layer} joint-points in the arms that cut them, from {numbers.switch_year} on, "
                "yuan",
                f"{numbers.switch_year} 年起，断开{layer_name(layer)}的方案中仍经其流动的资金，元",
            )
            rows.append([text, f"{passed:g}", "0", _verdict(passed == 0)])
    caption = say("Checks that every results folder has to pass.", "每个结果目录都须通过的检验。")
    head = [say("check", "检验"), say("found", "所得"), say("must be", "应为"), say("verdict", "结论")]
    return Table(caption, head, [("", rows)], last_words=1)


def checks_hold(table: Table) -> bool:
    """Whether every check of a table of checks holds."""
    return all(row[-1] == _verdict(True) for _, rows in table.groups for row in rows)


def _passed_while_cut(numbers: Numbers, layer: str) -> float | None:
    if numbers.question != "cut":
        return None  # under "programme" the links of before the switch go on
    flows = numbers.flows
    cut = flows[
        ~flows[layer].astype(bool) & (flows["year"] >= numbers.switch_year) & (flows["layer"] == layer)
    ]
    return float(cut["amount"].sum())


def _verdict(holds: bool) -> str:
    return say("holds", "成立") if holds else say("BROKEN", "不成立")


def joint_point_total(numbers: Numbers, layer: str) -> float:
    """Money through a layer's joint-points with everything on, yuan per head and year."""
    flows = numbers.joint_point_flows
    return float(flows[flows["layer"] == layer]["mean"].sum())


def _with_half_width(row: Any) -> str:
    """ "−8.8 ± 1.7"; without an interval only the mean, and a plain zero where nothing differs at all."""
    half = (row["high"] - row["low"]) / 2
    digits = 0 if abs(row["mean"]) >= 10 else 1
    text = signed(row["mean"], digits)
    if half != half or (row["mean"] == 0 and half == 0):
        return text
    return f"{text} \N{PLUS-MINUS SIGN} {number(half, digits)}"


def _with_interval(row: Any, scale: float, digits: int) -> str:
    """ "−8.8 (−10.5 to −7.1)"; without an interval only the mean."""
    text = signed(row["mean"] * scale, digits)
    between = interval(row["low"] * scale, row["high"] * scale, digits)
    return text if between == NONE else f"{text} ({between})"
