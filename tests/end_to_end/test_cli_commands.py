"""What each command does when all is well."""

import csv
import io
import shutil
from contextlib import nullcontext

import pytest

from abm.core.phases import PHASE_NAMES
from abm.runs.results import read_results
from tests.end_to_end.small import SMALL_FACTORIAL, SMALL_RUN, content_of
from tests.undrawn import undrawn

# --- run --------------------------------------------------------------------------------------------------


def test_run_shows_outcomes_and_says_where_they_are(abm, here):
    said = abm("run", *SMALL_RUN)
    assert said.code == 0, said.err
    for word in ("Gini", "median", "urban/rural", "all residents", "rural residents", "2014", "2015"):
        assert word in said.out
    (folder,) = (here / "results").iterdir()
    assert folder.name.startswith("t_district-seed1-")
    assert f"Results in results/{folder.name}" in said.out
    assert set(read_results(folder).outcomes["year"]) == {2014, 2015}


def test_the_same_run_again_is_done_already(abm, here):
    first = abm("run", *SMALL_RUN)
    before = content_of(here)
    second = abm("run", *SMALL_RUN)
    assert second.code == 0
    assert "This run was done already" in second.out
    assert second.out.splitlines()[:-1] == first.out.splitlines()[:-1]
    assert content_of(here) == before


@pytest.mark.slow
def test_each_run_has_a_folder_of_its_own(abm, here):
    for words in (
        (),
        ("--seed", 2),
        ("--off", "social"),
        ("--off", "social@2015"),
        ("--off", "social@2015", "--off", "interest"),
        ("--off", "social", "--off", "interest@2015"),
        ("--strength", "social=0.5"),
        ("--set", "scenario.title=other"),
        ("--snapshots",),
        ("--households", 250),
    ):
        said = abm("run", *SMALL_RUN, *words)
        assert said.code == 0, said.err
    names = sorted(folder.name.rpartition("-")[0] for folder in (here / "results").iterdir())
    assert names == [
        "t_district-seed1",
        "t_district-seed1",
        "t_district-seed1",
        "t_district-seed1-off-social",
        "t_district-seed1-off-social-2015",
        "t_district-seed1-off-social-2015-off-interest",
        "t_district-seed1-off-social-off-interest-2015",
        "t_district-seed1-snapshots",
        "t_district-seed1-social0.5",
        "t_district-seed2",
    ]


def test_a_layer_that_is_off_is_named_in_the_rows(abm, here):
    assert abm("run", *SMALL_RUN, "--off", "social@2015", "--off", "interest", "--out", "r").code == 0
    outcomes = read_results(here / "r").outcomes
    assert set(outcomes["arm"]) == {"O"}
    assert not outcomes["social"].any()
    assert not outcomes["interest"].any()
    assert outcomes["organizational"].all()


def test_a_layer_off_from_a_year_equals_the_plain_run_before(abm, here, one_run):
    assert abm("run", *SMALL_RUN, "--off", "organizational@2015", "--out", "r").code == 0
    names = ["year", "population", "gini", "mean_income", "persons", "messages_organizational"]
    cut, plain = (read_results(folder).outcomes[names] for folder in (here / "r", one_run))
    assert cut[cut["year"] == 2014].equals(plain[plain["year"] == 2014])
    sent = [
        table.query("year == 2015 and population == 'all'")["messages_organizational"].item()
        for table in (cut, plain)
    ]
    assert sent[0] == 0 < sent[1]


def test_snapshots_keep_households(abm, here):
    assert abm("run", *SMALL_RUN, "--snapshots", "--out", "r").code == 0
    kept = read_results(here / "r").households
    assert 2 * 180 <= len(kept) <= 2 * 200  # a dwelling may stand empty
    assert kept.groupby("year").size().min() >= 180


def test_profile_says_where_time_goes_and_keeps_nothing(abm, here):
    said = abm("run", *SMALL_RUN, "--profile")
    assert said.code == 0
    for phase in PHASE_NAMES:
        assert phase in said.out
    assert "µs" in said.out
    assert list(here.iterdir()) == []


# --- factorial, report, digest ------------------------------------------------------------------------------


def test_factorial_ends_with_the_table_of_effects(abm, here, small_factorial):
    shutil.copytree(small_factorial, here / "r")
    before = content_of(here)
    said = abm("factorial", *SMALL_FACTORIAL, "--out", "r")
    assert said.code == 0, said.err
    assert "all 8 runs are done" in said.err
    assert "Effect of the joint-points" in said.out
    assert "organizational" in said.out
    assert content_of(here) == before


