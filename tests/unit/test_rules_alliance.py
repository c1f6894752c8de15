"""Alliances and pairing: who finds whom, what an ally helps with, what is told where, and what it costs."""

from collections import defaultdict
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from abm.agents.party_branch import PartyBranch, help_from_allies
from abm.core.draws import Draws, FixedDraws
from abm.core.errors import InputError
from abm.mechanisms.base import Mechanism
from abm.model.model import JointPointModel
from abm.model.plan import check_scenario, load_scenario
from abm.scenario.switches import Arm
from abm.world.partners import find_allies, find_hosts, strength
from abm.world.world import World
from tests.worlds import finish, t_district

WORKING = {"ties__dud_share": 0.0, "hub_failure__rate": 0.0}
"""Every link connects and no hub fails, so that what is seen is the rule's own."""


def model_in(year: int, households: int = 400, luck: Draws | FixedDraws | None = None) -> JointPointModel:
    """T District at the end of a year."""
    model = JointPointModel(
        t_district(**WORKING), households=households, years=year - 2013, views=False, rng=5, luck=luck
    )
    model.run()
    return model


def rule(model: JointPointModel, name: str) -> Mechanism:
    return next(m for m in model.mechanisms if m.name == name)


# --- partners -----------------------------------------------------------------------------------------


def world_with(seed: int = 1, **partners: float) -> World:
    named = {f"partners__{name}": value for name, value in partners.items()}
    scenario = t_district(**WORKING, **named)
    return JointPointModel(scenario, households=2300, years=1, views=False, rng=seed).world


def score(world: World, i: int, j: int, a: float) -> float:
    """The score of docs, written out for a draw of .5, whose logit is 0."""
    places = world.places
    fit = np.mean(np.abs(np.log(places.amenity[i]) - np.log(places.amenity[j])))
    far = max(places.market_distance[i], places.market_distance[j])
    z = strength(world)
    return float(fit - 0.25 * far + a * z[i] * z[j])


def matchings(rows: tuple[int, ...]) -> list[list[tuple[int, int]]]:
    """All ways to pair an even number of rows."""
    if not rows:
        return [[]]
    first, rest = rows[0], rows[1:]
    return [
        [(first, mate), *pairs]
        for mate in rest
        for pairs in matchings(tuple(row for row in rest if row != mate))
    ]


@pytest.mark.parametrize("a", [-1.0, 0.0, 0.4, 2.0])
def test_partners_are_the_pairs_of_greatest_total_score(a: float) -> None:
    world = world_with(assortativity=a)
    world.draws = FixedDraws()
    for seekers in ([0, 1, 2, 3], [0, 1, 4, 5, 6, 14], [2, 3, 8, 9, 12, 15]):
        found = find_allies(world, seekers)
        best = max(sum(score(world, *pair, a) for pair in pairs) for pairs in matchings(tuple(seekers)))
        assert sum(score(world, *pair, a) for pair in found) == pytest.approx(best, abs=1e-6)
        assert sorted(row for pair in found for row in pair) == seekers


def test_one_of_an_odd_number_is_left_over_and_nobody_pairs_with_itself() -> None:
    world = world_with()
    found = find_allies(world, list(range(19)))
    rows = [row for pair in found for row in pair]
    assert len(found) == 9
    assert len(set(rows)) == 18
    assert find_allies(world, [3]) == []
    assert find_allies(world, []) == []


def sorting(a: float) -> float:
    """Mean product of the strengths of allies over seeds, in squared standard deviations of the villages."""
    products = []
    for seed in range(12):
        world = world_with(assortativity=a)
        world.draws = Draws(seed)
        z = strength(world)
        villages = np.flatnonzero(~world.places.urban)
        z = (z - z[villages].mean()) / z[villages].std()
        products += [z[i] * z[j] for i, j in find_allies(world, villages.tolist())]
    return float(np.mean(products))


def test_the_strong_pair_with_the_strong_as_assortativity_rises() -> None:
    """强强联合 above 0, 强弱结合 below; at 0 it goes by what each has, which lets unlike places meet."""
    levels = [sorting(a) for a in (-2.0, 0.0, 2.0)]
    assert levels[0] <= levels[1] < 0.0
    assert levels[2] > 0.6


