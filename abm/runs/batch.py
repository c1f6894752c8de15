"""Batches: many runs into one folder, here or on many processes, finished where they were left off."""

import pickle
import sys
import traceback
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any, TypedDict

from abm.core.errors import InputError
from abm.core.names import BUDGETS, QUESTIONS
from abm.model.environment import code_digest
from abm.records import store
from abm.runs.design import RunSpec, arms_design, check_number, check_word, scenario_with
from abm.runs.manifest import begun, ended
from abm.runs.results import Results
from abm.runs.simulate import run_into
from abm.scenario.schema import Scenario
from abm.scenario.switches import Arm, eight_arms

Outcome = Exception | None
"""How a run ended: well, or with what went wrong."""


class RunError(RuntimeError):
    """A run failed on a worker; the message says how and where."""


class Options(TypedDict, total=False):
    """What every experiment on arms can be told; ``factorial`` says what each means."""

    budget: str
    replications: int
    seed: int
    households: int | None
    years: int | None
    workers: int | None
    cluster: str | None
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
    out: str | Path | None = None,
    progress: bool = False,
    **design: Any,
) -> Results:
    """Run any arms on the same seeds; the arguments are those of ``factorial``, and errors likewise."""
    check_word(budget, (*BUDGETS, "both"), "--budget")
    budgets = BUDGETS if budget == "both" else (budget,)
    specs = arms_design(scenario, arms, budgets=budgets, seed=seed, **design)
    return run_batch(
        specs, command=command, seed=seed, workers=workers, cluster=cluster, out=out, progress=progress
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
    out: str | Path | None = None,
    progress: bool = False,
    fail: bool = False,
    design: Mapping[str, Any] | None = None,
) -> Results:
    """Do the runs of any design that are not done yet, and write the manifest.

    A run that fails is recorded and the others go on. Bad input that shows in the first run of all stops the
    batch, and leaves the folder as it was.

    Args:
        fail: raise what a run raises.
        design: what the manifest says of the points of an experiment's file.
    """
    if workers is not None:
        check_number(workers, 1, "--workers")
    manifest = begun(specs, command, seed, design)
    if out is None:
        made_here = Path(mkdtemp(prefix="abm-"))
        try:
            ran = _run_into(made_here, specs, manifest, workers, cluster, progress, fail)
        except BaseException:
            rmtree(made_here, ignore_errors=True)
            raise
        return Results(made_here, temporary=True, ran=ran)
    folder = Path(out)
    return Results(folder, ran=_run_into(folder, specs, manifest, workers, cluster, progress, fail))


def _run_into(
    folder: Path,
    specs: Sequence[RunSpec],
    manifest: dict[str, Any],
    workers: int | None,
    cluster: str | None,
    progress: bool,
    fail: bool,
) -> int:
    """Do the missing runs; how many went well."""
    before = store.claim(folder, manifest["experiment"])
    if before is not None:
        _check_same_code(before, manifest, folder)
    manifest = manifest if before is None else before
    made = [place for place in (folder, *folder.parents) if not place.exists()]
    with store.opened(folder):
        missing = _missing(specs, folder)
        if missing:
            store.write_json(folder / store.MANIFEST, {**manifest, "complete": False})
        failures: dict[str, str] = {}
        try:
            with (
                _shown(len(specs), len(specs) - len(missing), progress) as advance,
                closing(_outcomes(missing, folder.absolute(), workers, cluster)) as outcomes,
            ):
                for spec, error in outcomes:
                    advance()
                    if error is None:
                        continue
                    if fail or (isinstance(error, InputError) and not failures and not _any_done(folder)):
                        raise error
                    failures[spec.run_id] = _message(error)
        except (Exception, KeyboardInterrupt):
            if before is None and not _any_done(folder):
                _leave_as_it_was(folder, made)
                raise
            _finish(folder, manifest, failures)
            raise
        _finish(folder, manifest, failures)
    return len(missing) - len(failures)


def _check_same_code(before: Mapping[str, Any], now: Mapping[str, Any], folder: Path) -> None:
    """Results of two versions of the rules are never mixed, and old ones never pass for new."""
    if before["version"] != now["version"]:
        problem = f"was begun by version {before['version']}, and this is {now['version']}"
    elif before["environment"]["code"] != now["environment"]["code"]:
        problem = "was begun before the model's code was changed"
    else:
        return
    raise InputError(problem, file=folder, key="--out", mend="name a new folder, or remove this one")


def _missing(specs: Sequence[RunSpec], folder: Path) -> list[RunSpec]:
    """Runs without a marker, or of which a table has gone."""
    markers = store.finished_runs(folder)
    return [
        spec
        for spec in specs
        if spec.run_id not in markers
        or not all((folder / t / f"{spec.run_id}.parquet").is_file() for t in markers[spec.run_id]["digests"])
    ]


