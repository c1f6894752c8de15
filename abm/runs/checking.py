"""Whether a results folder is whole: each run's tables against the digests that were taken when they were written."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from abm.core.errors import DamageError, InputError
from abm.records import store
from abm.records.schema import TABLES
from abm.runs.digest import combined, read_table, run_digest

_RUN_ID = re.compile(r"[0-9a-f]{16}")


def markers_of(folder: Path, manifest: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Markers of the runs of a manifest that are finished, in its order, checked against its digests.

    Raises:
        DamageError: a marker is damaged, or the digests in the manifest are of other runs.
    """
    markers: dict[str, dict[str, Any]] = {}
    try:
        for row in manifest["runs"]:
            if not _RUN_ID.fullmatch(row["run_id"]):  # it names files
                raise DamageError(f"{folder}: '{row['run_id']}' is no run")
            path = folder / store.MARKERS / f"{row['run_id']}.json"
            if path.is_file():
                markers[row["run_id"]] = store.read_json(path)
        digests: dict[str, dict[str, str]] = {}
        for run, marker in markers.items():
            for table, digest in marker["digests"].items():
                digests.setdefault(table, {}).update({run: digest} if marker["rows"][table] else {})
        whole = {table: combined(runs) for table, runs in digests.items()}
        said = dict(manifest["digests"])
    except InputError as error:
        raise DamageError(str(error)) from None
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
        raise DamageError(f"{folder}: a marker or the manifest is damaged") from None
    for table in [*whole, *(table for table in said if table not in whole)]:
        if whole.get(table) != said.get(table):
            raise DamageError(
                f"{folder}: the digest of the table '{table}' in {store.MANIFEST} is not that of its runs"
            )
    return markers


def check_tables(folder: Path, markers: Mapping[str, Mapping[str, Any]], runs: Iterable[str]) -> None:
    """Check the tables of some runs against their digests.

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
    """Digest of one run's file of a table.

    Raises:
        DamageError: it cannot be read as one.
    """
    try:
        return run_digest(table, read_table(path))
    except InputError as error:
        raise DamageError(f"{path}: {error.problem}") from None
    except Exception as error:  # a file may hold any columns at all
        raise DamageError(f"{path}: has other columns than the table '{table}' ({error})") from None
