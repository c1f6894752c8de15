"""A population from published margins: grouped incomes, people by place, household size.

The fifths of a published table, scaled to the district's mean, give a Dagum distribution; each household gets a
rank in it. From the rank come *states* (land, schooling, skill, capital, members, jobs), each with a noise of its
own (a Gaussian copula), once and never again: incomes follow from the rules. Not judged before the economy is
calibrated.

References: Dagum (1977), *A new model of personal income distribution*, Économie Appliquée 30; Kleiber & Kotz
(2003), *Statistical Size Distributions*, ch. 6. The choice of the family: ``docs/TARGETS.md``, point 3.
"""

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import ndtr, pdtr

from abm.core.columns import Columns
from abm.core.draws import Luck, key_of
from abm.core.errors import InputError
from abm.population.households import (
    LOCAL_JOB,
    MIGRANT,
    OWN_ACCOUNT,
    household_columns,
    members,
    worker_columns,
)
from abm.scenario.parameters import Parameter
from abm.scenario.schema import Place, Scenario
from abm.scenario.tables import read_fifths

SMALLEST = 200
"""Fewest households that a world may have."""
PER_PLACE = 50
"""Households a place should have on average before another place is added."""
FEWEST_VILLAGES, FEWEST_COMMUNITIES = 5, 3
LARGEST_HOUSEHOLD = 9

PARAMETERS = (
    Parameter("rank_correlation", 0.6, "correlation", (0.2, 0.9), "how closely states follow the rank", "assumed"),
    Parameter("size_gradient", 0.09, "log per standard deviation of standing", (0.0, 0.2),
        "poorer households are larger", "docs/TARGETS.md, person-weighting note"),
    Parameter("elder_share_rural", 0.238, "share of persons", (0.1, 0.4),
        "who is over 60", "docs/TARGETS.md, rural 60 and over, recalled"),
    Parameter("elder_share_urban", 0.15, "share of persons", (0.05, 0.3), "who is over 60", "assumed"),
    Parameter("disabled_share", 0.04, "share of persons of working age", (0.01, 0.1), "who is unable to work",
        "assumed; the survey of disability of 2006 has 6.3 % of all persons, half of them over 60, recalled"),
    Parameter("age_clustering", 0.3, "share of variance", (0.0, 0.7), "elders live with elders", "assumed"),
    Parameter("child_share", 0.2, "share of a household's further persons", (0.1, 0.35), "children", "assumed"),
    Parameter("schooling_rural", 8.5, "years", (5.0, 12.0), "mean schooling of workers", "assumed"),
    Parameter("schooling_urban", 11.0, "years", (7.0, 15.0), "mean schooling of workers", "assumed"),
    Parameter("schooling_spread", 2.6, "years", (1.0, 4.0), "standard deviation of schooling", "assumed"),
    Parameter("schooling_return", 0.05, "log per year", (0.03, 0.08),
        "skill in jobs", "docs/TARGETS.md, migrants 3–5 %, national 7.8 %"),
    Parameter("schooling_norm", 9.5, "years", (5.0, 15.0), "schooling at which skill in jobs is 1", "assumed"),
    Parameter("effect_variance", 0.06, "log variance", (0.05, 0.12),
        "skill in jobs beside schooling", "docs/TRIAL.md"),
    Parameter("effect_shared", 0.36, "share of variance", (0.0, 0.7),
        "how much of it a household shares", "docs/TRIAL.md"),
    Parameter("skill_spread", 0.34, "log standard deviation", (0.1, 0.5),
        "own-account productivity, fixed part", "docs/TRIAL.md"),
    Parameter("capital_per_worker", 11000.0, "yuan", (5000.0, 60000.0), "capital per worker on own account", "assumed"),
    Parameter("savings_years", 2.0, "years of income", (0.5, 4.0), "savings at the start", "docs/TRIAL.md"),
    Parameter("savings_spread", 1.0, "log standard deviation", (0.0, 1.5),
        "savings in years of income at the start", "assumed"),
    Parameter("local_jobs_rural", 0.28, "share of workers", (0.05, 0.6), "jobs at the start", "docs/TRIAL.md"),
    Parameter("local_jobs_urban", 0.76, "share of workers", (0.4, 0.95), "jobs at the start", "assumed"),
    Parameter("migrants_rural", 0.20, "share of workers", (0.05, 0.4), "migrants at the start", "docs/TRIAL.md"),
    Parameter("migrants_urban", 0.02, "share of workers", (0.0, 0.2), "migrants at the start", "assumed"),
    Parameter("moving_cost", 1.9, "log points", (1.0, 3.0),
        "mean of workers' own fixed cost of migration", "docs/TRIAL.md"),
    Parameter("moving_cost_urban", 0.8, "log points", (0.0, 2.0), "what townspeople's lies above it", "assumed"),
    Parameter("moving_cost_spread", 0.9, "log points", (0.4, 1.5), "its standard deviation", "docs/TRIAL.md"),
    Parameter("party_share", 0.12, "share of households", (0.02, 0.3), "households with a party member", "assumed"),
)  # fmt: skip
"""Parameters of the synthesis; owner ``synthesis``."""


