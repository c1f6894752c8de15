"""Hypothesis files: the shipped ones are sound, and a bad one is named with file, key and mend."""

from pathlib import Path

import pytest

from abm.analysis.hypotheses import decisive, read_hypotheses, read_hypothesis
from abm.core.errors import InputError
from abm.model.plan import load_scenario
from tests.unit.hypothesis_data import GOOD, hypothesis, written

SHIPPED = Path(__file__).resolve().parents[2] / "experiments" / "hypotheses"
LEVELS = '\n[design]\nname = "steps"\nlevels = ["low", "high"]\nhow = "by hand"\n'


def test_the_shipped_hypotheses_are_sound():
    found = read_hypotheses(SHIPPED)
    names = [h.id for h in found]
    assert [name for name in names if name.startswith("H")] == [
        "H1",
        "H2",
        "H3",
        "H4",
        "H5",
        "H6",
        "H6a",
        "H7",
        "H8",
    ]
    assert {h.id for h in found if h.kind == "rival"} == {name for name in names if name.startswith("R")}
    villages = load_scenario("t_district").village_names
    for h in found:
        assert h.scenario == "t_district"
        for test in h.tests:
            rows = {row for row, _ in h.weights(test)}
            if test.table == "villages":
                assert rows <= set(villages)


def test_what_the_founding_note_demands_of_single_hypotheses():
    found = {h.id: h for h in read_hypotheses(SHIPPED)}
    scales = {t.scale for t in found["H4"].tests if t.role == "test"}
    assert (scales, found["H4"].combine) == ({"level", "log"}, "agree")
    survival = next(t for t in found["H1"].tests if t.role == "test")
    assert survival.contrast == {"effect(I | O=1)": 0.8, "effect(I | O=0)": -1.0}
    assert survival.cutoff == 0
    assert [t.measure for t in found["H1"].tests if t.role == "test"] == ["reach_poor", "poverty_gap_60"]
    assert {t.measure for t in found["H5"].tests if t.role != "detail"} == {"headcount_anchored_60"}
    assert {name for name, h in found.items() if h.design} == {"H5", "H6", "H6a", "H8", "R2", "R3"}


@pytest.mark.parametrize(
    ("old", "new", "key", "says"),
    [
        ('"mean_income"', '"mean_incme"', "tests.mean.measure", "did you mean 'mean_income'?"),
        ('"effect(I)"', '"effect(Q)"', "tests.mean.contrast", "there is no layer 'Q'"),
        ('"effect(I)"', "{ OIS = 1.0, IO = -1.0 }", "tests.mean.contrast", "there is no arm or term 'IO'"),
        ('"effect(I)"', "{ OIS = 1.0, OI = -0.5 }", "tests.mean.contrast", "add up to 0.5"),
        ('"effect(I)"', '"BQ: effect(I)"', "tests.mean.contrast", "leave it out"),
        ('"effect(I)"', "3", "tests.mean.contrast", "correct the value"),
        ("sesoi = 100.0", "sesoi = -100.0", "tests.mean.sesoi", "give more than 0"),
        ("sesoi = 100.0", "sesoi = nan", "tests.mean.sesoi", "must be a finite number"),
        ('sign = "+"\n', "", "tests.mean.sign", "is missing; add sign"),
        ('sign = "+"', 'sign = "up"', "tests.mean.sign", "must be '+', '-' or '0'"),
        ("cutoff = 0.0", "cutoff = 150.0", "tests.mean.cutoff", "give 100 or less"),
        ('sign = "+"', 'sign = "0"', "tests.mean.cutoff", "give 100 or more"),
        ("cutoff = 0.0", "cut_off = 0.0", "tests.mean.cut_off", "did you mean 'cutoff'?"),
        ('measure = "mean', 'table = "flows"\nmeasure = "mean', "tests.mean.measure", "no measure"),
        ('name_zh = "平均收入"', 'name_zh = "平均收入"\nrole = "detail"', "tests", "none of them decides"),
        ("years = 2", "years = 0", "years", "give at least 1"),
        ("years = 2", "years = 2\nseeds = 1", "seeds", "give at least 2"),
        ("years = 2", 'years = 2\nbudget = "both"', "budget", "must be 'neutral' or 'withheld'"),
        ('"claim"\n', '"rumour"\n', "kind", "must be 'claim' or 'rival'"),
        ('population = "all"', 'population = "poor"', "population", "must be 'all'"),
        ('id = "H1"', 'id = "H2"', "id", "name the file H2.toml"),
        ('claim_zh = "利益接点提高平均收入。"\n', "", "claim_zh", "is missing; add claim_zh"),
    ],
)
def test_a_bad_file_is_named(tmp_path, old, new, key, says):
    assert old in GOOD
    path = written(tmp_path, GOOD.replace(old, new))
    with pytest.raises(InputError) as caught:
        read_hypothesis(path)
    assert says in str(caught.value)
    assert Path(caught.value.file) == path
    assert caught.value.key == key
    assert caught.value.mend


