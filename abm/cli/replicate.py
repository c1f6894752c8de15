"""``abm replicate``: rerun what was published and compare."""

from dataclasses import astuple
from pathlib import Path
from typing import Annotated

import typer

from abm.cli.options import NoCache, Workers, check_limits
from abm.cli.show import one_line, show, table


def replicate(
    source: Annotated[
        Path, typer.Argument(metavar="PACK|DIR", help="A pack (zip or folder), or a results folder.")
    ],
    sample: Annotated[
        int | None,
        typer.Option(metavar="N", help="Repeat N runs, spread over the arms; all if left out."),
    ] = None,
    tolerance: Annotated[
        float, typer.Option(metavar="T", help="Relative difference up to which two numbers agree.")
    ] = 1e-9,
    workers: Workers = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder that keeps the new results; they go if left out."),
    ] = None,
    allow_code: Annotated[
        bool,
        typer.Option(
            "--allow-code", help="Run the study's own mechanisms, which are programs: read them first."
        ),
    ] = False,
    no_cache: NoCache = False,
) -> None:
    """Rerun a pack or a results folder, and say whether the results are the same.

    Checksums come first. Then the runs are repeated, and their results are equal (the digests are), equal within the
    tolerance, or different: the first run, year, table and column are named. Exit code 0: equal or within the
    tolerance; 1: different or damaged; 2: bad input.

    \b
    Examples:
      abm replicate pack.zip --sample 8
      abm replicate results/t_district-factorial --workers 4
    """
    check_limits(sample=sample, workers=workers)

    from abm.cli.replicated import lines_of
    from abm.runs.replicate import replicate as again

    done = again(
        source,
        sample=sample,
        tolerance=tolerance,
        workers=workers,
        out=out,
        allow_code=allow_code,
        cache=not no_cache,
        progress=True,
    )
    for line in lines_of(done):
        show(one_line(line))
    if done.environment:
        rows = [[one_line(text) for text in astuple(unlike)] for unlike in done.environment]
        show(table("What differs between the two environments", ["", "published", "here"], rows))
    else:
        show("environment: the same code, versions and processor features")
    if done.verdict == "differs":
        raise typer.Exit(1)
