"""Projects: sectors grown inside or brought from outside, local hiring, and each way to fail."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from abm.core.draws import FixedDraws
from abm.core.names import SECTORS
from abm.model.model import JointPointModel
from abm.scenario.parameters import values_of
from abm.scenario.switches import Arm
from abm.world.capital import best_sector, lay_out
from abm.world.economics import capital_for, labour_wanted, productivity_for
from abm.world.world import World
from tests.worlds import t_district

MONEY = 3_000_000.0


def rule(model: JointPointModel, name: str) -> Any:
    return next(m for m in model.mechanisms if m.name == name)


def first_tick(**overrides: object) -> JointPointModel:
    given = {"hub_failure__rate": 0.0, "ties__dud_share": 0.0, "joint_points__4__share": 0.8, **overrides}
    model = JointPointModel(t_district(**given), households=400, years=6, views=False, rng=7)
    model.step()
    return model


def founded(model: JointPointModel, village: str, uniforms: dict[str, float], layer: str) -> np.ndarray:
    """Rows of the enterprises that the capital of a programme founds in a village with these draws."""
    world = model.world
    place, before = world.place_names.index(village), len(world.enterprises)
    account = ("programme", int(world.envelope("project").accounts[place]))
    world.ledger.transfer(("outside", 0), account, MONEY, "envelope")
    world.points.household["membership"].active[world.households.place == place] = True
    world.draws = FixedDraws({"ties.dud": 0.9, **uniforms})
    lay_out(world, account, place, MONEY, layer)
    return np.arange(before, len(world.enterprises))


INSIDE = {"capital.from_outside": 0.9}
OUTSIDE = {"capital.from_outside": 0.1}


@pytest.mark.parametrize("number", range(len(SECTORS)))
def test_a_project_grown_inside_takes_what_the_place_is_good_at(number: int) -> None:
    """内育: each sector with a chance by the natural advantages of the mountain village."""
    model = first_tick()
    good = model.world.places.amenity[model.world.place_names.index("BQ")]
    middle = (np.cumsum(good) - 0.5 * good)[number] / good.sum()
    rows = founded(model, "BQ", {**INSIDE, "capital.sector": middle}, "interest")
    assert len(rows) > 0
    assert (model.world.enterprises.sector[rows] == number).all()
    assert model.world.enterprises.contract[rows].all()


def test_a_project_brought_from_outside_follows_the_best_of_the_district_and_may_not_fit() -> None:
    """外引: services went best; in the mountains that costs productivity, in town it does not."""
    made = {}
    for village in ("BQ", "BL"):
        model = first_tick()
        world, firms = model.world, model.world.enterprises
        firms.profit_year[:] = np.where(firms.sector == SECTORS.index("services"), 1e6, -1e6)
        assert SECTORS[best_sector(world)] == "services"
        rows = founded(model, village, OUTSIDE, "interest")
        assert {SECTORS[s] for s in firms.sector[rows]} == {"services"}
        made[village] = firms.productivity[rows[0]] / usual(world, village)
    exponent = world.settings["capital.fit_exponent"].value
    for village, good in (("BQ", [1.6, 1.2, 0.6, 1.2, 0.4]), ("BL", [0.5, 1.2, 1.2, 0.5, 1.6])):
        average = np.dot(good, good) / np.sum(good)  # of those who choose by it
        assert made[village] == pytest.approx((good[-1] / average) ** exponent)
    assert made["BQ"] < 1.0 < made["BL"]


def usual(world: World, village: str) -> float:
    """The productivity at which an enterprise as large as money allows would just be in balance."""
    shared, capital = values_of(world.settings, "enterprise"), values_of(world.settings, "capital")
    wage = world.places.usual_wage[[world.place_names.index(village)]]
    one = capital_for(shared, np.ones(1), wage)
    jobs = np.minimum(MONEY / ((1.0 + capital.working) * one), capital.largest)
    return float(productivity_for(shared, world.index, jobs, wage)[0])


def test_the_same_capital_founds_the_same_enterprises_without_a_contract() -> None:
    """What differs is the contract alone, so an arm is not richer by investment."""
    made = {}
    for layer in ("interest", ""):
        model = first_tick()
        rows = founded(model, "SJ", {**INSIDE, "capital.sector": 0.3}, layer)
        firms = model.world.enterprises
        made[layer] = [firms[name][rows].tolist() for name in ("sector", "capital", "productivity")]
        assert (firms.contract[rows] == bool(layer)).all()
    assert made["interest"] == made[""]


def test_capital_in_tranches_makes_as_many_jobs_as_at_once() -> None:
    """Three tranches of an envelope that is small in a small world found no better and no worse than one sum."""
    wanted = {}
    for parts in (1, 3):
        world = first_tick().world
        place, account = world.place_names.index("SJ"), int(world.envelope("project").accounts[0])
        world.draws = FixedDraws({"ties.dud": 0.9, **INSIDE})
        before = len(world.enterprises)
        for _ in range(parts):
            world.ledger.transfer(("outside", 0), ("programme", account), MONEY / parts / 10, "envelope")
            lay_out(world, ("programme", account), place, MONEY / parts / 10, "interest")
        firms, new = world.enterprises, slice(before, None)
        shared, wage = values_of(world.settings, "enterprise"), world.places.usual_wage[firms.place[new]]
        a, k = firms.productivity[new], firms.capital[new]
        wanted[parts] = labour_wanted(shared, world.index, a, np.ones(len(k)), k, wage).sum()
    assert wanted[3] == pytest.approx(wanted[1], rel=1e-3)


def test_the_luck_of_what_is_founded_does_not_hang_on_the_contract() -> None:
    keys = {}
    for layer in ("interest", ""):
        model = first_tick()
        rows = founded(model, "SJ", INSIDE, layer)
        keys[layer] = model.world.enterprises.key[rows].tolist()
    assert keys["interest"] == keys[""]
    assert len(set(keys[""])) == len(keys[""]) > 1


@pytest.mark.parametrize("share", [0.4, 0.6, 0.9])
def test_a_contract_reserves_its_share_and_tells_members_alone(share: float) -> None:
    model = first_tick(project__reserved=share, project__news=0.5)
    world, firms, h = model.world, model.world.enterprises, model.world.households
    rule(model, "project").enterprise(world)
    bound = {world.points.agents(link)[0].row for link in world.points.active_links("project")}
    assert bound
    for row in range(len(firms)):
        assert firms.reserved[row] == (share if row in bound else 0.0)
    member, place = world.points.reaches("membership"), world.place_names.index("BL")
    assert (h.news_interest[member & (h.place == place)] == 0.5).all()
    assert not h.news_interest[~member].any()
    model.switch(kind="project")
    rule(model, "project").enterprise(world)
    assert not firms.reserved.any()
    assert not firms.contract.any()
    assert not h.news_interest.any()


def test_reserved_places_stay_empty_where_no_member_applies() -> None:
    """Ten vacancies, six of them reserved: twenty outsiders get four, members that fit worse the six."""
    model = first_tick()
    world, firms, workers = model.world, model.world.enterprises, model.world.workers
    firm = int(np.flatnonzero(firms.contract)[0])
    firms.vacancies[firm], firms.reserved[firm] = 10, 0.6
    world.draws = FixedDraws({"labour.reserved": 0.5})
    is_member = rule(model, "labour")._is_member(world, np.arange(len(workers)), np.full(len(workers), firm))
    outsiders, members = np.flatnonzero(~is_member)[:20], np.flatnonzero(is_member)[:8]

    def taken(applicants: np.ndarray, fit: np.ndarray) -> np.ndarray:
        return applicants[
            rule(model, "labour")._fill(world, 0, applicants, np.full(len(applicants), firm), fit)
        ]

    assert len(taken(outsiders, np.linspace(0.0, 1.0, 20))) == 4
    everybody = np.concatenate([outsiders, members])
    got = taken(everybody, np.concatenate([np.linspace(0.0, 1.0, 20), np.full(8, -1.0)]))
    assert np.isin(got, members).sum() == 6
    assert len(got) == 10
    firms.reserved[firm] = 0.0
    got = taken(everybody, np.concatenate([np.linspace(0.0, 1.0, 20), np.full(8, -1.0)]))
    assert np.isin(got, members).sum() == 0  # without a contract the best are taken


def test_a_sector_that_all_go_into_is_crowded() -> None:
    model = first_tick()
    world, firms = model.world, model.world.enterprises
    rule(model, "demand").enterprise(world)
    before = world.places.demand.copy()
    solar = firms.sector == SECTORS.index("solar")
    assert solar.any()
    firms.capital[solar] *= 2.0
    rule(model, "demand").enterprise(world)
    ratio = world.places.demand / before
    assert ratio[:, SECTORS.index("solar")] == pytest.approx(2.0 ** -rule(model, "demand").p.crowding)
    assert np.delete(ratio, SECTORS.index("solar"), axis=1) == pytest.approx(1.0)


def test_without_members_no_project_and_the_money_founds_ordinary_enterprises() -> None:
    model = first_tick()
    world, place = model.world, model.world.place_names.index("BQ")
    account = int(world.envelope("project").accounts[place])
    assert not world.points.reaches("membership")[world.households.place == place].any()
    world.ledger.transfer(("outside", 0), ("programme", account), MONEY, "envelope")
    before = len(world.enterprises)
    rule(model, "project").year_end(world)
    new = np.arange(before, len(world.enterprises))
    assert (world.enterprises.place[new] == place).all()
    assert len(new) > 0
    assert not world.enterprises.contract[new].any()
    assert world.ledger.yuan("programme", account) < 1.0
    assert not [what for what in world.ledger.flows if what[2:] == ("founding_capital", "interest")]
    rule(model, "project").enterprise(world)
    assert not world.enterprises.contract[new].any()
    assert not world.enterprises.reserved[new].any()


STRENGTHS = (0.0, 0.3, 0.6, 1.0)


def of_strength(strength: float, budget: str, rounds: int = 4) -> tuple[JointPointModel, set[int], float]:
    """A village's programme in some rounds: the model, the keys of the enterprises under contract, and what passed."""
    model = JointPointModel(
        t_district(hub_failure__rate=0.0, ties__dud_share=0.0),
        households=400,
        years=2,
        views=False,
        rng=7,
        budget=budget,
        arm=Arm(interest=strength),
    )
    model.step()
    world, place = model.world, model.world.place_names.index("BL")
    world.points.household["membership"].active[world.households.place == place] = True
    account = ("programme", int(world.envelope("project").accounts[place]))
    for _ in range(rounds):
        world.ledger.transfer(("outside", 0), account, MONEY, "envelope")
        lay_out(world, account, place, float(world.ledger.yuan(*account)), "interest")
    firms = world.enterprises
    mine = np.flatnonzero(firms.project & firms.contract & (firms.place == place))
    passed = sum(
        fen for what, fen in world.ledger.flows.items() if what[2:] == ("founding_capital", "interest")
    )
    return model, set(firms.key[mine].tolist()), passed / 100.0


