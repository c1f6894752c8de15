"""``--shard``, ``abm merge``, ``abm verify``, ``abm torture``, and a disk that is full, as a user meets them."""

import errno
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from abm.runs.torture import NOBODY, Kill, Torture
from tests.end_to_end.small import SMALL_FACTORIAL, content_of

EXPERIMENT = """
scenario = "t_district"
households = 200
years = 6
replications = 2
from_year = 2017
[fixed]
"scenario.switch_year" = 2017
"scenario.burn_in" = 4
[design]
kind = "factorial"
switches = ["organizational", "social"]
"""

TINY = """
scenario = "t_district"
households = 200
years = 2
from_year = 2015
replications = 1
outputs = ["outcomes"]
[fixed]
"scenario.burn_in" = 0
[design]
kind = "grid"
[design.levels]
illness.reimbursed = [0.3, 0.5, 0.7, 0.9]
"""


@pytest.fixture
def shards(abm: Callable, here: Path) -> list[Path]:
    """Two halves of the small factorial."""
    for i in (1, 2):
        said = abm("factorial", *SMALL_FACTORIAL, "--shard", f"{i}/2", "--out", f"s{i}")
        assert said.code == 0, said.err
        assert said.out == f"Shard {i}/2: 4 runs done. Results in s{i}; 'abm merge' puts shards together\n"
        assert "4/4" in said.err
    return [here / "s1", here / "s2"]


def test_shards_merged_equal_the_factorial_in_one_piece(
    abm: Callable, here: Path, shards: list[Path], small_factorial: Path
) -> None:
    said = abm("merge", shards[1], "--out", "r")
    assert (said.code, said.out) == (1, "")
    assert said.err == (
        "abm: 4 of 8 runs are in none of these folders; what they have is in r, "
        "finish the shards and merge again\n"
    )
    note = next((here / "r" / "runs").iterdir())
    strange = note.with_stem("0" * 16)  # of no run of this experiment, and none of the eight
    strange.write_text(note.read_text().replace(note.stem, strange.stem))
    assert abm("merge", shards[1], "--out", "r").err.startswith("abm: 4 of 8 runs are in none")
    strange.unlink()
    said = abm("merge", *shards, "--out", "r")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("All 8 runs are in r;")
    assert content_of(here / "r") == content_of(small_factorial)
    assert abm("digest", "r").out == abm("digest", small_factorial).out
    said = abm("verify", "r")
    tables = len(list((here / "r").glob("*/*.parquet")))
    assert (said.code, said.out, said.err) == (0, f"8 of 8 runs are whole; {tables} files compared\n", "")

    damaged = sorted((here / "r" / "flows").iterdir())[0]
    damaged.write_bytes(damaged.read_bytes()[:100])
    said = abm("verify", "r")
    assert said.code == 1
    assert said.out.startswith(f"r/flows/{damaged.name}: is truncated or altered (other SHA-256); remove")
    assert "7 of 8 runs are whole" in said.out
    said = abm("merge", "r", "--out", "again")
    assert said.code == 1
    assert f"flows/{damaged.name}: is truncated or altered" in said.err
    assert not (here / "again").exists()


def test_shards_of_an_experiment_file(abm: Callable, here: Path) -> None:
    (here / "tiny.toml").write_text(TINY, encoding="utf-8")
    assert abm("batch", "tiny.toml", "--workers", 1, "--out", "whole").code == 0
    for i in (1, 2):
        said = abm("batch", "tiny.toml", "--workers", 1, "--shard", f"{i}/2", "--out", f"s{i}")
        assert (said.code, said.out.partition(".")[0]) == (0, f"Shard {i}/2: 2 runs done")
        said = abm("batch", "tiny.toml", "--workers", 1, "--shard", f"{i}/2", "--out", "shared")
        assert said.code == 0
    assert abm("merge", "s1", "s2", "--out", "r").code == 0
    assert content_of(here / "r") == content_of(here / "shared") == content_of(here / "whole")
    said = abm("batch", "tiny.toml", "--shard", "3/2", "--out", "other")
    assert (said.code, (here / "other").exists()) == (2, False)
    assert "--shard" in said.err


def test_a_dry_run_of_a_shard_is_of_its_runs_alone(abm: Callable, here: Path) -> None:
    (here / "tiny.toml").write_text(TINY, encoding="utf-8")
    dry = ("batch", "tiny.toml", "--dry-run", "--out", "s")
    said = abm(*dry, "--shard", "1/4")
    assert re.search(r" runs +│ 4, of which 0 are done", said.out)
    assert re.search(r" shard 1/4 +│ 1, of which 0 are done", said.out)
    assert abm("batch", "tiny.toml", "--workers", 1, "--shard", "1/4", "--out", "s").code == 0
    said = abm(*dry, "--shard", "1/4")
    assert re.search(r" runs +│ 4, of which 1 are done", said.out)
    assert re.search(r" shard 1/4 +│ 1, of which 1 are done", said.out)
    assert re.search(r" processor time +│ 0 s", said.out)
    assert " shard " not in abm(*dry).out
    assert abm(*dry, "--shard", "5/4").code == 2


