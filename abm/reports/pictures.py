"""The pictures of the report page with their words: what is shown, over what, and with what uncertainty."""

from dataclasses import dataclass

from abm.core.names import LAYERS
from abm.reports import dynamics, dynamics_figures, figures, tables
from abm.reports.drawing import pictured
from abm.reports.labels import arm_name, layer_name, number
from abm.reports.language import say
from abm.reports.numbers import MAIN, Numbers


@dataclass(frozen=True)
class Picture:
    """A picture with its words.

    Args:
        name: unique on the page.
        title: says what is shown.
        svg: the ``<svg>`` element.
        caption: what is shown, over what, and with what uncertainty.
    """

    name: str
    title: str
    svg: str
    caption: str


def bands(numbers: Numbers, english: str, chinese: str) -> str:
    """The sentence that says what the bands are."""
    if numbers.units > 1:
        return say(f" Bands: 95 % intervals {english}.", f"阴影：{chinese}的 95 % 区间。")
    return say(" One seed: no intervals.", "只有一个种子，没有区间。")


def over_years(numbers: Numbers, name: str) -> list[Picture]:
    """The main outcomes of a factorial in every arm."""
    pictures = []
    for measure in MAIN:
        caption = say(
            f"Mean over {tables.seeds(numbers)} in each year. Each panel: all three kinds of joint-points on "
            f"(black), the one kind cut from {numbers.switch_year} on (colour), all three cut (grey, "
            "dashed). Pale lines: the other arms of the eight.",
            f"各年对{tables.seeds(numbers)}取平均。每格：三类接点全开（黑）、{numbers.switch_year} 年起断开该类接点"
            "（彩色）、三类全断（灰色虚线）。浅线：八个方案中的其余方案。",
        )
        caption += bands(
            numbers,
            "of each arm's own level; they hold the luck that all arms share, so differences are read below, "
            "where effects are shown",
            "各方案自身水平（含各方案共有的随机波动，差异请看下文的作用图）",
        )
        key = f"{name}-{measure.replace('_', '-')}"
        svg = pictured(figures.levels_figure, numbers, measure, key)
        pictures.append(Picture(key, _title(numbers, measure), svg, caption))
    return pictures


def _title(numbers: Numbers, measure: str) -> str:
    base = numbers.manifest["scenario"]["base_year"]
    return {
        "gini": say("Gini of income per head, all residents", "人均收入基尼系数，全体居民"),
        "headcount_anchored_60": say(
            f"Share of people below 60 % of the rural median of {numbers.anchor_year} (anchored line), all "
            "residents",
            f"低于 {numbers.anchor_year} 年村居民收入中位数 60 %（锚定线）的人口占比，全体居民",
        ),
        "mean_income": say(
            f"Mean disposable income per head, all residents, in yuan at prices of {base}",
            f"人均可支配收入，全体居民，元，{base} 年价格",
        ),
    }[measure]


def effects(numbers: Numbers, name: str) -> list[Picture]:
    """What each layer does, over the years and in the years that effects are averaged over."""
    by_year = Picture(
        f"{name}-effects-by-year",
        say(
            "What the joint-points make of the three outcomes in each year: on minus off, all residents",
            "接点各年对三项结果的作用：接通减断开，全体居民",
        ),
        pictured(figures.effects_over_years_figure, numbers, f"{name}-effects-by-year"),
        say(
            "Difference between the arm with all three kinds on and the arm with one kind (or all three) cut, "
            f"formed within each seed and averaged over {tables.seeds(numbers)}. Above zero: the outcome is "
            f"higher with the joint-points on. Before {numbers.switch_year} all arms are the same run.",
            f"三类全开的方案减去断开一类（或三类）的方案，在每个种子内相减后对{tables.seeds(numbers)}取平均。高于零："
            f"接点接通时该结果更高。{numbers.switch_year} 年之前所有方案是同一次运行。",
        )
        + bands(numbers, "of the paired difference", "配对差异"),
    )
    window = Picture(
        f"{name}-effects",
        say(
            f"Effect of each layer and its Shapley value, on minus off, mean of {tables.span(numbers)}",
            f"各类接点的作用与沙普利值，接通减断开，{tables.span(numbers)} 年均值",
        ),
        pictured(figures.effects_figure, numbers, f"{name}-effects"),
        say(
            "Filled dots with numbers: the layer on minus off while the other two are on (all three: on minus "
            "off). Open diamonds: Shapley values, averaged over the six orders of switching on, which add up to "
            "the effect of all three.",
            "实心点和数字：另两类接通时该类接通减断开（三类接点：全开减全断）。空心菱形：沙普利值，对六种接通次序取平均，"
            "三者之和等于三类合计的作用。",
        )
        + (
            say(
                f" Lines: 95 % intervals of paired differences over {tables.seeds(numbers)}; one that crosses "
                "zero cannot be told from luck.",
                f"横线：{tables.seeds(numbers)}配对差异的 95 % 区间；跨过零者无法与随机波动区分。",
            )
            if numbers.units > 1
            else say(" One seed: no intervals.", "只有一个种子，没有区间。")
        ),
    )
    return [by_year, window]


