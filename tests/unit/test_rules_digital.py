"""Platforms: who can use one, what passes it, what it costs, and how it fails."""

from typing import Any

import numpy as np
import pytest

from abm.core.draws import FixedDraws
from abm.model.model import JointPointModel
from abm.scenario.schema import Scenario
from abm.scenario.switches import Arm
from tests.limits.quiet import alike, quiet_model
from tests.worlds import t_district

KEPT = ("digital", "case_channel", "vertical")


def rule(model: JointPointModel, name: str = "digital") -> Any:
    return next(m for m in model.mechanisms if m.name == name)


def all_linked(per_head: float = 100.0) -> Scenario:
    """Eight places alike with a case channel; in three of them all households are linked to the platform."""
    whole = t_district()
    plans = {p.kind: p for p in reversed(whole.joint_points) if p.kind in KEPT and p.from_year <= 2019}
    money = next(p for p in whole.programmes if p.pays_for == "digital")
    changes = {
        "joint_points": tuple(p.model_copy(update={"from_year": 2014, "share": 1.0}) for p in plans.values()),
        "programmes": (money.model_copy(update={"from_year": 2014, "per_head": per_head}),),
    }
    return alike().model_copy(update=changes)


def ready(per_head: float = 100.0, **draws: float) -> JointPointModel:
    """After a tick in which nobody learnt to use a platform; from now on all do who can."""
    model = quiet_model(all_linked(per_head), {"digital.learns": 0.999, "ties.dud": 0.999})
    model.step()
    world = model.world
    world.draws = FixedDraws({"digital.learns": 0.001, **draws})
    for column in ("busy", "online"):
        world.households[column].fill(0)
    return model


def test_who_can_use_it_by_hand_and_what_learning_takes() -> None:
    """The lot is .5: who has more than ȳ years of schooling, and a worker at home."""
    model = ready()
    world, h, p = model.world, model.world.households, rule(model).p
    linked = np.flatnonzero(world.points.reaches("digital"))
    h.schooling[linked] = p.schooling + np.where(np.arange(len(linked)) % 2, 0.1, -0.1)
    old = linked[:20]
    h.schooling[old] = 19.0
    for column in ("own_workers", "local_workers"):
        h[column][old] = 0
    before = world.ledger.yuan("programme").sum()
    rule(model).needs(world)
    expected = h.schooling[linked] > p.schooling
    expected[:20] = False
    assert np.array_equal(h.online[linked], expected)
    assert h.online.sum() == expected.sum() > 0
    new = linked[expected & (h.own_workers[linked] > 0)]
    assert h.busy[new] == pytest.approx(p.time / world.dt / h.own_workers[new])
    assert np.flatnonzero(h.busy).tolist() == new.tolist()
    paid = before - world.ledger.yuan("programme").sum()
    assert paid == pytest.approx(p.upkeep * world.index * world.dt * len(linked), abs=0.05)
    h.busy[:] = 0.0
    rule(model).needs(world)  # once learnt
    assert not h.busy.any()
    assert np.array_equal(h.online[linked], expected)


@pytest.mark.parametrize(
    ("lot", "years", "alone"), [(0.7, 11.0, False), (0.2, 11.0, True), (0.1, 5.0, False)]
)
def test_the_chance_is_logistic_and_smaller_where_only_elders_live(
    lot: float, years: float, alone: bool
) -> None:
    found = []
    for u in (lot, lot + 0.05):
        model = ready(**{"digital.able": u})
        world, h, p = model.world, model.world.households, rule(model).p
        h.schooling[:] = years
        if alone:
            h.own_workers[:] = h.local_workers[:] = 0
        chance = (p.elders if alone else 1.0) / (1.0 + np.exp(-(years - p.schooling) / p.divide))
        rule(model).needs(world)
        linked = world.points.reaches("digital")
        assert (h.online[linked] == (u < chance)).all()
        found.append(bool(h.online.any()))
    assert found == [True, False]


def test_a_platform_that_is_half_paid_serves_fewer() -> None:
    found = []
    for part in (1.0, 0.5, 0.0):
        model = ready()
        world, h = model.world, model.world.households
        h.schooling[:] = 16.0
        accounts = world.envelope("digital").accounts
        need = rule(model).p.upkeep * world.index * world.by_place(world.points.reaches("digital"))
        left = world.calendar.ticks_per_year - world.tick % world.calendar.ticks_per_year
        money = world.ledger.yuan("programme", accounts) - part * need * world.dt * left
        world.ledger.transfer(
            ("programme", accounts), ("outside", 0), np.maximum(money, 0.0), "envelope_return"
        )
        world.draws.uniforms["digital.able"] = 0.6
        rule(model).needs(world)
        found.append(int(h.online.sum()))
    assert found[0] > found[1] == found[2] == 0  # P ≈ .97 is more than .6, half of it is less


def test_a_message_goes_straight_to_who_decides() -> None:
    """One hop to the district over the platform, two through the village: P = bring · (1 − a)^n."""
    whistle_p = rule(ready(), "whistle").p
    keep = 1.0 - whistle_p.loss
    for u_part, through_village in ((0.5 * (keep + keep**2), False), (0.9 * keep**2, True)):
        model = ready()
        world, h, whistle = model.world, model.world.households, rule(model, "whistle")
        u = world.calendar.chance(whistle.p.bring) * u_part
        world.draws = FixedDraws({"whistle.case_since": u})
        linked = np.flatnonzero(world.points.reaches("digital"))
        h.online[linked[::2]] = True
        h.case_since[:] = -1
        need = np.ones(len(h), bool)
        nowhere = np.zeros(len(world.places), bool)
        whistle._raise(world, "case_since", need, np.ones(len(h)), nowhere)
        assert (h.case_since[linked[::2]] >= 0).all()
        assert ((h.case_since[~h.online] >= 0) == through_village).all()
        h.case_since[:] = -1
        whistle._raise(world, "case_since", need, np.full(len(h), np.inf), nowhere)
        assert (h.case_since == -1).all()  # no path between the tiers, no case
        whistle._raise(world, "case_since", need, np.ones(len(h)), ~nowhere)
        assert (h.case_since == -1).all()  # who decides does not work


