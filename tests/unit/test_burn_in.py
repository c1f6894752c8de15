"""The burn-in: what holds in it and what does not, and that keeping it changes no bit of a result."""

import os
import pickle
import subprocess
import sys
from collections.abc import Mapping
from io import StringIO
from math import isnan
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from abm.agents.household import Household
from abm.core.draws import FixedDraws
from abm.core.errors import InputError
from abm.laws.books import Books, counts
from abm.model import cache
from abm.model.burn_in import before_start, cache_key
from abm.model.model import JointPointModel
from abm.model.plan import load_scenario, settings
from abm.runs.batch import factorial
from abm.runs.simulate import simulate
from abm.scenario.schema import Scenario
from abm.scenario.switches import Arm, eight_arms
from tests.worlds import Finished, finish, t_district

YEARS = 2
SIZE = {"households": 300, "years": 3, "views": False, "rng": 4}


def burnt(**overrides: object) -> Scenario:
    """T District after two years of burn-in, with a programme for volunteers from before the start on."""
    return t_district(
        **{
            "scenario__burn_in": YEARS,
            "scenario__switch_year": 2015,
            "programmes__volunteers_pilot__from_year": 2010,
            "programmes__grid_pilot__from_year": 2015,
            **overrides,
        }
    )


def made(scenario: Scenario | None = None, **arguments: Any) -> JointPointModel:
    return JointPointModel(scenario or burnt(), **{**SIZE, **arguments})


def same(a: Finished, b: Finished) -> None:
    for name, table in a.tables.items():
        pd.testing.assert_frame_equal(b.tables[name], table, check_exact=True)
    for kind, held in a.model.world.ledger.balances.items():
        assert np.array_equal(held, b.model.world.ledger.balances[kind]), kind
    collected = [f.model.datacollector.get_model_vars_dataframe() for f in (a, b)]
    pd.testing.assert_frame_equal(*collected, check_exact=True)


@pytest.fixture(scope="module")
def uncached() -> Finished:
    return finish(made(cache=False, snapshots=True))


# --- the years before the first ---------------------------------------------------------------------


def test_the_model_stands_before_the_first_tick_of_its_first_year() -> None:
    model = made(cache=False)
    assert (model.year, model.world.tick, model.running, model.steps) == (2014, 4 * YEARS - 1, True, 0)
    assert model.world.burning_in
    model.step()
    assert (model.year, model.world.tick) == (2014, 4 * YEARS)
    assert not model.world.burning_in
    model.run()
    assert (model.year, model.world.tick) == (2016, 4 * (YEARS + 3) - 1)
    collected = model.datacollector.get_model_vars_dataframe()
    assert len(collected) == 12
    assert collected.iloc[:3].isna().all().all()  # though years of the burn-in have ended before
    assert not isnan(collected.gini.iloc[3])


def test_results_begin_with_the_first_year(uncached: Finished) -> None:
    for name, table in uncached.tables.items():
        if len(table) and name != "burn_in":
            assert table.year.min() >= 2014, name
    assert list(uncached.district.index) == [2014, 2015, 2016]


def test_prices_and_wages_stand_still_before_the_start() -> None:
    model = made(cache=False)
    outside = model.world.outside
    for path in (outside.index, outside.wage):
        assert path(1990) == path(2013) == path(2014) != path(2015)
    assert model.world.index == outside.index(2014)


def test_plans_of_the_start_hold_from_the_first_tick_of_the_burn_in_and_later_ones_do_not() -> None:
    points = made(burnt(scenario__start_year=2019, scenario__switch_year=2020), cache=False).world.points
    formed = {name: set(np.unique(links.since).tolist()) for name, links in points.household.items()}
    assert formed["grid"] == {0, 2019}  # of 2019, and not those of 2022 to 2024
    assert points.household["grid"].active.sum() == (points.household["grid"].since == 2019).sum() > 0
    institutions = {link.since for link in points.links.values()}
    assert institutions == {2014, 2019}
    at_start = made(cache=False).world.points
    assert not at_start.household["grid"].active.any()
    assert at_start.household["volunteer"].active.any()


