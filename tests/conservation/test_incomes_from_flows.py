"""Incomes rebuilt from the table of flows equal those of ``outcomes``."""

from itertools import product

import pandas as pd
import pytest

from abm.core.ledger import FLOW_KINDS
from abm.core.names import INCOME_SOURCES
from abm.scenario.switches import ALL_ON, Arm
from tests.worlds import Finished, finished

RUNS = {
    "all on": lambda: finished(),
    "another seed, longer": lambda: finished(seed=2, households=600, years=8),
    "all off": lambda: finished(Arm(False, False, False)),
    "withheld": lambda: finished(ALL_ON, budget="withheld"),
}


@pytest.fixture(scope="module", params=RUNS)
def run(request: pytest.FixtureRequest) -> Finished:
    return RUNS[request.param]()


def rebuilt(flows: pd.DataFrame, source: str) -> float:
    """Income of households from one source, yuan."""
    received = [kind for kind, meaning in FLOW_KINDS.items() if meaning.received == source]
    paid = [kind for kind, meaning in FLOW_KINDS.items() if meaning.paid == source]
    plus = flows[(flows.payee == "household") & flows.kind.isin(received)].amount.sum()
    minus = flows[(flows.payer == "household") & flows.kind.isin(paid)].amount.sum()
    return float(plus - minus)


def test_mean_income_times_persons_is_what_flowed(run: Finished) -> None:
    for year, row in run.district.iterrows():
        flows = run.flows[run.flows.year == year]
        total = sum(rebuilt(flows, source) for source in INCOME_SOURCES)
        assert row.mean_income * row.persons == pytest.approx(total, abs=0.01 * len(flows)), year


def test_shares_of_the_sources_are_what_flowed(run: Finished) -> None:
    for (year, row), source in product(run.district.iterrows(), INCOME_SOURCES):
        flows = run.flows[run.flows.year == year]
        total = sum(rebuilt(flows, one) for one in INCOME_SOURCES)
        assert row[f"share_{source}"] * total == pytest.approx(rebuilt(flows, source), abs=0.01 * len(flows))


def test_populations_and_villages_add_up_to_the_district(run: Finished) -> None:
    outcomes, villages = run.tables["outcomes"], run.tables["villages"]
    for year, all_ in run.district.iterrows():
        rows = outcomes[outcomes.year == year].set_index("population")
        for parts in (
            rows.loc[["urban", "rural"]],
            rows.loc[["registered", "floating"]],
            villages[villages.year == year],
        ):
            assert parts.households.sum() == all_.households
            assert parts.persons.sum() == all_.persons
            income = (parts.mean_income * parts.persons).sum()
            assert income == pytest.approx(all_.mean_income * all_.persons, rel=1e-12)


def test_households_add_up_to_outcomes(run: Finished) -> None:
    households = run.tables["households"]
    for year, all_ in run.district.iterrows():
        rows = households[households.year == year]
        sources = rows[[f"income_{source}" for source in INCOME_SOURCES]]
        assert (rows.income - sources.sum(axis=1)).abs().max() < 1e-6
        assert rows.persons.sum() == all_.persons
        assert rows.income.sum() == pytest.approx(all_.mean_income * all_.persons, rel=1e-12)
        for source in INCOME_SOURCES:
            share = sources[f"income_{source}"].sum() / rows.income.sum()
            assert share == pytest.approx(all_[f"share_{source}"], rel=1e-12)


def test_a_household_with_income_has_somebody_at_home(run: Finished) -> None:
    """Who is no usual resident has no weight: income of a household without any would be lost from every measure."""
    households = run.tables["households"]
    lost = households[(households.persons == 0) & (households.income != 0)]
    assert lost.empty, f"{len(lost)} household-years with {lost.income.sum():.0f} yuan"
