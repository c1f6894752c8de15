"""Grid and whistle: what a household has whose own grid reaches no branch."""

from typing import Any

import numpy as np
import pytest

from abm.model.model import JointPointModel
from tests.worlds import t_district


def rule(model: JointPointModel, name: str) -> Any:
    return next(m for m in model.mechanisms if m.name == name)


@pytest.fixture
def several_grids() -> JointPointModel:
    """Places of so many households that one has several grids."""
    given = {"hub_failure__rate": 0.0, "ties__dud_share": 0.0}
    model = JointPointModel(t_district(**given), households=30_000, years=7, views=False, rng=2)
    while not model.world.points.reaches("grid").any():
        model.step()
    return model


def test_a_grid_that_reaches_no_branch_brings_neither_news_nor_patrol(several_grids: JointPointModel) -> None:
    """The others of the village keep theirs: links are cut, not villages."""
    world, whistle = several_grids.world, rule(several_grids, "whistle")
    h, points = world.households, world.points
    place = world.place_names.index("BL")
    links = [link for link in points.active_links("grid_branch") if link.village == place]
    assert len(links) > 1
    own = points.reaches("grid") & (h.place == place)
    cut = own & (points.grid == int(links[0].target.rpartition("/")[2]))
    points.set_active(links[0], False)
    whistle.needs(world)
    whistle.enterprise(world)
    assert 0 < cut.sum() < own.sum()
    assert not h.news_organizational[cut].any()
    assert (h.news_organizational[own & ~cut] > 0).all()
    branch = world.institutions.village_branches[place]
    links_left = (own & ~cut).sum() / max(world.places.households[place], 1)
    served = whistle.p.base_capacity + whistle.p.grid_capacity * links_left
    assert branch.capacity <= served * world.places.members[place] / 1000.0 + 1e-9


@pytest.mark.parametrize("ticks", [4, 12])
def test_a_report_that_is_lost_is_a_visit_in_vain_at_any_tick(ticks: int) -> None:
    """P(a case arrives within a quarter) = 1 − exp(−(visits · kept^hops + bring · kept^hops)/4)."""
    given = {"scenario__ticks_per_year": ticks, "hub_failure__rate": 0.0, "ties__dud_share": 0.0}
    model = JointPointModel(t_district(**given), households=400, years=7, views=False, rng=2)
    while not model.world.points.reaches("grid").any():
        model.step()
    world, whistle = model.world, rule(model, "whistle")
    h, size = world.households, len(world.households)
    grid = world.points.reaches("grid") & whistle.tied
    nowhere, need, up = np.zeros(size, bool), np.ones(size, bool), np.ones(size)
    h.online.fill(False)
    arrived = np.zeros(size)
    for turn in range(400):
        h.case_since.fill(-1)
        for quarter in range(ticks // 4):
            world.calendar.tick = 10_000 + turn * 20 + quarter
            whistle._raise(world, "case_since", need, up, nowhere)
        arrived += h.case_since >= 0
    keep = 1.0 - whistle.p.loss
    channel = world.points.reaches("case_channel")
    rate = whistle.visits * keep**2 * grid + whistle.p.bring * keep**2 * channel
    expected = -np.expm1(-rate / 4.0)[grid & channel].mean()
    assert arrived[grid & channel].mean() / 400 == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize("ticks", [4, 12])
def test_a_programme_spends_the_share_of_its_money_that_its_links_stand_for(ticks: int) -> None:
    given = {"scenario__ticks_per_year": ticks, "hub_failure__rate": 0.0, "ties__dud_share": 0.0}
    masks = ({"kind": "grid", "strength": 0.5, "from_year": 2014},)
    model = JointPointModel(
        t_district(**given, switches=masks), households=2000, years=7, views=False, rng=2, journal=True
    )
    world = model.world
    while not world.points.reaches("grid").any():
        model.step()
    while not world.calendar.year_ends:
        model.step()
    entered = len(world.ledger.journal)
    model.step()
    envelope = world.envelope("grid")
    share, money = world.paid_share(envelope), rule(model, "whistle").money.copy()
    for _ in range(ticks - 1):
        model.step()
    spent = np.zeros(len(world.places))
    for entry in world.ledger.journal[entered:]:
        if entry.kind in ("grid_post", "handling") and entry.layer == "organizational":
            place = {int(account): row for row, account in enumerate(envelope.accounts)}
            rows = [place[int(account)] for account in np.atleast_1d(entry.payer[1])]
            np.add.at(spent, rows, entry.paid / 100.0)
    some = (money > 0) & (share > 0) & (share < 1)
    assert some.sum() >= 3
    assert spent[some] == pytest.approx((share * money)[some], rel=1e-3)


def test_a_grid_worker_whose_grid_reaches_no_branch_is_not_paid(several_grids: JointPointModel) -> None:
    world, whistle = several_grids.world, rule(several_grids, "whistle")
    place = world.place_names.index("BL")
    links = [link for link in world.points.active_links("grid_branch") if link.village == place]
    world.points.set_active(links[0], False)
    whistle.needs(world)
    cut = world.households.place == place
    cut &= world.points.grid == int(links[0].target.rpartition("/")[2])
    before = world.ledger.received.copy()
    envelope = world.envelope("grid")
    account = int(envelope.accounts[place])
    world.ledger.transfer(("outside", 0), ("programme", account), 1e6, "envelope")
    whistle.money = world.ledger.yuan("programme", envelope.accounts)
    whistle.distribution(world)
    got = (world.ledger.received - before).sum(axis=0)
    posts = whistle.posts[world.households.place[whistle.posts] == place]
    assert not got[posts[cut[posts]]].any()
    assert (got[posts[~cut[posts]]] > 0).any()
