"""``abm validate``: what a scenario says of figures that nothing was fitted to."""

from pathlib import Path
from typing import Annotated

import typer

from abm.cli.calibrate import progress, simulators
from abm.cli.options import Cluster, Households, ScenarioName, Workers, check_limits, check_place
from abm.cli.show import show, table, write_text


def validate(
    scenario: ScenarioName,
    targets: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Targets; those of the scenario's [calibration] if left out."),
    ] = None,
    draws: Annotated[
        int | None,
        typer.Option(
            metavar="K", help="Draws from the posterior; 0: the scenario's own values. 10 if there is one."
        ),
    ] = None,
    households: Households = None,
    replications: Annotated[int, typer.Option(metavar="R", help="Number of seeds per draw.")] = 2,
    seed: Annotated[int, typer.Option(metavar="S", help="First seed; the others derive from it.")] = 1,
    workers: Workers = None,
    cluster: Cluster = None,
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where the page goes.")] = Path(
        "results/validation.md"
    ),
) -> None:
    """Compare a scenario with the targets that were kept back (rows with use = check).

    A row is met when the model's median over draws and seeds lies within target ± tolerance. Misses are shown.

    \b
    Examples:
      abm validate t_district
      abm validate t_district --draws 20 --replications 4 --households 3000
      abm validate my_town.toml --draws 0 --out my_validation.md
    """
    check_limits(households=households, seed=seed, draws=draws, replications=replications, workers=workers)
    check_place(out)

    from abm.analysis.validation import page, target_rows
    from abm.analysis.validation import validate as looked_at
    from abm.model.plan import load_scenario

    read = load_scenario(scenario)
    with simulators(read, workers, cluster) as pool, progress() as update:
        found = looked_at(
            read,
            targets=targets,
            draws=draws,
            households=households,
            replications=replications,
            seed=seed,
            workers=pool,
            watch=lambda done, total: update("runs", done / total, f"{done} of {total}"),
        )
    numbers = ("value", "tolerance", "model", "5 %", "95 %")
    for title, rows in (("Kept back", found.check), ("Fitted", found.fit)):
        met = f"{title}: {int(rows.met.sum())} of {len(rows)} met"
        show(table(met, ("target", *numbers, ""), target_rows(rows), numbers))
    if found.failed:
        show(f"{len(found.failed)} runs failed, the first: {found.failed[0]}")
    write_text(out, page(found))
    show(f"Written to {out}")
