"""``abm displacement``: what the pilot does to places without one."""

from collections.abc import Callable
from typing import Any

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


def displacement(
    scenario: ScenarioName,
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
    """Cut what is added in the pilot villages alone, and say what changes elsewhere.

    Five arms on the same seeds: all on; each layer, and all three, without the links that the scenario adds in
    its pilot villages. All other places keep their own links in every arm: what differs there has spilled over
    (外溢) or was crowded out (挤出).

    \b
    Examples:
      abm displacement t_district --households 3000
      abm displacement t_district --households 3000 --replications 8 --out r
    """
    run_batch_command(
        "displacement",
        scenario,
        settings,
        out,
        _experiment,
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
    from abm.runs.experiments import displacement as run

    return run
