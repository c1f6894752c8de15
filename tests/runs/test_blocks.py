"""Blocks and shards: every run once, neighbours together, the same whoever cuts."""

from dataclasses import replace

import pytest

from abm.core.errors import InputError
from abm.runs.blocks import MOST, Shard, blocks, burn_in_groups, burn_in_key, read_shard, shard_runs
from abm.runs.design import RunSpec, factorial_design
from abm.scenario.schema import Scenario


@pytest.fixture(scope="module")
def specs(scenario: Scenario, size: dict) -> list[RunSpec]:
    return factorial_design(scenario, replications=12, **size)


@pytest.mark.parametrize("workers", [1, 2, 3, 16, 1000])
def test_blocks_hold_every_run_once_and_in_order(specs: list[RunSpec], workers: int) -> None:
    cut = list(blocks(specs, lambda: workers))
    assert [spec for block in cut for spec in block] == specs
    assert all(1 <= len(block) <= MOST for block in cut)


def test_arms_of_a_seed_are_one_block_until_the_end_is_near(specs: list[RunSpec]) -> None:
    cut = list(blocks(specs, lambda: 2))
    whole = [block for block in cut if len(block) == 8]
    assert len(whole) >= 8
    assert all(len({burn_in_key(spec) for spec in block}) == 1 for block in cut)
    assert len(cut[-1]) == len(cut[-2]) == 1


def test_runs_that_share_nothing_are_put_together_too(specs: list[RunSpec]) -> None:
    apart = [replace(spec, seed=seed) for seed, spec in enumerate(specs)]
    assert len(list(burn_in_groups(apart))) == len(apart)
    assert len(next(blocks(apart, lambda: 2))) == MOST


def test_workers_that_come_later_get_their_share(specs: list[RunSpec]) -> None:
    there = iter([1, 1])
    cut = list(blocks(specs, lambda: next(there, 48)))
    assert len(cut) > 80


@pytest.mark.parametrize("of", [1, 2, 3, 12, 13, 96, 200])
def test_shards_are_all_runs_each_once(specs: list[RunSpec], of: int) -> None:
    parts = [shard_runs(specs, Shard(i + 1, of)) for i in range(of)]
    ids = [spec.run_id for part in parts for spec in part]
    assert sorted(ids) == sorted(spec.run_id for spec in specs)
    assert max(map(len, parts)) - min(map(len, parts)) <= (8 if of <= 12 else 1)
    if of <= 12:
        keys = [{burn_in_key(spec) for spec in part} for part in parts]
        assert sum(map(len, keys)) == len(set.union(*keys)) == 12


def test_a_shard_as_it_is_written() -> None:
    assert read_shard(" 2/5") == Shard(2, 5)
    assert str(Shard(2, 5)) == "2/5"


@pytest.mark.parametrize("text", ["", "2", "0/4", "5/4", "1/0", "-1/4", "a/b", "1/2/3", "1.5/2", "٢/٥"])
def test_no_shard(text: str) -> None:
    with pytest.raises(InputError, match="--shard"):
        read_shard(text)
