"""A run in a process of its own, where texts hash otherwise and sets stand in another order.

What a rule makes of ``hash``, ``id`` or the order of a set is the same throughout a process, and another in the next.
"""

import os
import pickle
import subprocess
import sys
from base64 import b64decode, b64encode
from hashlib import sha256
from pathlib import Path

from abm.laws.trial import Trial
from abm.laws.verdicts import Breach, breach_by
from abm.laws.watching import RuleFailed, Step, run_watched
from abm.world.world import World

_SEEDS_OF_HASHES = ("1", "2")

Seen = list[tuple[Step, dict[str, str]]]
"""After each turn of a mechanism a fingerprint of each column and account."""


def apart(trial: Trial) -> Breach | None:
    """The first turn after which two processes differ."""
    one, other = (_in_a_process(trial, seed) for seed in _SEEDS_OF_HASHES)
    if isinstance(one, Breach) or isinstance(other, Breach):
        return one if isinstance(one, Breach) else other if isinstance(other, Breach) else None
    for (step, mine), (_, theirs) in zip(one, other, strict=True):
        for name, print_ in mine.items():
            if theirs[name] != print_:
                return Breach(f"{name} differs from process to process", step.mechanism, step.tick, step.year)
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
        run_watched(model, lambda step: seen.append((step, prints(model.world))))
    except RuleFailed as failed:
        return breach_by(failed)
    return seen


def prints(world: World) -> dict[str, str]:
    """A fingerprint of each column and kind of account, the same in every process for the same numbers."""
    found = {
        f"{table}.{name}": columns[name]
        for table, columns in (
            ("households", world.households),
            ("workers", world.workers),
            ("enterprises", world.enterprises),
            ("places", world.places),
        )
        for name in columns
    }
    found |= {f"accounts of {kind}": held for kind, held in world.ledger.balances.items()}
    return {name: sha256(column.tobytes()).hexdigest()[:16] for name, column in found.items()}


def _main() -> None:
    """Read a trial from the standard input and write what it shows, in the last line."""
    seen = watched(pickle.loads(b64decode(sys.stdin.buffer.read())))
    sys.stdout.buffer.write(b"\n" + b64encode(pickle.dumps(seen)))


if __name__ == "__main__":
    _main()
