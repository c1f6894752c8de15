"""How far a batch is: a bar on a terminal, and a log in its folder that says the same to whoever comes later."""

import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

_BETWEEN_LINES = 10.0
"""Seconds between two lines of the log that only say how far it is."""


class Progress:
    """Counts runs as they end, each once.

    Args:
        total: runs in all.
        done: those of them that were finished before.
        log: file to add lines to, if any; nothing is lost where it cannot be written.
        shown: the bar, where one is shown.
    """

    def __init__(self, total: int, done: int, log: Path | None, shown: Any = None) -> None:
        self.total, self.done, self.failed = total, done, 0
        self._log, self._bar = log, shown
        self._seen: set[str] = set()
        self._began = self._last_line = time.monotonic()
        self._at_first = done

    def ended(self, run_id: str, problem: str | None = None) -> None:
        """A run has ended; ``problem`` says what went wrong. Telling it twice does no harm."""
        if run_id not in self._seen:
            self._seen.add(run_id)
            self.done += 1
        if problem is not None:
            self.failed += 1
            self.line(f"run {run_id} failed: {problem}")
        if self._bar is not None:
            self._bar(self.done, self.failed)
        if time.monotonic() - self._last_line >= _BETWEEN_LINES:
            self.line(self.state())

    def state(self) -> str:
        """How many are done, at which rate, how long the others will take, and how many have failed."""
        seconds, done = time.monotonic() - self._began, self.done - self._at_first
        text = f"{self.done} of {self.total} runs done, {self.failed} failed"
        if done and seconds > 0:
            left = (self.total - self.done) * seconds / done
            text += f", {done / seconds:.3g} runs/s, {_duration(left)} left"
        return text

    def line(self, text: str) -> None:
        """Add a line to the log, with the time."""
        self._last_line = time.monotonic()
        if self._log is None:
            return
        now = datetime.now().astimezone().isoformat(timespec="seconds")
        with suppress(OSError), self._log.open("a", encoding="utf-8") as file:
            file.write(f"{now} {' '.join(text.split())}\n")


@contextmanager
def progress_of(total: int, done: int, log: Path | None, *, shown: bool, what: str) -> Iterator[Progress]:
    """Follow a batch; how it ends stands in the log, however it ends.

    Args:
        total: runs in all.
        done: those of them that are finished; where all are, nothing is logged.
        log: the log's file; None: no log.
        shown: whether to show a bar on stderr, counted in runs.
        what: what is run, in the log's first line.
    """
    if done == total:
        if shown:
            print(f"all {total} runs are done", file=sys.stderr)
        yield Progress(total, done, log)
        return
    with ExitStack() as stack:
        bar = stack.enter_context(_bar(total, done)) if shown else None
        progress = Progress(total, done, log, bar)
        progress.line(f"begin: {what}, {total - done} of {total} runs to do")
        try:
            yield progress
        except BaseException as error:
            why = f"{type(error).__name__}: {error}".strip(": ")
            progress.line(f"stopped at {progress.state()}; {why}")
            raise
        progress.line(f"end: {progress.state()}")


def _bar(total: int, done: int) -> AbstractContextManager[Any]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("runs"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TextColumn("{task.fields[failed]} failed"),
        TimeRemainingColumn(elapsed_when_finished=True),
    )

    @contextmanager
    def shown() -> Iterator[Any]:
        with Bar(*columns, console=Console(stderr=True)) as bar:
            task = bar.add_task("", total=total, completed=done, rate="", failed=0)
            began = time.monotonic()

            def move(now: int, failed: int) -> None:
                rate = (now - done) / max(time.monotonic() - began, 1e-9)
                text = f"{rate:.1f}/s" if rate >= 1.0 else f"{60 * rate:.1f}/min"
                bar.update(task, completed=now, rate=text, failed=failed)

            yield move

    return shown()


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"
