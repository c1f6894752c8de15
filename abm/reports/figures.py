"""The pictures of the report page, each as SVG text."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from abm.analysis.arms import ARMS, arm_of
from abm.analysis.contrasts import EVERY_LAYER, effects_by_year, levels
from abm.core.names import LAYERS
from abm.reports.drawing import (
    COLOURS,
    Ticks,
    banded_line,
    beside,
    dot,
    draw,
    mark_years,
    name_ends,
    ticks_of,
    whiskers,
    yuan,
)
from abm.reports.labels import (
    MINUS,
    account_name,
    arm_short,
    capital,
    flow_name,
    income_name,
    joint_points,
    label,
    layer_name,
    population_name,
    unit_name,
)
from abm.reports.language import say
from abm.reports.numbers import MAIN, Numbers

ALL_ON, ALL_CUT = arm_of(set(LAYERS)), arm_of(set())
FAINT = "#C4C4C4"
SHORT = {
    "gini": ("Gini\n\N{MULTIPLICATION SIGN} 1000", "基尼系数\n\N{MULTIPLICATION SIGN} 1000"),
    "headcount_anchored_60": ("Headcount\npercentage points", "贫困率\n个百分点"),
    "mean_income": ("Mean income\nyuan a year", "人均收入\n元/年"),
}
"""The main outcomes' differences, on an axis with little room."""


# --- levels over the years ----------------------------------------------------------------------------


def levels_figure(numbers: Numbers, measure: str, name: str, population: str = "all") -> str:
    """A measure over the years in all arms: one panel per layer, the other arms faint behind."""
    table = levels(numbers.outcomes, measure, population)
    text = label(measure)
    columns = ["mean", "low", "high"]
    table = table.assign(**{column: table[column] * text.scale for column in columns})
    table = table[table["mean"].notna()]

    def fill(figure: Figure) -> None:
        panels = figure.subplots(1, len(LAYERS), sharex=True, sharey=True)
        for panel, layer in zip(panels, LAYERS, strict=True):
            cut = arm_of(set(LAYERS) - {layer})
            strong = {
                ALL_ON: (COLOURS[EVERY_LAYER], "-"),
                cut: (COLOURS[layer], "-"),
                ALL_CUT: ("#777777", (0, (4, 2))),
            }
            for arm in ARMS:
                if arm not in strong:
                    line = table[table["arm"] == arm]
                    panel.plot(line["year"], line["mean"], color=FAINT, linewidth=0.7, zorder=1)
            ends = [
                (arm_short(arm), colour, banded_line(panel, table[table["arm"] == arm], colour, style))
                for arm, (colour, style) in strong.items()
            ]
            mark_years(panel, numbers)
            panel.set_title(say(f"{joint_points(layer)} cut", f"断开{layer_name(layer)}"))
            name_ends(panel, ends)
        panels[0].set_ylabel(capital(text.axis))
        ticks_of(panels[0])

    return draw(name, 3.0, fill)


def single_figure(numbers: Numbers, name: str) -> str:
    """The main outcomes over the years without a full factorial: a line for each arm, or population."""
    one_arm = len(numbers.arms) == 1
    populations = [p for p in ("all", "urban", "rural") if p in numbers.populations] if one_arm else ["all"]
    palette = [COLOURS[EVERY_LAYER], *(COLOURS[layer] for layer in LAYERS), "#CC79A7", "#56B4E9", "#E69F00"]

    def fill(figure: Figure) -> None:
        panels = figure.subplots(1, len(MAIN))
        for panel, measure in zip(panels, MAIN, strict=True):
            text = label(measure)
            ends: list[tuple[str, str, float]] = []
            for population in populations:
                table = levels(numbers.outcomes, measure, population)
                for arm in numbers.arms:
                    rows = table[(table["arm"] == arm) & table["mean"].notna()].copy()
                    rows[["mean", "low", "high"]] *= text.scale
                    colour = palette[len(ends) % len(palette)]
                    who = say(population, population_name(population)) if one_arm else arm_short(arm)
                    ends.append((who, colour, banded_line(panel, rows, colour, "-")))
            mark_years(panel, numbers)
            panel.set_title(capital(text.name))
            panel.set_ylabel(capital(text.axis))
            ticks_of(panel)
            name_ends(panel, ends)

    return draw(name, 3.0, fill)


# --- effects ------------------------------------------------------------------------------------------


def effects_over_years_figure(numbers: Numbers, name: str) -> str:
    """Paired effect of each layer in each year: rows are outcomes, columns are layers."""
    columns = (*LAYERS, EVERY_LAYER)

    def fill(figure: Figure) -> None:
        panels = figure.subplots(len(MAIN), len(columns), sharex=True, sharey="row")
        for place, (row, measure) in enumerate(zip(panels, MAIN, strict=True)):
            text = label(measure)
            table = effects_by_year(numbers.outcomes, measure)
            for panel, layer in zip(row, columns, strict=True):
                rows = table[(table["layer"] == layer) & table["mean"].notna()].copy()
                rows[["mean", "low", "high"]] *= text.effect_scale
                panel.axhline(0, color="#666666", linewidth=0.8)
                banded_line(panel, rows, COLOURS[layer], "-")
                mark_years(panel, numbers, named=False)
                if place == 0:
                    panel.set_title(capital(layer_name(layer)))
            row[0].set_ylabel(say(*SHORT[measure]))
            ticks_of(row[0])

    return draw(name, 5.2, fill)


