"""Short tables at the end of a command: placebos by layer, and effects on groups of places."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import pandas as pd
from rich.table import Table

from abm.analysis import arms
from abm.analysis.contrasts import EVERY_LAYER
from abm.analysis.displacement import group_effects
from abm.analysis.placebo import COMPARISONS, placebo_effects
from abm.core.names import LAYERS
from abm.reports.console import HEADS
from abm.reports.labels import LAYER_NAMES, NONE, label
from abm.reports.language import say
from abm.reports.numbers import MAIN, Numbers, ResultTables, numbers_of
from abm.reports.tables import seeds, span

_COMPARISON_NAMES = {
    "real": "links as planned, on minus off",
    "rewired": "rewired (安慰剂), minus off",
    "ties": "as planned minus rewired",
}


class VillageTables(ResultTables, Protocol):
    """A results folder with its table of villages."""

    @property
    def villages(self) -> pd.DataFrame: ...


def placebo_table(results: ResultTables) -> Table:
    """For each layer the effect of the links that its plan adds, of as many at random, and the difference."""
    parts = numbers_of(results)
    first = parts[0]
    table = Table(
        title=f"Placebo (安慰剂): links added since {first.switch_year}, and as many tied at random; "
        f"all residents, {span(first)}, {seeds(first)}",
        caption="under each effect its 95 % paired interval; the other two layers on. The last of three rows is what "
        "is owed to who is tied with whom",
        title_justify="left",
        caption_justify="left",
    )
    table.add_column("layer")
    table.add_column("comparison")
    for measure in MAIN:
        table.add_column(say(*HEADS[measure]), justify="right")
    for numbers in parts:
        found = placebo_effects(numbers.outcomes, MAIN, numbers.years)
        for layer in LAYERS:
            for name in COMPARISONS:
                chosen = found[(found["layer"] == layer) & (found["comparison"] == name)]
                cells = [_cell(row) for row in chosen.to_dict("records")]
                shown = _with_budget(LAYER_NAMES[layer][0], numbers.budget, parts)
                named = shown if name == COMPARISONS[0] else ""
                last = name == COMPARISONS[-1]
                table.add_row(named, _COMPARISON_NAMES[name], *cells, end_section=last)
    return table


def places_table(results: VillageTables) -> Table | None:
    """Effects on groups of places by when links are added to them; None where there are no arms or groups to compare.

    Of a factorial, which has a table of its own, only those on mean income.
    """
    manifest, parts = results.manifest, numbers_of(results)
    pilot_only = manifest["command"] == "displacement"
    first, measures = parts[0], MAIN if pilot_only else ("mean_income",)
    tables = [_effects(results, numbers, measures) for numbers in parts]
    if any(found.empty for found in tables) or not manifest.get("added_links"):
        return None
    what = "links added in the pilot only, on minus off" if pilot_only else "on minus off everywhere"
    table = Table(
        title=f"Effect by group of places: {what}, {span(first)}, {seeds(first)}",
        caption="under each effect its 95 % paired interval. "
        + (
            "Gini: mean within places. On all groups but the pilot it is spill-over (外溢) or crowding out (挤出)"
            if pilot_only
            else "A group's own effect and what spills over together; 'abm displacement' tells them apart"
        ),
        title_justify="left",
        caption_justify="left",
    )
    table.add_column("group (places)")
    for layer in (*LAYERS, EVERY_LAYER):
        table.add_column(LAYER_NAMES[layer][0], justify="right")
    for numbers, found in zip(parts, tables, strict=True):
        for measure in measures:
            head = _with_budget(say(*HEADS[measure]).replace("\n", ", "), numbers.budget, parts)
            table.add_row(head, *[""] * (len(LAYERS) + 1), style="bold")
            of_measure = found[found["measure"] == measure]
            for group, rows in of_measure.groupby("group", sort=False):
                cells = {row["layer"]: _cell(row) for row in rows.to_dict("records")}
                named = f"{group} ({rows['places'].iloc[0]})"
                table.add_row(named, *[cells.get(layer, NONE) for layer in (*LAYERS, EVERY_LAYER)])
            table.add_section()
    return table


def _effects(results: VillageTables, numbers: Numbers, measures: Sequence[str]) -> pd.DataFrame:
    villages = arms.select(results.villages, numbers.question, numbers.budget)
    return group_effects(villages, results.manifest, measures, numbers.years)


def _with_budget(text: str, budget: str, parts: Sequence[Any]) -> str:
    return f"{text} ({budget})" if len(parts) > 1 else text


def _cell(row: Mapping[Any, Any]) -> str:
    text = label(str(row["measure"]))
    between = text.effect_interval(row["low"], row["high"])
    return "\n".join([text.effect(row["mean"]), *([] if between == NONE else [between])])