@pytest.mark.parametrize(
    ("table", "measure", "contrast", "says"),
    [
        ("villages", "gini", "effect(I)", "lacks a row"),
        ("fifths", "income", "6: effect(I)", "'6' in front of a term is not a fifth, 1 to 5"),
        ("flows", "amount_per_head", "kin: effect(I)", "is not a kind of flow"),
        ("households", "dibao", "cadre: effect(I)", "is not member or other"),
    ],
)
def test_rows_of_each_table(tmp_path, table, measure, contrast, says):
    new = f'table = "{table}"\nmeasure = "{measure}"'
    with pytest.raises(InputError, match=says):
        hypothesis(tmp_path, ('measure = "mean_income"', new), ("effect(I)", contrast))


def test_other_bad_files_and_folders(tmp_path):
    with pytest.raises(InputError, match="there is no such folder"):
        read_hypotheses(tmp_path / "none")
    with pytest.raises(InputError, match="holds no hypotheses"):
        read_hypotheses(tmp_path)
    with pytest.raises(InputError, match="is not valid TOML"):
        read_hypothesis(written(tmp_path, "id = "))
    with pytest.raises(InputError, match="cannot be read"):
        read_hypothesis(tmp_path / "H9.toml")
    twice = GOOD + GOOD[GOOD.index("\n[[tests]]") :]
    with pytest.raises(InputError, match="this name stands twice"):
        read_hypothesis(written(tmp_path, twice))


def test_levels_take_the_place_of_arms(tmp_path):
    text = GOOD.replace('"effect(I)"', "{ low = -1.0, high = 1.0 }")
    cut = text.index("\n[[tests]]")
    read = read_hypothesis(written(tmp_path, text[:cut] + LEVELS + text[cut:]))
    assert read.design_name == "steps"
    assert read.weights(read.tests[0]) == {("", "low"): -1.0, ("", "high"): 1.0}
    with pytest.raises(InputError, match="no arm or term 'OIS'"):
        read_hypothesis(written(tmp_path, (text[:cut] + LEVELS + text[cut:]).replace("low = -1", "OIS = -1")))


def test_files_are_read_in_the_order_of_their_numbers(tmp_path):
    for name in ("H10", "H2", "R1", "H2a"):
        written(tmp_path, GOOD.replace('"H1"', f'"{name}"'), f"{name}.toml")
    assert [h.id for h in read_hypotheses(tmp_path)] == ["H2", "H2a", "H10", "R1"]


def test_a_test_may_look_at_other_people(tmp_path):
    read = hypothesis(tmp_path, ('measure = "mean', 'population = "rural"\nmeasure = "mean'))
    assert (read.population, read.population_of(read.tests[0])) == ("all", "rural")
    assert (read.question, read.budget) == ("cut", "neutral")
    new = 'population = "rural"\ntable = "flows"\nmeasure = "amount_per_head"'
    with pytest.raises(InputError, match="flows is of all residents"):
        hypothesis(tmp_path, ('measure = "mean_income"', new), ("effect(I)", "kin_help: effect(I)"))


def test_words_decide_nothing_and_numbers_do():
    assert decisive(GOOD) == decisive(
        GOOD.replace("raise the mean", "make it rise").replace("a hundred yuan", "100")
    )
    assert decisive(GOOD) != decisive(GOOD.replace("sesoi = 100.0", "sesoi = 90.0"))
    assert decisive(GOOD) != decisive(GOOD.replace('sign = "+"', 'sign = "-"'))
    cut = GOOD.index("\n[[tests]]")
    text = GOOD[:cut] + LEVELS + GOOD[cut:]
    assert decisive(text) != decisive(text.replace("by hand", "by other commands"))
    assert decisive(GOOD) != decisive(GOOD.replace("years = 2", 'years = 2\nquestion = "programme"'))
    assert decisive("id =") is None
