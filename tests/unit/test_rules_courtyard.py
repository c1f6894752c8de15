"""The courtyard economy and homestays: the equation by hand, who knows, who pays, and how each fails."""

from typing import Any

import numpy as np
import pytest

from abm.agents.association import Association
from abm.core.errors import InputError
from abm.core.names import SECTORS
from abm.model.model import JointPointModel
from abm.model.plan import check_scenario
from abm.population.households import IDLE, LET, OWN_TRADE
from abm.scenario.switches import Arm
from abm.world.world import OUTSIDE, World
from tests.limits.quiet import alike, quiet_model
from tests.worlds import t_district


def rule(model: JointPointModel, name: str) -> Any:
    return next(m for m in model.mechanisms if m.name == name)


def flow(world: World, kind: str, layer: str = "") -> float:
    """Yuan of a kind and layer so far this year."""
    return sum(fen for (_, _, k, of), fen in world.ledger.flows.items() if (k, of) == (kind, layer)) / 100.0


@pytest.fixture
def quiet() -> JointPointModel:
    """A quiet world at its first tick, in which row 3 alone has an ordinary idle yard and a trade in it."""
    model = quiet_model(alike(), {"courtyard.yard": 0.999}, years=2)
    model.world.calendar.advance()
    h = model.world.households
    h.yard[3], h.yard_use[3], h.elders[3] = 1.0, OWN_TRADE, 1
    return model


def test_produce_time_and_what_is_left_by_hand(quiet: JointPointModel) -> None:
    world, h, yard = quiet.world, quiet.world.households, rule(quiet, "courtyard")
    p = yard.p
    h.busy = 0.0
    h.own_product[3] = 4000.0
    yard.enterprise(world)
    doing = 1.0 / len(h)
    price = (1.0 + doing / p.market) ** -p.crowding
    gross = p.gross * world.index * price * np.exp(h.skill[3])
    net = (1.0 - p.margin - p.inputs) * gross
    hour = yard.labour_exponent * 4000.0
    free = p.elder_time
    # as much own time as makes (1 − θ) net ℓ^−θ the marginal product on own account, within bounds
    best = (0.5 * net / hour) ** 2
    taken = min(max(best - free, 0.0), p.most_time * h.own_workers[3])
    assert taken > 0
    assert h.yard_time[3] * h.own_workers[3] == pytest.approx(taken)
    assert h.busy[3] == pytest.approx(taken / h.own_workers[3])
    left = net * (taken + free) ** 0.5 - hour * (taken + p.rest * free) - p.wear * p.start_up * world.index
    assert h.yard_worth[3] == pytest.approx(left)
    if best - free < p.most_time * h.own_workers[3]:
        assert 0.5 * net * (taken + free) ** -0.5 == pytest.approx(hour)
    yard.production(world)
    output = gross * (taken + free) ** 0.5 * world.dt
    assert flow(world, "courtyard_sales") == pytest.approx(
        (1 - p.margin) * output * np.exp(h.season[3]), abs=0.01
    )
    upkeep = p.wear * p.start_up * world.index * world.dt
    assert flow(world, "courtyard_costs") == pytest.approx(p.inputs * output + upkeep, abs=0.01)
    assert flow(world, "courtyard_sales", "social") == 0.0
    assert world.ledger.imbalance() == 0


def test_more_who_do_the_same_lower_the_price(quiet: JointPointModel) -> None:
    yard, h = rule(quiet, "courtyard"), quiet.world.households
    prices = []
    for number in (0, 40, 200):
        h.yard_use = IDLE
        h.yard_use[:number] = OWN_TRADE
        prices.append(yard._price(quiet.world))
    assert prices[0] == 1.0
    assert prices[0] > prices[1] > prices[2]
    ratio = np.log(prices[2]) / np.log(1 + 200 / len(h) / yard.p.market)
    assert ratio == pytest.approx(-yard.p.crowding)


def member(world: World, row: int) -> None:
    world.points.household["courtyard"].active[row] = True


