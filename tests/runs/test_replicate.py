"""Replication: equal, within the tolerance, or the first difference."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from abm.cli.replicated import lines_of
from abm.core.errors import InputError
from abm.records.schema import TABLES
from abm.runs import replicate as replication
from abm.runs.design import factorial_design
from abm.runs.differences import compared, unlike
from abm.runs.pack import pack
from abm.runs.replicate import replicate, sampled
from abm.scenario.schema import Scenario
from tests.end_to_end.small import content_of
from tests.runs.packs import copied, first_of, forged


def only(folder: Path, run: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a replication repeat this run alone."""
    monkeypatch.setattr(
        replication, "sampled", lambda specs, _: [spec for spec in specs if spec.run_id == run]
    )


# --- equal, near, different ---------------------------------------------------------------------------------


def test_a_pack_is_equal(zipped: Path, published: Path, tmp_path: Path) -> None:
    before = content_of(published)
    done = replicate(zipped, sample=2, workers=1, out=tmp_path / "again")
    assert (done.verdict, done.compared, done.runs, done.differing) == ("equal", 2, 8, 0)
    assert (done.difference, done.environment, done.failures) == (None, (), {})
    for path in (tmp_path / "again" / "outcomes").glob("*.parquet"):
        assert path.read_bytes() == (published / "outcomes" / path.name).read_bytes()
    assert content_of(published) == before


def test_a_results_folder_and_a_pack_without_tables_are_equal(published: Path, tmp_path: Path) -> None:
    bare = pack(published, tmp_path / "p", tables=False).path
    assert replicate(published, sample=1, workers=1).verdict == "equal"
    done = replicate(bare, sample=1, workers=1)
    assert (done.verdict, done.tables) == ("equal", False)


