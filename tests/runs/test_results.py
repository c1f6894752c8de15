"""Reading a results folder, and saying what is wrong with one."""

from pathlib import Path

import pytest

from abm import read_results
from abm.core.errors import InputError
from abm.records.schema import TABLES
from abm.runs.batch import write_run
from abm.runs.design import run_spec_of
from abm.scenario.schema import Scenario


@pytest.fixture
def folder(scenario: Scenario, size: dict, tmp_path: Path) -> Path:
    write_run(run_spec_of(scenario, seed=3, **size), tmp_path)
    return tmp_path


def test_a_missing_folder_a_file_and_a_folder_of_something_else(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere: there is no such folder; name a folder"):
        read_results(tmp_path / "nowhere")
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match=r"notes\.txt: is no folder"):
        read_results(tmp_path / "notes.txt")
    with pytest.raises(InputError, match="holds no results"):
        read_results(tmp_path)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 99}', "{}", "\x00\xff"])
def test_a_manifest_that_is_damaged_or_of_another_format(folder: Path, text: str) -> None:
    (folder / "manifest.json").write_text(text, encoding="latin-1")
    with pytest.raises(InputError, match=r"manifest\.json"):
        read_results(folder)


def test_a_damaged_table_is_named_when_it_is_read(folder: Path) -> None:
    (file,) = (folder / "villages").iterdir()
    file.write_bytes(b"PAR1 and no more")
    results = read_results(folder)
    assert len(results.outcomes) > 0
    with pytest.raises(InputError, match=file.name):
        _ = results.villages


def test_a_folder_whose_runs_are_still_to_come(folder: Path) -> None:
    for table in TABLES:
        for file in (folder / table).glob("*"):
            file.unlink()
    with pytest.raises(InputError, match="no finished run"):
        read_results(folder)


def test_a_table_that_was_not_kept(folder: Path) -> None:
    with pytest.raises(InputError, match="--snapshots"):
        _ = read_results(folder).households


def test_it_says_what_it_is(folder: Path) -> None:
    assert "1 runs, complete" in repr(read_results(str(folder)))
