"""Processes to run a batch on: some of this machine, or those of a Dask scheduler that runs already."""

import asyncio
import json
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from distributed import Client, Scheduler
from distributed.deploy.spec import SpecCluster
from distributed.deploy.subprocess import SubprocessWorker

from abm.core.errors import InputError

_LOCALHOST = "127.0.0.1"
_ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
)
_WATCHED_LESS = {
    "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",
    "DASK_DISTRIBUTED__ADMIN__TICK__INTERVAL": "1s",
    "DASK_DISTRIBUTED__ADMIN__SYSTEM_MONITOR__INTERVAL": "10s",
}
"""What Dask watches of a worker, for displays that nobody opens. Its profile keeps all chains of calls that it has
seen, and grew by .5 MB a run of 22 years; looking fifty times a second whether the worker still answers, and twice at
the machine, took 7 % of a run of 2 000 households."""
_KEEPS_MEMORY = {
    "MALLOC_TRIM_THRESHOLD_": "67108864",
    "MALLOC_MMAP_THRESHOLD_": "33554432",
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
}
"""Dask has its workers give back memory above 64 KB at once, so that each array is paged in anew: runs of 30 000
households took twice as long, of 100 000 two and a half times. The bounds are those that glibc itself comes to. Where
the system allows it pages are huge, which saves a twentieth of a run of 100 000 households, nothing of a small one."""
WORKER_ENVIRONMENT = {**_ONE_THREAD, **_WATCHED_LESS, **_KEEPS_MEMORY}
"""Environment variables of a worker; ``docs/examples/workers.sh`` sets the same by hand."""


def cores() -> int:
    """Processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def connected(address: str) -> Iterator[Client]:
    """A client of a running scheduler.

    Raises:
        InputError: none answers there.
    """
    with _quiet():
        try:
            client = Client(address, timeout="5s", set_as_default=False)
        except (OSError, ValueError, ImportError):
            mend = "start one with 'dask scheduler' and give the address that it prints"
            raise InputError(f"no scheduler answers at {address}", key="--cluster", mend=mend) from None
        with client:
            yield client


@contextmanager
def local_workers(count: int) -> Iterator[Client]:
    """A client of that many worker processes of this machine, one thread each.

    The workers are programs of their own (``dask spec``) rather than children by ``multiprocessing``: those
    import the caller's script anew, and a script without a ``__main__`` guard would start batches for ever.
    Dask's limits on memory are off, since a worker that it pauses never goes on.
    """
    with TemporaryDirectory(prefix="abm-workers-") as scratch, _quiet():
        worker = {
            "cls": _Program,
            "options": {
                "worker_class": "distributed.Nanny",
                "worker_kwargs": {
                    "nthreads": 1,
                    "memory_limit": 0,
                    "host": _LOCALHOST,
                    "dashboard": False,
                    "local_directory": scratch,
                    "death_timeout": 60,
                },
            },
        }
        scheduler = {
            "cls": Scheduler,
            "options": {
                "host": _LOCALHOST,
                "port": 0,
                "protocol": "tcp://",
                "dashboard": False,
                # without one it would take port 8787, and warn where that is taken
                "dashboard_address": f"{_LOCALHOST}:0",
                # who dies takes a block of runs along, which is done again run by run
                "allowed_failures": 0,
            },
        }
        with (
            SpecCluster(
                scheduler=scheduler,
                workers=dict.fromkeys(range(count), worker),
                silence_logs=logging.CRITICAL,
            ) as cluster,
            Client(cluster, set_as_default=False) as client,
        ):
            yield client


class _Program(SubprocessWorker):
    """A worker that is a program of its own, in a session of its own: Ctrl-C reaches it through us alone."""

    async def _start(self) -> None:
        spec = json.dumps({"cls": self.worker_class, "opts": self.worker_kwargs})
        command = [sys.executable, "-m", "dask", "spec", self.scheduler, "--spec", spec]
        self.process = await asyncio.create_subprocess_exec(
            *command, env=_environment(), stdin=asyncio.subprocess.DEVNULL, start_new_session=True
        )


def _environment() -> dict[str, str]:
    """Environment of the workers: one thread each, the caller's modules, and no log but of what is fatal."""
    path = os.pathsep.join(entry or str(Path.cwd()) for entry in sys.path)
    return {
        **os.environ,
        **WORKER_ENVIRONMENT,
        "PYTHONPATH": path,
        "PYTHONSAFEPATH": "1",
        "DASK_LOGGING__DISTRIBUTED": "critical",
    }


@contextmanager
def _quiet() -> Iterator[None]:
    """Dask logs what a user can do nothing about, such as workers that leave when they are told to."""
    loggers = [logging.getLogger(name) for name in ("distributed", "tornado", "asyncio")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
