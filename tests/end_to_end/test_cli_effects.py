"""``abm effects``, on a small real factorial."""

import json
from shutil import copytree, ignore_patterns

import pandas as pd
import pytest

from abm.runs.results import read_results
from tests.end_to_end.small import content_of


def test_all_tables_of_a_factorial(abm, here, small_factorial):
    said = abm("effects", small_factorial, "--out", "e.csv")
    assert said.code == 0, said.err
    table = pd.read_csv("e.csv")
    assert list(table["table"].unique()) == ["paired", "shared", "together", "sources", "places"]
    outcomes = read_results(small_factorial).outcomes.query("population == 'all' and year == 2015")
    gini = outcomes.set_index("arm")["gini"]
    paired = table[table["table"] == "paired"].set_index("layer")["mean"]
    assert paired["all"] == pytest.approx(gini["OIS"] - gini["none"], abs=1e-15)
    shares = table[table["table"] == "shared"].set_index("layer")["mean"]
    assert shares.drop("all").sum() == pytest.approx(shares["all"], abs=1e-15)
    sources = table[(table["table"] == "sources") & (table["layer"] == "all") & (table["part"] == "total")]
    grouped = outcomes.set_index("arm")["gini_grouped"]
    whole = sources.set_index("source")["mean"]
    assert whole["all"] == pytest.approx(grouped["OIS"] - grouped["none"], abs=1e-12)
    assert whole.drop("all").sum() == pytest.approx(whole["all"], abs=1e-15)


def test_one_table_in_chinese(abm, here, small_factorial):
    said = abm("effects", small_factorial, "--only", "together", "--lang", "zh", "--outcome", "mean_income")
    assert said.code == 0, said.err
    assert "三层合用是否超出各自之和" in said.out
    assert "夏普利" not in said.out


def test_what_the_runs_have_not_kept_is_left_out(abm, here, small_factorial):
    copytree(small_factorial, "r", ignore=ignore_patterns("villages", "fifths"))
    said = abm("effects", "r", "--out", "e.csv")
    assert said.code == 0, said.err
    assert "sources: the runs kept no table 'fifths'" in said.out
    assert set(pd.read_csv("e.csv")["table"]) == {"paired", "shared", "together"}
    only = abm("effects", "r", "--only", "places")
    assert only.code == 2
    assert "'villages'" in only.err


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("--outcome", "gin"), "did you mean 'gini'"),
        (("--only", "shard"), "did you mean 'shared'"),
        (("--population", "rurl"), "did you mean 'rural'"),
        (("--out", "e.txt"), "is no CSV file"),
        (("--years", "0"), "--years"),
    ],
)
def test_bad_words_are_named(abm, here, small_factorial, words, problem):
    said = abm("effects", small_factorial, *words)
    assert (said.code, said.out) == (2, "")
    assert problem in said.err
    assert content_of(here) == {}


def test_a_file_in_a_place_that_cannot_be(abm, here, small_factorial):
    (here / "x").write_text("mine")
    said = abm("effects", small_factorial, "--only", "paired", "--out", "x/e.csv")
    assert said.code == 2
    assert said.err.startswith("abm: x: --out: cannot be made: ")
    assert content_of(here) == {"x": b"mine"}


def test_one_run_is_no_factorial(abm, here, one_run):
    said = abm("effects", one_run)
    assert said.code == 2
    assert "no factorial" in said.err


def test_gaps_are_told(abm, here, small_factorial):
    copytree(small_factorial, "gaps")
    file = here / "gaps" / "manifest.json"
    manifest = json.loads(file.read_text(encoding="utf-8"))
    failure = {"run_id": "0" * 16, "message": "KeyError: 'x'"}
    file.write_text(json.dumps(manifest | {"complete": False, "failures": [failure]}), encoding="utf-8")
    said = abm("effects", "gaps", "--only", "paired")
    assert said.code == 0
    assert "the batch is not complete" in said.err
    assert "1 run failed and is left out" in said.err
    assert "note" not in abm("effects", small_factorial, "--only", "paired").err
