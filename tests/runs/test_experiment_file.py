"""Experiment files that cannot be: the file, the key, what is wrong and the mend are named before anything runs."""

from pathlib import Path

import pytest

from abm.core.errors import InputError
from abm.runs.experiment import find_experiment, read_experiment
from abm.runs.planned import planned

HEAD = 'scenario = "t_district"\nhouseholds = 200\nyears = 8\n'
FACTORIAL = '[design]\nkind = "factorial"\n'
GRID = '[design]\nkind = "grid"\n[design.levels]\n'
SAMPLE = '[design]\nkind = "latin_hypercube"\nsamples = 4\n'
STEPS = '[design]\nkind = "villages_in_steps"\n'

BAD = [
    # the file's text, and the words expected
    # names
    (
        GRID + "fund.set_asid = [0.1]",
        "design.levels.fund.set_asid: there is no such parameter; did you mean 'fund.set_",
    ),
    (GRID + "swiches.social = [1]", "there is no 'swiches.social'; did you mean 'switches.social'?"),
    (
        GRID + "switches.socail = [1]",
        "design.levels.switches.socail: there is no switch 'socail'; did you mean 'social'",
    ),
    (GRID + "switches.grid = [1]", "'grid' is no layer; did you mean 'switches.kind.grid'?"),
    (GRID + "switches.BQ = [1]", "'BQ' is no layer; did you mean 'switches.village.BQ'?"),
    (
        GRID + "switches.kind.gird = [1]",
        "there is no kind of link 'gird'; did you mean 'switches.kind.grid'?",
    ),
    (GRID + "switches.village.BQQ = [1]", "there is no village 'BQQ'; did you mean 'switches.village.BQ'?"),
    (GRID + "switches.village.BQ.socail = [1]", "there is no layer or kind 'socail'; did you mean"),
    (GRID + '"switches.link.BQ" = [1]', "'BQ' names no link; write KIND:SOURCE>TARGET"),
    (GRID + "bugdet = ['neutral']", "did you mean 'budget'?"),
    (GRID + '"programmes.grid_pilott.per_head" = [1.0]', "did you mean 'grid_pilot'?"),
    (
        GRID + "fund.set_aside = [0.01]\nparameters.fund.set_aside = [0.02]",
        "is named twice; keep one of them",
    ),
    (FACTORIAL + 'switches = ["social", "social"]', "'switches.social' is named twice"),
    (FACTORIAL + 'switches = ["social.off_from"]', "'switches.social.off_from' is a year"),
    # values
    (GRID + "fund.set_aside = [7]", "design.levels.fund.set_aside: 7 is out of bounds; use a value from"),
    (GRID + "fund.set_aside = [nan]", "nan is out of bounds"),
    (GRID + "fund.set_aside = ['much']", "must be a number, not 'much'"),
    (GRID + "fund.set_aside = []", "is no list of levels; write a list of levels"),
    (GRID + "fund.set_aside = 0.1", "is no list of levels"),
    (GRID + "fund.set_aside = [0.01, 0.01]", "the level 0.01 stands twice"),
    (GRID + "fund.set_aside = { from = 0, to = 0.1 }", "has no 'steps'; add steps = …"),
    (GRID + "fund.set_aside = { from = 0, to = 0.1, steps = 1 }", "cannot have 1 steps; give 2 or more"),
    (GRID + "switches.social = [1.5]", "cannot be 1.5; give true, false or a strength from 0 to 1"),
    (GRID + "switches.kind.grid = ['rewired']", "cannot be 'rewired'"),
    (
        GRID + "switches.social.off_from = [1999]",
        '1999 is no year of the scenario; give a year from 2014 to 2035, or "n',
    ),
    (
        GRID + "switches.social.off_from = [2030]",
        "the runs end in 2021, before switches.social.off_from; use more years",
    ),
    (GRID + "budget = ['neutrl']", "there is no 'neutrl'; did you mean 'neutral'?"),
    (
        GRID + "switches.all = [0]\nswitches.social = [1]",
        "point 0: switches.social: says twice what becomes of 'social'",
    ),
    ("budget = 'both'\n" + GRID + "budget = ['neutral']", "budget: is varied by the design, too"),
    ("fixed = { fund.set_aside = 7 }\n" + FACTORIAL, "fixed.fund.set_aside: 7 is out of bounds"),
    (
        "fixed = { switches.social = 0 }\n" + FACTORIAL,
        "fixed.switches.social: is varied by the design; leave it out of",
    ),
    (
        "fixed = { budget = 'neutral' }\n" + FACTORIAL,
        "fixed.budget: is not fixed here; write budget = … at the top",
    ),
    # keys and words of the file
    ("replicatons = 3\n" + FACTORIAL, "replicatons: unknown key; did you mean 'replications'?"),
    ("replications = 0\n" + FACTORIAL, "replications: 0 is out of bounds; give at least 1"),
    ("replications = 2.5\n" + FACTORIAL, "replications: must be a whole number"),
    ("budget = 'neutrl'\n" + FACTORIAL, "budget: there is no 'neutrl'; did you mean 'neutral'?"),
    ("budget = []\n" + FACTORIAL, "budget: names none, or one twice"),
    ("question = 'cutt'\n" + FACTORIAL, "question: there is no 'cutt'; did you mean 'cut'?"),
    ("outputs = ['outcome']\n" + FACTORIAL, "outputs: there is no table 'outcome'; did you mean 'outcomes'?"),
    (
        "outputs = ['households']\n" + FACTORIAL,
        "asks for the table of households, which is not made; add snapshots",
    ),
    ("snapshots = true\noutputs = ['outcomes']\n" + FACTORIAL, 'does not keep it; add "households"'),
    ("from_year = 2030\n" + FACTORIAL, "years: the runs end in 2021, before the switches act in 2030"),
    ("", "design: is missing; add design"),
    ("[design]\n", "design.kind: is missing; add kind = …, one of: factorial, grid"),
    (
        "[design]\nkind = 'fractorial'",
        "design.kind: there is no design 'fractorial'; did you mean 'factorial'?",
    ),
    ("[design]\nkind = 'grid'", "design.levels: is missing"),
    ("[design]\nkind = 'grid'\nlevels = {}", "design.levels: varies nothing"),
    (FACTORIAL + "switch = ['social']", "design.switch: unknown key; did you mean 'switches'?"),
    # samples
    (SAMPLE + "vary = []", "design.vary: is empty; give at least one entry"),
    (
        SAMPLE + "vary = ['fund.set_asid']",
        "design.vary: there is no such parameter; did you mean 'fund.set_aside'?",
    ),
    (SAMPLE + "vary = ['funt.*']", "design.vary: 'funt' has no assumed parameters; did you mean 'fund'?"),
    (SAMPLE + "vary = ['budget']", "'budget' has no bounds to sample in; vary it in a grid"),
    (SAMPLE + "vary = ['fund.*', 'fund.set_aside']", "'fund.set_aside' is named already"),
    (SAMPLE + "vary = ['fund.set_aside']\nbounds = { fund.set_aside = [0, 7] }", "7 is out of bounds"),
    (SAMPLE + "vary = ['fund.set_aside']\nbounds = { fund.set_aside = [0.05, 0.01] }", "bounds do not rise"),
    (
        SAMPLE + "vary = ['fund.set_aside']\nbounds = { fund.gift = [1, 2] }",
        "design.bounds.fund.gift: is not varied",
    ),
    (SAMPLE + "vary = ['fund.set_aside']\neach = [{}, {}]", "design.each.2: is the same as one before"),
    (
        SAMPLE + "vary = ['fund.set_aside']\neach = [{ switches.socail = 1 }]",
        "design.each.1.switches.socail: there is no switch",
    ),
    (
        "[design]\nkind='sobol'\nvary=['fund.*']\nsamples=100",
        "design.samples: 100 is no power of 2, and only there Sobol's sequence is balanced; use 64 or 128",
    ),
    (
        "[design]\nkind='morris'\nvary=['fund.*']\ntrajectories=1",
        "trajectories: 1 is out of bounds; give at least 2",
    ),
    (
        "[design]\nkind='morris'\nvary=['fund.*']\ntrajectories=2\ngroups='mechanisms'",
        "cannot be 'mechanisms'; write \"mech",
    ),
    (
        "[design]\nkind='morris'\nvary=['fund.*']\ntrajectories=2\ngrid_levels=5",
        "design.grid_levels: 5 is odd; use 6",
    ),
    (
        "[design]\nkind='morris'\nvary=['fund.set_aside', 'ties.kin_chance']\ntrajectories=2\ngroups={a=['fund.*']}",
        "design.groups: 'ties.kin_chance' is in no group",
    ),
    # timing and villages
    (
        "[design]\nkind='timing'\nswitches=['social']\nyears=[1990]",
        "design.years: 1990 is no year of the scenario",
    ),
    ("[design]\nkind='timing'\nswitches=['social']\nyears=[2016, 2016]", "names a year twice"),
    (STEPS + "villages = ['BQQ']", "design.villages: there is no place 'BQQ'; did you mean 'BQ'?"),
    (STEPS + "villages = ['BQ']\nsteps = [0, 2]", "design.steps: 2 is too many; there are 1 places"),
    (STEPS + "switches = ['village.BQ']", "'switches.village.BQ' has its place already"),
    # the list
    (
        "[design]\nkind='list'\nfile='nothing.csv'",
        "design.file: there is no 'nothing.csv'; put it beside experiment.toml",
    ),
]

