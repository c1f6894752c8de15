"""Hypothesis files and made-up outcomes for the tests of judging."""

from pathlib import Path

import numpy as np
import pandas as pd

from abm.analysis.arms import ARMS
from abm.analysis.hypotheses import Hypothesis, read_hypothesis

GOOD = """id = "H1"
kind = "claim"
claim = "Interest joint-points raise the mean."
claim_zh = "利益接点提高平均收入。"
source = "a paper, its heading"
reading = "as it stands"
scenario = "t_district"
population = "all"
years = 2
combine = "all"

[[tests]]
name = "mean"
name_zh = "平均收入"
measure = "mean_income"
contrast = "effect(I)"
sign = "+"
sesoi = 100.0
cutoff = 0.0
why = "a hundred yuan"
"""


def written(folder: Path, text: str = GOOD, name: str = "H1.toml") -> Path:
    """A hypothesis file in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def hypothesis(folder: Path, *changes: tuple[str, str]) -> Hypothesis:
    """The good hypothesis with some of its text replaced."""
    text = GOOD
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return read_hypothesis(written(folder, text))


def outcomes(effects: dict[tuple[int, int], float], base: float = 20_000.0) -> pd.DataFrame:
    """Rows of a factorial in which interest adds a given number of yuan to the mean, by (draw, seed).

    The other layers add 50 and 70; luck that all arms of a unit share is large.
    """
    rows = []
    for (draw, seed), effect in effects.items():
        luck = np.random.default_rng([draw, seed]).normal(0, 2000)
        for arm in ARMS:
            on = set(arm) if arm != "none" else set()
            mean = base + luck + effect * ("I" in on) + 50 * ("O" in on) + 70 * ("S" in on)
            for year in (2019, 2020):
                key = {"draw": draw, "seed": seed, "arm": arm, "question": "cut", "budget": "neutral"}
                rows.append(key | {"year": year, "population": "all", "row": "", "mean_income": mean})
    return pd.DataFrame(rows)
