"""One run: from its description to its tables, in memory or in a results folder."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from abm.core.draws import fresh_seed
from abm.core.errors import InputError
from abm.model.environment import environment
from abm.model.model import JointPointModel
from abm.records import store
from abm.records.schema import MENDS, TABLES, RunKey
from abm.runs.design import RunSpec, run_spec_of, with_parameters
from abm.runs.digest import run_digest, sorted_by_key, table_digest
from abm.scenario.schema import Scenario
from abm.scenario.switches import Arm

LAID_OVER = "laid over by the design"
"""Source of a number that a parameter draw or a point of an experiment has changed."""


@dataclass(frozen=True)
class Tables:
    """The tables of one run.

    As pandas by attribute (``tables.outcomes``, ``.villages``, ``.fifths``, ``.lorenz``, ``.gains``, ``.mobility``,
    ``.graph``, ``.flows``, ``.events``, and where the run kept them ``.burn_in`` and ``.households``), as Arrow by
    name (``tables["outcomes"]``). Rows are sorted by the table's keys.
    """

    key: RunKey
    arrow: Mapping[str, pa.Table]

    def __getitem__(self, name: str) -> pa.Table:
        return self.arrow[name]

    @property
    def outcomes(self) -> pd.DataFrame:
        """One row per year and population."""
        return self._frame("outcomes")

    @property
    def villages(self) -> pd.DataFrame:
        """One row per year and village or community."""
        return self._frame("villages")

    @property
    def fifths(self) -> pd.DataFrame:
        """One row per year, population and fifth: income by source, consumption, savings per head."""
        return self._frame("fifths")

    @property
    def lorenz(self) -> pd.DataFrame:
        """One row per year, population and share of persons: their share of all income."""
        return self._frame("lorenz")

    @property
    def gains(self) -> pd.DataFrame:
        """One row per year, population, kind of place and starting fifth: its income per head now."""
        return self._frame("gains")

    @property
    def graph(self) -> pd.DataFrame:
        """One row per year, village, kind of link and types of its ends: how many formed and are active."""
        return self._frame("graph")

    @property
    def mobility(self) -> pd.DataFrame:
        """One row per year, population, lag and pair of fifths: the share of persons that moved so."""
        return self._frame("mobility")

    @property
    def burn_in(self) -> pd.DataFrame:
        """As ``outcomes``, for the last years before the scenario's first; only where there is a burn-in."""
        return self._frame("burn_in")

    @property
    def flows(self) -> pd.DataFrame:
        """Money in yuan per year by payer, payee, kind and layer."""
        return self._frame("flows")

    @property
    def events(self) -> pd.DataFrame:
        """One row per dated event."""
        return self._frame("events")

    @property
    def households(self) -> pd.DataFrame:
        """One row per year and household; only of a run with snapshots."""
        return self._frame("households")

    def digests(self) -> dict[str, str]:
        """Digest of each table; equal to that of a folder that holds this run alone."""
        return {name: table_digest(name, table) for name, table in self.arrow.items()}

    def _frame(self, name: str) -> pd.DataFrame:
        if name not in self.arrow:
            raise InputError(
                f"the run kept no table '{name}'", key=name, mend=MENDS.get(name, "run it again")
            )
        return self.arrow[name].to_pandas()


def simulate(
    scenario: str | Path | Scenario = "t_district",
    *,
    seed: int | None = None,
    arm: Arm | None = None,
    question: str = "cut",
    budget: str | None = None,
    households: int | None = None,
    years: int | None = None,
    snapshots: bool = False,
    settings: Mapping[str, object] | None = None,
    draw: int = 0,
    cache: bool = True,
) -> Tables:
    """Run a scenario once.

    Args:
        scenario: name, path, or a scenario that is read already.
        seed: the run's own seed, as in the column ``seed``; None: a fresh one.
        arm: strengths of the layers, with the question that they ask and their year; None: all on.
        question: what an arm that is not given would ask; an arm brings its own.
        budget: ``neutral`` or ``withheld``; None: as the scenario says.
        households: number of households, 200 or more; None: full size.
        years: calendar years from the scenario's first; None: all of them.
        snapshots: whether to keep the table of households.
        settings: numbers laid over the scenario, by dotted name.
        draw: parameter draw with this seed; 0: the scenario's own values.
        cache: keep the burn-in and use one that is kept; the results are the same.

    Raises:
        InputError: an argument that cannot be, with its mend.
    """
    return run_spec(
        run_spec_of(
            scenario,
            seed=fresh_seed() if seed is None else seed,
            arm=arm,
            question=question,
            budget=budget,
            households=households,
            years=years,
            snapshots=snapshots,
            settings=settings,
            draw=draw,
            cache=cache,
        )
    )


def run_spec(spec: RunSpec) -> Tables:
    """Do one run."""
    scenario = spec.scenario
    if spec.parameters:
        scenario = with_parameters(scenario, dict(spec.parameters), source=LAID_OVER)
    model = JointPointModel(
        scenario=scenario,
        households=spec.households,
        years=spec.years,
        views=False,
        rng=spec.seed,
        arm=spec.arm,
        budget=spec.budget,
        snapshots=spec.snapshots,
        cache=spec.cache,
    )
    try:
        model.run()
        made = model.recorder.tables(spec.key)
    finally:
        model.close()  # Mesa keeps every model alive, so its world must be let go
    return Tables(spec.key, {name: sorted_by_key(name, made[name]) for name in TABLES if name in made})


def run_into(spec: RunSpec, folder: Path) -> dict[str, Any]:
    """Do one run and write it into an open results folder.

    Returns:
        Its marker, from which the manifest is made.

    Raises:
        StoppedError: the folder cannot be written.
        Exception: whatever the run raises.
    """
    made = run_spec(spec).arrow
    tables = {name: table for name, table in made.items() if not spec.tables or name in spec.tables}
    marker = {
        "run_id": spec.run_id,
        "rows": {name: table.num_rows for name, table in tables.items()},
        "digests": {name: run_digest(name, table, in_order=True) for name, table in tables.items()},
        "environment": environment(spec.scenario),
    }
    return store.write_run(folder, spec.run_id, tables, marker)
