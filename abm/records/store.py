"""A results folder on disk: who may write into it, and how a run's files land there whole or not at all.

``manifest.json`` says what the folder is, ``outcomes/`` and the other table folders hold one Parquet file a
run, and ``runs/<run_id>.json`` is written last: a run counts as finished when that marker is there. The marker
holds the SHA-256 of each file (``files``), which ``abm verify`` compares, and the digest of each table's rows
(``digests``), which stays the same whoever writes the rows.
"""

import errno
import json
import os
import re
import time
import uuid
from collections.abc import Container, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from abm.core.errors import InputError, StoppedError
from abm.records.schema import TABLES

MANIFEST = "manifest.json"
MARKERS = "runs"
RUN_ID = re.compile(r"[0-9a-f]{16}")
LOG = "batch.log"
"""Begin, end and pace of each call that wrote here; it alone holds times, and no digest looks at it."""
LOCK = ".manifest.lock"
"""Empty file that shards lock while they rewrite the manifest of a folder that they share."""


def write_run(
    folder: Path, run_id: str, tables: Mapping[str, pa.Table], marker: Mapping[str, Any]
) -> dict[str, Any]:
    """Write one finished run: its tables first, its marker last, each in one piece.

    Returns:
        The marker as it stands in the folder, with the SHA-256 of each table's file.

    Raises:
        ValueError: a table that does not have exactly the columns of the schema.
        StoppedError: the folder cannot be written.
    """
    for name, table in tables.items():
        if not table.schema.equals(TABLES[name]):
            raise ValueError(f"the table '{name}' does not have the columns of its schema")
    files = {}
    for name, table in tables.items():
        buffer = pa.BufferOutputStream()
        pq.write_table(table, buffer)
        content = memoryview(buffer.getvalue())
        files[name] = sha256(content).hexdigest()
        write_bytes(folder / name / f"{run_id}.parquet", content)
    whole = {**marker, "files": files}
    write_json(folder / MARKERS / f"{run_id}.json", whole)
    return whole


def write_json(path: Path, content: Mapping[str, object]) -> None:
    """Write a JSON file in one piece: readers see the old content or the new, never a part.

    Raises:
        StoppedError: it cannot be written.
    """
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    write_bytes(path, text.encode())


