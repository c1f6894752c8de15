"""One village: it is the whole district, and alone it is what it was among others where no market joins them."""

from collections.abc import Callable, Iterator
from functools import cache

import numpy as np
import pandas as pd
import pytest

from abm.mechanisms.background.own_account import OwnAccount
from abm.model.model import JointPointModel
from abm.scenario.schema import Scenario
from abm.world import build
from tests.limits.cut_down import with_places, with_rules, without_plans
from tests.worlds import HARD_TIMES, Finished, finish, t_district

VILLAGES = ("BQ", "BL", "SJ", "V04", "V05")
WITHIN = (
    "births", "succession", "floating", "productivity", "insurance", "illness", "disability", "needs", "pensions",
    "hub_failure", "digital", "whistle", "example", "volunteers", "schooling", "consumption", "debt", "investment",
    "casual_work", "own_account", "land_rental", "kin_help", "mutual_aid", "points", "grant", "fund", "trust",
)  # fmt: skip
"""Rules by which nobody deals with anybody of another village.

The others join villages: jobs, wages, migration, enterprises, demand and projects by the labour market of the district;
taxes, dibao and public_budget by its budget; alliance by its branches; courtyard and homestay by their one market; and
ageing, since schooling follows the mean of all villages."""
OF_THE_DISTRICT = {
    "theil_t_between_villages", "theil_t_between_urban_rural", "messages_organizational", "messages_interest",
    "messages_social", "outside_net_per_head",
}  # fmt: skip
"""Measures that are made for the whole only."""
EACH, SEED = 200, 3


@cache
def alone(name: str = "SJ") -> Finished:
    """A village with every rule, by itself."""
    scenario = with_places(t_district(**HARD_TIMES), [name])
    return finish(JointPointModel(scenario, 300, 8, views=False, rng=SEED, snapshots=True))


# --- one village is the district --------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["SJ", "BQ", "C01"])
def test_the_district_its_side_and_the_village_are_one_row(name: str) -> None:
    outcomes, villages = alone(name).tables["outcomes"], alone(name).tables["villages"]
    side, other = ("urban", "rural") if name == "C01" else ("rural", "urban")
    of = {group: rows.reset_index(drop=True) for group, rows in outcomes.groupby("population")}
    assert (of[other].persons == 0).all()
    shared = [column for column in villages if column in of["all"] and column not in OF_THE_DISTRICT]
    assert len(shared) > 40
    for table in (villages.reset_index(drop=True), of[side]):
        pd.testing.assert_frame_equal(table[shared], of["all"][shared], check_exact=True)


def test_nothing_lies_between_villages_or_between_town_and_country() -> None:
    district = alone().district
    for name in ("theil_t_between_villages", "theil_t_between_urban_rural"):
        assert district[name].abs().max() <= 1e-12
        assert finished_of(VILLAGES).district["theil_t_between_villages"].min() > 1e-4
    assert district.urban_rural_ratio.isna().all()
    assert (district.theil_t > 0.05).all()


def test_all_jobs_are_in_it_and_it_pairs_with_nobody() -> None:
    world = alone().model.world
    workers, firms = world.workers, world.enterprises
    assert set(firms.place) == {0}
    assert set(firms.place[workers.employer[workers.employer >= 0]]) == {0}
    assert {link.village for link in world.points.links.values()} <= {0, -1}
    assert not {"alliance", "pairing"}.intersection(link.kind for link in world.points.links.values())
    assert {"grid_branch", "project", "station"} <= {link.kind for link in world.points.links.values()}


def test_money_passes_every_layer_and_sums_to_0_in_it() -> None:
    found = alone()
    assert set(found.flows.layer) == {"", "background", "organizational", "interest", "social"}
    assert found.model.world.ledger.imbalance() == 0
    assert (found.district.ledger_imbalance == 0).all()


