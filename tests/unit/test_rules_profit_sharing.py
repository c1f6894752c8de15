"""The contract of five parties: the bargain by hand, its laws, who is paid, when it is made, and how it fails."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.core.draws import FixedDraws
from abm.core.errors import InputError
from abm.mechanisms.interest.profit_sharing import APART, ORDINARY, PARTIES, bargained
from abm.model.model import JointPointModel
from abm.model.plan import load_scenario
from abm.world.world import OUTSIDE, World

SHARES = {"enterprise": 0.5, "government": 0.1, "collective": 0.1, "committee": 0.1, "households": 0.2}
EQUAL = dict.fromkeys(SHARES, 0.2)
LOCAL = PARTIES[1:]
PAID = {"government": "government_share", "collective": "collective_share", "households": "profit_share"}


def contract(weights: dict[str, float], years: int = 3) -> dict[str, object]:
    """Setting of a scenario's table ``contract``."""
    table = {"weights": weights, "years": years, "source": "a test", "status": "assumed"}
    return {"contract": table}


def rule(model: JointPointModel) -> Any:
    return next(m for m in model.mechanisms if m.name == "profit_sharing")


def model_with(overrides: dict[str, object], **arguments: object) -> JointPointModel:
    """At its first tick: a world with contracts of 2014, each enterprise with money and a profit of 100 000 yuan
    beyond what it could earn elsewhere."""
    given = {"scenario.burn_in": 0, "joint_points.4.share": 0.8, "ties.dud_share": 0.0, **overrides}
    size = {"households": 400, "years": 6, "views": False, "rng": 7, "journal": True}
    model = JointPointModel(load_scenario("t_district", given), **{**size, **arguments})
    model.step()
    return model


def elsewhere(world: World, rows: np.ndarray) -> np.ndarray:
    """What enterprises would have in a tick without the contract, yuan."""
    rate = sum(world.settings[f"enterprise.{name}"].value for name in ("depreciation", "cost_of_capital"))
    return rate * world.enterprises.capital[rows] * world.dt


def prosper(world: World, surplus: float) -> np.ndarray:
    """Give every enterprise under contract that surplus and the money for it; returns their rows."""
    firms = world.enterprises
    rows = np.sort([world.points.agents(link)[0].row for link in world.points.active_links("project")])
    firms.profit[rows] = surplus + elsewhere(world, rows)
    world.ledger.transfer(OUTSIDE, ("enterprise", rows), np.full(len(rows), surplus), "sales")
    return rows


