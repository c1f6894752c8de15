"""A run in a process of its own, where texts hash otherwise and sets stand in another order.

What a rule makes of ``hash``, ``id`` or the order of a set is the same throughout a process, and another in the next.
"""

import os
import pickle
import subprocess
import sys
from base64 import b64decode, b64encode
from pathlib import Path

from abm.laws.trial import Trial
from abm.laws.verdicts import Breach, breach_at, breach_by
from abm.laws.watching import RuleFailed, Step, checksums, run_watched

_SEEDS_OF_HASHES = ("1", "2")

Seen = list[tuple[Step, dict[str, int]]]
"""After each turn of a mechanism the checksums of the world."""


def apart(trial: Trial) -> Breach | None:
    """The first turn after which two processes differ."""
    one, other = (_in_a_process(trial, seed) for seed in _SEEDS_OF_HASHES)
    if isinstance(one, Breach):
        return one
    if isinstance(other, Breach):
        return other
    for (step, mine), (_, theirs) in zip(one, other, strict=True):
        for name, checksum in mine.items():
            if theirs[name] != checksum:
                return breach_at(step, f"{name} differs from process to process")
    return None


def _in_a_process(trial: Trial, seed_of_hashes: str) -> Seen | Breach:
    path = os.pathsep.join(entry or str(Path.cwd()) for entry in sys.path)
    done = subprocess.run(
        [sys.executable, "-m", "abm.laws.elsewhere"],
        input=b64encode(pickle.dumps(trial)),
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONHASHSEED": seed_of_hashes, "PYTHONPATH": path},
        check=True,
    )
    seen: Seen | Breach = pickle.loads(b64decode(done.stdout.rpartition(b"\n")[2]))
    return seen


def watched(trial: Trial) -> Seen | Breach:
    """What a run shows after each turn, or the rule that ended it."""
    seen: Seen = []
    model = trial.model()
    try:
        run_watched(model, lambda step: seen.append((step, checksums(model.world))))
    except RuleFailed as failed:
        return breach_by(failed)
    return seen


def _main() -> None:
    """Read a trial from the standard input and write what it shows, in the last line."""
    seen = watched(pickle.loads(b64decode(sys.stdin.buffer.read())))
    sys.stdout.buffer.write(b"\n" + b64encode(pickle.dumps(seen)))


if __name__ == "__main__":
    _main()
