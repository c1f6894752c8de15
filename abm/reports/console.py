"""The short table at the end of a factorial: what each layer does to the three main outcomes."""

from rich.table import Table

from abm.analysis.contrasts import EVERY_LAYER
from abm.core.names import LAYERS
from abm.reports.labels import LAYER_NAMES, NONE, label, percent
from abm.reports.numbers import MAIN, Numbers, ResultTables, numbers_of
from abm.reports.tables import seeds, share_is_told, span

HEADS = {
    "gini": "Gini × 1000",
    "headcount_anchored_60": "headcount, anchored 60 %\npercentage points",
    "mean_income": "mean income\nyuan a year",
}


def summary_table(results: ResultTables) -> Table:
    """Effect of each layer (on minus off, the other two on), its interval and its Shapley share.

    A dash stands where arms are missing, and for a share where the whole difference cannot be told from luck.
    """
    parts = numbers_of(results)
    several = len(parts) > 1
    first = parts[0]
    table = Table(
        title=f"Effect of the joint-points: on minus off, all residents, {span(first)}, {seeds(first)}",
        caption="under each effect its 95 % paired interval and the layer's Shapley share of all three",
        title_justify="left",
        caption_justify="left",
    )
    table.add_column("layer")
    for measure in MAIN:
        table.add_column(HEADS[measure], justify="right")
    for numbers in parts:
        for layer in (*LAYERS, EVERY_LAYER):
            name = LAYER_NAMES[layer][0]
            if several:
                name += f" ({numbers.question}, {numbers.budget})"
            cells = [_cell(numbers, measure, layer) for measure in MAIN]
            table.add_row(name, *cells, end_section=True)
    return table


def _cell(numbers: Numbers, measure: str, layer: str) -> str:
    text, row = label(measure), numbers.effect(measure, layer)
    lines = [text.effect(row["mean"])]
    between = text.effect_interval(row["low"], row["high"])
    if between != NONE:
        lines.append(between)
    if layer != EVERY_LAYER and share_is_told(numbers, measure):
        lines.append(f"share {percent(numbers.shapley_of(measure, layer)['share'])}")
    return "\n".join(lines)
