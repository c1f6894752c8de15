"""The three failures of joint-points that the paper leaves open: hubs that fail (平台失效), links that never connect
(连接不畅), and people who leave their affairs to the branch (自治消解)."""

from itertools import pairwise

import numpy as np
import pytest

from abm.core.draws import Draws, FixedDraws
from abm.graph.kinds import LINK_KINDS
from abm.mechanisms.base import Mechanism
from abm.model.model import JointPointModel
from abm.scenario.schema import Scenario
from abm.scenario.switches import Arm
from abm.world.capital import lay_out
from abm.world.world import World
from tests.worlds import Finished, finish, t_district


def rule(model: JointPointModel, name: str) -> Mechanism:
    return next(m for m in model.mechanisms if m.name == name)


# --- 平台失效 -----------------------------------------------------------------------------------------


def outages(ticks: int, years: int, rate: float, length: float) -> list[list[set[str]]]:
    """What is down in each tick, the rule alone acting."""
    scenario = t_district(scenario__ticks_per_year=ticks, hub_failure__rate=rate, hub_failure__length=length)
    model = JointPointModel(scenario, households=2300, years=1, views=False, luck=Draws(3))
    world, seen = model.world, []
    for _ in range(years * ticks):
        world.calendar.advance()
        rule(model, "hub_failure").ties(world)
        seen.append(set(world.points.down))
    return seen


@pytest.mark.parametrize("ticks", [4, 12])
@pytest.mark.parametrize("length", [0.05, 0.5])
def test_hubs_are_down_for_their_share_of_the_time_at_any_tick(ticks: int, length: float) -> None:
    """λ/(λ + μ) of it; seen once a tick, an outage lasts Δ/P(works again) on average."""
    rate, years, hubs = 0.1, 80, 45 + 2
    seen = outages(ticks, years, rate, length)
    share = sum(map(len, seen)) / (hubs * len(seen))
    expected = rate / (rate + 1.0 / length)
    number = rate * years * hubs  # outages, each of an exponential length
    assert share == pytest.approx(expected, rel=4.0 * np.sqrt(2.0 / number) * max(1.0, 0.5 / ticks / length))
    started = sum(len(now - before) for before, now in pairwise(seen))
    mends = -np.expm1(-(rate + 1.0 / length) / ticks) * (1.0 - expected)
    assert sum(map(len, seen)) / started == pytest.approx(1.0 / mends, rel=4.0 / np.sqrt(started))
    assert len({name for down in seen for name in down}) > 0.6 * hubs
    assert {name.partition(":")[0] for down in seen for name in down} == {"branch", "station"}


def test_at_rate_0_nothing_ever_fails() -> None:
    assert not any(outages(4, 30, 0.0, 0.5))


def often(arm: Arm) -> Finished:
    scenario = t_district(hub_failure__rate=0.1, hub_failure__length=0.5)
    return finish(JointPointModel(scenario, households=400, years=8, views=False, rng=6, arm=arm))


def test_outages_are_the_same_in_every_arm_and_stand_in_the_events() -> None:
    def of_hubs(run: Finished) -> list[tuple[object, ...]]:
        events = run.tables["events"]
        return [
            tuple(row)
            for row in events[events.event.str.startswith("hub_")].itertuples(index=False, name=None)
        ]

    runs = [often(arm) for arm in (Arm(), Arm(False, False, False), Arm(0.5, True, False, from_year=2016))]
    first = of_hubs(runs[0])
    assert len(first) > 5
    for run in runs[1:]:
        assert of_hubs(run) == first
        assert run.model.world.points.down == runs[0].model.world.points.down


def without_chance(year: int) -> JointPointModel:
    """T District in its pilot, where hubs fail only when a test says so."""
    scenario = t_district(ties__dud_share=0.0)
    listed = tuple(name for name in scenario.scenario.mechanisms if name != "hub_failure")
    head = scenario.scenario.model_copy(update={"mechanisms": listed})
    model = JointPointModel(
        scenario.model_copy(update={"scenario": head}), households=1000, years=12, views=False, rng=4
    )
    while model.world.tick < 0 or model.year < year or not model.world.calendar.year_ends:
        model.step()
    return model


def cases(world: World, place: int) -> np.ndarray:
    """Since when each household of a place has a case or a dispute in the queue; shape (households, 2)."""
    h = world.households
    here = h.place == place
    return np.column_stack([h.case_since[here], h.dispute_since[here]])


