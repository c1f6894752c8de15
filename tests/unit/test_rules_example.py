"""Party members show what they have tried; favours for some that become favours for all."""

import numpy as np
import pytest

from abm import JointPointModel
from abm.core.draws import FixedDraws
from abm.mechanisms.background.investment import Investment
from abm.world import technique
from tests.worlds import finish, t_district


def rule(model: JointPointModel, name: str):
    return next(m for m in model.mechanisms if m.name == name)


def one_member() -> tuple[JointPointModel, int, np.ndarray]:
    """All households of one place in its grid, of whom one member's works with the improved technique."""
    model = JointPointModel(t_district(), households=600, years=2, rng=3, views=False)
    world, h = model.world, model.world.households
    world.calendar.advance()
    here = np.flatnonzero(h.place == 0)
    world.points.household["grid"].active[here] = True
    h.party_member.fill(False)
    h.improved.fill(False)
    home = here[h.own_workers[here] > 0]
    member = int(home[0])
    h.party_member[member] = h.improved[member] = True
    return model, member, home[1:]


def test_each_household_of_the_grid_is_shown_it_with_its_chance() -> None:
    model, member, others = one_member()
    world, h, p = model.world, model.world.households, rule(model, "example").p
    rule(model, "example").needs(world)
    expected = -np.expm1(-p.visits / len(others) * world.dt)
    assert h.shown[others] == pytest.approx(expected)
    assert np.flatnonzero(h.shown).tolist() == others.tolist()
    assert h.shown_product[others] == pytest.approx(h.own_value[member] / technique.factor(world)[member])
    assert h.busy[member] == pytest.approx(p.time / h.own_workers[member])
    assert np.flatnonzero(h.busy).tolist() == [member]


@pytest.mark.parametrize("missing", ["grid", "member", "technique"])
def test_without_grid_member_or_technique_nobody_is_shown_anything(missing: str) -> None:
    model, member, _ = one_member()
    world, h = model.world, model.world.households
    if missing == "grid":
        world.points.household["grid"].active[member] = False
    elif missing == "member":
        h.party_member[member] = False
    else:
        h.improved[member] = False
    rule(model, "example").needs(world)
    assert not h.shown.any()
    assert not h.busy.any()


def decided(model: JointPointModel, row: int, *, u: float, shown: float, shown_product: float) -> bool:
    """Whether a household with ample cash buys the capital that the improved technique needs."""
    world, h = model.world, model.world.households
    invest: Investment = rule(model, "investment")
    world.draws = FixedDraws({"investment.decision": u})
    h.shown.fill(0.0)
    h.shown[row], h.shown_product[row] = shown, shown_product
    wish, _ = invest._wanted(world, invest.p.wear * world.dt * h.capital)
    return bool(wish[row] >= h.improved_needs[row] * world.index - h.capital[row])


def test_who_is_shown_it_decides_by_what_others_make_and_may_be_wrong() -> None:
    model, _, others = one_member()
    world, h = model.world, model.world.households
    row, invest = int(others[0]), rule(model, "investment")
    alone = world.calendar.chance(invest.p.decision)
    world.ledger.transfer(("outside", 0), ("household", row), 1e6, "opening")
    world.households.cash_first[row] = 1e6
    needs = h.improved_needs[row] * world.index
    h.capital[row] = 0.5 * needs
    h.own_value[row] = 0.2 * needs  # too little for it to pay
    quick, slow = 0.5 * alone, 0.5 * (1.0 + alone)
    for u in (quick, slow):
        assert not decided(model, row, u=u, shown=0.0, shown_product=0.0)
    assert decided(model, row, u=slow, shown=1.0, shown_product=1000.0 * h.own_value[row])
    assert not decided(model, row, u=slow, shown=1.0, shown_product=h.own_value[row])
    # who thinks of it alone goes by its own product, whoever shows what
    assert not decided(model, row, u=quick, shown=1.0, shown_product=1000.0 * h.own_value[row])
    h.own_value[row] = 2.0 * needs  # it pays well
    assert decided(model, row, u=quick, shown=0.0, shown_product=0.0)
    assert not decided(
        model, row, u=slow, shown=0.0, shown_product=0.0
    )  # and nobody thinks of it: the other channel
    assert decided(model, row, u=slow, shown=1.0, shown_product=h.own_value[row])


def test_patrols_call_more_often_on_the_listed_poor_until_all_are_served_alike() -> None:
    """At an equal number of visits in all."""
    model, _, _ = one_member()
    world, h = model.world, model.world.households
    whistle, here = rule(model, "whistle"), np.flatnonzero(h.place == 0)
    h.dibao.fill(False)
    h.dibao[here[:2]] = True
    assert world.year < whistle.p.general_from
    whistle.tied = np.ones(len(h), bool)
    visits = whistle._visits(world)
    reached = world.points.reaches("grid") & (h.place == 0)
    assert visits[reached].mean() == pytest.approx(whistle.p.patrol)
    assert visits[here[0]] == pytest.approx(whistle.p.favour * visits[here[5]])
    assert visits[here[5]] < whistle.p.patrol < visits[here[0]]
    whistle.p.general_from = world.year
    assert (whistle._visits(world) == whistle.p.patrol).all()


def test_when_favours_end_is_a_setting() -> None:
    """It changes nothing before the grid is there, and something after."""
    size = {"households": 900, "years": 7, "rng": 4, "views": False, "snapshots": True}
    general, favoured = (
        finish(JointPointModel(t_district(whistle__general_from=year, whistle__favour=20.0), **size)).flows
        for year in (2014.0, 2035.0)
    )
    assert general[general.year < 2019].equals(favoured[favoured.year < 2019])
    assert not general.equals(favoured)
