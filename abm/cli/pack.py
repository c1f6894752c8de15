"""``abm pack``: a results folder with all that is needed to repeat it."""

from pathlib import Path
from typing import Annotated

import typer

from abm.cli.options import ResultsFolder
from abm.cli.show import show, working


def pack(
    folder: ResultsFolder,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE.zip|FOLDER", help="The pack; DIR.zip beside the folder if left out."),
    ] = None,
    no_tables: Annotated[
        bool, typer.Option("--no-tables", help="Leave out the tables; their digests are kept.")
    ] = False,
    citation: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A CITATION.cff with the study's authors, licence and date; that of this software if left out.",
        ),
    ] = None,
) -> None:
    """Pack results with scenario, data, versions, lock and digests, to publish them.

    A pack is a zip or a folder that somebody else can put to 'abm replicate'. The same results give the same bytes.

    \b
    Examples:
      abm pack results/t_district-factorial
      abm pack r --out pack.zip --citation CITATION.cff
    """
    from abm.runs.pack import pack as packed

    with working(f"packing {folder}"):
        made = packed(folder, out, tables=not no_tables, citation=citation)
    size = f"{made.runs} run{'s' * (made.runs > 1)}, {made.files} files, {made.size / 1e6:.1f} MB unpacked"
    if made.new:
        show(f"{made.path}: {size}; 'abm replicate {made.path}' repeats it")
    else:
        show(f"{made.path}: {size}; it was there already, the same to the last byte")