def test_what_lies_with_a_branch_that_is_down_waits_and_is_handled_afterwards() -> None:
    model = without_chance(2020)
    world, h = model.world, model.world.households
    place = world.place_names.index("BL")
    here, branch = h.place == place, world.institutions.village_branches[place]
    h.dispute[here] = True
    h.dispute_since[here] = world.tick
    world.break_down({branch.name})
    assert not [key for *_, key in model.graph.edges(branch.name, keys=True)]
    assert not world.points.reaches("case_channel")[here].any()
    assert world.points.reaches("case_channel")[~here].any()
    before, served = cases(world, place), branch.served
    contact = h.relied[here].copy()
    for _ in range(2):
        model.step()
        now = cases(world, place)
        assert (now <= before).all()  # no new case comes in
        kept = now == before
        need = np.column_stack([(h.claim > 0) | h.entitled, h.dispute])[here]
        assert kept[need & (before >= 0)].all()  # and what nobody settled otherwise still lies there
    assert branch.served == served
    assert (h.relied[here] <= contact).all()
    assert (h.dispute & here).any()
    assert not h.news_organizational[here].any()
    world.break_down(set())
    waiting = int((cases(world, place) >= 0).sum())
    assert waiting > 0
    model.step()
    assert branch.served > served
    assert world.points.reaches("case_channel")[here].all()


def test_without_the_district_villages_settle_disputes_and_its_cases_wait() -> None:
    model = without_chance(2020)
    world, h = model.world, model.world.households
    h.claim[::3] = 500.0
    h.case_since[::3] = world.tick
    h.dispute[::3] = True
    h.dispute_since[::3] = world.tick
    world.break_down({world.institutions.district.name})
    assert not list(world.points.active_links("vertical"))
    passed = world.ledger.flows[("outside", "household", "reimbursement", "organizational")]
    started = h.case_since >= 0
    model.step()
    assert world.ledger.flows[("outside", "household", "reimbursement", "organizational")] == passed
    assert (h.case_since[~started] == -1).all()
    assert (h.case_since[started & (h.claim > 0)] >= 0).all()
    assert sum(branch.served for branch in world.institutions.village_branches) > 0
    assert (h.dispute_since[started & h.dispute] >= 0).sum() < started.sum()
    world.break_down(set())
    model.step()
    assert world.ledger.flows[("outside", "household", "reimbursement", "organizational")] > passed


def test_volunteers_go_on_without_their_station_and_projects_without_the_branch() -> None:
    model = without_chance(2020)
    world = model.world
    assert list(world.points.active_links("station"))
    before = [world.points.reaches(kind).copy() for kind in ("volunteer", "membership", "grid")]
    world.break_down({"station:district", *(b.name for b in world.institutions.village_branches)})
    assert not list(world.points.active_links("station"))
    after = [world.points.reaches(kind) for kind in ("volunteer", "membership", "grid")]
    assert np.array_equal(before, after)
    model.step()
    assert world.households.joint_activity.any()
    assert world.enterprises.contract.any()
    assert world.households.news_interest.any()


@pytest.mark.parametrize("arm", [Arm(), Arm(0.5, 0.6, False, from_year=2016)], ids=lambda arm: arm.name)
def test_an_outage_touches_the_links_of_its_hub_and_no_other(arm: Arm) -> None:
    """What is active after any number of outages is what a look at all links would find."""
    scenario = t_district(hub_failure__rate=0.1, hub_failure__length=0.5)
    model = JointPointModel(scenario, households=400, years=6, views=False, rng=6, arm=arm)
    points, outages = model.world.points, 0

    def active() -> list[object]:
        households = [links.active.tolist() for links in points.household.values()]
        pairs = [ties.active.tolist() for ties in points.pairs.values()]
        return [households, pairs, sorted(key for *_, key in points.graph.edges(keys=True))]

    while model.running:
        model.step()
        outages += len(points.down)
        found = active()
        model.world.refresh_masks()
        assert active() == found
    assert outages > 3
    assert all(
        [link.id for link in points.active_links(kind)]
        == [link.id for link in points.links.values() if link.kind == kind and link.active]
        for kind in LINK_KINDS
    )


def test_an_ally_that_is_down_neither_helps_nor_is_helped() -> None:
    model = without_chance(2020)
    (link,) = model.world.points.active_links("alliance")
    model.world.break_down({link.target})
    model.step()
    branches = model.world.institutions.village_branches
    assert not branches[link.village].allies
    assert not branches[link.other].allies
    assert branches[link.other].able(1.0) == 0.0


# --- 连接不畅 -----------------------------------------------------------------------------------------


def with_duds(share: float, **arguments: object) -> JointPointModel:
    scenario = t_district(ties__dud_share=share, hub_failure__rate=0.0)
    model = JointPointModel(scenario, households=2300, years=9, views=False, rng=8, **arguments)
    model.run()
    return model


def test_a_share_of_the_links_between_institutions_never_connects() -> None:
    none, some, more = (with_duds(share) for share in (0.0, 0.1, 0.2))
    kinds = ("vertical", "grid_branch", "station", "alliance")  # whose ends are there in every history
    ids = [
        {link.id: link for link in model.world.points.links.values() if link.kind in kinds}
        for model in (none, some, more)
    ]
    assert ids[0].keys() == ids[1].keys() == ids[2].keys()
    duds = [{name for name, link in links.items() if link.dud} for links in ids]
    assert duds[0] == set()
    assert set() != duds[1] < duds[2]
    n = len(ids[2])
    assert len(duds[2]) == pytest.approx(0.2 * n, abs=4 * np.sqrt(0.16 * n))
    for model in (some, more):
        links = model.world.points.links.values()
        assert all(link.active is not link.dud for link in links)
        assert not {link.id for link in links if link.dud} & {key for *_, key in model.graph.edges(keys=True)}


