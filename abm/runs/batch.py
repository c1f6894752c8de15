"""Batches: many runs into one folder, here or on many processes, finished where they were left off."""

import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, closing, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any, TypedDict

from abm.core.errors import InputError, StoppedError
from abm.core.names import BUDGETS, QUESTIONS
from abm.records import store
from abm.records.schema import TABLES
from abm.runs.blocks import Shard, read_shard, shard_runs
from abm.runs.design import RunSpec, arms_design, check_number, check_word, scenario_with
from abm.runs.engine import RunError, message_of, outcomes
from abm.runs.manifest import begun, ended
from abm.runs.progress import progress_of
from abm.runs.results import Results
from abm.scenario.schema import Scenario
from abm.scenario.switches import Arm, eight_arms

__all__ = ["Options", "RunError", "factorial", "run_arms", "run_batch", "write_run"]


class Options(TypedDict, total=False):
    """What every experiment on arms can be told; ``factorial`` says what each means."""

    budget: str
    replications: int
    seed: int
    households: int | None
    years: int | None
    workers: int | None
    cluster: str | None
    shard: str | None
    draws: int
    out: str | Path | None
    progress: bool
    cache: bool


def factorial(
    scenario: str | Path | Scenario = "t_district",
    *,
    question: str = "cut",
    budget: str = "neutral",
    replications: int = 4,
    seed: int = 1,
    households: int | None = None,
    years: int | None = None,
    workers: int | None = None,
    cluster: str | None = None,
    shard: str | None = None,
    draws: int = 0,
    out: str | Path | None = None,
    settings: Mapping[str, object] | None = None,
    progress: bool = False,
    cache: bool = True,
) -> Results:
    """Run all eight on/off arms of the three layers on the same seeds.

    Args:
        scenario: name, path, or a scenario that is read already.
        question: ``cut`` (all links of a layer) or ``programme`` (only links added since the switch year).
        budget: ``neutral``, ``withheld`` or ``both``.
        replications: number of seeds.
        seed: the first seed, from which those of the replications derive.
        households: number of households, 200 or more; None: full size.
        years: calendar years from the scenario's first, at least to its switch year; None: all of them.
        workers: processes of this machine; 1: this process; None: one per core.
        cluster: address of a running Dask scheduler, instead of ``workers``; it must see the folder ``out``.
        shard: ``"i/n"``: do the *i*-th of *n* parts alone, such as in a job array; ``abm merge`` puts them together.
        draws: how many parameter draws to run beside the scenario's own values.
        out: results folder; runs that it holds already are not done again. None: a temporary folder, which
            goes when the results go.
        settings: numbers laid over the scenario, by dotted name.
        progress: whether to show a progress bar on stderr.
        cache: keep burn-ins and use those that are kept; the results are the same.

    Returns:
        The results; ``failures`` names runs that failed.

    Raises:
        InputError: an argument that cannot be, or a folder with other content.
        StoppedError: the folder cannot be written, or the scheduler has gone; what is finished stays.
    """
    check_word(question, QUESTIONS, "--question")
    read = scenario_with(scenario, settings)
    return run_arms(
        "factorial",
        read,
        eight_arms(question, read.switch_year),
        budget=budget,
        replications=replications,
        seed=seed,
        households=households,
        years=years,
        workers=workers,
        cluster=cluster,
        shard=shard,
        draws=draws,
        out=out,
        progress=progress,
        cache=cache,
    )


def run_arms(
    command: str,
    scenario: Scenario,
    arms: Sequence[Arm],
    *,
    budget: str = "neutral",
    seed: int = 1,
    workers: int | None = None,
    cluster: str | None = None,
    shard: str | None = None,
    out: str | Path | None = None,
    progress: bool = False,
    **design: Any,
) -> Results:
    """Run any arms on the same seeds; the arguments are those of ``factorial``, and errors likewise."""
    check_word(budget, (*BUDGETS, "both"), "--budget")
    budgets = BUDGETS if budget == "both" else (budget,)
    specs = arms_design(scenario, arms, budgets=budgets, seed=seed, **design)
    return run_batch(
        specs,
        command=command,
        seed=seed,
        workers=workers,
        cluster=cluster,
        shard=shard,
        out=out,
        progress=progress,
    )


