"""Clearing within groups: what a group's payers pay in goes to its payees, to the fen."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.core.ledger import Ledger


def a_ledger(households: int, enterprises: int, yuan: float = 1000.0) -> Ledger:
    ledger = Ledger(households)
    ledger.open_accounts("enterprise", enterprises)
    ledger.transfer(("outside", 0), ("household", None), yuan, "opening")
    return ledger


def test_each_group_keeps_to_itself() -> None:
    ledger = a_ledger(4, 3)
    received = ledger.clear_groups(
        ("household", np.array([0, 1, 3])),
        [10.0, 20.0, 7.0],
        np.array([1, 1, 0]),
        ("enterprise", np.array([2, 0, 1])),
        np.array([1.0, 3.0, 2.0]),
        np.array([1, 1, 0]),
        "consumption",
    )
    assert received.tolist() == [750, 2250, 700]
    assert ledger.balances["enterprise"].tolist() == [2250, 700, 750]
    assert ledger.imbalance() == 0


def test_who_cannot_pay_pays_what_it_has() -> None:
    ledger = a_ledger(2, 1, yuan=5.0)
    received = ledger.clear_groups(
        ("household", np.array([0, 1])),
        [8.0, 2.0],
        np.zeros(2, int),
        ("enterprise", np.array([0])),
        np.ones(1),
        np.zeros(1, int),
        "consumption",
    )
    assert received.tolist() == [700]
    assert ledger.shortfalls["consumption"] == 300


def test_a_group_without_payees_is_an_error() -> None:
    ledger = a_ledger(2, 1)
    with pytest.raises(ValueError, match="payee with some weight"):
        ledger.clear_groups(
            ("household", np.array([0, 1])),
            [8.0, 2.0],
            np.array([0, 1]),
            ("enterprise", np.array([0])),
            np.ones(1),
            np.zeros(1, int),
            "consumption",
        )
    assert ledger.imbalance() == 0
    assert ledger.balances["household"].tolist() == [100000, 100000]


@given(
    due=st.lists(st.integers(0, 90000), min_size=1, max_size=20),
    weights=st.lists(st.floats(0.01, 1e6), min_size=3, max_size=12),
    data=st.data(),
)
def test_equals_clearing_group_by_group(due: list[int], weights: list[float], data: st.DataObject) -> None:
    groups = 3
    payer_group = np.array([data.draw(st.integers(0, groups - 1)) for _ in due])
    payee_group = np.array([i % groups for i in range(len(weights))])
    yuan, weight = np.array(due) / 100.0, np.array(weights)
    at_once, by_group = a_ledger(len(due), len(weights)), a_ledger(len(due), len(weights))
    at_once.clear_groups(
        ("household", np.arange(len(due))),
        yuan,
        payer_group,
        ("enterprise", np.arange(len(weights))),
        weight,
        payee_group,
        "consumption",
    )
    for group in range(groups):
        mine, theirs = np.flatnonzero(payer_group == group), np.flatnonzero(payee_group == group)
        if len(mine):
            by_group.clear(
                ("household", mine), yuan[mine], ("enterprise", theirs), weight[theirs], "consumption"
            )
    assert (at_once.balances["household"] == by_group.balances["household"]).all()
    apart = np.abs(at_once.balances["enterprise"] - by_group.balances["enterprise"])
    assert apart.max() <= 1  # a fen may fall on the other side of a rounding
    assert at_once.imbalance() == 0
