"""A pack holds all that is needed to repeat its runs, and the same folder gives the same bytes."""

import json
import os
import zipfile
from dataclasses import fields, replace
from hashlib import sha256
from pathlib import Path

import pytest
from rocrate.rocrate import ROCrate

from abm.core.errors import DamageError, InputError
from abm.core.names import LAYERS
from abm.model.plan import load_scenario
from abm.records import store
from abm.runs import pack_texts
from abm.runs.design import RunSpec, arms_design, factorial_design, with_parameters
from abm.runs.manifest import begun, ended, read_manifest
from abm.runs.pack import pack
from abm.runs.rebuild import specs_of
from abm.runs.replicate import replicate
from abm.runs.results import read_results
from abm.scenario.load import library, scenario_from
from abm.scenario.schema import Scenario
from abm.scenario.switches import Arm, Switch, pilot_arms, placebo_arms
from tests.end_to_end.small import content_of
from tests.runs.packs import copied, rewritten

OWN = """
extends = "base/town"
[scenario]
name = "my_town"
[outside]
paths = "data/my_paths.csv"
source = "made up"
status = "assumed"
growth_after = 0.02
inflation_after = 0.02
"""


@pytest.fixture(scope="module")
def packed(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pack as a folder; to be read only."""
    return pack(published, tmp_path_factory.mktemp("pack") / "p").path


# --- what is in it ------------------------------------------------------------------------------------------


def test_holds_scenario_results_versions_and_lock(packed: Path, published: Path) -> None:
    scenarios = library()
    for name in ("t_district.toml", "data/paths.csv", "data/quintiles.csv", "data/t_district_posterior.csv"):
        assert (packed / "scenario" / name).read_bytes() == (scenarios / name).read_bytes()
    for name in ("results/manifest.json", *(f"results/{n}" for n in content_of(published))):
        assert (packed / name).read_bytes() == (published / name.removeprefix("results/")).read_bytes()
    versions = (packed / "environment" / "versions.txt").read_text()
    environment = read_manifest(published)["environment"]
    assert f"mesa=={environment['mesa']}\n" in versions
    assert f"# Python {environment['python']} " in versions
    assert "abm replicate PACK" in (packed / "README.md").read_text()
    assert read_results(packed / "results").digests() == read_manifest(published)["digests"]


def test_checksums_cover_every_other_file(packed: Path) -> None:
    lines = (packed / "checksums.sha256").read_text().splitlines()
    listed = {line[66:]: line[:64] for line in lines}
    files = content_of(packed)
    files.pop("checksums.sha256")
    assert listed == {name: sha256(content).hexdigest() for name, content in files.items()}
    assert list(listed) == sorted(listed)


def test_same_folder_same_bytes(published: Path, tmp_path: Path) -> None:
    first = pack(published, tmp_path / "a.zip")
    other = copied(published, tmp_path / "elsewhere")
    for path in other.rglob("*.parquet"):
        os.utime(path, (1, 1))
    second = pack(other, tmp_path / "b.zip")
    assert first.new
    assert first.path.read_bytes() == second.path.read_bytes()
    assert not pack(published, tmp_path / "a.zip").new
    with zipfile.ZipFile(first.path) as archive:
        assert archive.namelist() == sorted(archive.namelist())
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert all(str(tmp_path).encode() not in archive.read(name) for name in archive.namelist())


def test_zip_and_folder_hold_the_same(packed: Path, published: Path, tmp_path: Path) -> None:
    path = pack(published, tmp_path / "p.zip").path
    with zipfile.ZipFile(path) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == content_of(packed)


def test_without_tables_the_digests_stay(published: Path, tmp_path: Path) -> None:
    folder = pack(published, tmp_path / "p", tables=False).path
    assert not list(folder.rglob("*.parquet"))
    assert len(list((folder / "results" / "runs").glob("*.json"))) == 8
    assert read_manifest(folder / "results") == read_manifest(published)


def test_rocrate_reads_its_description(packed: Path) -> None:
    crate = ROCrate(packed)
    action = crate.get("#runs")
    assert action.type == "CreateAction"
    assert "scenario/t_district.toml" in {part.id for part in action["object"]}
    assert "results/outcomes/" in {part.id for part in action["result"]}
    assert action["instrument"]["version"] == read_manifest(packed / "results")["version"]
    assert [author["name"] for author in crate.root_dataset["author"]] == ["The jiedian developers"]
    assert crate.license.id == "https://spdx.org/licenses/Apache-2.0"
    files = content_of(packed)
    for name in set(files) - {"ro-crate-metadata.json", "checksums.sha256"}:
        assert crate.get(name)["sha256"] == sha256(files[name]).hexdigest()


def test_authors_of_the_study(published: Path, tmp_path: Path) -> None:
    cited = tmp_path / "CITATION.cff"
    cited.write_text(
        "title: Our study\nlicense: CC-BY-4.0\ndate-released: 2026-03-01\nauthors:\n"
        "- {given-names: Li, family-names: Wen, orcid: 'https://orcid.org/0000-0001-2345-6789'}\n"
    )
    crate = ROCrate(pack(published, tmp_path / "p", citation=cited).path)
    (author,) = crate.root_dataset["author"]
    assert (author.type, author["name"]) == ("Person", "Li Wen")
    assert author.id == "https://orcid.org/0000-0001-2345-6789"
    assert crate.datePublished.isoformat()[:10] == "2026-03-01"
    cited.write_text("title: Our study\n")
    with pytest.raises(InputError, match="names no authors"):
        pack(published, tmp_path / "q", citation=cited)


def test_the_lock_is_there_only_where_the_runs_had_its_versions(
    published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = read_manifest(published)
    used = manifest["environment"]
    monkeypatch.setattr(pack_texts.abm, "__file__", str(tmp_path / "abm" / "__init__.py"))
    assert pack_texts.lock_of(manifest) is None
    (tmp_path / "locks").mkdir()
    series = "".join(used["python"].split(".")[:2])
    lock = tmp_path / "locks" / f"py{series}.txt"
    lock.write_text("".join(f"{name}=={used[name]} \\\n" for name in pack_texts.PACKAGES if name in used))
    assert pack_texts.lock_of(manifest) == lock.read_bytes()
    used["numpy"] = "0.1"
    assert pack_texts.lock_of(manifest) is None


def test_the_file_of_an_experiment(published: Path, tmp_path: Path) -> None:
    folder = copied(published, tmp_path / "r")
    design = {"file": "experiment.toml", "text": "scenario = 't_district'\n"}
    store.write_json(folder / "manifest.json", {**read_manifest(folder), "design": design})
    made = pack(folder, tmp_path / "p", tables=False).path
    assert (made / "experiment" / "experiment.toml").read_text() == design["text"]


# --- what is refused ----------------------------------------------------------------------------------------


def test_damaged_results_are_not_packed(published: Path, tmp_path: Path) -> None:
    folder = copied(published, tmp_path / "r")
    path = next((folder / "villages").glob("*.parquet"))
    rewritten(path, "villages", lambda frame: frame.__setitem__("gini", frame["gini"] + 0.1))
    with pytest.raises(DamageError, match=f"{path.name}.*altered"):
        pack(folder, tmp_path / "p.zip")
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(DamageError, match=f"{path.name}.*damaged"):
        pack(folder, tmp_path / "p.zip")
    path.unlink()
    with pytest.raises(DamageError, match=f"{path.name}.*missing"):
        pack(folder, tmp_path / "p.zip")
    assert [path.name for path in tmp_path.iterdir()] == ["r"]


def test_unfinished_results_are_not_packed_but_failed_runs_are_said(published: Path, tmp_path: Path) -> None:
    folder = copied(published, tmp_path / "r")
    manifest = read_manifest(folder)
    run = manifest["runs"][3]["run_id"]
    (folder / "runs" / f"{run}.json").unlink()
    with pytest.raises(DamageError, match="is not that of its runs"):
        pack(folder)
    store.write_json(folder / "manifest.json", ended(manifest, store.finished_runs(folder), {}))
    with pytest.raises(InputError, match="1 of 8 runs are not finished"):
        pack(folder)
    failed = ended(manifest, store.finished_runs(folder), {run: "ValueError: nothing left"})
    store.write_json(folder / "manifest.json", failed)
    made = pack(folder, tmp_path / "p", tables=False)
    assert made.runs == 7
    assert "since they failed: 1 run;" in (made.path / "README.md").read_text()


def test_results_of_a_batch_that_was_killed_are_unfinished_and_not_damaged(
    published: Path, tmp_path: Path
) -> None:
    """Its manifest is still that of its begin, and tells no digests."""
    folder = copied(published, tmp_path / "r")
    manifest = read_manifest(folder)
    (folder / "runs" / f"{manifest['runs'][3]['run_id']}.json").unlink()
    store.write_json(folder / "manifest.json", {**manifest, "complete": False, "digests": {}})
    for use in (pack, replicate):
        with pytest.raises(InputError, match="was stopped before its end; run the same command again"):
            use(folder)
    assert [path.name for path in tmp_path.iterdir()] == ["r"]


def test_what_is_there_is_left_alone(published: Path, tmp_path: Path) -> None:
    (tmp_path / "p.zip").write_text("mine")
    with pytest.raises(InputError, match="is there already, and it is another"):
        pack(published, tmp_path / "p.zip")
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "mine").write_text("mine")
    with pytest.raises(InputError, match="is there already"):
        pack(published, tmp_path / "p")
    assert content_of(tmp_path) == {"p.zip": b"mine", "p/mine": b"mine"}
    with pytest.raises(InputError, match="lies in the results folder"):
        pack(published, published / "p.zip")


def test_results_without_their_sources_are_not_packed(published: Path, tmp_path: Path) -> None:
    folder = copied(published, tmp_path / "r")
    manifest = read_manifest(folder)
    del manifest["sources"]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(InputError, match="does not say what its scenario was read from"):
        pack(folder)


# --- runs are described again as they were ------------------------------------------------------------------


def rebuilt(specs: list, command: str = "batch") -> list:
    """Specs through the text of a manifest and back."""
    return specs_of(json.loads(json.dumps(begun(specs, command, 1))), Path("manifest.json"))


def assert_same(specs: list) -> None:
    for old, new in zip(specs, rebuilt(specs), strict=True):
        assert new.run_id == old.run_id
        assert new.scenario.content_hash == old.scenario.content_hash
        for field in fields(old):
            if field.name != "scenario":
                assert getattr(new, field.name) == getattr(old, field.name), field.name


def test_every_field_of_a_run_is_kept() -> None:
    """Who adds one writes it into the manifest, rebuilds it in ``abm.runs.rebuild``, and names it here."""
    run = {field.name for field in fields(RunSpec)}
    arm = {field.name for field in fields(Arm)}
    assert run == {
        *("scenario", "arm", "budget", "seed", "households", "years", "draw", "parameters", "replication"),
        *("snapshots", "cache", "tables"),
    }
    assert arm == {*LAYERS, "question", "from_year", "years", "placebo", "villages", "masks"}


def test_arms_draws_and_snapshots(scenario: Scenario) -> None:
    assert_same(factorial_design(scenario, question="programme", replications=2, draws=2, households=300))
    assert_same(arms_design(scenario, placebo_arms(2015), budgets=("neutral", "withheld"), replications=1))
    assert_same(arms_design(scenario, pilot_arms(2019, ("BQ",)), replications=1))
    arm = Arm(interest=0.3, social=False, years=(("social", 2017), ("interest", None)))
    assert_same([replace(s, snapshots=True) for s in arms_design(scenario, [arm], replications=1)])
    masks = (
        Switch(kind="grid", village="BQ", strength=0.5),
        Switch(layer="social", from_year=2016, to_year=2018),
    )
    masked = arms_design(scenario, [Arm(masks=masks)], replications=1)
    assert_same([replace(s, tables=("outcomes", "flows")) for s in masked])


def test_runs_of_other_scenarios_sizes_and_parameters_in_one_batch(scenario: Scenario) -> None:
    other = with_parameters(with_parameters(scenario, {"whistle.loss": 0.2}), {"whistle.loss": 0.25})
    (first, *_) = specs = arms_design(scenario, [Arm()], replications=2)
    specs += [
        replace(first, scenario=other, years=3),
        replace(first, scenario=load_scenario("t_district", {"labour.quit_rate": 0.2})),
        replace(first, parameters=(("whistle.loss", 0.3),), households=250),
    ]
    assert_same(specs)


def test_a_scenario_of_own_files_is_read_again_without_them(tmp_path: Path) -> None:
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "town.toml").write_text('extends = "t_district"\n[scenario]\nburn_in = 0\n')
    (tmp_path / "data").mkdir()
    paths = (library() / "data" / "paths.csv").read_text().replace("2024,", "2024,0", 1)
    (tmp_path / "data" / "my_paths.csv").write_text(paths)
    (tmp_path / "my.toml").write_text(OWN)
    read = load_scenario(tmp_path / "my.toml", {"scenario.end_year": 2030, "whistle.loss": 0.2})
    sources = read.sources
    assert sources is not None
    assert sources.files == ("my.toml", "base/town.toml", "base/t_district.toml")
    for path in sorted(tmp_path.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    again = scenario_from(type(sources).model_validate_json(sources.model_dump_json()))
    assert again.content_hash == read.content_hash
    assert again.model_dump() == read.model_dump()
    assert again.data("data/my_paths.csv") == paths
    for label, text in sources.texts.items():  # laid out by their short names, the files are a scenario again
        path = tmp_path / label
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    settings = {"scenario.end_year": 2030, "whistle.loss": 0.2}
    assert load_scenario(tmp_path / "my.toml", settings).content_hash == read.content_hash


def test_files_that_lie_elsewhere_get_short_names_within(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "town.toml").write_text('extends = "t_district"\n[scenario]\nburn_in = 3\n')
    (tmp_path / "a" / "town.toml").write_text('extends = "../town"\n[scenario]\nburn_in = 0\n')
    read = load_scenario(tmp_path / "a" / "town.toml")
    assert read.sources is not None
    assert read.sources.files == ("town.toml", "town-2.toml", "t_district.toml")
    assert scenario_from(read.sources).content_hash == read.content_hash
