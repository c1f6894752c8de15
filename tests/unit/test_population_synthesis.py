"""A population from published margins: who lives where, and whether the margins come out."""

from types import SimpleNamespace

import numpy as np
import pytest

from abm.core.draws import Draws, FixedDraws
from abm.core.errors import InputError
from abm.model.plan import settings
from abm.population.households import LOCAL_JOB, MIGRANT, OWN_ACCOUNT, members
from abm.population.synthesis import (
    LARGEST_HOUSEHOLD,
    Synthesised,
    fit_dagum,
    households_by_place,
    real_households,
    synthesise,
)
from abm.scenario.parameters import values_of
from abm.scenario.tables import read_fifths
from tests.worlds import t_district

SCENARIO = t_district()
URBAN = np.array([SCENARIO.place_kinds[place.kind].urban for place in SCENARIO.places.rows])
P: SimpleNamespace = values_of(settings(SCENARIO), "synthesis")


def made(households: int, luck: object = None, seed: int = 1) -> Synthesised:
    counts = households_by_place(SCENARIO, households)
    rows = tuple(place for place, n in zip(SCENARIO.places.rows, counts, strict=True) if n)
    return synthesise(SCENARIO, rows, counts[counts > 0], luck or Draws(seed), P)


@pytest.fixture(scope="module")
def large() -> Synthesised:
    return made(40_000)


# --- places -------------------------------------------------------------------------------------------


def test_the_whole_district_has_its_people_over_household_size() -> None:
    counts = households_by_place(SCENARIO, None)
    assert 104_000 < counts.sum() < 106_000
    assert np.abs(counts - real_households(SCENARIO)).max() <= 0.5


@pytest.mark.parametrize("households", [200, 201, 333, 400, 999, 2249, 2250, 5000, 30_000])
def test_households_are_spread_by_the_rule_of_size(households: int) -> None:
    counts, real = households_by_place(SCENARIO, households), real_households(SCENARIO)
    assert counts.sum() == households
    assert (counts[~URBAN] > 0).sum() >= 5
    assert (counts[URBAN] > 0).sum() >= 3
    assert (counts[:3] > 0).all()  # BQ, BL and SJ
    urban_share = real[URBAN].sum() / real.sum()
    assert abs(counts[URBAN].sum() - urban_share * households) <= 0.5
    for side in (URBAN, ~URBAN):
        used = side & (counts > 0)
        exact = real[used] / real[used].sum() * counts[used].sum()
        assert np.abs(counts[used] - exact).max() < 1.0
    if households >= 2250:
        assert (counts > 0).all()
    else:
        places = (counts > 0).sum()
        assert abs(places - max(8, households / 50)) <= 2


def test_the_order_of_places_in_the_file_does_not_matter_when_all_are_used() -> None:
    rows = SCENARIO.places.rows
    order = np.random.default_rng(1).permutation(len(rows))
    shuffled = SCENARIO.model_copy(
        update={"places": SCENARIO.places.model_copy(update={"rows": tuple(rows[i] for i in order)})}
    )
    for households in (*range(2250, 2300), 5000, 7777):
        assert np.array_equal(
            households_by_place(shuffled, households), households_by_place(SCENARIO, households)[order]
        )


@pytest.mark.parametrize("households", [-1, 0, 199])
def test_too_few_households_are_refused(households: int) -> None:
    with pytest.raises(InputError, match=r"households.*200"):
        households_by_place(SCENARIO, households)


# --- margins ------------------------------------------------------------------------------------------


def test_the_dagum_meets_the_fifths_and_the_mean() -> None:
    fifths = np.array(read_fifths(SCENARIO))
    dagum = fit_dagum(fifths, 20082.0)
    ranks = (np.arange(200_000) + 0.5) / 200_000
    incomes = dagum.quantile(ranks)
    assert incomes.mean() == pytest.approx(20082.0, rel=0.01)
    found = incomes.reshape(5, -1).mean(axis=1) / incomes.mean()
    assert found == pytest.approx(fifths / fifths.mean(), rel=0.05)
    assert (np.diff(incomes) > 0).all()
    cdf = (1 + (incomes / dagum.b) ** -dagum.a) ** -dagum.p
    assert cdf == pytest.approx(ranks, abs=1e-9)


