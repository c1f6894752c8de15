"""A real scheduler and two workers, programs of their own as on a cluster: what dies takes nothing along."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import abm
from abm import factorial, read_results
from abm.core.errors import StoppedError
from abm.runs.cluster import local_workers
from abm.runs.results import Results
from abm.runs.verify import verify
from abm.scenario.schema import Scenario
from tests.runs.batches import REPLICATIONS


@dataclass
class Cluster:
    """Processes of a scheduler and its workers on the loopback address."""

    address: str
    scheduler: subprocess.Popen
    workers: list[subprocess.Popen]


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """Started as a user would start them, and killed at the end."""
    file = folder / "scheduler.json"
    # that code of the tests' own can be unpickled there
    env = {**os.environ, "PYTHONPATH": str(Path(abm.__file__).parents[1]), "OMP_NUM_THREADS": "1"}
    common = {"env": env, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
    dask = [sys.executable, "-m", "dask"]
    here = ["--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", str(file)]
    scheduler = subprocess.Popen([*dask, "scheduler", *here, "--port", "0"], **common)
    workers = [
        subprocess.Popen([*dask, "worker", *here, "--nthreads", "1", "--no-nanny"], **common)
        for _ in range(2)
    ]
    try:
        from distributed import Client

        until(file.is_file)
        with Client(scheduler_file=str(file), set_as_default=False, timeout=60) as client:
            client.wait_for_workers(2, timeout=60)
            address = client.scheduler.address
        yield Cluster(address, scheduler, workers)
    finally:
        for process in (*workers, scheduler):
            process.kill()
            process.wait()


def until(so: Callable[[], bool]) -> None:
    """Wait for something, but not for ever."""
    end = time.monotonic() + 60
    while not so():
        assert time.monotonic() < end
        time.sleep(0.01)


def kill_after(runs: int, folder: Path, process: subprocess.Popen) -> threading.Thread:
    """Kill a process when so many runs are done."""

    def wait_and_kill() -> None:
        until(lambda: len(list((folder / "runs").glob("*.json"))) >= runs)
        process.send_signal(signal.SIGKILL)

    thread = threading.Thread(target=wait_and_kill)
    thread.start()
    return thread


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_worker_and_then_the_scheduler_killed_in_mid_batch(
    serial: Results, scenario: Scenario, size: dict, tmp_path: Path
) -> None:
    call = {"replications": REPLICATIONS, **size}
    with cluster(tmp_path) as running:
        one_less = tmp_path / "one_less"
        killing = kill_after(3, one_less, running.workers[0])
        results = factorial(scenario, cluster=running.address, out=one_less, **call)
        killing.join()
        assert running.workers[0].wait(10) == -signal.SIGKILL
        assert dict(results.failures) == {}
        assert results.ran == 8 * REPLICATIONS
        assert results.digests() == results.manifest["digests"] == serial.digests()

        none_left = tmp_path / "none_left"
        killing = kill_after(3, none_left, running.scheduler)
        with pytest.raises(StoppedError, match=r"the scheduler at tcp://127\.0\.0\.1:\d+ has gone"):
            factorial(scenario, cluster=running.address, out=none_left, **call)
        killing.join()
    part = read_results(none_left)
    assert not part.manifest["complete"]
    assert 3 <= part.outcomes["run_id"].nunique() < 8 * REPLICATIONS
    whole = factorial(scenario, workers=1, out=none_left, **call)
    assert whole.digests() == serial.digests()
    assert verify(none_left).sound


def test_workers_of_our_own_are_watched_little_and_keep_their_memory() -> None:
    """Dask's profile grows without end, its watch takes 7 % of a small run, its way with memory doubles large ones."""
    with local_workers(1) as client:
        client.wait_for_workers(1, timeout=60)
        (every,) = client.run(_milliseconds_between_calls).values()
        (trims_above,) = client.run(os.getenv, "MALLOC_TRIM_THRESHOLD_").values()
    assert "profile" not in every
    assert every["tick"] >= 1000
    assert every["monitor"] >= 10_000
    assert int(trims_above) >= 2**25  # Dask sets 2**16 where nothing is set


def _milliseconds_between_calls(dask_worker: Any) -> dict[str, float]:
    return {name: call.callback_time for name, call in dask_worker.periodic_callbacks.items()}
