"""Mechanisms that need another one say so, and need nothing else."""

import ast
import inspect
import sys
from collections.abc import Iterable

import pytest

from abm.mechanisms.base import Mechanism
from abm.model.model import JointPointModel
from abm.model.plan import mechanism_classes
from abm.scenario.schema import Scenario
from tests.worlds import t_district

RULES = {rule.name: rule for rule in mechanism_classes(t_district())}


def without(names: Iterable[str]) -> Scenario:
    """T District without some mechanisms, and what only they can use."""
    left_out, whole = set(names), t_district()
    listed = tuple(name for name in whole.scenario.mechanisms if name not in left_out)
    spends = {kind for name in listed for kind in RULES[name].spends}
    return whole.model_copy(
        update={
            "scenario": whole.scenario.model_copy(update={"mechanisms": listed}),
            "programmes": tuple(p for p in whole.programmes if p.pays_for in spends),
            "parameters": {k: v for k, v in whole.parameters.items() if k.partition(".")[0] not in left_out},
        }
    )


def with_dependants(name: str) -> set[str]:
    """A mechanism, and all that cannot do without it."""
    gone = {name}
    while more := {n for n, rule in RULES.items() if n not in gone and gone & set(rule.requires)}:
        gone |= more
    return gone


def test_what_is_needed_is_a_mechanism() -> None:
    assert {needed for rule in RULES.values() for needed in rule.requires} <= set(RULES)
    for name in ("profit_sharing", "homestay"):
        assert "project" in RULES[name].requires


def owners_read(rule: type[Mechanism]) -> set[str]:
    """Whose parameters the module of a rule reads: ``values_of(settings, "owner")``."""
    tree = ast.parse(inspect.getsource(sys.modules[rule.__module__]))
    calls = [
        n for n in ast.walk(tree) if isinstance(n, ast.Call) and getattr(n.func, "id", "") == "values_of"
    ]
    return {call.args[1].value for call in calls if isinstance(call.args[1], ast.Constant)}


@pytest.mark.parametrize("name", RULES)
def test_who_reads_the_parameters_of_a_mechanism_says_that_it_needs_it(name: str) -> None:
    assert owners_read(RULES[name]) & set(RULES) <= {name, *RULES[name].requires}


def test_parameters_read_are_seen() -> None:
    assert owners_read(RULES["wages"]) == {"start", "own_account", "migration"}


@pytest.mark.parametrize("name", RULES)
def test_what_is_not_said_to_be_needed_can_be_left_out(name: str) -> None:
    """Up to the first year of the pilot."""
    model = JointPointModel(without(with_dependants(name)), households=200, years=6, views=False, rng=1)
    model.run()
    assert model.year == 2019
    assert model.world.ledger.imbalance() == 0
