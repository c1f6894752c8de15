"""Identical households without shocks stay equal: Gini 0 in every year."""

import numpy as np
import pytest

from abm.scenario.switches import Arm
from tests.limits.quiet import alike, quiet_model
from tests.worlds import finish, finished

MEMBERS = {
    "workers": {},
    "an elder": {"population.person1": 0.1},
    "an elder and a child": {"population.person1": 0.1, "population.person2": 0.3},
}


@pytest.mark.parametrize("members", MEMBERS)
@pytest.mark.parametrize("ticks", [4, 12])
def test_identical_households_without_shocks_keep_gini_at_0(members: str, ticks: int) -> None:
    scenario = alike()
    head = scenario.scenario.model_copy(update={"ticks_per_year": ticks})
    run = finish(quiet_model(scenario.model_copy(update={"scenario": head}), MEMBERS[members]))
    unequal = ["gini", "theil_t", "theil_l", "atkinson_1", "headcount_60", "poverty_gap_60"]
    assert (run.district[[*unequal, "theil_t_between_villages"]].abs() <= 1e-12).all().all()
    households = run.tables["households"]
    for _, rows in households.groupby("year"):
        assert rows.income.max() - rows.income.min() <= 0.02  # two fen of rounding
        assert rows.income.min() > 0
    assert run.district.palma.to_numpy() == pytest.approx(1 / 4)
    assert run.district.s80_s20.to_numpy() == pytest.approx(1.0)


def test_communities_alone_and_villages_alone_can_be_a_district() -> None:
    """No ratio of urban to rural where there is only one of the two, and no warning either."""
    for kind, measured in (("suburban", "rural"), ("mountain", "rural"), ("community", "urban")):
        run = finish(quiet_model(alike(kind), years=2))
        assert run.district.urban_rural_ratio.isna().all()
        outcomes = run.tables["outcomes"]
        sides = outcomes.groupby("population").persons.sum()
        assert sides[measured] == sides["all"] > 0
        assert sides[{"rural": "urban", "urban": "rural"}[measured]] == 0


def test_all_layers_off_keep_it_at_0_with_joint_points_planned() -> None:
    """The neutral use of programme money goes to no household."""
    run = finish(quiet_model(alike(joint_points=True), arm=Arm(False, False, False)))
    assert (run.flows.kind == "envelope").any()
    assert run.district.gini.abs().max() <= 1e-12


def test_the_measure_would_see_a_difference() -> None:
    model = quiet_model(alike())
    model.world.households.skill[0] += 0.05
    run = finish(model)
    assert (run.district.gini > 1e-5).all()
    assert finished().district.gini.min() > 0.2


def test_places_that_differ_differ_between_and_not_within() -> None:
    scenario = alike()
    rows = list(scenario.places.rows)
    rows[0] = rows[0].model_copy(update={"kind": "mountain"})
    places = scenario.places.model_copy(update={"rows": tuple(rows)})
    run = finish(quiet_model(scenario.model_copy(update={"places": places})))
    villages = run.tables["villages"]
    assert villages.gini.abs().max() <= 1e-12
    district = run.district
    assert district.theil_t.to_numpy() == pytest.approx(
        district.theil_t_between_villages.to_numpy(), abs=1e-12
    )
    assert np.isfinite(district.gini).all()
