"""A placebo ties as many links as planned, in the same years and with the same money, but at random; it changes nothing
before its year, masks act on it as ever, and nothing passes a rewired link that it does not tie."""

from functools import cache

import numpy as np
import pytest

from abm.core.errors import InputError
from abm.core.names import LAYERS
from abm.graph.joint_points import LINK_KINDS
from abm.model.model import JointPointModel
from abm.scenario.switches import ALL_ON, Arm
from abm.world.build import place_mask
from abm.world.world import World
from tests.worlds import HARD_TIMES, TABLES, Finished, finish, finished, t_district

SWITCH = 2019
WORLD = {"seed": 3, "households": 600, "years": 10, "hard": True}
"""2014 to 2023: the pilot and two waves of the spread."""


TIMES = {**HARD_TIMES, "joint_points__3__share": 0.1}
"""Few enterprises are linked in 2014, so that the pilot links others."""


def rewired(*layers: str) -> Arm:
    return Arm(placebo=layers, question="programme", from_year=SWITCH)


@cache
def eve(arm: Arm) -> JointPointModel:
    """The first tick of the switch year, when the links of the pilot have just formed."""
    model = JointPointModel(
        t_district(**TIMES), households=600, years=10, views=False, rng=3, arm=arm, budget="neutral"
    )
    while model.world.year < SWITCH:
        model.step()
    return model


def formed(world: World, since: int) -> dict[str, int]:
    """How many links of each kind belong to plans of this year or later."""
    points = world.points
    counts = {kind: int((links.since >= since).sum()) for kind, links in points.household.items()}
    counts |= {kind: int((ties.since >= since).sum()) for kind, ties in points.pairs.items()}
    for kind, what in LINK_KINDS.items():
        if what.ends == "institutions":
            counts[kind] = sum(link.kind == kind and link.since >= since for link in points.links.values())
    return counts


def ends(world: World, kind: str) -> set[object]:
    """What the links of a kind tie that belong to plans of the switch year or later."""
    points = world.points
    if kind in points.household:
        return set(np.flatnonzero(points.household[kind].since >= SWITCH).tolist())
    if kind in points.pairs:
        ties = points.pairs[kind]
        new = ties.since >= SWITCH
        return set(zip(ties.a[new].tolist(), ties.b[new].tolist(), strict=True))
    return {link.id for link in points.links.values() if link.kind == kind and link.since >= SWITCH}


PILOT_KINDS = ("grid", "grid_branch", "liaison", "membership", "station", "volunteer", "mutual_aid")
"""Kinds of links that the pilot adds at once; projects follow at the year's end."""


def test_the_pilot_adds_links_of_every_layer() -> None:
    counts = formed(eve(ALL_ON).world, SWITCH)
    assert all(counts[kind] for kind in PILOT_KINDS)
    assert {LINK_KINDS[kind].layer for kind in PILOT_KINDS} == set(LAYERS)


@pytest.mark.parametrize("kind", PILOT_KINDS)
def test_as_many_links_as_planned_with_other_ends(kind: str) -> None:
    layer = LINK_KINDS[kind].layer
    real, other = eve(ALL_ON).world, eve(rewired(layer)).world
    assert formed(real, SWITCH) == formed(other, SWITCH)
    assert ends(real, kind) != ends(other, kind)
    for unmoved in PILOT_KINDS:
        if LINK_KINDS[unmoved].layer != layer:
            assert ends(real, unmoved) == ends(other, unmoved)


@pytest.mark.parametrize("kind", ["grid", "membership", "volunteer"])
def test_households_are_drawn_over_the_whole_district(kind: str) -> None:
    world = eve(rewired(LINK_KINDS[kind].layer)).world
    pilot = place_mask(world.scenario, ("BQ", "BL", "SJ"), world.place_names)
    place = world.households.place[list(ends(world, kind))]
    people = world.places.households
    share = people[pilot].sum() / people.sum()
    if kind == "membership":
        assert world.households.registered[list(ends(world, kind))].all()
    assert len(set(place.tolist())) > 0.7 * len(world.places)
    assert abs(pilot[place].mean() - share) < 5 * np.sqrt(share * (1 - share) / len(place)) + 0.02


def test_ties_join_two_of_a_place_once_and_not_by_standing() -> None:
    real, other = eve(ALL_ON).world, eve(rewired("social")).world
    ties = other.points.pairs["mutual_aid"]
    there = ties.since > 0
    pairs = list(zip(ties.a[there].tolist(), ties.b[there].tolist(), strict=True))
    assert len(pairs) == len(set(pairs))
    assert (ties.a < ties.b).all()
    assert (other.households.place[ties.a] == other.households.place[ties.b]).all()
    assert ties.neighbours(len(other.households)).max() == 1
    gaps = []
    for world in (real, other):
        ties = world.points.pairs["mutual_aid"]
        new = ties.since >= SWITCH
        apart = np.abs(world.households.number[ties.a[new]] - world.households.number[ties.b[new]])
        gaps.append(float(apart.mean()))
    assert gaps[1] > 1.3 * gaps[0]  # neighbours no more, in places of some 50 households
    per_place = [
        np.bincount(w.households.place[[a for a, _ in ends(w, "mutual_aid")]]) for w in (real, other)
    ]
    assert np.array_equal(*per_place)


