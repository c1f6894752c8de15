"""How the runs of a batch come about: one by one in this process, or in blocks on the workers of a scheduler."""

import gc
import time
import traceback
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from functools import cache
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from abm.core.errors import InputError, StoppedError
from abm.model.environment import code_digest
from abm.records import store
from abm.runs.blocks import blocks
from abm.runs.design import RunSpec
from abm.runs.parcel import unwrap, wrap
from abm.runs.simulate import run_into

Outcome = Exception | dict[str, Any] | None
"""How a run ended: what went wrong, or its marker. None: it has ended, and the outcome follows with its block."""

_LONGEST_ALONE = 60.0
"""Seconds that a batch of this machine waits for a worker, where none is left."""


class RunError(RuntimeError):
    """A run failed on a worker; the message says how and where."""


def outcomes(
    specs: Sequence[RunSpec], folder: Path, workers: int | None, cluster: str | None
) -> Generator[tuple[RunSpec, Outcome], None, None]:
    """Do the runs and say how each ended, as they end.

    Raises:
        StoppedError: the folder cannot be written, the scheduler has gone, or no worker is left.
        InputError: no scheduler answers.
    """
    # Dask is loaded where it is needed: a script that runs in one process needs none of it.
    if not specs:
        return
    if cluster is not None:
        from abm.runs.cluster import connected

        with connected(cluster) as client:
            yield from _OnWorkers(specs, folder, client, own=False).outcomes()
        return
    if workers != 1 and len(specs) > 1:
        from abm.runs.cluster import cores, local_workers

        with local_workers(min(len(specs), workers or cores())) as client:
            yield from _OnWorkers(specs, folder, client, own=True).outcomes()
        return
    for spec in specs:
        yield spec, attempt(spec, folder)


def attempt(spec: RunSpec, folder: Path) -> Exception | dict[str, Any]:
    """Do one run; its marker, or what went wrong.

    Raises:
        StoppedError: the folder cannot be written, so that no other run would fare better.
    """
    try:
        return run_into(spec, folder)
    except StoppedError:
        raise
    except Exception as error:  # any mechanism, also a user's own, may fail in any way; the batch goes on
        return error


def message_of(error: Exception) -> str:
    """One line: kind of error, text, and the last line of ours that it passed."""
    if isinstance(error, RunError | InputError):
        return str(error)
    text = " ".join(f"{type(error).__name__}: {error}".split())
    places = [
        (frame.f_globals.get("__name__", "?"), line) for frame, line in traceback.walk_tb(error.__traceback__)
    ]
    ours = [f"{module}:{line}" for module, line in places if module.startswith("abm.")]
    return f"{text} ({ours[-1]})" if ours else text


# --- on a worker ------------------------------------------------------------------------------------------


def attempt_there(parcel: bytes, code: str, folder: str, topic: str) -> list[Exception | dict[str, Any]]:
    """The runs of a block on a worker, which reads nothing but their description and writes their files.

    What a worker that died had finished of the same block is not done again.

    Args:
        parcel: list of descriptions.
        code: digest of the code that the caller has.
        topic: where to say that a run has ended.

    Returns:
        For each run its marker or what went wrong.
    """
    place = Path(folder)
    if not (place / store.MANIFEST).is_file():
        mend = "use a folder that all workers share"
        raise InputError("a worker does not see this folder", file=folder, key="--out", mend=mend)
    specs: list[RunSpec] = unwrap(parcel)
    _leave_out_of_collections()
    if _code_of(specs) != code:
        raise InputError("a worker has other code than this", mend="install the same version there")
    ended = []
    for spec in specs:
        ended.append(_done_before(spec, place) or _sendable(attempt(spec, place)))
        _say(topic, spec.run_id)
    return ended


@cache
def _leave_out_of_collections() -> None:
    """Once in a process: what has been loaded stays, and need not be looked through for garbage in every run."""
    gc.collect()
    gc.freeze()


def _done_before(spec: RunSpec, folder: Path) -> dict[str, Any] | None:
    path = folder / store.MARKERS / f"{spec.run_id}.json"
    if not path.is_file():
        return None
    marker = store.read_marker(path)
    return marker if store.is_whole(folder, spec.run_id, marker) else None


def _sendable(outcome: Exception | dict[str, Any]) -> Exception | dict[str, Any]:
    """Not every exception survives the way home."""
    if isinstance(outcome, dict | InputError):
        return outcome
    return RunError(message_of(outcome))


def _say(topic: str, run_id: str) -> None:
    from distributed import get_worker

    get_worker().log_event(topic, run_id)