@dataclass(frozen=True)
class Dagum:
    """F(x) = [1 + (x/b)^−a]^−p."""

    a: float
    b: float
    p: float

    def quantile(self, u: NDArray[np.float64]) -> NDArray[np.float64]:
        """Income at rank ``u`` in (0, 1); shape of ``u``."""
        return np.asarray(self.b * (u ** (-1.0 / self.p) - 1.0) ** (-1.0 / self.a))


def fit_dagum(fifths: NDArray[np.float64], mean: float) -> Dagum:
    """The Dagum whose means of fifths are nearest (squared log errors) to published ones scaled to ``mean``.

    Args:
        fifths: means of the five groups, ascending, shape (5,).
        mean: mean of the fitted distribution.
    """
    wanted = np.asarray(fifths) / np.mean(fifths)
    grid = (np.arange(5000) + 0.5) / 5000

    def groups(x: NDArray[np.float64]) -> NDArray[np.float64]:
        shape = Dagum(float(np.exp(x[0])), 1.0, float(np.exp(x[1]))).quantile(grid)
        means: NDArray[np.float64] = shape.reshape(5, -1).mean(axis=1)
        return means / means.mean()

    def loss(x: NDArray[np.float64]) -> float:
        return float((np.log(groups(x) / wanted) ** 2).sum())

    best = minimize(
        loss, x0=np.log([3.5, 0.4]), method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-12}
    )
    a, p = np.exp(best.x)
    unit = Dagum(float(a), 1.0, float(p)).quantile(grid).mean()
    return Dagum(float(a), float(mean / unit), float(p))


def real_households(scenario: Scenario) -> NDArray[np.float64]:
    """Households of each place at real size: people over household size; shape (places,)."""
    sizes = scenario.population
    return np.array(
        [
            place.people
            / (
                sizes.urban_household_size
                if scenario.place_kinds[place.kind].urban
                else sizes.rural_household_size
            )
            for place in scenario.places.rows
        ]
    )


