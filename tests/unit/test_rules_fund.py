"""The fund: where its money comes from, who is paid in which order, and what is refused."""

from typing import Any

import numpy as np
import pytest

from abm.core.errors import InputError
from abm.mechanisms.social.fund import HARDSHIP, SCHOOL, STEPS
from abm.model.model import JointPointModel
from abm.model.plan import check_scenario, load_scenario
from abm.scenario.parameters import values_of
from abm.scenario.switches import ALL_ON, Arm
from abm.world.economics import capital_for
from abm.world.own_lines import HERDS
from abm.world.subsidies import offers, small_foundings, start_ups
from abm.world.world import OUTSIDE, World
from tests.limits.quiet import alike, quiet_model
from tests.worlds import t_district


def rule(model: JointPointModel, name: str) -> Any:
    return next(m for m in model.mechanisms if m.name == name)


def flow(world: World, kind: str, layer: str = "social") -> float:
    """Yuan of a kind and layer so far this year."""
    return sum(fen for (_, _, k, of), fen in world.ledger.flows.items() if (k, of) == (kind, layer)) / 100.0


def give(world: World, kind: str, row: int, yuan: float) -> None:
    world.ledger.transfer(OUTSIDE, (kind, row), yuan, "envelope")


def impoverish(world: World, rows: np.ndarray) -> None:
    accounts = ("household", rows)
    world.ledger.transfer(accounts, OUTSIDE, world.ledger.yuan("household", rows), "consumption")


@pytest.fixture
def quiet() -> JointPointModel:
    """A quiet world at its first tick; all households of the first place are linked with its fund, none else."""
    model = quiet_model(
        alike(),
        {
            "fund.applies_school": 0.001,
            "fund.applies_hardship": 0.001,
            "fund.applies_return": 0.001,
            "fund.gives": 0.001,
            "mutual_aid.tie": 0.001,
        },
        years=2,
    )
    world = model.world
    world.calendar.advance()
    world.points.household["fund"].active[world.households.place == 0] = True
    world.households.fund_tied = False
    return model


# --- sources ------------------------------------------------------------------------------------------


def test_those_who_did_well_give_a_share_of_their_income_if_they_are_linked(quiet: JointPointModel) -> None:
    world, h, fund = quiet.world, quiet.world.households, rule(quiet, "fund")
    there = int(np.flatnonzero(h.place == 1)[0])
    for row in (5, there):
        h.income_last[row] *= 5.0
        h.expected_income[row] = h.income_last[row]
        give(world, "household", row, 1e6)
    fund.ties(world)
    assert fund.donors.tolist() == [5]  # the other gives to kin alone: that is no rule of the fund
    fund._collect(world, world.points.reaches("fund"))
    assert flow(world, "fund_gift") == pytest.approx(fund.p.gift * world.dt * h.income_last[5], abs=0.01)
    assert world.ledger.income[3, 5] == -round(100 * flow(world, "fund_gift"))  # a transfer paid
    world.draws.uniforms["fund.gives"] = 0.999
    fund.ties(world)
    assert len(fund.donors) == 0  # who does not trust gives nothing


def test_the_collective_sets_aside_a_share_where_there_is_a_fund(quiet: JointPointModel) -> None:
    world, fund = quiet.world, rule(quiet, "fund")
    for place in (0, 1):
        world.institutions.collectives[place].income_last = 10_000.0
        give(world, "collective", place, 10_000.0)
    fund.year_end(world)
    assert flow(world, "set_aside") == pytest.approx(fund.p.set_aside * 10_000.0)
    assert world.ledger.yuan("collective")[1] == 10_000.0


def test_beyond_the_reserve_a_fund_buys_public_goods(quiet: JointPointModel) -> None:
    world, fund = quiet.world, rule(quiet, "fund")
    kept = fund.p.reserve * world.index * world.places.members_first[0]
    give(world, "fund", 0, kept + 5_000.0)
    fund.year_end(world)
    assert flow(world, "public_goods") == pytest.approx(5_000.0, abs=0.02)
    assert world.ledger.yuan("fund", 0) == pytest.approx(kept, abs=0.01)


def test_a_fund_to_which_nobody_belongs_is_wound_up(quiet: JointPointModel) -> None:
    world, fund = quiet.world, rule(quiet, "fund")
    give(world, "fund", 1, 3_000.0)
    fund.year_end(world)
    assert world.ledger.yuan("fund", 1) == 0.0
    assert world.ledger.yuan("collective", 1) == 3_000.0


