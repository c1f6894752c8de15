"""Same money: envelopes are the same in every arm; a masked layer costs nothing, and what it does not spend goes to
a use that is no household's income (neutral), or back (withheld)."""

import pandas as pd
import pytest

from abm.core.names import BUDGETS, LAYERS, QUESTIONS
from abm.scenario.switches import ALL_ON, Arm, eight_arms
from tests.worlds import Finished, finished

WORLD = {"seed": 1, "households": 400, "years": 10}
"""2014 to 2023: the pilot, and the first waves of the spread."""

OFF = Arm(False, False, False, from_year=2019)


def run(arm: Arm = ALL_ON, budget: str = "neutral") -> Finished:
    return finished(arm, budget=budget, **WORLD)


def sums(flows: pd.DataFrame, **wanted: str) -> dict[int, float]:
    """Yuan by year of the flows with these columns."""
    for column, value in wanted.items():
        flows = flows[flows[column] == value]
    by_year = flows.groupby("year").amount.sum().round(2)
    return {int(year): float(yuan) for year, yuan in by_year.items()}


def envelopes(arm: Arm, budget: str = "neutral") -> dict[int, float]:
    return sums(run(arm, budget).flows, kind="envelope")


@pytest.mark.parametrize(
    "arm",
    [arm for question in QUESTIONS for arm in eight_arms(question, 2019) if arm.name in ("none", "OI", "S")],
    ids=lambda arm: f"{arm.question}-{arm.name}",
)
def test_envelopes_are_the_same_in_every_arm(arm: Arm) -> None:
    """To the fen, in every year: they are fixed in the scenario."""
    assert set(envelopes(ALL_ON)) == {2019, 2020, 2021, 2022, 2023}
    assert envelopes(arm) == envelopes(ALL_ON)


def test_envelopes_are_the_same_in_both_budgets() -> None:
    assert envelopes(OFF, "withheld") == envelopes(OFF, "neutral")


@pytest.mark.parametrize("budget", BUDGETS)
@pytest.mark.parametrize("arm", [ALL_ON, OFF, Arm(interest=False, from_year=2019)], ids=lambda arm: arm.name)
def test_programme_accounts_are_empty_at_year_end(arm: Arm, budget: str) -> None:
    """All that came in went out, less what public goods or enterprises sent back to them."""
    flows = run(arm, budget).flows
    came, went = sums(flows, payee="programme"), sums(flows, payer="programme")
    assert came == pytest.approx(went, abs=0.01)
    assert not run(arm, budget).model.world.ledger.balances["programme"].any()
    assert not run(arm, budget).model.world.ledger.balances["social_organization"].any()


@pytest.mark.parametrize("layer", LAYERS)
def test_a_masked_layer_costs_nothing(layer: str) -> None:
    """No yuan leaves a programme along a link of the layer; the neutral use takes exactly what the links did."""
    cut = run(Arm(**{layer: False}, from_year=2019)).flows
    out = cut[(cut.payer == "programme") & (cut.year >= 2019)]
    assert not (out.layer == layer).any()
    assert set(out.layer) == {"", *LAYERS} - {layer}
    whole = run().flows
    paid = whole[(whole.payer == "programme") & (whole.layer == layer)]
    assert paid.amount.sum() > 0


def test_all_off_and_neutral_money_goes_to_no_household() -> None:
    flows = run(OFF).flows
    out = flows[(flows.payer == "programme") & (flows.year >= 2019)]
    assert set(zip(out.payee, out.kind, strict=True)) <= {
        ("enterprise", "public_goods"),
        ("outside", "public_goods"),
        ("enterprise", "founding_capital"),
    }
    assert set(out.kind) == {"public_goods", "founding_capital"}
    assert sums(out) == pytest.approx(envelopes(OFF), abs=0.01)


def test_all_off_and_withheld_money_stays_outside() -> None:
    flows = run(OFF, "withheld").flows
    out = flows[(flows.payer == "programme") & (flows.year >= 2019)]
    assert set(zip(out.payee, out.kind, out.layer, strict=True)) == {("outside", "envelope_return", "")}
    assert sums(out) == pytest.approx(envelopes(OFF), abs=0.01)


@pytest.mark.parametrize("layer", LAYERS)
def test_withheld_is_what_the_links_did_not_spend(layer: str) -> None:
    flows = run(Arm(**{layer: False}, from_year=2019), "withheld").flows
    out = flows[flows.payer == "programme"]
    back, spent = sums(out, kind="envelope_return"), sums(out[out.kind != "envelope_return"])
    for year, came in sums(flows, payee="programme").items():
        assert back[year] + spent[year] == pytest.approx(came, abs=0.02)
    assert all(yuan > 0 for yuan in back.values())


def test_a_programme_whose_links_are_active_spends_all_but_trifles() -> None:
    """So that the neutral use of an arm with everything on is small beside that of an arm with nothing on."""
    on, off = run().flows, run(OFF).flows
    for flows, much in ((on, False), (off, True)):
        out = flows[(flows.payer == "programme") & (flows.layer == "") & (flows.year >= 2019)]
        share = out.amount.sum() / flows[flows.kind == "envelope"].amount.sum()
        assert share > 0.99 if much else share < 0.2


@pytest.mark.parametrize("budget", BUDGETS)
def test_the_two_budgets_are_one_run_until_money_is_left_over(budget: str) -> None:
    a, b = (run(OFF, one).flows for one in BUDGETS)
    a, b = (flows[flows.year < 2019].reset_index(drop=True) for flows in (a, b))
    assert a.equals(b)
    assert not run(OFF, "neutral").flows.equals(run(OFF, "withheld").flows)