@pytest.mark.parametrize("layer", LAYERS)
def test_counts_keep_to_the_plan_year_after_year(layer: str) -> None:
    """Households' links as they form; links between institutions as long as what they were meant for is there."""
    model = JointPointModel(t_district(), households=600, years=10, views=False, rng=3, arm=rewired(layer))
    kinds = [kind for kind, what in LINK_KINDS.items() if what.layer == layer]
    years = []
    while model.running:
        model.step()
        world = model.world
        if not world.calendar.year_begins or world.year < SWITCH:
            continue
        years.append(world.year)
        for kind in set(kinds) & set(world.points.household):
            links = world.points.household[kind]
            for year in years if kind != "membership" else [world.year]:  # which ends with its household
                assert (links.planned == year).sum() == (links.since == year).sum()
        for link in world.points.links.values():
            if link.kind in kinds and link.since >= SWITCH:
                assert world.points.has_formed(
                    kind=link.kind, source=link.source, target=link.meant_for or link.target
                )
                assert {link.source, link.target, link.meant_for or link.target} <= set(world.points.graph)
        ids = [link.planned_id for link in world.points.links.values()]
        assert len(ids) == len(set(ids))
    assert years == [2019, 2020, 2021, 2022, 2023]


def test_a_branch_has_as_many_liaisons_as_its_plan_asks_for() -> None:
    """Enterprises close and are founded; each planned link is there, leading elsewhere."""
    model = JointPointModel(
        t_district(), households=600, years=10, views=False, rng=3, arm=rewired("organizational")
    )
    rule = next(m for m in model.mechanisms if m.name == "enterprises")
    leave = rule._exit
    rule._exit = lambda world: (
        None if world.calendar.year_begins else leave(world)
    )  # links of the year are all there
    while model.running:
        model.step()
        if model.world.calendar.year_begins:
            world = model.world  # links of this year have formed
            firms = world.enterprises
            pilot = place_mask(world.scenario, ("BQ", "BL", "SJ"), world.place_names)
            rows = np.flatnonzero(firms.open & pilot[firms.place] & (firms.founded < world.year))
            chosen = world.draws.uniform("form.liaison", 0, firms.key[rows]) < 0.6
            planned = {f"liaison:branch:{world.place_names[firms.place[r]]}" for r in rows[chosen]}
            wanted = chosen.sum() if world.year >= SWITCH else 0
            have = [
                link for link in world.points.links.values() if link.kind == "liaison" and pilot[link.village]
            ]
            if wanted:
                assert len(have) == wanted
                assert {link.id.partition(">")[0] for link in have} == planned
                assert any(link.meant_for for link in have)


# --- what it leaves alone -----------------------------------------------------------------------------


@pytest.mark.parametrize("layer", LAYERS)
def test_all_is_the_same_until_its_year_and_not_after(layer: str) -> None:
    plain, placebo = finished(**WORLD), finished(rewired(layer), **WORLD)
    for name in TABLES:
        a, b = (run.tables[name][run.tables[name].year < SWITCH] for run in (plain, placebo))
        assert len(a) > 10
        assert a.reset_index(drop=True).equals(b.reset_index(drop=True)), name
    assert not plain.flows.equals(placebo.flows)


def test_a_placebo_of_links_that_nobody_plans_changes_nothing() -> None:
    plain, idle = finished(**WORLD), finished(Arm(placebo=LAYERS, from_year=2030), **WORLD)
    for name in TABLES:
        assert plain.tables[name].equals(idle.tables[name]), name


@pytest.mark.parametrize("layer", LAYERS)
def test_a_mask_on_top_still_masks(layer: str) -> None:
    arm = Arm(**{layer: False}, placebo=(layer,), from_year=SWITCH)
    run = finished(arm, **WORLD)
    flows = run.flows[(run.flows.layer == layer) & (run.flows.year >= SWITCH)]
    assert flows.amount.sum() == 0.0
    assert (run.district[f"messages_{layer}"].loc[SWITCH:] == 0).all()
    assert not any(link.active for link in run.model.world.points.links.values() if link.layer == layer)


def test_a_masked_placebo_is_the_masked_layer() -> None:
    """Where no money goes with households' links, it does not matter whom a masked link would have tied."""
    cut = finished(Arm(interest=False, from_year=SWITCH), **WORLD)
    both = finished(Arm(interest=False, placebo=("interest",), from_year=SWITCH), **WORLD)
    for name in set(TABLES) - {"graph"}:  # which counts masked links, too, where they would have led
        assert cut.tables[name].equals(both.tables[name]), name


# --- money --------------------------------------------------------------------------------------------


def sums(run: Finished, **wanted: str) -> dict[int, float]:
    flows = run.flows
    for column, value in wanted.items():
        flows = flows[flows[column] == value]
    return {int(year): float(yuan) for year, yuan in flows.groupby("year").amount.sum().items()}