def test_a_member_gets_more_of_the_price_and_pays_a_fee(quiet: JointPointModel) -> None:
    world, h, yard = quiet.world, quiet.world.households, rule(quiet, "courtyard")
    place, p = h.place[3], yard.p
    member(world, 3)
    yard.service[:] = 0.0
    yard.service[place] = 0.6
    yard.enterprise(world)
    assert h.busy[3] >= p.meetings
    yard.production(world)
    alone = flow(world, "courtyard_sales") / (1 - p.margin)
    joint = flow(world, "courtyard_sales", "social") / (1 - p.joint_margin)
    assert joint / (joint + alone) == pytest.approx(0.6, rel=1e-4)
    assert flow(world, "association_fee", "social") == pytest.approx(p.fee * joint, abs=0.01)
    assert world.ledger.yuan("association", int(place)) == pytest.approx(p.fee * joint, abs=0.01)
    yard.distribution(world)
    assert flow(world, "association_work", "social") > 0.0


def test_an_association_whose_fees_do_not_carry_it_does_less_and_recovers(quiet: JointPointModel) -> None:
    world = quiet.world
    association: Association = world.institutions.associations[0]
    association.pay(1000.0, 400.0)
    assert association.plan(0.2) == pytest.approx(0.4)
    association.pay(400.0, 40.0)
    assert association.plan(0.2) == 0.2  # what some do for nothing
    association.pay(200.0, 200.0)
    world.ledger.transfer(OUTSIDE, ("association", 0), 200.0, "envelope")
    assert association.plan(0.2) == pytest.approx(0.4)
    assert association.plan(0.2) == 1.0  # a year without members: founders begin anew
    world.ledger.transfer(("association", 0), OUTSIDE, 200.0, "association_work")
    association.pay(100.0, 0.0)
    assert association.plan(0.0) == 0.0
    assert association.plan(0.0) == 1.0  # a year without any means, too


@pytest.mark.parametrize(
    ("who", "expected"), [("nobody", False), ("kin", True), ("told", True), ("told by a masked link", False)]
)
def test_who_knows_how_it_is_done(who: str, expected: bool) -> None:
    """One who would gain starts only if somebody shows it: kin always can, the association only its members."""
    draws = {"courtyard.thinks": 0.001, "courtyard.knows": 0.1, "courtyard.yard": 0.999, "kin.tie": 0.01}
    model = quiet_model(alike(), draws, years=2)
    world, h, yard = model.world, model.world.households, rule(model, "courtyard")
    world.calendar.advance()
    h.yard[3], h.elders[3] = 1.0, 2
    assert yard.p.idea < 0.1 < yard.p.kin_shows < yard.p.told
    if who == "kin":
        row = world.points.pairs["kin"].neighbours(len(h))[[3]].indices[0]
        h.yard[row], h.yard_use[row] = 1.0, OWN_TRADE
    if who.startswith("told"):
        member(world, 3)
    if who.endswith("masked link"):
        model.switch(layer="social")
    yard.enterprise(world)
    assert h.yard_worth[3] > 0
    assert bool(h.yard_use[3] == OWN_TRADE) is expected


@pytest.mark.parametrize("bank", [False, True])
def test_the_bank_lends_members_what_their_own_credit_does_not_reach(bank: bool) -> None:
    draws = {"courtyard.thinks": 0.001, "courtyard.knows": 0.001, "courtyard.yard": 0.999}
    model = quiet_model(alike(), draws, years=2)
    world, h, yard = model.world, model.world.households, rule(model, "courtyard")
    world.calendar.advance()
    world.ledger.transfer(("household", None), OUTSIDE, world.ledger.yuan("household"), "consumption")
    h.yard[3], h.elders[3] = 1.0, 2
    cost = yard.p.start_up * world.index
    h.expected_income[3] = 2.0 * cost  # the limit is just the cost: half of it alone, all of it vouched for
    member(world, 3)
    if bank:
        name = world.institutions.associations[h.place[3]].name
        world.form_link("rural_bank", "rural_bank:district", name, int(h.place[3]), 0.5)
    yard.enterprise(world)
    assert bool(h.yard_use[3] == OWN_TRADE) is bank
    assert h.debt[3] == (round(100 * cost) if bank else 0)
    assert flow(world, "loan", "interest") == pytest.approx(cost if bank else 0.0, abs=0.01)


