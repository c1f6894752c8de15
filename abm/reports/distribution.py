"""Who gains and who loses when joint-points are cut: Lorenz curves, starting fifths, kinds of places.

Unlike the effects elsewhere on the page, differences are here those of cutting: the arm that cuts minus the arm with
everything on, formed within each seed.
"""

import pandas as pd

from abm.analysis.arms import UNIT, arm_of, independent
from abm.analysis.contrasts import EVERY_LAYER, half_width
from abm.core.names import LAYERS
from abm.reports import distribution_figures
from abm.reports.drawing import pictured
from abm.reports.labels import (
    NONE,
    arm_name,
    capital,
    interval,
    number,
    percent,
    place_kind_name,
    population_name,
    signed,
)
from abm.reports.language import say
from abm.reports.numbers import Numbers
from abm.reports.pictures import Picture, bands
from abm.reports.tables import Table, seeds, span

ON = arm_of(set(LAYERS))
CUTS = {**{layer: arm_of(set(LAYERS) - {layer}) for layer in LAYERS}, EVERY_LAYER: arm_of(set())}
"""The arm that cuts a layer, the others being on; and the one that cuts all three."""
GROUP = ["population", "place_kind", "start_fifth"]
POPULATIONS = ("all", "rural", "urban")


# --- numbers --------------------------------------------------------------------------------------------


def lorenz_curves(numbers: Numbers, population: str = "all") -> pd.DataFrame:
    """Lorenz curves of the arms, mean over the report's years and seeds.

    Returns:
        Columns arm, persons_share, mean, with the ends (0, 0) and (1, 1).
    """
    curves = _lorenz(numbers, population).groupby(["arm", "persons_share"])["income_share"].mean()
    found = curves.rename("mean").reset_index()
    ends = [
        {"arm": arm, "persons_share": end, "mean": end} for arm in found["arm"].unique() for end in (0.0, 1.0)
    ]
    return pd.concat([found, pd.DataFrame(ends)]).sort_values(["arm", "persons_share"], ignore_index=True)


def lorenz_gaps(numbers: Numbers, population: str = "all") -> pd.DataFrame:
    """How the curve of each arm that cuts lies above the one with everything on, paired within seeds.

    Returns:
        Columns layer, persons_share, mean, low, high: shares of all income; with the ends, where the curves meet.
    """
    wide = _lorenz(numbers, population).set_index([*UNIT, "persons_share", "arm"])["income_share"].unstack()
    parts = []
    for layer, arm in CUTS.items():
        gap = _over_units((wide[arm] - wide[ON]).rename("gap").reset_index(), ["persons_share"], "gap")
        ends = pd.DataFrame({"persons_share": [0.0, 1.0], "mean": 0.0, "low": 0.0, "high": 0.0})
        curve = pd.concat([gap, ends]).sort_values("persons_share", ignore_index=True)
        parts.append(curve.assign(layer=layer))
    return pd.concat(parts, ignore_index=True)


def gains(numbers: Numbers) -> pd.DataFrame:
    """What cutting does to income per head of each group, paired within seeds.

    Returns:
        One row per layer, population, place_kind and start_fifth: yuan with low and high, percent of the income with
        everything on with percent_low and percent_high, ``on`` that income, ``stay`` the group's persons now, with
        everything on, over those of the year before the switch (births and moves within households count).
    """
    assert numbers.gains is not None
    rows = numbers.gains
    late = rows[rows["year"].isin(numbers.years)]
    means = late.groupby([*UNIT, *GROUP, "arm"])[["income", "persons"]].mean().unstack("arm")
    first = rows[(rows["year"] == numbers.switch_year - 1) & (rows["arm"] == ON)]
    start = first.set_index([*UNIT, *GROUP])["persons"]
    stay = (means["persons"][ON] / start).groupby(GROUP).mean().rename("stay")
    on = means["income"][ON]
    parts = []
    for layer, arm in CUTS.items():
        change = means["income"][arm] - on
        yuan = _over_units(change.rename("yuan").reset_index(), GROUP, "yuan")
        share = _over_units((100.0 * change / on.where(on > 0)).rename("p").reset_index(), GROUP, "p")
        both = yuan.rename(columns={"mean": "yuan"}).merge(
            share.rename(columns={"mean": "percent", "low": "percent_low", "high": "percent_high"}), on=GROUP
        )
        parts.append(both.assign(layer=layer))
    found = pd.concat(parts, ignore_index=True)
    return found.merge(on.groupby(GROUP).mean().rename("on").reset_index(), on=GROUP).merge(
        stay.reset_index(), on=GROUP
    )