# --- who is paid --------------------------------------------------------------------------------------


def test_the_committee_pays_by_merit_until_the_money_of_the_place_is_gone(quiet: JointPointModel) -> None:
    world, h = quiet.world, quiet.world.households
    there = int(np.flatnonzero(h.place == 1)[0])
    rows = np.array([2, 3, 4, there])
    budget = np.zeros(len(world.places))
    budget[:2] = 150.0, 10.0
    given = offers(world, budget, rows, np.full(4, 100.0), np.array([0.1, 0.9, 0.5, 0.0]), "fund.lot")
    assert given.tolist() == [0.0, 100.0, 50.0, 10.0]


@pytest.mark.parametrize("favour", [0.0, 2.0])
def test_a_tie_to_the_committee_counts_like_need(quiet: JointPointModel, favour: float) -> None:
    """The rival claim: with enough favour a household in less need is paid before one in more."""
    world, h, fund = quiet.world, quiet.world.households, rule(quiet, "fund")
    rows = np.array([2, 3])
    h.fund_tied[3] = True
    fund.p.favour = favour
    give(world, "fund", 0, 500.0)
    fund._award(
        world, np.full(len(world.places), 500.0), rows, np.full(2, 500.0), np.array([0.9, 0.3]), "scholarship"
    )
    assert world.ledger.income[3, rows].tolist() == ([50_000, 0] if favour == 0 else [0, 50_000])


def test_ties_to_the_committee_are_those_of_active_links(quiet: JointPointModel) -> None:
    world, h, fund = quiet.world, quiet.world.households, rule(quiet, "fund")
    fund.ties(world)
    assert len(fund.committee) == np.ceil(fund.p.committee * (h.place == 0).sum())
    aid, row = world.points.pairs["mutual_aid"], int(fund.committee[0])
    aid.active[(aid.a == row) | (aid.b == row)] = True
    aid.forget_adjacency()
    friends = aid.neighbours(len(h))[[row]].indices
    fund._know_ties(world)
    assert len(friends) > 0
    assert h.fund_tied[friends].all()
    aid.active[:] = False  # a masked tie carries no favour
    aid.forget_adjacency()
    world.points.pairs["kin"].active[:] = False
    world.points.pairs["kin"].forget_adjacency()
    fund._know_ties(world)
    assert np.flatnonzero(h.fund_tied).tolist() == fund.committee.tolist()
    world.points.household["fund"].active[:] = False
    fund._know_ties(world)
    assert not h.fund_tied.any()


def test_a_family_that_cannot_pay_gets_what_its_pupils_lack(quiet: JointPointModel) -> None:
    world, h, fund = quiet.world, quiet.world.households, rule(quiet, "fund")
    rows = np.array([2, 3, 4])
    impoverish(world, rows[:2])
    h.children[rows], h.care_due[rows] = 1, 0.0
    give(world, "fund", 0, 1e6)
    fund.ties(world)
    budget = np.where(np.arange(len(world.places)) == 0, 1e5, 0.0)
    before = world.ledger.income[3].copy()
    fund._pay_for_school(world, world.points.reaches("fund"), budget)
    got = (world.ledger.income[3] - before) / 100.0
    pupils = fund.school.pupils * world.index * world.dt
    assert got[rows[:2]] == pytest.approx(min(fund.p.aid, fund.school.fee) * pupils, abs=0.01)
    assert got[4] == 0.0  # it can pay by itself
    assert not got[h.place != 0].any()
    missed = h.school_missed.copy()
    rule(quiet, "schooling").spending(world)
    there = int(np.flatnonzero(h.place == 1)[0])
    assert h.school_missed[there] == missed[there]
    assert h.school_missed[4] == missed[4]


def test_rewards_go_by_step_and_marks_follow_parents(quiet: JointPointModel) -> None:
    world, h, fund = quiet.world, quiet.world.households, rule(quiet, "fund")
    world.draws.uniforms |= {"fund.examined": 0.001, "fund.marks": 0.5}
    rows = np.array([2, 3, 4, 5])
    h.children = 0
    h.children[rows] = 1
    spread = fund.first.schooling_spread / fund.p.from_parents
    h.schooling[rows] = fund.first.schooling_rural + spread * np.array([-0.1, 0.1, 1.0, 2.0])
    give(world, "fund", 0, 1e6)
    fund.ties(world)
    fund._reward(world, world.points.reaches("fund"), np.full(len(world.places), 1e6))
    first = fund.p.reward * world.index
    sizes = [size for _, size in STEPS]
    assert world.ledger.income[3, rows] / 100.0 == pytest.approx([0.0, *(first * s for s in sizes)], abs=0.01)