def _code_of(specs: Sequence[RunSpec]) -> str:
    """Digest of the code that acts in some runs, users' own mechanisms included."""
    scenarios = {spec.scenario.content_hash: spec.scenario for spec in specs}
    return " ".join(sorted({code_digest(scenario) for scenario in scenarios.values()}))


# --- at the client ----------------------------------------------------------------------------------------


class _OnWorkers:
    """Hands out blocks a few at a time, so that neither scheduler nor client holds more than those.

    A worker that dies takes down what it was at, and Dask cannot say which run was to blame. So the runs of its block
    are done again one by one; and who was lost again while others were under way, once more with nothing beside it.
    """

    def __init__(self, specs: Sequence[RunSpec], folder: Path, client: Any, own: bool) -> None:
        self.folder, self.client, self.own = folder, client, own
        self.specs = {spec.run_id: spec for spec in specs}
        self.threads = sum(client.nthreads().values())
        self.waiting = blocks(specs, lambda: max(self.threads, 1))
        self.single: deque[RunSpec] = deque()
        self.alone: deque[RunSpec] = deque()
        self.under_way: dict[str, tuple[Any, list[RunSpec]]] = {}
        self.judged: str | None = None  # the task that runs with nothing beside it
        self.news: SimpleQueue[Any] = SimpleQueue()
        self.topic = f"abm-{id(self)}-{client.id}"

    def outcomes(self) -> Iterator[tuple[RunSpec, Outcome]]:
        """How the runs end, as they end."""
        self.client.subscribe_topic(self.topic, lambda event: self.news.put(event[1]))
        self._hand_out()
        while self.under_way:
            new = self._next_news()
            if isinstance(new, str):
                if new in self.specs:
                    yield self.specs[new], None
                continue
            yield from self._ended(new)
            self._hand_out()
        self.client.unsubscribe_topic(self.topic)

    def _hand_out(self) -> None:
        # one block to do and one to come; some for workers that are still on their way
        while len(self.under_way) < (2 * self.threads or 8):
            block = next(self.waiting, None)
            if block is None and self.single:
                block = [self.single.popleft()]
            if block is None:
                break
            self._submit(block)
        if not self.under_way and self.alone:
            self.judged = self._submit([self.alone.popleft()])

    def _submit(self, block: list[RunSpec]) -> str:
        future = self.client.submit(
            attempt_there, wrap(block), _code_of(block), str(self.folder), self.topic, pure=False
        )
        self.under_way[future.key] = future, block
        future.add_done_callback(self.news.put)
        return str(future.key)

    def _next_news(self) -> Any:
        """A run or a task that has ended; watches meanwhile who is there to end it."""
        lonely_since = None
        while True:
            try:
                return self.news.get(timeout=1.0)
            except Empty:
                self._look_for_workers()
            if self.threads or not self.own:  # those of a cluster may have to wait for their turn
                lonely_since = None
                continue
            lonely_since = lonely_since or time.monotonic()
            if time.monotonic() - lonely_since > _LONGEST_ALONE:
                raise StoppedError(
                    "no worker process is left; what is finished is kept, the same command goes on from there"
                )

    def _look_for_workers(self) -> None:
        if self.client.status != "running":
            raise self._gone()
        try:
            self.threads = sum(self.client.nthreads().values())
        except OSError as error:  # such as a connection that breaks just now
            raise self._gone() from error
        self._hand_out()

    def _ended(self, future: Any) -> Iterator[tuple[RunSpec, Outcome]]:
        from distributed import KilledWorker

        _, block = self.under_way.pop(future.key)
        try:
            ended = future.result()
        except KilledWorker:
            yield from self._lost(block, judged=future.key == self.judged)
            return
        except StoppedError:
            raise
        except InputError as error:
            ended = [error] * len(block)
        except BaseException as lost:  # what Dask raises has no common base
            if future.status == "cancelled":
                raise self._gone() from lost
            if not isinstance(lost, Exception):
                raise
            ended = [RunError(message_of(lost))] * len(block)
        finally:
            future.release()
        yield from zip(block, ended, strict=True)

    def _lost(self, block: list[RunSpec], judged: bool) -> Iterator[tuple[RunSpec, Outcome]]:
        """What becomes of the runs that a worker was at when it died."""
        if judged:
            yield block[0], RunError("the worker process died in this run, perhaps for lack of memory")
        elif len(block) > 1:
            self.single.extend(block)
        else:
            self.alone.extend(block)

    def _gone(self) -> StoppedError:
        address = self.client.scheduler.address if self.client.scheduler else "its address"
        return StoppedError(
            f"the scheduler at {address} has gone; what is finished is kept, "
            "start one, and the same command goes on from there"
        )