def _lorenz(numbers: Numbers, population: str) -> pd.DataFrame:
    assert numbers.lorenz is not None
    rows = numbers.lorenz
    rows = rows[
        (rows["population"] == population)
        & rows["year"].isin(numbers.years)
        & rows["arm"].isin([ON, *CUTS.values()])
    ]
    return rows.groupby([*UNIT, "arm", "persons_share"], as_index=False)["income_share"].mean()


def _over_units(rows: pd.DataFrame, by: list[str], column: str) -> pd.DataFrame:
    """Mean and t-interval over the independent rows."""
    rows = independent(rows.set_index([*UNIT, *by])[column]).reset_index()
    table = rows.groupby(by)[column].agg(["mean", "std", "count"]).reset_index()
    half = half_width(table["std"] / table["count"].where(table["count"] > 0) ** 0.5, table["count"] - 1)
    table = table.assign(low=table["mean"] - half, high=table["mean"] + half)
    return table[[*by, "mean", "low", "high"]]


# --- table and pictures ---------------------------------------------------------------------------------


def group_name(population: str, place_kind: str, fifth: int) -> str:
    """A group of the table in words: a fifth, a kind of place, or a whole population."""
    if place_kind:
        return capital(place_kind_name(place_kind))
    if fifth == 0:
        return capital(population_name(population))
    english = ("poorest fifth", "second fifth", "middle fifth", "fourth fifth", "richest fifth")[fifth - 1]
    chinese = ("最低五分之一", "第二个五分之一", "中间五分之一", "第四个五分之一", "最高五分之一")[fifth - 1]
    return say(capital(english), chinese)


def gains_table(numbers: Numbers) -> Table | None:
    """Changes of income per head when a layer is cut, by starting fifth and kind of place; None without the table."""
    if numbers.gains is None or not numbers.complete:
        return None
    table = gains(numbers).set_index(["layer", *GROUP])
    groups = []
    for population in POPULATIONS:
        rows = [_gains_row(table, (population, "", fifth)) for fifth in range(6)]
        heading = population_name(population)
        groups.append(
            (
                say(
                    f"{capital(heading)}, by fifth of the year before the switch",
                    f"{heading}，按切换前一年所在五等份",
                ),
                rows,
            )
        )
    kinds = _place_kinds(numbers)
    if kinds:
        groups.append(
            (say("By kind of place", "按地方类型"), [_gains_row(table, ("all", kind, 0)) for kind in kinds])
        )
    then = numbers.switch_year - 1
    head = [
        say("group", "群体"),
        say(f"persons, % of {then}", f"人口，为 {then} 年的 %"),
        say("all on, yuan", "全开，元"),
    ]
    for layer in (*LAYERS, EVERY_LAYER):
        head += [capital(arm_name(CUTS[layer])) + say(", yuan", "，元"), "%"]
    caption = say(
        f"Change of income per head when joint-points are cut (cut minus all on), mean of {span(numbers)}, paired "
        f"within {seeds(numbers)}, with 95 % intervals. Fifths of persons by income per head in "
        f"{numbers.switch_year - 1}, before anything is cut; those same households, as far as they still live in their "
        "dwellings and have residents.",
        f"断开接点后人均收入的变化（断开减全开），{span(numbers)} 年均值，在{seeds(numbers)}内配对，"
        "括号内为 95 % 区间。"
        f"五等份按 {numbers.switch_year - 1} 年（切换之前）的人均收入划分；追踪同一批户，只要仍住原宅且有常住人口。",
    )
    return Table(caption, head, groups)


def _place_kinds(numbers: Numbers) -> list[str]:
    assert numbers.gains is not None
    return [kind for kind in numbers.gains["place_kind"].unique() if kind]