def households_by_place(scenario: Scenario, households: int | None) -> NDArray[np.int64]:
    """How many households each place gets; shape (places,), 0 for places left out.

    ``households`` are spread over as many places as give about 50 each, but never fewer than five villages and
    three communities (the first of the file), in proportion to real size, with the urban share kept.
    """
    real = real_households(scenario)
    if households is None:
        return np.rint(real).astype(np.int64)
    if households < SMALLEST:
        raise InputError(
            f"{households} is too few",
            key="households",
            mend=f"use {SMALLEST} or more, so that every place has some",
        )
    urban = np.array([scenario.place_kinds[p.kind].urban for p in scenario.places.rows])
    used = _places_used(urban, max(1, households // PER_PLACE))
    counts = np.zeros(len(real), np.int64)
    by_id = np.argsort(
        [place.id for place in scenario.places.rows]
    )  # equal places: the order of the file says nothing
    towns = round(households * real[urban].sum() / real.sum())
    for side, total in ((urban, towns), (~urban, households - towns)):
        rows = by_id[(side & used)[by_id]]
        if len(rows):
            counts[rows] = _largest_remainder(real[rows], total)
    return counts


def _places_used(urban: NDArray[np.bool_], wanted: int) -> NDArray[np.bool_]:
    """The first places of each side, in the same proportion as all of them."""
    used = np.zeros(len(urban), bool)
    for side, fewest in ((urban, FEWEST_COMMUNITIES), (~urban, FEWEST_VILLAGES)):
        rows = np.flatnonzero(side)
        number = max(fewest, round(wanted * len(rows) / len(urban)))
        used[rows[:number]] = True
    return used


def _largest_remainder(weights: NDArray[np.float64], total: int) -> NDArray[np.int64]:
    exact = weights / weights.sum() * total
    whole = np.floor(exact).astype(np.int64)
    left = total - int(whole.sum())
    whole[np.argsort(-(exact - whole), kind="stable")[:left]] += 1
    return whole


@dataclass(frozen=True)
class Synthesised:
    """A population as it comes out of the margins.

    ``income`` is the income per head and year that a household's rank stands for (constant yuan of the base
    year): it sets savings at the start and nothing else.
    """

    households: Columns
    workers: Columns
    income: NDArray[np.float64]


def synthesise(
    scenario: Scenario, rows: tuple[Place, ...], counts: NDArray[np.int64], luck: Luck, p: SimpleNamespace
) -> Synthesised:
    """Make households and workers. Each row depends on its own key only, not on how many others there are.

    Args:
        rows: the places to fill.
        counts: households of each of them, shape (places,).
        p: values of ``PARAMETERS`` as attributes.
    """
    table = household_columns(int(counts.sum()))
    place = np.repeat(np.arange(len(counts)), counts)
    number = np.concatenate([np.arange(c) for c in counts])
    ids = np.array([row.id for row in rows])
    table.place, table.number = place, number
    table.key = key_of(ids[place], number, np.zeros_like(number))
    kinds = [scenario.place_kinds[row.kind] for row in rows]
    table.urban = np.array([kind.urban for kind in kinds])[place]
    floating = np.array([row.floating / row.people for row in rows])[place]
    table.registered = luck.uniform("population.registered", 0, table.key) >= floating
    table.party_member = luck.uniform("population.party", 0, table.key) < p.party_share
    table.standing = luck.normal("population.standing", 0, table.key)
    fifths = np.array(read_fifths(scenario))
    rank = ndtr(table.standing)
    rural = fit_dagum(fifths, scenario.population.rural_mean_income).quantile(rank)
    urban = fit_dagum(fifths, scenario.population.urban_mean_income).quantile(rank)
    _members(scenario, table, luck, p)
    _endowments(scenario, rows, table, luck, p)
    workers = _workers(table, luck, p)
    at_home = np.bincount(workers.household[workers.activity == OWN_ACCOUNT], minlength=len(table))
    spread = np.exp(0.6 * score(table, luck, "capital", p.rank_correlation) - 0.18)
    table.capital = p.capital_per_worker * np.maximum(at_home, 0.25) * spread
    return Synthesised(table, workers, np.where(table.urban, urban, rural))


def score(table: Columns, luck: Luck, name: str, correlation: float) -> NDArray[np.float64]:
    """A standard normal score that follows standing as closely as ``correlation`` says."""
    noise = luck.normal(f"population.{name}", 0, table.key)
    scores: NDArray[np.float64] = correlation * table.standing + np.sqrt(1.0 - correlation**2) * noise
    return scores


def _members(scenario: Scenario, table: Columns, luck: Luck, p: SimpleNamespace) -> None:
    """Persons by role. Size is one plus a Poisson number; each person is elder, able or, but for the
    first, a child. Who lives with an elder is likelier to be one: a normal score that the household shares."""
    sizes = scenario.population
    mean = np.where(table.urban, sizes.urban_household_size, sizes.rural_household_size) - 1.0
    mean = mean * np.exp(-p.size_gradient * table.standing)
    u = luck.uniform("population.size", 0, table.key)
    size = np.ones(len(table), np.int64)
    for k in range(LARGEST_HOUSEHOLD - 1):  # inverse CDF of the Poisson, one step at a time
        size += u > pdtr(k, mean)
    elder = np.where(table.urban, p.elder_share_urban, p.elder_share_rural)
    elder = elder * np.exp(-0.3 * table.standing) / np.exp(0.045)  # the mean over a normal stays as it was
    together = np.sqrt(p.age_clustering) * luck.normal("population.age", 0, table.key)
    for person in range(LARGEST_HOUSEHOLD):
        there = size > person
        own = luck.normal(f"population.person{person}", 0, table.key)
        old = there & (ndtr(together + np.sqrt(1.0 - p.age_clustering) * own) < elder)
        u = luck.uniform(f"population.child{person}", 0, table.key)
        child = there & ~old & (u < p.child_share / (1.0 - elder)) & (person > 0)
        table.elders += old
        table.children += child
        able = there & ~old & ~child
        u = luck.uniform(f"population.disabled{person}", 0, table.key)
        table.disabled += able & (u < p.disabled_share)
        table.workers += able & (u >= p.disabled_share)


def _endowments(
    scenario: Scenario, rows: tuple[Place, ...], table: Columns, luck: Luck, p: SimpleNamespace
) -> None:
    close = p.rank_correlation
    years = np.where(table.urban, p.schooling_urban, p.schooling_rural)
    years = years + p.schooling_spread * score(table, luck, "schooling", close)
    table.schooling = np.clip(years, 0.0, 19.0)
    table.skill = p.skill_spread * score(table, luck, "skill", close)
    per_head = np.array([scenario.feature(row, "land_per_head") for row in rows])
    persons = members(table)
    land = per_head[table.place] * persons * np.exp(0.4 * score(table, luck, "land", 0.3 * close) - 0.08)
    table.land = np.where(table.registered, land, 0.0)
    for name in ("trust", "participation"):
        level = np.array([scenario.feature(row, name) for row in rows])
        column = level[table.place] + 0.1 * score(table, luck, name, 0.0)
        table[name][:] = np.clip(column, 0.01, 0.99)


def _workers(table: Columns, luck: Luck, p: SimpleNamespace) -> Columns:
    household = np.repeat(np.arange(len(table)), table.workers)
    first = np.cumsum(table.workers) - table.workers
    order = np.arange(len(household)) - first[household]
    workers = worker_columns(len(household))
    workers.household = household
    workers.key = key_of(table.key[household], order)
    table.worker_effect = score(table, luck, "worker_effect", p.rank_correlation)
    own = luck.normal("population.worker_effect_own", 0, workers.key)
    effect = np.sqrt(p.effect_variance) * (
        np.sqrt(p.effect_shared) * table.worker_effect[household] + np.sqrt(1.0 - p.effect_shared) * own
    )
    workers.schooling = table.schooling[household]
    workers.skill = skill_in_jobs(table.schooling[household], effect, p)
    ease = luck.normal("population.moving_cost", 0, workers.key)
    workers.moving_cost = p.moving_cost + p.moving_cost_spread * ease
    workers.moving_cost += p.moving_cost_urban * table.urban[household]
    _first_jobs(table, workers, luck, p)
    return workers


def skill_in_jobs(
    years: NDArray[np.float64], effect: NDArray[np.float64], p: SimpleNamespace
) -> NDArray[np.float64]:
    """Skill of workers by years of schooling and their own effect in logs; 1 at the norm."""
    return np.asarray(np.exp(p.schooling_return * (years - p.schooling_norm) + effect))


def _first_jobs(table: Columns, workers: Columns, luck: Luck, p: SimpleNamespace) -> None:
    """Who starts in a local job or away: the better placed are likelier to have a job, those with a low cost of
    moving to be away."""
    urban, standing = table.urban[workers.household], table.standing[workers.household]
    away = np.where(urban, p.migrants_urban, p.migrants_rural)
    local = np.where(urban, p.local_jobs_urban, p.local_jobs_rural)
    usual = p.moving_cost + p.moving_cost_urban * urban
    ease = ndtr((usual - workers.moving_cost) / p.moving_cost_spread)
    goes = np.flatnonzero(ease > 1.0 - away)
    household = workers.household[goes]
    order = np.arange(len(goes)) - np.searchsorted(household, household, side="left")
    persons = members(table)[household]
    workers.activity[goes[order < persons - 1]] = MIGRANT  # somebody stays, as in the rule of migration
    free = workers.activity != MIGRANT
    place_in_queue = ndtr(
        0.4 * standing + np.sqrt(0.84) * luck.normal("population.first_job", 0, workers.key)
    )
    workers.activity[free & (place_in_queue > 1.0 - local / (1.0 - away))] = LOCAL_JOB
