"""One run, in memory and in a folder."""

from pathlib import Path

import pytest

from abm import simulate
from abm.core.errors import InputError
from abm.runs.batch import write_run
from abm.runs.design import run_spec_of
from abm.runs.simulate import run_spec
from abm.scenario.schema import Scenario
from abm.scenario.switches import Arm


def test_the_same_call_gives_the_same_digests(scenario: Scenario, size: dict) -> None:
    first, second = (simulate(scenario, seed=3, **size) for _ in range(2))
    assert first.digests() == second.digests()
    assert first.digests() != simulate(scenario, seed=4, **size).digests()


def test_a_run_in_a_folder_is_the_run_in_memory(scenario: Scenario, size: dict, tmp_path: Path) -> None:
    spec = run_spec_of(scenario, seed=3, snapshots=True, **size)
    tables, results = run_spec(spec), write_run(spec, tmp_path)
    assert results.digests() == results.manifest["digests"] == tables.digests()
    assert results.manifest["command"] == "run"
    assert results.manifest["seed"] == 3
    for name in ("outcomes", "villages", "flows", "events", "households"):
        assert getattr(results, name).equals(getattr(tables, name)), name
        assert results.table(name).schema.equals(tables[name].schema)


def test_the_rows_say_which_run_they_are_of(scenario: Scenario, size: dict) -> None:
    tables = simulate(scenario, seed=3, arm=Arm(interest=False), budget="withheld", **size)
    first = tables.outcomes.iloc[0]
    assert (first["arm"], first["budget"], first["seed"]) == ("OS", "withheld", 3)
    assert (bool(first["organizational"]), bool(first["interest"]), bool(first["social"])) == (
        True,
        False,
        True,
    )
    assert set(tables.outcomes["year"]) == {2014, 2015}


def test_a_table_that_was_not_kept(scenario: Scenario, size: dict) -> None:
    with pytest.raises(InputError, match="snapshots"):
        _ = simulate(scenario, seed=3, **size).households


def test_a_run_without_a_seed_has_a_fresh_one(scenario: Scenario, size: dict) -> None:
    assert simulate(scenario, **size).key.seed != simulate(scenario, **size).key.seed


def test_a_draw_changes_the_parameters_of_the_run(scenario: Scenario, size: dict) -> None:
    assert (
        simulate(scenario, seed=3, draw=1, **size).digests() != simulate(scenario, seed=3, **size).digests()
    )


def test_a_failing_run_leaves_the_folder_as_it_was(scenario: Scenario, tmp_path: Path, monkeypatch) -> None:
    def fails(**_):
        raise RuntimeError("boom")

    monkeypatch.setattr("abm.runs.simulate.JointPointModel", fails)
    with pytest.raises(RuntimeError, match="boom"):
        write_run(run_spec_of(scenario, seed=1), tmp_path / "new")
    assert list(tmp_path.iterdir()) == []
