"""Simulations that a calibration asks for: done here or on workers, logged one by one, never done twice.

The log ``simulations.jsonl`` has a line per simulation: its key, the parameters' values, the moments (or what went
wrong) and the seconds on the calibration's clock. A calibration that was stopped finds them again by key.
"""

import json
import time
import traceback
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Protocol, TextIO

import numpy as np
from numpy.typing import NDArray

from abm.runs.parcel import unwrap, wrap

Floats = NDArray[np.float64]


class Model(Protocol):
    """What is calibrated: picklable, the same moments for the same values and seed."""

    def __call__(self, values: Mapping[str, float], seed: int) -> Floats: ...


@dataclass(frozen=True)
class Task:
    """One simulation: its key in the log, values of the free parameters, and the run's seed."""

    key: str
    values: Mapping[str, float]
    seed: int


@dataclass(frozen=True)
class Done:
    """How a simulation ended: with moments, or with an error (then ``moments`` is None)."""

    moments: tuple[float, ...] | None
    error: str = ""


class BudgetSpent(Exception):
    """The minutes or simulations that a part of the calibration may take are used up."""


@dataclass
class Budget:
    """Limits on the whole of a calibration, over all its sessions; None: no limit."""

    seconds: float | None = None
    simulations: int | None = None

    def part(self, share: float) -> "Budget":
        """The same limits, at a share of them."""
        return Budget(
            None if self.seconds is None else share * self.seconds,
            None if self.simulations is None else int(share * self.simulations),
        )


def attempt(model: Model, values: Mapping[str, float], seed: int) -> Done:
    """One simulation; whatever it raises becomes a line of text, since any rule may fail at odd values."""
    try:
        moments = tuple(float(m) for m in model(values, seed))
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        return Done(None, f"{type(error).__name__}: {error} ({Path(where.filename).name}:{where.lineno})")
    if not np.isfinite(moments).all():
        return Done(None, "a moment is not a number")
    return Done(moments)


def attempt_there(parcel: bytes, values: Mapping[str, float], seed: int) -> Done:
    """The same on a worker."""
    return attempt(unwrap(parcel), values, seed)


class Workers:
    """Where simulations are done: this process (no client) or the workers of a Dask client."""

    def __init__(self, client: Any = None) -> None:
        self.client = client

    @property
    def at_once(self) -> int:
        """Simulations that run side by side."""
        return 1 if self.client is None else max(1, sum(self.client.nthreads().values()))

    def in_order(
        self, function: Callable[..., Any], arguments: Iterable[Sequence[Any]]
    ) -> Generator[Any, None, None]:
        """``function(*a)`` for each of the arguments, in their order, a few under way at a time.

        When the caller stops asking, what is under way is cancelled.
        """
        if self.client is None:
            for words in arguments:
                yield function(*words)
            return
        waiting = iter(arguments)
        futures = [self._submit(function, a) for a in islice(waiting, 2 * self.at_once)]
        try:
            while futures:
                yield futures.pop(0).result()
                futures.extend(self._submit(function, a) for a in islice(waiting, 1))
        finally:
            if futures:
                self.client.cancel(futures)

    def _submit(self, function: Callable[..., Any], words: Sequence[Any]) -> Any:
        return self.client.submit(function, *words, pure=False)


@dataclass
class Log:
    """All simulations of a calibration, in a file that grows by a line each.

    Args:
        path: the file; it is read first where it is there.
        distance: of a simulation's moments from the targets.
        watch: called after each simulation that was done or found again.
    """

    path: Path
    distance: Callable[[Floats], float]
    watch: Callable[["Log"], None] = lambda log: None
    known: dict[str, Done] = field(default_factory=dict)
    best: float = float("inf")
    """The smallest distance of all."""
    failed: int = 0
    found: int = 0
    """Simulations of earlier sessions."""
    _seconds: float = 0.0
    _began: float = field(default_factory=time.monotonic)
    _file: TextIO | None = None

    def __post_init__(self) -> None:
        if not self.path.is_file():
            return
        whole = self.path.read_bytes()
        whole = whole[: whole.rfind(b"\n") + 1]  # a line that was cut off is done again
        self.path.write_bytes(whole)
        for line in whole.decode().splitlines():
            said = json.loads(line)
            moments = said["moments"]
            self._know(said["key"], Done(None if moments is None else tuple(moments), said["error"]))
            self._seconds = max(self._seconds, said["seconds"])
        self.found = len(self.known)

    @property
    def seconds(self) -> float:
        """Time spent so far, earlier sessions included."""
        return self._seconds + time.monotonic() - self._began

    def find(self, key: str) -> Done | None:
        """What is known of a simulation."""
        return self.known.get(key)

    def add(self, task: Task, done: Done) -> None:
        """Take note that a simulation was asked for, and write it down if it is new."""
        if task.key not in self.known:
            self._know(task.key, done)
            self._write(task, done)
        self.watch(self)

    def check(self, budget: Budget, key: str) -> None:
        """Raise ``BudgetSpent`` where it is; a simulation that is known already costs nothing."""
        if key in self.known:
            return
        if budget.simulations is not None and len(self.known) >= budget.simulations:
            raise BudgetSpent
        if budget.seconds is not None and self.seconds >= budget.seconds:
            raise BudgetSpent

    @contextmanager
    def opened(self) -> Iterator["Log"]:
        with self.path.open("a", encoding="utf-8") as file:
            self._file = file
            try:
                yield self
            finally:
                self._file = None

    def _know(self, key: str, done: Done) -> None:
        self.known[key] = done
        if done.moments is None:
            self.failed += 1
        else:
            self.best = min(self.best, self.distance(np.array(done.moments)))

    def _write(self, task: Task, done: Done) -> None:
        said = {
            "key": task.key,
            "seed": task.seed,
            "values": dict(task.values),
            "moments": done.moments,
            "error": done.error,
            "seconds": round(self.seconds, 2),
        }
        if self._file is not None:
            self._file.write(json.dumps(said) + "\n")
            self._file.flush()


def simulate_all(
    model: Model, tasks: Sequence[Task], log: Log, workers: Workers, budget: Budget
) -> Generator[Done, None, None]:
    """How each task ended, in order and as soon as it is known; those of the log are not done again.

    Raises:
        BudgetSpent: before all are done.
    """
    new = list({task.key: task for task in tasks if log.find(task.key) is None}.values())
    if workers.client is None:
        results = workers.in_order(attempt, [(model, t.values, t.seed) for t in new])
    else:
        parcel = wrap(model)
        results = workers.in_order(attempt_there, [(parcel, t.values, t.seed) for t in new])
    with closing(results):
        for task in tasks:
            log.check(budget, task.key)
            done = log.find(task.key)
            done = next(results) if done is None else done
            log.add(task, done)
            yield done