def write_run(spec: RunSpec, out: str | Path, *, command: str = "run") -> Results:
    """Do one run in this process and write it into a results folder of its own.

    Raises:
        InputError: a folder with other content.
        Exception: whatever the run raises.
    """
    return run_batch([spec], command=command, seed=spec.seed, workers=1, out=out, fail=True)


def run_batch(
    specs: Sequence[RunSpec],
    *,
    command: str,
    seed: int,
    workers: int | None = None,
    cluster: str | None = None,
    shard: str | None = None,
    out: str | Path | None = None,
    progress: bool = False,
    fail: bool = False,
    design: Mapping[str, Any] | None = None,
) -> Results:
    """Do the runs of any design that are not done yet, and write the manifest.

    A run that fails is recorded and the others go on. Bad input that shows in the first run of all stops the
    batch, and leaves the folder as it was.

    Args:
        shard: as in ``factorial``. Shards may have a folder each, or one that they share.
        fail: raise what a run raises.
        design: what the manifest says of the points of an experiment's file.

    Raises:
        InputError: an argument that cannot be, or a folder with other content.
        StoppedError: the folder cannot be written, or the scheduler has gone; what is finished stays.
    """
    if workers is not None:
        check_number(workers, 1, "--workers")
    how = _How(workers, cluster, read_shard(shard) if shard is not None else None, progress, fail)
    manifest = begun(specs, command, seed, design)
    if out is None:
        made_here = Path(mkdtemp(prefix="abm-"))
        try:
            ran = _run_into(made_here, specs, manifest, how)
        except BaseException:
            rmtree(made_here, ignore_errors=True)
            raise
        return Results(made_here, temporary=True, ran=ran)
    folder = Path(out)
    return Results(folder, ran=_run_into(folder, specs, manifest, how))


@dataclass(frozen=True)
class _How:
    """Who does the runs of a batch, which of them, and what the caller sees of it."""

    workers: int | None
    cluster: str | None
    shard: Shard | None
    progress: bool
    fail: bool


def _run_into(folder: Path, specs: Sequence[RunSpec], manifest: dict[str, Any], how: _How) -> int:
    """Do the missing runs; how many went well."""
    before = store.claim(folder, manifest["experiment"])
    if before is not None:
        check_same_code(before, manifest, folder)
    made = [place for place in (folder, *folder.parents) if not place.exists()]
    mine = specs if how.shard is None else shard_runs(specs, how.shard)
    with store.opened(folder, shared=how.shard is not None):
        markers = store.finished_runs(folder)
        missing = [
            spec
            for spec in mine
            if spec.run_id not in markers or not store.is_whole(folder, spec.run_id, markers[spec.run_id])
        ]
        for spec in missing:
            markers.pop(spec.run_id, None)
        tally = _Tally(folder, manifest, markers, how.shard, mine)
        if missing or before is None:
            tally.begin()
        try:
            _do(missing, len(mine), tally, how)
        except (Exception, KeyboardInterrupt) as error:
            # workers of a cluster may be at runs still, and would write them into a folder that says nothing of them
            alone = how.shard is None and (how.cluster is None or isinstance(error, InputError))
            if before is None and alone and not _any_written(folder):
                _leave_as_it_was(folder, made)
                raise
            with suppress(StoppedError):  # on a full disk the manifest stays as it is, and says so
                tally.end()
            raise
        tally.end()
    return len(missing) - len(tally.failures)


def _do(missing: Sequence[RunSpec], total: int, tally: "_Tally", how: _How) -> None:
    """Do runs, and note how each ended."""
    folder = tally.folder
    what = " ".join([tally.manifest["command"], *([f"shard {how.shard}"] if how.shard else [])])
    log = folder / store.LOG if len(tally.manifest["runs"]) > 1 else None
    with (
        progress_of(total, total - len(missing), log, shown=how.progress, what=what) as progress,
        closing(outcomes(missing, folder.absolute(), how.workers, how.cluster)) as ends,
    ):
        for spec, outcome in ends:
            if not isinstance(outcome, Exception):
                progress.ended(spec.run_id)
                tally.finished(spec.run_id, outcome)
                continue
            progress.ended(spec.run_id, message_of(outcome))
            first_of_all = not tally.failures and not _any_done(folder)
            if how.fail or (isinstance(outcome, InputError) and first_of_all):
                raise outcome
            tally.failures[spec.run_id] = message_of(outcome)


