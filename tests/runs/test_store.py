"""A results folder: whole files or none, and nobody else's folder is touched."""

import errno
import fcntl
import json
import os
from hashlib import sha256
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from abm.core.errors import InputError, StoppedError
from abm.records import store
from tests.runs.tables import flows, key, outcomes

RUN = key().run_id


def write(folder: Path) -> None:
    tables = {"outcomes": outcomes(), "flows": flows([1.0, 2.0])}
    marker = {"run_id": RUN, "rows": dict.fromkeys(tables, 3), "digests": dict.fromkeys(tables, "0" * 64)}
    store.write_run(folder, RUN, tables, {**marker, "environment": {}})


def everything(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_run_is_one_file_a_table_and_a_marker(tmp_path: Path) -> None:
    write(tmp_path)
    assert sorted(everything(tmp_path)) == [
        f"flows/{RUN}.parquet",
        f"outcomes/{RUN}.parquet",
        f"runs/{RUN}.json",
    ]
    (marker,) = store.finished_runs(tmp_path).values()
    assert marker["run_id"] == RUN
    for table, checksum in marker["files"].items():
        assert sha256((tmp_path / table / f"{RUN}.parquet").read_bytes()).hexdigest() == checksum
    assert store.finished_runs(tmp_path, known={RUN}) == {}
    assert list(pd.read_parquet(tmp_path / "outcomes")["population"]) == ["all", "rural", "all"]


def test_a_run_that_cannot_be_written_leaves_no_marker_and_no_part(tmp_path: Path, monkeypatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(pq, "write_table", full)
    with pytest.raises(OSError, match="no space"):
        write(tmp_path)
    assert everything(tmp_path) == {}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        '{"run_id": "other", "digests": {}, "rows": {}, "environment": {}}',
        f'{{"run_id": "{RUN}", "digests": {{}}, "rows": {{}}, "environment": {{}}, "files": null}}',
    ],
)
def test_a_marker_that_is_none_is_named_with_its_mend(tmp_path: Path, text: str) -> None:
    write(tmp_path)
    (tmp_path / store.MARKERS / f"{RUN}.json").write_text(text, encoding="utf-8")
    with pytest.raises(
        InputError, match=rf"{RUN}\.json: is .*; remove it, and the same command does the run"
    ):
        store.finished_runs(tmp_path)


@pytest.mark.parametrize("fault", [errno.ENOSPC, errno.EACCES, errno.EROFS, errno.EDQUOT])
def test_a_disk_that_takes_no_more(tmp_path: Path, monkeypatch, fault: int) -> None:
    def full(_: int) -> None:
        raise OSError(fault, os.strerror(fault))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoppedError, match=os.strerror(fault)):
        write(tmp_path)
    assert everything(tmp_path) == {}


def test_the_marker_comes_last(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(store, "write_json", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path)
    assert len(everything(tmp_path)) == 2
    assert store.finished_runs(tmp_path) == {}


def test_a_table_with_other_columns_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="flows"):
        store.write_run(tmp_path, RUN, {"flows": flows([1.0]).drop_columns(["layer"])}, {})
    assert everything(tmp_path) == {}


def test_what_was_left_half_written_is_overlooked_and_cleared_away(tmp_path: Path) -> None:
    write(tmp_path)
    half = tmp_path / "outcomes" / ".deadbeef.parquet.77.tmp"
    half.write_bytes(b"PAR1")
    assert len(store.table_files(tmp_path, "outcomes")) == 1
    assert len(pd.read_parquet(tmp_path / "outcomes")) == 3
    with store.opened(tmp_path):
        assert not half.exists()
        half.touch()  # a worker is killed meanwhile
    assert not half.exists()


def test_an_empty_or_new_folder_may_be_used(tmp_path: Path) -> None:
    assert store.claim(tmp_path, "x") is None
    assert store.claim(tmp_path / "new" / "below", "x") is None
    assert not (tmp_path / "new").exists()
    (tmp_path / ".manifest.json.77.tmp").write_text("{")
    (tmp_path / "runs").mkdir()
    with store.one_at_a_time(tmp_path):
        assert store.claim(tmp_path, "x") is None


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"notes.txt": "mine"}, "holds something else"),
        ({".git/config": "mine"}, "holds something else"),
        ({"manifest.json": '{"experiment": "y"}'}, "another experiment"),
        ({"manifest.json": '{"experi'}, "damaged"),
        ({"manifest.json": "[]"}, "damaged"),
    ],
)
def test_other_content_is_refused_and_not_touched(tmp_path: Path, content: dict[str, str], said: str) -> None:
    for name, text in content.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    before = everything(tmp_path)
    with pytest.raises(InputError, match=said):
        store.claim(tmp_path, "x")
    assert everything(tmp_path) == before


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    file = tmp_path / "results"
    file.write_text("mine")
    with pytest.raises(InputError, match="is a file"):
        store.claim(file, "x")
    with pytest.raises(InputError, match="cannot be made"), store.opened(file / "below"):
        pass


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    refused = pytest.raises(InputError, match="another process")
    with store.opened(tmp_path), refused, store.opened(tmp_path):
        pass
    with store.opened(tmp_path):
        pass


def test_shards_may_share_a_folder_and_leave_what_another_is_writing(tmp_path: Path) -> None:
    refused = pytest.raises(InputError, match="another process")
    with store.opened(tmp_path, shared=True):
        half = tmp_path / ".manifest.json.77.tmp"
        half.touch()
        with store.opened(tmp_path, shared=True):
            assert half.exists()
        with refused, store.opened(tmp_path):
            pass
    with store.opened(tmp_path):
        assert not half.exists()


def test_shards_lock_a_file_and_no_folder(tmp_path: Path) -> None:
    """NFS carries locks on files to other machines, and those on folders nowhere."""
    with (tmp_path / store.LOCK).open("a") as other:
        with store.one_at_a_time(tmp_path), pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_folder_without_locks_may_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", none)
    with store.opened(tmp_path, shared=True), store.one_at_a_time(tmp_path):
        pass


def test_json_is_written_in_one_piece(tmp_path: Path) -> None:
    store.write_json(tmp_path / "a.json", {"名": 1})
    with pytest.raises(TypeError):
        store.write_json(tmp_path / "a.json", {"名": object()})
    assert json.loads((tmp_path / "a.json").read_text()) == {"名": 1}
