"""Packing, replicating and exporting from the command line: what they say, and with which exit code."""

import errno
import json
import os
import re
import shutil
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from abm.runs.results import read_results
from tests.end_to_end.small import content_of
from tests.runs.packs import forged, zip_of


@pytest.fixture
def copy(small_factorial: Path, tmp_path: Path) -> Path:
    """Results to spoil."""
    shutil.copytree(small_factorial, tmp_path / "copy")
    return tmp_path / "copy"


def test_pack_and_replicate(abm, here, small_factorial):
    said = abm("pack", small_factorial, "--out", "p.zip")
    assert (said.code, said.err) == (0, "")
    assert "p.zip: 8 runs, " in said.out
    again = abm("pack", small_factorial, "--out", "p.zip")
    assert "it was there already, the same to the last byte" in again.out
    said = abm("replicate", "p.zip", "--sample", 1, "--workers", 1)
    assert said.code == 0, said.err
    assert "equal: 1 of 8 runs were repeated, and all digests are equal" in said.out
    assert "environment: the same code, versions and processor features" in said.out
    assert set(content_of(here)) == {"p.zip"}


def test_a_pack_lies_beside_its_results_by_default(abm, here, copy):
    assert abm("pack", copy, "--no-tables").code == 0
    with zipfile.ZipFile(here / "copy.zip") as archive:
        assert not any(name.endswith(".parquet") for name in archive.namelist())


def test_a_difference_is_told_with_exit_code_1(abm, here, copy):
    rows = json.loads((copy / "manifest.json").read_text())["runs"]
    for row in rows:
        forged(copy, row["run_id"], "outcomes", lambda frame: frame.__setitem__("gini", frame["gini"] + 0.5))
    said = abm("replicate", copy, "--sample", 1, "--workers", 1)
    assert said.code == 1, said.err
    assert "differs: 1 of 8 runs were repeated, and 1 of them differ (tolerance 1e-09)" in said.out
    assert f"first difference: run {rows[0]['run_id']} (arm OIS, seed {rows[0]['seed']})" in said.out
    assert ", year 2014, table outcomes, column gini (population=all): 0." in said.out
    assert " published, 0." in said.out


def test_damage_is_exit_code_1(abm, here, copy):
    path = next((copy / "outcomes").glob("*.parquet"))
    path.write_bytes(path.read_bytes()[:500])
    before = content_of(here)
    for words in (["replicate", copy], ["pack", copy, "--out", "p.zip"]):
        said = abm(*words)
        assert (said.code, said.out) == (1, "")
        assert f"abm: {path}: is damaged" in said.err
        assert said.err.count("\n") == 1
    assert content_of(here) == before


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["replicate", "none"], "none: there is no such file or folder; name a pack or a results folder"),
        (["replicate", "text.zip"], "text.zip: is no zip file"),
        (["replicate", "slip.zip"], "slip.zip: '../evil' climbs out of the pack; do not use this pack"),
        (["replicate", "empty"], "empty: is neither a pack"),
        (["replicate", "R", "--sample", "0"], "--sample: 0 is too few; use 1 or more"),
        (["replicate", "R", "--tolerance", "nan"], "--tolerance: cannot be nan"),
        (["replicate", "R", "--tolerance", "-1"], "--tolerance: cannot be -1.0"),
        (["replicate", "R", "--workers", "0"], "--workers: 0 is too few"),
        (["replicate", "R", "--out", "R"], "is where the published results lie"),
        (["replicate", "R", "--out", "full", "--sample", "1", "--workers", "1"], "full: --out: "),
        (["pack", "none"], "none: there is no such folder"),
        (["pack", "empty"], "empty: holds no results (no manifest.json)"),
        (["pack", "R", "--out", "text.zip"], "text.zip: --out: is there already, and it is another"),
        (["pack", "R", "--out", "full"], "full: --out: is there already"),
        (["pack", "R", "--out", "text.zip/p"], "cannot be made"),
        (["pack", "R", "--citation", "text.zip"], "text.zip: --citation: "),
        (["pack", "R", "--citation", "none"], "none: --citation: cannot be read"),
        (["export", "none"], "none: there is no such folder"),
        (["export", "R", "--format", "xls"], "--format: there is no 'xls'"),
        (["export", "R", "--table", "outcome"], "--table: there is no 'outcome'; did you mean 'outcomes'?"),
        (["export", "R", "--table", "households"], "--table: holds no table 'households'; run it again with"),
        (["export", "R", "--out", "full"], "full: --out: is there already"),
    ],
)
def test_bad_input_is_exit_code_2_and_leaves_all_as_it_was(abm, here, small_factorial, words, problem):
    (here / "text.zip").write_text("title: [")
    (here / "empty").mkdir()
    (here / "full").mkdir()
    (here / "full" / "mine").write_text("mine")
    zip_of(here / "slip.zip", ("manifest.json", b"{}"), ("../evil", b"evil"))
    before = content_of(here)
    said = abm(*(small_factorial if word == "R" else word for word in words))
    assert (said.code, said.out) == (2, ""), said.err
    assert problem in said.err
    assert "Traceback" not in said.err
    assert content_of(here) == before
    assert not (here.parent / "evil").exists()