class _Tally:
    """Which runs of a batch are done, which failed, and the manifest that says so.

    Markers are read once, when the batch begins, and then come from the workers; where shards share a folder, the
    others' are read at the end.
    """

    def __init__(
        self,
        folder: Path,
        manifest: dict[str, Any],
        markers: dict[str, dict[str, Any]],
        shard: Shard | None,
        mine: Sequence[RunSpec],
    ) -> None:
        self.folder, self.manifest = folder, manifest
        self.markers: dict[str, dict[str, Any]] = {}
        self.failures: dict[str, str] = {}
        self._environments: dict[str, Any] = {}
        for run_id, marker in markers.items():
            self.finished(run_id, marker)
        self._shard = {} if shard is None else {str(shard): [spec.run_id for spec in mine]}

    def finished(self, run_id: str, marker: dict[str, Any] | None) -> None:
        """A run went well; its marker may follow later. Kept is what the manifest needs, environments once each."""
        if marker is None:
            return
        where = marker["environment"]
        where = self._environments.setdefault(json.dumps(where, sort_keys=True), where)
        parts = {key: marker[key] for key in ("rows", "digests")}
        self.markers[run_id] = {**parts, "environment": where}

    def begin(self) -> None:
        """A manifest that says that runs are missing.

        Raises:
            InputError: another shard that began just now is one of another experiment.
        """
        with self._alone():
            before = store.claim(self.folder, self.manifest["experiment"])
            if before is not None:
                check_same_code(before, self.manifest, self.folder)
            store.write_json(self.folder / store.MANIFEST, {**self._so_far(), "complete": False})

    def end(self) -> None:
        """A manifest made of the markers of all runs that are finished."""
        with self._alone():
            so_far = self._so_far()
            for run_id, marker in store.finished_runs(self.folder, known=self.markers).items():
                if store.is_whole(self.folder, run_id, marker):
                    self.finished(run_id, marker)
            before = {failure["run_id"]: failure["message"] for failure in so_far["failures"]}
            known = {run: text for run, text in before.items() if run not in self.markers}
            final = ended(so_far, self.markers, known | self.failures)
            if final != store.read_json(self.folder / store.MANIFEST):
                store.write_json(self.folder / store.MANIFEST, final)

    def _alone(self) -> AbstractContextManager[None]:
        """Only shards let others into the folder."""
        return store.one_at_a_time(self.folder) if self._shard else nullcontext()

    def _so_far(self) -> dict[str, Any]:
        """The manifest as it stands, with this shard among those that have been begun; without one, all is."""
        path = self.folder / store.MANIFEST
        now = dict(store.read_json(path) if path.is_file() else self.manifest)
        shards = {**now.pop("shards", {}), **self._shard}
        return {**now, "shards": shards} if self._shard else now


def check_same_code(before: Mapping[str, Any], now: Mapping[str, Any], folder: Path) -> None:
    """Results of two versions of the rules are never mixed, and old ones never pass for new."""
    if before["version"] != now["version"]:
        problem = f"was begun by version {before['version']}, and this is {now['version']}"
    elif before["environment"]["code"] != now["environment"]["code"]:
        problem = "was begun before the model's code was changed"
    else:
        return
    raise InputError(problem, file=folder, key="--out", mend="name a new folder, or remove this one")


def _any_done(folder: Path) -> bool:
    return any((folder / store.MARKERS).glob("*.json"))


def _any_written(folder: Path) -> bool:
    """Whether there is part of a run, too: without a manifest nobody would know what it belongs to."""
    return _any_done(folder) or any(store.table_files(folder, table) for table in TABLES)


def _leave_as_it_was(folder: Path, made: Sequence[Path]) -> None:
    """Take back a folder in which no run has been finished, and the folders that were made for it."""
    for name in (store.MANIFEST, store.LOG):
        (folder / name).unlink(missing_ok=True)
    for place in (*(folder / name for name in (store.MARKERS, *TABLES)), *made):
        if place.is_dir() and not any(place.iterdir()):
            place.rmdir()