def test_distance_thins_no_news_over_the_platform() -> None:
    model = ready()
    world, h, labour = model.world, model.world.households, rule(model, "labour")
    world.places.market_distance[:] = 1.2
    h.online[::2] = True
    rows = np.arange(len(h))
    spot = labour._chances(world, rows, h.place)["spot"]
    assert spot[::2] == pytest.approx(labour.p.spot_news)
    assert spot[1::2] == pytest.approx(labour.p.spot_news * np.exp(-1.2 * labour.p.spot_distance))


def test_a_breach_takes_money_and_trust_of_some_online_and_nothing_of_others() -> None:
    model = ready(**{"digital.breach": 0.001, "digital.defrauded": 0.001})
    world, h, p = model.world, model.world.households, rule(model).p
    rows = np.flatnonzero(world.points.reaches("digital"))[:40]
    h.online[rows] = True
    poor = int(rows[0])
    money = world.ledger.yuan("household", poor)
    world.ledger.transfer(("household", poor), ("outside", 0), money, "consumption")
    world.ledger.transfer(("outside", 0), ("household", poor), 50.0, "opening")
    before, trust = world.ledger.yuan("household"), h.trust.copy()
    rule(model).distribution(world)
    lost = before - world.ledger.yuan("household")
    assert lost[poor] == pytest.approx(50.0)
    assert lost[rows] == pytest.approx(np.minimum(p.loss * world.index, before[rows]), abs=0.01)
    assert h.trust[rows] == pytest.approx(trust[rows] * (1.0 - p.wound))
    offline = ~h.online
    assert not lost[offline].any()
    assert np.array_equal(h.trust[offline], trust[offline])
    assert {e.event for e in world.events} >= {"data_breach"}
    world.draws.uniforms["digital.breach"] = 0.999
    before = world.ledger.yuan("household")
    rule(model).distribution(world)
    assert np.array_equal(before, world.ledger.yuan("household"))


def test_a_platform_that_is_down_serves_nobody_of_its_place() -> None:
    model = ready()
    world, h = model.world, model.world.households
    h.schooling[:] = 16.0
    name = f"platform:{world.place_names[0]}"
    assert model.graph.nodes[name]["type"] == "platform"
    hubs, _ = rule(model, "hub_failure")._hubs(world)
    assert (name, 0, "platform") in hubs
    assert sum(what == "platform" for _, _, what in hubs) == 3
    world.break_down({name})
    rule(model).needs(world)
    assert not h.online[h.place == 0].any()
    assert h.online[h.place == 1].all()
    world.break_down(set())
    rule(model).needs(world)
    assert h.online[h.place == 0].all()


def test_a_place_has_a_platform_from_the_year_of_its_first_link_on() -> None:
    model = JointPointModel(t_district(), households=600, years=9, views=False, rng=1)
    seen = {}
    while model.running:
        model.step()
        seen[model.year] = {name for name in model.graph if name.startswith("platform:")}
    assert seen[2018] == set()
    assert seen[2019] == seen[2021] == {"platform:BQ", "platform:BL", "platform:SJ"}
    assert seen[2022] > seen[2021]
    rewired = JointPointModel(
        t_district(), households=600, years=6, views=False, rng=1,
        arm=Arm(placebo=("organizational",), question="programme", from_year=2019),
    )  # fmt: skip
    rewired.run()
    h = rewired.world.households
    linked = {rewired.world.place_names[i] for i in h.place[rewired.world.points.reaches("digital")]}
    assert len(linked) > 3
    assert {f"platform:{name}" for name in linked} <= set(rewired.graph)


def test_without_the_link_nobody_is_online_and_cases_go_by_the_window() -> None:
    scenario = t_district(switches=({"kind": "digital"},))
    model = JointPointModel(scenario, households=400, years=6, views=False, rng=7)
    model.run()
    assert not model.world.households.online.any()
    assert not model.world.households.platform_learnt.any()
    assert sum(branch.served for branch in model.world.institutions.village_branches) > 0


@pytest.mark.parametrize("ticks", [4, 12])
def test_as_many_learn_it_in_a_year_at_any_tick(ticks: int) -> None:
    """1 − e^{−rate} of those who can."""
    scenario = t_district(scenario__ticks_per_year=ticks, digital__schooling=5.0, digital__divide=0.5)
    model = JointPointModel(scenario, households=1500, years=9, views=False, rng=2)
    while model.year < 2022 or not model.world.calendar.year_ends:
        model.step()
    world, h, p = model.world, model.world.households, rule(model).p
    began = world.points.household["digital"].since == 2022
    can = (
        began & (h.own_workers + h.local_workers > 0) & (h.schooling > 9.0) & world.points.reaches("digital")
    )
    assert can.sum() > 300
    share = h.platform_learnt[can].mean()
    assert share == pytest.approx(1.0 - np.exp(-p.learns), abs=4 * np.sqrt(0.25 / can.sum()))
