"""A pack: a results folder with all that is needed to repeat it, as one zip or folder to publish.

    README.md               how to repeat it, in plain words
    ro-crate-metadata.json  who made what, with which software, out of which files
    checksums.sha256        SHA-256 of every file, as ``sha256sum --check`` reads them
    scenario/               the scenario file, what it extends, and its data files
    experiment/             the experiment's file, where it was run from one
    code/                   mechanisms of the user's own, where there are some
    environment/            versions of the libraries, and the lock where they are those of the lock
    results/                the results folder: manifest, digests of every run, tables

The same folder gives the same bytes: names are sorted, and no time, user or path goes in.
"""

import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from abm.core.errors import InputError
from abm.records import store
from abm.runs.aside import aside_of, new_folder
from abm.runs.checking import check_tables, markers_of
from abm.runs.crate import CRATE, Citation, Packed, description, own_citation, read_citation
from abm.runs.manifest import read_manifest
from abm.runs.pack_texts import lock_of, readme, versions_of
from abm.runs.unpack import CHECKSUMS, RESULTS, check_name, file_digest, refuse_links

_Entries = dict[str, Path | bytes]
"""Files of a pack by path: where each lies, or what it holds."""


@dataclass(frozen=True)
class Pack:
    """A pack that has been made.

    Args:
        path: the zip or folder.
        runs: how many runs it holds.
        files: how many files.
        size: bytes of all files, unpacked.
        new: False where the same zip was there already.
    """

    path: Path
    runs: int
    files: int
    size: int
    new: bool


def pack(
    folder: str | Path,
    out: str | Path | None = None,
    *,
    tables: bool = True,
    citation: str | Path | None = None,
) -> Pack:
    """Pack a results folder.

    Args:
        folder: the results, finished; their digests are checked first.
        out: a new file ``….zip`` or a new folder; None: the results folder's name with ``.zip``.
        tables: whether to put in the tables; without them the digests alone are compared later.
        citation: a ``CITATION.cff`` with the authors, licence and date of the study; None: that of this software.

    Raises:
        InputError: no results, results that are not finished or from an older version, a mechanism whose code is in
            no file, or an ``out`` that is there already.
        DamageError: the tables are not those that the runs wrote.
        StoppedError: the disk is full, or may not be written.
    """
    source = Path(folder)
    manifest = read_manifest(source)
    target = Path(out) if out is not None else _beside(source)
    _check_target(target, source)
    refuse_links(source)
    _check_sources(manifest, source)
    markers = markers_of(source, manifest)
    _check_finished(manifest, markers, source)
    check_tables(source, markers, markers)
    cited = Path(citation) if citation is not None else own_citation()
    entries = _entries(source, manifest, markers, tables, read_citation(cited) if cited is not None else None)
    for name in entries:
        wrong = check_name(name)
        if wrong:
            raise InputError(f"'{name}' {wrong}", file=source, mend="rename that file and run again")
    new = _write_zip(target, entries) if target.suffix == ".zip" else _write_folder(target, entries)
    size = sum(len(what) if isinstance(what, bytes) else what.stat().st_size for what in entries.values())
    return Pack(target, len(markers), len(entries), size, new)


def _beside(folder: Path) -> Path:
    named = folder if folder.name not in ("", "..") else folder.resolve()
    return named.with_name(f"{named.name}.zip")


def _check_target(target: Path, source: Path) -> None:
    if target.resolve().is_relative_to(source.resolve()):
        raise InputError("lies in the results folder", file=target, key="--out", mend="name another place")
    if target.suffix == ".zip":
        if target.exists() and not target.is_file():
            raise InputError("is no file", file=target, key="--out", mend="name a new file, or a folder")
    else:
        new_folder(target)


def _check_sources(manifest: Mapping[str, Any], source: Path) -> None:
    if not manifest.get("sources"):
        problem = "does not say what its scenario was read from"
        mend = "run the experiment with this version, and with a scenario from a file"
        raise InputError(problem, file=source / store.MANIFEST, key="sources", mend=mend)
    for name, kept in manifest["sources"]["code"].items():
        if kept["text"] is None:
            raise InputError(
                f"the mechanisms of '{name}' stand in no file that could be packed",
                file=source,
                key="scenario.mechanisms",
                mend="put them into a Python file and run again",
            )


