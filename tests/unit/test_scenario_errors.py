"""Bad scenarios: each problem is one line that names the file, the key and the mend."""

from pathlib import Path

import pytest

from abm.core.errors import InputError
from abm.scenario.load import library, read_scenario

TEXT = Path(__file__).with_name("small.toml").read_text(encoding="utf-8")
FILE = "mine.toml"

CASES = [
    # what is replaced, by what, the key named, the words expected
    ("[district]", "[distrct]", "distrct", "unknown key; did you mean 'district'?"),
    ("area_km2", "area_km", "district.area_km", "unknown key; did you mean 'area_km2'?"),
    ("trust = 0.7", "trst = 0.7", "places.rows.BQ.trst", "did you mean 'trust'?"),
    ('layer = "social"', 'laier = "social"', "switches.1.laier", "did you mean 'layer'?"),
    ("people = { value", "people = { x = 1, value", "district.people.x", "unknown key"),
    ('paper = "none"\n', "", "scenario.paper", "is missing; add paper = …"),
    ("start_year = 2014", 'start_year = "2014"', "scenario.start_year", "whole number, not '2014'"),
    ("start_year = 2014", "start_year = 2014.0", "scenario.start_year", "must be a whole number"),
    ("start_year = 2014", "start_year = true", "scenario.start_year", "must be a whole number"),
    ("start_year = 2014", "start_year = nan", "scenario.start_year", "whole number, not nan"),
    ("area_km2 = 12.5", 'area_km2 = "12.5"', "district.area_km2", "must be a number, not '12.5'"),
    ("area_km2 = 12.5", "area_km2 = nan", "district.area_km2", "must be a finite number, not nan"),
    ("area_km2 = 12.5", "area_km2 = inf", "district.area_km2", "must be a finite number, not inf"),
    ("area_km2 = 12.5", "area_km2 = 0", "district.area_km2", "0 is out of bounds; give more than 0"),
    ("area_km2 = 12.5", "area_km2 = 2014-01-01", "district.area_km2", "must be a number"),
    ("trust = 0.7", "trust = 1.5", "places.rows.BQ.trust", "1.5 is out of bounds; give at most 1"),
    ("urban = false", 'urban = "no"', "place_kinds.hill.urban", "must be true or false, not 'no'"),
    ("urban = false", "urban = 0", "place_kinds.hill.urban", "must be true or false, not 0"),
    ("amenity = [1.0, 1.2, 1, 1, 1]", "amenity = [1]", "place_kinds.hill.amenity.2", "every entry"),
    ("[1.0, 1.2, 1, 1, 1]", "{ farm = 1.0, town = 2 }", "place_kinds.hill.amenity", "the numbers alone"),
    ("[1.0, 1.2, 1, 1, 1]", "[1, nan, 1, 1, 1]", "place_kinds.hill.amenity.2", "finite number"),
    ('["BQ", "communities"]', "5", "joint_points.1.places", "must be text or a list of texts, not 5"),
    ('["BQ", "communities"]', '["BX"]', "joint_points.1.places", "did you mean 'BQ'?"),
    ('["BQ", "communities"]', '"vilages"', "joint_points.1.places", "did you mean 'villages'?"),
    ('"published" }\nfloating', '"guess" }\nfloating', "district.people.status", "must be 'seed', "),
    ('source = "census", ', "", "district.people.source", "is missing; add source"),
    ('source = "census"', 'source = ""', "district.people.source", "must not be empty"),
    ('name = "small"', 'name = "Small town"', "scenario.name", "is no good name"),
    ("end_year = 2021", "end_year = 2013", "scenario", "end_year lies before start_year"),
    ("switch_year = 2019", "switch_year = 2013", "scenario", "switch_year lies before start_year"),
    ('["labour", "grid"]', '["grid", "grid"]', "scenario", "a mechanism is listed twice"),
    ('["labour", "grid"]', "[]", "scenario.mechanisms", "is empty"),
    ('["labour", "grid"]', '[".a:b"]', "scenario.mechanisms.1", "'.a:b' is no name of a mechanism"),
    ("id = 2", "id = 1", "places.rows", "the id 1 stands twice"),
    ('name = "BL"', 'name = "BQ"', "places.rows", "the name 'BQ' stands twice"),
    ('name = "BL"', 'name = "hill"', "places.rows.hill.name", "is also the name of a kind"),
    ("[place_kinds.hill]", "[place_kinds.all]", "place_kinds.all", "already means something else"),
    ('kind = "town"', 'kind = "twn"', "places.rows.SJ.kind", "unknown kind 'twn'; did you mean 'town'?"),
    ("floating = 50", "floating = 5000", "places.rows.BL", "more floating people than people"),
    ("people = 900", "people = 901", "district.people", "the district has 3000, its places sum to 3001"),
    ("floating = 50", "floating = 51", "district.floating_people", "sum to 201"),
    ('layer = "social"', 'layer = "socail"', "switches.1.layer", "there is no layer 'socail'; did you"),
    ('village = "BL"', 'village = "BLL"', "switches.1.village", "there is no village 'BLL'; did you"),
    ("strength = 0.5", "strength = nan", "switches.1.strength", "must be a finite number, not nan"),
    ("strength = 0.5", "strength = -1", "switches.1.strength", "-1 is out of bounds; give at least 0"),
    ("from_year = 2016", "from_year = 2016\nto_year = 2015", "switches.1", "to_year lies before from_year"),
    ("[[switches]]", "[switches]", "switches", "must be a list of tables; write [[switches]]"),
    ("from_year = 2019", "from_year = 2019\nto_year = 2018", "programmes.grid_fund", "lies before from_year"),
    (
        'layer = "organizational"',
        'layer = "interests"',
        "programmes.grid_fund.layer",
        "did you mean 'interest'?",
    ),
    ("{ value = 0.2,", "{ x = 0.2,", "parameters.labour.quit_rate.x", "unknown key"),
    ("{ value = 0.1, ", "{ ", "parameters.grid.loss_per_hop", "has no value; add value = …"),
    ("value = 0.1", 'value = "much"', "parameters.grid.loss_per_hop", "must be a number, not 'much'"),
    ("value = 0.1", "value = nan", "parameters.grid.loss_per_hop", "must be a finite number, not nan"),
    (
        "[parameters.grid]",
        "[parameters.grid]\nx = 3",
        "parameters.grid.x",
        "has no source; write { value = 3, ",
    ),
    ('"labour.quit_rate"', '"grid.loss_per_hop"', "parameters.grid.loss_per_hop", "is set twice"),
    ("data/paths.csv", "data/none.csv", "outside.paths", "the data file 'data/none.csv' is missing"),
    ("data/quintiles.csv", "data", "population.fifths", "the data file 'data' is missing"),
]


