"""What travels to workers."""

import pickle

import cloudpickle

from abm.runs.design import factorial_design
from abm.runs.parcel import unwrap, wrap
from tests.worlds import t_district


def test_a_block_of_runs_comes_out_as_it_went_in_and_is_small() -> None:
    block = factorial_design(t_district(), households=200, years=6, replications=1, seed=1)
    parcel = wrap(block)
    assert [spec.run_id for spec in unwrap(parcel)] == [spec.run_id for spec in block]
    assert len(parcel) < len(pickle.dumps(block)) / 3


def test_what_only_another_pickler_can_take() -> None:
    number = 3
    assert unwrap(wrap(lambda: number, cloudpickle.dumps))() == 3