@pytest.mark.parametrize(
    "words", [["pack", "--out", "p.zip"], ["pack", "--out", "p"], ["export"], ["export", "--format", "dta"]]
)
def test_a_full_disk_is_one_line_and_leaves_nothing(abm, here, small_factorial, monkeypatch, words):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    for where in ("abm.runs.pack._copy", "pandas.DataFrame.to_csv", "pandas.DataFrame.to_stata"):
        monkeypatch.setattr(where, full)
    out = [] if "--out" in words else ["--out", "x"]
    said = abm(words[0], small_factorial, *words[1:], *out)
    assert (said.code, said.out) == (1, "")
    assert re.fullmatch(
        r"abm: [px](\.zip)?: cannot be written: No space left on device; nothing .*\n", said.err
    )
    assert list(here.iterdir()) == []


def test_an_export_of_part_of_the_runs_says_so(abm, here, copy):
    said = abm("export", copy, "--out", "whole", "--table", "outcomes")
    assert "missing" not in said.out
    next((copy / "runs").glob("*.json")).unlink()
    manifest = json.loads((copy / "manifest.json").read_text())
    (copy / "manifest.json").write_text(json.dumps({**manifest, "complete": False}))
    said = abm("export", copy, "--out", "part", "--table", "outcomes")
    assert (said.code, "Some runs are missing: the results are not finished" in said.out) == (0, True)


def test_export_for_spreadsheets_and_stata(abm, here, small_factorial):
    outcomes = read_results(small_factorial).outcomes
    assert abm("export", small_factorial, "--out", "c").code == 0
    names = {path.name for path in (here / "c").iterdir()}
    assert {"outcomes.csv", "villages.csv", "flows.csv", "variables.csv"} <= names
    csv = pd.read_csv(here / "c" / "outcomes.csv", encoding="utf-8-sig", keep_default_na=True)
    assert list(csv.columns) == list(outcomes.columns)
    assert csv["gini"].tolist() == outcomes["gini"].tolist()
    assert csv["seed"].tolist() == outcomes["seed"].tolist()
    meanings = pd.read_csv(here / "c" / "variables.csv").set_index(["table", "column"])
    assert meanings.loc[("outcomes", "gini"), "unit"] == "0 to 1"
    words = ("export", small_factorial, "--format", "dta", "--table", "outcomes", "--table", "events")
    for out in ("d", "e"):
        assert abm(*words, "--out", out).code == 0
    assert content_of(here / "d") == content_of(here / "e")
    stata = pd.read_stata(here / "d" / "outcomes.dta")
    assert stata["gini"].tolist() == outcomes["gini"].tolist()
    assert stata["seed"].tolist() == outcomes["seed"].astype(str).tolist()
    assert stata["social"].tolist() == outcomes["social"].astype(int).tolist()
    assert {path.name for path in (here / "d").iterdir()} == {"outcomes.dta", "events.dta", "variables.csv"}