def test_more_fit_and_less_distance_make_an_ally_likelier() -> None:
    """Of three, who is nearer or has more of what the others lack is not the one left over."""
    alone: defaultdict[str, int] = defaultdict(int)
    world = world_with()
    bq, bl, sj = (world.place_names.index(name) for name in ("BQ", "BL", "SJ"))
    for seed in range(300):
        world.draws = Draws(seed)
        ((i, j),) = find_allies(world, [bq, bl, sj])
        alone[world.place_names[({bq, bl, sj} - {i, j}).pop()]] += 1
    assert alone["SJ"] > alone["BQ"] > alone["BL"]  # mountain and urban village complement each other most


def test_each_place_finds_a_host_of_its_own_that_is_not_itself() -> None:
    world = world_with()
    seekers = list(range(19))
    found = find_hosts(world, seekers)
    assert [place for place, _ in found] == seekers
    hosts = [host for _, host in found]
    assert len(set(hosts)) == 19
    assert all(place != host for place, host in found)
    world.places.paired_with[0] = hosts[3]
    assert hosts[3] not in [host for _, host in find_hosts(world, seekers[1:])]


def formed(model: JointPointModel, kind: str) -> dict[tuple[int, int, int], tuple[float, int]]:
    """Draw and year of each link, by its two places and the key of the enterprise, if it leads to one."""
    world = model.world
    agents = {name: data["agent"] for name, data in world.points.graph.nodes(data=True)}
    return {
        (
            link.village,
            link.other,
            int(world.enterprises.key[agents[link.target].row]) if kind == "pairing" else 0,
        ): (link.draw, link.since)
        for link in world.points.links.values()
        if link.kind == kind
    }


def test_partners_are_the_same_in_every_arm() -> None:
    """Whatever has been masked since 2019; a pairing needs an enterprise that may not be there in another history."""
    arms = [Arm(), Arm(False, False, False, from_year=2019), Arm(organizational=0.4, from_year=2019)]
    models = []
    for arm in arms:
        model = JointPointModel(t_district(**WORKING), households=2300, years=11, views=False, rng=2, arm=arm)
        model.run()
        models.append(model)
    plain = models[0]
    assert len(formed(plain, "alliance")) == 1 + 3 + 2 + 3
    assert len(formed(plain, "pairing")) > 10
    for model in models[1:]:
        assert formed(model, "alliance") == formed(plain, "alliance")
        assert np.array_equal(model.world.places.paired_with, plain.world.places.paired_with)
        both = formed(model, "pairing").keys() & formed(plain, "pairing").keys()
        assert len(both) > 5
        for link in both:
            assert formed(model, "pairing")[link] == formed(plain, "pairing")[link]
    assert not list(models[1].world.points.active_links("alliance"))


# --- help among allies --------------------------------------------------------------------------------


def branches(capacities: list[float], pairs: list[tuple[int, int]], kept: float = 0.88) -> list[PartyBranch]:
    model = JointPointModel(t_district(), households=200, years=1, views=False, rng=1)
    made = []
    for place, capacity in enumerate(capacities):
        branch = PartyBranch(model, "village", str(place), place)
        branch.capacity = capacity
        branch.allies = [(b if a == place else a, kept) for a, b in pairs if place in (a, b)]
        made.append(branch)
    return made


def test_an_ally_helps_with_what_it_can_spare_less_what_is_lost() -> None:
    one, other = branches([40.0, 80.0], [(0, 1)])  # a quarter: 10 and 20
    assert help_from_allies([one, other], [30, 12], 0.25) == pytest.approx([0.88 * 8.0, 0.0])
    assert help_from_allies([one, other], [13, 12], 0.25) == [3.0, 0.0]  # no more than it lacks
    other.trifles = 8.0  # nothing left over
    assert help_from_allies([one, other], [30, 12], 0.25) == [0.0, 0.0]
    assert one.slots(0.25, 30, 7.0) == 17


def test_allies_that_are_overloaded_or_idle_together_help_nobody() -> None:
    """强强联合: who is alike has nothing to give when it is needed."""
    both = branches([40.0, 40.0], [(0, 1)])
    assert help_from_allies(both, [30, 30], 0.25) == [0.0, 0.0]
    assert help_from_allies(both, [3, 3], 0.25) == [0.0, 0.0]
    unlike = branches([40.0, 400.0], [(0, 1)])
    assert help_from_allies(unlike, [30, 30], 0.25) == [20.0, 0.0]


