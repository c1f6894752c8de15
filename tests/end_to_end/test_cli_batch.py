"""``abm batch``: what it foretells, runs, finishes and refuses; the examples of the page on experiments."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from abm.analysis.arms import check_told_by_arms
from abm.cli.main import execute
from abm.core.errors import InputError
from abm.runs import forecast
from abm.runs.experiment import DESIGNS, read_experiment
from abm.runs.planned import planned
from abm.runs.results import read_results
from tests.end_to_end.small import content_of
from tests.end_to_end.test_docs import ROOT, blocks

PAGE = ROOT / "docs" / "experiments.md"
EXAMPLES = [text for text in blocks(PAGE, "toml") if "[design]" in text]
STUDIES = sorted((ROOT / "experiments").glob("**/*.toml"))
STUDIES = [
    path
    for path in STUDIES
    if "[design]\n" in path.read_text(encoding="utf-8") and "hypotheses" not in path.parts
]
SMALL = """
scenario = "t_district"
households = 200
years = 2
from_year = 2015
replications = 1
outputs = ["outcomes"]
[fixed]
"scenario.burn_in" = 0
[design]
kind = "grid"
[design.levels]
switches.kind.grid = [true, false]
illness.reimbursed = [0.3, 0.9]
"""


@pytest.fixture
def small(here: Path) -> Path:
    """An experiment of four small runs, in the current folder."""
    (here / "experiments" / "small").mkdir(parents=True)
    (here / "experiments" / "small" / "experiment.toml").write_text(SMALL, encoding="utf-8")
    return here


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its results folder; to be read only."""
    place = tmp_path_factory.mktemp("batch")
    (place / "small.toml").write_text(SMALL, encoding="utf-8")
    assert execute(["batch", str(place / "small.toml"), "--workers", "1", "--out", str(place / "r")]) == 0
    return place / "r"


def kind_of(text: str) -> str:
    return next(line.split('"')[1] for line in text.splitlines() if line.startswith("kind ="))


def test_the_page_shows_each_kind_of_design() -> None:
    assert {kind_of(text) for text in EXAMPLES} == set(DESIGNS)


@pytest.mark.parametrize("text", EXAMPLES, ids=kind_of)
def test_examples_of_the_page_are_good(abm: Callable, here: Path, text: str) -> None:
    (here / "experiment.toml").write_text(text, encoding="utf-8")
    (here / "points.csv").write_text(blocks(PAGE, "csv")[0], encoding="utf-8")
    said = abm("batch", "experiment.toml", "--households", 200, "--dry-run")
    assert (said.code, said.err) == (0, "")
    assert f"{kind_of(text)}: " in said.out
    assert not (here / "results").exists()


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_studies_are_good(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(path.parent))  # where a study with a rule of its own has it
    assert planned(read_experiment(path)).specs


def test_the_two_steps_of_sensitivity_stay_within_their_runs() -> None:
    """And the question that they end in, as well."""
    steps = [planned(read_experiment(path)) for path in STUDIES if path.parent.name == "sensitivity"]
    assert {plan.record["kind"] for plan in steps} == {"morris", "sobol", "grid"}
    assert sum(len(plan.specs) for plan in steps) <= 3000


@pytest.mark.slow
def test_python_of_the_page_runs(here: Path) -> None:
    shutil.copytree(ROOT / "experiments" / "joint_points", here / "experiments" / "joint_points")
    for text in blocks(PAGE, "python"):
        exec(compile(text, "<a snippet of docs/experiments.md>", "exec"), {"__name__": "snippet"})
    assert len(read_results("r").points) == 8


def test_a_dry_run_foretells_and_writes_nothing(abm: Callable, small: Path) -> None:
    before = content_of(small)
    said = abm("batch", "small", "--dry-run", "--workers", 2)
    assert (said.code, said.err) == (0, "")
    for words in (
        "4, of which 0 are done",
        "on 2 workers",
        "GB free",
        "results/small",
        "Estimated by short runs",
    ):
        assert words in said.out
    assert content_of(small) == before


def test_it_runs_into_a_folder_of_the_experiment_s_name(abm: Callable, small: Path, finished: Path) -> None:
    said = abm("batch", "small", "--workers", 1)
    assert said.code == 0, said.err
    assert "4 runs of 4 points, grid, are done" in said.out
    results = read_results("results/small")
    assert results.digests() == read_results(finished).digests()
    again = abm("batch", "small", "--workers", 1)
    assert again.code == 0
    assert "all 4 runs are done" in again.err


def test_a_dry_run_counts_what_is_done(abm: Callable, small: Path, finished: Path) -> None:
    shutil.copytree(finished, "r")
    marker = next(Path("r", "runs").glob("*.json"))
    marker.unlink()
    said = abm("batch", "small", "--dry-run", "--out", "r")
    assert said.code == 0
    assert "4, of which 3 are done" in said.out


@pytest.mark.parametrize("dry", [["--dry-run"], []])
def test_a_folder_of_another_experiment_is_left_alone(
    abm: Callable, small: Path, finished: Path, dry: list[str]
) -> None:
    shutil.copytree(finished, "r")
    before = content_of(small)
    said = abm("batch", "small", "--replications", 2, "--out", "r", *dry)
    assert said.code == 2
    assert (
        said.err
        == "abm: r: --out: holds the results of another experiment; name an empty folder or a new one\n"
    )
    assert content_of(small) == before


@pytest.mark.parametrize("dry", [["--dry-run"], []])
def test_a_design_larger_than_the_disk_is_refused(
    abm: Callable, small: Path, monkeypatch: pytest.MonkeyPatch, dry: list[str]
) -> None:
    monkeypatch.setattr(forecast, "free_bytes", lambda folder: 10_000)
    before = content_of(small)
    said = abm("batch", "small", *dry)
    assert said.code == 2
    assert "results/small: --out: the results will take" in said.err
    assert "and the disk has 10 kB left; name a folder on a larger disk" in said.err
    assert content_of(small) == before


@pytest.mark.parametrize(
    ("names", "points", "refused"),
    [
        (["switches.social", "budget"], [[1.0, "neutral"], [0.0, "withheld"]], None),
        (["switches.social"], [[1.0], [0.5]], "switches.social"),
        (["switches.social", "switches.kind.grid"], [[1.0, 1.0]], "switches.kind.grid"),
        (["villages_cut"], [[0], [3]], "villages_cut"),
        (["fund.set_aside"], [[0.02]], "fund.set_aside"),
    ],
)
def test_tables_of_layers_refuse_points_that_would_pass_for_luck(
    names: list[str], points: list[list[object]], refused: str | None
) -> None:
    manifest = {"design": {"names": names, "points": points}}
    if refused is None:
        check_told_by_arms(manifest)
        return
    with pytest.raises(
        InputError, match=f"varies '{refused}', and these tables tell layers on and off alone"
    ):
        check_told_by_arms(manifest)


def test_a_report_is_refused_by_the_command(abm: Callable, here: Path, finished: Path) -> None:
    said = abm("report", finished)
    assert said.code == 2
    assert "varies 'switches.kind.grid', and these tables tell layers on and off alone" in said.err
