"""A small world and short years, so that a batch of eight arms takes a second or two."""

from pathlib import Path

import pytest

from abm.model.plan import load_scenario
from abm.runs.batch import factorial
from abm.scenario.schema import Scenario


@pytest.fixture(scope="session")
def scenario() -> Scenario:
    """T District with the switch in its second year."""
    return load_scenario("t_district", {"scenario.switch_year": 2015, "scenario.burn_in": 0})


@pytest.fixture(scope="session")
def size() -> dict[str, int]:
    """The smallest world that may be, for two years."""
    return {"households": 200, "years": 2}


@pytest.fixture(scope="session")
def published(scenario: Scenario, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results folder of a factorial over six years, one seed; to be read only."""
    folder = tmp_path_factory.mktemp("published") / "r"
    factorial(scenario, replications=1, households=200, years=6, workers=1, out=folder)
    return folder
