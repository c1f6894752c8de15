"""What ``abm verify`` finds: each kind of damage by the name of its file, and nothing where nothing is wrong."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from abm import factorial, read_results
from abm.core.errors import InputError
from abm.records import store
from abm.runs.verify import verify
from abm.scenario.schema import Scenario


@pytest.fixture(scope="module")
def whole(scenario: Scenario, size: dict, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight runs; to be read only."""
    return factorial(scenario, replications=1, workers=1, out=tmp_path_factory.mktemp("whole"), **size).folder


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    """The same, to be spoilt."""
    return Path(shutil.copytree(whole, tmp_path / "r"))


def one(folder: Path, table: str) -> Path:
    return min((folder / table).iterdir())


def cut(folder: Path) -> Path:
    path = one(folder, "outcomes")
    path.write_bytes(path.read_bytes()[:-7])
    return path


def flip(folder: Path) -> Path:
    path = one(folder, "villages")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    return path


def empty(folder: Path) -> Path:
    path = one(folder, "flows")
    path.write_bytes(b"")
    return path


def gone(folder: Path) -> Path:
    path = one(folder, "graph")
    path.unlink()
    return path


def exchanged(folder: Path) -> Path:
    """Another run's file, which is a sound Parquet file."""
    path, other = sorted((folder / "gains").iterdir())[:2]
    path.write_bytes(other.read_bytes())
    return path


def broken_note(folder: Path) -> Path:
    path = one(folder, store.MARKERS)
    path.write_text(path.read_text()[:50])
    return path


def note_of_another(folder: Path) -> Path:
    path, other = sorted((folder / store.MARKERS).iterdir())[:2]
    path.write_bytes(other.read_bytes())
    return path


def stranger(folder: Path) -> Path:
    path = folder / "events" / "0123456789abcdef.parquet"
    path.write_bytes(one(folder, "events").read_bytes())
    return path


def strange_note(folder: Path) -> Path:
    path = folder / store.MARKERS / "0123456789abcdef.json"
    path.write_bytes(one(folder, store.MARKERS).read_bytes())
    return path


def manifest_of_other_digests(folder: Path) -> Path:
    path = folder / store.MANIFEST
    content = json.loads(path.read_text())
    content["digests"]["outcomes"] = "0" * 64
    path.write_text(json.dumps(content))
    return path


def broken_manifest(folder: Path) -> Path:
    path = folder / store.MANIFEST
    path.write_text(path.read_text()[:-100])
    return path


def test_nothing_is_wrong(whole: Path) -> None:
    found = verify(whole)
    tables = sum(1 for path in whole.rglob("*.parquet"))
    assert (found.sound, found.runs, found.good, found.files, found.findings) == (True, 8, 8, tables, ())


@pytest.mark.parametrize(
    "damage",
    [
        *(cut, flip, empty, gone, exchanged, broken_note, note_of_another, stranger, strange_note),
        *(manifest_of_other_digests, broken_manifest),
    ],
)
def test_damage_is_named(folder: Path, damage: Callable[[Path], Path]) -> None:
    path = damage(folder)
    found = verify(folder)
    assert not found.sound
    assert [finding.file for finding in found.findings] == [path.relative_to(folder).as_posix()]


def test_runs_that_are_missing_or_were_not_finished(folder: Path) -> None:
    one(folder, store.MARKERS).unlink()
    left = folder / "flows" / ".x.parquet.1.tmp"
    left.touch()
    found = verify(folder)
    assert (found.sound, found.runs, found.good) == (False, 8, 7)
    serious = [finding.problem for finding in found.findings if not finding.harmless]
    assert len(serious) == 1
    assert serious[0].startswith("1 of 8 runs are missing (the first: ")
    harmless = [finding.file for finding in found.findings if finding.harmless]
    assert "flows/.x.parquet.1.tmp" in harmless
    assert len(harmless) == 1 + len(list(folder.glob("*/*.parquet"))) / 8


def test_what_a_kill_left_hides_no_other_digests(folder: Path) -> None:
    manifest_of_other_digests(folder)
    (folder / "flows" / ".x.parquet.1.tmp").touch()
    found = verify(folder)
    assert [finding.file for finding in found.findings if not finding.harmless] == [store.MANIFEST]


def test_failures_are_those_of_the_runs_that_are_missing(folder: Path) -> None:
    """Not of others, such as those of another shard in the same folder."""
    lost = one(folder, store.MARKERS)
    lost.unlink()
    manifest = store.read_json(folder / store.MANIFEST)
    others = [run["run_id"] for run in manifest["runs"] if run["run_id"] != lost.stem]
    failures = [
        {"run_id": run, "message": text} for run, text in ((others[0], "no luck"), (lost.stem, "no jobs"))
    ]
    store.write_json(folder / store.MANIFEST, {**manifest, "failures": failures})
    (found,) = [finding for finding in verify(folder).findings if not finding.harmless]
    assert found.problem.endswith(", 1 of them failed, the first: no jobs; the same command does them")


def test_what_is_mended_is_whole_again(folder: Path, whole: Path, scenario: Scenario, size: dict) -> None:
    """As the message says: remove the file, give the same command again."""
    cut(folder).unlink()
    assert factorial(scenario, replications=1, workers=1, out=folder, **size).ran == 1
    assert verify(folder) == verify(whole)


def test_a_run_of_another_experiment_is_not_read(folder: Path, whole: Path) -> None:
    stranger(folder)
    assert len(read_results(folder).events) == len(read_results(whole).events)
    assert read_results(folder).digests() == read_results(whole).digests()


def test_a_report_in_the_folder_is_no_stranger(folder: Path) -> None:
    (folder / "report.html").touch()
    assert verify(folder).sound


def test_results_of_versions_without_checksums(folder: Path) -> None:
    for path in (folder / store.MARKERS).iterdir():
        marker = store.read_json(path)
        del marker["files"]
        store.write_json(path, marker)
    assert verify(folder).sound
    wrong = exchanged(folder)
    assert [f.file for f in verify(folder).findings] == [wrong.relative_to(folder).as_posix()]
    pq.write_table(pa.table({"a": [1]}), wrong)
    assert "other columns" in verify(folder).findings[0].problem
    wrong.write_bytes(b"PAR1")
    assert "damaged" in verify(folder).findings[0].problem


def test_no_results_folder(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none"):
        with pytest.raises(InputError):
            verify(path)
