"""Small worlds that several tests look at. Each is run once in a process; look, do not touch."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import pandas as pd

from abm.model.model import JointPointModel
from abm.model.plan import load_scenario
from abm.records.schema import KEY_COLUMNS, RunKey
from abm.scenario.schema import Scenario
from abm.scenario.switches import ALL_ON, Arm

KEY = RunKey("run", "t_district", "OIS", "cut", "neutral", 0, True, True, True, 1)
"""One key for all, so that the tables of two runs differ only where the runs do."""

TABLES = ("outcomes", "villages", "lorenz", "gains", "graph", "flows", "events", "households")
SIZE = {"households": 400, "years": 6}
"""2014 to 2019: the pilot of the three villages begins in the last year."""


@dataclass(frozen=True)
class Finished:
    """A model that has run to its end, and its tables without the columns that say which run it was."""

    model: JointPointModel
    tables: Mapping[str, pd.DataFrame]

    @property
    def flows(self) -> pd.DataFrame:
        return self.tables["flows"]

    @property
    def district(self) -> pd.DataFrame:
        """``outcomes`` of the whole population, by year."""
        outcomes = self.tables["outcomes"]
        return outcomes[outcomes.population == "all"].set_index("year")


def tables_of(model: JointPointModel) -> dict[str, pd.DataFrame]:
    """All tables of a model as they stand, sorted."""
    named = [name for name in KEY_COLUMNS if name != "year"]
    tables = {
        name: table.to_pandas().drop(columns=named) for name, table in model.recorder.tables(KEY).items()
    }
    labels = [
        "year",
        "tick",
        "population",
        "place_kind",
        "start_fifth",
        "persons_share",
        "household",
        "village",
        "payer",
        "payee",
        "kind",
        "layer",
        "source",
        "target",
        "event",
        "detail",
    ]
    return {
        name: t.sort_values([label for label in labels if label in t], ignore_index=True)
        for name, t in tables.items()
    }


def finish(model: JointPointModel) -> Finished:
    """Run a model to its end."""
    model.run()
    return Finished(model, tables_of(model))


def t_district(**overrides: object) -> Scenario:
    """T District with every rule and some settings, ``t_district(scenario__switch_year=2016)``; without burn-in if none
    is given."""
    given = {"scenario__burn_in": 0, **overrides}
    named = {key.replace("__", "."): value for key, value in given.items()}
    return _read.setdefault(repr(named), load_scenario("t_district", named))


_read: dict[str, Scenario] = {}


HARD_TIMES = {
    "synthesis__savings_years": 0.5,
    "credit__limit": 0.0,
    "ties__kin_chance": 0.1,
    "consumption__floor": 4500.0,
    "joint_points__3__share": 0.5,  # liaison in 2014
    "joint_points__4__share": 0.8,  # projects in 2014
}
"""Small savings, no credit, few kin and more of the joint-points of 2014: money passes all layers in a small world."""


@cache
def finished(
    arm: Arm = ALL_ON,
    *,
    seed: int = 7,
    budget: str | None = None,
    households: int = 400,
    years: int = 6,
    hard: bool = False,
) -> Finished:
    """A finished run of T District with a journal and a row per household and year."""
    return finish(
        JointPointModel(
            t_district(**HARD_TIMES) if hard else t_district(),
            households=households,
            years=years,
            views=False,
            rng=seed,
            arm=arm,
            budget=budget,
            snapshots=True,
            journal=True,
        )
    )
