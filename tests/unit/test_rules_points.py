"""Points and lists: the balance by hand, goods for points, what is on paper, and the list that is not there."""

from functools import cache
from math import exp

import numpy as np
import pytest

from abm import JointPointModel
from abm.core.draws import FixedDraws
from abm.core.errors import InputError
from abm.model.plan import load_scenario
from abm.world.helping import help_along
from abm.world.world import World
from tests.worlds import t_district


def rule(model: JointPointModel, name: str):
    return next(m for m in model.mechanisms if m.name == name)


def stepped(years: int = 6, **settings: object) -> JointPointModel:
    """A world with the pilot's lists, shortly before the distribution of the first tick of its second year."""
    model = JointPointModel(t_district(**settings), households=600, years=years + 1, rng=5, views=False)
    while model.year < 2019 or model.world.calendar.year_begins:
        model.step()
    return model


@cache
def run(**settings: object) -> JointPointModel:
    model = JointPointModel(t_district(**settings), households=900, years=9, rng=5, views=False)
    model.run()
    return model


def fresh(world: World) -> np.ndarray:
    """Rows of the list of one village, with nothing held and nothing done."""
    h = world.households
    for name in ("points_earned", "points_paper", "praise_seen", "rewarded", "unfair", "joint_activity"):
        h[name].fill(0.0)
    h.helping.fill(0.0)
    rows = np.flatnonzero(world.points.reaches("points"))
    return rows[h.place[rows] == h.place[rows[0]]]


@pytest.mark.parametrize("ticks", [4, 12])
def test_the_balance_follows_its_equation_at_any_tick(ticks: int) -> None:
    """B(t) = a/(δ + x) (1 − e^{−(δ + x) t}), whatever the tick; what lapsed and what went to the shop add up."""
    model = stepped(scenario__ticks_per_year=ticks, points__formalism=0.0)
    points, world = rule(model, "points"), model.world
    rows, rate, taken = fresh(world)[:1], points.p.decay + points.p.exchange, 0.0
    entered = np.array([0.6])
    for _ in range(2 * ticks):
        taken += points._pass(world.households.points_earned, rows, entered, world.dt)[0]
    assert world.households.points_earned[rows[0]] == pytest.approx(0.6 / rate * (1 - exp(-2 * rate)))
    lapsed_and_taken = 2 * 0.6 - world.households.points_earned[rows[0]]
    assert taken == pytest.approx(points.p.exchange / rate * lapsed_and_taken)


def test_goods_are_the_price_of_points_as_far_as_the_money_reaches() -> None:
    model = stepped()
    points, world = rule(model, "points"), model.world
    rows, accounts = fresh(world), world.envelope("points").accounts
    place = world.households.place[rows[0]]
    ticks_left = 4 - world.tick % 4
    taken = np.zeros(len(rows))
    taken[:2] = 0.01, 0.03
    for money, scale in ((1e6, 1.0), (8.0 * world.index * ticks_left, 0.5)):
        held = world.ledger.yuan("programme", accounts[place])
        world.ledger.transfer(("programme", accounts[place]), ("outside", 0), held, "envelope_return")
        world.ledger.transfer(("outside", 0), ("programme", accounts[place]), money, "envelope")
        before = world.ledger.balances["household"][rows].copy()
        points._give_goods(world, rows, taken)
        got = (world.ledger.balances["household"][rows] - before) / 100.0
        assert got == pytest.approx(scale * points.p.price * world.index * taken, abs=0.01)


def test_formalism_puts_its_share_of_all_entries_on_paper() -> None:
    model = stepped(points__formalism=0.3)
    points, world = rule(model, "points"), model.world
    h, rows = world.households, np.flatnonzero(world.points.reaches("points"))
    done = np.zeros(len(rows))
    done[::3] = 0.5
    entries = []
    for tick in range(400):
        world.calendar.tick = 10_000 + tick  # a season each
        entries.append(points._on_paper(world, rows, done) > 0)
    paper = np.array(entries).mean(axis=0)
    assert not paper[done > 0].any()  # none for who did something
    share = paper.sum() / (paper.sum() + (done > 0).sum())
    assert share == pytest.approx(0.3, abs=0.02)
    idle = done == 0
    close = points.close[rows]
    for place in np.unique(h.place[rows]):  # by lot, with a weight for those close to the keepers
        here = idle & (h.place[rows] == place)
        if (here & close).any() and (here & ~close).any():
            ratio = paper[here & close].mean() / paper[here & ~close].mean()
            assert ratio == pytest.approx(points.p.closeness, rel=0.3)


def test_nothing_is_entered_where_nobody_keeps_the_list() -> None:
    model = stepped()
    points, world = rule(model, "points"), model.world
    h, rows = world.households, fresh(world)
    h.joint_activity[rows] = 0.5
    points.distribution(world)
    assert (h.points_earned[rows] > 0).all()
    fresh(world)
    h.joint_activity[rows] = 0.5
    points.keepers = points.keepers[h.place[points.keepers] != h.place[rows[0]]]
    points.distribution(world)
    assert not h.points_earned[rows].any()


