"""What is shown of one analysis of an experiment, and the words that all of them use."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import nan
from typing import Any

import pandas as pd

from abm.analysis.designed import Designed
from abm.analysis.sensitivity import Noise
from abm.reports.factors import factor_name
from abm.reports.labels import NONE, Label, budget_name, number, percent, population_name, question_name
from abm.reports.language import say


@dataclass(frozen=True)
class Answer:
    """What is shown of one analysis.

    Args:
        title, head, rows, numbers: of the table; ``numbers`` are the heads set to the right.
        notes: lines below it.
        frame: all numbers, unrounded and in the measures' own units.
        picture: draws it, as an ``<svg>`` element.
    """

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: Sequence[str]
    notes: Sequence[str]
    frame: pd.DataFrame
    picture: Callable[[], str]


def title_of(found: Designed, what: str, outcome: str) -> str:
    """What is shown, of whom, of which years and comparison."""
    first, last = found.years[0], found.years[-1]
    span = str(first) if first == last else f"{first}–{last}"
    words = [question_name(found.question), budget_name(found.budget)] if found.question else []
    where = say(", ", "，").join(words)
    parts = [outcome, population_name(found.population), span, *([where] if where else [])]
    name, colon, what_of = found.contrast.partition(": ")
    parts += [f"{factor_name(name)}{colon}{what_of}"] if name else []
    return f"{what}: {'; '.join(parts)}" if say("en", "zh") == "en" else f"{what}：{'；'.join(parts)}"


def noise_notes(found: Designed, noise: Noise) -> list[str]:
    """What the luck of seeds does, where it is known, and how many points lack a run."""
    if noise.share != noise.share:
        if found.values.shape[1] < 2:
            unknown = "one seed a point: what is luck cannot be told", "每点仅一个种子：无法区分随机性"
        elif noise.points < 2:
            unknown = "fewer than two points have all their runs", "运行齐全的点不足两个"
        else:
            unknown = "the outcome is the same in all runs", "所有运行的结果完全相同"
        return [say(*unknown), *failed_note(found)]
    return [
        say(
            f"luck of seeds: {percent(noise.share)} of the variance of single runs, {percent(noise.left)} of what "
            f"tells averages over {noise.seeds} seeds apart",
            f"种子的随机性：占单次运行方差的 {percent(noise.share)}，占 {noise.seeds} 个种子均值之间差异的 "
            f"{percent(noise.left)}",
        ),
        *failed_note(found),
    ]


def spread_note(found: Designed, text: Label) -> str:
    """How means over seeds are spread over the points of a sample; of an effect, also at how many it is positive.

    They hold what seeds leave of luck, which widens the spread and pulls the share above 0 towards a half.
    """
    values = found.values.mean(axis=1, skipna=False).dropna()
    low, middle, high = values.quantile([0.05, 0.5, 0.95]) if len(values) else (nan, nan, nan)
    if not found.contrast:
        levels = [text.level(value) for value in (low, high, middle)]
        return say(
            f"over the points, luck included ({text.with_unit}): 90 % lie from {levels[0]} to {levels[1]}, "
            f"median {levels[2]}",
            f"各点之间（{text.with_unit}，含随机性）：90 % 位于 {levels[0]} 至 {levels[1]}，中位数 {levels[2]}",
        )
    effects = [text.effect(value) for value in (low, high, middle)]
    up = percent(float((values > 0).mean())) if len(values) else NONE
    return say(
        f"over the points, luck included ({text.with_effect_unit}): above 0 at {up}, 90 % lie from {effects[0]} to "
        f"{effects[1]}, median {effects[2]}",
        f"各点之间（{text.with_effect_unit}，含随机性）：{up} 大于 0，90 % 位于 {effects[0]} 至 {effects[1]}，"
        f"中位数 {effects[2]}",
    )


def failed_note(found: Designed) -> list[str]:
    """How many points lack a run; no line where none does."""
    lacking = int(found.values.isna().any(axis=1).sum())
    points = len(found.values)
    if not lacking:
        return []
    return [say(f"{lacking} of {points} points lack a run", f"{points} 个点中有 {lacking} 个缺少运行结果")]


def rows_of(table: pd.DataFrame) -> list[Any]:
    """The rows of a table by column, ``name`` as ``name_``."""
    return list(table.rename(columns={"name": "name_"}).itertuples(index=False))


def what_head() -> str:
    """Head of the column that names what varies."""
    return say("what varies", "变化的量")


def interval_head() -> str:
    """Head of a column of intervals."""
    return say("95 % interval", "95 % 区间")


def pair(low: float, high: float, digits: int = 3) -> str:
    """Two bounds as text; a dash where there are none."""
    if low != low or high != high:
        return NONE
    return f"{number(low, digits)} {say('to', '至')} {number(high, digits)}"


def described(frame: pd.DataFrame, found: Designed) -> pd.DataFrame:
    """The frame with columns that say what its numbers are of."""
    what: dict[str, str | int] = {"measure": found.measure, "population": found.population}
    what |= {"first_year": found.years[0], "last_year": found.years[-1]}
    what |= {"question": found.question, "budget": found.budget, "contrast": found.contrast}
    return frame.assign(**what)
