"""``abm factorial``: all eight on/off arms of the three layers."""

from collections.abc import Callable
from typing import Annotated, Any

import typer

from abm.cli.batches import run_batch_command
from abm.cli.options import (
    BatchFolder,
    Budget,
    Cluster,
    FirstSeed,
    Households,
    NoCache,
    ParameterDraws,
    PartOfRuns,
    Replications,
    ScenarioName,
    Settings,
    Workers,
    Years,
)


def factorial(
    scenario: ScenarioName,
    question: Annotated[
        str,
        typer.Option(
            metavar="cut|programme",
            help="cut: all links of a layer go in the switch year; programme: only links added since go.",
        ),
    ] = "cut",
    budget: Budget = "neutral",
    replications: Replications = 4,
    draws: ParameterDraws = 0,
    seed: FirstSeed = 1,
    households: Households = None,
    years: Years = None,
    settings: Settings = None,
    workers: Workers = None,
    cluster: Cluster = None,
    shard: PartOfRuns = None,
    out: BatchFolder = None,
    no_cache: NoCache = False,
) -> None:
    """Run all eight on/off arms and say what each layer does.

    The arms switch the three layers of joint-points on and off, on the same seeds. All arms are one and the
    same run until the scenario's switch year. The same command again finishes what is missing, or says that
    all is done.

    \b
    Examples:
      abm factorial t_district --households 3000
      abm factorial t_district --households 5000 --replications 8 --out r
      abm factorial t_district --question programme --budget both --workers 8
    """
    run_batch_command(
        "factorial",
        scenario,
        settings,
        out,
        _experiment,
        question=question,
        budget=budget,
        replications=replications,
        draws=draws,
        seed=seed,
        households=households,
        years=years,
        workers=workers,
        cluster=cluster,
        shard=shard,
        cache=not no_cache,
    )


def _experiment() -> Callable[..., Any]:
    from abm.runs.batch import factorial as run

    return run
