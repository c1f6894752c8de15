"""Commands on questions, budgets, placebos, displacement and single links, from the words to the page."""

import re

import pytest

from abm.runs.results import read_results
from tests.end_to_end.small import SMALL_PILOT, content_of


@pytest.mark.long
def test_both_budgets_of_the_programme_question(abm, here):
    """Through factorial, console and report page; the two are never mixed in one comparison."""
    words = ("factorial", *SMALL_PILOT, "--question", "programme", "--budget", "both", "--out", "r")
    said = abm(*words)
    assert said.code == 0, said.err
    results = read_results(here / "r")
    assert len(results.manifest["runs"]) == 8 * 2 * 2
    assert results.manifest["questions"] == ["programme"]
    assert results.manifest["budgets"] == ["neutral", "withheld"]
    for budget in ("neutral", "withheld"):
        assert f"interest (programme, {budget})" in said.out
        assert f"mean income, yuan a year ({budget})" in said.out
    flows = results.flows
    back = flows[flows["kind"] == "envelope_return"].groupby("budget")["amount"].sum()
    assert back["withheld"] > back.get("neutral", 0.0)
    outcomes = results.outcomes
    older = outcomes[(outcomes["year"] == 2019) & ~outcomes["social"] & (outcomes["population"] == "all")]
    assert older["messages_social"].sum() > 0  # links of before the switch go on
    page = abm("report", "r")
    assert page.code == 0, page.err
    assert page.out.splitlines()[:-1] == said.out.splitlines()[:-1]
    text = (here / "r" / "report.html").read_text(encoding="utf-8")
    assert "programme" in text
    assert "withheld" in text
    assert "BROKEN" not in text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "runs", "words"),
    [
        ("placebo", 14, ("Placebo (安慰剂)", "as planned minus rewired", "organizational", "2 seeds")),
        ("displacement", 10, ("Effect by group of places", "all but the pilot", "pilot, 2019 (3)", "外溢")),
    ],
)
def test_placebo_and_displacement(abm, here, command, runs, words):
    said = abm(command, *SMALL_PILOT)
    assert said.code == 0, said.err
    folder = here / "results" / f"t_district-{command}"
    assert len(read_results(folder).manifest["runs"]) == runs
    for word in words:
        assert word in said.out
    before = content_of(here)
    again = abm(command, *SMALL_PILOT)
    assert again.code == 0
    assert f"all {runs} runs are done" in again.err
    assert again.out == said.out
    assert content_of(here) == before
    page = abm("report", folder)
    assert page.code == 0, page.err
    assert page.out.splitlines()[:-1] == said.out.splitlines()[:-1]
    text = (folder / "report.html").read_text(encoding="utf-8")
    assert "BROKEN" not in text
    assert ("interest rewired" if command == "placebo" else "interest cut in BQ, BL, SJ") in text


def test_an_effect_shown_is_that_of_the_tables(abm, here):
    said = abm("displacement", *SMALL_PILOT, "--out", "r")
    table = read_results(here / "r").villages.query("year == 2019")
    pilot = table[table["village"].isin(["BQ", "BL", "SJ"])]
    total = (pilot["mean_income"] * pilot["persons"]).groupby([pilot["seed"], pilot["arm"]]).sum()
    mean = (total / pilot.groupby(["seed", "arm"])["persons"].sum()).unstack()
    effect = (mean["OIS"] - mean["none@BQ+BL+SJ"]).mean()
    lines = said.out[said.out.index("mean income") :].splitlines()
    shown = next(line for line in lines if "pilot, 2019" in line).split("│")[5]
    number = float(re.sub(r"\s", "", shown).replace("\N{MINUS SIGN}", "-"))
    assert number == pytest.approx(effect, abs=0.51)


def test_a_single_link_can_be_cut_from_a_scenario_file(abm, here):
    """Its village passes on no more cases from 2015 on, and the other places have."""
    text = 'extends = "t_district"\n[[switches]]\nlink = "vertical:branch:district>branch:BL"\nfrom_year = 2015\n'
    (here / "cut.toml").write_text(text, encoding="utf-8")
    for name in ("cut.toml", "t_district"):
        words = ("run", name, "--households", 600, "--years", 3, "--out", name.partition(".")[0])
        assert abm(*words).code == 0
    cut, plain = (
        read_results(here / name).outcomes.query("population == 'all'") for name in ("cut", "t_district")
    )
    measures = ["messages_organizational", "mean_income", "gini"]
    early, late = cut["year"] < 2015, cut["year"] >= 2015
    assert cut.loc[early, measures].equals(plain.loc[early, measures])
    sent = [table.loc[late, "messages_organizational"].sum() for table in (cut, plain)]
    assert 0 < sent[0] < sent[1]