def single(numbers: Numbers, name: str) -> Picture:
    """Levels only, where not all eight arms are there."""
    one = len(numbers.arms) == 1
    who = say(
        "all, urban and rural residents" if one else "each arm, all residents",
        "全体、社区和村居民" if one else "各方案，全体居民",
    )
    key, base = f"{name}-levels", numbers.manifest["scenario"]["base_year"]
    return Picture(
        key,
        say(f"Gini, poverty and mean income over the years: {who}", f"历年基尼系数、贫困率和人均收入：{who}"),
        pictured(figures.single_figure, numbers, key),
        say(
            f"Poverty: share of people below 60 % of the rural median of {numbers.anchor_year} (anchored line). "
            f"Income: yuan per head and year at prices of {base}. Mean over {tables.seeds(numbers)}.",
            f"贫困率：低于 {numbers.anchor_year} 年村居民收入中位数 60 %（锚定线）的人口占比。收入：元/人·年，{base} 年"
            f"价格。对{tables.seeds(numbers)}取平均。",
        )
        + bands(numbers, "over seeds", "种子间"),
    )


def money(numbers: Numbers, name: str) -> list[Picture]:
    """Money through joint-points, and the flows that make up the effect on mean income."""
    pictures = []
    arm = arm_name(numbers.arms[0])
    over = say(
        f"mean of {tables.span(numbers)} over {tables.seeds(numbers)}",
        f"{tables.span(numbers)} 年均值，{tables.seeds(numbers)}",
    )
    if numbers.units > 1:
        over += say(", with 95 % intervals", "，附 95 % 区间")
    if len(numbers.joint_point_flows):
        key = f"{name}-money"
        totals = say(", ", "，").join(
            f"{layer_name(layer)} {number(tables.joint_point_total(numbers, layer), 0)}" for layer in LAYERS
        )
        pictures.append(
            Picture(
                key,
                say(
                    f"Money through joint-points by payer, payee and layer, {arm}",
                    f"经接点流动的资金，按付款方、收款方和接点类别，{arm}",
                ),
                pictured(figures.joint_point_money_figure, numbers, key),
                say(
                    f"The largest flows that pass a joint-point, yuan per resident and year, {over}. The "
                    "number and the layer stand at each bar's end. In all by layer, passing between any two "
                    f"accounts: {totals}.",
                    f"经接点的最大资金流，元/人·年，{over}。条末为金额和接点类别。各类接点合计（任两类账户之间）：{totals}。",
                ),
            )
        )
    if numbers.complete:
        key = f"{name}-income"
        pictures.append(
            Picture(
                key,
                say(
                    "By which flows of households' income the effect on mean income comes about",
                    "对人均收入的作用通过哪些收入流产生",
                ),
                pictured(figures.income_figure, numbers, key),
                say(
                    "Difference in what households receive less what they pay, by kind of flow and by the "
                    "joint-point that it passes (in brackets and by colour; grey: none), on minus off with the "
                    f"other two on; {over}. Left out: income of households whose members are all away at "
                    "year-end, who are no residents. The eight largest of each layer; with the smaller ones they "
                    "add up to its effect on mean income.",
                    "居民户收入减支出的差异，按资金流种类和所经接点（括号内，并以颜色区分；灰色：不经接点），另两类接通时接通减"
                    f"断开；{over}。未计入：年末全家外出、不算常住的户的收入。每类接点列最大的八项，连同较小各项，合计等于对人均"
                    "收入的作用。",
                ),
            )
        )
    return pictures