def test_projects_of_the_start_are_kept_up_until_the_start_and_no_longer() -> None:
    """Enterprises come and go; of those founded in the burn-in the same share is under contract."""
    case = burnt(joint_points__4__share=1.0, joint_points__4__places="villages", scenario__burn_in=8)
    model = made(case, cache=False, households=900)
    model.step()
    firms = model.world.enterprises
    here = np.flatnonzero(~model.world.places.urban)
    linked = [
        model.graph.nodes[link.source]["agent"].row for link in model.world.points.active_links("project")
    ]
    before = set(np.flatnonzero(firms.open & np.isin(firms.place, here) & (firms.founded < 2014)).tolist())
    assert before <= set(linked)
    assert (firms.founded[linked] > 2006).any()
    model.run()
    later = np.flatnonzero(firms.open & np.isin(firms.place, here) & (firms.founded > 2014))
    assert set(later.tolist()).isdisjoint(
        model.graph.nodes[link.source]["agent"].row for link in model.world.points.active_links("project")
    )


def test_programmes_of_before_the_start_pay_in_the_burn_in_and_later_ones_do_not() -> None:
    model = made(cache=False, journal=True)
    world = model.world
    assert world.ledger.journal is not None
    before = [e for e in world.ledger.journal if e.kind == "envelope"]
    volunteers = world.envelope("volunteer")
    assert volunteers is not None
    assert len(before) == YEARS
    assert all(np.array_equal(entry.payee[1], volunteers.accounts) for entry in before)
    model.run()
    paid = [e for e in world.ledger.journal if e.kind == "envelope" and e.paid.sum() > 0]
    grid = world.envelope("grid")
    assert grid is not None
    assert sum(np.array_equal(entry.payee[1], volunteers.accounts) for entry in paid) == YEARS + 3
    assert sum(np.array_equal(entry.payee[1], grid.accounts) for entry in paid) == 2


def test_money_is_conserved_from_the_first_tick_of_the_burn_in_on() -> None:
    model = made(cache=False, journal=True)
    books, ledger = Books(), model.world.ledger
    while model.running:
        model.step()
    assert ledger.journal is not None
    books.enter(ledger.journal, counts(ledger))
    assert ledger.imbalance() == 0
    for kind, held in ledger.balances.items():
        assert [books.balances[(kind, row)] for row in range(len(held))] == held.tolist()


@pytest.mark.parametrize("arm", [Arm(False, False, False), Arm(0.5, social=False)], ids=["none", "weak"])
def test_switches_act_from_the_first_year_at_the_earliest(arm: Arm) -> None:
    on, off = made(cache=False), made(arm=arm, cache=False)
    for kind, held in on.world.ledger.balances.items():
        assert np.array_equal(held, off.world.ledger.balances[kind]), kind
    for name in on.world.households.names:
        assert np.array_equal(on.world.households[name], off.world.households[name]), name
    assert on.world.points.household["volunteer"].active.any()
    assert not off.world.points.household["volunteer"].active.any()  # at the eve already
    assert off.graph.number_of_edges() < on.graph.number_of_edges()


def test_a_switch_of_the_scenario_dated_before_the_start_spares_the_burn_in() -> None:
    plain = burnt()
    switched = plain.model_copy(update={"switches": Arm(social=False, from_year=2000).switches()})
    a, b = made(plain, cache=False), made(switched, cache=False)
    assert np.array_equal(a.world.ledger.balances["household"], b.world.ledger.balances["household"])
    assert not b.world.points.household["volunteer"].active.any()


def test_the_burn_in_makes_a_difference() -> None:
    a, b = (made(burnt(scenario__burn_in=years), cache=False) for years in (0, YEARS))
    assert not np.array_equal(a.world.ledger.balances["household"], b.world.ledger.balances["household"])


@pytest.mark.parametrize("years", [-1, 101, 1.5, True])
def test_a_burn_in_that_cannot_be(years: object) -> None:
    with pytest.raises(InputError, match=r"scenario\.burn_in"):
        load_scenario("t_district", {"scenario.burn_in": years})


# --- keeping it -------------------------------------------------------------------------------------


