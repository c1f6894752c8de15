"""A small world and short years, so that a batch of eight arms takes a second or two."""

import pytest

from abm.model.plan import load_scenario
from abm.scenario.schema import Scenario


@pytest.fixture(scope="session")
def scenario() -> Scenario:
    """T District with the switch in its second year."""
    return load_scenario("t_district", {"scenario.switch_year": 2015, "scenario.burn_in": 0})


@pytest.fixture(scope="session")
def size() -> dict[str, int]:
    """The smallest world that may be, for two years."""
    return {"households": 200, "years": 2}