def test_links_that_never_connect_are_the_same_in_every_arm_and_no_thinner_by_strength() -> None:
    """The draw is not the one that a mask compares with."""
    plain, thinned = with_duds(0.2), with_duds(0.2, arm=Arm(0.5, 0.5, 0.5))
    both = plain.world.points.links.keys() & thinned.world.points.links.keys()
    links = [(plain.world.points.links[name], thinned.world.points.links[name]) for name in both]
    assert all(a.dud == b.dud for a, b in links if a.kind in ("vertical", "grid_branch", "station"))
    assert any(link.dud for link in plain.world.points.links.values() if link.draw < 0.5)
    assert any(link.dud for link in plain.world.points.links.values() if link.draw > 0.5)


@pytest.mark.parametrize(("u", "binds"), [(0.01, False), (0.5, True)])
def test_a_project_whose_contract_never_connects_is_founded_and_binds_nobody(u: float, binds: bool) -> None:
    """Its money is spent, and it is an enterprise like any other."""
    scenario: Scenario = t_district(hub_failure__rate=0.0)
    model = JointPointModel(scenario, households=400, years=6, views=False, rng=7)
    model.step()
    world, place = model.world, model.world.place_names.index("BL")
    account = ("programme", int(world.envelope("project").accounts[place]))
    world.ledger.transfer(("outside", 0), account, 500_000.0, "envelope")
    before = len(world.enterprises)
    world.draws = FixedDraws({"ties.dud": u})
    lay_out(world, account, place, 500_000.0, "interest")
    new = np.arange(before, len(world.enterprises))
    assert len(new) > 0
    assert world.enterprises.project[new].all()
    assert world.enterprises.contract[new].all() == world.enterprises.contract[new].any() == binds
    assert world.ledger.yuan("programme", account[1]) < 500_000.0
    rule(model, "project").enterprise(world)
    assert (world.enterprises.reserved[new] > 0).all() == binds


# --- 自治消解 -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("ticks", [4, 12])
def test_reliance_is_the_cases_handled_a_year_and_fades(ticks: int) -> None:
    """One case: in sum over time 1. One in each of many years: on average 1 a year, at any length of tick."""
    scenario = t_district(scenario__ticks_per_year=ticks)
    model = JointPointModel(scenario, households=300, years=1, views=False, rng=1)
    model.step()
    world, h, whistle = model.world, model.world.households, rule(model, "whistle")
    nobody = np.empty(0, np.int64)
    memory = whistle.p.memory
    h.relied[:] = 0.0
    whistle._handle(world, np.array([7]), nobody)
    levels = [float(h.relied[7])]
    for _ in range(40 * ticks):
        whistle._handle(world, nobody, nobody)
        levels.append(float(h.relied[7]))
    assert sum(levels) / ticks == pytest.approx(1.0, abs=1e-6)
    assert levels[ticks] == pytest.approx(levels[0] * np.exp(-memory), rel=1e-12)
    assert not h.relied[np.arange(len(h)) != 7].any()
    h.relied[7], levels = 0.0, []
    for tick in range(30 * ticks):
        whistle._handle(world, nobody, np.array([7]) if tick % (2 * ticks) == 0 else nobody)
        levels.append(float(h.relied[7]))
    assert np.mean(levels[-4 * ticks :]) == pytest.approx(0.5, abs=1e-3)  # one case in two years
    for _ in range(12):
        whistle._handle(world, np.array([7]), nobody)
    assert h.relied[7] == 1.0


@pytest.mark.parametrize("ticks", [4, 12])
def test_who_relies_on_the_branch_takes_part_less(ticks: int) -> None:
    """Participation moves toward its level less c · relied, with rate f: by −c · relied · (1 − e^{−f t}) after t."""
    found = []
    for relied in (0.0, 1.0):
        scenario = t_district(scenario__ticks_per_year=ticks, trust__from_trust=0.0)
        model = JointPointModel(scenario, households=300, years=1, views=False, rng=1)
        world, h, trust = model.world, model.world.households, rule(model, "trust")
        h.participation[:] = h.participation_first
        h.relied[:] = relied
        for _ in range(3 * ticks):
            trust.adaptation(world)
        found.append(h.participation.copy())
    inner = found[0] > trust.p.relying  # else it ends at 0
    assert inner.mean() > 0.5
    fall = trust.p.relying * -np.expm1(-trust.p.follow * 3.0)
    assert (found[0] - found[1])[inner] == pytest.approx(fall, rel=1e-9)


def test_nobody_relies_on_a_branch_that_handles_nothing() -> None:
    scenario = t_district()
    model = JointPointModel(scenario, households=400, years=3, views=False, rng=7, organizational=False)
    model.run()
    assert not model.world.households.relied.any()
