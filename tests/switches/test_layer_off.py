"""With a layer at 0 nothing at all passes a joint-point of that layer: read from the ledger, the counters of
messages and the links."""

from functools import cache

import numpy as np
import pytest

from abm.core.names import LAYERS
from abm.graph.kinds import LINK_KINDS
from abm.model.model import JointPointModel
from abm.scenario.switches import Arm, Switch
from abm.world.world import World
from tests.worlds import HARD_TIMES, Finished, finish, finished, t_district

WORLD = {"seed": 3, "households": 600, "years": 8, "hard": True}
"""2014 to 2021, with three years of the pilot. In this world money passes all three layers before and after."""


def off(layer: str, from_year: int | None = None) -> Finished:
    return finished(Arm(**{layer: False}, from_year=from_year), **WORLD)


def passed(run: Finished, layer: str) -> dict[int, float]:
    """Yuan that passed joint-points of a layer, by year."""
    flows = run.flows
    sums = flows[flows.layer == layer].groupby("year").amount.sum()
    return {int(year): float(sums.get(year, 0.0)) for year in sorted(set(flows.year))}


def active(world: World, layer: str | None = None, kind: str | None = None) -> int:
    """Active links of a layer or kind, of all sorts."""

    def wanted(one: str) -> bool:
        return (layer is None or LINK_KINDS[one].layer == layer) and kind in (None, one)

    points = world.points
    count = sum(int(links.active.sum()) for one, links in points.household.items() if wanted(one))
    count += sum(int(ties.active.sum()) for one, ties in points.pairs.items() if wanted(one))
    return count + sum(link.active for link in points.links.values() if wanted(link.kind))


def at_a_hub_that_is_down(world: World, kind: str) -> int:
    """Links between institutions that would be active but for an outage at one end."""
    links = (link for link in world.points.links.values() if link.kind == kind and not link.dud)
    return sum(bool(world.points.down & {link.source, link.target}) for link in links)


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_that_is_off_from_the_first_tick_carries_nothing(layer: str) -> None:
    run = off(layer)
    assert set(passed(run, layer).values()) == {0.0}
    assert (run.district[f"messages_{layer}"] == 0).all()
    assert active(run.model.world, layer) == 0
    for other in set(LAYERS) - {layer}:
        assert run.district[f"messages_{other}"].sum() > 0
        assert sum(passed(run, other).values()) > 0.0
        assert active(run.model.world, other) > 0


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_that_is_cut_in_2019_carries_nothing_from_then_on(layer: str) -> None:
    run = off(layer, 2019)
    yuan, messages = passed(run, layer), run.district[f"messages_{layer}"]
    assert all(yuan[year] == 0.0 and messages[year] == 0 for year in (2019, 2020, 2021))
    assert messages[messages.index < 2019].sum() > 0
    assert sum(yuan[year] for year in range(2014, 2019)) > 0.0
    whole = finished(**WORLD)
    assert all(
        passed(whole, layer)[year] > 0.0 for year in (2019, 2020, 2021)
    )  # it would have carried something


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_that_is_off_writes_no_column_of_its_own(layer: str) -> None:
    """Nothing stays behind in what rules of the layer hand to other rules."""
    h = off(layer).model.world.households
    assert not h[f"news_{layer}"].any()
    if layer == "organizational":
        assert (h.case_since == -1).all()
        assert (h.dispute_since == -1).all()
    if layer == "social":
        assert not h.joint_activity.any()


def test_all_layers_off_leaves_background_flows_only() -> None:
    run = finished(Arm(False, False, False), **WORLD)
    assert set(run.flows.layer) == {"", "background"}
    assert (run.district["integration_index"] == 0).all()
    assert (run.district["reach_poor"] == 0).all()
    assert not any(agent.activity for agent in run.model.world.institutions.organizations)


def masked_since_2019(**switch: object) -> JointPointModel:
    scenario = t_district(**HARD_TIMES, switches=({"from_year": 2019, **switch},))
    return JointPointModel(scenario, households=600, years=8, views=False, rng=3, journal=True)


@cache
def without(kind: str) -> tuple[Finished, list[tuple[int, int, int]]]:
    """The run without a kind of link from 2019 on, and after each tick year, links of the kind, all links."""
    model, links = masked_since_2019(kind=kind), []
    while model.running:
        model.step()
        links.append((model.world.year, active(model.world, kind=kind), active(model.world)))
    return finish(model), links


@pytest.mark.parametrize("kind", [kind for kind, what in LINK_KINDS.items() if what.layer in LAYERS])
def test_a_kind_of_link_that_is_off_is_nowhere_active_and_the_rest_goes_on(kind: str) -> None:
    run, links = without(kind)
    assert all(n == 0 for year, n, _ in links if year >= 2019)
    assert all(n > 0 for _, _, n in links)
    later = {"grid", "grid_branch", "station", "alliance", "pairing", "points"}
    later |= {"courtyard", "rural_bank", "academy", "grant", "course", "digital"}
    if kind not in later | {"liaison", "fund"}:  # which begin in 2019, or are few before
        assert any(n > 0 for year, n, _ in links if year < 2019)
    whole = finished(**WORLD).model.world
    assert active(whole, kind=kind) + at_a_hub_that_is_down(whole, kind) > 0
    layer = LINK_KINDS[kind].layer
    if kind == "mutual_aid":
        assert not run.model.world.households.news_social.any()
    assert all(run.district[f"messages_{other}"].sum() > 0 for other in set(LAYERS) - {layer})


