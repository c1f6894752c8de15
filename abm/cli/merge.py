"""``abm merge``: the shards of one experiment in one folder."""

from pathlib import Path
from typing import Annotated

import typer

from abm.cli.show import show
from abm.core.errors import StoppedError


def merge(
    folders: Annotated[list[Path], typer.Argument(metavar="DIR...", help="Results folders of shards.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for all their runs.")],
) -> None:
    """Put the shards of one experiment together.

    The folders must be of the same experiment, version and code; all files are checked first. The result equals
    that of the experiment done in one piece, to the last bit. Merging again adds what was finished since.

    \b
    Example:
      abm factorial t_district --households 3000 --shard 1/2 --out s1
      abm factorial t_district --households 3000 --shard 2/2 --out s2
      abm merge s1 s2 --out r
    """
    from abm.records.store import MARKERS
    from abm.runs.merge import merge as put_together

    results = put_together(folders, out)
    ids = [run["run_id"] for run in results.manifest["runs"]]
    runs, missing = len(ids), sum(not (out / MARKERS / f"{run}.json").is_file() for run in ids)
    if missing:
        raise StoppedError(
            f"{missing} of {runs} runs are in none of these folders; what they have is in {out}, "
            "finish the shards and merge again"
        )
    show(f"All {runs} runs are in {out}; 'abm report {out}' makes a page of them")
