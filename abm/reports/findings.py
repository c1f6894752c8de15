"""What is found, in plain sentences made from the numbers, and what limits it.

A sentence gives a direction only where the interval lies on one side of zero; otherwise it says that no
difference can be told from luck. Nothing is called significant.
"""

from dataclasses import dataclass

import pandas as pd

from abm.analysis.contrasts import EVERY_LAYER, half_width
from abm.core.names import LAYERS
from abm.reports.assumed import status_counts
from abm.reports.labels import (
    Label,
    capital,
    income_name,
    interval,
    joint_points,
    label,
    layer_name,
    number,
    population_name,
    signed,
)
from abm.reports.language import say
from abm.reports.numbers import MAIN, Numbers
from abm.reports.tables import seeds, share_is_told, share_of, span


@dataclass(frozen=True)
class Finding:
    """A short heading and its sentences."""

    about: str
    sentences: list[str]


def findings(numbers: Numbers) -> list[Finding]:
    """What a factorial shows; empty where not all eight arms are there."""
    if not numbers.complete:
        return []
    found = [_outcome(numbers, measure) for measure in MAIN]
    return [*found, _together(numbers), _money(numbers)]


def _outcome(numbers: Numbers, measure: str) -> Finding:
    text = label(measure)
    about = {
        "gini": say("Spread of income (Gini)", "收入差距（基尼系数）"),
        "headcount_anchored_60": say(
            f"Poverty (below 60 % of the rural median of {numbers.anchor_year})",
            f"贫困（低于 {numbers.anchor_year} 年村居民收入中位数的 60 %）",
        ),
        "mean_income": say("Mean income per head", "人均可支配收入"),
    }[measure]
    sentences = [
        _effect_sentence(numbers, text, numbers.effect(measure, layer), layer)
        for layer in (*LAYERS, EVERY_LAYER)
    ]
    for population in numbers.compared:
        if population != "all":
            parts = [
                f"{layer_name(layer)} {_brief(text, numbers.effect(measure, layer, population))}"
                for layer in (*LAYERS, EVERY_LAYER)
            ]
            name, unit = population_name(population), text.spoken_unit
            sentences.append(
                say(
                    f"Among {name}, on minus off in {unit}: {', '.join(parts)}.",
                    f"{name}中，接通减断开（{unit}）：{'，'.join(parts)}。",
                )
            )
    return Finding(about, sentences)


def _effect_sentence(numbers: Numbers, text: Label, row: pd.Series, layer: str) -> str:
    subject = joint_points(layer) + say(": ", "：")
    if row["n"] == 0:
        return subject + say("not measured in any seed.", "任何种子中都未测量。")
    over = seeds(numbers, row["n"])  # some may lack the measure
    if row["mean"] == 0 and not row["se"] > 0:
        return subject + say(f"no difference at all, in {over}.", f"毫无差异，{over}。")
    amount = f"{number(abs(row['mean']) * text.effect_scale, text.effect_digits)} {text.spoken_unit}"
    up = row["mean"] > 0
    way = say(
        f"{amount} {'higher' if up else 'lower'} with them on than with them cut",
        f"接通时比断开时{'高' if up else '低'} {amount}",
    )
    if row["n"] == 1:
        return subject + way + say(", in the one seed there is; no interval.", "，只有一个种子，没有区间。")
    between = say("95 % interval ", "95 % 区间 ") + text.effect_interval(row["low"], row["high"])
    if row["low"] > 0 or row["high"] < 0:
        return subject + way + say(f" ({between}, which excludes zero).", f"（{between}，不含零）。")
    return subject + say(
        f"no difference can be told from luck with {over} ({between}).",
        f"以{over}无法把差异与随机波动区分开（{between}）。",
    )


def _brief(text: Label, row: pd.Series) -> str:
    between = text.effect_interval(row["low"], row["high"])
    return text.effect(row["mean"]) + (f" ({between})" if row["low"] == row["low"] else "")


