"""The page's numbers on mobility, fifths and the burn-in, from tables that an older results folder may lack."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from abm.analysis.arms import UNIT, arm_of, independent
from abm.analysis.contrasts import by_arm, estimate, half_width
from abm.core.errors import InputError
from abm.reports.labels import NONE, arm_name, label, number, population_name
from abm.reports.language import language, say
from abm.reports.numbers import Numbers
from abm.reports.tables import Table, seeds, span
from abm.scenario.load import read_scenario

LITERATURE = {
    "poverty_entry": "no figure found on a public page",
    "poverty_exit": "no figure found; of 5 million or more people on China's watch lists about 65 % were cleared by "
    "2022 (recalled, not seen)",
    "poverty_reentry": "no figure found on a public page",
    "poverty_spell": "no figure found on a public page",
    "chronic_poverty": "rural China: poverty moved from chronic to transient, 1991 to 2006 (Ward 2016)",
    "transient_poverty": "as above (Ward 2016)",
    "rank_correlation_1": "no figure found; the part of lasting risk rose (Santaeulàlia-Llopis and Zheng)",
    "rank_correlation_5": "no figure found on a public page",
    "shorrocks_r_5": "mobility high in rural China, falling since the 2000s, mostly transitory in the tails "
    "(Clément 2016); no figure found",
    "wolfson": "no figure found on a public page",
    "middle_share": "none by this definition; China's statistics office counts by fixed bands of income",
}
LITERATURE_ZH = {
    "poverty_entry": "公开网页上未见数字",
    "poverty_exit": "未见数字；据回忆，全国五百多万监测对象中约 65 % 到 2022 年已消除风险（未见原文）",
    "poverty_reentry": "公开网页上未见数字",
    "poverty_spell": "公开网页上未见数字",
    "chronic_poverty": "中国农村 1991–2006 年：贫困由长期为主转为暂时为主（Ward 2016）",
    "transient_poverty": "同上（Ward 2016）",
    "rank_correlation_1": "未见数字；持久性风险的比重上升（Santaeulàlia-Llopis 和 Zheng）",
    "rank_correlation_5": "公开网页上未见数字",
    "shorrocks_r_5": "中国农村流动性高，2000 年代以来下降，两端多为暂时变动（Clément 2016）；未见数字",
    "wolfson": "公开网页上未见数字",
    "middle_share": "无同口径数字；国家统计局按固定收入区间计",
}
"""Measures of the section, with what docs/TARGETS.md (*Shocks, persistence*) has found in words. It found no number."""


@dataclass(frozen=True)
class Published:
    """Printed means by fifth, yuan per head.

    Args:
        name: place, population and year.
        population: the model's population that it is set beside.
        year: of the print.
        means: the five means, by part of income (``income``, ``wage``, …).
    """

    name: str
    population: str
    year: int
    means: Mapping[str, tuple[float, ...]]


def base_arm(numbers: Numbers) -> str:
    """The arm that the section shows: with most joint-points on."""
    return numbers.arms[0]


def known(numbers: Numbers) -> list[str]:
    """The section's measures that any run filled."""
    return [name for name in LITERATURE if name in numbers.outcomes and numbers.outcomes[name].notna().any()]


def dynamics_table(numbers: Numbers) -> Table:
    """Levels of the measures of dynamics, with what the literature says beside them."""
    none = arm_of(set())
    arm = base_arm(numbers)
    columns = [(arm, population) for population in numbers.compared]
    if none in numbers.arms and none != arm:
        columns.append((none, "all"))
    rows = []
    for measure in known(numbers):
        text = label(measure)
        cells = [text.with_chinese]
        for which, population in columns:
            years = _filled(numbers, measure, population)
            if not years:
                cells.append(NONE)
                continue
            found = estimate(by_arm(numbers.outcomes, measure, years, population)[which])
            half = (found.high - found.low) / 2 * text.scale
            digits = text.digits
            spread = "" if half != half else f" \N{PLUS-MINUS SIGN} {number(half, digits)}"
            cells.append(number(found.mean * text.scale, digits) + spread)
        rows.append([*cells, say(LITERATURE[measure], LITERATURE_ZH[measure])])
    head = [say("measure", "指标")]
    head += [population_name(population) + say(", ", "，") + arm_name(which) for which, population in columns]
    head.append(say("published", "文献"))
    several = numbers.units > 1
    caption = say(
        f"Who moves and who stays: mean of {span(numbers)} over {seeds(numbers)}"
        + (", with their 95 % t-intervals" if several else "")
        + f". Poverty: below 60 % of the rural median of {numbers.anchor_year} (anchored line). Re-entry (返贫): of "
        "those out of poverty for one to three years. A spell is counted up to the year itself. Chronic and transient "
        "poverty: squared gaps over five years. But for the Wolfson index and the middle share, only households that "
        "stay in their dwelling through all the years needed count.",
        f"谁在流动、谁被固化：{span(numbers)} 年均值，{seeds(numbers)}"
        + ("，附其 95 % t 区间" if several else "")
        + f"。贫困：低于 {numbers.anchor_year} 年村居民收入中位数的 60 %（锚定线）。返贫：以近一至三年脱离贫困者为"
        "分母。贫困持续时间计至当年。长期贫困与暂时贫困：五年内贫困缺口的平方。除沃尔夫森指数与中等收入者比重外，只计所需各年一直住在原宅的户。",
    )
    return Table(caption, head, [("", rows)], last_words=1)


