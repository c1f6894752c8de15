"""Whether a hypothesis was written down before the runs that judge it.

A manifest holds no time, so the two times that there are get compared: when the file that git holds came to say what it
says now (its commit; words that only explain may change later), and when the first run of the results was finished
(time of the earliest note in ``runs/``). This keeps an honest user from mixing up what came first. It stops nobody who
sets clocks: a copied folder is as young as the copy, and a commit says what time its author's clock said.
"""

import subprocess
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from abm.analysis.hypotheses import Hypothesis, decisive
from abm.core.errors import InputError
from abm.records.store import MARKERS


def check_registered(hypothesis: Hypothesis, folders: Iterable[Path]) -> bool:
    """Refuse results that are older than the hypothesis.

    Args:
        folders: the results folders that it is judged by.

    Returns:
        False where git does not know the file's folder, so that nothing could be checked.

    Raises:
        InputError: the file is not committed as it stands, or came after a run.
    """
    committed = committed_at(hypothesis.file)
    if committed is None:
        return False
    for folder in folders:
        first = min((note.stat().st_mtime for note in (folder / MARKERS).glob("*.json")), default=committed)
        if first < committed:
            raise InputError(
                f"says what it says since {_time(committed)}, and {folder} holds a run of {_time(first)}: a hypothesis "
                "has to be committed before the runs that judge it",
                file=hypothesis.file,
                mend="run the experiment again into a new folder, or leave the file out with --only",
            )
    return True


def committed_at(file: Path) -> float | None:
    """When git came to hold what a file decides, seconds since 1970; None outside git.

    Raises:
        InputError: the file is not committed, or has been changed since.
    """
    if _git(file, "rev-parse", "--is-inside-work-tree") is None:
        return None
    history = (_git(file, "log", "--format=%H %ct", "--", file.name) or "").splitlines()
    mend = "commit it, then run the experiment"
    if not history:
        raise InputError("is not committed", file=file, mend=mend)
    now = decisive(file.read_text(encoding="utf-8"))
    since = None
    for line in history:  # the newest first
        commit, time = line.split()
        text = _git(file, "show", f"{commit}:./{file.name}")
        if text is None or decisive(text) != now:
            break
        since = float(time)
    if since is None:
        raise InputError("has been changed since it was committed", file=file, mend=mend)
    return since


def _git(file: Path, *words: str) -> str | None:
    """What git says in the file's folder; None where it fails or is not there."""
    try:
        done = subprocess.run(
            ["git", "-C", str(file.resolve().parent), *words], capture_output=True, check=False
        )
    except OSError:
        return None
    return done.stdout.decode("utf-8", errors="replace") if done.returncode == 0 else None


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
