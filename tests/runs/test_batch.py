"""Batches: the same results however they come about, and nothing lost when something goes wrong."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import abm
from abm import factorial, read_results
from abm.core.errors import InputError
from abm.runs import batch, engine, simulate
from abm.runs.results import Results
from abm.scenario.schema import Scenario
from tests.runs.batches import REPLICATIONS, files


def test_all_arms_are_there_and_the_manifest_says_so(serial: Results) -> None:
    manifest = serial.manifest
    assert manifest["complete"]
    assert not serial.failures
    assert serial.ran == len(manifest["runs"]) == 8 * REPLICATIONS
    assert manifest["arms"] == ["OIS", "OI", "OS", "O", "IS", "I", "S", "none"]
    assert list(serial.outcomes["run_id"].unique()) == [run["run_id"] for run in manifest["runs"]]
    assert serial.outcomes.groupby(["year", "population"]).size().unique() == [8 * REPLICATIONS]
    assert (manifest["questions"], manifest["budgets"]) == (["cut"], ["neutral"])
    assert (manifest["seed"], manifest["replications"], manifest["draws"]) == (1, REPLICATIONS, 0)
    assert {p["status"] for p in manifest["parameters"]} <= {"seed", "published", "assumed"}
    assert all(number["source"] for number in manifest["numbers"])


def test_all_arms_are_one_run_until_the_switch_year(serial: Results, scenario: Scenario) -> None:
    labels = ["run_id", "arm", "organizational", "interest", "social"]
    for table in (serial.outcomes, serial.villages, serial.flows):
        before = table[table["year"] < scenario.switch_year].drop(columns=labels)
        keys = [
            c
            for c in ("seed", "year", "population", "village", "payer", "payee", "kind", "layer")
            if c in before
        ]
        assert len(before) == 8 * len(before.drop_duplicates())
        assert (before.groupby(keys).size() == 8).all()


def test_the_manifest_has_the_digests_of_the_files(serial: Results) -> None:
    assert serial.digests() == serial.manifest["digests"]
    assert read_results(serial.folder).manifest == serial.manifest


def test_no_path_of_this_machine_is_in_the_results(serial: Results) -> None:
    for name, content in files(serial.folder).items():
        if name.endswith(".json"):
            assert str(Path(abm.__file__).parents[1]) not in content.decode()
            assert str(serial.folder) not in content.decode()


def test_a_second_call_finds_all_done(serial: Results, scenario: Scenario, size: dict, capsys) -> None:
    before = files(serial.folder)
    again = factorial(scenario, replications=REPLICATIONS, out=serial.folder, progress=True, **size)
    assert again.ran == 0
    assert f"all {8 * REPLICATIONS} runs are done" in capsys.readouterr().err
    assert files(serial.folder) == before


@pytest.mark.parametrize("other", [{"replications": 3}, {"seed": 2}, {"budget": "both"}, {"draws": 1}])
def test_another_experiment_is_kept_out(serial: Results, scenario: Scenario, size: dict, other: dict) -> None:
    before = files(serial.folder)
    with pytest.raises(InputError, match="another experiment"):
        factorial(scenario, out=serial.folder, **{"replications": REPLICATIONS, **size, **other})
    assert files(serial.folder) == before


@pytest.mark.parametrize(
    ("where", "what", "said"),
    [
        ("abm.__version__", "99", "was begun by version"),
        ("abm.model.environment._own_code", lambda: "other", "before the model's code was changed"),
    ],
)
def test_results_of_other_rules_are_not_mixed(
    serial: Results, scenario: Scenario, size: dict, monkeypatch, where: str, what: object, said: str
) -> None:
    before = files(serial.folder)
    monkeypatch.setattr(where, what)
    with pytest.raises(InputError, match=said):
        factorial(scenario, replications=REPLICATIONS, out=serial.folder, **size)
    assert files(serial.folder) == before


def test_a_batch_that_was_stopped_goes_on(
    serial: Results, scenario: Scenario, size: dict, tmp_path: Path, monkeypatch
) -> None:
    run_into, left = engine.run_into, iter(range(5))

    def stopped(*args) -> dict:
        if next(left, None) is None:
            raise KeyboardInterrupt
        return run_into(*args)

    monkeypatch.setattr(engine, "run_into", stopped)
    call = {"replications": REPLICATIONS, "workers": 1, "out": tmp_path, **size}
    with pytest.raises(KeyboardInterrupt):
        factorial(scenario, **call)
    part = read_results(tmp_path)
    assert not part.manifest["complete"]
    assert part.outcomes["run_id"].nunique() == 5
    assert part.digests() == part.manifest["digests"]
    monkeypatch.setattr(engine, "run_into", run_into)
    whole = factorial(scenario, **call)
    assert whole.ran == 8 * REPLICATIONS - 5
    assert files(tmp_path) == files(serial.folder)


def test_a_run_whose_file_has_gone_is_done_again(
    serial: Results, scenario: Scenario, size: dict, tmp_path: Path
) -> None:
    for name, content in files(serial.folder).items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    next((tmp_path / "flows").iterdir()).unlink()
    assert factorial(scenario, replications=REPLICATIONS, workers=1, out=tmp_path, **size).ran == 1
    assert files(tmp_path) == files(serial.folder)


def test_a_run_that_fails_is_recorded_and_the_others_go_on(
    serial: Results, scenario: Scenario, size: dict, tmp_path: Path, monkeypatch
) -> None:
    model = simulate.JointPointModel

    def fragile(**settings):
        if settings["arm"].name == "OS":
            raise ZeroDivisionError("no\nhouseholds")
        return model(**settings)

    monkeypatch.setattr(simulate, "JointPointModel", fragile)
    call = {"replications": REPLICATIONS, "workers": 1, "out": tmp_path, **size}
    results = factorial(scenario, **call)
    assert not results.manifest["complete"]
    assert len(results.failures) == REPLICATIONS
    for message in results.failures.values():
        assert message.startswith("ZeroDivisionError: no households (")
    assert set(results.outcomes["arm"]) == set(serial.outcomes["arm"]) - {"OS"}
    monkeypatch.setattr(simulate, "JointPointModel", model)
    mended = factorial(scenario, **call)
    assert (mended.ran, dict(mended.failures)) == (REPLICATIONS, {})
    assert files(tmp_path) == files(serial.folder)


def test_a_run_that_lost_a_file_and_fails_is_not_finished(
    serial: Results, scenario: Scenario, size: dict, tmp_path: Path, monkeypatch
) -> None:
    for name, content in files(serial.folder).items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    lost = min((tmp_path / "flows").iterdir())
    lost.unlink()

    def fails(**_: object) -> None:
        raise ZeroDivisionError("no households")

    monkeypatch.setattr(simulate, "JointPointModel", fails)
    results = factorial(scenario, replications=REPLICATIONS, workers=1, out=tmp_path, **size)
    assert (results.ran, list(results.failures)) == (0, [lost.stem])
    assert not results.manifest["complete"]


def test_bad_input_in_the_first_run_stops_all_and_leaves_nothing(
    scenario: Scenario, size: dict, tmp_path: Path, monkeypatch
) -> None:
    def refuses(**_):
        raise InputError("will not do")

    monkeypatch.setattr(simulate, "JointPointModel", refuses)
    for out in (tmp_path, tmp_path / "new"):
        with pytest.raises(InputError, match="will not do"):
            factorial(scenario, workers=1, out=out, **size)
        assert list(tmp_path.iterdir()) == []


def test_a_batch_that_is_stopped_while_a_cluster_works_keeps_its_manifest(
    scenario: Scenario, size: dict, tmp_path: Path, monkeypatch
) -> None:
    """Its workers may go on writing, and must not write into a folder that says nothing of their runs."""

    def stopped(*_: object) -> Iterator[object]:
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr(batch, "outcomes", stopped)
    with pytest.raises(KeyboardInterrupt):
        factorial(scenario, cluster="tcp://127.0.0.1:9", out=tmp_path, **size)
    assert not json.loads((tmp_path / "manifest.json").read_text())["complete"]


def test_wrong_arguments_touch_nothing(scenario: Scenario, size: dict, tmp_path: Path) -> None:
    for wrong in ({"workers": 0}, {"budget": "all"}, {"replications": 0}, {"cluster": "tcp://127.0.0.1:9"}):
        with pytest.raises(InputError, match=f"--{next(iter(wrong))}"):
            factorial(scenario, out=tmp_path / "new", **size, **wrong)
        assert list(tmp_path.iterdir()) == []


def test_without_a_folder_the_results_go_with_their_object(scenario: Scenario, size: dict) -> None:
    results = factorial(scenario, replications=1, workers=1, **size)
    folder = results.folder
    assert len(results.outcomes) > 0
    del results
    assert not folder.exists()


def test_draws_are_in_the_rows_and_in_the_manifest(scenario: Scenario, size: dict) -> None:
    results = factorial(scenario, replications=1, draws=1, workers=1, **size)
    assert set(results.outcomes["draw"]) == {0, 1}
    (drawn,) = results.manifest["drawn"]
    assert drawn["draw"] == 1
    assert set(drawn["parameters"]) <= {p["name"] for p in results.manifest["parameters"]}


@pytest.fixture(scope="module")
def workers() -> Iterator[str]:
    """Address of a scheduler with two workers."""
    from abm.runs.cluster import local_workers

    with local_workers(2) as client:
        yield client.scheduler.address


@pytest.mark.slow
def test_workers_write_the_same_files(
    serial: Results, workers: str, scenario: Scenario, size: dict, tmp_path: Path
) -> None:
    results = factorial(scenario, replications=REPLICATIONS, cluster=workers, out=tmp_path, **size)
    assert results.digests() == serial.digests()
    assert files(tmp_path) == files(serial.folder)


def test_workers_send_home_what_went_wrong(
    workers: str, scenario: Scenario, size: dict, tmp_path: Path
) -> None:
    """A folder that is not there, and other code, as on a cluster's other machines."""
    from distributed import Client

    from abm.runs.engine import attempt_there

    with Client(workers, set_as_default=False) as client:
        told = client.submit(attempt_there, b"", "", str(tmp_path), "", pure=False)
        with pytest.raises(InputError, match="does not see this folder"):
            told.result()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("abm.runs.engine.code_digest", lambda _: "other")
        with pytest.raises(InputError, match="other code"):
            factorial(scenario, cluster=workers, out=tmp_path / "new", **size)
    assert list(tmp_path.iterdir()) == []


def test_a_plain_script_may_use_workers(serial: Results, tmp_path: Path) -> None:
    """No ``__main__`` guard, a folder of its own: nothing starts for ever, and the digests are the same."""
    script = tmp_path / "plain.py"
    script.write_text(
        "from abm import factorial\nfrom abm.model.plan import load_scenario\n"
        "scenario = load_scenario('t_district', {'scenario.switch_year': 2015, 'scenario.burn_in': 0})\n"
        f"r = factorial(scenario, households=200, years=2, replications={REPLICATIONS}, workers=2, out='r')\n"
        "print(r.ran)\n"
    )
    done = subprocess.run(
        [sys.executable, script.name],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(abm.__file__).parents[1])},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{8 * REPLICATIONS}\n", "")
    assert json.loads((tmp_path / "r" / "manifest.json").read_text())["digests"] == serial.manifest["digests"]