def test_who_has_no_cash_and_no_credit_cannot_start() -> None:
    draws = {"courtyard.thinks": 0.001, "courtyard.knows": 0.001, "courtyard.yard": 0.999}
    model = quiet_model(alike(), draws, years=2)
    world, h = model.world, model.world.households
    world.calendar.advance()
    world.ledger.transfer(("household", None), OUTSIDE, world.ledger.yuan("household"), "consumption")
    h.yard[3], h.elders[3], h.expected_income[3] = 1.0, 2, 0.0
    rule(model, "courtyard").enterprise(world)
    assert h.yard_worth[3] > 0
    assert h.yard_use[3] == IDLE


def test_what_does_not_pay_is_given_up(quiet: JointPointModel) -> None:
    world, h, yard = quiet.world, quiet.world.households, rule(quiet, "courtyard")
    h.skill[3] = -3.0
    world.draws.uniforms["courtyard.gives_up"] = 0.001
    yard.enterprise(world)
    assert h.yard_worth[3] < 0
    assert h.yard_use[3] == IDLE
    assert h.busy[3] == 0.0


@pytest.mark.parametrize("academy", [False, True])
def test_courses_raise_technique_and_take_days(quiet: JointPointModel, academy: bool) -> None:
    world, h, yard = quiet.world, quiet.world.households, rule(quiet, "courtyard")
    member(world, 3)
    h.participation = 1.0
    world.draws.uniforms["courtyard.course"] = 0.001
    if academy:
        name = world.institutions.associations[h.place[3]].name
        world.form_link("academy", "academy:district", name, int(h.place[3]), 0.5)
    yard.enterprise(world)
    assert h.yard_technique[3] == (yard.p.course_gain if academy else 0.0)
    days = h.busy[3] - h.yard_time[3] - yard.p.meetings
    expected = yard.p.course_time / world.dt / h.own_workers[3] if academy else 0.0
    assert days == pytest.approx(expected, abs=1e-12)
    yard.production(world)
    assert h.yard_technique[3] > (yard.p.course_gain if academy else 0.0)  # by doing, always


def run(**arguments: Any) -> JointPointModel:
    model = JointPointModel(
        t_district(), **{"households": 1500, "years": 9, "views": False, "rng": 1, **arguments}
    )
    model.run()
    return model


@pytest.fixture(scope="module")
def whole() -> JointPointModel:
    return run()


def test_yards_are_idle_where_the_scenario_says(whole: JointPointModel) -> None:
    world, h = whole.world, whole.world.households
    assert not (h.yard[h.urban] > 0).any()
    here = world.points.inhabited & h.registered
    share = {name: (h.yard > 0)[here & (h.place == i)].mean() for i, name in enumerate(world.place_names)}
    assert share["SJ"] > 2 * share["BQ"] > 0
    size = h.yard[h.yard > 0]
    assert size.mean() == pytest.approx(1.0, abs=5 * 0.53 / np.sqrt(len(size)))
    assert not (h.yard_use[h.yard == 0] != IDLE).any()


def test_nobody_uses_an_idle_yard_before_the_scenario_begins() -> None:
    model = JointPointModel(
        t_district(scenario__burn_in=2), households=400, years=2, views=False, rng=1, cache=False
    )
    h = model.world.households
    assert not h.yard.any()
    model.step()
    assert h.yard.any()


def test_a_yard_belongs_to_its_dwelling(whole: JointPointModel) -> None:
    """Whoever lives there has it, the next household as well; its trade is the household's own."""
    world, h = whole.world, whole.world.households
    row = int(np.flatnonzero((h.yard > 0) & (h.yard_use == IDLE))[0])
    size = h.yard[row]
    h.yard[row] = 0.0
    h.key[row] ^= np.uint64(12345)  # another household
    world.calendar.advance()
    rule(whole, "courtyard").ties(world)
    assert h.yard[row] == size


def test_without_the_social_layer_there_is_still_a_courtyard_trade() -> None:
    alone = run(arm=Arm(social=False), years=7)
    world = alone.world
    assert not world.ledger.balances["association"].any()
    sold = {layer for (_, _, kind, layer) in world.ledger.flows if kind == "courtyard_sales"}
    sold |= {e for e in ("",) if (world.households.yard_use == OWN_TRADE).any()}
    assert sold == {""}