def _check_finished(manifest: Mapping[str, Any], markers: Mapping[str, Any], source: Path) -> None:
    """All runs are finished, but for those of which the manifest says why they failed."""
    failed = {failure["run_id"] for failure in manifest["failures"]}
    missing = [
        row for row in manifest["runs"] if row["run_id"] not in markers and row["run_id"] not in failed
    ]
    if missing or not markers:
        problem = f"{len(missing) or len(manifest['runs'])} of {len(manifest['runs'])} runs are not finished"
        raise InputError(problem, file=source, mend="run the same command again to finish them")


def _entries(
    source: Path,
    manifest: Mapping[str, Any],
    markers: Mapping[str, Mapping[str, Any]],
    tables: bool,
    citation: Citation | None,
) -> _Entries:
    """All files of the pack, sorted by path."""
    sources = manifest["sources"]
    entries: _Entries = {f"scenario/{name}": text.encode() for name, text in sources["texts"].items()}
    entries |= {f"code/{kept['file']}": kept["text"].encode() for kept in sources["code"].values()}
    design = manifest.get("design")
    if design:  # an experiment's file, word for word
        entries[f"experiment/{design['file']}"] = design["text"].encode()
    entries["environment/versions.txt"] = versions_of(manifest)
    lock = lock_of(manifest)
    if lock is not None:
        entries["environment/lock.txt"] = lock
    if citation is not None:
        entries["CITATION.cff"] = citation.text.encode()
    entries[f"{RESULTS}/{store.MANIFEST}"] = source / store.MANIFEST
    for run, marker in markers.items():
        entries[f"{RESULTS}/{store.MARKERS}/{run}.json"] = source / store.MARKERS / f"{run}.json"
        for table in marker["digests"] if tables else ():
            entries[f"{RESULTS}/{table}/{run}.parquet"] = source / table / f"{run}.parquet"
    entries["README.md"] = readme(manifest, len(markers), tables, list(entries))
    files = {name: _packed(what) for name, what in entries.items()}
    entries[CRATE] = description(manifest, files, citation)
    files[CRATE] = _packed(entries[CRATE])
    sums = "".join(f"{files[name].sha256}  {name}\n" for name in sorted(files))
    entries[CHECKSUMS] = sums.encode()
    return dict(sorted(entries.items()))


def _packed(what: Path | bytes) -> Packed:
    if isinstance(what, bytes):
        return Packed(sha256(what).hexdigest(), len(what))
    return Packed(file_digest(what), what.stat().st_size)


def _write_zip(target: Path, entries: _Entries) -> bool:
    """Write the zip in one piece; False where the very same is there already."""
    with aside_of(target) as aside:
        with zipfile.ZipFile(aside, "w") as archive:
            for name, what in entries.items():
                info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
                info.create_system = 3  # else it would tell the system that made it
                info.external_attr = 0o100644 << 16
                # Parquet is compressed already
                info.compress_type = zipfile.ZIP_STORED if name.endswith(".parquet") else zipfile.ZIP_DEFLATED
                info.file_size = len(what) if isinstance(what, bytes) else what.stat().st_size
                with archive.open(info, "w") as file:
                    _copy(what, file)
        if target.is_file():
            if file_digest(target) != file_digest(aside):
                problem = "is there already, and it is another"
                raise InputError(problem, file=target, key="--out", mend="name a new file, or remove it")
            return False
        aside.replace(target)
    return True


def _write_folder(target: Path, entries: _Entries) -> bool:
    """Write the folder aside and rename it."""
    with aside_of(target) as aside:
        for name, what in entries.items():
            path = aside / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                _copy(what, file)
        aside.replace(target)
    return True


def _copy(what: Path | bytes, file: Any) -> None:
    if isinstance(what, bytes):
        file.write(what)
        return
    with what.open("rb") as source:
        shutil.copyfileobj(source, file)
