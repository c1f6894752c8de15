"""A district without government: no budget, no taxes, no transfers from above, no programmes. What must hold then
holds exactly: nothing passes its account, and nobody's income hangs on it."""

from functools import cache

import pandas as pd
import pytest

from abm.core.ledger import FLOW_KINDS
from abm.model.model import JointPointModel
from abm.scenario.schema import Scenario
from tests.limits.cut_down import with_places, without_rules
from tests.worlds import HARD_TIMES, TABLES, Finished, finish, t_district

OF_THE_DISTRICT = ("public_budget", "dibao", "effort", "taxes")
"""Rules by which its budget takes and gives; without an allowance nobody holds back for it (effort)."""
FROM_ABOVE = ("pensions", "insurance", "disability")
"""Rules by which the province takes and gives."""
PUBLIC = frozenset(
    {"dibao", "pension", "reimbursement", "disability_allowance", "insurance_premium", "social_contributions",
     "income_tax", "sales_tax", "grant", "government_share", "envelope", "envelope_return", "grid_post", "handling",
     "volunteer_budget", "points_goods", "course", "platform_upkeep", "earmarked"}
)  # fmt: skip
"""Kinds of payment that only a government makes or takes."""
SIZE = {"households": 400, "years": 8, "views": False, "rng": 3, "snapshots": True}


def ungoverned(
    *, gone: tuple[str, ...] = (*OF_THE_DISTRICT, *FROM_ABOVE), villages: bool = False
) -> Scenario:
    """T District without rules and programmes of a government; its share of contracts is the enterprise's."""
    scenario = without_rules(t_district(**HARD_TIMES, enterprise__sales_tax=0.0), gone)
    if villages:
        rural = [p.name for p in scenario.places.rows if p.kind != "community"]
        scenario = with_places(scenario, rural)
    assert scenario.contract is not None
    weights = scenario.contract.weights
    its_own = {"enterprise": weights.enterprise + weights.government, "government": 0.0}
    contract = scenario.contract.model_copy(update={"weights": weights.model_copy(update=its_own)})
    return scenario.model_copy(update={"programmes": (), "contract": contract})


@cache
def run(*, villages: bool = False, budget: str = "neutral", governed: bool = False) -> Finished:
    scenario = t_district(**HARD_TIMES) if governed else ungoverned(villages=villages)
    return finish(JointPointModel(scenario, budget=budget, **SIZE))


def passing(found: Finished) -> pd.DataFrame:
    """What came into the government's account and programmes' and what left them."""
    flows, public = found.flows, ["government", "programme"]
    return flows[flows.payer.isin(public) | flows.payee.isin(public)]


def test_its_account_stands_at_0_after_every_tick() -> None:
    model = JointPointModel(ungoverned(), **SIZE)
    while model.running:
        model.step()
        assert model.world.ledger.balances["government"].tolist() == [0], model.world.tick
        assert model.world.ledger.balances["programme"].size == 0
        assert model.world.ledger.imbalance() == 0


def test_no_public_money_moves() -> None:
    assert not PUBLIC.intersection(run().flows.kind)
    assert PUBLIC.issubset(run(governed=True).flows.kind)  # with a government all of it does
    h = run().model.world.households
    assert not h.dibao.any()
    assert not h.insured.any()


def test_only_estates_without_heirs_pass_through_it_in_towns_and_nothing_in_villages() -> None:
    """To the fen: what comes in one tick buys goods in the same one (succession)."""
    town, village = passing(run()), passing(run(villages=True))
    assert village.empty
    assert set(town[town.payee == "government"].kind) <= {"inheritance"}
    assert set(town[town.payer == "government"].kind) <= {"public_goods"}
    came, went = (
        town[town[side] == "government"].groupby("year").amount.sum() for side in ("payee", "payer")
    )
    assert came.to_dict() == went.to_dict()


def test_transfer_income_is_what_people_give_each_other() -> None:
    """Remittances, kin, neighbours and the fund; gifts among households of the district cancel."""
    flows, households = run().flows, run().tables["households"]
    received = {n for n, kind in FLOW_KINDS.items() if kind.received == "transfer"}
    paid = {n for n, kind in FLOW_KINDS.items() if kind.paid == "transfer"}
    given = {
        "remittance",
        "kin_help",
        "mutual_aid",
        "fund_gift",
        "scholarship",
        "exam_reward",
        "hardship_aid",
    }
    assert (received | paid).intersection(flows.kind) <= given
    came = flows[(flows.payee == "household") & flows.kind.isin(received)].groupby("year").amount.sum()
    went = flows[(flows.payer == "household") & flows.kind.isin(paid)].groupby("year").amount.sum()
    booked = households.groupby("year").income_transfer.sum()
    assert booked.to_dict() == pytest.approx((came - went).to_dict(), abs=0.01 * SIZE["households"])
    assert (booked > 0).all()


def test_withheld_and_neutral_are_one_where_nothing_is_budgeted() -> None:
    """To the last bit; with programmes they differ."""
    for name in TABLES:
        neutral, withheld = (run(budget=budget).tables[name] for budget in ("neutral", "withheld"))
        pd.testing.assert_frame_equal(neutral, withheld, check_exact=True)
    assert not run(governed=True).flows.equals(run(governed=True, budget="withheld").flows)


@pytest.mark.parametrize("nil", [True, False], ids=["takes and gives nothing", "gives an allowance"])
def test_a_government_that_takes_and_gives_nothing_is_none(nil: bool) -> None:
    """Its rules listed, with every rate at 0: to the last bit the run without them."""
    none = finish(JointPointModel(ungoverned(gone=OF_THE_DISTRICT), **SIZE))
    model = JointPointModel(ungoverned(gone=()), **SIZE)
    rates = {"public_budget": {"grant": 0.0 if nil else 900.0}, "dibao": {"line": 0.0 if nil else 6000.0}}
    rates["taxes"] = {"allowance": 1e12, "contributions": 0.0, "district_share": 0.0}
    for rule in model.mechanisms:
        vars(rule.p).update(rates.get(rule.name, {}))
    listed = finish(model)
    same = [listed.tables[name].equals(none.tables[name]) for name in TABLES]
    assert all(same) if nil else not any(same[:2])
