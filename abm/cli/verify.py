"""``abm verify``: whether the files of a results folder are whole."""

import typer

from abm.cli.options import ResultsFolder
from abm.cli.show import show


def verify(folder: ResultsFolder) -> None:
    """Check every file of a results folder.

    Each Parquet file is compared with the SHA-256 that was kept when its run was done, the notes on the runs with
    the manifest. Damaged, missing and strange files are named, one a line. Exit code 0: all is whole; 1: something
    is not; 2: no results folder. In the folder of a shard, only the shard's runs are looked for.

    \b
    Example:
      abm verify results/t_district-factorial
    """
    from abm.runs.verify import verify as look

    verdict = look(folder)
    for finding in verdict.findings:
        show(f"{folder / finding.file}: {finding.problem}")
    show(f"{verdict.good} of {verdict.runs} runs are whole; {verdict.files} files compared")
    if not verdict.sound:
        raise typer.Exit(1)