def moves(numbers: Numbers, name: str) -> list[Picture]:
    """Mobility, fifths and burn-in, as far as the folder has their tables."""
    pictures = []
    arm, over = arm_name(dynamics.base_arm(numbers)), tables.seeds(numbers)
    matrix = pictured(dynamics_figures.mobility_figure, numbers, f"{name}-mobility")
    if matrix is not None:
        pictures.append(
            Picture(
                f"{name}-mobility",
                say(
                    "Where the persons of each fifth stand later (流动矩阵)",
                    "各五等份人口之后所处的位置（流动矩阵）",
                ),
                matrix,
                say(
                    "Rows: fifth of the persons by income per head in the earlier year; columns: in the later one. "
                    f"Percent of the row, mean of {tables.span(numbers)} over {over}, {arm}. Households that lived in "
                    "the same dwelling throughout, fifths among them. 20 everywhere: where one stood says nothing; 100 "
                    "on the diagonal: nobody moves.",
                    "行：先前年份按人均收入所在五等份；列：之后年份。数字为占该行的百分比，"
                    f"{tables.span(numbers)} 年均值，{over}，{arm}。只计一直住在原宅的户，五等份在其中划分。"
                    "处处为 20：原来的位置毫无影响；对角线为 100：无人流动。",
                ),
            )
        )
    if numbers.fifths is not None:
        pictures.append(_fifths(numbers, f"{name}-fifths", arm, over))
    if numbers.burn_in is not None:
        first, last = int(numbers.burn_in["year"].min()), int(numbers.burn_in["year"].max())
        key, thin = f"{name}-burn-in", numbers.units > 1
        pictures.append(
            Picture(
                key,
                say(
                    f"The last years of the burn-in, {first}\N{EN DASH}{last}, all residents",
                    f"预热期的最后几年，{first}\N{EN DASH}{last}，全体居民",
                ),
                pictured(dynamics_figures.burn_in_figure, numbers, key),
                say(
                    "Years that run before the scenario's first one with its outside world standing still: the state "
                    f"that the scenario starts from should no longer drift. Thick: mean over {over}"
                    + ("; thin: single seeds, ten at most" if thin else "")
                    + ". Axes reach at least a fifth of the level to either side.",
                    f"情景首年之前、外部环境不变而运行的年份：情景的起始状态应不再漂移。粗线：对{over}取平均"
                    + ("；细线：单个种子，至多十个" if thin else "")
                    + "。纵轴上下至少各留水平值的五分之一。",
                ),
            )
        )
    return pictures


def _fifths(numbers: Numbers, key: str, arm: str, over: str) -> Picture:
    printed = dynamics.published_fifths(numbers.manifest)
    year = dynamics.fifths_year(numbers, printed)

    def drawn() -> str:  # the names of the printed tables in the language of pictures
        names = dynamics.published_fifths(numbers.manifest)
        return dynamics_figures.fifths_figure(numbers, key, year, names)

    wide = numbers.units > 1
    return Picture(
        key,
        say(
            "Income by source and fifth of households (五等份), in percent of the mean of the fifths",
            "按来源和住户五等份划分的收入，占五组平均的百分比",
        ),
        pictured(drawn),
        say(f"Lines: the model, {arm}, mean over {over}.", f"线：模型，{arm}，对{over}取平均。")
        + (
            say(
                " Circles: printed tables of households ranked by income per head, in percent of the mean of their "
                "five groups; levels of another place and year do not compare, shapes do.",
                "圆圈：公布的统计表（按人均收入排序的住户五等份），占五组平均的百分比；地点和年份不同，水平不可比，形状可比。",
            )
            if printed
            else say(" No printed table is at hand.", "手头没有公布的统计表。")
        )
        + (
            say(
                " Bands: 95 % intervals over seeds; wide ones are cut off.",
                "阴影：种子间 95 % 区间，过宽者截去。",
            )
            if wide
            else ""
        ),
    )
