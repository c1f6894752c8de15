"""``abm laws``: does a scenario, or an own mechanism, keep the laws?"""

from pathlib import Path
from typing import Annotated

import typer

from abm.cli.options import ScenarioName, check_limits
from abm.cli.show import show, table, track


def laws(
    scenario: ScenarioName,
    mechanism: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="A file with mechanism classes of your own, added at the end of the scenario's list; "
            "may be given several times.",
        ),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CHAPTER",
            help="Only the laws of money, luck, switches, time, symmetry, scale or sources; may be given "
            "several times.",
        ),
    ] = None,
    households: Annotated[
        int, typer.Option(metavar="N", help="Households of the small world that the laws look at.")
    ] = 300,
    seed: Annotated[int, typer.Option(metavar="S", help="Seed of the runs.")] = 1,
) -> None:
    """Put a scenario to the laws of money, luck, switches, time, symmetry and scale.

    The scenario is made small: four years without burn-in, all its plans in force from the second. Whatever
    breaks a law is named, with the mechanism and the first tick. Takes about two minutes; exit code 1 if a law is
    broken.

    \b
    Examples:
      abm laws t_district
      abm laws t_district --mechanism my_training.py
      abm laws t_district --only money --only luck
    """
    from abm.laws import book
    from abm.laws.own import names_in
    from abm.laws.trial import trial_of

    check_limits(households=households, seed=seed)
    added = [name for file in mechanism or () for name in names_in(file)]
    trial = trial_of(scenario, added, households=households, seed=seed)
    found = [law.judge() for law in track(book.laws(trial, only or ()), "laws")]
    rows = [(v.law, v.compared, "held" if v.held else f"BROKEN by {v.breach}") for v in found]
    what = f"{trial.scenario.name}{''.join(f' + {name}' for name in added)}"
    show(table(f"{what}: {households} households, {trial.years} years", ("law", "compared", "verdict"), rows))
    broken = [v for v in found if not v.held]
    for v in broken:  # once more, unbroken by the edges of a table
        show(f"{v.law}: broken by {v.breach}")
    show(
        f"{len(found) - len(broken)} of {len(found)} laws held"
        + (f", {len(broken)} broken" if broken else "")
    )
    if broken:
        raise typer.Exit(1)
