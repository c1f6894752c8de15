"""Designs: which runs there are, and what stands for a run."""

import pickle
from dataclasses import replace

import numpy as np
import pytest

from abm.core.draws import replication_seed
from abm.core.errors import InputError
from abm.model.plan import load_scenario, settings
from abm.runs.design import drawn_parameters, factorial_design, run_spec_of, with_parameters
from abm.scenario.overlay import BY_SETTING
from abm.scenario.schema import Scenario
from abm.scenario.switches import Arm


def test_a_factorial_has_eight_arms_on_the_same_seeds(scenario: Scenario) -> None:
    specs = factorial_design(scenario, replications=3, seed=7, budgets=("neutral", "withheld"), draws=1)
    assert len(specs) == 8 * 3 * 2 * 2
    assert len({spec.run_id for spec in specs}) == len(specs)
    seeds = {spec.replication: spec.seed for spec in specs if spec.draw == 0}
    assert seeds == {r: replication_seed(7, r) for r in range(3)}
    names = {"OIS", "OI", "OS", "O", "IS", "I", "S", "none"}
    for seed in seeds.values():
        for budget in ("neutral", "withheld"):
            mine = [spec for spec in specs if (spec.seed, spec.budget, spec.draw) == (seed, budget, 0)]
            assert {spec.arm.name for spec in mine} == names
    assert {spec.arm.from_year for spec in specs} == {scenario.switch_year}
    assert {
        (spec.key.arm, spec.key.organizational, spec.key.interest, spec.key.social) for spec in specs
    } == {(name, "O" in name, "I" in name, "S" in name) for name in names}


def test_each_draw_has_seeds_of_its_own(scenario: Scenario) -> None:
    specs = factorial_design(scenario, replications=3, seed=7, draws=4)
    seeds: dict[int, set[int]] = {}
    for spec in specs:
        seeds.setdefault(spec.draw, set()).add(spec.seed)
    assert [len(own) for own in seeds.values()] == [3] * 5
    assert len(set.union(*seeds.values())) == 15, "draws that share seeds share their luck"
    assert seeds[2] == {replication_seed(7, r) for r in (6, 7, 8)}
    alone = factorial_design(scenario, replications=3, seed=7)
    assert [s.run_id for s in specs if s.draw == 0] == [s.run_id for s in alone], "draw 0 is as ever"


def test_a_run_id_stands_for_all_that_decides_a_run(scenario: Scenario) -> None:
    spec = run_spec_of(scenario, seed=5, households=300, years=3)
    assert len(spec.run_id) == 16
    assert int(spec.run_id, 16) >= 0
    others = [
        replace(spec, seed=6),
        replace(spec, households=301),
        replace(spec, households=None),
        replace(spec, years=4),
        replace(spec, budget="withheld"),
        replace(spec, draw=1),
        replace(spec, parameters=(("labour.quit_rate", 0.1),)),
        replace(spec, arm=Arm(interest=False)),
        replace(spec, arm=Arm(interest=0.5)),
        replace(spec, arm=Arm(interest=False, from_year=2015)),
        replace(spec, arm=Arm(interest=False, years=(("interest", 2016),))),
        replace(spec, arm=Arm(question="programme")),
        replace(spec, scenario=scenario.model_copy(update={}, deep=True)),
    ]
    others[-1].scenario._content_hash = "0" * 64
    assert len({spec.run_id, *(other.run_id for other in others)}) == 1 + len(others)
    same = [replace(spec, snapshots=True), replace(spec, replication=3), pickle.loads(pickle.dumps(spec))]
    assert {other.run_id for other in same} == {spec.run_id}
    assert same[-1].scenario.content_hash == scenario.content_hash
    assert same[-1].key == spec.key


def test_a_run_id_is_the_same_everywhere(scenario: Scenario) -> None:
    """Names of files in published results must not change with the version."""
    spec = run_spec_of(scenario, seed=5, years=3, arm=Arm(social=0.5, from_year=2015))
    stand_in = replace(spec, scenario=scenario.model_copy())
    stand_in.scenario._content_hash = "f" * 64
    assert stand_in.run_id == "3b5393d09b5975dc"


