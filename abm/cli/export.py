"""``abm export``: the tables for spreadsheet and Stata users."""

from pathlib import Path
from typing import Annotated

import typer

from abm.cli.options import ResultsFolder
from abm.cli.show import show, working


def export(
    folder: ResultsFolder,
    format: Annotated[
        str, typer.Option(metavar="csv|dta", help="csv for spreadsheets, dta for Stata 14 and newer.")
    ] = "csv",
    out: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="A new folder; DIR-csv or DIR-dta if left out."),
    ] = None,
    table: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="This table only; may be given several times."),
    ] = None,
) -> None:
    """Write the tables of a results folder for programs that read no Parquet.

    One file a table, with all runs, and variables.csv with the unit and meaning of each column.

    \b
    Examples:
      abm export results/t_district-factorial
      abm export r --format dta --table outcomes --table flows
    """
    from abm.runs.export import export as exported
    from abm.runs.manifest import read_manifest

    with working(f"writing the tables of {folder}"):
        files = exported(folder, format, out, tables=table or ())
    show(f"{files[0].parent}: {', '.join(file.name for file in files)}")
    if not read_manifest(folder)["complete"]:
        show("Some runs are missing: the results are not finished")