def _finish(folder: Path, manifest: Mapping[str, Any], failures: Mapping[str, str]) -> None:
    """Complete the manifest from the markers of all runs that are finished."""
    final = ended(manifest, store.finished_runs(folder), failures)
    if final != store.read_json(folder / store.MANIFEST):
        store.write_json(folder / store.MANIFEST, final)


def _any_done(folder: Path) -> bool:
    return any((folder / store.MARKERS).glob("*.json"))


def _leave_as_it_was(folder: Path, made: Sequence[Path]) -> None:
    """Take back a folder in which no run has been finished, and the folders that were made for it."""
    (folder / store.MANIFEST).unlink(missing_ok=True)
    for place in (folder / store.MARKERS, *made):
        if place.is_dir() and not any(place.iterdir()):
            place.rmdir()


def _outcomes(
    specs: Sequence[RunSpec], folder: Path, workers: int | None, cluster: str | None
) -> Generator[tuple[RunSpec, Outcome], None, None]:
    """Do the runs and say how each ended, as they end."""
    # Dask is loaded where it is needed: a script that runs in one process needs none of it.
    if not specs:
        return
    if cluster is not None:
        from abm.runs.cluster import connected

        with connected(cluster) as client:
            yield from _on_workers(specs, folder, client)
        return
    if workers != 1 and len(specs) > 1:
        from abm.runs.cluster import cores, local_workers

        with local_workers(min(len(specs), workers or cores())) as client:
            yield from _on_workers(specs, folder, client)
        return
    for spec in specs:
        yield spec, _attempt(spec, folder)


def _on_workers(specs: Sequence[RunSpec], folder: Path, client: Any) -> Iterator[tuple[RunSpec, Outcome]]:
    """Hand out the runs a few at a time, so that neither scheduler nor client holds more than those."""
    from distributed import KilledWorker, as_completed

    code = code_digest(specs[0].scenario)
    waiting = iter(specs)
    under_way: dict[str, RunSpec] = {}

    def submit(spec: RunSpec) -> Any:
        # A description travels as bytes, since Dask would look for tasks inside it.
        future = client.submit(_attempt_there, pickle.dumps(spec), code, str(folder), pure=False)
        under_way[future.key] = spec
        return future

    at_once = 2 * max(len(client.nthreads()), 4)
    completed = as_completed([submit(spec) for spec in islice(waiting, at_once)], loop=client.loop)
    for future in completed:
        spec = under_way.pop(future.key)
        try:
            error = future.result()
        except KilledWorker:
            error = RunError("the worker process died in this run, perhaps for lack of memory")
        except Exception as lost:  # what Dask raises has no common base
            error = lost
        future.release()
        yield spec, error
        for following in islice(waiting, 1):
            completed.add(submit(following))


def _attempt(spec: RunSpec, folder: Path) -> Outcome:
    try:
        run_into(spec, folder)
    except Exception as error:  # any mechanism, also a user's own, may fail in any way; the batch goes on
        return error
    return None


def _attempt_there(pickled: bytes, code: str, folder: str) -> Outcome:
    """One run on a worker, which reads nothing but its description and writes its own files."""
    if not (Path(folder) / store.MANIFEST).is_file():
        mend = "use a folder that all workers share"
        return InputError("a worker does not see this folder", file=folder, key="--out", mend=mend)
    spec: RunSpec = pickle.loads(pickled)
    if code_digest(spec.scenario) != code:
        return InputError("a worker has other code than this", mend="install the same version there")
    error = _attempt(spec, Path(folder))
    if error is None or isinstance(error, InputError):
        return error
    return RunError(_message(error))  # not every exception survives the way home


def _message(error: Exception) -> str:
    """One line: kind of error, text, and the last line of ours that it passed."""
    if isinstance(error, RunError | InputError):
        return str(error)
    text = " ".join(f"{type(error).__name__}: {error}".split())
    places = [
        (frame.f_globals.get("__name__", "?"), line) for frame, line in traceback.walk_tb(error.__traceback__)
    ]
    ours = [f"{module}:{line}" for module, line in places if module.startswith("abm.")]
    return f"{text} ({ours[-1]})" if ours else text


@contextmanager
def _shown(total: int, done: int, progress: bool) -> Iterator[Callable[[], None]]:
    """A progress bar on stderr, counted in runs; nothing where it is not wanted."""
    if not progress:
        yield lambda: None
        return
    if done == total:
        print(f"all {total} runs are done", file=sys.stderr)
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("runs"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(elapsed_when_finished=True),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=total, completed=done)
        yield lambda: bar.advance(task)
