"""Shards put together are the experiment in one piece, and nothing else passes for it."""

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from abm import factorial
from abm.core.errors import InputError, StoppedError
from abm.records import store
from abm.runs.merge import merge
from abm.runs.results import Results
from abm.runs.verify import verify
from abm.scenario.schema import Scenario
from tests.runs.batches import REPLICATIONS, RUNS, files


@pytest.fixture(scope="module")
def do(scenario: Scenario, size: dict) -> Callable[..., Results]:
    """The factorial in one process."""

    def call(out: Path, shard: str | None = None, **other: object) -> Results:
        return factorial(
            scenario, out=out, shard=shard, **{"replications": REPLICATIONS, "workers": 1, **size, **other}
        )

    return call


@pytest.fixture(scope="module")
def parts(do: Callable, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two shards, each in its own folder; to be read only."""
    place = tmp_path_factory.mktemp("parts")
    return [do(place / str(i), f"{i}/2").folder for i in (1, 2)]


@pytest.fixture
def copies(parts: list[Path], tmp_path: Path) -> list[Path]:
    """The shards, to be spoilt."""
    return [Path(shutil.copytree(part, tmp_path / f"part{part.name}")) for part in parts]


def test_a_shard_says_what_it_is(parts: list[Path], serial: Results) -> None:
    whole = json.loads((serial.folder / store.MANIFEST).read_text())
    for i, part in enumerate(parts):
        manifest = json.loads((part / store.MANIFEST).read_text())
        assert manifest["experiment"] == whole["experiment"]
        assert not manifest["complete"]
        (name,) = manifest["shards"]
        assert name == f"{i + 1}/2"
        assert sorted(manifest["shards"][name]) == sorted(store.finished_runs(part))
        assert len(manifest["shards"][name]) == RUNS / 2
        found = verify(part)
        assert (found.sound, found.good, found.runs) == (True, RUNS // 2, RUNS // 2)
    assert "shards" not in whole


def test_merged_shards_are_the_whole_to_the_last_bit(
    parts: list[Path], serial: Results, tmp_path: Path
) -> None:
    before = [files(part) for part in parts]
    merged = merge(parts[::-1], tmp_path / "r")
    assert merged.digests() == serial.digests()
    assert files(tmp_path / "r") == files(serial.folder)
    assert verify(tmp_path / "r").sound
    assert [files(part) for part in parts] == before
    marker = next((parts[0] / store.MARKERS).iterdir())
    assert (tmp_path / "r" / store.MARKERS / marker.name).stat().st_mtime_ns == marker.stat().st_mtime_ns
    assert files(merge(parts, tmp_path / "r").folder) == files(serial.folder)  # again


def test_some_shards_now_and_the_others_later(
    parts: list[Path], serial: Results, do: Callable, tmp_path: Path
) -> None:
    out = tmp_path / "r"
    first = merge(parts[:1], out)
    assert not first.manifest["complete"]
    assert [f.problem for f in verify(out).findings if "8 of 16 runs are missing" in f.problem]
    shutil.copytree(out, tmp_path / "by_hand")
    assert merge(parts[1:], out).manifest["complete"]
    assert files(out) == files(serial.folder)
    assert do(tmp_path / "by_hand").ran == RUNS / 2  # or the command does what is missing
    assert files(tmp_path / "by_hand") == files(serial.folder)


def test_shards_at_once_in_one_folder(do: Callable, serial: Results, tmp_path: Path) -> None:
    threads = [threading.Thread(target=do, args=(tmp_path, f"{i}/3")) for i in (1, 2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert files(tmp_path) == files(serial.folder)
    assert do(tmp_path, "1/3").ran == 0
    assert files(tmp_path) == files(serial.folder)


def test_the_same_run_with_other_digests(copies: list[Path], parts: list[Path], tmp_path: Path) -> None:
    marker = next((copies[0] / store.MARKERS).iterdir())
    content = store.read_json(marker)
    content["digests"]["outcomes"] = "0" * 64
    store.write_json(marker, content)
    with pytest.raises(StoppedError, match=f"run {marker.stem} has other digests in .* than in"):
        merge([copies[0], parts[0], parts[1]], tmp_path / "r")
    assert not (tmp_path / "r").exists()


def test_a_damaged_file_is_not_merged(copies: list[Path], tmp_path: Path) -> None:
    path = next((copies[1] / "flows").iterdir())
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(StoppedError, match=r"flows.*truncated or altered"):
        merge(copies, tmp_path / "r")
    assert not (tmp_path / "r").exists()


def test_a_folder_that_another_experiment_fills_meanwhile(
    parts: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, other = store.opened, {"experiment": "other", "runs": []}

    @contextmanager
    def late(folder: Path) -> Iterator[None]:
        folder.mkdir()
        store.write_json(folder / store.MANIFEST, other)
        with opened(folder):
            yield

    monkeypatch.setattr(store, "opened", late)
    with pytest.raises(InputError, match="another experiment"):
        merge(parts, tmp_path / "r")
    assert store.read_json(tmp_path / "r" / store.MANIFEST) == other


@pytest.mark.parametrize("text", ["{}", '{"run_id": ', '{"digests": {}, "rows": {}, "environment": {}}'])
def test_a_damaged_note_is_not_merged(copies: list[Path], tmp_path: Path, text: str) -> None:
    note = next((copies[1] / store.MARKERS).iterdir())
    note.write_text(text, encoding="utf-8")
    with pytest.raises(StoppedError, match=f"{note.stem}.json: is .*; nothing was merged"):
        merge(copies, tmp_path / "r")
    assert not (tmp_path / "r").exists()


def test_a_run_of_two_shards_counts_once(copies: list[Path]) -> None:
    """Where parts of two and of three have been begun in one folder."""
    path = copies[0] / store.MANIFEST
    manifest = store.read_json(path)
    store.write_json(
        path, {**manifest, "shards": {**manifest["shards"], "1/3": manifest["shards"]["1/2"][:2]}}
    )
    found = verify(copies[0])
    assert (found.sound, found.runs, found.good) == (True, RUNS / 2, RUNS / 2)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"experiment": "other"}, "is of another experiment"),
        ({"version": "99"}, "is of version 99"),
        ({"environment": {"code": "other"}}, "was made by other code"),
    ],
)
def test_other_experiments_are_refused(copies: list[Path], tmp_path: Path, change: dict, said: str) -> None:
    path = copies[1] / store.MANIFEST
    store.write_json(path, {**store.read_json(path), **change})
    with pytest.raises(InputError, match=said):
        merge(copies, tmp_path / "r")
    assert not (tmp_path / "r").exists()


def test_folders_that_cannot_be_merged(parts: list[Path], serial: Results, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such folder"):
        merge([*parts, tmp_path / "none"], tmp_path / "r")
    with pytest.raises(InputError, match="into itself"):
        merge(parts, parts[0])
    (tmp_path / "mine.txt").touch()
    with pytest.raises(InputError, match="holds something else"):
        merge(parts, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_failures_of_shards_are_told(parts: list[Path], copies: list[Path], tmp_path: Path) -> None:
    path = copies[0] / store.MANIFEST
    manifest = store.read_json(path)
    lost, mended = (
        manifest["shards"]["1/2"][0],
        store.read_json(parts[1] / store.MANIFEST)["shards"]["2/2"][0],
    )
    (copies[0] / store.MARKERS / f"{lost}.json").unlink()
    failures = [{"run_id": run, "message": "no luck"} for run in (lost, mended)]
    store.write_json(path, {**manifest, "failures": failures})
    assert merge(copies, tmp_path / "r").failures == {lost: "no luck"}
