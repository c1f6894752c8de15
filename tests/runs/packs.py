"""What tests of packs do to results and to zips."""

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from abm.records.schema import TABLES
from abm.runs.digest import combined, run_digest
from abm.runs.manifest import read_manifest
from abm.runs.unpack import CHECKSUMS, file_digest


def copied(folder: Path, to: Path) -> Path:
    """A copy to spoil."""
    shutil.copytree(folder, to)
    return to


def first_of(folder: Path, arm: str = "OIS") -> str:
    """Run of an arm."""
    return next(row["run_id"] for row in read_manifest(folder)["runs"] if row["arm"] == arm)


def rewritten(path: Path, table: str, change: Callable[[pd.DataFrame], None]) -> pa.Table:
    """Change the rows of one file; the table as it is then."""
    frame = pq.read_table(path).to_pandas()
    change(frame)
    changed = pa.Table.from_pandas(frame, schema=TABLES[table], preserve_index=False)
    pq.write_table(changed, path)
    return changed


def forged(folder: Path, run: str, table: str, change: Callable[[pd.DataFrame], None]) -> Path:
    """Change the rows of one run, and make all digests follow."""
    changed = rewritten(folder / table / f"{run}.parquet", table, change)
    path = folder / "runs" / f"{run}.json"
    marker = json.loads(path.read_text())
    marker["digests"][table] = run_digest(table, changed)
    path.write_text(json.dumps(marker))
    manifest = json.loads((folder / "manifest.json").read_text())
    runs = {p.stem: json.loads(p.read_text())["digests"][table] for p in (folder / "runs").glob("*.json")}
    manifest["digests"][table] = combined(runs)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def summed_again(pack: Path) -> None:
    """Make the checksums of a pack that is a folder follow what was changed in it."""
    names = [line[66:] for line in (pack / CHECKSUMS).read_text().splitlines()]
    text = "".join(f"{file_digest(pack / name)}  {name}\n" for name in names)
    (pack / CHECKSUMS).write_text(text)


def zip_of(path: Path, *entries: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    """A zip with these entries."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return path