def _gains_row(table: pd.DataFrame, group: tuple[str, str, int]) -> list[str]:
    first = table.loc[(LAYERS[0], *group)]
    cells = [group_name(*group), percent(first["stay"]).removesuffix(" %"), number(first["on"])]
    for layer in (*LAYERS, EVERY_LAYER):
        row = table.loc[(layer, *group)]
        between = interval(row["low"], row["high"])
        cells.append(signed(row["yuan"]) + ("" if between == NONE else f" ({between})"))
        cells.append(signed(row["percent"], 1))
    return cells


def pictures(numbers: Numbers, name: str) -> list[Picture]:
    """Lorenz curves and gains, as far as the folder has their tables; none without all eight arms."""
    found: list[Picture] = []
    if not numbers.complete:
        return found
    if numbers.lorenz is not None:
        key = f"{name}-lorenz"
        found.append(
            Picture(
                key,
                say(
                    f"Lorenz curves (洛伦兹曲线) of income, all residents, mean of {span(numbers)}",
                    f"收入的洛伦兹曲线，全体居民，{span(numbers)} 年均值",
                ),
                pictured(
                    distribution_figures.lorenz_figure,
                    lorenz_curves(numbers),
                    lorenz_gaps(numbers),
                    key,
                ),
                say(
                    "Left: the share of all income that the poorest part of the persons has together; the further "
                    "below the diagonal, the more unequal. The curves of the arms lie nearly on one another. To its "
                    "right, magnified: how far the curve of an arm that cuts lies above the one with everything on, in "
                    "hundredths of all income. Above zero: with the joint-points cut, the poorer part has a larger "
                    "share. Mind the sign: here cut minus on.",
                    "左图：最穷的一部分人合计占全部收入的份额；离对角线越远越不平等。各方案的曲线几乎重合。右图放大："
                    "断开接点的曲线比全开时高出多少，单位为全部收入的百分之一。高于零：断开后较穷的一部分人所占份额更大。注意"
                    "符号：这里是断开减全开。",
                )
                + bands(
                    numbers, f"of the paired difference over {seeds(numbers)}", f"{seeds(numbers)}配对差异"
                ),
            )
        )
    if numbers.gains is not None:
        key = f"{name}-gains"
        found.append(
            Picture(
                key,
                say(
                    "Who gains and who loses when joint-points are cut: change of income per head, "
                    f"mean of {span(numbers)}",
                    f"断开接点后谁得谁失：人均收入的变化，{span(numbers)} 年均值",
                ),
                pictured(_gains_figure, numbers, key),
                say(
                    "Cut minus all on, yuan a year and, in brackets, percent. Fifths: of the persons by income per "
                    f"head in {numbers.switch_year - 1}, before anything is cut; those same households since, as far "
                    "as they still live in their dwellings. Left of zero: cutting makes the group poorer. ",
                    "断开减全开，元/年，括号内为百分比。五等份：按切换前一年"
                    f"（{numbers.switch_year - 1} 年）的人均收入划分人口，此后追踪同一批仍住原宅的户。"
                    "零的左侧：断开使该群体变穷。",
                )
                + (
                    say(
                        f"Filled: the 95 % paired interval over {seeds(numbers)} excludes zero; hollow and grey: "
                        "cannot be told from luck. Arrow: the interval goes on.",
                        f"实心：{seeds(numbers)}的 95 % 配对区间不含零；空心灰色：无法与随机波动区分。"
                        "箭头：区间超出图幅。",
                    )
                    if numbers.units > 1
                    else say("One seed: no intervals.", "只有一个种子，没有区间。")
                ),
            )
        )
    return found


def _gains_figure(numbers: Numbers, key: str) -> str:
    shown = [
        (
            say("All residents", "全体居民"),
            [("all", "", fifth) for fifth in range(6)],
        ),
        (say("Rural residents", "村居民"), [("rural", "", fifth) for fifth in range(6)]),
        (say("Place", "地方"), [("all", kind, 0) for kind in _place_kinds(numbers)]),
    ]
    named = [
        (
            heading,
            [(say("All five", "合计") if g[1] == "" and g[2] == 0 else group_name(*g), g) for g in groups],
        )
        for heading, groups in shown
        if groups
    ]
    titles = {layer: capital(arm_name(CUTS[layer])) for layer in CUTS}
    return distribution_figures.gains_figure(gains(numbers), named, titles, key)