BAD_LISTS = [
    # the CSV file's bytes, and the words expected
    (b"", "points.csv: holds no points"),
    (b"fund.set_aside\n", "holds no points; give names in the first row"),
    (
        b"fund.set_asid\n0.1\n",
        "points.csv: column 1: there is no such parameter; did you mean 'fund.set_aside'?",
    ),
    (b"fund.set_aside,\n0.1,0.1\n", "points.csv: column 2: has no name"),
    (b"fund.set_aside,fund.set_aside\n0.1,0.1\n", "column 2: 'fund.set_aside' stands above two columns"),
    (b"fund.set_aside,switches.social\n0.01,1\n0.02,\n", "points.csv: line 3, switches.social: is empty"),
    (b"fund.set_aside,switches.social\n0.01,1\n\n0.01,true\n", "points.csv: line 4: is the same as line 2"),
    (b"fund.set_aside\n0.01\n0.02,1\n", "points.csv: line 3: has 2 cells; give 1"),
    (b"fund.set_aside\nlots\n", "points.csv: line 2, fund.set_aside: must be a number, not 'lots'"),
    (b"fund.set_aside\n7\n", "points.csv: line 2, fund.set_aside: 7 is out of bounds"),
    (b"\xff\xfe\x00", "points.csv: is not text in UTF-8"),
    (b'fund.set_aside\n"' + b"1" * 200_000, "points.csv: line 2: cannot be read: field larger than"),
]


