"""Reading a results folder: one run or a batch of ten thousand alike."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from shutil import rmtree
from typing import Any
from weakref import finalize

import pandas as pd
import pyarrow as pa

from abm.core.errors import InputError
from abm.records.schema import MENDS, TABLES
from abm.records.store import MARKERS, RUN_ID, table_files
from abm.runs.digest import folder_digests, read_table
from abm.runs.manifest import read_manifest


class Results:
    """The tables of a results folder as pandas data frames, each read when it is first asked for.

    ``outcomes``, ``villages``, ``fifths``, ``lorenz``, ``gains``, ``mobility``, ``graph``, ``flows``, ``events``
    and, where the runs kept them, ``burn_in`` and ``households``; ``manifest`` says what was run, on what, and with
    which numbers. Only finished runs are read, in the manifest's order.

    Args:
        folder: the results folder.
        temporary: whether the folder goes when the results go.
        ran: how many runs this call did; None where the folder was only read.
    """

    def __init__(self, folder: Path, *, temporary: bool = False, ran: int | None = None) -> None:
        self.folder = folder
        self.manifest: dict[str, Any] = read_manifest(folder)
        self.ran = ran
        if temporary:
            finalize(self, rmtree, folder, ignore_errors=True)

    def __repr__(self) -> str:
        scenario, runs = self.manifest["scenario"]["name"], len(self.manifest["runs"])
        state = "complete" if self.manifest["complete"] else "incomplete"
        return f"<Results of {self.manifest['command']} {scenario}, {runs} runs, {state}, in {self.folder}>"

    @cached_property
    def outcomes(self) -> pd.DataFrame:
        """One row per run, year and population."""
        return self._frame("outcomes")

    @cached_property
    def villages(self) -> pd.DataFrame:
        """One row per run, year and village or community; the same measures."""
        return self._frame("villages")

    @cached_property
    def fifths(self) -> pd.DataFrame:
        """One row per run, year, population and fifth: income by source, consumption, savings per head."""
        return self._frame("fifths")

    @cached_property
    def lorenz(self) -> pd.DataFrame:
        """One row per run, year, population and share of persons: their share of all income."""
        return self._frame("lorenz")

    @cached_property
    def gains(self) -> pd.DataFrame:
        """One row per run, year, population, kind of place and starting fifth: its income per head now."""
        return self._frame("gains")

    @cached_property
    def graph(self) -> pd.DataFrame:
        """One row per run, year, village, kind of link and types of its ends: how many formed and are active."""
        return self._frame("graph")

    @cached_property
    def mobility(self) -> pd.DataFrame:
        """One row per run, year, population, lag and pair of fifths: the share of persons that moved so."""
        return self._frame("mobility")

    @cached_property
    def burn_in(self) -> pd.DataFrame:
        """As ``outcomes``, for the last years before the scenario's first; only where there is a burn-in."""
        return self._frame("burn_in")

    @cached_property
    def flows(self) -> pd.DataFrame:
        """Money in yuan per run, year, payer, payee, kind and layer."""
        return self._frame("flows")

    @cached_property
    def events(self) -> pd.DataFrame:
        """One row per dated event."""
        return self._frame("events")

    @cached_property
    def households(self) -> pd.DataFrame:
        """One row per run, year and household; only of runs with snapshots."""
        return self._frame("households")

    @cached_property
    def points(self) -> pd.DataFrame:
        """One row per run and point of its design: ``run_id``, ``point``, and a column for each name that varies.

        Merged with a table on ``run_id`` it tells which values made a row. A run that serves several points, as
        samples may hold a point twice, stands once for each.

        Raises:
            InputError: the results are not those of an experiment's file.
        """
        design = self.manifest.get("design")
        if design is None:
            mend = "points are those of 'abm batch'; the columns arm and draw tell runs apart here"
            raise InputError("was made without an experiment's file", file=self.folder, mend=mend)
        numbers = [number for number, ids in enumerate(design["runs"]) for _ in ids]
        frame = pd.DataFrame({"run_id": [run for ids in design["runs"] for run in ids], "point": numbers})
        values = pd.DataFrame(design["points"], columns=design["names"])
        return frame.join(values, on="point")

    @property
    def failures(self) -> Mapping[str, str]:
        """Runs that failed, with what went wrong."""
        return {failure["run_id"]: failure["message"] for failure in self.manifest["failures"]}

    def digests(self) -> dict[str, str]:
        """Digest of each table, made of the files as they are now."""
        return folder_digests(self.folder, self._left_out())

    def table(self, name: str) -> pa.Table:
        """A table as Arrow.

        Raises:
            InputError: there is no such table, or a file of it is damaged.
        """
        left_out = {f"{run}.parquet" for run in self._left_out()}
        files = [path for path in table_files(self.folder, name) if path.name not in left_out]
        if not files:
            mend = MENDS.get(name, "run the experiment again")
            raise InputError(f"holds no table '{name}'", file=self.folder, mend=mend)
        order = {f"{run['run_id']}.parquet": i for i, run in enumerate(self.manifest["runs"])}
        files.sort(key=lambda path: (order.get(path.name, len(order)), path.name))
        return pa.concat_tables([read_table(path) for path in files], promote_options="default")

    def _frame(self, name: str) -> pd.DataFrame:
        return self.table(name).to_pandas()

    def _left_out(self) -> set[str]:
        """Runs that were stopped before their last file was written, and runs of another experiment."""
        known = {run["run_id"] for run in self.manifest["runs"]}
        files = [path.stem for name in TABLES for path in table_files(self.folder, name)]
        strange = {stem for stem in files if RUN_ID.fullmatch(stem) and stem not in known}
        if self.manifest["complete"]:
            return strange
        return strange | {run for run in known if not (self.folder / MARKERS / f"{run}.json").is_file()}


def read_results(folder: str | Path) -> Results:
    """Read a results folder.

    Raises:
        InputError: names the folder or file that is missing, damaged or something else.
    """
    results = Results(Path(folder))
    if not any(table_files(results.folder, name) for name in TABLES):
        mend = "run the same command again to finish it"
        raise InputError("has no finished run yet", file=results.folder, mend=mend)
    return results
