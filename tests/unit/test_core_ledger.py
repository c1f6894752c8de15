"""The ledger: what is due, what is paid, what is booked."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abm.core.ledger import FLOW_KINDS, Ledger
from abm.core.names import BACKGROUND, INCOME_SOURCES, LAYERS

OUTSIDE, BANK, GOVERNMENT = ("outside", 0), ("bank", 0), ("government", 0)


def ledger_with(*yuan: float) -> Ledger:
    """A ledger with these savings of households, opened from outside."""
    ledger = Ledger(len(yuan), journal=True)
    ledger.transfer(OUTSIDE, ("household", None), np.array(yuan), "opening")
    return ledger


def savings(ledger: Ledger) -> list[float]:
    return ledger.yuan("household").tolist()


def test_a_transfer_moves_money_and_books_the_flow() -> None:
    ledger = ledger_with(100.0, 50.0)
    paid = ledger.transfer(("household", 0), ("household", 1), 12.345, "mutual_aid", "social")
    assert paid.tolist() == [1234]  # 1234.5 fen, rounded once, half to even
    assert savings(ledger) == [87.66, 62.34]
    assert ledger.flows[("household", "household", "mutual_aid", "social")] == 1234
    assert ledger.imbalance() == 0


def test_help_is_income_of_who_gets_it_and_taken_from_who_gives() -> None:
    ledger = ledger_with(100.0, 0.0)
    ledger.transfer(("household", 0), ("household", 1), 10.0, "kin_help", "background")
    transfer = INCOME_SOURCES.index("transfer")
    assert ledger.income[transfer].tolist() == [-1000, 1000]
    assert ledger.income.sum() == 0
    assert ledger.received.sum() == 0  # kin are no joint-point


def test_every_kind_of_flow_is_booked_as_the_statistics_office_would() -> None:
    for kind, meaning in FLOW_KINDS.items():
        for layer in (*LAYERS, BACKGROUND, ""):
            ledger = ledger_with(10.0, 10.0)
            ledger.income[:] = 0
            ledger.transfer(("household", 0), OUTSIDE, 1.0, kind, layer)
            ledger.transfer(OUTSIDE, ("household", 1), 2.0, kind, layer)
            booked = {
                source: (-100 * (meaning.paid == source), 200 * (meaning.received == source))
                for source in INCOME_SOURCES
            }
            assert {
                s: tuple(r) for s, r in zip(INCOME_SOURCES, ledger.income.tolist(), strict=True)
            } == booked
            reached = {one: (0, 200 * (one == layer)) for one in LAYERS}
            assert {s: tuple(r) for s, r in zip(LAYERS, ledger.received.tolist(), strict=True)} == reached


def test_who_cannot_pay_in_full_pays_what_it_has() -> None:
    ledger = ledger_with(5.0, 100.0, 0.0)
    paid = ledger.transfer(("household", None), OUTSIDE, np.array([8.0, 30.0, 4.0]), "consumption")
    assert paid.tolist() == [500, 3000, 0]
    assert savings(ledger) == [0.0, 70.0, 0.0]
    assert ledger.shortfalls == {"consumption": 300 + 400}


@pytest.mark.parametrize(
    "row",
    [0, np.int64(0), np.array([0]), np.array(0), np.array([[0]])],
    ids=["int", "NumPy int", "array", "0-d array", "column"],
)
def test_one_payer_of_many_shares_out_what_there_is(row: object) -> None:
    """However the one row is written, the sum of what it pays stays within what it has."""
    ledger = ledger_with(9.0, 0.0, 0.0, 0.0)
    paid = ledger.transfer(
        ("household", row), ("household", np.array([1, 2, 3])), np.array([6.0, 6.0, 6.0]), "kin_help"
    )
    assert savings(ledger)[0] >= 0.0
    assert 898 <= paid.sum() <= 900
    assert paid.max() - paid.min() <= 1
    assert ledger.imbalance() == 0
    assert ledger.shortfalls["kin_help"] == 1800 - paid.sum()


def test_the_only_account_of_a_kind_as_payer_of_many() -> None:
    """``None`` means everybody of the kind, which may be one."""
    ledger = ledger_with(0.0, 0.0)
    ledger.transfer(OUTSIDE, GOVERNMENT, 9.0, "grant")
    ledger.transfer(("government", None), ("household", None), np.array([6.0, 6.0]), "dibao")
    assert ledger.yuan("government")[0] >= 0.0
    assert ledger.imbalance() == 0


def test_who_pays_several_times_pays_no_more_than_it_has() -> None:
    ledger = ledger_with(10.0, 10.0, 0.0)
    payers = np.array([0, 1, 0, 0])
    paid = ledger.transfer(
        ("household", payers), ("household", 2), np.array([8.0, 4.0, 4.0, 8.0]), "kin_help"
    )
    assert paid[1] == 400
    assert paid[[0, 2, 3]].tolist() == [399, 199, 399] or paid[[0, 2, 3]].tolist() == [400, 200, 400]
    assert (ledger.yuan("household") >= 0).all()
    assert ledger.balances["household"].sum() == 2000


def test_nobody_and_nothing_are_fine() -> None:
    ledger = ledger_with(1.0, 2.0)
    none = np.zeros(0, np.int64)
    assert len(ledger.transfer(("household", none), OUTSIDE, 5.0, "care")) == 0
    assert len(ledger.transfer(("household", none), ("household", none), np.zeros(0), "kin_help")) == 0
    assert len(ledger.transfer(OUTSIDE, ("household", none), np.zeros(0), "pension")) == 0
    assert ledger.transfer(("household", 0), OUTSIDE, 0.0, "care").tolist() == [0]
    assert not any(kind in ("care", "kin_help", "pension") for _, _, kind, _ in ledger.flows)
    assert savings(ledger) == [1.0, 2.0]


@pytest.mark.parametrize(
    "amount", [-0.01, float("nan"), float("inf"), [1.0, -1.0], [float("nan"), 1.0], 1e30]
)
def test_amounts_that_are_none_are_refused(amount: object) -> None:
    ledger = ledger_with(5.0, 5.0)
    before = {kind: held.copy() for kind, held in ledger.balances.items()}
    for payer in (("household", None), ("outside", 0)):
        payee = ("household", None) if payer[0] == "outside" else OUTSIDE
        with pytest.raises(ValueError, match="amount"):
            ledger.transfer(payer, payee, amount, "kin_help")
    assert all(np.array_equal(held, before[kind]) for kind, held in ledger.balances.items())


def test_unknown_kinds_and_layers_and_lengths_are_refused() -> None:
    ledger = ledger_with(5.0, 5.0)
    with pytest.raises(KeyError):
        ledger.transfer(("household", 0), OUTSIDE, 1.0, "bribe")
    with pytest.raises(KeyError):
        ledger.transfer(("household", 0), ("temple", 0), 1.0, "care")
    with pytest.raises(ValueError, match="layer"):
        ledger.transfer(("household", 0), OUTSIDE, 1.0, "care", "Social")
    with pytest.raises(ValueError, match="lengths"):
        ledger.transfer(("household", None), OUTSIDE, np.ones(3), "care")
    with pytest.raises(ValueError, match="lengths"):
        ledger.transfer(("household", np.arange(2)), ("household", np.arange(3) % 2), 1.0, "kin_help")
    assert ledger.imbalance() == 0
    assert savings(ledger) == [5.0, 5.0]


def test_a_transfer_that_fails_moves_nothing() -> None:
    ledger = ledger_with(5.0, 5.0)
    with pytest.raises(IndexError):
        ledger.transfer(("household", 0), ("household", 7), 1.0, "kin_help")
    assert savings(ledger) == [5.0, 5.0]
    assert ledger.imbalance() == 0


def test_the_bank_and_the_outside_world_may_owe() -> None:
    ledger = Ledger(1)
    ledger.transfer(BANK, ("household", 0), 50.0, "loan")
    assert ledger.yuan("bank").tolist() == [-50.0]
    assert not ledger.shortfalls
    assert ledger.imbalance() == 0


def test_clearing_pays_out_what_is_paid_in_by_weight() -> None:
    ledger = ledger_with(10.0, 10.0, 1.0)
    shops = ledger.open_accounts("enterprise", 3)
    received = ledger.clear(
        ("household", None),
        np.array([2.0, 3.0, 5.0]),
        ("enterprise", shops),
        np.array([1.0, 2.0, 0.0]),
        "consumption",
    )
    assert received.tolist() == [200, 400, 0]
    assert savings(ledger) == [8.0, 7.0, 0.0]
    assert ledger.shortfalls["consumption"] == 400
    assert ledger.imbalance() == 0


def test_clearing_needs_somebody_to_pay() -> None:
    ledger = ledger_with(10.0)
    shops = ledger.open_accounts("enterprise", 2)
    for rows, weights in ((shops, np.zeros(2)), (shops[:0], np.zeros(0))):
        with pytest.raises(ValueError, match="weight"):
            ledger.clear(("household", None), 1.0, ("enterprise", rows), weights, "consumption")
    for weights in (np.array([2.0, -1.0]), np.array([1.0, float("nan")])):
        with pytest.raises(ValueError, match="weight"):
            ledger.clear(("household", None), 1.0, ("enterprise", shops), weights, "consumption")
    assert ledger.imbalance() == 0
    assert savings(ledger) == [10.0]


def test_closing_a_year_starts_counting_anew_and_leaves_the_money() -> None:
    ledger = ledger_with(10.0, 0.0)
    ledger.transfer(("household", 0), ("household", 1), 20.0, "mutual_aid", "social")
    flows = ledger.close_year()
    assert flows == {
        ("outside", "household", "opening", ""): 1000,
        ("household", "household", "mutual_aid", "social"): 1000,
    }
    assert not ledger.flows
    assert not ledger.shortfalls
    assert not ledger.income.any()
    assert not ledger.received.any()
    assert savings(ledger) == [0.0, 10.0]


def test_new_accounts_are_empty_and_come_last() -> None:
    ledger = Ledger(2)
    first = ledger.open_accounts("enterprise", 2)
    ledger.transfer(OUTSIDE, ("enterprise", first), np.array([1.0, 2.0]), "founding_capital")
    assert ledger.open_accounts("enterprise", 1).tolist() == [2]
    assert ledger.yuan("enterprise").tolist() == [1.0, 2.0, 0.0]


# --- laws ---------------------------------------------------------------------------------------------

HOUSEHOLDS = 6
amounts = st.floats(0, 1e9, allow_nan=False)
rows = st.integers(0, HOUSEHOLDS - 1)
payments = st.lists(st.tuples(rows, rows, amounts), max_size=25)
purses = st.lists(st.floats(0, 1e7), min_size=HOUSEHOLDS, max_size=HOUSEHOLDS)


@settings(max_examples=150, deadline=None)
@given(purses, payments)
def test_a_transfer_conserves_and_never_overdraws(purse: list[float], paid_by: list) -> None:
    ledger = ledger_with(*purse)
    payer, payee = (np.array([p[i] for p in paid_by], np.int64) for i in (0, 1))
    due = np.array([p[2] for p in paid_by])
    before = ledger.balances["household"].copy()
    paid = ledger.transfer(("household", payer), ("household", payee), due, "kin_help", "background")

    assert ledger.imbalance() == 0
    owed = np.rint(due * 100).astype(np.int64)
    assert ((paid >= 0) & (paid <= owed)).all()
    out, in_ = (
        np.bincount(side, weights=paid, minlength=HOUSEHOLDS).astype(np.int64) for side in (payer, payee)
    )
    assert (out <= before).all()
    assert np.array_equal(ledger.balances["household"], before - out + in_)
    owed_by_each = np.bincount(payer, weights=owed, minlength=HOUSEHOLDS)
    able = owed_by_each <= before
    assert (paid == owed)[able[payer]].all()  # who can pay pays in full, whatever the others do
    left = (before - out)[~able]  # who cannot pays all but what rounding leaves
    assert (left <= np.bincount(payer, minlength=HOUSEHOLDS)[~able] + 1 + before[~able] * 1e-11).all()
    assert ledger.shortfalls["kin_help"] == owed.sum() - paid.sum()
    assert ledger.flows[("household", "household", "kin_help", "background")] == paid.sum()
    assert ledger.income.sum() == 0


@settings(max_examples=150, deadline=None)
@given(purses, purses, st.lists(st.floats(0, 1e6), min_size=1, max_size=8))
def test_clearing_conserves_to_the_fen(purse: list[float], due: list[float], weight: list[float]) -> None:
    weights = np.array(weight)
    if weights.sum() <= 0:
        return
    ledger = ledger_with(*purse)
    shops = ledger.open_accounts("enterprise", len(weights))
    before = ledger.balances["household"].copy()
    received = ledger.clear(("household", None), np.array(due), ("enterprise", shops), weights, "consumption")
    assert ledger.imbalance() == 0
    assert (ledger.balances["household"] >= 0).all()
    assert received.sum() == (before - ledger.balances["household"]).sum()
    exact = received.sum() * weights / weights.sum()
    assert (np.abs(received - exact) <= 1.0 + 1e-9 * exact).all()
    assert (received >= 0).all()


@settings(max_examples=60, deadline=None)
@given(st.lists(payments, max_size=6))
def test_the_journal_is_the_whole_story(many: list) -> None:
    """Balances and flows rebuilt from the journal, payment by payment, in plain Python."""
    ledger = ledger_with(*[1000.0] * HOUSEHOLDS)
    for paid_by in many:
        payer, payee = (np.array([p[i] for p in paid_by], np.int64) for i in (0, 1))
        ledger.transfer(
            ("household", payer), ("household", payee), [p[2] for p in paid_by], "kin_help", "background"
        )
    balances, flows = [0] * HOUSEHOLDS, Counter()
    for entry in ledger.journal or []:
        for side, sums, sign in ((entry.payer, entry.paid, -1), (entry.payee, entry.received, 1)):
            if side[0] == "household":
                everybody = range(HOUSEHOLDS) if side[1] is None else np.reshape(side[1], -1).tolist()
                for row, fen in zip(everybody, sums.tolist(), strict=True):
                    balances[row] += sign * fen
        flows[(entry.payer[0], entry.payee[0], entry.kind, entry.layer)] += int(entry.paid.sum())
    assert balances == ledger.balances["household"].tolist()
    assert {k: v for k, v in flows.items() if v} == dict(ledger.flows)


@given(st.lists(amounts, min_size=1, max_size=30))
def test_a_transfer_rounds_once(due: list[float]) -> None:
    ledger = Ledger(len(due))
    paid = ledger.transfer(OUTSIDE, ("household", None), due, "pension")
    assert paid.tolist() == [round(yuan * 100) for yuan in due]
    assert ledger.balances["outside"][0] == -paid.sum()