def write(folder: Path, text: str) -> Path:
    path = folder / "experiment.toml"
    path.write_text(HEAD + text, encoding="utf-8")
    return path


@pytest.mark.parametrize(("text", "words"), BAD)
def test_what_cannot_be_is_refused_by_file_key_and_mend(tmp_path: Path, text: str, words: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(InputError) as error:
        planned(read_experiment(path))
    assert words in str(error.value)
    assert "experiment.toml: " in str(error.value)
    assert error.value.mend


@pytest.mark.parametrize(("content", "words"), BAD_LISTS)
def test_a_list_that_cannot_be_is_refused_by_line_and_column(
    tmp_path: Path, content: bytes, words: str
) -> None:
    (tmp_path / "points.csv").write_bytes(content)
    path = write(tmp_path, "[design]\nkind='list'\nfile='points.csv'")
    with pytest.raises(InputError) as error:
        planned(read_experiment(path))
    assert words in str(error.value)


def test_an_experiment_is_found_by_file_folder_and_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "experiments" / "mine"
    folder.mkdir(parents=True)
    path = write(folder, FACTORIAL)
    monkeypatch.chdir(tmp_path)
    for place in (path, folder, "mine"):
        assert find_experiment(place).samefile(path)
        assert read_experiment(place).name == "mine"
    with pytest.raises(InputError, match="there is no such experiment; did you mean 'mine'"):
        find_experiment("mime")
    with pytest.raises(InputError, match=r"holds no experiment.toml"):
        find_experiment(tmp_path)


def test_a_smaller_size_is_laid_over_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, "replications = 24\n" + FACTORIAL)
    small = planned(read_experiment(path, households=300, replications=1, years=None))
    assert {spec.households for spec in small.specs} == {300}
    assert {spec.years for spec in small.specs} == {8}
    assert len(small.specs) == 8


def test_a_scenario_that_there_is_not_is_named_with_its_key(tmp_path: Path) -> None:
    path = write(tmp_path, FACTORIAL)
    path.write_text(path.read_text(encoding="utf-8").replace("t_district", "t_distrct"), encoding="utf-8")
    with pytest.raises(InputError) as error:
        planned(read_experiment(path))
    words = "experiment.toml: scenario: 't_distrct' there is no such scenario; did you mean 't_district'?"
    assert words in str(error.value)


def test_a_scenario_beside_the_file_is_found(tmp_path: Path) -> None:
    mine = 'extends = "t_district"\n[scenario]\nname = "mine"\n'
    (tmp_path / "mine.toml").write_text(mine, encoding="utf-8")
    path = tmp_path / "experiment.toml"
    path.write_text('scenario = "mine.toml"\n' + FACTORIAL, encoding="utf-8")
    assert planned(read_experiment(path)).specs[0].scenario.name == "mine"
