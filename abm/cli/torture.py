"""``abm torture``: kill a batch at random moments, and compare with one that was left in peace."""

from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Annotated

import typer

from abm.cli.options import FirstSeed, check_limits
from abm.cli.show import console, show, table
from abm.core.errors import InputError

BATCHES = ("batch", "factorial", "placebo", "displacement")


def torture(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="EXPERIMENT",
            help="An experiment file; or, after --, the words of another command that does a batch.",
        ),
    ],
    kills: Annotated[int, typer.Option(metavar="N", help="How many times to kill.")] = 10,
    workers: Annotated[int, typer.Option(metavar="W", help="Worker processes of the batch.")] = 2,
    seed: FirstSeed = 1,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="DIR", help="New folder for both results; kept only if given, or on failure."
        ),
    ] = None,
) -> None:
    """Kill a batch at random moments, and show that its results stay the same.

    The batch is done once in one process and in peace. Then it is done again on workers, and 'kill -9' hits the
    command, the command and its workers, or one worker; the same command is given until all is done. Digests,
    checksums, missing and doubled runs and processes left behind are compared. Exit code 0: all is equal.

    \b
    Examples:
      abm torture experiments/joint_points/experiment.toml --kills 10
      abm torture --kills 3 -- factorial t_district --households 200 --years 6 --replications 2
    """
    check_limits(kills=kills, workers=workers, seed=seed)
    for key, number in (("--kills", kills), ("--workers", workers)):
        if number < 1:
            raise InputError(f"{number} is too few", key=key, mend="use 1 or more")

    from abm.runs.torture import torture as kill_and_compare

    command = list(words) if words[0] in BATCHES else ["batch", *words]
    folder = out if out is not None else Path(mkdtemp(prefix="abm-torture-"))
    say = console(errors=True)
    result = kill_and_compare(
        command, folder, kills=kills, workers=workers, seed=seed, told=lambda text: say.print(text)
    )
    rows = [(str(k.number), k.target, f"{k.seconds:.1f}", f"{k.runs} of {result.runs}") for k in result.kills]
    show(table("Kills", ("kill", "of", "after s", "runs done"), rows, ("kill", "after s", "runs done")))
    names = sorted({*result.serial, *result.tortured})
    digests = [(name, result.serial.get(name, ""), result.tortured.get(name, "")) for name in names]
    compared = [(name, one[:16], other[:16], _word(one == other)) for name, one, other in digests]
    show(table("Digests", ("table", "in peace", "killed", ""), compared))
    for fault in result.faults:
        show(fault)
    if result.hits < kills:
        show(f"{kills - result.hits} kills came when all was done; use a larger batch or fewer kills")
    if not result.survived:
        show(f"It did not go well; both results are in {folder}")
        raise typer.Exit(1)
    if out is None:
        rmtree(folder, ignore_errors=True)
    show(f"After {result.hits} kills all {result.runs} runs are the same, none is missing or there twice")


def _word(equal: bool) -> str:
    return "equal" if equal else "DIFFERENT"