def test_meetings_take_capacity_whether_help_is_needed_or_not() -> None:
    one, other = branches([40.0, 40.0], [(0, 1)])
    for branch in (one, other):
        branch.meetings = 0.3
    assert help_from_allies([one, other], [30, 30], 0.25) == [0.0, 0.0]
    assert one.slots(0.25, 30) == 7  # 10 without any ally


def test_help_is_shared_among_several_and_comes_from_several() -> None:
    star = branches([200.0, 0.0, 4.0], [(0, 1), (0, 2)], kept=0.8)
    assert help_from_allies(star, [10, 100, 100], 0.25) == pytest.approx([0.0, 16.0, 16.0])
    two_helpers = branches([0.0, 80.0, 40.0], [(0, 1), (0, 2)], kept=0.8)
    assert help_from_allies(two_helpers, [100, 0, 0], 0.25) == pytest.approx([24.0, 0.0, 0.0])


@pytest.mark.parametrize("ticks", [4, 12])
def test_help_over_the_years_is_the_same_at_any_tick(ticks: int) -> None:
    """100 cases a year come in where 60 can be handled; the ally could do 70 and has 40: 26.4 a year get there."""
    pair = branches([60.0, 70.0], [(0, 1)])
    waiting, arrived, years = [0, 0], [0.0, 0.0], 12
    for _ in range(years * ticks):
        for i, inflow in enumerate((100.0, 40.0)):
            arrived[i] += inflow / ticks
            waiting[i] += int(arrived[i])
            arrived[i] -= int(arrived[i])
        helped = help_from_allies(pair, waiting, 1.0 / ticks)
        for i, branch in enumerate(pair):
            waiting[i] -= branch.slots(1.0 / ticks, waiting[i], helped[i])
    assert pair[0].served / years == pytest.approx(60.0 + 0.88 * 30.0, abs=0.5)
    assert pair[1].served / years == pytest.approx(40.0, abs=0.5)


def cases_seen_to(masked: bool) -> int:
    """Disputes of BQ that are settled in one tick in which all its households have one."""
    model = model_in(2020, 1500)
    world, h = model.world, model.world.households
    ((one, other),) = [(link.village, link.other) for link in world.points.active_links("alliance")]
    if masked:
        model.switch(kind="alliance")
    world.calendar.advance()
    here = h.place == one
    for column in ("case_since", "dispute_since"):
        h[column][:] = -1
    h.dispute[:] = here
    h.dispute_since[here] = world.tick
    h.claim[:] = 0.0
    h.entitled[:] = False
    rule(model, "alliance").ties(world)
    rule(model, "whistle").needs(world)
    assert bool(world.institutions.village_branches[one].allies) is not masked
    assert (world.institutions.village_branches[other].meetings > 0) is not masked
    return int(here.sum() - h.dispute[here].sum())


def test_whistle_sees_to_more_with_an_ally_and_its_own_staff_goes_on_without() -> None:
    alone, allied = cases_seen_to(masked=True), cases_seen_to(masked=False)
    assert allied > alone > 0


# --- what is told where -------------------------------------------------------------------------------


def told(world: World) -> set[tuple[int, int]]:
    rows, places = world.told("organizational")
    return set(zip(rows.tolist(), places.tolist(), strict=True))


def linked(world: World, kind: str) -> set[tuple[int, int]]:
    nodes = world.points.graph.nodes
    return {(nodes[link.target]["agent"].row, link.village) for link in world.points.active_links(kind)}


@pytest.mark.parametrize(("u", "arrives"), [(0.05, False), (0.5, True)])
def test_an_ally_hears_of_what_enterprises_tell_the_other_branch(u: float, arrives: bool) -> None:
    """One hop more: with 1 − a in a tick, a = .12."""
    model = model_in(2021, 1000)
    world = model.world
    world.draws = FixedDraws({"alliance.news": u})
    world.tellings.clear()
    rule(model, "whistle").enterprise(world)
    own = told(world)
    assert own == linked(world, "liaison")
    rule(model, "alliance").enterprise(world)
    pairs = [(link.village, link.other) for link in world.points.active_links("alliance")]
    passed_on = {
        (firm, to) for pair in pairs for one, to in (pair, pair[::-1]) for firm, place in own if place == one
    }
    assert passed_on
    assert told(world) == own | linked(world, "pairing") | (passed_on if arrives else set())
    assert linked(world, "pairing")
    assert all(world.enterprises.place[firm] != place for firm, place in linked(world, "pairing"))