_TO_MEMBERS = {("interest", "profit_share"), ("interest", "local_wage")}
CARRIES = {
    "grid": {("organizational", "grid_post"), ("organizational", "handling")},
    "project": {
        ("interest", "founding_capital"), ("interest", "collective_share"), ("interest", "government_share"),
        ("interest", "public_goods"), *_TO_MEMBERS,
    },
    "membership": {("interest", "founding_capital"), ("interest", "collective_dividend"), *_TO_MEMBERS},
    "volunteer": {("social", "volunteer_budget"), ("social", "activity")},
    "points": {("social", "points_goods")},
    "mutual_aid": {("social", "mutual_aid")},
    "courtyard": {("social", "courtyard_sales"), ("social", "association_fee"), ("social", "association_work")},
    "fund": {("social", "fund_gift"), ("organizational", "earmarked")},
    "grant": {("organizational", "earmarked"), ("organizational", "public_goods")},
    "course": {("social", "course")},
    "digital": {("organizational", "platform_upkeep")},
    "vertical": {("organizational", "reimbursement")},
}  # fmt: skip
"""Money that passes links of a kind, and none without it."""


@pytest.mark.parametrize("kind", CARRIES)
def test_no_money_passes_a_kind_of_link_that_is_off(kind: str) -> None:
    def carried(run: Finished) -> set[tuple[str, str]]:
        flows = run.flows[run.flows.year >= 2019]
        return set(zip(flows.layer, flows.kind, strict=True)) & CARRIES[kind]

    assert carried(without(kind)[0]) == set()
    assert carried(finished(**WORLD)) == CARRIES[kind]


def test_a_village_that_is_off_has_no_link_and_the_others_have_theirs() -> None:
    model = masked_since_2019(village="BL")
    while model.world.tick < 0 or model.year < 2018 or not model.world.calendar.year_ends:
        model.step()
    entered = len(model.world.ledger.journal)
    model.run()
    world, points = model.world, model.world.points
    place = world.place_names.index("BL")
    here = world.households.place == place
    assert not points.degrees()[:, here].any()
    assert points.degrees()[:, ~here].any(axis=1).all()
    assert not [
        link.id for link in points.links.values() if link.active and place in (link.village, link.other)
    ]
    assert points.pairs["kin"].active[here[points.pairs["kin"].a]].all()  # kin are no joint-point
    members = set(np.flatnonzero(here).tolist())
    layers = set()
    for entry in world.ledger.journal[entered:]:
        if entry.layer in LAYERS:
            layers.add(entry.layer)
            for who, rows in (entry.payer, entry.payee):
                if who == "household":
                    assert members.isdisjoint(np.atleast_1d(rows).tolist()), entry.kind
    assert layers == set(LAYERS)


def test_a_switch_for_a_village_that_is_too_small_to_be_simulated_does_nothing() -> None:
    """With 400 households not all villages are there; a scenario may name the others."""
    scenario = t_district(switches=({"village": "V19"}, {"village": "V19", "layer": "social"}))
    run = finish(JointPointModel(scenario, households=400, years=6, views=False, rng=7, snapshots=True))
    assert run.flows.equals(finished().flows)


@pytest.mark.parametrize("layer", LAYERS)
def test_a_switch_thrown_in_mid_year_ends_all_at_once(layer: str) -> None:
    """``model.switch`` acts from the next tick on; nothing of the layer moves any more, year-end included."""
    model = JointPointModel(
        t_district(**HARD_TIMES), households=600, years=8, views=False, rng=3, journal=True
    )
    while (model.year, model.world.tick % 4) != (2020, 1):
        model.step()
    assert any(entry.layer == layer for entry in model.world.ledger.journal)
    messages = model.world.messages[layer]
    model.switch(layer=layer)
    entered = len(model.world.ledger.journal)
    assert active(model.world, layer) == 0
    assert not [key for *_, key, data in model.graph.edges(keys=True, data=True) if data["layer"] == layer]
    model.step()
    assert model.world.messages[layer] == messages
    model.run()
    assert [entry.kind for entry in model.world.ledger.journal[entered:] if entry.layer == layer] == []


def test_switches_by_link() -> None:
    scenario = t_district()
    model = JointPointModel(scenario, households=400, years=2, views=False, rng=7)
    model.step()
    link = next(iter(model.world.points.active_links("vertical")))
    before = model.graph.number_of_edges()
    model.switch(link=link.id, year=2015)
    assert link.active
    model.run()
    assert not link.active
    assert model.graph.number_of_edges() == before - 1
    assert Switch(link=link.id).strength == 0.0
