"""Experiments beside the factorial: those of a file, the placebo of each layer, what a pilot does to other places."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Unpack

from abm.core.errors import InputError
from abm.records import store
from abm.runs.batch import Options, run_arms, run_batch
from abm.runs.blocks import read_shard, shard_runs
from abm.runs.design import scenario_with
from abm.runs.experiment import Experiment, read_experiment
from abm.runs.forecast import check_room_quickly
from abm.runs.manifest import experiment_of
from abm.runs.planned import Planned, planned
from abm.runs.results import Results
from abm.runs.treated import added_links, pilot_villages
from abm.scenario.schema import Scenario
from abm.scenario.switches import pilot_arms, placebo_arms


def run_experiment(
    experiment: str | Path | Experiment | Planned,
    *,
    workers: int | None = None,
    cluster: str | None = None,
    shard: str | None = None,
    out: str | Path | None = None,
    progress: bool = False,
    cache: bool = True,
    **changes: Any,
) -> Results:
    """Do the runs of an experiment's file that are not done yet.

    Args:
        experiment: the file, its folder or its name in ``experiments/``; or what ``read_experiment`` or ``planned``
            have made of it.
        workers, cluster, shard, out, progress, cache: as in ``abm.factorial``.
        changes: keys of the file to replace, such as ``households`` and ``replications``.

    Returns:
        The results; ``points`` tells which values each run had.

    Raises:
        InputError: a name or value in the file that cannot be, a folder with other content, or a disk too small.
    """
    if isinstance(experiment, Planned):
        plan = experiment
    else:
        given = experiment if isinstance(experiment, Experiment) else read_experiment(experiment, **changes)
        plan = planned(given)
    if out is not None:
        check_room_quickly(plan, {*finished(plan, Path(out)), *of_others(plan, shard)}, Path(out))
    return run_batch(
        [replace(spec, cache=cache) for spec in plan.specs],
        command=plan.command,
        seed=plan.experiment.header.seed,
        workers=workers,
        cluster=cluster,
        shard=shard,
        out=out,
        progress=progress,
        design=plan.record,
    )


def of_others(plan: Planned, shard: str | None) -> set[str]:
    """Runs that other shards do; none where there are no shards.

    Raises:
        InputError: as ``read_shard``.
    """
    if shard is None:
        return set()
    mine = {spec.run_id for spec in shard_runs(plan.specs, read_shard(shard))}
    return {spec.run_id for spec in plan.specs} - mine


def finished(plan: Planned, folder: Path) -> list[str]:
    """Runs of an experiment that a folder holds already.

    Raises:
        InputError: the folder holds something else.
    """
    if store.claim(folder, experiment_of(plan.specs, plan.command, plan.record)) is None:
        return []
    markers = store.finished_runs(folder)
    ids = [spec.run_id for spec in plan.specs if spec.run_id in markers]
    return [run for run in ids if store.is_whole(folder, run, markers[run])]


def placebo(
    scenario: str | Path | Scenario = "t_district",
    *,
    settings: Mapping[str, object] | None = None,
    **options: Unpack[Options],
) -> Results:
    """Run a scenario with everything on, with each layer rewired at random, and without each layer's added links.

    Seven arms (``abm.scenario.switches.placebo_arms``) on the same seeds; ``abm.analysis.placebo`` compares them.

    Args:
        options: as in ``abm.factorial``, but for ``question``: a placebo is one of *programme*.

    Raises:
        InputError: as ``abm.factorial``; and a scenario that adds no links from its switch year on.
    """
    read = scenario_with(scenario, settings)
    if not added_links(read):
        raise InputError(
            f"no links are planned from the switch year {read.switch_year} on, and only those are rewired",
            file=read.file,
            key="joint_points",
            mend="plan links for the switch year or later",
        )
    return run_arms("placebo", read, placebo_arms(read.switch_year), **options)


def displacement(
    scenario: str | Path | Scenario = "t_district",
    *,
    settings: Mapping[str, object] | None = None,
    **options: Unpack[Options],
) -> Results:
    """Run a scenario with everything on, and with the links that it adds in its pilot villages cut there alone.

    Five arms (``abm.scenario.switches.pilot_arms``) on the same seeds. All other places have the same links in all of
    them, so what differs there is what the pilot spills over (外溢) or crowds out (挤出);
    ``abm.analysis.displacement`` tells it by groups of places.

    Args:
        options: as in ``abm.factorial``, but for ``question``.

    Raises:
        InputError: as ``abm.factorial``; and a scenario without a pilot, or with one in every place.
    """
    read = scenario_with(scenario, settings)
    return run_arms("displacement", read, pilot_arms(read.switch_year, pilot_villages(read)), **options)
