"""One sector: where every place is good at one thing only, nothing is left to choose, follow or miss."""

from functools import cache

import numpy as np
import pandas as pd
import pytest

from abm.core.names import SECTORS
from abm.model.model import JointPointModel
from abm.world.own_lines import BRANCH_OF_SECTOR, BRANCHES
from tests.limits.cut_down import one_sector
from tests.worlds import HARD_TIMES, TABLES, Finished, finish, t_district

SIZE = {"households": 200, "years": 7, "views": False, "rng": 3, "snapshots": True}
CHOICES = {
    "no founder follows the best sector": {"enterprises__herding": 0.0},
    "all founders follow it": {"enterprises__herding": 1.0},
    "what fits counts for more": {"enterprises__fit_exponent": 1.0, "capital__fit_exponent": 1.0},
    "programmes choose by the market": {"capital__from_outside": 1.0},
    "programmes choose by the place": {"capital__from_outside": 0.0},
}
"""Rules of choice among sectors, bent as far as they go."""


@cache
def run(sector: str | None, **overrides: object) -> Finished:
    scenario = t_district(**{**HARD_TIMES, **overrides})
    return finish(JointPointModel(one_sector(scenario, sector) if sector else scenario, **SIZE))


@pytest.fixture(scope="module")
def alone() -> Finished:
    return run("services")


def test_all_enterprises_and_projects_are_of_it(alone: Finished) -> None:
    firms = alone.model.world.enterprises
    assert set(firms.sector) == {SECTORS.index("services")}
    assert len(firms) > 30
    founded = alone.tables["events"].query("event == 'project_founded'")
    assert set(founded.detail) == {"services"}


def test_paid_work_in_enterprises_is_in_its_branch_alone(alone: Finished) -> None:
    """No own-account line is of the second branch, so where no enterprise is, nobody works in it."""
    assert BRANCHES[BRANCH_OF_SECTOR[SECTORS.index("services")]] == "tertiary"
    district = alone.district
    assert (district.workers_secondary == 0.0).all()
    assert (district.workers_primary + district.workers_tertiary).to_numpy() == pytest.approx(1.0)
    assert (run(None).district.workers_secondary > 0.05).all()  # with five there are such jobs


@pytest.mark.parametrize("bent", CHOICES)
def test_how_sectors_are_chosen_decides_nothing(alone: Finished, bent: str) -> None:
    """To the last bit."""
    other = run("services", **CHOICES[bent])
    for name in TABLES:
        pd.testing.assert_frame_equal(alone.tables[name], other.tables[name], check_exact=True)


def test_with_five_sectors_it_decides_something() -> None:
    """Without it, the test above would say nothing."""
    plain = run(None).flows
    assert not any(run(None, **changes).flows.equals(plain) for changes in CHOICES.values())


def test_it_does_not_matter_which() -> None:
    """Processing and solar power differ in name and in the luck of their buyers: without that they are one."""
    a, b = (run(sector, demand__spread=0.0) for sector in ("processing", "solar"))
    for name in TABLES:
        mine, theirs = (
            f.tables[name].replace({"processing": "one", "solar": "one"}, regex=True) for f in (a, b)
        )
        pd.testing.assert_frame_equal(mine, theirs, check_exact=True)
    c = run("services", demand__spread=0.0)
    assert not np.array_equal(
        a.district.mean_income, c.district.mean_income
    )  # trade on own account is near it