def fifths_year(numbers: Numbers, published: list[Published]) -> int:
    """The year of the runs to set beside the published ones: the nearest to the newest of them, or the last."""
    years = numbers.all_years
    if not published:
        return years[-1]
    wanted = max(print_.year for print_ in published)
    return min(years, key=lambda year: (abs(year - wanted), -year))


def fifths_profile(numbers: Numbers, population: str, year: int) -> pd.DataFrame:
    """Parts of income by fifth in percent of the mean of the fifths: columns fifth, part, mean, low, high."""
    assert numbers.fifths is not None
    rows = numbers.fifths
    rows = rows[
        (rows["arm"] == base_arm(numbers)) & (rows["population"] == population) & (rows["year"] == year)
    ]
    parts = [name for name in rows.columns if name == "income" or name.startswith("income_")]
    long = rows.melt(id_vars=[*UNIT, "fifth"], value_vars=parts, var_name="part", value_name="yuan")
    level = rows.groupby(UNIT)["income"].mean().rename("level").reset_index()
    long = long.merge(level, on=UNIT)
    long["share"] = 100.0 * long["yuan"] / long["level"]
    return _over(long, ["part", "fifth"], "share")


def mobility_mean(numbers: Numbers, population: str, lag: int) -> pd.DataFrame | None:
    """Mean mobility matrix over the section's years and seeds, from by to; None where no year has it."""
    rows = numbers.mobility
    if rows is None:
        return None
    rows = rows[
        (rows["arm"] == base_arm(numbers))
        & (rows["population"] == population)
        & (rows["lag"] == lag)
        & rows["year"].isin(numbers.years)
    ]
    if rows.empty or rows["share"].isna().all():
        return None
    return rows.pivot_table(index="from_fifth", columns="to_fifth", values="share")


def published_fifths(manifest: Mapping[str, Any]) -> list[Published]:
    """The printed fifths of the scenario's data file, newest of each place; none where the file is not at hand."""
    try:
        scenario = read_scenario(str(manifest["scenario"]["name"]))
        rows = list(csv.DictReader(io.StringIO(scenario.data(scenario.population.fifths))))
    except (InputError, OSError, KeyError):
        return []
    found: dict[tuple[str, str], Published] = {}
    for row in rows:
        place, who = row.get("place", ""), row.get("population", "")
        try:
            year, means = int(row["year"]), tuple(float(row[f"q{i}"]) for i in range(1, 6))
        except (KeyError, ValueError):
            continue
        part = {"total": "income", "income": "income"}.get(row.get("component", ""), row.get("component", ""))
        before = found.get((place, who))
        if before is not None and before.year > year:
            continue
        parts = dict(before.means) if before is not None and before.year == year else {}
        population = "rural" if who.startswith("rural") else "urban" if who.startswith("urban") else "all"
        if language() == "zh":
            who_zh = {
                "rural households": "村居民户",
                "urban households": "城镇居民户",
                "all households": "全体居民户",
            }
            place_zh = {"Fujian": "福建省", "Sanming": "三明市"}
            name = f"{place_zh.get(place, place)} {year} 年，{who_zh.get(who, who)}"
        else:
            name = f"{place} {year}, {who}"
        found[place, who] = Published(name, population, year, {**parts, part: means})
    return [print_ for print_ in found.values() if "income" in print_.means]


def _filled(numbers: Numbers, measure: str, population: str) -> list[int]:
    """The years of the section in which every run has the measure."""
    rows = numbers.outcomes
    rows = rows[(rows["population"] == population) & rows["year"].isin(numbers.years)]
    full = rows.groupby("year")[measure].apply(lambda values: bool(values.notna().all()))
    return [int(year) for year, whole in full.items() if whole]


def _over(rows: pd.DataFrame, by: list[str], column: str) -> pd.DataFrame:
    """Mean and t-interval over the independent rows."""
    rows = independent(rows.set_index([*UNIT, *by])[column]).reset_index()
    table = rows.groupby(by)[column].agg(["mean", "std", "count"]).reset_index()
    half = half_width(table["std"] / table["count"] ** 0.5, table["count"] - 1)
    return table.assign(low=table["mean"] - half, high=table["mean"] + half)
