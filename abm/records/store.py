"""A results folder on disk: who may write into it, and how a run's files land there whole or not at all.

``manifest.json`` says what the folder is, ``outcomes/`` and the other table folders hold one Parquet file a
run, and ``runs/<run_id>.json`` is written last: a run counts as finished when that marker is there.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from abm.core.errors import InputError
from abm.records.schema import TABLES

MANIFEST = "manifest.json"
MARKERS = "runs"


def write_run(
    folder: Path, run_id: str, tables: Mapping[str, pa.Table], marker: Mapping[str, object]
) -> None:
    """Write one finished run: its tables first, its marker last, each in one piece.

    Raises:
        ValueError: a table that does not have exactly the columns of the schema.
    """
    for name, table in tables.items():
        if not table.schema.equals(TABLES[name]):
            raise ValueError(f"the table '{name}' does not have the columns of its schema")
    for name, table in tables.items():
        _write_whole(
            folder / name / f"{run_id}.parquet",
            lambda file, table=table: pq.write_table(table, file, compression="zstd"),  # type: ignore[misc]
        )
    write_json(folder / MARKERS / f"{run_id}.json", marker)


def write_json(path: Path, content: Mapping[str, object]) -> None:
    """Write a JSON file in one piece: readers see the old content or the new, never a part."""
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    _write_whole(path, lambda file: file.write(text.encode()))


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


def finished_runs(folder: Path) -> dict[str, dict[str, Any]]:
    """Markers of the runs that are finished, by run, in the order of their names."""
    return {path.stem: read_json(path) for path in sorted((folder / MARKERS).glob("*.json"))}


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
        empty = not folder.is_dir() or all(_is_leftover(path) for path in folder.iterdir())
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


@contextmanager
def opened(folder: Path) -> Iterator[None]:
    """Make the folder where it is missing, keep other writers out, clear away what was left half-written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError as error:
        problem = f"cannot be made: {error.strerror}"
        raise InputError(problem, file=folder, key="--out", mend="name another folder") from None
    try:
        _lock(descriptor, folder)
        for place in (folder, folder / MARKERS, *(folder / table for table in TABLES)):
            for path in place.glob(".*.tmp"):
                path.unlink(missing_ok=True)
        yield
    finally:
        os.close(descriptor)  # lets go of the lock too


def _lock(descriptor: int, folder: Path) -> None:
    """A lock that ends with the process, however it ends; some network file systems have none to give."""
    try:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        mend = "wait for it, or name another folder"
        raise InputError("another process writes here now", file=folder, key="--out", mend=mend) from None
    except (ImportError, OSError):
        return


def _is_leftover(path: Path) -> bool:
    return path.name.startswith(".") and path.name.endswith(".tmp")


def _write_whole(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Write to a temporary name in the same folder, reach the disk, rename.

    The name begins with a dot, so that Arrow and Dask overlook it when they read the folder meanwhile, and
    carries the process, so that two that write the same run do not meet.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
