"""No test reads or fills the user's own cache."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from abm.model.cache import FOLDER
from tests.undrawn import undrawn


@pytest.fixture(scope="session", autouse=True)
def _cache_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One folder for all tests, in whatever process of pytest-xdist; commands that they start inherit it."""
    before, place = os.environ.get(FOLDER), tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        place = place.parent
    os.environ[FOLDER] = str(place / "cache-of-all")
    yield
    os.environ.pop(FOLDER)
    if before is not None:
        os.environ[FOLDER] = before


@pytest.fixture
def without_pictures() -> Iterator[None]:
    """Pages of a report have empty pictures."""
    with undrawn():
        yield


@pytest.fixture
def cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of one test's own; the folder that its files come to lie in."""
    monkeypatch.setenv(FOLDER, str(tmp_path / "cache"))
    return tmp_path / "cache" / "burn_in"