def _together(numbers: Numbers) -> Finding:
    sentences = []
    for measure in MAIN:
        text = label(measure)
        whole = numbers.shapley_of(measure, EVERY_LAYER)
        if not share_is_told(numbers, measure):
            sentences.append(
                say(
                    f"{capital(text.name)}: the whole difference cannot be told from luck, so it is not "
                    "shared out.",
                    f"{text.name}：总差异无法与随机波动区分，故不作分摊。",
                )
            )
            continue
        parts = []
        for layer in LAYERS:
            row = numbers.shapley_of(measure, layer)
            parts.append(f"{layer_name(layer)} {text.effect(row['mean'])} ({share_of(row)})")
        total = f"{text.effect(whole['mean'])} {text.spoken_unit}"
        sentences.append(
            say(
                f"{capital(text.name)}: of the whole {total}, {', '.join(parts)}.",
                f"{text.name}：总差异 {total}，其中{'，'.join(parts)}。",
            )
        )
    table = numbers.interactions
    half = half_width(table["se"], table["n"] - 1, comparisons=len(table))
    together = table.assign(low=table["mean"] - half, high=table["mean"] + half)
    pairs = []
    for row in together[(together["low"] > 0) | (together["high"] < 0)].to_dict("records"):
        text = label(row["measure"])
        between, found = text.effect_interval(row["low"], row["high"]), text.effect(row["mean"])
        pairs.append(
            say(
                f"{row['first']} with {row['second']} on the {text.name} ({found}, {between} {text.spoken_unit})",
                f"{layer_name(row['first'])}与{layer_name(row['second'])}对{text.name}"
                f"（{found}，{between} {text.spoken_unit}）",
            )
        )
    if pairs:
        sentences.append(
            say(
                f"Two layers do other than the sum of each alone: {'; '.join(pairs)}; intervals that hold for all "
                f"{len(table)} pairs and outcomes at once with 95 %.",
                f"两类接点共同的作用不等于各自作用之和：{'；'.join(pairs)}；区间对全部 {len(table)} 个组合与结果"
                "同时成立的置信度为 95 %。",
            )
        )
    elif numbers.units > 1:
        sentences.append(
            say(
                "That two layers do more or less together than the sum of each alone cannot be told from luck, "
                f"all {len(table)} pairs and outcomes taken together.",
                f"合看全部 {len(table)} 个组合与结果，无法断定两类接点共同的作用多于或少于各自作用之和。",
            )
        )
    about = "Shares of each layer (Shapley values) and interactions"
    return Finding(say(about, "各类接点的份额（沙普利值）与交互作用"), sentences)


def _money(numbers: Numbers) -> Finding:
    table = numbers.income_differences
    sentences = []
    for layer in LAYERS:
        rows = table[table["cut"] == layer]
        rows = rows[rows["mean"].abs() >= 0.5]
        if numbers.units > 1:
            rows = rows[(rows["low"] > 0) | (rows["high"] < 0)]
        rows = rows.reindex(rows["mean"].abs().sort_values(ascending=False).index).head(4)
        if rows.empty:
            nothing = say(": no flow of income that differs beyond luck.", "：没有超出随机波动的收入流差异。")
            sentences.append(joint_points(layer) + nothing)
            continue
        parts = [
            f"{income_name(row['kind'], row['layer'])} {signed(row['mean'])}"
            for row in rows.to_dict("records")
        ]
        whole = numbers.effect("mean_income", layer)
        rest = signed(whole["mean"] - rows["mean"].sum())
        total = _brief(label("mean_income"), whole)
        sentences.append(
            joint_points(layer)
            + say(
                f": {', '.join(parts)}, all others together {rest}; mean income in all {total}.",
                f"：{'，'.join(parts)}，其余合计 {rest}；人均收入共计 {total}。",
            )
        )
    sentences.append(
        say(
            "Named are the largest flows, at most four"
            + (
                ", among those that can each be told from luck; one that cannot may be as large."
                if numbers.units > 1
                else "."
            ),
            "只列出"
            + ("各自能与随机波动区分的收入流中" if numbers.units > 1 else "")
            + "最大的至多四项"
            + ("；无法区分者也可能同样大。" if numbers.units > 1 else "。"),
        )
    )
    outside = numbers.outside
    rows = outside[(outside["others"] == "on") & (outside["layer"] != EVERY_LAYER)]
    if len(rows):
        parts = [
            f"{layer_name(row['layer'])} {signed(row['mean'])}"
            + (f" ({interval(row['low'], row['high'])})" if row["low"] == row["low"] else "")
            for row in rows.to_dict("records")
        ]
        sentences.append(
            say(
                f"Net money from outside, yuan per head and year, on minus off: {', '.join(parts)}.",
                f"外部净流入，元/人·年，接通减断开：{'，'.join(parts)}。",
            )
        )
    about = say("By which flows of income, yuan per head and year", "通过哪些收入流，元/人·年")
    return Finding(about, sentences)