def read_json(path: Path) -> dict[str, Any]:
    """Content of one of the folder's JSON files.

    Raises:
        InputError: it is missing, unreadable or damaged.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=path, mend="check its rights") from None
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise InputError("is damaged", file=path, mend="make the results again, in a new folder")
    return content


def finished_runs(folder: Path, known: Container[str] = ()) -> dict[str, dict[str, Any]]:
    """Markers of the runs that are finished, by run, in the order of their names.

    Args:
        known: runs whose markers need not be read.

    Raises:
        InputError: as ``read_marker``.
    """
    paths = sorted((folder / MARKERS).glob("*.json"))
    return {path.stem: read_marker(path) for path in paths if path.stem not in known}


def read_marker(path: Path) -> dict[str, Any]:
    """A run's marker, with all that a batch reads of it.

    Raises:
        InputError: it cannot be read, or is none of this run.
    """
    mend = "remove it, and the same command does the run again"
    try:
        marker = read_json(path)
    except InputError as error:
        raise InputError(error.problem, file=path, mend=mend) from None
    except RecursionError:
        raise InputError("is damaged", file=path, mend=mend) from None
    parts = [marker.get(key) for key in ("digests", "rows", "environment")]
    parts.append(marker.get("files", {}))  # earlier versions kept none
    whole = all(isinstance(part, dict) for part in parts) and set(marker["digests"]) == set(marker["rows"])
    if marker.get("run_id") != path.stem or not whole:
        raise InputError("is no note on this run", file=path, mend=mend)
    return marker


def is_whole(folder: Path, run_id: str, marker: Mapping[str, Any]) -> bool:
    """Whether all files of a finished run are there; ``abm verify`` looks into them."""
    return all((folder / table / f"{run_id}.parquet").is_file() for table in marker["digests"])


def table_files(folder: Path, table: str) -> list[Path]:
    """Parquet files of a table, by name; what was left half-written is not among them."""
    return sorted(path for path in (folder / table).glob("*.parquet") if not path.name.startswith("."))


def claim(folder: Path, experiment: str) -> dict[str, Any] | None:
    """Check that an experiment may write into a folder; nothing is touched.

    Args:
        experiment: what identifies the experiment, as in its manifest.

    Returns:
        The manifest of the same experiment, begun before; None for a folder that is empty or not there yet.

    Raises:
        InputError: a file, or a folder with other content.
    """
    if folder.is_file():
        raise InputError("is a file", file=folder, key="--out", mend="name a folder")
    try:
        empty = not folder.is_dir() or all(
            is_leftover(path) or _comes_first(path) for path in folder.iterdir()
        )
    except OSError as error:
        problem = f"cannot be read: {error.strerror}"
        raise InputError(problem, file=folder, key="--out", mend="name another folder") from None
    if empty:
        return None
    other = "name an empty folder or a new one"
    if not (folder / MANIFEST).is_file():
        raise InputError("holds something else", file=folder, key="--out", mend=other)
    manifest = read_json(folder / MANIFEST)
    if manifest.get("experiment") != experiment:
        raise InputError("holds the results of another experiment", file=folder, key="--out", mend=other)
    return manifest


def _comes_first(path: Path) -> bool:
    """Whether this may be there before the manifest: the lock of shards, or a folder of markers without any."""
    return path.name == LOCK or (path.name == MARKERS and path.is_dir() and not any(path.iterdir()))


@contextmanager
def opened(folder: Path, *, shared: bool = False) -> Iterator[None]:
    """Make the folder where it is missing, keep other writers out, clear away what was left half-written.

    Args:
        shared: let others in who share it too, such as other shards of the experiment.

    Raises:
        InputError: the folder cannot be made, or another process writes there.
        StoppedError: the disk is full or may not be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError as error:
        if error.errno in _DISK:
            raise cannot_write(folder, error) from error
        problem = f"cannot be made: {error.strerror}"
        raise InputError(problem, file=folder, key="--out", mend="name another folder") from None
    try:
        _lock(descriptor, folder, shared)
        older = _AN_HOUR if shared else 0.0
        _clear(folder, older)
        yield
        _clear(folder, older)  # what workers left that were killed meanwhile
    finally:
        os.close(descriptor)  # lets go of the lock too


@contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Wait until nobody else is in here: shards that share a folder rewrite its manifest one by one.

    The lock is on a file: network file systems carry locks on files from machine to machine, but not on folders.
    Where there are none to be had, nobody waits.
    """
    with ExitStack() as stack:
        with suppress(ImportError, OSError):
            import fcntl

            fcntl.flock(stack.enter_context((folder / LOCK).open("a")), fcntl.LOCK_EX)
        yield


_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO}
_AN_HOUR = 3600.0


def _clear(folder: Path, older: float) -> None:
    """Remove what was left half-written that many seconds ago; where nothing can be removed it stays."""
    for place in (folder, folder / MARKERS, *(folder / table for table in TABLES)):
        for path in place.glob(".*.tmp"):
            with suppress(OSError):
                if time.time() - path.stat().st_mtime >= older:
                    path.unlink()


def _lock(descriptor: int, folder: Path, shared: bool) -> None:
    """A lock that ends with the process, however it ends; of a network file system often on this machine alone."""
    try:
        import fcntl

        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        mend = "wait for it, or name another folder"
        raise InputError("another process writes here now", file=folder, key="--out", mend=mend) from None
    except (ImportError, OSError):
        return


def is_leftover(path: Path) -> bool:
    """Whether a file was being written when its writer died."""
    return path.name.startswith(".") and path.name.endswith(".tmp")


def write_bytes(path: Path, content: bytes | memoryview) -> None:
    """Write to a temporary name in the same folder, reach the disk, rename.

    The name begins with a dot, so that Arrow and Dask overlook it when they read the folder meanwhile, and is
    nobody else's, so that two that write the same run, on one machine or two, do not meet.

    Raises:
        StoppedError: it cannot be written, such as on a disk that is full.
    """
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with temporary.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise cannot_write(path.parent, error) from error


def cannot_write(folder: Path, error: OSError) -> StoppedError:
    """What to say of a folder that takes no more."""
    return StoppedError(
        f"{folder}: cannot be written: {error.strerror or error}; what is finished is kept, "
        "mend it and the same command goes on from there"
    )
