"""``abm sensitivity``, from experiment files to table, CSV and picture, and what it refuses."""

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from abm.analysis.coalitions import shapley_design
from abm.cli.main import execute
from abm.runs.results import read_results
from tests.end_to_end.small import content_of

HEAD = """
scenario = "t_district"
households = 200
years = 2
replications = 2
outputs = ["outcomes"]
[fixed]
"scenario.burn_in" = 0
"scenario.switch_year" = 2015
"""
MORRIS = """
[design]
kind = "morris"
vary = ["fund.*", "whistle.loss"]
groups = "mechanism"
trajectories = 2
"""
GRID = """
[design]
kind = "grid"
[design.levels]
"switches.interest" = [0.0, 0.5, 1.0]
"switches.social" = [true, false]
"""


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results of three small experiments: ``morris``, ``cut`` (the same without interest) and ``grid``."""
    place = tmp_path_factory.mktemp("sensitivity")
    cut = HEAD.replace("[fixed]", '[fixed]\n"switches.interest" = false')
    for name, text in (("morris", HEAD + MORRIS), ("cut", cut + MORRIS), ("grid", HEAD + GRID)):
        file = place / f"{name}.toml"
        file.write_text(text, encoding="utf-8")
        assert execute(["batch", str(file), "--workers", "1", "--out", str(place / name)]) == 0
    return place


def test_screening_by_groups(abm, here, folders):
    before = content_of(folders)
    words = ("sensitivity", folders / "morris", "--outcome", "mean_income", "--population", "rural")
    said = abm(*words, "--out", "out/m.csv", "--picture", "out/m.svg")
    assert said.code == 0, said.err
    assert "Elementary effects (Morris): mean income per head" in " ".join(said.out.split())
    assert "luck of seeds" in said.out
    table = pd.read_csv("out/m.csv")
    assert set(table["name"]) == {"fund", "whistle"}
    assert set(table["population"]) == {"rural"}
    assert (table["mu_star"] >= 0).all()
    assert table["luck"].notna().all()
    ElementTree.parse("out/m.svg")
    assert sorted(path.name for path in Path("out").iterdir()) == ["m.csv", "m.svg"]
    assert content_of(folders) == before
    again = abm(*words, "--lang", "zh")
    assert "基本效应" in again.out


def test_the_outcome_may_be_an_effect(abm, here, folders):
    said = abm("sensitivity", folders / "morris", "--minus", folders / "cut", "--out", "m.csv")
    assert said.code == 0, said.err
    assert "morris − cut" in said.out
    on, off = (read_results(folders / name) for name in ("morris", "cut"))
    gini = [
        r.points.merge(r.outcomes.query("population == 'all' and year == 2015"), on="run_id")
        .groupby("point")["gini"]
        .mean()
        for r in (on, off)
    ]
    effect = (gini[0] - gini[1]).to_numpy().reshape(2, 3)  # trajectories, points
    steps = np.abs(np.diff(effect, axis=1)) / (2 / 3)
    assert pd.read_csv("m.csv")["mu_star"].sum() == pytest.approx(steps.sum() / 2, abs=1e-12)


def test_samples_under_several_arms_speak_of_effects(abm, here, folders):
    """The same points as above, made by one file: the same numbers."""
    file = folders / "each.toml"
    file.write_text(HEAD + MORRIS + 'each = [{}, { "switches.interest" = false }]', encoding="utf-8")
    said = abm("batch", file, "--workers", "1", "--out", here / "each")
    assert said.code == 0, said.err
    said = abm("sensitivity", here / "each", "--out", "each.csv")
    assert said.code == 0, said.err
    assert "Interest joint-points: 1 − 0" in " ".join(said.out.split())
    assert abm("sensitivity", folders / "morris", "--minus", folders / "cut", "--out", "m.csv").code == 0
    each, apart = (pd.read_csv(name).drop(columns="contrast") for name in ("each.csv", "m.csv"))
    pd.testing.assert_frame_equal(each, apart)


def test_maps_and_responses_of_a_grid(abm, here, folders):
    said = abm("sensitivity", folders / "grid", "--outcome", "messages_interest")
    assert said.code == 0, said.err
    assert said.out.startswith("Map")
    words = ("--effect", "switches.social", "--outcome", "messages_social", "--out", "d.csv")
    said = abm("sensitivity", folders / "grid", *words)
    assert said.code == 0, said.err
    assert "step by step" in said.out
    table = pd.read_csv("d.csv")
    assert table["dose"].tolist() == [0, 0.5, 1]
    outcomes = read_results(folders / "grid").outcomes.query("population == 'all' and year == 2015")
    sent = outcomes[outcomes["social"]].groupby("interest")["messages_social"].mean()
    assert table.loc[0, "mean"] == pytest.approx(sent[False])  # nothing passes where social is off
    said = abm("sensitivity", folders / "grid", "--at", "switches.social=1", "--picture", "d.svg")
    assert said.code == 0, said.err
    assert Path("d.svg").is_file()


def test_shapley_values_of_listed_coalitions(abm, here, folders):
    """Three kinds of links in four orders of six: from the list that Python writes to values that add up."""
    design = shapley_design([f"switches.kind.{kind}" for kind in ("grid", "volunteer", "mutual_aid")], 4)
    design.settings().to_csv("coalitions.csv", index=False)
    text = HEAD + '[design]\nkind = "list"\nfile = "coalitions.csv"\n'
    Path("shapley.toml").write_text(text, encoding="utf-8")
    said = abm("batch", "shapley.toml", "--workers", "1", "--out", "r")
    assert said.code == 0, said.err
    words = ("sensitivity", "r", "--outcome", "messages_social")
    said = abm(*words, "--permutations", "4", "--out", "s.csv", "--picture", "s.svg")
    assert said.code == 0, said.err
    assert "links: volunteer" in said.out
    table = pd.read_csv("s.csv").set_index("player")
    sent = read_results("r").outcomes.query("population == 'all' and year == 2015").groupby("arm")
    means = sent["messages_social"].mean()
    whole = means["OIS"] - means["OIS-grid-volunteer-mutual_aid"]
    assert table.loc["all", "mean"] == pytest.approx(whole, abs=1e-9)
    assert table["mean"].drop("all").sum() == pytest.approx(whole, abs=1e-9)
    assert whole > 0
    ElementTree.parse("s.svg")
    other = abm(*words, "--permutations", "2")
    assert other.code == 2
    assert "coalitions of 2 permutations" in other.err


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("grid", "--outcome", "gin"), "did you mean 'gini'"),
        (("grid", "--population", "rurl"), "did you mean 'rural'"),
        (("grid", "--effect", "switches.socal"), "did you mean 'switches.social'"),
        (("grid", "--effect", "switches.interest"), "has 3 values"),
        (("grid", "--at", "switches.social"), "write --at NAME=VALUE"),
        (("grid", "--at", "switches.social=2"), "never 2"),
        (("grid", "--years", "0"), "--years"),
        (("grid", "--out", "x.txt"), "is no CSV file"),
        (("grid", "--picture", "x.png"), "is no SVG file"),
        (("morris", "--at", "whistle.loss=7"), "never 7"),
        (("nowhere",), "there is no such folder"),
    ],
)
def test_bad_words_are_named_and_nothing_is_written(abm, here, folders, words, problem):
    said = abm("sensitivity", folders / words[0], *words[1:])
    assert said.code == 2
    assert problem in said.err
    assert said.out == ""
    assert content_of(here) == {}


def test_other_points_are_not_subtracted(abm, here, folders):
    said = abm("sensitivity", folders / "morris", "--minus", folders / "grid")
    assert said.code == 2
    assert "other points" in said.err


def test_without_an_experiments_file_it_is_refused(abm, here, one_run):
    said = abm("sensitivity", one_run)
    assert said.code == 2
    assert "abm batch" in said.err
