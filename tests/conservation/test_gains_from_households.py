"""Gains by starting fifth, Lorenz curves and counts of links, worked out once more from households and the graph."""

import numpy as np
import pandas as pd
import pytest

from abm.graph.kinds import LINK_KINDS
from abm.measures import Distribution
from abm.model.model import JointPointModel
from abm.scenario.switches import Arm
from tests.worlds import Finished, finish, t_district

SWITCH, FIRST, YEARS = 2019, 2014, 9


@pytest.fixture(scope="module")
def run() -> Finished:
    arm = Arm(interest=False, from_year=SWITCH)
    model = JointPointModel(
        t_district(), households=500, years=YEARS, views=False, rng=3, arm=arm, snapshots=True
    )
    return finish(model)


@pytest.fixture(scope="module")
def households(run: Finished) -> pd.DataFrame:
    table = run.tables["households"]
    table = table[table.persons > 0].assign(per_head=table.income / table.persons)
    kinds = {place.name: place.kind for place in run.model.world.scenario.places.rows}
    return table.assign(place_kind=table.village.map(kinds)).set_index(["household", "generation"])


def parts_of_fifths(start: pd.DataFrame) -> pd.DataFrame:
    """What part of each household stands in each fifth of the line of persons."""
    ordered = start.sort_values("per_head", kind="stable")
    ends = ordered.persons.cumsum().to_numpy()
    begins, whole = ends - ordered.persons.to_numpy(), ends[-1]
    columns = {}
    for fifth in range(1, 6):
        low, high = (fifth - 1) * whole / 5, fifth * whole / 5
        inside = np.clip(np.minimum(ends, high) - np.maximum(begins, low), 0, None)
        columns[fifth] = inside / (ends - begins)
    return pd.DataFrame({**columns, 0: 1.0}, index=ordered.index)


@pytest.mark.parametrize("year", [SWITCH - 1, SWITCH, 2022])
@pytest.mark.parametrize("population", ["all", "rural", "urban"])
def test_gains_are_those_of_the_same_households(
    run: Finished, households: pd.DataFrame, year: int, population: str
) -> None:
    start = households[households.year == SWITCH - 1]
    if population != "all":
        start = start[start.urban == (population == "urban")]
    parts = parts_of_fifths(start)
    assert parts[[1, 2, 3, 4, 5]].sum(axis=1).to_numpy() == pytest.approx(np.ones(len(parts)))
    now = households[households.year == year].join(parts, how="inner")
    assert year < SWITCH or len(now) < len(households[households.year == year]), "some are newcomers"
    found = run.tables["gains"]
    found = found[(found.year == year) & (found.population == population)]
    kinds = [""] if population != "all" else ["", *sorted(set(now.place_kind))]
    assert sorted(found.place_kind.unique()) == kinds
    for row in found.itertuples():
        here = now if row.place_kind == "" else now[now.place_kind == row.place_kind]
        weight = here.persons * here[row.start_fifth]
        assert row.persons == pytest.approx(weight.sum())
        if weight.sum() > 0:
            assert row.income == pytest.approx((weight * here.per_head).sum() / weight.sum())
        else:
            assert np.isnan(row.income)


def test_gains_begin_in_the_year_before_the_switch_with_the_fifths_of_that_year(run: Finished) -> None:
    gains = run.tables["gains"]
    assert sorted(gains.year.unique()) == list(range(SWITCH - 1, FIRST + YEARS))
    first = gains[(gains.year == SWITCH - 1) & (gains.place_kind == "") & (gains.start_fifth > 0)]
    lorenz = run.tables["lorenz"]
    lorenz = lorenz[(lorenz.year == SWITCH - 1) & lorenz.persons_share.isin([0.2, 0.4, 0.6, 0.8])]
    for population, fifths in first.groupby("population"):
        income = (fifths.income * fifths.persons).cumsum() / (fifths.income * fifths.persons).sum()
        shares = lorenz[lorenz.population == population].income_share
        assert income.to_numpy()[:4] == pytest.approx(shares.to_numpy()), population
        assert fifths.persons.to_numpy() == pytest.approx(np.full(5, fifths.persons.mean()))
    assert set(first.population) == {"all", "urban", "rural"}


