"""No test reads or fills the user's own cache."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from abm.model.cache import FOLDER
from tests.undrawn import undrawn


@pytest.fixture(scope="session", autouse=True)
def _cache_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One folder for all tests of a process; commands that they start inherit it."""
    before = os.environ.get(FOLDER)
    os.environ[FOLDER] = str(tmp_path_factory.mktemp("cache"))
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
