"""From the words of ``--off`` and ``--strength`` to an arm, and to the name of a run's folder."""

from collections.abc import Sequence
from pathlib import Path

from abm.cli.options import LayerWord
from abm.scenario.switches import Arm


def arm_of(words: Sequence[LayerWord]) -> Arm:
    """The arm that the words describe."""
    strength = {word.layer: word.strength for word in words}
    years = {word.layer: word.year for word in words}
    several = len(set(years.values())) > 1
    return Arm(
        organizational=strength.get("organizational", True),
        interest=strength.get("interest", True),
        social=strength.get("social", True),
        from_year=None if several else next(iter(years.values()), None),
        years=tuple(sorted(years.items())) if several else (),
    )


def own_folder(name: str, seed: int, words: Sequence[LayerWord], snapshots: bool, run_id: str) -> Path:
    """A folder that belongs to this run alone: what was asked for, and the start of the run's own hash."""
    parts = [name, f"seed{seed}"]
    for word in words:
        what = f"{word.layer}{word.strength:g}" if word.strength else f"off-{word.layer}"
        parts.append(what if word.year is None else f"{what}-{word.year}")
    return Path("results") / "-".join([*parts, *(["snapshots"] if snapshots else []), run_id[:8]])