def test_people_come_out_at_real_size(large: Synthesised) -> None:
    """Persons per household by side, within what 40 000 draws allow; so all places have their people."""
    h = large.households
    persons = members(h)
    for side, size in ((h.urban, 2.93), (~h.urban, 3.6)):
        assert persons[side].mean() == pytest.approx(size, rel=0.02)
    assert persons.min() >= 1
    assert persons.max() <= LARGEST_HOUSEHOLD
    assert np.corrcoef(persons, h.standing)[0, 1] < -0.03  # poorer households are larger


def test_shares_of_elders_children_and_the_registered(large: Synthesised) -> None:
    h = large.households
    persons = members(h)
    for side, elders in ((h.urban, P.elder_share_urban), (~h.urban, P.elder_share_rural)):
        assert h.elders[side].sum() / persons[side].sum() == pytest.approx(elders, abs=0.012)
    able = h.workers + h.disabled
    assert h.disabled.sum() / able.sum() == pytest.approx(P.disabled_share, abs=0.005)
    assert h.registered[~h.urban].all()
    floating = sum(place.floating for place in SCENARIO.places.rows)
    people = sum(place.people for place in SCENARIO.places.rows)
    share = persons[~h.registered].sum() / persons.sum()
    assert share == pytest.approx(floating / people, abs=0.02)
    assert (h.land[~h.registered] == 0).all()
    assert h.party_member.mean() == pytest.approx(P.party_share, abs=0.01)


def test_somebody_is_at_home_in_every_household(large: Synthesised) -> None:
    h, workers = large.households, large.workers
    away = np.bincount(workers.household[workers.activity == MIGRANT], minlength=len(h))
    assert (members(h) - away >= 1).all()


def test_workers_belong_to_their_households(large: Synthesised) -> None:
    h, workers = large.households, large.workers
    assert np.array_equal(np.bincount(workers.household, minlength=len(h)), h.workers)
    assert (np.diff(workers.household) >= 0).all()
    assert set(np.unique(workers.activity)) == {OWN_ACCOUNT, LOCAL_JOB, MIGRANT}
    urban = h.urban[workers.household]
    for activity, rural_share, urban_share in (
        (LOCAL_JOB, P.local_jobs_rural, P.local_jobs_urban),
        (MIGRANT, P.migrants_rural, P.migrants_urban),
    ):
        mine = workers.activity == activity
        assert mine[urban].mean() == pytest.approx(urban_share, abs=0.025)
        assert mine[~urban].mean() == pytest.approx(rural_share, abs=0.03)


def test_states_follow_the_rank_and_are_no_function_of_it(large: Synthesised) -> None:
    h = large.households
    rural = ~h.urban
    for name in ("schooling", "skill", "capital", "land"):
        values = h[name] / members(h) if name == "land" else h[name]
        correlation = np.corrcoef(values[rural], h.standing[rural])[0, 1]
        assert 0.05 < correlation < 0.75, name
    assert h.standing.mean() == pytest.approx(0.0, abs=0.02)
    assert h.standing.std() == pytest.approx(1.0, abs=0.02)
    assert np.corrcoef(large.income[rural], h.standing[rural])[0, 1] > 0.6  # income is a function of the rank
    assert (np.diff(large.income[rural][np.argsort(h.standing[rural])]) >= 0).all()


def test_all_numbers_are_numbers_and_within_bounds(large: Synthesised) -> None:
    for table in (large.households, large.workers):
        for name in table.names:
            assert np.isfinite(table[name].astype(float)).all(), name
    h = large.households
    for name in ("trust", "participation"):
        assert ((h[name] > 0) & (h[name] < 1)).all()
    assert (large.workers.skill > 0).all()
    assert ((h.schooling >= 0) & (h.schooling <= 19)).all()
    assert (large.income > 0).all()


def test_without_luck_households_of_a_place_are_alike() -> None:
    people = made(400, FixedDraws())
    h = people.households
    for place in np.unique(h.place):
        here = h.place == place
        for name in set(h.names) - {"key", "number"}:
            assert len(np.unique(h[name][here])) == 1, name


def test_another_seed_is_another_population() -> None:
    one, two = made(400, seed=1).households, made(400, seed=2).households
    assert np.array_equal(one.key, two.key)  # the same households
    assert not np.array_equal(one.standing, two.standing)
