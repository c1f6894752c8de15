"""Earmarked grants: what becomes of each yuan, and whose farms are helped."""

from typing import Any

import numpy as np
import pytest

from abm.core.ledger import Entry
from abm.model.model import JointPointModel
from abm.scenario.switches import ALL_ON, Arm
from abm.world.own_lines import HERDS
from tests.worlds import t_district


def entries_of_2019(arm: Arm = ALL_ON, **settings: Any) -> tuple[JointPointModel, list[Entry]]:
    """The first year of the grant in BQ, and all that was paid in it."""
    scenario = t_district(programmes__grant_pilot__per_head=600.0, **settings)
    model = JointPointModel(scenario, households=1500, years=6, views=False, rng=3, journal=True, arm=arm)
    while model.year < 2018 or not model.world.calendar.year_ends:
        model.step()
    entered = len(model.world.ledger.journal)
    model.run()
    return model, model.world.ledger.journal[entered:]


def paid(entries: list[Entry], kind: str, layer: str = "organizational") -> float:
    """Yuan."""
    return sum(float(e.paid.sum()) for e in entries if (e.kind, e.layer) == (kind, layer)) / 100.0


def test_a_grant_is_spent_on_fund_farms_and_works() -> None:
    model, entries = entries_of_2019(grant__thinks=2.0, grant__matched=0.8, investment__decision=0.1)
    world = model.world
    place = world.place_names.index("BQ")
    p = next(m for m in model.mechanisms if m.name == "grant").p
    money = 600.0 * world.places.members_first[place] * world.index
    assert paid(entries, "earmarked") == pytest.approx(p.to_fund * money, abs=0.02)
    farms, works = paid(entries, "start_up_subsidy"), paid(entries, "public_goods")
    assert 0 < farms <= p.to_farms * (1 - p.to_fund) * money + 0.1
    assert farms + works == pytest.approx((1 - p.to_fund) * money, abs=0.1)
    helped = [e.payee[1] for e in entries if (e.kind, e.layer) == ("start_up_subsidy", "organizational")]
    rows = np.unique(np.concatenate([np.atleast_1d(rows) for rows in helped]))
    assert (world.households.place[rows] == place).all()
    assert (world.households.line[rows] <= HERDS).all()


def test_a_grant_that_is_tied_at_random_is_spent_where_it_was_planned() -> None:
    """The placebo asks who is tied with whom, not whether there is a subsidy."""
    rewired = Arm(placebo=("organizational",), question="programme", from_year=2019)
    model, entries = entries_of_2019(arm=rewired)
    world, place = model.world, model.world.place_names.index("BQ")
    (link,) = [link for link in world.points.links_of_kind("grant") if link.since == 2019]
    assert link.village == place
    assert link.target != world.institutions.collectives[place].name
    money = 600.0 * world.places.members_first[place] * world.index
    spent = sum(paid(entries, kind) for kind in ("earmarked", "start_up_subsidy", "public_goods"))
    assert spent == pytest.approx(money, abs=0.1)


def test_without_a_fund_that_somebody_belongs_to_none_of_it_goes_there() -> None:
    model, entries = entries_of_2019(switches=({"kind": "fund"},))
    money = 600.0 * model.world.places.members_first[model.world.place_names.index("BQ")] * model.world.index
    assert paid(entries, "earmarked") == 0.0
    spent = paid(entries, "start_up_subsidy") + paid(entries, "public_goods")
    assert spent == pytest.approx(money, abs=0.1)


def test_with_the_link_cut_the_neutral_budget_buys_works_and_no_farm_is_helped() -> None:
    model, entries = entries_of_2019(switches=({"kind": "grant"},))
    assert not [
        e for e in entries if e.kind in ("earmarked", "start_up_subsidy") and e.layer == "organizational"
    ]
    account = int(model.world.envelope("grant").accounts[model.world.place_names.index("BQ")])
    bought = [e for e in entries if e.kind == "public_goods" and e.payer[0] == "programme"]
    assert any(account in np.atleast_1d(e.payer[1]).tolist() and e.paid.any() for e in bought)
    assert model.world.ledger.balances["programme"][account] == 0


def test_what_a_grant_helps_to_buy_is_the_improved_technique() -> None:
    """Not the threshold less what wears out in the same quarter."""
    eager = {"grant__thinks": 2.0, "grant__matched": 0.8, "investment__decision": 0.1}
    scenario = t_district(programmes__grant_pilot__per_head=2000.0, **eager)
    model = JointPointModel(scenario, households=1500, years=6, views=False, rng=3, journal=True)
    while model.year < 2018 or not model.world.calendar.year_ends:
        model.step()
    h, helped = model.world.households, 0
    for _ in range(4):
        entered = len(model.world.ledger.journal)
        model.step()
        for entry in model.world.ledger.journal[entered:]:
            if entry.kind == "start_up_subsidy" and entry.layer == "organizational":
                rows = np.atleast_1d(entry.payee[1])
                assert h.improved[rows].all()
                helped += len(rows)
    assert helped > 0
