"""The eight arms of a factorial and which rows of a results table belong together.

A *unit* is what is repeated: one seed of one draw of the parameters. All arms of a unit share their luck, so that arms
are compared within units. Draw 0 is the scenario's own values, and each further draw has seeds of its own; the seeds of
one draw share its parameters, and are not independent.
"""

from collections.abc import Mapping
from itertools import combinations
from typing import Any, TypeVar

import pandas as pd

from abm.core.errors import InputError
from abm.core.names import LAYERS
from abm.records.schema import KEY_COLUMNS

LETTERS = {"organizational": "O", "interest": "I", "social": "S"}
"""One letter per layer: organizational (组织接点), interest (利益接点), social (社会接点)."""

UNIT = ["draw", "seed"]
WORDS = ("question", "budget")
"""Columns that are never mixed in one comparison."""
Table = TypeVar("Table", pd.DataFrame, pd.Series)
NOT_MEASURES = frozenset({*KEY_COLUMNS, "population", "village"})


def arm_of(layers_on: frozenset[str] | set[str]) -> str:
    """Name of the arm with these layers on: ``OIS`` … ``O``, ``none``."""
    return "".join(letter for layer, letter in LETTERS.items() if layer in layers_on) or "none"


ARMS = tuple(arm_of(set(on)) for size in (3, 2, 1, 0) for on in combinations(LAYERS, size))
"""All eight: OIS, OI, OS, IS, O, I, S, none."""


def in_order(arms: Any) -> list[str]:
    """Arms in the order of ``ARMS``, others after them by name."""
    names = {str(arm) for arm in arms}
    return [arm for arm in ARMS if arm in names] + sorted(names - set(ARMS))


def is_complete(outcomes: pd.DataFrame) -> bool:
    """Whether at least one unit has all eight arms."""
    arms = outcomes[[*UNIT, "arm"]].drop_duplicates()
    counts = arms[arms["arm"].isin(ARMS)].groupby(UNIT)["arm"].nunique()
    return bool((counts == len(ARMS)).any())


def whole_units(frame: pd.DataFrame) -> pd.DataFrame:
    """The units, columns ``draw`` and ``seed``, in which every arm has been run that is in the table, for the
    scenario's own values or for other draws; it may be none."""
    runs = frame[[*UNIT, "arm"]].drop_duplicates().assign(drawn=frame["draw"] > 0)
    arms = runs.groupby("drawn")["arm"].transform("nunique")
    whole = runs.groupby(UNIT)["arm"].transform("size") == arms
    return runs.loc[whole, UNIT].drop_duplicates(ignore_index=True)


def measures_of(outcomes: pd.DataFrame) -> list[str]:
    """The columns that are measures, in the table's order."""
    return [name for name in outcomes.columns if name not in NOT_MEASURES]


def check_told_by_arms(manifest: Mapping[str, Any], folder: object = None) -> None:
    """Refuse the results of a design that varies more than layers on and off, where its points would pass for luck.

    Raises:
        InputError: parameters, years, kinds, places, strengths or numbers of the scenario's file vary.
    """
    design = manifest.get("design") or {"names": [], "points": []}
    layers = [f"switches.{layer}" for layer in LAYERS]
    for spot, name in enumerate(design["names"]):
        levels = {row[spot] for row in design["points"]}
        if name not in WORDS and not (name in layers and levels <= {0.0, 1.0}):
            raise InputError(
                f"varies '{name}', and these tables tell layers on and off alone",
                file=None if folder is None else str(folder),
                mend="merge abm.read_results(…).points with a table on run_id",
            )


def comparisons(outcomes: pd.DataFrame) -> list[tuple[str, str]]:
    """The (question, budget) pairs in a table; they are never mixed in one comparison."""
    pairs = outcomes[["question", "budget"]].drop_duplicates().astype(str)
    return sorted(pairs.itertuples(index=False, name=None))


def select(frame: pd.DataFrame, question: str, budget: str) -> pd.DataFrame:
    """The rows that answer one question under one budget."""
    return frame[(frame["question"] == question) & (frame["budget"] == budget)]


def own_values(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of draw 0, the scenario's own values; all rows where there is no such draw."""
    drawn = frame["draw"] > 0
    return frame[~drawn] if drawn.any() and not drawn.all() else frame


def independent(values: Table) -> Table:
    """One row for each of what is independent, from one row per unit (index levels ``draw``, ``seed`` and others).

    The seeds of draw 0 where it is there, and no other draw. Else draws, each the mean over its seeds, with the level
    ``seed`` at -1; NaN where one of them lacks the number. The seeds of a single draw stay as they are.
    """
    draws = values.index.get_level_values("draw")
    if (draws == 0).any():
        return values[draws == 0]
    if draws.nunique() < 2:
        return values
    names = list(values.index.names)
    others = [name for name in names if name != "seed"]
    grouped = values.groupby(others)
    means = grouped.mean().where(grouped.count().eq(grouped.size(), axis=0))
    means = pd.concat({-1: means}, names=["seed"])
    return means.reorder_levels(names).sort_index()


def count_independent(frame: pd.DataFrame) -> int:
    """How many of them a table holds."""
    units = frame[UNIT].drop_duplicates().set_index(UNIT)
    return len(independent(pd.Series(0.0, index=units.index)))


def require_one_comparison(frame: pd.DataFrame) -> None:
    """Raise ``ValueError`` where a table mixes questions or budgets."""
    found = comparisons(frame)
    if len(found) > 1:
        named = ", ".join(f"{question}/{budget}" for question, budget in found)
        raise ValueError(
            f"the table mixes questions or budgets ({named}); choose one with abm.analysis.arms.select"
        )


def last_years(manifest: Mapping[str, Any], outcomes: pd.DataFrame, length: int = 5) -> tuple[int, ...]:
    """The last years of a run, none of them before the switch year unless the run ends before it.

    Args:
        manifest: of the results folder; its scenario names the switch year.
        outcomes: tells how far the runs really went (``--years`` may end them early).
        length: how many years at most.
    """
    years = sorted({int(year) for year in outcomes["year"].unique()})
    switch = int(manifest["scenario"]["switch_year"])
    after = [year for year in years if year >= switch]
    return tuple((after or years)[-length:])
