"""What all commands do that run several arms on the same seeds: check, run or go on, show, say where it is."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from abm.cli.options import check_limits
from abm.cli.show import show
from abm.core.errors import InputError


def run_batch_command(
    command: str,
    scenario: str,
    settings: Sequence[str] | None,
    out: Path | None,
    experiment: Callable[[], Callable[..., Any]],
    **options: Any,
) -> None:
    """Run an experiment into its folder and show its tables.

    Args:
        command: its name, which ends the name of its folder below ``results/``.
        experiment: gives the function that runs it, such as ``abm.factorial``; called late, so that help is quick.
        options: for that function.

    Raises:
        InputError: an option that cannot be.
        RunError: some runs failed.
    """
    check_address(options.get("cluster"))
    limited = ("households", "seed", "replications", "draws", "workers")
    check_limits(**{name: options[name] for name in limited})

    from abm.model.plan import load_scenario
    from abm.runs.blocks import read_shard
    from abm.scenario.load import parse_settings

    if options.get("shard") is not None:
        read_shard(options["shard"])
    read = load_scenario(scenario, parse_settings(list(settings or [])))
    folder = out if out is not None else Path("results") / f"{read.name}-{command}"
    results = experiment()(read, out=folder, progress=True, **options)
    conclude(results, folder, options.get("shard"))


def check_address(cluster: str | None) -> None:
    """Refuse what cannot be the address of a scheduler."""
    if cluster is not None and not re.fullmatch(r"(\w+://)?\S+:\d+", cluster):
        mend = "write it as tcp://HOST:PORT"
        raise InputError(f"'{cluster}' is no address", key="--cluster", mend=mend)


def conclude(results: Any, folder: Path, shard: str | None) -> None:
    """Show the tables, or how to read the points of an experiment's file; failed runs are an error.

    Raises:
        RunError: some runs failed; of shards that share a folder, only this one's count.
    """
    from abm.cli.tables import tables_of
    from abm.runs.batch import RunError
    from abm.runs.blocks import read_shard

    failures, runs, command = results.failures, len(results.manifest["runs"]), results.manifest["command"]
    if shard is not None and not results.manifest["complete"]:
        mine = results.manifest.get("shards", {}).get(str(read_shard(shard)), ())
        failures, runs = {run: failures[run] for run in mine if run in failures}, len(mine)
        show(f"Shard {shard}: {results.ran} runs done. Results in {folder}; 'abm merge' puts shards together")
    elif len(failures) < runs and command == "batch":
        design = results.manifest["design"]
        show(f"{runs - len(failures)} runs of {len(design['points'])} points, {design['kind']}, are done")
        show(f"Results in {folder}; abm.read_results('{folder}').points tells the runs apart")
    elif len(failures) < runs:
        for table in tables_of(results):
            show(table)
        show(f"Results in {folder}; 'abm report {folder}' makes a page of them")
    if failures:
        first = next(iter(failures.values()))
        raise RunError(f"{len(failures)} of {runs} runs failed, the first: {first}")