def limits(numbers: Numbers) -> list[str]:
    """What the results rest on, in plain sentences."""
    counts = status_counts(numbers.manifest)
    total, assumed = sum(counts.values()), counts.get("assumed", 0)
    sentences = []
    if total:
        drawn = numbers.over_draws
        beside = (numbers.outcomes["draw"] > 0).any() and not drawn
        sentences.append(
            say(
                f"The rules read {total} parameters, of which {assumed} are only assumed; they are listed below. "
                + (
                    "Intervals are over draws of parameters too, and so hold part of the doubt about them."
                    if drawn
                    else "Draws of the parameters lie beside these runs: see 'abm signs' and 'abm hypotheses'."
                    if beside
                    else "How far the results move within the bounds of these parameters is not explored here."
                ),
                f"规则共用 {total} 个参数，其中 {assumed} 个只是假定，列于文末。"
                + (
                    "区间也跨越参数抽样，因而包含对这些参数的部分疑问。"
                    if drawn
                    else "另有参数抽样，符号与命题据以另行判定。"
                    if beside
                    else "结果在这些参数的范围内会变动多少，本页未作考察。"
                ),
            )
        )
    stated = status_counts(numbers.manifest, "numbers")
    if stated:
        sentences.append(
            say(
                f"Of {sum(stated.values())} numbers that the scenario states about the place, "
                f"{stated.get('assumed', 0)} are only assumed.",
                f"情景对当地给出的 {sum(stated.values())} 个数字中，{stated.get('assumed', 0)} 个只是假定。",
            )
        )
    if numbers.units > 1:
        what, what_zh = (
            ("luck and doubt about the parameters", "随机波动与对参数的疑问")
            if numbers.over_draws
            else ("luck within the model", "模型内的随机波动")
        )
        sentences.append(
            say(
                f"Intervals are over {seeds(numbers)}: they measure {what}, not doubt about the "
                "model. About one in twenty 95 % intervals misses the true value, and this page shows many.",
                f"区间取自{seeds(numbers)}：衡量的是{what_zh}，不是对模型本身的疑问。约二十分之一的 95 % "
                "区间不含真值，而本页区间很多。",
            )
        )
        if numbers.units < 5:
            sentences.append(
                say(
                    f"With {seeds(numbers)} an interval rests on {numbers.units - 1} "
                    f"degree{'s' if numbers.units > 2 else ''} of freedom and is wide; five or more are better.",
                    f"{seeds(numbers)}的区间只有 {numbers.units - 1} 个自由度，故而很宽；五个以上种子更好。",
                )
            )
    else:
        sentences.append(
            say(
                "There is one seed: nothing here can be told from luck.",
                "只有一个种子：这里的一切都无法与随机波动区分。",
            )
        )
    households = numbers.manifest.get("households")
    if households:
        sentences.append(
            say(
                f"The district is drawn at {number(households)} households, not at its real size.",
                f"全区按 {number(households)} 户模拟，不是实际规模。",
            )
        )
    if numbers.complete:
        sentences.append(
            say(
                f"Effects are means of {span(numbers)}; what comes about later or has faded by then is not in "
                "them.",
                f"作用为 {span(numbers)} 年均值；此后才出现的、此前已消退的，都不在其中。",
            )
        )
        sentences.append(say(*QUESTIONS.get(numbers.question, (numbers.question, numbers.question))))
        sentences.append(say(*BUDGETS.get(numbers.budget, (numbers.budget, numbers.budget))))
    return sentences


QUESTIONS = {
    "cut": (
        "The question is cut: from the switch year every joint-point of the layer is off, older ones too.",
        "所问为全部断开：自切换年起该类接点全部断开，原有的也不例外。",
    ),
    "programme": (
        "The question is programme: only joint-points added since the switch year are off.",
        "所问为仅断开新增项目：只断开切换年以来新增的接点。",
    ),
}
BUDGETS = {
    "neutral": (
        "The budget is neutral: money that a cut layer's programmes do not spend goes to a named other use "
        "in the same places that is no household's income.",
        "资金口径为中性：断开的接点未用掉的专项资金，转作当地不构成居民收入的其他指定用途。",
    ),
    "withheld": (
        "The budget is withheld: money that a cut layer's programmes do not spend stays outside.",
        "资金口径为不投入：断开的接点未用掉的专项资金留在区外。",
    ),
}