def problem_of(path, settings=None):
    with pytest.raises(InputError) as caught:
        read_scenario(path, settings)
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(("old", "new", "key", "words"), CASES)
def test_one_line_names_file_key_and_mend(tmp_path, old, new, key, words):
    assert old in TEXT
    path = tmp_path / FILE
    path.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    error = problem_of(path)
    assert error.file == str(path) or error.file == path
    assert error.key == key
    assert error.mend
    assert words in str(error)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty; add [scenario]"),
        (b"# nothing but a comment\n", "is empty"),
        (b"[district]\npeople = 1\n", "has no [scenario] table; add [scenario]"),
        (b"scenario = 5\n", "scenario: must be a table, not 5"),
        (b"[scenario]\n", "scenario.name: is missing"),
        (b"[scenario\n", "is not valid TOML: "),
        (b"[scenario]\nname = small\n", "(at line 2, column 8)"),
        (b"\x89PNG\r\n\x1a\n\x00\xff", "is not a text file"),
        (b"\x00\x01\x02", "is not valid TOML"),
        (b"x = " + b"[" * 5000, "is nested too deeply"),
        (b'extends = "nobody"\n', "extends: 'nobody' there is no such scenario"),
        (b"extends = 5\n", "extends: must be text"),
        (b'extends = "mine"\n', "extends: extends itself"),
    ],
)
def test_files_that_are_no_scenario(tmp_path, content, words):
    path = tmp_path / FILE
    path.write_bytes(content)
    error = problem_of(path)
    assert str(error).startswith(str(path))
    assert words in str(error)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (".", "is a folder, not a scenario file"),
        ("", "is a folder, not a scenario file"),
        ("nobody.toml", "there is no such scenario"),
        ("no/such/folder/x.toml", "there is no such scenario"),
        ("t_distrikt", "did you mean 't_district'?"),
        ("/dev/null", "is not an ordinary file"),
        ("x" * 5000, "cannot be read"),
        ("x\0y", "there is no such scenario"),
    ],
)
def test_names_that_lead_to_no_file(name, words):
    assert words in str(problem_of(name))


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("scenario.end_year", "soon", "setting scenario.end_year: must be a whole number, not 'soon'"),
        ("scenario.end_year", float("nan"), "setting scenario.end_year: must be a whole number, not nan"),
        ("end_year", 2030, "end_year: is no setting; did you mean 'scenario.end_year'?"),
        ("scenrio.end_year", 2030, "did you mean 'scenario.end_year'?"),
        ("nothing", 1, "nothing: is no setting; write OWNER.NAME"),
        ("a..b", 1, "a..b: is no setting"),
        (".", 1, "is no setting"),
        ("scenario.name.first", 1, "there is nothing below"),
        ("places.rows.BX.trust", 0.5, "there is no entry 'BX'; did you mean 'BQ'?"),
        ("switches.7.strength", 0.5, "there is no entry '7'; use one of: 1"),
        ("labour.quit_rate", "much", "setting labour.quit_rate: must be a number, not 'much'"),
        ("labour.quit_rate", float("nan"), "setting labour.quit_rate: must be a finite number, not nan"),
        ("labour.quit_rate", 10**400, "setting labour.quit_rate: must be a number"),
        ("district.people", 5, "the district has 5, its places sum to 3000"),
    ],
)
def test_bad_settings(key, value, words):
    error = problem_of(Path(__file__).with_name("small.toml"), {key: value})
    assert words in str(error)