def test_all_years_are_the_default(scenario: Scenario) -> None:
    years = scenario.end_year - scenario.start_year + 1
    assert run_spec_of(scenario, seed=1).run_id == run_spec_of(scenario, seed=1, years=years).run_id


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"households": 199}, "--households: 199 is too few; use 200 or more"),
        ({"households": 250.5}, "--households: must be a whole number"),
        ({"years": 0}, "--years: 0 is too few; use 1 or more"),
        ({"years": 10_000}, "--years: 10000 goes beyond"),
        ({"years": 1}, "--years: the runs end in 2014, before the switch year 2015"),
        ({"replications": 0}, "--replications: 0 is too few; use 1 or more"),
        ({"replications": True}, "--replications: must be a whole number"),
        ({"seed": -1}, "--seed: -1 is too few"),
        ({"seed": 2**63}, "--seed: 9223372036854775808 is too large"),
        ({"draws": -1}, "--draws: -1 is too few"),
        ({"question": "cutt"}, "--question: there is no 'cutt'; did you mean 'cut'"),
        ({"budgets": ("neutrl",)}, "--budget: there is no 'neutrl'; did you mean 'neutral'"),
    ],
)
def test_what_cannot_be_is_refused(scenario: Scenario, wrong: dict, said: str) -> None:
    with pytest.raises(InputError, match=said):
        factorial_design(scenario, **wrong)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"arm": Arm(social=False, question="programme")}, "since when"),
        ({"question": "why"}, "--question"),
        ({"budget": "free"}, "--budget"),
        ({"draw": -1}, "--draws"),
    ],
)
def test_a_single_run_is_checked_too(scenario: Scenario, wrong: dict, said: str) -> None:
    with pytest.raises(InputError, match=said):
        run_spec_of(scenario, seed=1, **wrong)


def test_draws_lie_within_the_bounds_of_assumed_parameters(scenario: Scenario) -> None:
    known = settings(scenario)
    assert drawn_parameters(scenario, 1, 0) == ()
    drawn = [dict(drawn_parameters(scenario, 1, k)) for k in range(1, 40)]
    assert drawn[0] == dict(drawn_parameters(scenario, 1, 1))
    assert drawn[0] != dict(drawn_parameters(scenario, 2, 1))
    assumed = {name for name, s in known.items() if s.status == "assumed" and s.source != BY_SETTING}
    for values in drawn:
        assert set(values) <= assumed
        for name, value in values.items():
            low, high = known[name].parameter.bounds
            assert low <= value <= high
    for name in drawn[0]:
        low, high = known[name].parameter.bounds
        places = [(values[name] - low) / (high - low) for values in drawn]
        assert min(places) < 0.3, name
        assert max(places) > 0.7, name


def test_a_setting_is_not_drawn_over(scenario: Scenario) -> None:
    name, value = drawn_parameters(scenario, 1, 1)[0]
    fixed = with_parameters(scenario, {name: value})
    assert name not in dict(drawn_parameters(fixed, 1, 1))
    assert settings(fixed)[name].value == value
    assert fixed.content_hash != scenario.content_hash
    assert fixed.content_hash == with_parameters(scenario, {name: value}).content_hash
    assert settings(scenario)[name].source != BY_SETTING


@pytest.mark.parametrize("value", [0.2, np.float32(0.125)])
def test_a_scenario_that_is_read_takes_values_as_one_that_is_named_does(value: object) -> None:
    """One experiment by either way: the same runs by name, so that a folder of one goes on by the other."""
    given = {"whistle.loss": value}
    laid = with_parameters(load_scenario("t_district"), given)
    assert laid.content_hash == load_scenario("t_district", given).content_hash
    twice = with_parameters(with_parameters(load_scenario("t_district"), {"whistle.loss": 0.1}), given)
    assert twice.content_hash == laid.content_hash


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "much", True, None])
def test_a_setting_is_a_number_within_bounds(scenario: Scenario, value: object) -> None:
    name = drawn_parameters(scenario, 1, 1)[0][0]
    with pytest.raises(InputError, match=name):
        with_parameters(scenario, {name: value})


def test_a_setting_must_name_a_parameter(scenario: Scenario) -> None:
    with pytest.raises(InputError, match=r"scenario\.end_year"):
        with_parameters(scenario, {"scenario.end_year": 2020})
    with pytest.raises(InputError, match="there is no such parameter"):
        with_parameters(scenario, {"labour.quit_rte": 0.1})
