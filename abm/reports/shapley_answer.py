"""Sampled Shapley values of the switches that an experiment lists, as a table and a picture."""

import pandas as pd

from abm.analysis.arms import UNIT, independent
from abm.analysis.coalitions import WHOLE, design_of, shapley_of
from abm.analysis.designed import Designed
from abm.core.errors import InputError
from abm.reports.answers import Answer, described, failed_note, interval_head, title_of
from abm.reports.factors import factor_name
from abm.reports.labels import NONE, label, percent
from abm.reports.language import say
from abm.reports.sensitivity_figures import values_figure


def shapley_answer(found: Designed, permutations: int, seed: int = 1) -> Answer:
    """What each switch adds, averaged over the orders in which they can be switched on.

    Args:
        permutations, seed: those that the list of points was made with (``coalitions.shapley_design``).

    Raises:
        InputError: the points are not those of that design.
    """
    try:
        design, number = design_of(found.x, permutations, seed)
    except ValueError as error:
        mend = "give the --permutations and --order-seed that the list was made with"
        raise InputError(str(error), key="--permutations", mend=mend) from None
    values = found.values.rename(index=number).T
    units = independent(values) if list(values.index.names) == list(UNIT) else values
    table = shapley_of(design, units)
    text = label(found.measure)
    whole = table[table["player"] == WHOLE].iloc[0]
    told = whole["low"] > 0 or whole["high"] < 0
    head = [
        say("switched on", "开启"),
        say("Shapley value", "夏普利值"),
        interval_head(),
        say("share", "占比"),
    ]
    ordered = pd.concat(
        [
            table[table["player"] != WHOLE].sort_values("mean", key=abs, ascending=False, kind="stable"),
            table[table["player"] == WHOLE],
        ],
        ignore_index=True,
    )
    rows = [
        (
            _named(row["player"]),
            text.effect(row["mean"]),
            text.effect_interval(row["low"], row["high"]),
            percent(row["share"]) if told else NONE,
        )
        for row in ordered.to_dict("records")
    ]
    orders, count = int(whole["orders"]), int(whole["units"])
    notes = [
        say(
            f"{orders} orders of {len(design.players)} switches on {count} seeds; values add up, order by order",
            f"{len(design.players)} 个开关的 {orders} 种次序，{count} 个种子；各值在每种次序内相加等于总效应",
        ),
        *(
            []
            if told
            else [say("no shares of a whole that cannot be told from 0", "总效应与 0 无法区分时不给出占比")]
        ),
        *(
            [say("one seed: intervals are over orders alone", "仅一个种子：区间只反映次序的抽样")]
            if count == 1 and not design.complete
            else []
        ),
        *failed_note(found),
    ]

    def title() -> str:
        return title_of(found, say("Sampled Shapley values", "抽样夏普利值"), text.with_effect_unit)

    shown = ordered[ordered["player"] != WHOLE].rename(columns={"player": "name"})
    frame = described(ordered, found)
    return Answer(title(), head, rows, head[1:], notes, frame, lambda: values_figure(shown, text, title()))


def _named(player: str) -> str:
    return say("all together", "合计") if player == WHOLE else factor_name(player)
