"""Whether a results folder is what it says: every run there, every file as it was written, nothing else among them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from abm.core.errors import DamageError, InputError
from abm.records import store
from abm.records.schema import TABLES
from abm.runs.checking import file_problem, marker_of
from abm.runs.manifest import read_manifest, table_digests

_AGAIN = "the same command does it again"


@dataclass(frozen=True)
class Finding:
    """What is wrong with one file, by its path within the folder, or with the runs as a whole (no file).

    ``harmless`` are files that no reader takes for results, such as those of a run that was being written when its
    writer was killed.
    """

    file: str
    problem: str
    harmless: bool = False


@dataclass(frozen=True)
class Verdict:
    """What a look at every file has found.

    Args:
        runs: how many there should be.
        good: how many of them are whole.
        files: how many Parquet files were compared.
        findings: what is wrong, file by file.
    """

    runs: int
    good: int
    files: int
    findings: tuple[Finding, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing is damaged, missing or strange."""
        return all(finding.harmless for finding in self.findings)


def verify(folder: Path) -> Verdict:
    """Compare each file of a results folder with the SHA-256 in its run's marker, and the markers with the manifest.

    A checksum of the file, not the digest of its rows, since it needs no more than reading the bytes and covers all
    of them; folders of versions that kept none are compared by the digests of their rows. In a folder of shards only
    their runs are looked for.

    Raises:
        InputError: there is no such folder, or it holds no results.
    """
    try:
        manifest = read_manifest(folder)
    except InputError as error:
        if error.problem != "is damaged":
            raise
        return Verdict(0, 0, 0, (Finding(store.MANIFEST, "is damaged"),))
    findings: list[Finding] = []
    markers: dict[str, dict[str, Any]] = {}
    good = files = 0
    all_runs = [run["run_id"] for run in manifest["runs"]]
    # shards of other numbers of parts, too, may have been begun here: a run of several counts once
    expected = {run for runs in manifest.get("shards", {"": all_runs}).values() for run in runs}
    missing, noted = [], set[str]()
    for run in all_runs:
        marker = _marker(folder, run)
        if marker is None:
            missing += [run] if run in expected else []
            continue
        noted.add(run)
        found = [marker] if isinstance(marker, Finding) else list(_differences(folder, run, marker))
        findings += found
        good += not found and run in expected
        if not isinstance(marker, Finding):
            markers[run] = marker
            files += len(marker["digests"])
    findings += _missing(missing, len(expected), manifest)
    findings += _strangers(folder, set(all_runs), noted)
    if not missing and all(finding.harmless for finding in findings):
        findings += _manifest(manifest, markers)
    return Verdict(len(expected), good, files, tuple(findings))


def _marker(folder: Path, run: str) -> dict[str, Any] | Finding | None:
    try:
        return marker_of(folder, run)
    except DamageError as error:
        return Finding(f"{store.MARKERS}/{run}.json", f"{error}; remove it, and {_AGAIN}")


def _differences(folder: Path, run: str, marker: Mapping[str, Any]) -> Iterator[Finding]:
    for table in marker["digests"]:
        problem = file_problem(folder / table / f"{run}.parquet", table, marker)
        if problem is not None:
            yield Finding(f"{table}/{run}.parquet", f"{problem}; remove what is left of it, and {_AGAIN}")


def _missing(missing: list[str], expected: int, manifest: Mapping[str, Any]) -> Iterator[Finding]:
    """One line for all runs that are not there, since there may be thousands."""
    if not missing:
        return
    lost = set(missing)
    failed = [failure["message"] for failure in manifest["failures"] if failure["run_id"] in lost]
    why = f", {len(failed)} of them failed, the first: {failed[0]}" if failed else ""
    text = f"{len(missing)} of {expected} runs are missing (the first: {missing[0]}){why}"
    yield Finding("", f"{text}; the same command does them")


def _strangers(folder: Path, runs: set[str], noted: set[str]) -> Iterator[Finding]:
    """Files among the tables and notes that belong to no run of the manifest, or to none with a note."""
    for place, suffix in ((store.MARKERS, ".json"), *((table, ".parquet") for table in TABLES)):
        if not (folder / place).is_dir():
            continue
        for path in sorted((folder / place).iterdir()):
            name = f"{place}/{path.name}"
            if store.is_leftover(path):
                yield Finding(name, "was left half-written; the same command clears it away", harmless=True)
            elif path.suffix != suffix or path.stem not in runs:
                yield Finding(name, "belongs to no run of this experiment; move it away")
            elif place != store.MARKERS and path.stem not in noted:
                yield Finding(name, "is of a run that was not finished", harmless=True)


def _manifest(manifest: Mapping[str, Any], markers: Mapping[str, dict[str, Any]]) -> Iterator[Finding]:
    """The manifest's digests must be those of the notes on the runs."""
    if table_digests(markers) != manifest["digests"]:
        if manifest["complete"] or "shards" in manifest:
            yield Finding(store.MANIFEST, "has other digests than the notes on the runs")
        else:
            yield Finding(store.MANIFEST, "was not finished; the same command does it")
