"""Whether a results folder is what was written: notes on runs, bytes of files, and rows of tables.

Bytes are compared with the SHA-256 in a run's note (``file_problem``): quick, and every byte counts; ``abm verify`` and
``abm merge`` do so. Rows are compared with their digests (``check_tables``): whoever wrote the file anew, and on any
machine, equal rows are equal; packs and replications do so.
"""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from abm.core.errors import DamageError, InputError
from abm.records import store
from abm.records.schema import TABLES
from abm.runs.digest import read_table, run_digest
from abm.runs.manifest import table_digests


def marker_of(folder: Path, run: str) -> dict[str, Any] | None:
    """The note on a run; None where there is none.

    Raises:
        DamageError: it cannot be read, or is no note on this run; the text is without its path.
    """
    if not store.RUN_ID.fullmatch(str(run)):  # it names files
        raise DamageError(f"'{run}' is no run")
    path = folder / store.MARKERS / f"{run}.json"
    if not path.is_file():
        return None
    try:
        return store.read_marker(path)
    except InputError as error:
        raise DamageError(error.problem) from None


def markers_of(folder: Path, manifest: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Notes on the runs of a manifest that are finished, in its order, checked against its digests.

    Raises:
        InputError: a batch was killed, and its manifest does not tell yet what it has done.
        DamageError: a note is damaged, or the digests in the manifest are of other runs.
    """
    markers: dict[str, dict[str, Any]] = {}
    try:
        for row in manifest["runs"]:
            try:
                marker = marker_of(folder, row["run_id"])
            except DamageError as error:
                path = folder / store.MARKERS / f"{row['run_id']}.json"
                raise DamageError(f"{path}: {error}") from None
            if marker is not None:
                markers[row["run_id"]] = marker
        whole = table_digests(markers)
        said = dict(manifest["digests"])
    except (AttributeError, KeyError, TypeError, ValueError):
        raise DamageError(f"{folder}: a marker or the manifest is damaged") from None
    for table in [*whole, *(table for table in said if table not in whole)]:
        if whole.get(table) != said.get(table):
            if not manifest.get("complete"):  # as it is from a batch's begin to its end
                mend = "run the same command again to finish it"
                raise InputError("was stopped before its end", file=folder, mend=mend)
            raise DamageError(
                f"{folder}: the digest of the table '{table}' in {store.MANIFEST} is not that of its runs"
            )
    return markers


def file_problem(path: Path, table: str, marker: Mapping[str, Any]) -> str | None:
    """What is wrong with the file of one table of a run; None if nothing is.

    Results of versions that kept no SHA-256 of files are compared by the digests of their rows.
    """
    if table not in TABLES:
        return "is of no table that this version knows"
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    if "files" in marker:
        same = sha256(content).hexdigest() == marker["files"].get(table)
        return None if same else "is truncated or altered (other SHA-256)"
    try:
        same = digest_of(path, table) == marker["digests"][table]
    except DamageError as error:
        return str(error).removeprefix(f"{path}: ")
    return None if same else "is altered (other digest)"


def check_tables(folder: Path, markers: Mapping[str, Mapping[str, Any]], runs: Iterable[str]) -> None:
    """Check the tables of some runs against the digests of their rows.

    Raises:
        DamageError: names the first file that is missing, damaged or altered.
    """
    for run in runs:
        for table, digest in markers[run]["digests"].items():
            path = folder / table / f"{run}.parquet"
            if table not in TABLES or not path.is_file():
                raise DamageError(f"{path}: the file is missing")
            if digest_of(path, table) != digest:
                raise DamageError(f"{path}: the rows are not those that the run wrote; the file was altered")


def digest_of(path: Path, table: str) -> str:
    """Digest of the rows of one run's file of a table.

    Raises:
        DamageError: it cannot be read as one.
    """
    try:
        return run_digest(table, read_table(path))
    except InputError as error:
        raise DamageError(f"{path}: {error.problem}") from None
    except Exception as error:  # a file may hold any columns at all
        raise DamageError(f"{path}: has other columns than the table '{table}' ({error})") from None
