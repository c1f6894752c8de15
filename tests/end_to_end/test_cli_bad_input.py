"""Bad input: one line on stderr with file, key and mend, exit code 2, no traceback, nothing half-written."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from abm.model.plan import load_scenario, mechanism_classes

EXTENDS = 'extends = "t_district"\n'

FILES = {
    "empty.toml": b"",
    "comment.toml": b"# only a comment\n",
    "no_scenario.toml": b"[district]\npeople = 5\n",
    "broken.toml": b"[scenario\n",
    "binary.toml": b"\x89PNG\r\n\x1a\n\x00\xff\xfe",
    "unknown_key.toml": f"{EXTENDS}[scenario]\nend_yeer = 2030\n".encode(),
    "unknown_table.toml": f"{EXTENDS}[distrct]\npeople = 5\n".encode(),
    "wrong_type.toml": f'{EXTENDS}[scenario]\nend_year = "2030"\n'.encode(),
    "nan.toml": f"{EXTENDS}[outside]\nsource = 'x'\nstatus = 'assumed'\ngrowth_after = nan\n".encode(),
    "out_of_bounds.toml": f"{EXTENDS}[scenario]\nswitch_year = 1500\n".encode(),
    "no_base.toml": b'extends = "nobody"\n',
    "no_data.toml": f"{EXTENDS}[outside]\nsource = 'x'\nstatus = 'seed'\npaths = 'none.csv'\n".encode(),
    "bad_layer.toml": f'{EXTENDS}[[switches]]\nlayer = "socail"\n'.encode(),
    "bad_village.toml": f'{EXTENDS}[[switches]]\nvillage = "BQQ"\n'.encode(),
    "bad_link.toml": f'{EXTENDS}[[switches]]\nlink = "vertical:branch:district>branch:BQQ"\n'.encode(),
    "no_link.toml": f'{EXTENDS}[[switches]]\nlink = "BQ"\n'.encode(),
    "bad_mechanism.toml": f'{EXTENDS}[scenario]\nmechanisms = ["labor"]\n'.encode(),
    "no_value.toml": f"{EXTENDS}[parameters.labour]\nquit_rate = {{}}\n".encode(),
    "no_payer.toml": f"{EXTENDS}[parameters]\n".encode()
    + b"".join(
        f'"{name}" = {{ value = 0, source = "x", status = "assumed" }}\n'.encode()
        for name in ("fund.gift", "fund.set_aside", "grant.to_fund")
    ),
    "contract.toml": f"{EXTENDS}[contract]\nsource = 'x'\nstatus = 'assumed'\nweights = {{ enterprise = 0.7, ".encode()
    + b"government = 0.1, collective = 0.1, committee = 0.1, households = 0.1 }\nyears = 3\n",
    "one_ally.toml": f"{EXTENDS}[[joint_points]]\nkind = 'alliance'\nplaces = ['BQ']\nfrom_year = 2019\n".encode()
    + b"source = 'x'\nstatus = 'assumed'\n",
    "design.toml": b"scenario = 't_district'\n[design]\nkind = 'grid'\nlevels = { switches.socail = [0] }\n",
    "bare_value.toml": f'{EXTENDS}[parameters]\n"labour.quit_rate" = 0.1\n'.encode(),
}

SCENARIO_CASES = [
    # the scenario, and the words expected
    ("empty.toml", "empty.toml: is empty; add [scenario]"),
    ("comment.toml", "is empty"),
    ("no_scenario.toml", "has no [scenario] table; add [scenario]"),
    ("broken.toml", "is not valid TOML"),
    ("binary.toml", "is not a text file"),
    ("folder", "is a folder, not a scenario file; give a .toml file or a name: "),
    ("missing.toml", "missing.toml: there is no such scenario"),
    ("t_distrct", "there is no such scenario; did you mean 't_district'?"),
    ("unknown_key.toml", "unknown_key.toml: scenario.end_yeer: unknown key; did you mean 'end_year'?"),
    ("unknown_table.toml", "unknown_table.toml: distrct: unknown key; did you mean 'district'?"),
    ("wrong_type.toml", "scenario.end_year: must be a whole number, not '2030'"),
    ("nan.toml", "outside.growth_after: must be a finite number, not nan"),
    ("out_of_bounds.toml", "scenario.switch_year: 1500 is out of bounds; give at least 1900"),
    ("no_base.toml", "extends: 'nobody' there is no such scenario"),
    ("no_data.toml", "outside.paths: the data file 'none.csv' is missing"),
    ("bad_layer.toml", "switches.1.layer: there is no layer 'socail'; did you mean 'social'?"),
    ("bad_village.toml", "switches.1.village: there is no village 'BQQ'; did you mean 'BQ'?"),
    ("bad_link.toml", "switches.1.link: there is no place 'BQQ'; did you mean 'BQ'?"),
    ("no_link.toml", "switches.1.link: 'BQ' names no link; write KIND:SOURCE>TARGET"),
    ("bad_mechanism.toml", "there is no mechanism 'labor'; did you mean 'labour'?"),
    ("no_value.toml", "parameters.labour.quit_rate"),
    ("no_payer.toml", "no_payer.toml: fund.aid: scholarships without a payer"),
    (
        "contract.toml",
        "contract.toml: contract.weights: sum to 1.1, not to 1; give five weights that sum to 1",
    ),
    (
        "one_ally.toml",
        "one_ally.toml: joint_points.1.places: an alliance of one place; name two places or more",
    ),
    ("bare_value.toml", "parameters.labour.quit_rate: has no source; write { value = 0.1"),
]

T = "t_district"
WORD_CASES = [
    # the words after `abm`, and the words expected
    (["run"], "Missing argument 'SCENARIO'; see 'abm run --help'"),
    (["rum", T], "No such command 'rum'"),
    (["run", T, "--housholds", "300"], "No such option: --housholds"),
    (["run", T, "extra"], "extra"),
    (["run", T, "--households", "199"], "--households: 199 is too few; use 200 or more"),
    (["run", T, "--households", "0"], "--households: 0 is too few; use 200 or more"),
    (["run", T, "--households", "-5"], "--households: -5 is too few; use 200 or more"),
    (["run", T, "--households", "nan"], "--households: must be a whole number"),
    (["run", T, "--households", "300.5"], "--households: must be a whole number"),
    (["run", T, "--households", "many"], "--households: must be a whole number"),
    (["run", T, "--households", "99999999999"], "--households: 99999999999 is too many"),
    (["run", T, "--households"], "--households"),
    (["run", T, "--years", "0"], "--years: 0 is too few; use 1 or more"),
    (["run", T, "--years", "-1"], "--years: -1 is too few"),
    (["run", T, "--years", "nan"], "--years: must be a whole number"),
    (["run", T, "--years", "900"], "--years: 900 goes beyond the scenario's last year"),
    (["run", T, "--seed", "-1"], "--seed: -1 is too few; use 0 or more"),
    (["run", T, "--seed", "nan"], "--seed: must be a whole number"),
    (["run", T, "--seed", "99999999999999999999"], "--seed: 99999999999999999999 is too many"),
    (["run", T, "--off", "socail"], "--off socail: there is no layer 'socail'; did you mean 'social'?"),
    (["run", T, "--off", ""], "there is no layer ''"),
    (["run", T, "--off", "social@soon"], "--off social@soon: 'soon' is no year"),
    (["run", T, "--off", "social@"], "--off social@: '' is no year"),
    (["run", T, "--off", "social@2050"], "--off social@2050: the run goes from 2014 to 2035"),
    (["run", T, "--off", "social@2013"], "--off social@2013: the run goes from 2014 to 2035"),
    (["run", T, "--years", "3", "--off", "social@2019"], "the run goes from 2014 to 2016"),
    (["run", T, "--off", "social", "--off", "social@2019"], "the layer 'social' is named already"),
    (["run", T, "--strength", "social"], "--strength social: has no value"),
    (["run", T, "--strength", "social="], "has no value"),
    (["run", T, "--strength", "social=nan"], "nan is out of bounds"),
    (["run", T, "--strength", "social=1.5"], "1.5 is out of bounds"),
    (["run", T, "--strength", "social=half"], "'half' is no number"),
    (["run", T, "--strength", "socal=0.5"], "did you mean 'social'?"),
    (
        ["run", T, "--set", "scenario.end_year"],
        "--set scenario.end_year: has no value; write",
    ),
    (["run", T, "--set", "scenario.end_year="], "has no value"),
    (["run", T, "--set", "=5"], "has no key"),
    (["run", T, "--set", "scenario.end_year=nan"], "scenario.end_year: must be a whole number, not nan"),
    (["run", T, "--set", "scenario.end_yeer=2030"], "did you mean 'scenario.end_year'?"),
    (["run", T, "--set", "end_year=2030"], "did you mean 'scenario.end_year'?"),
    (["run", T, "--set", "labour.nothing=1"], "there is no such parameter"),
    (["run", T, "--profile", "--out", "r"], "--profile keeps no results"),
    (["factorial", T, "--replications", "0"], "--replications: 0 is too few; use 1 or more"),
    (["factorial", T, "--replications", "nan"], "--replications: must be a whole number"),
    (["factorial", T, "--years", "0"], "--years: 0 is too few"),
    (["factorial", T, "--years", "3"], "before the switch year 2019"),
    (["factorial", T, "--households", "5"], "--households: 5 is too few; use 200 or more"),
    (["factorial", T, "--draws", "-1"], "--draws: -1 is too few"),
    (["factorial", T, "--seed", "-1"], "--seed: -1 is too few"),
    (["factorial", T, "--workers", "0"], "--workers: 0 is too few; use 1 or more"),
    (["factorial", T, "--cluster", "here"], "--cluster: 'here' is no address; write it as tcp://HOST:PORT"),
    (["factorial", T, "--question", "cutt"], "--question: there is no 'cutt'; did you mean 'cut'?"),
    (["factorial", T, "--budget", "netral"], "--budget: there is no 'netral'; did you mean 'neutral'?"),
    (["placebo", T, "--years", "3"], "--years: the runs end in 2016, before the switch year 2019"),
    (["placebo", T, "--budget", "netral"], "--budget: there is no 'netral'; did you mean 'neutral'?"),
    (["placebo", T, "--question", "cut"], "No such option: --question"),
    (["placebo", T, "--set", "scenario.switch_year=2014"], "those of the start 2014 are there already"),
    (
        ["placebo", T, "--set", "scenario.switch_year=2030"],
        "no links are planned from the switch year 2030 on",
    ),
    (["placebo", T, "--cluster", "here"], "--cluster: 'here' is no address"),
    (["displacement", T, "--replications", "0"], "--replications: 0 is too few; use 1 or more"),
    (
        ["displacement", T, "--set", "scenario.switch_year=2030"],
        "no place gets links from the switch year 2030",
    ),
    (["batch", "nobody"], "nobody: there is no such experiment"),
    (["batch", "folder"], "folder: holds no experiment.toml"),
    (["batch", "broken.toml"], "broken.toml: is not valid TOML"),
    (["batch", "binary.toml"], "binary.toml: is not a text file"),
    (["batch", "empty.toml"], "empty.toml: scenario: is missing; add scenario = …"),
    (
        ["batch", "design.toml"],
        "design.toml: design.levels.switches.socail: there is no switch 'socail'; did you mean",
    ),
    (["batch", "design.toml", "--dry-run"], "there is no switch 'socail'"),
    (["batch", "folder", "--cluster", "here"], "--cluster: 'here' is no address"),
    (["batch", "folder", "--households", "5"], "--households: 5 is too few; use 200 or more"),
    (["batch", "folder", "--replications", "0"], "--replications: 0 is too few; use 1 or more"),
    (["batch", "folder", "--years", "0"], "--years: 0 is too few; use 1 or more"),
    (["batch", "folder", "--workers", "0"], "--workers: 0 is too few; use 1 or more"),
    (["describe", T, "--format", "cvs"], "--format: there is no format 'cvs'; did you mean 'csv'?"),
    (["report", "nowhere"], "nowhere: there is no such folder"),
    (["report", "folder"], "folder: holds no results"),
    (["report", "empty.toml"], "empty.toml: is no folder"),
    (["report", "folder", "--lang", "de"], "--lang: the language 'de' is not known"),
    (["digest", "nowhere"], "nowhere: there is no such folder"),
    (["digest", "folder"], "folder: holds no results"),
]


@pytest.fixture
def files(here):
    """The bad files, and a folder with something of the user's."""
    for name, content in FILES.items():
        (here / name).write_bytes(content)
    (here / "folder").mkdir()
    (here / "folder" / "mine.txt").write_text("mine", encoding="utf-8")
    return here


