"""What somebody else has packed is looked at as data: damage is named, nothing climbs out, no program of it is run."""

import errno
import json
import os
import stat
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from abm.core.errors import DamageError, InputError, StoppedError
from abm.runs import replicate as replication
from abm.runs.batch import write_run
from abm.runs.design import run_spec_of
from abm.runs.manifest import read_manifest
from abm.runs.pack import pack
from abm.runs.replicate import replicate
from abm.runs.unpack import opened_pack, unzip
from tests.end_to_end.small import content_of
from tests.runs.packs import copied, first_of, rewritten, summed_again, zip_of

MECHANISM = '''
"""A rule that does nothing, and leaves a trace when it is imported."""

from pathlib import Path

from abm.mechanisms.base import Mechanism

Path({trace!r}).write_text("imported")


class Idle(Mechanism):
    """Nothing."""

    name = "idle_rule"
    layer = "background"

    def needs(self, world):
        """Nothing happens."""
'''


# --- damage -------------------------------------------------------------------------------------------------


def test_an_altered_table_is_damage_and_nothing_is_rerun(
    published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replication, "run_batch", None)
    folder, run = copied(published, tmp_path / "r"), first_of(published)
    path = folder / "outcomes" / f"{run}.parquet"
    rewritten(path, "outcomes", lambda frame: frame.__setitem__("gini", 0.5))
    with pytest.raises(DamageError, match=f"outcomes/{run}.parquet: the rows are not those"):
        replicate(folder)
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(DamageError, match=f"outcomes/{run}.parquet: is damaged"):
        replicate(folder)
    (folder / "manifest.json").write_text("{")
    with pytest.raises(DamageError, match=r"manifest\.json: is damaged"):
        replicate(folder)


def test_a_pack_that_was_changed_is_damaged(zipped: Path, tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    unzip(zipped, tmp_path / "p")
    file = tmp_path / "p" / "scenario" / "t_district.toml"
    file.write_text(file.read_text().replace("switch_year = 2019", "switch_year = 2020"))
    with pytest.raises(DamageError, match=r"scenario/t_district\.toml: the file was altered"):
        replicate(tmp_path / "p")
    summed_again(tmp_path / "p")
    with pytest.raises(DamageError, match=r"scenario/t_district\.toml: is not what manifest\.json says"):
        replicate(tmp_path / "p")
    path = tmp_path / "p" / "results" / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["sources"]["texts"]["t_district.toml"] = file.read_text()
    manifest["sources"]["scenarios"][0]["settings"] = {"scenario.burn_in": 0}
    path.write_text(json.dumps(manifest))
    summed_again(tmp_path / "p")
    with pytest.raises(DamageError, match=r"'t_district\.toml' is not what its hash says"):
        replicate(tmp_path / "p")
    manifest["version"] = "99"
    path.write_text(json.dumps(manifest))
    summed_again(tmp_path / "p")
    with pytest.raises(InputError, match="use version 99"):
        replicate(tmp_path / "p")
    (tmp_path / "p" / "results" / "outcomes" / "more.parquet").write_bytes(b"")
    with pytest.raises(DamageError, match=r"more\.parquet: the file is not one of the pack's"):
        replicate(tmp_path / "p")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("strengths", [1, 1]),
        ("seed", "x"),
        ("years", 900),
        ("households", 3),
        ("budget", "none"),
        ("arm", None),
    ],
)
def test_a_run_that_cannot_be(published: Path, tmp_path: Path, key: str, value: object) -> None:
    folder = copied(published, tmp_path / "r")
    manifest = read_manifest(folder)
    manifest["runs"][2][key] = value
    if key == "arm":
        del manifest["runs"][2]["villages"]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(InputError):
        replicate(folder)


def test_a_run_by_another_name(published: Path, tmp_path: Path) -> None:
    folder = copied(published, tmp_path / "r")
    manifest = read_manifest(folder)
    manifest["runs"][2]["seed"] += 1
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(DamageError, match=f"run {manifest['runs'][2]['run_id']}"):
        replicate(folder)
    manifest["runs"][2]["run_id"] = "../../secret"
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(DamageError, match="is no run"):
        replicate(folder)


# --- a pack is data -----------------------------------------------------------------------------------------

LINK = zipfile.ZipInfo("results/link")
LINK.create_system, LINK.external_attr = 3, (stat.S_IFLNK | 0o777) << 16


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ("../evil.txt", "climbs out"),
        ("results/../../evil.txt", "climbs out"),
        ("/etc/evil.txt", "is an absolute path"),
        ("C:/evil.txt", "holds a sign"),
        ("..\\evil.txt", "holds a sign"),
        ("results//evil.txt", "is no path"),
        ("./evil.txt", "is no path"),
        ("a\nb", "holds a sign"),
        (LINK, "is a link"),
    ],
)
def test_a_zip_that_is_not_safe_is_refused_before_anything_is_written(
    tmp_path: Path, entry: str | zipfile.ZipInfo, problem: str
) -> None:
    path = zip_of(tmp_path / "p.zip", ("manifest.json", b"{}"), (entry, b"/etc/passwd"))
    (tmp_path / "inner" / "folder").mkdir(parents=True)
    with pytest.raises(InputError, match=problem):
        unzip(path, tmp_path / "inner" / "folder")
    assert set(content_of(tmp_path)) == {"p.zip"}
    with pytest.raises(InputError, match=problem):
        replicate(path)


