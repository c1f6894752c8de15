"""Shards of one experiment, put together."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from abm.core.errors import DamageError, InputError, StoppedError
from abm.records import store
from abm.runs.batch import check_same_code
from abm.runs.checking import file_problem, marker_of
from abm.runs.manifest import ended, read_manifest
from abm.runs.results import Results

_AGAIN = "give the same command again"


@dataclass(frozen=True)
class _Source:
    folder: Path
    marker: dict[str, Any]


def merge(folders: Sequence[str | Path], out: str | Path) -> Results:
    """Copy the finished runs of several folders of one experiment into one, and make its manifest.

    All files are checked before the first is written. What *out* holds already of the same experiment stays, and
    merging again adds what has been finished since.

    Returns:
        The results in *out*; complete if the folders had all runs among them.

    Raises:
        InputError: a folder without results, of another experiment, or of another version or code.
        StoppedError: a file is damaged, or two folders have other digests for the same run; or *out* cannot be
            written.
    """
    places, target = [Path(folder) for folder in folders], Path(out)
    manifests = [_read(place, target) for place in places]
    for place, manifest in zip(places[1:], manifests[1:], strict=True):
        _check_same(places[0], manifests[0], place, manifest)
    base = {key: value for key, value in manifests[0].items() if key != "shards"}
    before = store.claim(target, base["experiment"])
    if before is not None:
        check_same_code(before, base, target)
    runs = [run["run_id"] for run in base["runs"]]
    sources = _sources([target, *places] if before is not None else places, runs)
    with store.opened(target):
        if (store.claim(target, base["experiment"]) is None) != (before is None):
            raise InputError("was filled by another process just now", file=target, key="--out", mend=_AGAIN)
        here = store.finished_runs(target)
        if before is None:
            store.write_json(target / store.MANIFEST, {**base, "complete": False, "failures": []})
        markers = {}
        for run, source in sources.items():
            markers[run] = source.marker
            if run not in here or not store.is_whole(target, run, here[run]):
                _copy(run, source, target)
        failures = {
            failure["run_id"]: failure["message"]
            for manifest in manifests
            for failure in manifest["failures"]
            if failure["run_id"] not in markers
        }
        store.write_json(target / store.MANIFEST, ended(base, markers, failures))
    return Results(target)


def _read(place: Path, target: Path) -> dict[str, Any]:
    if place.resolve() == target.resolve():
        mend = "name another folder; what it holds already of the experiment stays"
        raise InputError("is merged into itself", file=place, key="--out", mend=mend)
    return read_manifest(place)


def _check_same(first: Path, one: Mapping[str, Any], folder: Path, other: Mapping[str, Any]) -> None:
    for what, same in (
        ("is of another experiment", one["experiment"] == other["experiment"]),
        (f"is of version {other['version']}", one["version"] == other["version"]),
        ("was made by other code", one["environment"]["code"] == other["environment"]["code"]),
    ):
        if not same:
            mend = "merge shards of one experiment, made by one version"
            raise InputError(f"{what} than {first}", file=folder, mend=mend)


def _sources(places: Sequence[Path], runs: Sequence[str]) -> dict[str, _Source]:
    """Where each run is taken from, in the manifest's order, all their files checked."""
    found: dict[str, _Source] = {}
    for place in places:
        for run in runs:
            try:
                marker = marker_of(place, run)
            except DamageError as error:
                path = place / store.MARKERS / f"{run}.json"
                raise StoppedError(f"{path}: {error}; nothing was merged") from None
            if marker is None:
                continue
            if run not in found:
                found[run] = _Source(place, marker)
            elif found[run].marker["digests"] != marker["digests"]:
                raise StoppedError(
                    f"run {run} has other digests in {place} than in {found[run].folder}; "
                    "'abm verify' may say which of them is damaged"
                )
    for run, source in found.items():
        for table in source.marker["digests"]:
            path = source.folder / table / f"{run}.parquet"
            problem = file_problem(path, table, source.marker)
            if problem is not None:
                raise StoppedError(f"{path}: {problem}; nothing was merged")
    return {run: found[run] for run in runs if run in found}


def _copy(run: str, source: _Source, target: Path) -> None:
    """The tables first, the marker last and as old as it was: it tells when the run was made."""
    for table in source.marker["digests"]:
        name = f"{run}.parquet"
        store.write_bytes(target / table / name, (source.folder / table / name).read_bytes())
    marker = target / store.MARKERS / f"{run}.json"
    store.write_json(marker, source.marker)
    age = (source.folder / store.MARKERS / marker.name).stat()
    os.utime(marker, ns=(age.st_atime_ns, age.st_mtime_ns))