@cache
def finished_of(names: tuple[str, ...]) -> Finished:
    scenario = with_places(t_district(**HARD_TIMES), names)
    return finish(JointPointModel(scenario, 300, 3, views=False, rng=SEED, snapshots=True))


# --- and alone it is what it was among others -------------------------------------------------------------


@pytest.fixture
def apart(monkeypatch: pytest.MonkeyPatch) -> Callable[..., JointPointModel]:
    """Makes villages that no market joins: own produce has one price, and land is measured by one norm."""
    fill, start = build._fill_places, OwnAccount.start

    def fill_alike(world, rows, people):
        fill(world, rows, people)
        world.places.land_norm = 3.0  # else the mean of all villages

    def start_alike(rule, world):
        start(rule, world)
        rule.glut = 0.0  # else more of a line anywhere lowers its price everywhere
        world.places.own_price, rule.line_price[:] = 1.0, 1.0
        labour = rule._labour(world)
        rule._set_products(world, labour, labour**rule.p.labour_exponent, rule._factor(world))

    monkeypatch.setattr(build, "_fill_places", fill_alike)
    monkeypatch.setattr(OwnAccount, "start", start_alike)
    return lambda names, rules=WITHIN: JointPointModel(
        within(names, rules), EACH * len(names), 8, views=False, rng=SEED, snapshots=True
    )


def within(names: tuple[str, ...], rules: tuple[str, ...]) -> Scenario:
    scenario = with_places(with_rules(t_district(**HARD_TIMES), rules), names, people=4000)
    return without_plans(scenario, "alliance", "pairing", "project")


def differences(one: JointPointModel, many: JointPointModel) -> Iterator[str]:
    """What differs between the village alone and among the others, to the last bit."""
    row = many.world.place_names.index(one.world.place_names[0])
    h, all_households = one.world.households, many.world.households
    mine = all_households.place == row
    yield from (n for n in h if n != "place" and not np.array_equal(h[n], all_households[n][mine]))
    cash = many.world.ledger.balances["household"][mine]
    if not np.array_equal(one.world.ledger.balances["household"], cash):
        yield "cash"
    for kind in ("collective", "social_organization", "fund"):
        if one.world.ledger.balances[kind][0] != many.world.ledger.balances[kind][row]:
            yield f"account of the {kind}"


@pytest.mark.parametrize("name", ["SJ", "BQ"])
def test_alone_it_is_what_it_is_among_others(apart: Callable[..., JointPointModel], name: str) -> None:
    """Every household's state and every account after each tick: seven and twenty rules, eight years."""
    one, many = apart((name,)), apart(VILLAGES)
    assert many.world.places.households.tolist() == [EACH] * len(VILLAGES)
    while one.running:
        assert list(differences(one, many)) == [], one.world.tick
        one.step()
        many.step()
    assert list(differences(one, many)) == []
    mine, theirs = (finish(model).tables["villages"] for model in (one, many))
    theirs = theirs[theirs.village == name]
    # who is poor is told by the median of the whole, the rest is its own
    own = ["persons", "mean_income", "gini", "theil_t", "mean_trust", "savings_years", "share_transfer"]
    pd.testing.assert_frame_equal(mine[own].reset_index(drop=True), theirs[own].reset_index(drop=True))
    passed = {(kind, layer) for year in one.recorder.years for (*_, kind, layer) in year.flows}
    assert {layer for _, layer in passed} == {"", "background", "organizational", "social"}
    assert len({kind for kind, _ in passed}) >= 25  # there was something to compare


@pytest.mark.parametrize("joining", [("labour",), ("ageing",), ("courtyard",)], ids=lambda rules: rules[0])
def test_a_rule_that_joins_villages_would_be_seen(
    apart: Callable[..., JointPointModel], joining: tuple[str, ...]
) -> None:
    one, many = apart(("SJ",), (*WITHIN, *joining)), apart(VILLAGES, (*WITHIN, *joining))
    while one.running:
        one.step()
        many.step()
    assert list(differences(one, many)) != []
