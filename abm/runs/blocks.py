"""Blocks of runs: what one task of a batch does, and what one shard of a job array does.

Runs that share a burn-in lie side by side in a design (``burn_in_key``). They stay together in one task, so that one
worker makes the burn-in and uses it for the others, and in one shard, so that no two machines make it.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from abm.core.errors import InputError
from abm.runs.design import RunSpec

MOST = 8
"""Runs in one task: Dask takes some milliseconds for a task, and a run of a small world a fifth of a second."""


@dataclass(frozen=True)
class Shard:
    """One of *of* parts of an experiment, counted from 1."""

    index: int
    of: int

    def __str__(self) -> str:
        return f"{self.index}/{self.of}"


def read_shard(text: str) -> Shard:
    """``"2/5"``: the second of five parts.

    Raises:
        InputError: anything else.
    """
    found = re.fullmatch(r"\s*([0-9]{1,6})\s*/\s*([0-9]{1,6})\s*", text)
    mend = "write i/n, such as 1/4, and count i from 1 to n"
    if not found:
        raise InputError(f"'{text}' is no part of a whole", key="--shard", mend=mend)
    index, of = int(found[1]), int(found[2])
    if not 1 <= index <= of:
        raise InputError(f"there is no part {index} of {of}", key="--shard", mend=mend)
    return Shard(index, of)


def shard_runs(specs: Sequence[RunSpec], shard: Shard) -> list[RunSpec]:
    """The runs of a shard: the same whoever asks, and together all of them, each once.

    Whole groups that share a burn-in go round the shards; where there are fewer groups than shards, single runs do.
    """
    groups = list(burn_in_groups(specs))
    if len(groups) < shard.of:
        groups = [[spec] for spec in specs]
    return [spec for group in groups[shard.index - 1 :: shard.of] for spec in group]


def burn_in_groups(specs: Sequence[RunSpec]) -> Iterator[list[RunSpec]]:
    """Neighbours in a design that begin with the same years before the start."""
    for _, group in groupby(specs, burn_in_key):
        yield list(group)


def burn_in_key(spec: RunSpec) -> tuple[object, ...]:
    """What two runs that share a burn-in have in common."""
    return (spec.scenario.content_hash, spec.seed, spec.draw, spec.parameters, spec.households)


def blocks(specs: Sequence[RunSpec], workers: Callable[[], int], most: int = MOST) -> Iterator[list[RunSpec]]:
    """Cut runs into tasks, in order.

    A task has up to ``most`` runs and never parts a group where it can take it whole. Towards the end tasks grow
    smaller, so that the workers end together: what is left goes round all of them at least twice.
    ``workers`` is asked each time, since some may come later.
    """
    left = len(specs)
    block: list[RunSpec] = []
    for group in burn_in_groups(specs):
        if block and len(block) + len(group) > _size(left, workers(), most):
            yield block
            left, block = left - len(block), []
        for spec in group:
            block.append(spec)
            if len(block) >= _size(left, workers(), most):
                yield block
                left, block = left - len(block), []
    if block:
        yield block


def _size(left: int, workers: int, most: int) -> int:
    return max(1, min(most, left // (2 * workers)))
