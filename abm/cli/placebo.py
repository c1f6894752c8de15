"""``abm placebo``: each layer with its added links tied at random."""

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


def placebo(
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
    """Tie each layer's added links at random, and say what is left of its effect.

    Seven arms on the same seeds: all on; each layer rewired (安慰剂: as many links of each kind, begun in the
    same years and with the same money, but with ends drawn by lot); each layer without the links added since
    the switch year. What rewired links do as well as real ones is not owed to who is tied with whom.

    \b
    Examples:
      abm placebo t_district --households 3000
      abm placebo t_district --households 3000 --replications 8 --budget both --out r
    """
    run_batch_command(
        "placebo",
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
    from abm.runs.experiments import placebo as run

    return run
