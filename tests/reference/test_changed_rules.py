"""A rule that is changed in one and not in the other fails: in its numbers (each parameter of a restated rule), and in
its words (some of the production's code, changed here)."""

from collections.abc import Callable

import numpy as np
import pytest

from abm.agents.association import Association
from abm.agents.party_branch import PartyBranch
from abm.agents.social_organization import SocialOrganization
from abm.core.draws import Draws
from abm.core.ledger import Ledger
from abm.core.names import SECTORS
from abm.mechanisms.background import consumption, investment, labour, migration, wages
from abm.mechanisms.interest import homestay, profit_sharing
from abm.mechanisms.organizational import alliance, digital, whistle
from abm.mechanisms.social import courtyard, fund, mutual_aid, points, training
from abm.model.model import JointPointModel
from abm.world.world import OUTSIDE, World
from tests.reference.lively import LIVELY
from tests.reference.restated import BACKGROUND, LAYERED, RULES
from tests.reference.tuning import Sensitivity
from tests.reference.watch import run_watched, watch
from tests.worlds import HARD_TIMES, t_district

OWNERS = {rule.name for rule in BACKGROUND} | {"credit", "technique", "people", "enterprise"}
"""Whose parameters only rules of the background read."""
OF_JOINT_POINTS = {rule.name for rule in LAYERED} | {"partners", "capital"}
"""Whose parameters rules of the joint-points read, or the calendar when these form."""
RARE = {
    **HARD_TIMES,
    "scenario__start_year": 2018,
    "credit__limit": 0.2,
    "dibao__line": 9000.0,
    "enterprise__buffer": 0.05,
}
"""Overrides of a world in which much of what is rare happens: default, allowances, enterprises without cash."""


def rare_world(years: int) -> JointPointModel:
    """Without contracts, and with much capital."""
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


@pytest.mark.long
def test_each_parameter_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    model = rare_world(5)
    seen = watch(model, BACKGROUND)
    asked = seen.before = Sensitivity()
    run_watched(model, seen, monkeypatch, before_tick={9: robbed})
    assert not seen.problems, "\n".join(seen.problems[:20])
    assert unnoticed(model, asked, OWNERS) == set()


@pytest.mark.long
def test_each_parameter_of_the_joint_points_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    model = lively_world(4, households=250)
    seen = watch(model, LAYERED)
    asked = seen.before = Sensitivity(tries=80)
    run_watched(model, seen, monkeypatch)
    assert not seen.problems, "\n".join(seen.problems[:20])
    assert unnoticed(model, asked, OF_JOINT_POINTS) == set()


def unnoticed(model: JointPointModel, asked: Sensitivity, owners: set[str]) -> set[tuple[str, ...]]:
    """Parameters of these owners that could be changed without anybody's noticing."""
    declared = {tuple(key.split(".", 1)) for key in model.world.settings}
    return {name for name in declared - asked.noticed if name[0] in owners}


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
    patch.setattr(wages.Wages, "_time_at_work", lambda self, world: np.ones(len(world.households)))


def the_worst_fit_is_hired(patch: pytest.MonkeyPatch) -> None:
    rank = labour._rank
    patch.setattr(labour, "_rank", lambda firm, fit: rank(firm, -fit))


def lively_world(years: int, households: int = 200) -> JointPointModel:
    """From the pilot's first year on."""
    scenario = t_district(**{**LIVELY, "scenario__start_year": 2019})
    return JointPointModel(scenario, households=households, years=years, views=False, rng=11)


def no_part_of_a_case_is_carried_over(patch: pytest.MonkeyPatch) -> None:
    slots = PartyBranch.slots

    def forgets(self, *args):
        whole = slots(self, *args)
        self._carry = 0.0
        return whole

    patch.setattr(PartyBranch, "slots", forgets)


def grid_workers_stand_in_for_each_other(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(whistle.Whistle, "_at_work", lambda self, world, linked: self.posts)


def no_allies_meet(patch: pytest.MonkeyPatch) -> None:
    ties = alliance.Alliance.ties

    def without_meetings(self, world):
        ties(self, world)
        for branch in world.institutions.village_branches:
            branch.meetings = 0.0

    patch.setattr(alliance.Alliance, "ties", without_meetings)


def platforms_cost_nothing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(digital, "buy_here", lambda *args: None)


def each_party_gets_its_weight(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(profit_sharing, "bargained", lambda weights, power: weights / weights.sum())


def farms_let_rooms(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(homestay, "_TOURISM", SECTORS.index("farm"))


def a_guide_does_all_that_is_left(patch: pytest.MonkeyPatch) -> None:
    plan = SocialOrganization.plan
    patch.setattr(
        SocialOrganization, "plan", lambda self, a, b, c, guide: plan(self, a, b, c, float(guide > 0))
    )


def everybody_gets_a_seat(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(training.Training, "_seated", lambda self, world, rows, accounts: np.ones(len(rows), bool))


def nothing_is_crowded(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(courtyard.Courtyard, "_price", lambda self, world: 1.0)


def an_association_never_recovers(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Association, "pay", lambda self, due, paid: None)


def neighbours_tell_nothing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(mutual_aid.MutualAid, "enterprise", lambda self, world: None)


def lists_are_true(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(points.Points, "_on_paper", lambda self, world, rows, done: np.zeros(len(rows)))


def nobody_is_near_the_committee(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(fund.Fund, "_know_ties", lambda self, world: None)


CHANGED = (
    ("illness", a_stream_of_another_name),
    ("pensions", two_fen_more),
    ("consumption", no_credit_for_food),
    ("investment", capital_a_little_larger),
    ("migration", who_prefers_the_city_stays),
    ("wages", illness_at_home_costs_no_pay),
    ("labour", the_worst_fit_is_hired),
)
CHANGED_BY_JOINT_POINTS = (
    ("whistle", no_part_of_a_case_is_carried_over),
    ("whistle", grid_workers_stand_in_for_each_other),
    ("alliance", no_allies_meet),
    ("digital", platforms_cost_nothing),
    ("profit_sharing", each_party_gets_its_weight),
    ("homestay", farms_let_rooms),
    ("volunteers", a_guide_does_all_that_is_left),
    ("training", everybody_gets_a_seat),
    ("courtyard", nothing_is_crowded),
    ("courtyard", an_association_never_recovers),
    ("mutual_aid", neighbours_tell_nothing),
    ("points", lists_are_true),
    ("fund", nobody_is_near_the_committee),
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


@pytest.mark.parametrize(
    ("rule", "change"),
    CHANGED_BY_JOINT_POINTS,
    ids=[change.__name__ for _, change in CHANGED_BY_JOINT_POINTS],
)
def test_a_changed_rule_of_the_joint_points_is_named(
    rule: str, change: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    change(monkeypatch)
    model = lively_world(1)
    seen = watch(model, [restated for restated in RULES if restated.name in (rule, "trust", "taxes")])
    model.run()
    assert {problem.split(", ")[1].split(".")[0] for problem in seen.problems} == {rule}
