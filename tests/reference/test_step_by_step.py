"""Each rule beside its restatement, from the production's state before each of its methods, through 20 ticks with all
joint-points: the same payments to one fen each, and the same of everything else."""

import pytest

from abm.mechanisms.registry import find_mechanism
from abm.model.model import JointPointModel
from tests.reference.lively import LIVELY
from tests.reference.restated import RULES
from tests.reference.watch import run_watched, watch, watch_starts
from tests.worlds import HARD_TIMES, t_district

WORLDS: dict[str, tuple[dict[str, object], dict[str, float]]] = {
    "all that is rare": (LIVELY, {}),
    "hard times without contracts": (
        {**HARD_TIMES, "scenario__start_year": 2018, "credit__limit": 0.2},
        {"interest": 0.0, "social": 0.7},
    ),
}
"""Overrides of the scenario, and strengths of layers."""


def test_all_of_t_district_is_restated() -> None:
    listed = {name: find_mechanism(name) for name in t_district().scenario.mechanisms}
    assert {rule.name for rule in RULES} == listed.keys()
    for rule in RULES:
        assert rule.phases() == listed[rule.name].phases(), rule.name


def test_each_rule_starts_as_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    problems: list[str] = []
    started = watch_starts(RULES, problems, monkeypatch)
    JointPointModel(t_district(), households=200, years=1, views=False, rng=11)
    assert not problems, "\n".join(problems[:20])
    assert sorted(started) == sorted(rule.name for rule in RULES)


@pytest.mark.parametrize(("overrides", "strengths"), WORLDS.values(), ids=WORLDS)
def test_each_rule_does_what_it_says(
    overrides: dict[str, object], strengths: dict[str, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = t_district(**overrides)
    model = JointPointModel(scenario, households=200, years=5, views=False, rng=11, **strengths)
    seen = watch(model, RULES)
    run_watched(model, seen, monkeypatch)
    assert model.world.tick == 19
    assert not seen.problems, "\n".join(seen.problems[:20])
    acts = {(rule.name, phase) for rule in RULES for phase in rule.phases()}
    assert seen.compared.keys() == acts | {("dates", "begin_tick"), ("dates", "close_year")}
    assert seen.payments > 30_000
    assert (
        seen.off.total() < 1e-3 * seen.payments
    )  # a fen apart, where sums in another order round the other way