@pytest.mark.parametrize("layer", LAYERS)
def test_the_same_money_comes_in(layer: str) -> None:
    """To within half a fen a place and envelope, where it is spread over other places."""
    plain, placebo = finished(**WORLD), finished(rewired(layer), **WORLD)
    assert sums(placebo, kind="envelope") == pytest.approx(sums(plain, kind="envelope"), abs=0.5)
    assert not placebo.model.world.ledger.balances["programme"].any()


@pytest.mark.parametrize(
    ("layer", "kinds"), [("organizational", ("grid_post", "handling")), ("social", ("activity",))]
)
def test_money_follows_the_links(layer: str, kinds: tuple[str, ...]) -> None:
    """Rewired links of households are paid for wherever they are, out of the same sums."""
    plain, placebo = finished(**WORLD), finished(rewired(layer), **WORLD)
    for year in (2019, 2020, 2021):
        there, here = (sum(sums(run, kind=kind).get(year, 0.0) for kind in kinds) for run in (plain, placebo))
        assert there > 0
        assert here == pytest.approx(there, rel=0.25)


def test_a_project_shares_with_the_collective_of_its_contract() -> None:
    world = finished(rewired("interest"), **WORLD).model.world
    firms, points = world.enterprises, world.points
    elsewhere = 0
    for link in points.active_links("project"):
        enterprise, collective = points.agents(link)
        assert firms.contract_with[enterprise.row] == collective.place
        elsewhere += collective.place != firms.place[enterprise.row]
    assert elsewhere >= 3
    paid = 0
    for entry in world.ledger.journal:
        if entry.kind == "profit_share":
            (_, row), (_, rows) = entry.payer, entry.payee
            if firms.founded[row] >= SWITCH:
                assert (world.households.place[np.atleast_1d(rows)] == firms.contract_with[row]).all()
                paid += firms.contract_with[row] != firms.place[row]
    assert paid > 0


def test_a_liaison_tells_those_whose_branch_hears() -> None:
    world = eve(rewired("organizational")).world
    told = set(zip(*(column.tolist() for column in world.told("organizational")), strict=True))
    links = list(world.points.active_links("liaison"))
    assert links
    heard_elsewhere = 0
    for link in links:
        branch, enterprise = world.points.agents(link)
        assert (enterprise.row, branch.place) in told
        heard_elsewhere += int(world.enterprises.place[enterprise.row]) != branch.place
    assert heard_elsewhere > 0


# --- luck ---------------------------------------------------------------------------------------------


def test_who_is_drawn_does_not_hang_on_names() -> None:
    """Names of places are labels."""
    scenario = t_district()
    renamed = {"BQ": "SJ", "SJ": "BQ", "V04": "A04"}
    rows = tuple(p.model_copy(update={"name": renamed.get(p.name, p.name)}) for p in scenario.places.rows)
    plans = tuple(
        plan.model_copy(update={"places": tuple(renamed.get(name, name) for name in plan.places)})
        if isinstance(plan.places, tuple)
        else plan
        for plan in scenario.joint_points
    )
    places = scenario.places.model_copy(update={"rows": rows})
    other = scenario.model_copy(update={"places": places, "joint_points": plans, "programmes": ()})
    plain = scenario.model_copy(update={"programmes": ()})
    found = []
    for case in (plain, other):
        model = JointPointModel(case, households=600, years=6, views=False, rng=3, arm=rewired(*LAYERS))
        model.run()
        world = model.world
        links = [
            (link.kind, link.village, getattr(world.points.agents(link)[1], "place", -1))
            for link in world.points.links.values()
        ]
        found.append((links, {kind: ends(world, kind) for kind in ("grid", "volunteer", "mutual_aid")}))
    assert found[0] == found[1]


# --- bad input ----------------------------------------------------------------------------------------


def test_a_placebo_that_cannot_be() -> None:
    with pytest.raises(InputError, match="unknown placebo 'socail'; did you mean 'social'"):
        Arm(placebo=("socail",), from_year=SWITCH)
    with pytest.raises(InputError, match="without saying since when"):
        Arm(placebo=("social",))
    with pytest.raises(InputError, match="those of the start 2014 are there already"):
        finish(
            JointPointModel(
                t_district(), households=200, years=1, arm=Arm(placebo=("social",), from_year=2014)
            )
        )
    with pytest.raises(InputError, match="there is no village 'BQQ'; did you mean 'BQ'"):
        JointPointModel(t_district(), households=200, years=1, arm=Arm(social=False, villages=("BQQ",)))


def test_names_of_arms_say_what_is_rewired_and_where_is_cut() -> None:
    assert rewired("interest").name == "OI*S"
    assert Arm(organizational=0.5, placebo=("organizational", "social"), from_year=SWITCH).name == "O0.5*IS*"
    assert Arm(social=False, villages=("BQ", "SJ"), from_year=SWITCH).name == "OI@BQ+SJ"