def test_the_meeting_strikes_paper_points_takes_time_and_names_who_did_most() -> None:
    model = stepped()
    points, world = rule(model, "points"), model.world
    h, rows = world.households, fresh(world)
    h.busy.fill(0.0)
    points._review(world, rows)
    assert not h.busy.any()  # no points held: no meeting
    h.points_paper[rows] = 0.2
    h.points_earned[rows[0]] = 3.0
    model.world.draws = FixedDraws({"points.review": points.p.review - 0.01})
    points._review(world, rows)
    assert not h.points_paper[rows].any()
    home = h.own_workers[rows] > 0
    expected = points.p.meeting / world.dt / h.own_workers[rows][home]
    assert h.busy[rows][home] == pytest.approx(expected)
    ties = world.points.pairs["mutual_aid"].neighbours(len(h))
    named = np.zeros(len(h))
    named[rows[0]] = 1.0
    for row in rows:
        neighbours = ties.indices[ties.indptr[row] : ties.indptr[row + 1]]
        assert h.praise_seen[row] == pytest.approx(named[neighbours].mean() if len(neighbours) else 0.0)


def test_who_did_more_sees_more_reward_and_paper_points_are_unfair_to_others() -> None:
    model = stepped(points__formalism=0.0)
    points, world = rule(model, "points"), model.world
    h, rows = world.households, fresh(world)
    h.points_earned[rows[0]], h.points_earned[rows[1]], h.points_paper[rows[2]] = 2.0, 1.0, 1.0
    reward, unfair = points._seen(world, rows)
    assert reward[0] > reward[1] > reward[2] == 0.0
    mean = 3.0 / len(rows)
    assert reward[0] == pytest.approx((1 - points.p.neighbours) * 2.0 / (2.0 + mean))
    assert unfair[3] == pytest.approx(0.25)  # one point of four is on paper
    assert unfair[2] < unfair[3]  # it is its own


def test_points_that_have_lapsed_are_no_reward_and_nothing_unfair() -> None:
    """When entries stop all balances fall alike, and so does what is made of them."""
    model = stepped(points__formalism=0.0)
    points, world = rule(model, "points"), model.world
    h, rows = world.households, fresh(world)
    h.points_earned[rows], h.points_paper[rows[0]] = 0.5, 0.5
    before = points._seen(world, rows)
    h.points_earned[rows] *= 1e-3
    h.points_paper[rows] *= 1e-3
    after = points._seen(world, rows)
    for full, lapsed in zip(before, after, strict=True):
        assert lapsed.mean() < 0.05 * full.mean()


@pytest.mark.parametrize("ticks", [4, 12])
def test_a_gift_for_care_earns_the_same_at_any_tick(ticks: int) -> None:
    model = stepped(scenario__ticks_per_year=ticks, points__formalism=0.0)
    world = model.world
    h = world.households
    h.helping.fill(0.0)
    ties = world.points.pairs["kin"]
    a, b = int(ties.a[0]), int(ties.b[0])
    world.ledger.transfer(("outside", 0), ("household", [a, b]), 1e6, "opening")
    h.care_due[b] = 1.0
    paid = help_along(
        world, ties, np.array([b]), np.array([1e5]),
        generosity=0.5, buffer=0.0, by_trust=False, kind="kin_help", layer="background",
    )  # fmt: skip
    assert paid > 0
    assert h.helping[a] * world.dt == pytest.approx(0.25)


def test_without_any_list_nothing_is_entered_and_volunteers_go_on() -> None:
    """The other channel: joint activity and contact without points."""
    scenario = t_district(switches=({"kind": "points"},))
    model = JointPointModel(scenario, households=600, years=8, rng=5, views=False)
    activity = 0.0
    while model.running:
        model.step()
        activity += float(model.world.households.joint_activity.sum())
    h = model.world.households
    assert not any(h[name].any() for name in ("points_earned", "points_paper", "rewarded", "unfair"))
    assert activity > 0
    assert not any(kind == "points_goods" for year in model.recorder.years for _, _, kind, _ in year.flows)


def test_formalism_wears_trust() -> None:
    """The same world with and without it: a part of the programme's money goes to paper, and trust is lower."""
    fair, formal = (run(points__formalism=f, points__review=0.0) for f in (0.0, 0.4))
    listed = fair.world.points.reaches("points")
    assert not fair.world.households.unfair.any()
    assert formal.world.households.unfair[listed].mean() > 0.1
    assert formal.world.households.trust[listed].mean() < fair.world.households.trust[listed].mean()


@pytest.mark.long
def test_levels_agree_at_4_and_12_ticks() -> None:
    """Means over three years of lists and six seeds; a memory that ran per tick would be far off."""
    levels = ("points_earned", "points_paper", "rewarded", "unfair")
    found: dict[int, list[list[float]]] = {4: [], 12: []}
    for ticks, seen in found.items():
        for seed in range(6):
            scenario = t_district(scenario__ticks_per_year=ticks)
            model = JointPointModel(scenario, households=900, years=9, rng=seed, views=False)
            h = model.world.households
            while model.running:
                model.step()
                if model.year >= 2020:
                    listed = model.world.points.reaches("points")
                    seen.append([h[name][listed].mean() for name in levels])
    coarse, fine = (np.mean(found[ticks], axis=0) for ticks in (4, 12))
    assert (coarse > 0).all()
    assert fine == pytest.approx(coarse, rel=0.25)


def test_points_need_volunteers() -> None:
    listed = [name for name in t_district().scenario.mechanisms if name != "volunteers"]
    with pytest.raises(InputError, match="'points' needs 'volunteers'"):
        load_scenario("t_district", {"scenario.mechanisms": listed})