def test_factorial_goes_on_where_it_was_left(abm, here, small_factorial):
    shutil.copytree(small_factorial, here / "r")
    marker = sorted((here / "r" / "runs").iterdir())[0]
    for table in ("outcomes", "villages", "flows", "events"):
        (here / "r" / table / f"{marker.stem}.parquet").unlink(missing_ok=True)
    marker.unlink()
    assert abm("factorial", *SMALL_FACTORIAL, "--out", "r").code == 0
    assert abm("digest", "r").out == abm("digest", small_factorial).out


def test_factorial_has_a_folder_by_default(abm, here):
    said = abm("factorial", *SMALL_FACTORIAL)
    assert said.code == 0, said.err
    assert "Results in results/t_district-factorial" in said.out
    assert len(read_results(here / "results" / "t_district-factorial").manifest["runs"]) == 8


@pytest.mark.slow
def test_report_of_a_factorial(abm, here, small_factorial):
    shutil.copytree(small_factorial, here / "r")
    said = abm("report", "r")
    assert said.code == 0, said.err
    assert "The report page is r/report.html" in said.out
    assert "Effect of the joint-points" in said.out
    assert (here / "r" / "report.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


@pytest.mark.slow
def test_report_in_chinese(abm, here, small_factorial, one_run):
    for source in (small_factorial, one_run):
        shutil.copytree(source, here / source.name)
        with undrawn() if source is small_factorial else nullcontext():  # one page with pictures is enough
            said = abm("report", source.name, "--lang", "zh")
        assert said.code == 0, said.err
        assert said.err == ""
        assert f"报告页为 {source.name}/report.zh.html" in said.out
        assert "贫困率" in said.out
        page = (here / source.name / "report.zh.html").read_text(encoding="utf-8")
        assert '<html lang="zh-CN">' in page
        assert "接点图" in page
    assert not (here / one_run.name / "report.html").exists()


def test_report_of_one_run(abm, here, one_run):
    shutil.copytree(one_run, here / "r")
    said = abm("report", "r")
    assert said.code == 0, said.err
    assert "Gini" in said.out
    assert (here / "r" / "report.html").is_file()


def test_digest_prints_one_line_per_table(abm, one_run):
    said = abm("digest", one_run)
    lines = dict(reversed(line.split("  ")) for line in said.out.splitlines())
    assert lines == read_results(one_run).manifest["digests"]
    assert set(lines) >= {"outcomes", "villages", "flows"}
    assert all(len(value) == 64 for value in lines.values())


# --- check, describe, plan ----------------------------------------------------------------------------------


def test_check_says_what_is_in_a_scenario(abm):
    said = abm("check", "t_district")
    assert said.code == 0, said.err
    assert "is sound" in said.out
    assert "years 2014 to 2035, switch year 2019" in said.out
    assert "45 places (19 villages, 26 communities)" in said.out
    assert "325200 people, 110000 of them not locally registered" in said.out


def test_describe_lists_every_parameter_with_its_source(abm):
    said = abm("describe", "t_district", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(said.out)))
    parameters = [row for row in rows if row["kind"] == "parameter"]
    assert parameters
    for row in parameters:
        assert float(row["low"]) <= float(row["value"]) <= float(row["high"])
        assert row["unit"]
        assert row["role"]
    assert all(row["source"] and row["status"] in ("seed", "published", "assumed") for row in rows)
    assert any(row["name"] == "district.people" and row["value"] == "325200" for row in rows)


@pytest.mark.parametrize("form", ["table", "markdown"])
def test_describe_in_other_forms(abm, form):
    said = abm("describe", "t_district", "--format", form)
    assert said.code == 0
    assert "district.people" in said.out
    if form == "markdown":
        lines = said.out.splitlines()
        assert lines[1] == "|" + " --- |" * 9
        assert {line.replace("\\|", "").count("|") for line in lines} == {10}


def test_plan_is_the_order_of_a_tick(abm):
    said = abm("plan", "t_district")
    assert said.code == 0
    phases = [line.split()[1].rstrip(":") for line in said.out.splitlines() if line[:3].strip().isdecimal()]
    assert phases == list(PHASE_NAMES)
    for layer in ("organizational", "interest", "social", "background"):
        assert f"({layer})" in said.out
