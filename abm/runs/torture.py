"""A batch that is killed again and again must end with the results of one that was left in peace.

``kill -9`` leaves a process no time for anything. The moments are drawn: some more runs have been done, and then a part
of a run's time has gone by. Killed is the command alone (its workers have to notice), the command with all
its workers, or one worker (the command has to go on).
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from shutil import rmtree
from typing import Any

import numpy as np
import psutil

from abm.core.draws import Draws
from abm.core.errors import InputError, StoppedError
from abm.model.cache import FOLDER as CACHE
from abm.records import store
from abm.runs.aside import new_folder
from abm.runs.results import Results
from abm.runs.verify import verify

OWN_OPTIONS = ("--out", "--workers", "--cluster", "--shard")
"""Options that torture sets itself."""
TARGETS = ("command", "command and workers", "a worker")
NOBODY = "nobody"

_HANGS = 900.0
"""Seconds without a new run after which the batch is taken to hang."""
_EARLY = 0.2
"""Share of kills that may hit a command before it does runs."""
_BETWEEN_LOOKS = 1.0
"""Seconds between two looks at who is there, which takes the processor some time."""
_UNTIL_GONE = 30.0
"""Seconds that workers may outlive their command: they notice when they next speak to it."""


@dataclass(frozen=True)
class Kill:
    """One kill: which, of whom, how many seconds after the command's start, with how many runs done."""

    number: int
    target: str
    seconds: float
    runs: int


@dataclass(frozen=True)
class Torture:
    """What came out.

    Args:
        runs: of the batch.
        kills: as they happened; one that comes when the command has ended already hits ``nobody``.
        serial: digest of each table, of the batch in one process that was left in peace.
        tortured: the same of the batch that was killed.
        faults: whatever else is not as it should be, in words.
    """

    runs: int
    kills: tuple[Kill, ...]
    serial: dict[str, str]
    tortured: dict[str, str]
    faults: tuple[str, ...] = field(default=())

    @property
    def hits(self) -> int:
        """Kills that hit somebody."""
        return sum(kill.target != NOBODY for kill in self.kills)

    @property
    def survived(self) -> bool:
        """Whether some kills have hit, the results are equal and nothing else is wrong."""
        return self.hits > 0 and self.serial == self.tortured and not self.faults


def torture(
    words: Sequence[str],
    folder: Path,
    *,
    kills: int = 10,
    workers: int = 2,
    seed: int = 1,
    told: Callable[[str], None] = lambda _: None,
) -> Torture:
    """Do a batch in peace and in one process; do it again under ``kill -9``; compare.

    Args:
        words: of the command line, such as ``["factorial", "t_district", "--households", "200"]``.
        folder: new folder for both results, ``serial`` and ``tortured``, and meanwhile for burn-ins.
        kills: how many.
        workers: worker processes of the batch that is killed; 1: the command alone.
        seed: of the moments and targets.
        told: hears what is being done.

    Raises:
        InputError: words that cannot be, or a folder that holds something.
        StoppedError: the batch fails without any kill, too.
    """
    for option in OWN_OPTIONS:
        if any(word == option or word.startswith(f"{option}=") for word in words):
            raise InputError("is set by torture itself", key=option, mend="leave it out")
    new_folder(folder)
    told("in peace, in one process")
    folder.mkdir(parents=True, exist_ok=True)
    calm = _Command(words, folder / "serial", 1)
    try:
        _in_peace(calm)
    except InputError:
        calm.said.unlink()
        folder.rmdir()
        raise
    serial = Results(folder / "serial")
    runs = len(serial.manifest["runs"])
    # with burn-ins of its own, so that kills hit their making, too, and no reading of what peace has made
    tortured = _Command(words, folder / "tortured", workers, cache=(folder / "cache").absolute())
    victim = _Victim(tortured, runs, _pace(serial.folder), Draws(seed))
    done = []
    for number in range(1, kills + 1):
        done.append(victim.kill(number, kills))
        told(f"kill {number} of {kills}: {done[-1].target}, {done[-1].runs} of {runs} runs done")
    told("left in peace to finish")
    faults = victim.finish()
    rmtree(folder / "cache", ignore_errors=True)
    return Torture(runs, tuple(done), serial.digests(), Results(folder / "tortured").digests(), tuple(faults))


class _Command:
    """``abm WORDS`` in a session of its own; what it says on stderr lies beside its results."""

    def __init__(self, words: Sequence[str], out: Path, workers: int, cache: Path | None = None) -> None:
        self.out = out
        self._own = {} if cache is None else {CACHE: str(cache)}
        self.said = out.with_name(f"{out.name}.stderr")
        self._words = [sys.executable, "-m", "abm", *words, "--out", str(out), "--workers", str(workers)]

    def start(self) -> subprocess.Popen[bytes]:
        path = os.pathsep.join(entry or str(Path.cwd()) for entry in sys.path)
        with self.said.open("ab") as said:
            return subprocess.Popen(
                self._words,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=said,
                env={**os.environ, "PYTHONPATH": path, **self._own},
                start_new_session=True,
            )

    def last_words(self) -> str:
        lines = self.said.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing"

    def begun(self) -> int:
        """How often it has come so far as to do runs."""
        log = self.out / store.LOG
        return log.read_text(encoding="utf-8").count(" begin: ") if log.is_file() else 0

    def runs_done(self) -> int:
        return len(list((self.out / store.MARKERS).glob("*.json")))