def test_in_hardship_the_fund_fills_up_what_kin_have_left(quiet: JointPointModel) -> None:
    world, h, fund = quiet.world, quiet.world.households, rule(quiet, "fund")
    there = int(np.flatnonzero(h.place == 1)[0])
    impoverish(world, np.array([2, there]))
    give(world, "fund", 0, 1e6)
    fund._relieve(world, world.points.reaches("fund"), np.full(len(world.places), 1e5))
    food = fund.food * world.index * world.residents()[2] * world.dt
    assert world.ledger.yuan("household", 2) == pytest.approx(food, abs=0.01)
    assert world.ledger.yuan("household", there) == 0.0
    assert h.contact[2] == 1.0
    world.draws.uniforms["fund.applies_hardship"] = 0.999  # who does not apply gets nothing
    impoverish(world, np.array([2]))
    fund._relieve(world, world.points.reaches("fund"), np.full(len(world.places), 1e5))
    assert world.ledger.yuan("household", 2) == 0.0


def test_a_subsidy_pays_a_part_of_what_pays_and_can_be_paid(quiet: JointPointModel) -> None:
    world, h = quiet.world, quiet.world.households
    rows = np.array([2, 3, 4])
    h.line[rows], h.improved[rows], h.capital[rows] = HERDS, True, 10_000.0
    h.own_value[rows] = [50_000.0, 50_000.0, 1.0]  # the third earns nothing by capital
    h.expected_income[rows] = 20_000.0
    impoverish(world, rows[1:2])  # the second has no cash, and credit for less than its part
    h.expected_income[3] = 0.0
    give(world, "household", 2, 50_000.0)
    give(world, "household", 4, 50_000.0)
    give(world, "fund", 0, 1e5)
    cash = world.ledger.yuan("household", 2)
    everywhere = np.arange(len(world.places))
    budget = np.where(everywhere == 0, 3_000.0, 0.0)  # for one of the three
    merit = np.array([0.0, 1.0, 1.0])  # those who cannot, or would not, are in nobody's way
    wish = np.full(3, 10_000.0)
    did = start_ups(world, ("fund", everywhere), budget, rows, wish, 0.3, merit, "fund.lot", "social")
    assert did.tolist() == [2]
    assert h.capital[rows].tolist() == [20_000.0, 10_000.0, 10_000.0]
    assert flow(world, "start_up_subsidy") == 3_000.0
    assert world.ledger.yuan("household", 2) == pytest.approx(cash - 7_000.0)
    assert world.ledger.imbalance() == 0


def test_who_comes_home_with_money_founds_an_enterprise_of_its_own(quiet: JointPointModel) -> None:
    """返乡创业: the fund pays a part, the founder the rest; who cannot pay founds nothing."""
    world, h, firms = quiet.world, quiet.world.households, quiet.world.enterprises
    rows, before = np.array([2, 3]), len(quiet.world.enterprises)
    for row in rows:
        impoverish(world, np.array([row]))
    h.expected_income[rows] = 1.0
    give(world, "household", 2, 500_000.0)
    give(world, "fund", 0, 1e5)
    purse, budget = ("fund", np.arange(len(world.places))), world.ledger.yuan("fund")
    did = small_foundings(world, purse, budget, rows, 1.0, 0.3, np.zeros(2), "fund.lot", "social")
    assert did.tolist() == [2]
    new = np.arange(before, len(firms))
    assert (firms.owner[new].tolist(), firms.owner_share[new].tolist()) == ([2], [1.0])
    shared, wage = values_of(world.settings, "enterprise"), world.places.usual_wage[[0]]
    capital = float(capital_for(shared, np.ones(1), wage)[0])
    whole = capital + shared.buffer * float(wage[0])
    assert flow(world, "founding_capital") == pytest.approx(0.3 * whole, abs=0.01)
    assert firms.capital[new[0]] == pytest.approx(capital)
    assert world.ledger.yuan("household", 2) == pytest.approx(500_000.0 - 0.7 * whole, abs=0.02)
    assert world.ledger.yuan("enterprise", new[0]) == pytest.approx(whole - capital, abs=0.02)
    assert world.ledger.imbalance() == 0


