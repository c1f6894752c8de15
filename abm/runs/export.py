"""Tables for programs that read no Parquet: CSV for spreadsheets, DTA for Stata."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd

from abm.core.errors import InputError, nearest
from abm.core.names import LAYERS
from abm.records.schema import COLUMNS, MENDS, TABLES
from abm.runs.aside import aside_of, new_folder
from abm.runs.design import check_word
from abm.runs.results import read_results

FORMATS = ("csv", "dta")
_LABEL = 80
"""Letters that Stata takes in a label."""
_NO_TIME = datetime(2000, 1, 1)
"""Stata's files have a time in them; equal results shall give equal files."""


def export(
    folder: str | Path,
    format: str = "csv",
    out: str | Path | None = None,
    *,
    tables: Iterable[str] = (),
) -> list[Path]:
    """Write the tables of a results folder, one file each with all runs, and ``variables.csv`` on their columns.

    CSV is UTF-8 with a mark in front, so that spreadsheets show Chinese names. In DTA (Stata 14 and newer) seeds are
    text, since Stata has no whole numbers that large, and what is infinite is missing.

    Args:
        format: ``csv`` or ``dta``.
        out: a new folder; None: the results folder's name with the format.
        tables: names of the tables; none: all that are there.

    Returns:
        The files.

    Raises:
        InputError: no results, an unknown format or table, or a folder with something in it.
        StoppedError: the disk is full, or may not be written.
    """
    check_word(format, FORMATS, "--format")
    source = Path(folder)
    results = read_results(source)
    there = [name for name in TABLES if any((source / name).glob("*.parquet"))]
    chosen = list(dict.fromkeys(tables)) or there
    for name in chosen:
        if name not in TABLES:
            raise InputError(f"there is no '{name}'", key="--table", mend=nearest(name, there))
        if name not in there:
            mend = MENDS.get(name, f"use one of: {', '.join(there)}")
            raise InputError(f"holds no table '{name}'", file=source, key="--table", mend=mend)
    home = source if source.name not in ("", "..") else source.resolve()
    target = Path(out) if out is not None else home.with_name(f"{home.name}-{format}")
    new_folder(target)
    if target.resolve().is_relative_to(source.resolve()):
        raise InputError("lies in the results folder", file=target, key="--out", mend="name another place")
    with aside_of(target) as aside:
        aside.mkdir()
        for name in chosen:
            frame = results.table(name).to_pandas()
            if format == "csv":
                frame.to_csv(aside / f"{name}.csv", index=False, lineterminator="\n", encoding="utf-8-sig")
            else:
                _to_stata(name, frame, aside / f"{name}.dta")
        _variables(chosen).to_csv(
            aside / "variables.csv", index=False, lineterminator="\n", encoding="utf-8-sig"
        )
        aside.replace(target)
    return sorted(target.iterdir())


def _to_stata(name: str, frame: pd.DataFrame, path: Path) -> None:
    frame = frame.assign(seed=frame["seed"].astype(str))
    for column in frame.columns:
        if frame[column].dtype == bool:
            frame[column] = frame[column].astype(np.int8)
        elif frame[column].dtype.kind == "f":
            frame[column] = frame[column].where(np.isfinite(frame[column]))
    labels = {column: COLUMNS[name][column].meaning for column in frame.columns if column in COLUMNS[name]}
    frame.to_stata(
        path,
        write_index=False,
        version=118,
        time_stamp=_NO_TIME,
        variable_labels={column: text[:_LABEL] for column, text in labels.items()},
    )


def _variables(tables: Iterable[str]) -> pd.DataFrame:
    """Unit and meaning of every column."""
    rows = [
        (table, name, column.unit or ("0 or 1" if name in LAYERS else ""), column.meaning)
        for table in tables
        for name, column in COLUMNS[table].items()
    ]
    return pd.DataFrame(rows, columns=["table", "column", "unit", "meaning"])
