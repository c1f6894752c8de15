"""All layers off and no ties among kin: the atomised economy, in which nobody helps or tells anybody."""

import numpy as np
import pandas as pd
import pytest

from abm.core.names import LAYERS
from abm.model.model import JointPointModel
from abm.scenario.switches import Arm
from tests.worlds import HARD_TIMES, TABLES, Finished, finish, t_district

LONELY = {**HARD_TIMES, "ties__kin_chance": 0.8}
"""Kin are many, so that a switch on them matters."""


def run(*, kin: bool) -> Finished:
    switches = () if kin else ({"kind": "kin"},)
    scenario = t_district(**LONELY, switches=switches)
    model = JointPointModel(
        scenario, households=500, years=8, views=False, rng=4, arm=Arm(False, False, False), snapshots=True
    )
    return finish(model)


@pytest.fixture(scope="module")
def atomised() -> Finished:
    return run(kin=False)


def test_nobody_helps_anybody(atomised: Finished) -> None:
    assert set(atomised.flows.layer) == {""}
    assert not atomised.flows.kind.isin(["kin_help", "mutual_aid"]).any()
    between = atomised.flows[(atomised.flows.payer == "household") & (atomised.flows.payee == "household")]
    assert set(between.kind) <= {"land_rent", "division"}  # a market, and a family that divides


def test_no_tie_of_any_kind_is_active(atomised: Finished) -> None:
    points = atomised.model.world.points
    assert not any(links.active.any() for links in points.household.values())
    assert not any(ties.active.any() for ties in points.pairs.values())
    assert points.graph.number_of_edges() == 0
    assert len(points.pairs["kin"].a) > 1000  # they are there, and masked
    for layer in LAYERS:
        assert (atomised.district[f"messages_{layer}"] == 0).all()


def test_the_economy_goes_on(atomised: Finished) -> None:
    """Spot market, migration, own account and the allowance on own application are open to all."""
    assert len(atomised.district) == 8
    assert (atomised.district.employment_rate > 0.3).all()
    assert (atomised.district.mean_income > 5000).all()
    assert {"local_wage", "remittance", "own_account_sales", "dibao", "reimbursement"} <= set(
        atomised.flows.kind
    )


def test_kin_help_where_they_are_not_masked() -> None:
    with_kin = run(kin=True)
    assert with_kin.flows[with_kin.flows.kind == "kin_help"].amount.sum() > 0
    assert set(with_kin.flows.layer) == {"", "background"}


def test_it_is_the_economy_that_never_had_a_tie(atomised: Finished) -> None:
    """To the last bit: without a plan and a layer's mask, and with kinship that ended before the first tick. That of
    families that divide later on is masked in both."""
    never = t_district(**LONELY, switches=({"kind": "kin"},)).model_copy(update={"joint_points": ()})
    model = JointPointModel(never, households=500, years=8, views=False, rng=4, snapshots=True)
    points = model.world.points
    points.pairs["kin"].end(np.ones(len(points.place), bool))
    model.world.refresh_masks()
    other = finish(model)
    for name in set(TABLES) - {"graph"}:  # which counts what is masked
        pd.testing.assert_frame_equal(atomised.tables[name], other.tables[name], check_exact=True)