def effects_figure(numbers: Numbers, name: str) -> str:
    """Paired effect (dot) and Shapley value (diamond) of each layer, by outcome and population."""
    rows_of = (*LAYERS, EVERY_LAYER)

    def fill(figure: Figure) -> None:
        panels = figure.subplots(len(numbers.compared), len(MAIN), sharey=True, sharex="col", squeeze=False)
        for last, (line, population) in enumerate(zip(panels, numbers.compared, strict=True), 1):
            for panel, measure in zip(line, MAIN, strict=True):
                text = label(measure)
                panel.axvline(0, color="#666666", linewidth=0.8)
                for place, layer in enumerate(rows_of):
                    effect = numbers.effect(measure, layer, population)
                    lift = 0.0 if layer == EVERY_LAYER else 0.17
                    dot(
                        panel,
                        effect,
                        place - lift,
                        COLOURS[layer],
                        "o",
                        text.effect_scale,
                        text.effect_digits,
                    )
                    if layer != EVERY_LAYER:
                        share = numbers.shapley_of(measure, layer, population)
                        dot(panel, share, place + 0.2, COLOURS[layer], "D", text.effect_scale, None)
                panel.set_ylim(len(rows_of) - 0.45, -0.65)
                panel.set_yticks(range(len(rows_of)), [capital(layer_name(x)) for x in rows_of])
                panel.tick_params(axis="y", length=0)
                panel.set_title(f"{capital(text.name)}\n{population_name(population)}")
                panel.margins(x=0.14)
                panel.xaxis.set_major_locator(MaxNLocator(5))
                panel.xaxis.set_major_formatter(Ticks())
                if last == len(panels):
                    unit = text.with_effect_unit if text.is_index else unit_name(text.effect_unit)
                    panel.set_xlabel(say("on minus off, ", "接通减断开，") + unit)

    return draw(name, 0.7 + 1.95 * len(numbers.compared), fill)


# --- money --------------------------------------------------------------------------------------------


def joint_point_money_figure(numbers: Numbers, name: str, most: int = 16) -> str:
    """The largest flows through joint-points, by payer, payee and layer."""
    table = numbers.joint_point_flows.head(most)

    def fill(figure: Figure) -> None:
        panel = figure.subplots()
        places = np.arange(len(table), dtype=float)
        colours = [COLOURS[layer] for layer in table["layer"]]
        panel.barh(places, table["mean"], color=colours, height=0.66)
        whiskers(panel, table, places)
        for place, row in zip(places, table.itertuples(), strict=True):
            text = f"{yuan(row.mean)} \N{MIDDLE DOT} {layer_name(row.layer)}"
            beside(panel, np.nanmax([row.mean, row.high]), place, text, COLOURS[row.layer])
        names = [
            f"{account_name(row.payer)} \N{RIGHTWARDS ARROW} {account_name(row.payee)}: {flow_name(row.kind)}"
            for row in table.itertuples()
        ]
        panel.set_yticks(places, names)
        panel.tick_params(axis="y", length=0)
        panel.invert_yaxis()
        panel.margins(x=0.16, y=0.02)
        panel.set_xlim(left=0)
        panel.set_xlabel(say("yuan per resident and year", "元/人·年"))
        panel.xaxis.set_major_formatter(Ticks())

    return draw(name, 0.7 + 0.235 * max(len(table), 2), fill)


def income_figure(numbers: Numbers, name: str, most: int = 8) -> str:
    """By which flows the effect of each layer on mean income comes about."""
    table = numbers.income_differences
    shown = {}
    for layer in LAYERS:
        rows = table[(table["cut"] == layer) & (table["mean"].abs() >= 0.05)]
        rows = rows.reindex(rows["mean"].abs().sort_values(ascending=False).index).head(most)
        shown[layer] = rows.sort_values("mean", ascending=False)
    heights = [max(len(rows), 1) for rows in shown.values()]

    def fill(figure: Figure) -> None:
        panels = figure.subplots(len(LAYERS), 1, sharex=True, height_ratios=heights)
        for panel, (layer, rows) in zip(panels, shown.items(), strict=True):
            panel.set_title(joint_points(layer) + say(", on minus off", "，接通减断开"))
            panel.axvline(0, color="#666666", linewidth=0.8)
            places = np.arange(len(rows), dtype=float)
            panel.barh(
                places, rows["mean"], color=[COLOURS.get(x, COLOURS[""]) for x in rows["layer"]], height=0.66
            )
            whiskers(panel, rows, places)
            for place, row in zip(places, rows.itertuples(), strict=True):
                up = row.mean >= 0
                end = np.nanmax([row.mean, row.high, 0]) if up else np.nanmin([row.mean, row.low, 0])
                sign = "+" if up else MINUS
                beside(panel, end, place, f"{sign}{yuan(abs(row.mean))}", "#222222", right=up)
            names = [income_name(row.kind, row.layer) for row in rows.itertuples()]
            panel.set_yticks(places, names)
            if rows.empty:
                nothing = say(" no difference of 0.05 yuan or more", " 没有 0.05 元以上的差异")
                panel.text(0, 0.5, nothing, transform=panel.get_yaxis_transform())
            panel.tick_params(axis="y", length=0)
            panel.margins(x=0.1)
            panel.set_ylim(max(len(rows), 1) - 0.45, -0.55)
        panels[-1].set_xlabel(say("disposable income, yuan per resident and year", "可支配收入，元/人·年"))
        panels[-1].xaxis.set_major_formatter(Ticks())

    return draw(name, 1.5 + 0.2 * sum(heights), fill)