def test_a_weaker_layer_leaves_some_of_the_same_contracts_and_all_of_the_capital() -> None:
    """Who founds and strengthens does not see the contract, so contracts nest and capital is the same."""
    found = [of_strength(strength, "neutral") for strength in STRENGTHS]
    worlds = [model.world for model, _, _ in found]
    for world in worlds[1:]:
        for name in ("key", "sector", "capital", "productivity"):
            assert (world.enterprises[name] == worlds[0].enterprises[name]).all(), name
    bound = [keys for _, keys, _ in found]
    assert all(weak <= strong for weak, strong in pairwise(bound))
    assert not bound[0]
    assert 0 < len(bound[2]) < len(bound[3])
    assert found[0][2] == 0.0
    assert found[3][2] == pytest.approx(4 * MONEY)


def test_a_withheld_budget_pays_for_contracts_alone() -> None:
    for strength in STRENGTHS:
        model, bound, passed = of_strength(strength, "withheld")
        world, place = model.world, model.world.place_names.index("BL")
        left = float(world.ledger.yuan("programme", int(world.envelope("project").accounts[place])))
        assert left + passed == pytest.approx(4 * MONEY)
        assert (left > MONEY / 4) == (strength < 1.0)
        founded = world.enterprises.project & (world.enterprises.place == place)
        assert bool(bound) == (strength > 0)
        assert set(world.enterprises.key[founded].tolist()) == bound


def test_a_contract_that_is_cut_comes_back() -> None:
    model, bound, _ = of_strength(1.0, "neutral")
    world, project = model.world, rule(model, "project")
    membership = world.points.household["membership"].active.copy()
    model.switch(kind="project")
    project.enterprise(world)
    assert not world.enterprises.contract.any()
    world.switches.clear()
    world.refresh_masks()
    world.points.household["membership"].active[:] = membership
    project.enterprise(world)
    assert bound <= set(world.enterprises.key[world.enterprises.contract].tolist())
