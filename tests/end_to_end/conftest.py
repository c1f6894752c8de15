"""The command line in this process: quick, and every word that it prints is seen."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from abm.cli.main import execute
from tests.end_to_end.small import SMALL_FACTORIAL, SMALL_RUN


@dataclass(frozen=True)
class Said:
    """What a command left: exit code, and what it wrote on stdout and stderr."""

    code: int
    out: str
    err: str


@pytest.fixture
def abm(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Said]:
    """Does a command as ``abm WORDS`` would where no terminal says how wide it is."""
    monkeypatch.delenv("COLUMNS", raising=False)  # several processes of tests at once set it

    def do(*words: object) -> Said:
        capsys.readouterr()
        code = execute([str(word) for word in words])
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return do


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def one_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results folder of a small run; to be read only."""
    folder = tmp_path_factory.mktemp("results") / "run"
    assert execute(["run", *SMALL_RUN, "--out", str(folder)]) == 0
    return folder


@pytest.fixture(scope="session")
def small_factorial(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results folder of a small factorial; to be read only."""
    folder = tmp_path_factory.mktemp("results") / "factorial"
    assert execute(["factorial", *SMALL_FACTORIAL, "--out", str(folder)]) == 0
    return folder