def check_refused(said, folder, before, words):
    assert said.code == 2, said
    assert said.out == ""
    assert said.err.startswith("abm: ")
    assert said.err.count("\n") == 1
    assert said.err.endswith("\n")
    assert words in said.err
    assert "Traceback" not in said.err
    assert sorted(str(path) for path in folder.rglob("*")) == before


@pytest.mark.parametrize(("words", "expected"), WORD_CASES, ids=lambda part: " ".join(part)[:60])
def test_words_that_cannot_be(abm, files, words, expected):
    before = sorted(str(path) for path in files.rglob("*"))
    check_refused(abm(*words), files, before, expected)


@pytest.mark.parametrize(("name", "expected"), SCENARIO_CASES)
@pytest.mark.parametrize("command", ["check", "run", "factorial", "describe", "plan"])
def test_scenarios_that_cannot_be(abm, files, command, name, expected):
    before = sorted(str(path) for path in files.rglob("*"))
    check_refused(abm(command, name), files, before, expected)


NEEDS = [(rule, needed) for rule in mechanism_classes(load_scenario(T)) for needed in rule.requires]


@pytest.mark.parametrize(("rule", "needed"), NEEDS, ids=lambda part: getattr(part, "name", part))
def test_a_mechanism_without_one_that_it_needs(abm, here, rule, needed):
    listed = [rule.name, *(name for name in rule.requires if name != needed)]
    said = abm("run", T, "--set", f"scenario.mechanisms={listed}")
    mend = f"list {needed} as well, or leave out {rule.name}"
    check_refused(said, here, [], f"mechanisms: '{rule.name}' needs '{needed}', which is not listed; {mend}")