def test_a_value_that_the_runs_never_gave_is_named(
    published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The forger has made the digests follow, so that only repeating the run shows it."""
    folder, run = copied(published, tmp_path / "r"), first_of(published, "OS")
    row = {"year": 2017, "population": "rural"}

    def change(frame: pd.DataFrame) -> None:
        here = (frame["year"] == row["year"]) & (frame["population"] == row["population"])
        frame.loc[here, "gini"] = 0.123
        frame.loc[frame["year"] == 2018, "mean_income"] += 1.0

    forged(folder, run, "outcomes", change)
    path = pack(folder, tmp_path / "p.zip").path
    only(folder, run, monkeypatch)
    done = replicate(path, workers=1)
    assert (done.verdict, done.differing) == ("differs", 1)
    found = done.difference
    assert found is not None
    assert found.where is not None
    assert (found.run_id, found.arm, found.table) == (run, "OS", "outcomes")
    assert (found.where.year, found.where.column, found.where.row) == (2017, "gini", "population=rural")
    true = pq.read_table(published / "outcomes" / f"{run}.parquet").to_pandas()
    (value,) = true.loc[(true["year"] == 2017) & (true["population"] == "rural"), "gini"]
    assert (found.where.published, found.where.now) == (0.123, value)


def test_differences_in_the_last_bits_are_within_the_tolerance(
    published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = first_of(published)
    folder = forged(
        copied(published, tmp_path / "r"),
        run,
        "villages",
        lambda frame: frame.__setitem__("mean_income", frame["mean_income"] * (1 + 1e-11)),
    )
    only(folder, run, monkeypatch)
    done = replicate(folder, workers=1)
    assert done.verdict == "within tolerance"
    assert done.largest == pytest.approx(1e-11, rel=1e-3)
    strict = replicate(folder, workers=1, tolerance=1e-12)
    assert (strict.verdict, strict.difference and strict.difference.table) == ("differs", "villages")


def test_the_environment_is_compared(zipped: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = replication.environment

    def other(scenario: Scenario) -> dict:
        here = real(scenario)
        return {**here, "numpy": "0.1", "code": "f" * 64, "cpu_features": [*here["cpu_features"], "ZZZ"]}

    monkeypatch.setattr(replication, "environment", other)
    done = replicate(zipped, sample=1, workers=1)
    assert done.verdict == "equal"
    assert {one.name for one in done.environment} == {"numpy", "code", "cpu_features"}
    assert next(one.here for one in done.environment if one.name == "cpu_features") == "ZZZ"


def test_a_run_that_fails_here_is_a_difference(zipped: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(spec: object, folder: Path) -> None:
        raise ArithmeticError("no such luck")

    monkeypatch.setattr("abm.runs.engine.run_into", fails)
    done = replicate(zipped, sample=1, workers=1)
    assert (done.verdict, done.differing, done.difference) == ("differs", 1, None)
    assert "no such luck" in next(iter(done.failures.values()))


def test_what_lies_there_already_was_not_repeated(published: Path, zipped: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    assert replicate(zipped, sample=2, workers=1, out=again).before == 0
    before = content_of(again)
    with pytest.raises(InputError, match="holds these runs already, and none was rerun; name a new folder"):
        replicate(zipped, sample=2, workers=1, out=again)
    with pytest.raises(
        InputError, match="none was rerun"
    ):  # else the published results would prove themselves
        replicate(zipped, out=copied(published, tmp_path / "r"))
    assert content_of(again) == before
    next((again / "runs").iterdir()).unlink()  # as if it had been stopped
    done = replicate(zipped, sample=2, workers=1, out=again)
    assert (done.verdict, done.compared, done.before) == ("equal", 2, 1)
    assert lines_of(done)[1].startswith("1 of them lay in the folder of the new results already")


# --- how tables are compared --------------------------------------------------------------------------------


def outcomes(published: Path) -> pa.Table:
    return pq.read_table(published / "outcomes" / f"{first_of(published)}.parquet")


def test_rows_and_columns_that_are_missing_are_named(published: Path) -> None:
    table = outcomes(published)
    cell, _ = compared("outcomes", table, table.slice(1), 1e-9)
    assert cell is not None
    assert (cell.year, cell.column, cell.published, cell.now) == (2014, "(the row)", "there", "missing")
    cell, _ = compared("outcomes", table, table.drop_columns(["gini"]), 1e-9)
    assert cell is not None
    assert (cell.year, cell.column, cell.now) == (None, "gini", "missing")


def test_the_first_year_comes_before_the_first_column(published: Path) -> None:
    table = outcomes(published)
    frame = table.to_pandas()
    frame.loc[frame["year"] == 2018, "mean_income"] += 1.0
    frame.loc[frame["year"] == 2016, "theil_l"] = np.nan
    changed = pa.Table.from_pandas(frame, schema=TABLES["outcomes"], preserve_index=False)
    cell, _ = compared("outcomes", table, changed, 1e-9)
    assert cell is not None
    assert (cell.year, cell.column) == (2016, "theil_l")
    assert compared("outcomes", changed, changed, 0.0) == (None, 0.0)


def test_noise_about_zero_is_no_difference_but_whole_numbers_are_exact(published: Path) -> None:
    table = outcomes(published)
    frame = table.to_pandas()
    frame["gini"] = 0.0
    table = pa.Table.from_pandas(frame, schema=TABLES["outcomes"], preserve_index=False)
    frame["gini"] = 1e-13
    changed = pa.Table.from_pandas(frame, schema=TABLES["outcomes"], preserve_index=False)
    cell, largest = compared("outcomes", table, changed, 1e-9)
    assert cell is None
    assert 0 < largest <= 1e-9
    frame = frame.copy()  # Arrow may look into the frame that it came from
    frame.loc[3, "households"] += 1
    changed = pa.Table.from_pandas(frame, schema=TABLES["outcomes"], preserve_index=False)
    cell, _ = compared("outcomes", table, changed, 1.0)
    assert cell is not None
    assert cell.column == "households"


def test_environments_that_are_alike() -> None:
    assert unlike({"python": "3", "x": ["a"]}, {"python": "3", "x": ["a"]}) == ()
    (one,) = unlike({"python": "3"}, {"python": "3", "libc": "2"})
    assert (one.name, one.published, one.here) == ("libc", "not said", "2")


@pytest.mark.parametrize("count", [1, 3, 8, 11, 24])
def test_a_sample_is_spread_over_the_arms(scenario: Scenario, count: int) -> None:
    specs = factorial_design(scenario, replications=3)
    chosen = sampled(specs, count)
    assert len(chosen) == count
    assert chosen == sampled(specs, count)
    times = [sum(spec.arm.name == arm for spec in chosen) for arm in {spec.arm.name for spec in specs}]
    assert max(times) - min(times) <= 1
    assert [spec for spec in specs if spec in chosen] == chosen