def _in_peace(command: _Command) -> None:
    code = command.start().wait()
    if code == 2:
        raise InputError(command.last_words().removeprefix("abm: "))
    if code:
        raise StoppedError(f"the batch fails without any kill, too: {command.last_words()}")


def _pace(folder: Path) -> float:
    """Seconds that a run takes, by the ages of the runs' markers."""
    ages = sorted(path.stat().st_mtime for path in (folder / store.MARKERS).glob("*.json"))
    return (ages[-1] - ages[0]) / max(len(ages) - 1, 1)


class _Victim:
    """The batch that is killed, and started again.

    Args:
        runs: how many it has.
        pace: seconds that one of them takes in peace.
        luck: draws moments and targets.
    """

    def __init__(self, command: _Command, runs: int, pace: float, luck: Draws) -> None:
        self.command, self.runs, self.pace, self.luck = command, runs, pace, luck
        self.process: subprocess.Popen[bytes] | None = None
        self.started, self.begun = 0.0, 0
        self.seen: dict[int, psutil.Process] = {}
        self.faults: list[str] = []

    def kill(self, number: int, of: int) -> Kill:
        """Wait for the moment, and kill."""
        more, later, whom = (self._u(name, number) for name in ("more", "later", "whom"))
        process = self._running()
        if self._u("early", number) > _EARLY:
            self._wait(lambda: self.command.begun() > self.begun)
        done = self.command.runs_done()
        # so few more that some runs are left for the kills to come
        enough = done + int(more * (self.runs - done) / (of - number + 2))
        self._wait(lambda: self.command.runs_done() >= enough)
        self._wait_for(later * self.pace)
        if process.poll() is not None:
            self.process = None
            return Kill(number, NOBODY, time.monotonic() - self.started, self.command.runs_done())
        workers = self._workers(process)
        target = TARGETS[int(whom * len(TARGETS))] if workers else TARGETS[0]
        if target == "a worker":
            _kill_9(workers[int(self._u("which", number) * len(workers))])
        else:
            # the children first, or they would be nobody's and could not be found
            for other in [*workers, *self._descendants(process)] if target == TARGETS[1] else []:
                _kill_9(other)
            process.send_signal(signal.SIGKILL)
            process.wait()
            self.process = None
        return Kill(number, target, time.monotonic() - self.started, self.command.runs_done())

    def finish(self) -> list[str]:
        """Let the batch come to its end; what is wrong then."""
        code = self._running().poll()
        while code is None:
            self._wait(lambda: self.process is None or self.process.poll() is not None)
            code = self._running().poll()
        if code:
            self.faults.append(f"the command ends with exit code {code}: {self.command.last_words()}")
        _, alive = psutil.wait_procs(list(self.seen.values()), timeout=_UNTIL_GONE)
        if alive:
            self.faults.append(f"{len(alive)} processes are left behind")
            for process in alive:
                _kill_9(process)
        findings = verify(self.command.out).findings
        self.faults += [f"{f.file}: {f.problem}" for f in findings if not f.harmless]
        return self.faults

    def _running(self) -> subprocess.Popen[bytes]:
        """The process, started again where it was killed or has ended."""
        if self.process is None:
            self.begun = self.command.begun()
            self.process = self.command.start()
            self.started = time.monotonic()
        return self.process

    def _wait(self, until: Callable[[], bool]) -> None:
        """Until something is so or the command has ended; stops one that hangs."""
        best, since = self.command.runs_done(), time.monotonic()
        looked = 0.0
        while not until():
            process = self._running()
            if time.monotonic() - looked > _BETWEEN_LOOKS:
                self._descendants(process)
                looked = time.monotonic()
            if process.poll() is not None:
                return
            time.sleep(0.02)
            if self.command.runs_done() > best:
                best, since = self.command.runs_done(), time.monotonic()
            if time.monotonic() - since > _HANGS:
                for other in [*self._descendants(process), psutil.Process(process.pid)]:
                    _kill_9(other)
                raise StoppedError(f"no run has ended for {_HANGS:.0f} s; see {self.command.said}")

    def _wait_for(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        self._wait(lambda: time.monotonic() >= end)

    def _descendants(self, process: subprocess.Popen[bytes]) -> list[Any]:
        """Processes that the command has started, and those that these have; noted, to see that they go."""
        try:
            found = psutil.Process(process.pid).children(recursive=True)
        except psutil.Error:
            return []
        self.seen.update({one.pid: one for one in found if one.pid not in self.seen})
        return list(found)

    def _workers(self, process: subprocess.Popen[bytes]) -> list[Any]:
        """Those that do runs: Dask's nannies look after them and start them again."""
        workers = []
        for one in self._descendants(process):
            with suppress(psutil.Error):
                if any("spawn_main" in word for word in one.cmdline()):
                    workers.append(one)
        return workers

    def _u(self, what: str, number: int) -> float:
        return float(self.luck.uniform(f"torture.{what}", number, np.zeros(1, dtype=np.uint64))[0])


def _kill_9(process: Any) -> None:
    with suppress(psutil.Error):
        process.kill()
