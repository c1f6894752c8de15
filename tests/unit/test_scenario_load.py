"""Reading scenario files: what is laid over what, where numbers come from, what the hash stands for."""

import pickle
from pathlib import Path

import numpy as np
import pytest

from abm.core.errors import InputError
from abm.scenario.load import find_file, library, parse_settings, read_scenario
from abm.scenario.numbers import numbers_of

SMALL = Path(__file__).with_name("small.toml")
TEXT = SMALL.read_text(encoding="utf-8")


@pytest.fixture
def scenario_file(tmp_path):
    """Writes a scenario file and gives its path."""

    def write(text: str, name: str = "mine.toml") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def number(scenario, key):
    return next(n for n in numbers_of(scenario) if n.key == key)


def test_reads_what_the_file_says():
    scenario = read_scenario(SMALL)
    assert (scenario.name, scenario.start_year, scenario.end_year) == ("small", 2014, 2021)
    assert scenario.village_names == ("BQ", "BL", "SJ")
    assert scenario.parameters["labour.quit_rate"].value == 0.2
    assert scenario.parameters["grid.loss_per_hop"].source == "paper"
    assert scenario.data("data/paths.csv").startswith("year,")


def test_a_place_has_its_own_number_or_that_of_its_kind():
    scenario = read_scenario(SMALL)
    first, second, _ = scenario.places.rows
    assert scenario.feature(first, "trust") == 0.7
    assert scenario.feature(second, "trust") == 0.5


@pytest.mark.parametrize(
    ("selector", "rows"),
    [
        ("all", (0, 1, 2)),
        ("villages", (0, 1)),
        ("communities", (2,)),
        ("hill", (0, 1)),
        ("BL", (1,)),
        (("SJ", "BQ"), (0, 2)),
        (("BQ", "communities"), (0, 2)),
        (("hill", "BQ"), (0, 1)),
    ],
)
def test_selectors(selector, rows):
    assert read_scenario(SMALL).selected(selector) == rows


# --- where numbers come from ----------------------------------------------------------------------------


def test_a_number_has_its_own_source_or_that_of_its_table():
    scenario = read_scenario(SMALL)
    assert (number(scenario, "district.people").source, number(scenario, "district.people").status) == (
        "census",
        "published",
    )
    assert number(scenario, "district.area_km2").source == "made up"
    assert number(scenario, "places.rows.BQ.people").status == "seed"
    assert number(scenario, "place_kinds.hill.amenity.tourism").value == 1.2


def test_every_number_has_unit_source_and_status():
    numbers = numbers_of(read_scenario(SMALL))
    assert len({n.key for n in numbers}) == len(numbers)
    assert all(n.source and n.status and n.unit for n in numbers)


def test_a_set_number_says_so():
    scenario = read_scenario(SMALL, {"district.area_km2": 20, "places.rows.BQ.trust": 0.1})
    area, people = number(scenario, "district.area_km2"), number(scenario, "district.people")
    assert (area.value, area.source, area.status) == (20, "set on the command line or in code", "assumed")
    assert people.source == "census"
    assert "places.rows.BQ.trust set on" in scenario.places.provenance("rows").source
    assert scenario.places.provenance("rows").status == "assumed"


def test_an_extending_scenario_keeps_the_sources_of_what_it_does_not_change(scenario_file):
    scenario_file(TEXT, "base.toml")
    path = scenario_file(
        'extends = "base"\n'
        '[scenario]\ntitle = "Other"\n'
        '[district]\nsource = "other"\nstatus = "seed"\narea_km2 = 99\n'
        '[place_kinds.hill]\ntrust = { value = 0.9, source = "talk", status = "assumed" }\n'
        '[parameters.labour]\nquit_rate = { value = 0.3, source = "new", status = "assumed" }\n'
    )
    scenario = read_scenario(path)
    assert scenario.scenario.title == "Other"
    assert scenario.name == "small"
    area, people = number(scenario, "district.area_km2"), number(scenario, "district.people")
    assert (area.value, area.source) == (99, "other")
    assert (people.value, people.source) == (3000, "census")
    assert number(scenario, "district.floating_people").source == "made up"
    assert number(scenario, "place_kinds.hill.trust").source == "talk"
    assert number(scenario, "place_kinds.hill.management").source == "made up"
    assert scenario.parameters["labour.quit_rate"].source == "new"


def test_an_extending_scenario_finds_the_base_and_its_data_in_another_folder(tmp_path):
    base = tmp_path / "base"
    base.mkdir()
    (base / "low.toml").write_text(TEXT.replace("data/paths.csv", "mine.csv"), encoding="utf-8")
    paths = (library() / "data" / "paths.csv").read_text(encoding="utf-8")
    (base / "mine.csv").write_text(paths, encoding="utf-8")
    above = tmp_path / "above.toml"
    above.write_text('extends = "base/low.toml"\n', encoding="utf-8")
    scenario = read_scenario(above)
    assert scenario.data("mine.csv") == paths
    assert scenario.content_hash == read_scenario(base / "low.toml").content_hash


def test_two_steps_of_extending(scenario_file):
    scenario_file(TEXT, "a.toml")
    scenario_file('extends = "a"\n[scenario]\nend_year = 2025\ntitle = "b"\n', "b.toml")
    scenario = read_scenario(scenario_file('extends = "b"\n[scenario]\ntitle = "c"\n', "c.toml"))
    assert (scenario.end_year, scenario.scenario.title) == (2025, "c")