def test_a_bomb_an_entry_twice_and_a_file_that_is_a_folder(tmp_path: Path) -> None:
    bomb = zip_of(tmp_path / "bomb.zip", *[(f"{i}.bin", bytes(20_000_000)) for i in range(5)])
    with pytest.raises(InputError, match="more than 200 times as much"):
        replicate(bomb)
    twice = zip_of(tmp_path / "twice.zip", ("README", b"a"), ("readme", b"b"))
    with pytest.raises(InputError, match="is there twice"):
        replicate(twice)
    both = zip_of(tmp_path / "both.zip", ("a", b"a"), ("a/b", b"b"))
    with pytest.raises(InputError, match="a file and a folder"):
        replicate(both)


def test_links_in_a_folder_are_refused(zipped: Path, tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    unzip(zipped, tmp_path / "p")
    (tmp_path / "p" / "results" / "more").symlink_to("/etc")
    with pytest.raises(InputError, match="'results/more' is a link"):
        replicate(tmp_path / "p")


def test_damaged_zips_and_what_is_none(zipped: Path, tmp_path: Path) -> None:
    whole = zipped.read_bytes()
    (tmp_path / "short.zip").write_bytes(whole[:-2000])
    with pytest.raises(DamageError):
        replicate(tmp_path / "short.zip")
    with zipfile.ZipFile(zipped) as archive:
        start = archive.getinfo("scenario/t_district.toml").header_offset
    (tmp_path / "spoilt.zip").write_bytes(whole[: start + 200] + bytes(50) + whole[start + 250 :])
    with pytest.raises(DamageError):
        replicate(tmp_path / "spoilt.zip")
    (tmp_path / "none.zip").write_bytes(b"hello")
    with pytest.raises(InputError, match="is no zip file"):
        replicate(tmp_path / "none.zip")
    with pytest.raises(InputError, match="is neither a pack"):
        replicate(zip_of(tmp_path / "other.zip", ("a.txt", b"a")))


def test_a_disk_too_full_to_unpack(zipped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("abm.runs.unpack.shutil.copyfileobj", full)
    with pytest.raises(StoppedError, match=r"cannot be unpacked in .*: No space left on device; set TMPDIR"):
        unzip(zipped, tmp_path)


def test_a_zip_with_one_folder_around_it_opens(zipped: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(zipped) as archive:
        entries = [(f"p/{name}", archive.read(name)) for name in archive.namelist()]
    with opened_pack(zip_of(tmp_path / "q.zip", *entries)) as opened:
        assert opened.is_pack
        assert read_manifest(opened.results)["complete"]
        inside = opened.results
    assert not inside.exists()


def test_new_results_do_not_go_where_the_published_ones_lie(published: Path) -> None:
    for out in (published, published / "again", published.parent):
        with pytest.raises(InputError, match="is where the published results lie"):
            replicate(published, out=out)


# --- mechanisms of the study's own --------------------------------------------------------------------------


@pytest.fixture
def own_pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A pack of one run with a mechanism in a file that is no longer on the path."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "idle_module.py").write_text(MECHANISM.format(trace=str(tmp_path / "trace")))
    (home / "own.toml").write_text(
        'extends = "t_district"\n[scenario]\nburn_in = 0\nmechanisms = ["...", "idle_module:Idle"]\n'
    )
    with monkeypatch.context() as path:
        path.syspath_prepend(str(home))
        spec = run_spec_of(home / "own.toml", seed=1, households=200, years=2)
        write_run(spec, tmp_path / "r")
        made = pack(tmp_path / "r", tmp_path / "p.zip").path
    del sys.modules["idle_module"]
    (tmp_path / "trace").unlink()
    return made


def test_own_mechanisms_are_not_imported_unless_allowed(own_pack: Path, tmp_path: Path) -> None:
    for source in (own_pack, tmp_path / "r"):
        with pytest.raises(
            InputError, match=r"'idle_module:Idle', and to rerun it is to run its code.*--allow-code"
        ):
            replicate(source)
    assert not (tmp_path / "trace").exists()
    path = list(sys.path)
    done = replicate(own_pack, allow_code=True, workers=1)
    assert (done.verdict, done.environment) == ("equal", ())
    assert (tmp_path / "trace").exists()
    assert "idle_module" not in sys.modules
    assert sys.path == path


def test_own_mechanisms_that_were_changed_or_shadowed(own_pack: Path, tmp_path: Path) -> None:
    sys.modules["idle_module"] = type(sys)("idle_module")
    try:
        with pytest.raises(InputError, match="a module of that name is loaded already"):
            replicate(own_pack, allow_code=True)
    finally:
        del sys.modules["idle_module"]
    path = tmp_path / "r" / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["sources"]["code"]["idle_module"]["file"] = "../idle_module.py"
    path.write_text(json.dumps(manifest))
    with pytest.raises(InputError, match="is not the file of its module"):
        replicate(tmp_path / "r", allow_code=True)
    manifest["sources"]["code"]["idle_module"]["text"] = None
    path.write_text(json.dumps(manifest))
    with pytest.raises(InputError, match="stand in no file"):
        pack(tmp_path / "r", tmp_path / "q.zip")


@pytest.mark.slow
def test_own_mechanisms_reach_the_workers(
    own_pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = replication.sampled

    def two(specs: list, count: int | None) -> list:
        return [*real(specs, count), *(replace(spec, snapshots=True, replication=1) for spec in specs)]

    monkeypatch.setattr(replication, "sampled", two)
    assert replicate(own_pack, allow_code=True, workers=2).failures == {}