def test_kept_computed_and_recomputed_are_one(
    uncached: Finished, cache_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = finish(made(snapshots=True))
    (file,) = cache_folder.iterdir()
    content = file.read_bytes()
    second = finish(made(snapshots=True))
    assert [path.name for path in cache_folder.iterdir()] == [file.name]
    assert capsys.readouterr().err == ""
    same(uncached, first)
    same(uncached, second)
    for damaged in (content[:-1], content[:100], b"", content[:500] + b"\0" + content[501:], b"x" * 3000):
        file.write_bytes(damaged)
        same(uncached, finish(made(snapshots=True)))
        assert file.read_bytes() == content


def test_a_damaged_file_is_told_of_in_one_line(
    cache_folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "_said", set())
    made()
    (file,) = cache_folder.iterdir()
    file.write_bytes(b"damaged")
    made()
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert "damaged" in said[0]
    assert file.name in said[0]


def test_the_folder_is_the_users_alone(cache_folder: Path) -> None:
    made()
    assert cache_folder.stat().st_mode & 0o777 == 0o700
    (file,) = cache_folder.iterdir()
    assert file.stat().st_mode & 0o077 == 0


def test_a_file_that_others_may_write_is_not_read(cache_folder: Path, uncached: Finished) -> None:
    made()
    (file,) = cache_folder.iterdir()
    file.chmod(0o666)
    assert cache.read(file.stem) is None
    same(uncached, finish(made(snapshots=True)))


def test_agents_of_a_kept_burn_in_live_in_the_new_model(cache_folder: Path) -> None:
    computed, kept = made(views=True, rng=9), made(views=True, rng=9)
    assert len(list(cache_folder.iterdir())) == 1
    for model in (computed, kept):
        behind = {data["agent"] for _, data in model.graph.nodes(data=True)}
        assert {agent for agent in model.agents if not isinstance(agent, Household)} == behind
        assert all(agent.model is model for agent in model.agents)
        assert len(model.agents_by_type[Household]) == 300
    numbers = [[(type(a), a.unique_id) for a in model.agents] for model in (computed, kept)]
    assert numbers[0] == numbers[1]
    same(finish(computed), finish(pickle.loads(pickle.dumps(kept))))


def test_arms_budgets_questions_and_years_share_one_file(cache_folder: Path) -> None:
    for arm in (*eight_arms("cut", 2015), *eight_arms("programme", 2015), Arm(social=0.3)):
        made(arm=arm, budget="withheld" if arm.interest else "neutral")
    made(years=1)
    assert len(list(cache_folder.iterdir())) == 1


def test_arms_are_equal_to_the_last_bit_before_the_switch(cache_folder: Path, uncached: Finished) -> None:
    for arm in eight_arms("cut", 2015):
        other = finish(made(arm=arm, snapshots=True))
        for name, table in uncached.tables.items():
            a, b = (t[t.year < 2015].reset_index(drop=True) for t in (table, other.tables[name]))
            pd.testing.assert_frame_equal(a, b, check_exact=True)
        if not arm.organizational:
            assert not other.tables["flows"].equals(uncached.tables["flows"])


def key(scenario: Scenario, seed: int = 1, households: int | None = 300) -> str:
    return cache_key(before_start(scenario), settings(scenario), seed, households)


OTHER = (
    {"labour__quit_rate": 0.2},
    {"scenario__burn_in": 3},
    {"scenario__start_year": 2015},
    {"scenario__ticks_per_year": 12},
    {"scenario__base_year": 2020},
    {"joint_points__7__share": 0.4},
    {"joint_points__9__from_year": 2014},
    {"programmes__volunteers_pilot__per_head": 31},
    {"programmes__grid_pilot__from_year": 2014},
    {"population__rural_mean_income": 20000},
)
NO_OTHER = (
    {"scenario__end_year": 2020},
    {"scenario__switch_year": 2020},
    {"scenario__title": "another"},
    {"scenario__budget": "withheld"},
    {"joint_points__9__share": 0.4},
    {"programmes__grid_pilot__per_head": 200},
    {"programmes__grid_wave_2022__from_year": 2023},
    {"outside__growth_after": 0.01},
)


@pytest.mark.parametrize("change", OTHER, ids=str)
def test_what_decides_the_burn_in_makes_another_file(change: Mapping[str, object]) -> None:
    assert key(burnt(**change)) != key(burnt())


@pytest.mark.parametrize("change", NO_OTHER, ids=str)
def test_what_is_dated_later_does_not(change: Mapping[str, object]) -> None:
    assert burnt(**change).content_hash != burnt().content_hash
    assert key(burnt(**change)) == key(burnt())


def test_seed_and_size_make_another_file_and_switches_do_not() -> None:
    case = burnt()
    keys = {key(case), key(case, seed=2), key(case, households=301), key(case, households=None)}
    assert len(keys) == 4
    assert key(case.model_copy(update={"switches": Arm(social=False).switches()})) in keys


def test_later_rows_of_a_path_count_by_the_base_year_alone() -> None:
    case, name = burnt(), burnt().outside.paths
    table = pd.read_csv(StringIO(case.data(name))).set_index("year")

    def with_wage(year: int) -> Scenario:
        other = case.model_copy()
        changed = table.assign(migrant_wage_month=table.migrant_wage_month.where(table.index != year, 9000))
        other._data = {**case._data, name: changed.to_csv()}
        return other

    assert key(with_wage(2024)) == key(case)
    assert key(with_wage(2021)) != key(case)  # the base year


def test_the_code_makes_another_file(monkeypatch: pytest.MonkeyPatch) -> None:
    before = key(burnt())
    monkeypatch.setattr("abm.model.environment._own_code", lambda: "other")
    assert key(burnt()) != before


def test_a_mechanism_that_stands_in_no_file_is_not_kept(
    cache_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A notebook's class may have changed since; nobody could tell."""
    from tests.unit import lodger

    listed = [*t_district().scenario.mechanisms, "tests.unit.lodger:Lodger"]
    case = load_scenario("t_district", {"scenario.mechanisms": listed, "scenario.burn_in": 1})
    with monkeypatch.context() as patched:
        patched.delattr(lodger, "__file__")
        made(case)
    assert not cache_folder.exists()
    made(case)
    assert len(list(cache_folder.iterdir())) == 1


@pytest.mark.parametrize(
    "arguments",
    [{"cache": False}, {"journal": True}, {"luck": FixedDraws({"ties": 0.3})}],
    ids=["cache", "journal", "luck"],
)
def test_what_is_asked_not_to_be_kept_is_not(arguments: dict[str, Any], cache_folder: Path) -> None:
    if "luck" in arguments:
        arguments = {"luck": FixedDraws()}
    made(t_district(scenario__burn_in=1), **arguments)
    assert not cache_folder.exists()


def test_a_folder_that_cannot_be_written_means_no_cache(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    uncached: Finished,
) -> None:
    monkeypatch.setattr(cache, "_said", set())
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv(cache.FOLDER, str(tmp_path / "file"))
    same(uncached, finish(made(snapshots=True)))
    made()
    said = [line for line in capsys.readouterr().err.splitlines() if "cannot be written" in line]
    assert len(said) == 1
    assert cache.FOLDER in said[0]


@pytest.fixture
def limited(cache_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(cache.LIMIT, "0.0000035")  # 3 500 bytes
    monkeypatch.setattr(cache, "_said", set())
    return cache_folder


def test_the_files_used_longest_ago_go_first(limited: Path) -> None:
    for number in range(3):
        cache.write(str(number), b"x" * 1000)
        os.utime(limited / f"{number}.pickle", (number, number))
    assert cache.read("0") == b"x" * 1000  # used just now
    cache.write("3", b"x" * 1000)
    assert sorted(path.stem for path in limited.iterdir()) == ["0", "2", "3"]


def test_what_is_beyond_the_limit_is_not_kept(limited: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cache.write("0", b"x" * 5000)
    assert list(limited.iterdir()) == []
    assert cache.LIMIT in capsys.readouterr().err


def test_what_does_not_pickle_is_not_kept(limited: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cache.write("0", lambda: None)
    assert list(limited.iterdir()) == []
    assert "cannot be kept" in capsys.readouterr().err


def test_two_processes_that_burn_in_at_once_do_not_hurt_each_other(
    cache_folder: Path, uncached: Finished
) -> None:
    program = (
        "from tests.unit.test_burn_in import made\n"
        "model = made()\nmodel.run()\nprint(int(model.world.ledger.balances['outside'][0]))"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    expected = int(uncached.model.world.ledger.balances["outside"][0])
    assert [int(process.communicate(timeout=120)[0]) for process in started] == [expected] * 2
    assert len(list(cache_folder.iterdir())) == 1


@pytest.mark.slow
def test_runs_and_batches_have_equal_digests_with_and_without(cache_folder: Path) -> None:
    case, size = burnt(), {"households": 200, "years": 2}
    runs = [simulate(case, seed=3, cache=keep, **size) for keep in (False, True, True)]
    assert runs[0].key == runs[1].key
    assert runs[0].digests() == runs[1].digests() == runs[2].digests()
    batches = [
        factorial(case, replications=1, seed=5, workers=workers, cache=keep, **size)
        for workers, keep in ((1, False), (1, True), (2, True))
    ]
    digests = [results.manifest["digests"] for results in batches]
    assert digests[0] == digests[1] == digests[2]
    assert len(list(cache_folder.iterdir())) == 2
