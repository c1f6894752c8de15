"""Promise 2: the sum is zero in every tick, and opening cash plus flows is closing cash for every account."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from abm.core.ledger import ACCOUNT_KINDS, UNLIMITED
from abm.core.names import INCOME_SOURCES
from abm.laws.books import Books, counts
from abm.model.model import JointPointModel
from abm.scenario.switches import ALL_ON, Arm
from tests.worlds import Finished, t_district, tables_of

YEARS = 8
CASES = {
    "all on": (ALL_ON, "neutral", 4),
    "all cut": (Arm(False, False, False, from_year=2019), "neutral", 4),
    "withheld, months": (Arm(social=False, question="programme", from_year=2019), "withheld", 12),
}


@dataclass
class Watched:
    """A run that was looked at after every tick."""

    finished: Finished
    imbalances: list[int] = field(default_factory=list)
    overdrawn: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)
    flows: list[dict[tuple[str, str, str, str], int]] = field(default_factory=list)
    income: list[dict[tuple[str, int], int]] = field(default_factory=list)


@pytest.fixture(scope="module", params=CASES)
def watched(request: pytest.FixtureRequest) -> Watched:
    arm, budget, ticks = CASES[request.param]
    model = JointPointModel(
        t_district(scenario__ticks_per_year=ticks, joint_points__4__share=0.8),  # projects in 2014
        households=300,
        years=YEARS if ticks == 4 else 6,
        views=False,
        rng=5,
        arm=arm,
        budget=budget,
        snapshots=True,
        journal=True,
    )
    seen, books, entered = Watched(Finished(model, {})), Books(), 0
    ledger = model.world.ledger
    assert ledger.journal is not None
    while True:
        accounts = counts(ledger)
        books.enter(ledger.journal[entered:], accounts)
        entered = len(ledger.journal)
        _compare(seen, model, books)
        if model.world.calendar.year_ends and model.world.tick >= 0:
            flows, income = books.close_year()
            seen.flows.append(flows)
            seen.income.append(income)
        if not model.running:
            break
        model.step()
    return Watched(
        Finished(model, tables_of(model)),
        seen.imbalances,
        seen.overdrawn,
        seen.differences,
        seen.flows,
        seen.income,
    )


def _compare(seen: Watched, model: JointPointModel, books: Books) -> None:
    ledger, tick = model.world.ledger, model.world.tick
    total = 0
    for kind, held in ledger.balances.items():
        total += sum(held.tolist())
        if kind not in UNLIMITED and (held < 0).any():
            seen.overdrawn.append(f"tick {tick}: {kind} {np.flatnonzero(held < 0)}")
        rebuilt = [books.balances[(kind, row)] for row in range(len(held))]
        if rebuilt != held.tolist():
            seen.differences.append(f"tick {tick}: {kind}")
    seen.imbalances.append(total)


def test_the_sum_over_all_accounts_is_zero_in_every_tick(watched: Watched) -> None:
    assert set(watched.imbalances) == {0}
    ticks = watched.finished.model.world.tick + 1
    assert len(watched.imbalances) == ticks + 1  # the eve of the first, too
    for name in ("outcomes", "villages"):
        assert (watched.finished.tables[name]["ledger_imbalance"] == 0).all()


def test_opening_cash_plus_flows_is_closing_cash_for_every_account(watched: Watched) -> None:
    assert watched.differences == []
    moved = {entry.payer[0] for entry in watched.finished.model.world.ledger.journal}
    few = {"social_organization", "association", "fund", "bank"}
    assert moved >= set(ACCOUNT_KINDS) - few  # there was something to rebuild


def test_no_account_is_overdrawn_in_any_tick(watched: Watched) -> None:
    assert watched.overdrawn == []


def test_the_table_of_flows_is_the_journal(watched: Watched) -> None:
    table = watched.finished.tables["flows"]
    first = int(table.year.min())
    assert set(table.year) == {first + i for i in range(len(watched.flows))}
    for number, flows in enumerate(watched.flows):
        rows = table[table.year == first + number]
        named = zip(rows.payer, rows.payee, rows.kind, rows.layer, strict=True)
        written = dict(zip(named, np.rint(rows.amount * 100).astype(int), strict=True))
        assert written == flows
        assert np.allclose(rows.amount * 100, np.rint(rows.amount * 100), atol=1e-4, rtol=1e-12)


def test_incomes_of_households_are_the_journal(watched: Watched) -> None:
    table = watched.finished.tables["households"]
    for number, (year, rows) in enumerate(table.groupby("year")):
        for source in INCOME_SOURCES:
            booked = [watched.income[number].get((source, row), 0) for row in rows.household]
            assert np.array_equal(np.rint(rows[f"income_{source}"] * 100).astype(int), booked), (year, source)


def test_savings_at_the_last_year_end_are_the_accounts(watched: Watched) -> None:
    table = watched.finished.tables["households"]
    last = table[table.year == table.year.max()]
    held = watched.finished.model.world.ledger.balances["household"]
    assert np.array_equal(np.rint(last.savings * 100).astype(int), held[last.household])
    assert held.sum() == held[last.household].sum()  # nobody left anything in an empty dwelling


def test_the_outside_balance_is_minus_all_the_others(watched: Watched) -> None:
    ledger = watched.finished.model.world.ledger
    others = sum(int(held.sum()) for kind, held in ledger.balances.items() if kind != "outside")
    assert int(ledger.balances["outside"][0]) == -others


def test_what_households_owe_is_what_the_bank_has_lent_and_not_got_back(watched: Watched) -> None:
    """Debt stands outside the ledger, in fen: loans and unpaid interest less repayments and write-offs."""
    world = watched.finished.model.world
    lent = sum(
        flows.get(("bank", "household", "loan", layer), 0)
        for flows in watched.flows
        for layer in ("", "interest")
    )
    repaid = sum(flows.get(("household", "bank", "repayment", ""), 0) for flows in watched.flows)
    given_up = sum(round(float(e.detail) * 100) for e in world.events if e.event == "debt_written_off")
    unpaid_interest = int(world.households.debt.sum()) - (lent - repaid - given_up)
    assert unpaid_interest >= 0
    assert unpaid_interest <= 0.08 * YEARS * max(lent, 1)
    assert (world.households.debt >= 0).all()
    assert lent > 0 or world.calendar.ticks_per_year == 12  # in months, savings last through every tick


def test_net_money_from_outside_is_what_the_outside_and_the_bank_paid(watched: Watched) -> None:
    """Exports less imports plus transfers plus finance, per head, as ``outcomes`` has it."""
    district = watched.finished.district
    away = ("outside", "bank")
    for flows, (year, row) in zip(watched.flows, district.iterrows(), strict=True):
        net = sum(
            fen
            for (payer, payee, kind, _), fen in flows.items()
            if payer in away and payee not in away and kind != "opening"
        )
        net -= sum(fen for (payer, payee, _, _), fen in flows.items() if payee in away and payer not in away)
        assert row.outside_net_per_head == pytest.approx(net / 100 / row.persons, rel=1e-12), year
