"""The short table at the end of a factorial: what each layer does to the three main outcomes."""

from rich.table import Table

from abm.analysis.contrasts import EVERY_LAYER
from abm.core.names import LAYERS
from abm.reports.labels import NONE, budget_name, label, layer_name, question_name
from abm.reports.language import say
from abm.reports.numbers import MAIN, Numbers, ResultTables, numbers_of
from abm.reports.tables import left_out, seeds, share_is_told, share_of, span

HEADS = {
    "gini": ("Gini × 1000", "基尼系数 × 1000"),
    "headcount_anchored_60": ("headcount, anchored 60 %\npercentage points", "贫困率 (锚定 60 %)\n个百分点"),
    "mean_income": ("mean income\nyuan a year", "人均可支配收入\n元/年"),
}


def summary_table(results: ResultTables) -> Table:
    """Effect of each layer (on minus off, the other two on), its interval and its Shapley share.

    A dash stands where arms are missing, and for a share where the whole difference cannot be told from luck.
    """
    parts = numbers_of(results)
    several = len(parts) > 1
    first = parts[0]
    table = Table(
        title=say(
            f"Effect of the joint-points: on minus off, all residents, {span(first)}, {seeds(first)}",
            f"接点的作用：接通减断开，全体居民，{span(first)} 年，{seeds(first)}",
        ),
        caption=say(
            "under each effect its 95 % paired interval and the layer's Shapley share of all three",
            "各作用之下为 95 % 配对区间，以及该类接点在三类总作用中的沙普利占比",
        )
        + "".join(f"\n{told}" for told in map(left_out, parts) if told),
        title_justify="left",
        caption_justify="left",
    )
    table.add_column(say("layer", "接点"))
    for measure in MAIN:
        table.add_column(say(*HEADS[measure]), justify="right")
    for numbers in parts:
        for layer in (*LAYERS, EVERY_LAYER):
            name = layer_name(layer)
            if several:
                name += f" ({question_name(numbers.question)}, {budget_name(numbers.budget)})"
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
        share = share_of(numbers.shapley_of(measure, layer))
        lines.append(say(f"share {share}", f"占比 {share}"))
    return "\n".join(lines)
