"""A rule that is changed in one and not in the other fails: in its numbers (each parameter of a restated rule), and in
its words (some of the production's code, changed here)."""

from collections.abc import Callable

import numpy as np
import pytest

from abm.core.draws import Draws
from abm.core.ledger import Ledger
from abm.mechanisms.background import consumption, investment, labour, migration, wages
from abm.model.model import JointPointModel
from abm.world.world import OUTSIDE, World
from tests.reference.restated import RULES
from tests.reference.tuning import Sensitivity
from tests.reference.watch import run_watched, watch
from tests.worlds import HARD_TIMES, t_district

OWNERS = {rule.name for rule in RULES} | {"credit", "technique", "people", "enterprise", "capital"}
"""Whose parameters only rules read."""
RARE = {
    **HARD_TIMES,
    "scenario__start_year": 2018,
    "credit__limit": 0.2,
    "dibao__line": 9000.0,
    "enterprise__buffer": 0.05,
}
"""Overrides of a world in which much of what is rare happens: default, allowances, enterprises without cash."""


def rare_world(years: int) -> JointPointModel:
    """Without contracts, so that much capital is laid out for ordinary enterprises."""
    scenario = t_district(**RARE)
    programmes = tuple(
        plan.model_copy(update={"per_head": 40.0 * plan.per_head}) if plan.purse == "capital" else plan
        for plan in scenario.programmes
    )
    return JointPointModel(
        scenario.model_copy(update={"programmes": programmes}),
        households=200,
        years=years,
        views=False,
        rng=11,
        interest=0.0,
        social=0.7,
    )


def robbed(world: World) -> None:
    """No enterprise has any cash left."""
    cash = world.ledger.yuan("enterprise")
    world.ledger.transfer(("enterprise", None), OUTSIDE, cash, "outside_profit")


@pytest.mark.slow
def test_each_parameter_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    model = rare_world(5)
    seen = watch(model, RULES)
    asked = seen.before = Sensitivity()
    run_watched(model, seen, monkeypatch, before_tick={9: robbed})
    assert not seen.problems, "\n".join(seen.problems[:20])
    declared = {tuple(key.split(".", 1)) for key in model.world.settings}
    assert {name for name in declared - asked.noticed if name[0] in OWNERS} == set()


def a_stream_of_another_name(patch: pytest.MonkeyPatch) -> None:
    words = Draws._words
    patch.setattr(
        Draws, "_words", lambda self, name, when: words(self, name.replace("illness.onset", "onset"), when)
    )


def two_fen_more(patch: pytest.MonkeyPatch) -> None:
    transfer = Ledger.transfer

    def generous(self, payer, payee, yuan, kind, layer=""):
        return transfer(self, payer, payee, yuan + 0.02 * (kind == "pension"), kind, layer)

    patch.setattr(Ledger, "transfer", generous)


def no_credit_for_food(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(consumption, "borrow", lambda world, rows, yuan: np.zeros(len(rows)))


def capital_a_little_larger(patch: pytest.MonkeyPatch) -> None:
    best = investment.best_capital
    patch.setattr(investment, "best_capital", lambda *args: 1.001 * best(*args))


def who_prefers_the_city_stays(patch: pytest.MonkeyPatch) -> None:
    city = migration.Migration._city
    patch.setattr(migration.Migration, "_city", lambda self, world, rows: 1.0 - city(self, world, rows))


def illness_at_home_costs_no_pay(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(wages.Wages, "_time_at_work", lambda self, world, household: np.ones(len(household)))


def the_worst_fit_is_hired(patch: pytest.MonkeyPatch) -> None:
    rank = labour._rank
    patch.setattr(labour, "_rank", lambda firm, fit: rank(firm, -fit))


CHANGED = (
    ("illness", a_stream_of_another_name),
    ("pensions", two_fen_more),
    ("consumption", no_credit_for_food),
    ("investment", capital_a_little_larger),
    ("migration", who_prefers_the_city_stays),
    ("wages", illness_at_home_costs_no_pay),
    ("labour", the_worst_fit_is_hired),
)


@pytest.mark.parametrize(("rule", "change"), CHANGED, ids=[change.__name__ for _, change in CHANGED])
def test_a_changed_rule_is_named(
    rule: str, change: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    change(monkeypatch)
    model = rare_world(1)
    seen = watch(model, [restated for restated in RULES if restated.name in (rule, "trust", "taxes")])
    model.run()
    assert {problem.split(", ")[1].split(".")[0] for problem in seen.problems} == {rule}