def test_nothing_is_told_through_links_that_are_not_there() -> None:
    model = model_in(2021, 1000)
    world = model.world
    for kind in ("alliance", "pairing"):
        model.switch(kind=kind)
    world.tellings.clear()
    rule(model, "whistle").enterprise(world)
    own = told(world)
    rule(model, "alliance").enterprise(world)
    assert told(world) == own


def heard(world: World, labour: Mechanism, home: int) -> tuple[np.ndarray, float]:
    """Enterprises of which own-account workers of a place hear, and how many through the organizational layer."""
    workers, h = world.workers, world.households
    rows = np.flatnonzero(h.place[workers.household] == home)
    h.news_organizational = np.where(h.place == home, 0.9, 0.0)
    before = world.messages["organizational"]
    _, firms = labour._hear(world, world.calendar.months.start, rows, np.full(len(rows), 1.0))
    return firms, world.messages["organizational"] - before


def test_news_reaches_the_place_where_it_is_told_and_no_other() -> None:
    """The other channel, the spot market, tells of the vacancy everywhere."""
    model = model_in(2018, 1000)
    world, labour = model.world, rule(model, "labour")
    firm = int(np.flatnonzero(world.enterprises.open)[0])
    away = int((world.enterprises.place[firm] + 1) % len(world.places))
    world.enterprises.vacancies.fill(0)
    world.enterprises.vacancies[firm] = 3
    world.tellings.clear()
    world.tell("organizational", np.array([firm, firm]), np.array([away, away]))
    assert told(world) == {(firm, away)}
    firms, through = heard(world, labour, away)
    assert set(firms.tolist()) == {firm}
    assert through > 0.3 * len(firms)
    firms, through = heard(world, labour, int(world.enterprises.place[firm]))
    assert through == 0
    assert set(firms.tolist()) == {firm}


def test_what_is_told_holds_for_one_tick() -> None:
    model = JointPointModel(t_district(**WORKING), households=400, years=8, views=False, rng=5)
    model.step()
    model.world.tell("organizational", np.array([0]), np.array([1]))
    model.step()
    assert (0, 1) not in told(model.world)


# --- idle, and bad input ------------------------------------------------------------------------------


def test_without_an_active_link_the_rule_changes_no_row() -> None:
    """Before 2019, when the first ones form."""
    listed = [name for name in t_district().scenario.mechanisms if name != "alliance"]
    without = load_scenario("t_district", {"scenario.mechanisms": listed, "scenario.burn_in": 0})
    size = {"households": 400, "years": 5, "views": False, "rng": 7, "snapshots": True}
    a, b = (finish(JointPointModel(case, **size)) for case in (without, t_district()))
    for name, table in a.tables.items():
        pd.testing.assert_frame_equal(b.tables[name], table, check_exact=True)


def test_an_alliance_of_one_is_an_error() -> None:
    scenario = t_district()
    number = next(i for i, plan in enumerate(scenario.joint_points, 1) if plan.kind == "alliance")
    with pytest.raises(InputError, match=rf"joint_points\.{number}\.places: an alliance of one place"):
        load_scenario("t_district", {f"joint_points.{number}.places": ["BQ"]})


def test_an_alliance_needs_branches_that_handle_cases() -> None:
    listed = tuple(name for name in t_district().scenario.mechanisms if name != "whistle")
    programmes = tuple(p for p in t_district().programmes if p.pays_for != "grid")
    head = t_district().scenario.model_copy(update={"mechanisms": listed})
    scenario = t_district().model_copy(update={"scenario": head, "programmes": programmes})
    with pytest.raises(InputError, match="'alliance' needs 'whistle'"):
        check_scenario(scenario)


def test_all_pairs_of_the_scenario_are_of_two_places() -> None:
    links = [k for k in model_in(2022, 1000).world.points.links.values() if k.kind in ("alliance", "pairing")]
    assert {link.kind for link in links} == {"alliance", "pairing"}
    assert all(0 <= link.village != link.other >= 0 for link in links)
    allies = [{link.village, link.other} for link in links if link.kind == "alliance"]
    assert all(not one & other for one, other in combinations(allies, 2))