def test_a_number_changed_by_an_extending_file_needs_a_source(tmp_path):
    (tmp_path / "base.toml").write_text(TEXT, encoding="utf-8")
    path = tmp_path / FILE
    path.write_text('extends = "base"\n[district]\narea_km2 = 3\n', encoding="utf-8")
    error = problem_of(path)
    assert (error.file, error.key) == (str(path), "district.area_km2")
    assert "without saying where the new number comes from" in str(error)


def test_the_file_named_is_the_one_that_holds_the_key(tmp_path):
    (tmp_path / "base.toml").write_text(TEXT.replace("area_km2 = 12.5", "area_km2 = 0"), encoding="utf-8")
    path = tmp_path / FILE
    path.write_text('extends = "base"\n[scenario]\nend_year = 2020\n', encoding="utf-8")
    assert str(problem_of(path).file).endswith("base.toml")
    path.write_text('extends = "base"\n[scenario]\nend_year = "x"\n', encoding="utf-8")
    (tmp_path / "base.toml").write_text(TEXT, encoding="utf-8")
    assert problem_of(path).file == str(path)


def test_two_files_that_extend_each_other(tmp_path):
    (tmp_path / "a.toml").write_text('extends = "b"\n', encoding="utf-8")
    (tmp_path / "b.toml").write_text('extends = "a"\n', encoding="utf-8")
    assert "extends itself" in str(problem_of(tmp_path / "a.toml"))


PATHS = (library() / "data" / "paths.csv").read_text(encoding="utf-8")
FIFTHS = (library() / "data" / "quintiles.csv").read_text(encoding="utf-8")
ROW = next(line for line in FIFTHS.splitlines() if line.startswith("Fujian,rural households,2021,income"))


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        (
            "paths",
            "",
            "outside.paths: 'data/paths.csv' has no column 'year'; give the columns year, cpi_growth",
        ),
        ("paths", PATHS.replace("cpi_growth", "cpi"), "has no column 'cpi_growth'"),
        (
            "paths",
            PATHS.replace("4432", "many"),
            "line 9 of 'data/paths.csv': migrant_wage_month cannot be 'many'",
        ),
        (
            "paths",
            PATHS.replace("4432", "nan"),
            "migrant_wage_month cannot be 'nan'; give a number of at least 1",
        ),
        ("paths", PATHS.replace("4432", "-4432"), "migrant_wage_month cannot be '-4432'"),
        ("paths", PATHS.replace("0.020", "inf", 1), "line 2 of 'data/paths.csv': cpi_growth cannot be 'inf'"),
        ("paths", PATHS.replace("\n2014", "\n1614"), "year cannot be '1614'"),
        (
            "paths",
            "\n".join(PATHS.splitlines()[:5]),
            "has no row for 2018 and 3 other years; give every year",
        ),
        (
            "paths",
            PATHS.replace("\n2018", "\n2017"),
            "has no row for 2018; give every year from 2014 to 2021",
        ),
        ("quintiles", "", "population.fifths: 'data/quintiles.csv' has no column 'place'"),
        ("quintiles", FIFTHS.replace("Fujian", "Guangdong"), "has no row for Fujian, rural households, 2021"),
        ("quintiles", FIFTHS.replace(ROW, ROW[:45]), "cannot be ''"),
        ("quintiles", FIFTHS.replace(ROW, ROW.replace("income,", "income,-")), "q1 cannot be '-"),
        ("quintiles", FIFTHS.replace(ROW, ROW.replace("income,", "income,9")), "do not rise from q1 to q5"),
    ],
)
def test_data_files_that_cannot_be(tmp_path, name, content, words):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / f"{name}.csv").write_text(content, encoding="utf-8")
    path = tmp_path / FILE
    path.write_text(TEXT, encoding="utf-8")
    assert words in str(problem_of(path))


def test_an_unreadable_data_file(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "paths.csv").write_bytes(b"\xff\xfe\x00")
    path = tmp_path / FILE
    path.write_text(TEXT, encoding="utf-8")
    assert "is not text in UTF-8" in str(problem_of(path))
