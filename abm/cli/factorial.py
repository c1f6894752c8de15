"""``abm factorial``: all eight on/off arms of the three layers."""

import re
from pathlib import Path
from typing import Annotated

import typer

from abm.cli.options import Cluster, Households, NoCache, ScenarioName, Settings, Workers, Years, check_limits
from abm.cli.show import show
from abm.core.errors import InputError


def factorial(
    scenario: ScenarioName,
    question: Annotated[
        str,
        typer.Option(
            metavar="cut|programme",
            help="cut: all links of a layer go in the switch year; programme: only links added since go.",
        ),
    ] = "cut",
    budget: Annotated[
        str,
        typer.Option(
            metavar="neutral|withheld|both",
            help="What becomes of money that a cut programme cannot spend: another use in the same places, "
            "or it stays outside.",
        ),
    ] = "neutral",
    replications: Annotated[int, typer.Option(metavar="R", help="Number of seeds.")] = 4,
    draws: Annotated[
        int, typer.Option(metavar="K", help="Parameter draws to run beside the scenario's own values.")
    ] = 0,
    seed: Annotated[int, typer.Option(metavar="S", help="First seed; the others derive from it.")] = 1,
    households: Households = None,
    years: Years = None,
    settings: Settings = None,
    workers: Workers = None,
    cluster: Cluster = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Results folder; results/SCENARIO-factorial if left out."),
    ] = None,
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
    if cluster is not None and not re.fullmatch(r"(\w+://)?\S+:\d+", cluster):
        mend = "write it as tcp://HOST:PORT"
        raise InputError(f"'{cluster}' is no address", key="--cluster", mend=mend)
    check_limits(households=households, seed=seed, replications=replications, draws=draws, workers=workers)

    from abm.model.plan import load_scenario
    from abm.reports.console import summary_table
    from abm.runs.batch import RunError
    from abm.runs.batch import factorial as run_factorial
    from abm.scenario.load import parse_settings

    read = load_scenario(scenario, parse_settings(settings or []))
    folder = out if out is not None else Path("results") / f"{read.name}-factorial"
    results = run_factorial(
        read,
        question=question,
        budget=budget,
        replications=replications,
        seed=seed,
        households=households,
        years=years,
        workers=workers,
        cluster=cluster,
        draws=draws,
        out=folder,
        progress=True,
        cache=not no_cache,
    )
    failures = results.failures
    runs = len(results.manifest["runs"])
    if len(failures) < runs:
        show(summary_table(results))
        show(f"Results in {folder}; 'abm report {folder}' makes a page of them")
    if failures:
        first = next(iter(failures.values()))
        raise RunError(f"{len(failures)} of {runs} runs failed, the first: {first}")
