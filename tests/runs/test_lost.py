"""What a batch can lose: a disk, a worker, memory. What was finished stays, and the same call finishes the rest."""

import errno
import gc
import os
import resource
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import mesa
import pytest

from abm import factorial, read_results
from abm.core.errors import StoppedError
from abm.records import store
from abm.runs.batch import run_batch
from abm.runs.design import RunSpec, factorial_design
from abm.runs.engine import _OnWorkers
from abm.runs.results import Results
from abm.runs.simulate import run_spec
from abm.runs.verify import verify
from abm.scenario.schema import Scenario
from tests.runs.batches import REPLICATIONS, RUNS, files

FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_disk_that_fills_up(
    serial: Results, scenario: Scenario, size: dict, tmp_path: Path, monkeypatch
) -> None:
    """In the fifth run; then nothing can be written any more, not even the manifest."""
    call = {"replications": REPLICATIONS, "workers": 1, "out": tmp_path / "r", **size}
    tables = len(serial.manifest["digests"])
    sync, left = os.fsync, iter(range(1 + 4 * (tables + 1) + 2))

    def fills_up(descriptor: int) -> None:
        if next(left, None) is None:
            raise FULL
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", fills_up)
    with pytest.raises(StoppedError, match="cannot be written: No space left on device"):
        factorial(scenario, **call)
    monkeypatch.undo()
    part = read_results(tmp_path / "r")
    assert not part.manifest["complete"]
    assert part.outcomes["run_id"].nunique() == 4
    assert not list((tmp_path / "r").rglob("*.tmp"))
    log = (tmp_path / "r" / store.LOG).read_text()
    assert f" stopped at 4 of {RUNS} runs done, 0 failed, " in log
    assert "StoppedError: " in log
    assert factorial(scenario, **call).ran == RUNS - 4
    assert files(tmp_path / "r") == files(serial.folder)


@pytest.mark.parametrize("tables", [0, 1])
def test_a_disk_that_fills_up_in_the_first_run(
    scenario: Scenario, size: dict, tmp_path: Path, monkeypatch, tables: int
) -> None:
    """So many of its tables are there, its marker is not: the same command still knows the folder."""
    call = {"replications": 1, "workers": 1, "out": tmp_path / "r", **size}
    sync, left = os.fsync, iter(range(1 + tables))

    def fills_up(descriptor: int) -> None:
        if next(left, None) is None:
            raise FULL
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", fills_up)
    with pytest.raises(StoppedError, match="No space left on device"):
        factorial(scenario, **call)
    monkeypatch.undo()
    assert factorial(scenario, **call).ran == 8


@pytest.mark.parametrize("fault", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_disk_that_takes_nothing_at_all(
    scenario: Scenario, size: dict, tmp_path: Path, monkeypatch, fault: int
) -> None:
    def refuses(*_: object, **__: object) -> None:
        raise OSError(fault, os.strerror(fault))

    monkeypatch.setattr(Path, "mkdir", refuses)
    with pytest.raises(StoppedError, match=os.strerror(fault)):
        factorial(scenario, workers=1, out=tmp_path / "r", **size)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written(scenario: Scenario, size: dict, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    for out in (tmp_path, tmp_path / "r"):
        with pytest.raises(StoppedError, match="Permission denied"):
            factorial(scenario, workers=1, out=out, **size)
    tmp_path.chmod(0o700)
    assert list(tmp_path.iterdir()) == []


class Deadly(RunSpec):
    """A run that kills whoever reads its description."""

    def __reduce__(self) -> tuple[object, ...]:
        return eval, ("__import__('os').kill(__import__('os').getpid(), 9)",)


@pytest.fixture(scope="module")
def two() -> Iterator[object]:
    """A client of two workers of this machine."""
    from abm.runs.cluster import local_workers

    with local_workers(2) as client:
        yield client


@pytest.mark.slow
def test_a_run_that_kills_its_worker_takes_no_other_along(
    two, serial: Results, scenario: Scenario, size: dict, tmp_path: Path
) -> None:
    specs = factorial_design(scenario, replications=REPLICATIONS, **size)
    bad = Deadly(**{field.name: getattr(specs[1], field.name) for field in fields(RunSpec)})
    call = {"command": "factorial", "seed": 1, "out": tmp_path}
    results = run_batch([specs[0], bad, *specs[2:]], cluster=two.scheduler.address, **call)
    assert list(results.failures) == [bad.run_id]
    assert "the worker process died in this run" in results.failures[bad.run_id]
    assert results.ran == RUNS - 1
    found = verify(tmp_path)
    assert [f.problem for f in found.findings if "died in this run" in f.problem]
    assert (found.good, len(found.findings)) == (RUNS - 1, 1)
    assert run_batch(specs, workers=1, **call).ran == 1
    assert files(tmp_path) == files(serial.folder)


@pytest.mark.slow
def test_a_worker_stays_as_large_as_it_is(two, scenario: Scenario, size: dict, tmp_path: Path) -> None:
    """Mesa keeps every model alive: a dozen worlds would show."""

    def peak() -> int:
        return max(two.run(resource.getrusage, resource.RUSAGE_SELF).values(), key=lambda use: use.ru_maxrss)

    specs = factorial_design(scenario, replications=3, **size)
    (tmp_path / store.MANIFEST).touch()
    sizes = []
    for part in (specs[:8], specs[8:]):
        outcomes = list(_OnWorkers(part, tmp_path, two, own=True).outcomes())
        assert sum(isinstance(outcome, dict) for _, outcome in outcomes) == len(part)
        sizes.append(peak().ru_maxrss / 1024)
    assert sizes[1] < 400
    assert sizes[1] - sizes[0] < 10


def test_no_model_outlives_its_run(scenario: Scenario, size: dict) -> None:
    """Neither the run's own nor the host of its burn-in, whatever Mesa keeps."""

    def models() -> int:
        gc.collect()
        return sum(isinstance(thing, mesa.Model) for thing in gc.get_objects())

    spec, before = factorial_design(scenario, replications=1, **size)[0], models()
    run_spec(spec)
    assert models() == before


def test_the_log_says_when_and_how_far(
    serial: Results, scenario: Scenario, size: dict, tmp_path: Path, monkeypatch, capsys
) -> None:
    lines = (serial.folder / store.LOG).read_text().splitlines()
    assert lines[0].endswith(f"begin: factorial, {RUNS} of {RUNS} runs to do")
    assert f" end: {RUNS} of {RUNS} runs done, 0 failed, " in lines[-1]
    assert lines[-1].endswith(" runs/s, 0:00:00 left")

    def fails(**_: object) -> None:
        raise ZeroDivisionError("no households")

    monkeypatch.setattr("abm.runs.simulate.JointPointModel", fails)
    factorial(scenario, replications=1, workers=1, out=tmp_path, shard="1/8", progress=True, **size)
    lines = (tmp_path / store.LOG).read_text().splitlines()
    assert "begin: factorial shard 1/8, 1 of 1 runs to do" in lines[0]
    assert "failed: ZeroDivisionError: no households" in lines[1]
    assert "1 of 1 runs done, 1 failed" in lines[2]
    assert "1 failed" in capsys.readouterr().err
