"""``abm run``: one run of a scenario."""

from pathlib import Path
from typing import Annotated

import typer

from abm.cli.options import (
    Households,
    NoCache,
    ScenarioName,
    Settings,
    Years,
    check_limits,
    check_years,
    layer_words,
)
from abm.cli.show import show, working
from abm.core.errors import InputError


def run(
    scenario: ScenarioName,
    households: Households = None,
    years: Years = None,
    seed: Annotated[int, typer.Option(metavar="S", help="The run's seed.")] = 1,
    off: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LAYER[@YEAR]",
            help="Cut a layer from the first tick, or from a year on; may be given several times.",
        ),
    ] = None,
    strength: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LAYER=S[@YEAR]",
            help="Thin a layer: each of its links stays with chance S (0 to 1); may be given several times.",
        ),
    ] = None,
    settings: Settings = None,
    snapshots: Annotated[
        bool, typer.Option("--snapshots", help="Also keep a table of all households, year by year.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Results folder; a new one of its own below results/ if left out."),
    ] = None,
    profile: Annotated[
        bool,
        typer.Option("--profile", help="Say where the time goes, phase by phase, and keep no results."),
    ] = False,
    no_cache: NoCache = False,
) -> None:
    """Run a scenario once, and show its outcomes.

    SCENARIO is a scenario file or the name of a ready one (t_district). LAYER is organizational, interest or
    social. The same command again finds the results and says so.

    \b
    Examples:
      abm run t_district
      abm run t_district --households 3000 --years 8 --seed 7
      abm run t_district --off interest
      abm run t_district --off social@2019 --strength interest=0.5@2019
      abm run my_town.toml --set scenario.end_year=2030 --out my_results
    """
    words = layer_words(off or [], strength or [])
    check_limits(households=households, seed=seed)
    if profile and (out is not None or snapshots):
        key = "--out" if out is not None else "--snapshots"
        raise InputError("--profile keeps no results", key=key, mend=f"leave out --profile or {key}")

    from abm.cli.arms import arm_of, own_folder
    from abm.cli.outcomes import outcomes_table
    from abm.model.plan import load_scenario
    from abm.runs.batch import write_run
    from abm.runs.design import run_spec_of
    from abm.scenario.load import parse_settings

    read = load_scenario(scenario, parse_settings(settings or []))
    spec = run_spec_of(
        read,
        seed=seed,
        arm=arm_of(words),
        households=households,
        years=years,
        snapshots=snapshots,
        cache=not no_cache,
    )
    check_years(words, read.start_year, read.start_year + spec.years - 1, read.file)
    if profile:
        from abm.cli.profile import profile_table

        with working(f"running {read.name}"):
            timed = profile_table(spec)
        show(timed)
        return
    folder = out if out is not None else own_folder(read.name, seed, words, snapshots, spec.run_id)
    with working(f"running {read.name}"):
        results = write_run(spec, folder)
    show(outcomes_table(results))
    if results.ran == 0:
        show(f"This run was done already; its results are in {folder}")
    else:
        show(f"Results in {folder}; 'abm report {folder}' makes a page of them")
