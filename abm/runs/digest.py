"""Digests of results: equal when, and only when, the rows are equal to the last bit.

A digest depends on the rows alone: not on their order, on how many files or row groups they lie in, on
compression, or on who wrote them. The rows of each run are sorted by the table's keys; SHA-256 goes over each
column's name, type, validity (a byte a row) and values (little-endian; every NaN the same; text as lengths
and UTF-8). The digest of a table is SHA-256 over those of its runs in the order of ``run_id``, the first key.
So a batch adds up what its workers have found, and a folder of any size is read one run at a time.
"""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from abm.core.errors import InputError
from abm.records.schema import SORT_KEYS, TABLES
from abm.records.store import table_files


def sorted_by_key(name: str, table: pa.Table) -> pa.Table:
    """The table's rows in the order of its keys, rows with equal keys by their other columns."""
    keys = [key for key in SORT_KEYS[name] if key in table.column_names]
    rest = [column for column in table.column_names if column not in keys]
    if table.group_by(keys, use_threads=False).aggregate([]).num_rows < table.num_rows:
        keys += rest
    return table.sort_by([(key, "ascending") for key in keys])


def run_digest(name: str, table: pa.Table, *, in_order: bool = False) -> str:
    """Digest of one run's rows of a table.

    Args:
        in_order: whether they are ``sorted_by_key`` already.
    """
    table = _plain(table)
    if not in_order:
        table = sorted_by_key(name, table)
    digest = sha256()
    for column in sorted(table.column_names):
        digest.update(f"{column} {table.schema.field(column).type} {table.num_rows}\n".encode())
        for part in _bytes_of(table.column(column)):
            digest.update(part)
    return digest.hexdigest()


def table_digest(name: str, table: pa.Table) -> str:
    """Digest of a table that holds any number of runs."""
    runs = pc.unique(table.column("run_id")).to_pylist()
    if len(runs) == 1:
        return combined({runs[0]: run_digest(name, table)})
    return combined({run: run_digest(name, _of_run(table, run)) for run in runs})


def combined(digests: Mapping[str, str]) -> str:
    """Digest of a table out of those of its runs, by run; a run without rows in the table is left out."""
    lines = (f"{run} {digests[run]}\n" for run in sorted(digests))
    return sha256("".join(lines).encode()).hexdigest()


def folder_digests(folder: Path, unfinished: Iterable[str] = ()) -> dict[str, str]:
    """Digest of each table in a results folder, from the files themselves, one run in memory at a time.

    Args:
        unfinished: runs whose files are to be passed over.

    Raises:
        InputError: names a damaged file.
    """
    leave = {f"{run}.parquet" for run in unfinished}
    digests = {}
    for name in TABLES:
        files = [path for path in table_files(folder, name) if path.name not in leave]
        if not files:
            continue
        where: dict[str, list[Path]] = {}
        for path in files:
            for run in pc.unique(read_table(path, ["run_id"]).column("run_id")).to_pylist():
                where.setdefault(run, []).append(path)
        digests[name] = combined(
            {
                run: run_digest(name, pa.concat_tables(_of_run(read_table(path), run) for path in paths))
                for run, paths in where.items()
            }
        )
    return digests


def read_table(path: Path, columns: list[str] | None = None) -> pa.Table:
    """One Parquet file as plain columns.

    Raises:
        InputError: it is damaged or cannot be read.
    """
    try:
        with path.open("rb") as file:
            return _plain(pq.read_table(file, columns=columns))
    except (pa.ArrowException, OSError, KeyError):
        mend = "remove the folder and run the experiment again"
        raise InputError("is damaged or no Parquet file", file=path, mend=mend) from None


def _plain(table: pa.Table) -> pa.Table:
    """Text as plain text, whatever form another program's Parquet writer gave it."""
    fields = []
    for field in table.schema:
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        text = pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
        fields.append(pa.field(field.name, pa.string() if text else kind))
    plain = pa.schema(fields)
    return table if table.schema.equals(plain) else table.cast(plain)


def _of_run(table: pa.Table, run: str) -> pa.Table:
    return table.filter(pc.equal(table.column("run_id"), run))


def _bytes_of(column: pa.ChunkedArray) -> Iterable[bytes | memoryview]:
    """Validity and values of a column in one fixed form."""
    valid = column.is_valid().to_numpy(zero_copy_only=False)
    yield np.ascontiguousarray(valid, dtype="u1").data
    if pa.types.is_string(column.type):
        text = column.fill_null("") if column.null_count else column
        yield np.ascontiguousarray(pc.binary_length(text).to_numpy(), dtype="<i4").data
        for chunk in text.chunks:
            _, offsets, letters = chunk.buffers()
            if len(chunk):
                ends = np.frombuffer(offsets, dtype="i4")[chunk.offset : chunk.offset + len(chunk) + 1]
                yield memoryview(letters)[ends[0] : ends[-1]] if letters else b""
        return
    if column.null_count:
        column = column.fill_null(False if pa.types.is_boolean(column.type) else 0)
    values = np.array(column.to_numpy(zero_copy_only=False))
    if values.dtype.kind == "f":
        values[np.isnan(values)] = np.nan
    if values.dtype.kind == "b":
        values = values.astype("u1")
    yield np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<")).data