def test_a_shard_answers_for_its_own_runs(abm: Callable, here: Path, monkeypatch) -> None:
    """In a folder that it shares with one whose runs have failed."""

    def fails(**_: object) -> None:
        raise ZeroDivisionError("no households")

    (here / "tiny.toml").write_text(TINY, encoding="utf-8")
    words = ("batch", "tiny.toml", "--workers", 1, "--out", "shared", "--shard")
    with monkeypatch.context() as patch:
        patch.setattr("abm.runs.simulate.JointPointModel", fails)
        said = abm(*words, "1/2")
    assert said.code == 1
    assert "2 of 2 runs failed, the first: ZeroDivisionError" in said.err
    assert abm(*words, "2/2").code == 0


@pytest.mark.parametrize("shard", ["0/2", "3/2", "half", ""])
def test_a_shard_that_cannot_be(abm: Callable, here: Path, shard: str) -> None:
    said = abm("factorial", *SMALL_FACTORIAL, "--shard", shard, "--out", "r")
    assert said.code == 2
    assert said.err.startswith("abm: --shard: ")
    assert not (here / "r").exists()


def test_what_cannot_be_verified_or_merged(
    abm: Callable, here: Path, one_run: Path, small_factorial: Path
) -> None:
    assert abm("verify", "none").code == 2
    assert abm("verify", here).code == 2
    said = abm("merge", small_factorial, one_run, "--out", "r")
    assert said.code == 2
    assert "is of another experiment" in said.err
    assert list(here.iterdir()) == []


def test_a_full_disk_is_one_line_and_exit_code_1(abm: Callable, here: Path, monkeypatch) -> None:
    sync, left = os.fsync, iter(range(30))

    def fills_up(descriptor: int) -> None:
        if next(left, None) is None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", fills_up)
    said = abm("factorial", *SMALL_FACTORIAL, "--out", "r")
    assert said.code == 1
    assert said.err.splitlines()[-1].startswith("abm: ")
    assert "cannot be written: No space left on device; what is finished is kept" in said.err.splitlines()[-1]
    assert "FAILURE" not in said.err
    monkeypatch.undo()
    monkeypatch.chdir(here)
    done = len(list((here / "r" / "runs").iterdir()))
    assert done >= 1
    said = abm("verify", "r")
    assert said.code == 1
    assert f"r: {8 - done} of 8 runs are missing" in said.out


@pytest.mark.long
def test_torture_by_an_experiment_file(abm: Callable, here: Path, monkeypatch) -> None:
    """Three ``kill -9`` of the command itself, its workers or one of them, which make burn-ins of their own."""
    made: list[Path] = []
    monkeypatch.setattr("abm.runs.torture.rmtree", lambda path, **_: made.extend(path.rglob("*.pickle")))
    (here / "small.toml").write_text(EXPERIMENT, encoding="utf-8")
    said = abm("torture", "small.toml", "--kills", 3, "--out", "t")
    assert said.code == 0, said.out
    assert re.match(r"After [123] kills all 8 runs are the same, none is missing", said.out.splitlines()[-1])
    assert "DIFFERENT" not in said.out
    assert len(made) == 2
    assert content_of(here / "t" / "serial") == content_of(here / "t" / "tortured")
    log = (here / "t" / "tortured" / "batch.log").read_text()
    assert log.count(" begin: ") >= log.count(" end: ") == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["none.toml"], "none.toml"),
        (["x", "--kills", "0"], "--kills"),
        (["--", "factorial", "t_district", "--workers", "3"], "--workers: is set by torture itself"),
    ],
)
def test_torture_refuses(abm: Callable, here: Path, words: list[str], said: str) -> None:
    told = abm("torture", "--out", "t", *words)
    assert told.code == 2
    assert said in told.err.splitlines()[-1]
    assert list(here.iterdir()) == []


def test_torture_keeps_out_of_other_folders(abm: Callable, here: Path) -> None:
    (here / "mine.txt").touch()
    said = abm("torture", "x.toml", "--out", here)
    assert said.code == 2
    assert "--out: is there already" in said.err
    assert [path.name for path in here.iterdir()] == ["mine.txt"]


def test_torture_tells_what_is_not_equal() -> None:
    same, kills = {"outcomes": "a"}, (Kill(1, "command", 2.0, 3), Kill(2, NOBODY, 1.0, 8))
    assert Torture(8, kills, same, dict(same)).hits == 1
    assert Torture(8, kills, same, dict(same)).survived
    assert not Torture(8, kills[1:], same, dict(same)).survived
    assert not Torture(8, kills, same, {"outcomes": "b"}).survived
    assert not Torture(8, kills, same, {}).survived
    assert not Torture(8, kills, same, dict(same), ("2 processes are left behind",)).survived