@pytest.mark.parametrize("months", [3, 1])
def test_who_is_passed_over_for_the_kin_of_the_committee_trusts_less(
    quiet: JointPointModel, months: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the same in a quarter, in however many ticks."""
    monkeypatch.setattr(type(quiet.world.calendar), "dt", months / 12.0)
    world, h, fund = quiet.world, quiet.world.households, rule(quiet, "fund")
    rows, trust = np.array([2, 3]), quiet.world.households.trust.copy()
    h.fund_tied[3], fund.p.favour = True, 2.0
    give(world, "fund", 0, 500.0)
    everywhere = np.full(len(world.places), 500.0)
    fund._award(world, everywhere, rows, np.full(2, 500.0), np.array([0.9, 0.3]), "scholarship")
    assert h.trust[2] == pytest.approx(trust[2] * (1.0 - fund.p.wound) ** (months / 3.0))
    assert h.trust[3] == trust[3]


def test_help_in_hardship_is_at_stake_while_the_link_holds(quiet: JointPointModel) -> None:
    world, h, fund = quiet.world, quiet.world.households, rule(quiet, "fund")
    give(world, "fund", 0, 500.0)
    everywhere = np.full(len(world.places), 500.0)
    fund._award(world, everywhere, np.array([2]), np.full(1, 400.0), np.ones(1), "hardship_aid")
    h.at_stake.fill(0.0)
    fund.targeting(world)
    assert h.at_stake[2] == pytest.approx(400.0 * (1.0 - world.calendar.kept(1.0)) / world.dt)
    world.points.household["fund"].active[:] = False
    h.at_stake.fill(0.0)
    fund.targeting(world)
    assert not h.at_stake.any()


def test_who_has_come_home_is_seen(quiet: JointPointModel) -> None:
    world, h, fund = quiet.world, quiet.world.households, rule(quiet, "fund")
    h.migrants[[2, 3]] = 1
    fund.enterprise(world)
    h.migrants[2] = 0
    fund.labour(world)
    assert fund.returned.tolist() == [2]


# --- in a whole district ------------------------------------------------------------------------------


def years(arm: Arm = ALL_ON, **settings: float) -> JointPointModel:
    return JointPointModel(
        t_district(**settings), households=800, years=8, views=False, rng=1, arm=arm, journal=True
    )


def kinds(model: JointPointModel, since: int) -> dict[tuple[str, str], float]:
    """Yuan by kind and layer in entries of the journal from that one on."""
    sums: dict[tuple[str, str], float] = {}
    for entry in model.world.ledger.journal[since:]:
        key = (entry.kind, entry.layer)
        sums[key] = sums.get(key, 0.0) + float(entry.paid.sum()) / 100.0
    return sums


@pytest.mark.parametrize("cut", [False, True])
def test_an_earmarked_grant_needs_its_link(cut: bool) -> None:
    """With it the money goes to the fund, to farms and to works; without, to works of the neutral budget alone."""
    model = years(Arm(organizational=not cut, from_year=2019))
    model.run()
    passed = kinds(model, 0)
    through = {kind for kind, layer in passed if layer == "organizational"} & {"earmarked", "public_goods"}
    assert through == (set() if cut else {"earmarked", "public_goods"})
    accounts = model.world.envelope("grant").accounts
    assert not model.world.ledger.balances["programme"][accounts].any()
    assert any(layer == "" and kind == "public_goods" for kind, layer in passed)


def test_with_the_social_layer_cut_kin_still_help_and_the_funds_are_empty() -> None:
    model = years(Arm(social=False, from_year=2019))
    model.run()
    assert not model.world.ledger.balances["fund"].any()
    passed = kinds(model, 0)
    assert passed[("kin_help", "background")] > 0


def test_funds_spend_no_more_than_they_have() -> None:
    model = years(fund__reserve=0.0, fund__gift=0.02)
    while model.running:
        model.step()
        assert (model.world.ledger.balances["fund"] >= 0).all()
    assert not model.world.ledger.balances["fund"].any()  # nothing is kept
    passed = kinds(model, 0)
    sources = sum(passed.get(key, 0.0) for key in (("fund_gift", "social"), ("set_aside", "social")))
    sources += passed.get(("earmarked", "organizational"), 0.0)
    uses = (
        "scholarship",
        "exam_reward",
        "hardship_aid",
        "start_up_subsidy",
        "founding_capital",
        "public_goods",
    )
    spent = sum(passed.get((kind, "social"), 0.0) for kind in uses) + passed.get(("wound_up", ""), 0.0)
    assert sources > 0
    assert spent == pytest.approx(sources, abs=1.0)


# --- a scholarship without payer ----------------------------------------------------------------------

NO_PAYER = {"fund.gift": 0.0, "fund.set_aside": 0.0, "grant.to_fund": 0.0}


def test_a_scholarship_without_payer_is_refused() -> None:
    with pytest.raises(InputError, match=r"fund\.aid: scholarships without a payer") as refused:
        load_scenario("t_district", NO_PAYER)
    assert "fund.gift" in str(refused.value)


@pytest.mark.parametrize("source", [*NO_PAYER, "no scholarships"])
def test_one_source_is_enough_and_no_scholarship_needs_none(source: str) -> None:
    given = {key: value for key, value in NO_PAYER.items() if key != source}
    if source == "no scholarships":
        given |= {"fund.aid": 0.0, "fund.reward": 0.0}
    assert load_scenario("t_district", given)


def test_a_collective_without_income_and_a_grant_without_programme_are_no_payers() -> None:
    scenario = load_scenario("t_district", {"fund.gift": 0.0})
    listed = tuple(name for name in scenario.scenario.mechanisms if name != "profit_sharing")
    head = scenario.scenario.model_copy(update={"mechanisms": listed})
    poorer = scenario.model_copy(update={"scenario": head})
    check_scenario(poorer)  # the grant still pays
    programmes = tuple(p for p in scenario.programmes if p.pays_for != "grant")
    with pytest.raises(InputError, match="without a payer"):
        check_scenario(poorer.model_copy(update={"programmes": programmes}))


def quiet_of(ticks: int) -> JointPointModel:
    """A quiet world with so many ticks a year."""
    scenario = alike()
    head = scenario.scenario.model_copy(update={"ticks_per_year": ticks})
    return quiet_model(scenario.model_copy(update={"scenario": head}), {"mutual_aid.tie": 0.001}, years=2)


@pytest.mark.parametrize("ticks", [4, 12])
def test_each_use_has_its_share_of_what_the_fund_has_had_in_the_year(ticks: int) -> None:
    """Whatever is asked for is taken up: of a year's money, some of it given in the middle, half goes for school."""
    model = quiet_of(ticks)
    world, fund = model.world, rule(model, "fund")
    given = {"school": 0.0, "hardship": 0.0}

    def take(use: str, account: int) -> None:
        budget = fund._budgets(world)[account][0] / world.calendar.ticks_left
        with fund._spending(world, account):
            world.ledger.transfer(("fund", 0), OUTSIDE, budget, "consumption")
        given[use] += budget

    world.calendar.advance()
    fund.ties(world)
    give(world, "fund", 0, 1000.0)
    for tick in range(ticks):
        if tick == ticks // 2:
            give(world, "fund", 0, 200.0)
        take("school", SCHOOL)
        take("hardship", HARDSHIP)
        world.calendar.advance()
    assert given["school"] == pytest.approx(fund.p.for_school * 1200.0, abs=0.1)
    assert given["hardship"] == pytest.approx(fund.p.for_hardship * 1200.0, abs=0.1)
    fund.ties(world)  # a new year begins with what is left
    left = world.ledger.yuan("fund")[0]
    assert fund._budgets(world)[:, 0] == pytest.approx(np.array([0.5, 0.3, 0.2]) * left)


def test_shares_of_more_than_the_whole_are_cut_alike() -> None:
    model = JointPointModel(
        t_district(fund__for_school=1.0, fund__for_hardship=0.6, fund__for_return=0.4),
        households=200,
        years=1,
        views=False,
        rng=1,
    )
    assert rule(model, "fund").shares == pytest.approx([0.5, 0.3, 0.2])


@pytest.mark.parametrize("ticks", [4, 12])
def test_steady_help_stands_at_what_it_is_in_a_year(ticks: int) -> None:
    model = quiet_of(ticks)
    world, h, fund = model.world, model.world.households, rule(model, "fund")
    world.calendar.advance()
    world.points.household["fund"].active[2] = True
    for _ in range(12 * ticks):
        give(world, "fund", 0, 500.0)
        budget = np.full(len(world.places), 500.0)
        fund._award(world, budget, np.array([2]), np.full(1, 400.0 * world.dt), np.ones(1), "hardship_aid")
        fund.targeting(world)
    assert h.aid_seen[2] == pytest.approx(400.0, rel=1e-3)
