"""``abm batch``: the runs of an experiment's file."""

from pathlib import Path
from typing import Annotated, Any

import typer

from abm.cli.batches import check_address, conclude
from abm.cli.options import Cluster, Households, NoCache, PartOfRuns, Workers, Years, check_limits
from abm.cli.show import show, table, working


def batch(
    experiment: Annotated[
        str,
        typer.Argument(
            metavar="EXPERIMENT", help="A file, a folder with experiment.toml, or a name in experiments/."
        ),
    ],
    households: Households = None,
    years: Years = None,
    replications: Annotated[
        int | None, typer.Option(metavar="R", help="Number of seeds; as in the file if left out.")
    ] = None,
    workers: Workers = None,
    cluster: Cluster = None,
    shard: PartOfRuns = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Results folder; results/NAME if left out.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check all of it, say what it will take, and run nothing.")
    ] = False,
    no_cache: NoCache = False,
) -> None:
    """Run the experiment that a file describes.

    The file names scenario, size, seeds and a design: which switches and parameters take which values
    (docs/experiments.md). All of it is checked before the first run. The same command again finishes what is
    missing. --households, --years and --replications lay a smaller size over the file, to try it.

    \b
    Examples:
      abm batch joint_points --dry-run
      abm batch experiments/joint_points --workers 8 --out r
      abm batch my_experiment.toml --households 500 --replications 1
    """
    check_address(cluster)
    check_limits(households=households, replications=replications, workers=workers)

    from abm.population.synthesis import SMALLEST
    from abm.runs.design import check_number
    from abm.runs.experiment import read_experiment
    from abm.runs.experiments import run_experiment
    from abm.runs.planned import planned

    least = {"households": (households, SMALLEST), "years": (years, 1), "replications": (replications, 1)}
    for name, (number, smallest) in {**least, "workers": (workers, 1)}.items():
        if number is not None:
            check_number(number, smallest, f"--{name}")
    read = read_experiment(experiment, households=households, years=years, replications=replications)
    plan = planned(read)
    folder = out if out is not None else Path("results") / read.name
    if dry_run:
        _foretell(plan, folder, workers, shard)
        return
    results = run_experiment(
        plan,
        workers=workers,
        cluster=cluster,
        shard=shard,
        out=folder,
        progress=True,
        cache=not no_cache,
    )
    conclude(results, folder, shard)


def _foretell(plan: Any, folder: Path, workers: int | None, shard: str | None) -> None:
    """Say what an experiment will take, and refuse one that the disk has no room for."""
    from abm.runs.cluster import cores
    from abm.runs.experiments import finished, of_others
    from abm.runs.forecast import check_room, forecast, free_bytes, shown_bytes, shown_time

    others, done = of_others(plan, shard), finished(plan, folder)
    with working("short runs"):
        expected = forecast(plan, {*done, *others})
    check_room(expected.bytes, folder)
    count = workers or cores()
    spec, mine = plan.specs[0], expected.runs - len(others)
    part = [(f"shard {shard}", f"{mine}, of which {mine - expected.missing} are done")] if shard else []
    rows = [
        ("design", f"{plan.record['kind']}: {', '.join(_few(plan.points.names))}"),
        ("points", str(expected.points)),
        ("runs", f"{expected.runs}, of which {len(done)} are done"),
        *part,
        ("distinct burn-ins", f"{expected.burn_ins} of {spec.scenario.burn_in} years"),
        ("processor time", shown_time(expected.seconds)),
        ("time expected", f"{shown_time(expected.seconds / count)} on {count} worker{'s' * (count > 1)}"),
        ("disk expected", f"{shown_bytes(expected.bytes)} of {shown_bytes(free_bytes(folder))} free"),
        ("results go to", str(folder)),
    ]
    show(table(f"{plan.experiment.name}: what it will take", ["what", "how much"], rows))
    show(
        f"Estimated by short runs from the switch on: {expected.cost.seconds[0]:.2g} s of processor time at once, "
        f"{expected.cost.seconds[1]:.2g} s a year of {expected.cost.households} households, "
        f"{1000 * expected.cost.per_household:.2g} s more for each thousand more; the burn-in is taken for such years."
    )


def _few(names: tuple[str, ...], most: int = 6) -> list[str]:
    return [*names[:most], *([f"{len(names) - most} more"] if len(names) > most else [])]