def shared_out(model: JointPointModel, surplus: float) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Rows of enterprises under contract, and what each pays to whom out of that surplus, yuan."""
    world = model.world
    rows = prosper(world, surplus)
    entered = len(world.ledger.journal)
    rule(model)._share(world)
    paid = {party: np.zeros(len(rows)) for party in LOCAL}
    parties = {kind: party for party, kind in PAID.items()} | {"public_goods": "committee"}
    for entry in world.ledger.journal[entered:]:
        assert entry.layer == "interest"
        payers = np.broadcast_to(np.atleast_1d(entry.payer[1]), len(entry.paid))
        np.add.at(paid[parties[entry.kind]], np.searchsorted(rows, payers), entry.paid / 100.0)
    return rows, paid


# --- the bargain ----------------------------------------------------------------------------------------

numbers = st.lists(st.floats(0.01, 5.0), min_size=5, max_size=5).map(np.array)


@given(weights=numbers, power=numbers)
def test_shares_sum_to_the_surplus_and_maximise_the_nash_product(
    weights: np.ndarray, power: np.ndarray
) -> None:
    shares, counts = bargained(weights, power), weights * power
    assert shares.sum() == pytest.approx(1.0)
    product = counts @ np.log(shares)
    for give in range(5):
        for take in range(5):
            other = shares.copy()
            moved = 0.05 * other[give]
            other[give] -= moved
            other[take] += moved
            assert counts @ np.log(other) <= product + 1e-9


@given(weights=numbers, power=numbers, party=st.integers(0, 4), more=st.floats(1.1, 3.0))
def test_more_weight_or_power_of_ones_own_is_more_for_oneself_and_less_for_all_others(
    weights: np.ndarray, power: np.ndarray, party: int, more: float
) -> None:
    heavier = weights.copy()
    heavier[party] *= more
    before, after = bargained(weights, power), bargained(heavier, power)
    assert after[party] > before[party]
    assert (np.delete(after, party) < np.delete(before, party)).all()
    stronger = power.copy()
    stronger[party] *= more
    assert bargained(weights, stronger) == pytest.approx(after)


def test_equal_weights_and_powers_split_equally() -> None:
    assert bargained(np.full(5, 0.2), np.full(5, 0.7)) == pytest.approx(np.full(5, 0.2))


def test_who_has_no_power_gets_nothing_and_where_nobody_has_any_the_enterprise_keeps_all() -> None:
    assert bargained(np.full(5, 0.2), np.array([1.0, 1.0, 1.0, 1.0, 0.0])) == pytest.approx(
        [0.25] * 4 + [0.0]
    )
    assert bargained(np.full(5, 0.2), np.zeros(5)).tolist() == [1.0, 0.0, 0.0, 0.0, 0.0]


def test_power_by_hand() -> None:
    model = model_with(contract(SHARES))
    counts = np.array([0.5, 0.1, 0.1 * 0.3 / 0.5, 0.1 * 0.3 / 0.5, 0.2 * 0.4 / 0.5])
    assert rule(model).shares(0.4, 0.3) == pytest.approx(counts / counts.sum())
    assert rule(model).shares(ORDINARY, ORDINARY) == pytest.approx(list(SHARES.values()))
    assert rule(model).shares(0.0, 0.5)[PARTIES.index("households")] == 0.0
    nobody = rule(model).shares(0.0, 0.0)
    assert nobody == pytest.approx([0.5 / 0.6, 0.1 / 0.6, 0.0, 0.0, 0.0])
    assert len(APART) == len(PARTIES)


def test_local_power_counts_for_all_but_the_enterprise() -> None:
    weak = rule(model_with({**contract(EQUAL), "profit_sharing.local_power": 0.5}))
    assert weak.shares(ORDINARY, ORDINARY) == pytest.approx(np.array([1.0, 0.5, 0.5, 0.5, 0.5]) / 3.0)


@pytest.mark.parametrize(("participation", "management"), [(0.2, 0.35), (0.4, 0.5), (0.9, 0.8), (0.0, 0.5)])
def test_without_a_table_village_and_enterprise_bargain_as_two_sides(
    participation: float, management: float
) -> None:
    """β = ωq / (ωq + 1 − ω), of which the collective keeps three tenths and the members get the rest."""
    whole = load_scenario("t_district", {"scenario.burn_in": 0})
    bare = whole.model_copy(update={"contract": None})
    model = JointPointModel(bare, households=300, years=1, views=False, rng=1)
    weight, power = 0.35, participation * management / 0.25
    beta = weight * power / (weight * power + 1.0 - weight)
    shares = rule(model).shares(participation, management)
    assert shares == pytest.approx([1.0 - beta, 0.0, 0.3 * beta, 0.0, 0.7 * beta])
    assert rule(model).contract.years == 0


# --- who is paid --------------------------------------------------------------------------------------


def test_each_party_gets_its_share_and_the_enterprise_keeps_its_own() -> None:
    model = model_with(contract(SHARES))
    world, firms = model.world, model.world.enterprises
    budget, orders = world.ledger.yuan("government").sum(), world.places.public_orders.copy()
    income = np.array([c.income_year for c in world.institutions.collectives])
    firms.bargained_in[:] = 0
    rows, paid = shared_out(model, 100_000.0)
    assert len(rows) >= 2
    now = np.array([rule(model).shares(*at) for at in powers(world, rows)])
    for column, party in enumerate(LOCAL, 1):
        assert firms[f"to_{party}"][rows] == pytest.approx(now[:, column])
        assert paid[party] == pytest.approx(100_000.0 * now[:, column], abs=0.5)
    assert firms.profit[rows] - elsewhere(world, rows) == pytest.approx(100_000.0 * now[:, 0], abs=1.0)
    assert world.ledger.yuan("government").sum() - budget == pytest.approx(paid["government"].sum(), abs=0.1)
    received = np.array([c.income_year for c in world.institutions.collectives]) - income
    assert received.sum() == pytest.approx(paid["collective"].sum(), abs=0.1)
    villages = np.unique(firms.contract_with[rows])
    grown = world.places.public_orders - orders
    assert grown[villages].sum() > 0  # what the village's enterprises can deliver is ordered from them
    assert grown.sum() == pytest.approx(grown[villages].sum())
    assert grown.sum() <= paid["committee"].sum() + 0.1
    assert world.ledger.imbalance() == 0


def powers(world: World, rows: np.ndarray) -> list[tuple[float, float]]:
    """Mean participation of members and management where each enterprise has its contract."""
    h, places = world.households, world.places
    member = world.points.reaches("membership")
    where = world.enterprises.contract_with[rows]
    return [
        (float(h.participation[member & (h.place == p)].mean()), float(places.management[p])) for p in where
    ]


def test_an_enterprise_short_of_cash_pays_what_it_has() -> None:
    model = model_with(contract(SHARES))
    world = model.world
    rows = prosper(world, 100_000.0)
    cash = world.ledger.yuan("enterprise", rows)
    world.ledger.transfer(("enterprise", rows), OUTSIDE, cash - 15_000.0, "enterprise_investment")
    rule(model)._share(world)
    assert (world.ledger.yuan("enterprise", rows) >= 0).all()
    assert world.ledger.imbalance() == 0


@pytest.mark.parametrize("profit", ["loss", "no more than elsewhere"])
def test_without_surplus_nothing_is_shared(profit: str) -> None:
    model = model_with(contract(SHARES))
    world = model.world
    rows = prosper(world, 0.0)
    if profit == "loss":
        world.enterprises.profit[rows] = -5_000.0
    else:
        world.enterprises.profit[rows] -= 1.0
    entered = len(world.ledger.journal)
    rule(model)._share(world)
    assert len(world.ledger.journal) == entered


def test_losses_are_made_good_before_anything_is_shared() -> None:
    model = model_with(contract(SHARES))
    world = model.world
    rows = prosper(world, 0.0)
    world.enterprises.profit[rows] = elsewhere(world, rows) - 60_000.0
    rule(model)._share(world)
    assert world.enterprises.carried[rows] == pytest.approx(np.full(len(rows), -60_000.0))
    rows, paid = shared_out(model, 50_000.0)
    assert not any(amounts.any() for amounts in paid.values())
    rows, paid = shared_out(model, 50_000.0)
    with_all = sum(paid.values())
    fresh = model_with(contract(SHARES))
    assert with_all == pytest.approx(sum(shared_out(fresh, 40_000.0)[1].values()), abs=0.05)


@pytest.mark.parametrize("cut", [{"kind": "project"}, {"kind": "membership"}, {"layer": "interest"}])
def test_without_contract_or_members_nobody_is_paid(cut: dict[str, str]) -> None:
    model = model_with(contract(SHARES))
    rows = prosper(model.world, 100_000.0)
    model.switch(**cut)
    entered = len(model.world.ledger.journal)
    rule(model)._share(model.world)
    assert len(model.world.ledger.journal) == entered
    assert (model.world.ledger.yuan("enterprise", rows) >= 100_000.0).all()


# --- when they bargain ----------------------------------------------------------------------------------


def test_more_participation_pays_only_when_they_bargain_anew() -> None:
    model = model_with(contract(SHARES))
    world, firms = model.world, model.world.enterprises
    rows, before = shared_out(model, 100_000.0)
    assert (firms.bargained_in[rows] == 2014).all()
    world.households.participation[:] = 0.9
    _, still = shared_out(model, 100_000.0)
    assert still["households"] == pytest.approx(before["households"], abs=0.5)
    firms.bargained_in[rows] = 2012
    _, still = shared_out(model, 100_000.0)
    assert still["households"] == pytest.approx(before["households"], abs=0.5)
    firms.bargained_in[rows] = 2011
    _, anew = shared_out(model, 100_000.0)
    assert (anew["households"] > 1.2 * before["households"]).all()
    assert (anew["government"] < before["government"]).all()
    assert (firms.bargained_in[rows] == 2014).all()


@pytest.mark.parametrize("ticks", [4, 12])
def test_a_contract_of_the_start_is_made_anew_after_its_years(ticks: int) -> None:
    luck = FixedDraws({"enterprises.exit": 0.9999})  # none closes
    case = {**contract(SHARES, 2), "scenario.ticks_per_year": ticks, "joint_points.5.share": 0.9}
    model = model_with(case, luck=luck, years=4)
    firms, seen = model.world.enterprises, {}
    rows = np.flatnonzero(firms.contract)
    while model.running:
        model.step()
        here = rows[firms.contract[rows] & firms.open[rows]]
        seen.setdefault(model.year, set()).update(firms.bargained_in[here].tolist())
    assert seen[2014] == {2014}
    assert seen[2015] == {2014}
    assert seen[2017] == seen[2016] == {2016}


def test_what_is_shared_is_not_invested() -> None:
    """Two enterprises that would invest all that they have, with their contract and without."""
    capital = []
    for cut in (False, True):
        model = model_with(contract(EQUAL))
        world, firms = model.world, model.world.enterprises
        rows = prosper(world, 200_000.0)
        if cut:
            model.switch(kind="project")
        rule(model)._share(world)
        firms.sales[rows] = 5e7
        next(m for m in model.mechanisms if m.name == "enterprises").spending(world)
        capital.append(firms.capital[rows])
    assert (capital[1] - capital[0] > 50_000.0).all()


# --- the table ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("weights", "key", "words"),
    [
        ({**SHARES, "households": 0.3}, "contract.weights", "sum to 1.1, not to 1; give five weights"),
        ({**SHARES, "households": 0.20001}, "contract.weights", "sum to 1.00001, not to 1"),
        (dict.fromkeys(SHARES, 0.0), "contract.weights", "sum to 0, not to 1"),
        (
            {**SHARES, "enterprise": -0.5},
            "contract.weights.enterprise",
            "-0.5 is out of bounds; give at least 0",
        ),
        (
            {**SHARES, "enterprise": 1.5},
            "contract.weights.enterprise",
            "1.5 is out of bounds; give at most 1",
        ),
        ({**SHARES, "enterprise": float("nan")}, "contract.weights.enterprise", "must be a finite number"),
        ({**SHARES, "enterprise": "half"}, "contract.weights.enterprise", "must be a number, not 'half'"),
        ({**SHARES, "comittee": 0.1}, "contract.weights.comittee", "unknown key; did you mean 'committee'?"),
        ({k: v for k, v in SHARES.items() if k != "committee"}, "contract.weights.committee", "is missing"),
    ],
)
def test_weights_that_make_no_contract_are_refused(weights: dict[str, float], key: str, words: str) -> None:
    with pytest.raises(InputError) as refused:
        load_scenario("t_district", contract(weights))
    assert str(refused.value.key).removeprefix("setting ") == key
    assert words in str(refused.value)
    assert refused.value.mend


def test_one_weight_can_be_set_and_then_does_not_sum() -> None:
    with pytest.raises(InputError, match=r"contract\.weights: sum to 1\.25, not to 1"):
        load_scenario("t_district", {"contract.weights.enterprise": 0.9})


def test_rounding_in_the_sum_is_forgiven() -> None:
    assert load_scenario("t_district", contract({**SHARES, "households": 0.2 + 5e-7})).contract is not None


def test_the_table_of_t_district_names_all_parties_and_their_source() -> None:
    given = load_scenario("t_district").contract
    assert given is not None
    assert min(weight for _, weight in given.weights) > 0
    assert given.provenance("weights").status == "assumed"