@pytest.mark.parametrize("command", ["run", "factorial"])
def test_an_output_folder_that_holds_something_else(abm, files, command):
    before = sorted(str(path) for path in files.rglob("*"))
    said = abm(command, T, "--households", 200, "--out", "folder")
    check_refused(said, files, before, "folder: --out: holds something else; name an empty")
    said = abm(command, T, "--households", 200, "--out", "empty.toml")
    check_refused(said, files, before, "empty.toml: --out: is a file; name a folder")


def test_an_output_folder_of_another_experiment(abm, here, one_run):
    folder = here / "r"
    shutil.copytree(one_run, folder)
    before = sorted(str(path) for path in here.rglob("*"))
    said = abm("run", T, "--households", 200, "--years", 2, "--seed", 2, "--out", folder)
    check_refused(said, here, before, "holds the results of another experiment")
    said = abm("factorial", T, "--households", 200, "--years", 6, "--out", folder)
    check_refused(said, here, before, "holds the results of another experiment")


def test_a_damaged_results_folder(abm, here, one_run):
    folder = here / "r"
    shutil.copytree(one_run, folder)
    (table,) = (folder / "outcomes").glob("*.parquet")
    table.write_bytes(b"PAR1 no more")
    before = sorted(str(path) for path in here.rglob("*"))
    check_refused(abm("digest", folder), here, before, "is damaged or no Parquet file")
    check_refused(abm("report", folder), here, before, "is damaged or no Parquet file")
    (folder / "manifest.json").write_text("{", encoding="utf-8")
    check_refused(abm("report", folder), here, before, "manifest.json: is damaged")


@pytest.mark.parametrize(
    "words", [["run", "nobody"], ["run", T, "--years", "0"], ["run", T, "--housholds", "5"], ["report", "."]]
)
def test_in_a_process_of_its_own(here, words):
    done = subprocess.run(
        [sys.executable, "-m", "abm", *words], cwd=here, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("abm: ")
    assert done.stderr.count("\n") == 1
    assert list(Path(here).iterdir()) == []