# --- homestays ----------------------------------------------------------------------------------------


@pytest.fixture
def hosted() -> tuple[JointPointModel, int, np.ndarray]:
    """A world with one tourism enterprise under contract, and three members of its village with idle yards."""
    model = quiet_model(alike(), {"homestay.thinks": 0.001, "courtyard.yard": 0.999}, years=2)
    for _ in range(2):
        model.step()
    world, h, firms = model.world, model.world.households, model.world.enterprises
    host = int(np.argmax(firms.sales))
    firms.sector[host], firms.contract[host] = SECTORS.index("tourism"), True
    firms.capital[host] = 1e6
    firms.sales[host] = 1e6  # a return on capital far above its cost
    rows = np.flatnonzero(h.place == firms.place[host])[:3]
    h.yard[rows] = 1.0
    world.points.household["membership"].active[rows] = True
    return model, host, rows


def test_rent_is_the_cost_of_capital_in_kind(hosted: tuple[JointPointModel, int, np.ndarray]) -> None:
    model, host, rows = hosted
    world, h, stay = model.world, model.world.households, rule(model, "homestay")
    stay.enterprise(world)
    assert (h.yard_use[rows] == LET).all()
    assert (h.yard_host[rows] == host).all()
    assert world.enterprises.yards[host] == pytest.approx(3 * stay.p.worth * world.index)
    profit = world.enterprises.profit[host]
    world.ledger.transfer(OUTSIDE, ("enterprise", host), 1e5, "sales")
    before = flow(world, "yard_rent", "interest")
    stay.distribution(world)
    paid = flow(world, "yard_rent", "interest") - before
    assert paid == pytest.approx(
        stay.shared.cost_of_capital * 3 * stay.p.worth * world.index * world.dt, abs=0.02
    )
    upkeep = flow(world, "yard_upkeep", "")
    assert upkeep == pytest.approx(3 * stay.p.upkeep * stay.p.worth * world.index * world.dt, abs=0.02)
    assert world.enterprises.profit[host] == pytest.approx(profit - paid - upkeep)


@pytest.mark.parametrize("why", ["no return", "own trade", "no membership", "no contract", "another sector"])
def test_what_keeps_a_yard_from_being_let(hosted: tuple[JointPointModel, int, np.ndarray], why: str) -> None:
    model, host, rows = hosted
    world, h, firms = model.world, model.world.households, model.world.enterprises
    if why == "no return":  # capital that it has earns less than it costs already
        firms.sales[host] = 1.0
    elif why == "own trade":
        h.yard_worth[rows] = 1e6
    elif why == "no membership":
        world.points.household["membership"].active[rows] = False
    elif why == "no contract":
        firms.contract[host] = False
    else:
        firms.sector[host] = SECTORS.index("solar")
    rule(model, "homestay").enterprise(world)
    assert not (h.yard_use == LET).any()
    assert not firms.yards.any()


def test_a_yard_comes_back_when_the_contract_ends(hosted: tuple[JointPointModel, int, np.ndarray]) -> None:
    model, host, rows = hosted
    world, h, stay = model.world, model.world.households, rule(model, "homestay")
    stay.enterprise(world)
    world.enterprises.contract[host] = False
    stay.enterprise(world)
    assert (h.yard_use[rows] == IDLE).all()
    assert (h.yard_host == -1).all()
    assert not world.enterprises.yards.any()


def test_yards_never_exceed_their_share_of_capital(hosted: tuple[JointPointModel, int, np.ndarray]) -> None:
    model, host, rows = hosted
    world, stay = model.world, rule(model, "homestay")
    one = stay.p.worth * world.index
    world.enterprises.capital[host] = 1.5 * one / stay.p.most  # room for one yard and a half
    stay.enterprise(world)
    assert (world.households.yard_use[rows] == LET).sum() == 1


def test_homestays_need_the_courtyard_in_the_list() -> None:
    scenario = t_district()
    listed = tuple(name for name in scenario.scenario.mechanisms if name != "courtyard")
    head = scenario.scenario.model_copy(update={"mechanisms": listed})
    with pytest.raises(InputError, match="'homestay' needs 'courtyard'"):
        check_scenario(scenario.model_copy(update={"scenario": head}))