def test_a_switch_in_the_first_year_needs_a_burn_in() -> None:
    def gains_with(burn_in: int) -> pd.DataFrame:
        scenario = t_district(scenario__switch_year=FIRST, scenario__burn_in=burn_in)
        return finish(JointPointModel(scenario, households=200, years=2, views=False, rng=1)).tables["gains"]

    assert gains_with(0).empty
    assert sorted(gains_with(2).year.unique()) == [FIRST, FIRST + 1], (
        "who stood where is known from the burn-in"
    )


@pytest.mark.parametrize("population", ["all", "rural", "floating"])
def test_lorenz_curves(run: Finished, households: pd.DataFrame, population: str) -> None:
    now = households[households.year == 2021]
    chosen = {"all": now.persons > 0, "rural": ~now.urban, "floating": ~now.registered}[population]
    now = now[chosen].sort_values("per_head", kind="stable")
    x = np.concatenate(([0], now.persons.cumsum())) / now.persons.sum()
    y = np.concatenate(([0], now.income.cumsum())) / now.income.sum()
    found = run.tables["lorenz"]
    found = found[(found.year == 2021) & (found.population == population)]
    assert found.persons_share.tolist() == [round(0.05 * step, 2) for step in range(1, 20)]
    assert found.income_share.to_numpy() == pytest.approx(np.interp(found.persons_share, x, y))
    gini = Distribution(now.per_head.to_numpy(), now.persons.to_numpy()).gini
    curve = np.concatenate(([0], found.income_share, [1]))
    assert 0 < gini - (1 - np.sum((curve[1:] + curve[:-1]) * 0.05)) < 0.01, "chords cut a little off"


def test_counts_are_those_of_the_graph(run: Finished) -> None:
    points = run.model.world.points
    graph = run.tables["graph"]
    now = graph[graph.year == FIRST + YEARS - 1]
    assert set(now.kind) == set(LINK_KINDS)
    assert set(now.village) == set(points.village_names)
    whole = points.with_households()
    drawn = pd.Series([data["kind"] for *_, data in whole.edges(data=True)]).value_counts()
    everybody = points.inhabited.all()
    for kind, rows in now.groupby("kind"):
        what = LINK_KINDS[kind]
        assert set(rows.layer) == {what.layer}
        if what.ends == "institutions":
            of_kind = list(points.links_of_kind(kind))
            twice = [link for link in of_kind if link.other >= 0]  # these count in two places
            assert rows.formed.sum() == len(of_kind) + len(twice)
            assert rows.active.sum() == drawn.get(kind, 0) + sum(link.active for link in twice)
            assert rows.reached.isna().all()
        elif everybody:
            assert rows.active.sum() == drawn.get(kind, 0)
        if what.ends == "institutions":
            continue
        if what.ends == "household":
            assert rows.active.sum() == points.reaches(kind).sum()
        else:
            ties = points.pairs[kind].neighbours(len(points.place)).toarray()[:, points.inhabited]
            for row in rows.itertuples():
                here = points.place == points.village_names.index(row.village)
                assert row.reached == pytest.approx(ties[here & points.inhabited].any(axis=1).mean())
    cut = now[now.layer == "interest"]
    assert cut.active.sum() == 0 < cut.formed.sum(), "what is cut has formed and carries nothing"


def test_a_kind_without_an_active_link_is_a_break_point(run: Finished) -> None:
    graph = run.tables["graph"]
    now = graph[(graph.year == FIRST + YEARS - 1) & (graph.layer != "background")]
    active = now.groupby(["village", "kind"]).active.sum()
    broken = {(point.village, point.kind) for point in run.model.world.points.break_points()}
    assert broken == set(active[active == 0].index)
