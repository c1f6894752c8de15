"""A small world and short years, so that a batch of eight arms takes a second or two."""

from pathlib import Path

import pytest

from abm import factorial
from abm.model.plan import load_scenario
from abm.runs.pack import pack
from abm.runs.results import Results
from abm.scenario.schema import Scenario
from tests.runs.batches import REPLICATIONS


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


@pytest.fixture(scope="session")
def zipped(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its pack as a zip; to be read only."""
    return pack(published, tmp_path_factory.mktemp("pack") / "p.zip").path


@pytest.fixture(scope="session")
def serial(scenario: Scenario, size: dict, tmp_path_factory: pytest.TempPathFactory) -> Results:
    """The factorial in one process, never interrupted: what all others must equal; to be read only."""
    out = tmp_path_factory.mktemp("serial")
    return factorial(scenario, replications=REPLICATIONS, workers=1, out=out, **size)