# --- settings -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "value", "read"),
    [
        ("scenario.end_year", 2030, lambda s: s.end_year),
        ("programmes.grid_fund.per_head", 40.0, lambda s: s.programmes[0].per_head),
        ("joint_points.1.share", 0.25, lambda s: s.joint_points[0].share),
        ("switches.1.strength", 1.0, lambda s: s.switches[0].strength),
        ("switches", [], lambda s: list(s.switches)),
        ("places.rows.BL.trust", 0.2, lambda s: s.feature(s.places.rows[1], "trust")),
        ("place_kinds.town.trust", 0.2, lambda s: s.feature(s.places.rows[2], "trust")),
        ("grid.loss_per_hop", 0.4, lambda s: s.parameters["grid.loss_per_hop"].value),
        ("parameters.grid.loss_per_hop", 0.4, lambda s: s.parameters["grid.loss_per_hop"].value),
        ("grid.loss_per_hop", np.float64(0.5), lambda s: s.parameters["grid.loss_per_hop"].value),
        ("scenario.end_year", np.int64(2030), lambda s: s.end_year),
    ],
)
def test_settings_reach_their_place(key, value, read):
    assert read(read_scenario(SMALL, {key: value})) == value


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("a.b=1", 1),
        ("a.b = 0.5", 0.5),
        ("a.b=true", True),
        ("a.b=text", "text"),
        ('a.b="text"', "text"),
        ("a.b=[1, 2]", [1, 2]),
        ("a.b=x=y", "x=y"),
        ("a.b=1\nc.d=2", "1\nc.d=2"),
    ],
)
def test_words_of_the_command_line(word, value):
    assert parse_settings([word]) == {"a.b": value}


@pytest.mark.parametrize("word", ["a.b", "a.b=", "=1", "=", "", "a.b= "])
def test_a_setting_without_value(word):
    with pytest.raises(InputError, match="write --set KEY=VALUE"):
        parse_settings([word])


# --- the content hash -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("end_year = 2021", "end_year = 2022"),
        ("trust = 0.7", "trust = 0.71"),
        ('title = "Three places"', 'title = "3 places"'),
        ('source = "census"', 'source = "other census"'),
        ('source = "yearbook"\nstatus = "published"', 'source = "yearbook"\nstatus = "assumed"'),
        ("strength = 0.5", "strength = 0.4"),
        ("value = 0.2", "value = 0.25"),
        ("share = 0.6", ""),
        ('mechanisms = ["labour", "grid"]', 'mechanisms = ["grid", "labour"]'),
    ],
)
def test_hash_changes_with_content(scenario_file, old, new):
    assert old in TEXT
    changed = read_scenario(scenario_file(TEXT.replace(old, new, 1)))
    assert changed.content_hash != read_scenario(SMALL).content_hash


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# A complete scenario", "# Some scenario"),
        ("area_km2 = 12.5\n", ""),  # moved below
        ("land_per_head = 0\n", "land_per_head = 0.0\n"),
        ("base_year = 2021", "base_year = 2021\nticks_per_year = 4"),
        ("floating = 50", "floating = 50, name_zh = ''"),
        ("\n", "\r\n"),
        ('"labour.quit_rate" = {', "labour.quit_rate = {"),
        ("area_km2 = 12.5", 'area_km2 = { value = 12.5, source = "made up", status = "assumed" }'),
    ],
)
def test_hash_does_not_change_with_layout(scenario_file, old, new):
    text = TEXT.replace(old, new)
    if old.startswith("area_km2") and not new:
        text = text.replace("floating_people = 200", "floating_people = 200\narea_km2 = 12.5")
    assert text != TEXT
    assert read_scenario(scenario_file(text)).content_hash == read_scenario(SMALL).content_hash


def test_hash_changes_with_a_data_file_and_not_with_the_folder(tmp_path):
    hashes = []
    paths = (library() / "data" / "paths.csv").read_text(encoding="utf-8")
    for folder, content in (("a", paths), ("b", paths), ("c", paths.replace("0.020", "0.021", 1))):
        (tmp_path / folder / "data").mkdir(parents=True)
        (tmp_path / folder / "data" / "paths.csv").write_text(content, encoding="utf-8")
        (tmp_path / folder / "s.toml").write_text(TEXT, encoding="utf-8")
        hashes.append(read_scenario(tmp_path / folder / "s.toml").content_hash)
    assert hashes[0] == hashes[1] != hashes[2]


def test_hash_changes_with_a_setting_of_another_value():
    plain = read_scenario(SMALL).content_hash
    assert read_scenario(SMALL, {"scenario.end_year": 2021}).content_hash == plain
    assert read_scenario(SMALL, {"scenario.end_year": 2022}).content_hash != plain
    assert read_scenario(SMALL, {"labour.quit_rate": 0.21}).content_hash != plain


def test_a_scenario_survives_pickling():
    scenario = read_scenario(SMALL)
    again = pickle.loads(pickle.dumps(scenario))
    assert again == scenario
    assert again.content_hash == scenario.content_hash
    assert again.data("data/paths.csv") == scenario.data("data/paths.csv")
    assert again.district.provenance("people").source == "census"


def test_a_scenario_does_not_change_once_read():
    with pytest.raises(ValueError, match="frozen"):
        read_scenario(SMALL).scenario.end_year = 2030


def test_windows_mark_in_front(tmp_path):
    (tmp_path / "s.toml").write_bytes(b"\xef\xbb\xbf" + TEXT.encode())
    assert read_scenario(tmp_path / "s.toml").content_hash == read_scenario(SMALL).content_hash


def test_a_name_of_the_library_and_a_file_of_that_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    name = sorted(library().glob("*.toml"))[0].stem
    (tmp_path / name).mkdir()  # a results folder of that name is in nobody's way
    assert find_file(name) == library() / f"{name}.toml"
