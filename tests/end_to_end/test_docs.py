"""The documentation tells the truth: its commands and snippets run, its pages are fresh, its links arrive."""

import doctest
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from contextlib import nullcontext
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

from abm import JointPointModel, load_scenario, simulate
from abm.cli.main import app
from abm.core.names import LAYERS
from abm.model.plan import mechanism_classes, settings
from abm.scenario import schema
from abm.scenario.switches import Switch
from tests.undrawn import undrawn

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
EXAMPLES = ROOT / "docs" / "examples"
MADE = ("parameters.md", "outputs.md", "rules.md", "claims.md")
WRITTEN = [
    README,
    *(
        ROOT / "docs" / f"{name}.md"
        for name in (
            "ARCHITECTURE",
            "ODD",
            "cluster",
            "experiments",
            "luck",
            "papers",
            "replication",
            "scenario",
        )
    ),
]
"""Pages that describe this version; the founding notes in docs/ say more than is built."""
PAGES = [*sorted((ROOT / "docs").glob("*.md")), README, ROOT / "experiments" / "README.md"]
TEXTS = [*PAGES, *sorted(EXAMPLES.glob("my_*")), *sorted((ROOT / "notebooks").glob("*.ipynb"))]
EXPERIMENTS = ("factorial", "placebo", "displacement", "batch")
SMALL = ["--households", "200", "--years", "6", "--replications", "1", "--workers", "1"]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def blocks(page: Path, language: str) -> list[str]:
    """Fenced blocks of a language ("" for none) in a page."""
    found = re.findall(r"^```(\w*)\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    return [text for spoken, text in found if spoken == language]


def commands(page: Path) -> list[str]:
    """Lines of a page's blocks that call ``abm``, without what is remarked beside them."""
    lines = "\n".join(blocks(page, "")).splitlines()
    return [line.partition("#")[0].strip() for line in lines if re.match(r"(PYTHONPATH=\S+ )?abm ", line)]


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The example of an own mechanism, where Python finds it."""
    monkeypatch.syspath_prepend(str(EXAMPLES))
    return EXAMPLES / "my_training.toml"


# --- what the README tells to type ----------------------------------------------------------------------

OWN_FACTORIAL = next(
    line for line in commands(README) if line.startswith("PYTHONPATH") and " factorial " in line
)


@pytest.mark.slow
def test_commands_of_the_readme_run(abm: Callable, here: Path, example: Path) -> None:
    """Each in its order; a factorial smaller than told, and the second page without pictures, so that it is quick."""
    told = [line for line in commands(README) if not line.startswith("PYTHONPATH")]
    assert {line.split()[1] for line in told} >= {"run", "factorial", "report", "describe", "plan"}
    own = [line.partition(" ")[2] for line in commands(README) if line.startswith("PYTHONPATH")]
    own.remove(OWN_FACTORIAL.partition(" ")[2])  # that takes long and is typed below
    assert own
    for line in told + own:
        words = [
            str(ROOT / word) if "/" in word and (ROOT / word).exists() else word for word in line.split()[1:]
        ]
        with undrawn() if words[-2:] == ["--lang", "zh"] else nullcontext():
            said = abm(*words, *(SMALL if words[0] in EXPERIMENTS else []))
        assert said.code == 0, f"{line}: {said.err}"
    assert (here / "r" / "report.html").is_file()


@pytest.mark.slow
def test_own_mechanism_runs_as_the_readme_says(tmp_path: Path) -> None:
    """In a process of its own and on two workers, found by PYTHONPATH alone."""
    setting, _, call = OWN_FACTORIAL.partition(" ")
    assert setting == "PYTHONPATH=docs/examples"
    words = [*call.split()[1:], *SMALL[:-1], "2", "--out", str(tmp_path / "out")]
    path = os.pathsep.join(["docs/examples", str(ROOT)])
    done = subprocess.run(
        [sys.executable, "-m", "abm", *words],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["complete"]


@pytest.mark.slow
def test_snippets_of_the_readme_run(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for text in blocks(README, "python"):
        small = text.replace("replications=2", "replications=1")
        exec(compile(small, "<a snippet of README.md>", "exec"), {"__name__": "snippet"})
    assert "OIS" in capsys.readouterr().out


def test_readme_shows_the_example_as_it_is() -> None:
    assert (EXAMPLES / "my_training.py").read_text(encoding="utf-8") in blocks(README, "python")


@pytest.mark.parametrize("page", WRITTEN, ids=name_of)
def test_sessions_give_what_they_show(page: Path) -> None:
    text = "\n".join(blocks(page, "pycon"))
    test = doctest.DocTestParser().get_doctest(text, {}, page.name, str(page), 0)
    assert doctest.DocTestRunner(verbose=False).run(test).failed == 0


def test_commands_that_pages_name_exist() -> None:
    known = {command.callback.__name__ for command in app.registered_commands if command.callback}
    for page in WRITTEN:
        named = set(re.findall(r"(?:`|^)abm ([a-z]+)", page.read_text(encoding="utf-8"), re.MULTILINE))
        assert named <= known, f"{page.name} names {named - known}"


@pytest.mark.slow
def test_incomes_that_the_readme_quotes_are_those_of_its_runs() -> None:
    text = " ".join(README.read_text(encoding="utf-8").split())
    found = re.search(r"on average ([\d ]+) yuan per head for rural and ([\d ]+) for urban residents", text)
    assert found
    quoted = [float(number.replace(" ", "")) for number in found.groups()]
    runs = [simulate("t_district", seed=seed, households=3000, years=8).outcomes for seed in (1, 2, 3)]
    means = pd.concat(runs).query("year == 2021").groupby("population")["mean_income"].mean()
    given = [float(means["rural"]), float(means["urban"])]
    # rounded, and other versions of the libraries may move a draw
    assert quoted == pytest.approx(given, rel=0.02), f"the README quotes {quoted}, the runs give {given}"


def test_all_parameters_are_assumed_as_the_readme_says() -> None:
    assert "**All parameters are assumed**" in README.read_text(encoding="utf-8")
    assert {setting.status for setting in settings(load_scenario("t_district")).values()} == {"assumed"}


# --- the example of an own mechanism --------------------------------------------------------------------


def test_example_adds_one_rule_and_changes_no_other(example: Path) -> None:
    brief = {"scenario.burn_in": 2}
    own, whole = load_scenario(example, brief), load_scenario("t_district", brief)
    listed = (*whole.scenario.mechanisms, "my_training:MyTraining")
    assert own.scenario.mechanisms == listed, "copy t_district's list into docs/examples/my_training.toml"
    size = {"seed": 3, "households": 300, "years": 6}
    nobody = simulate(own, settings={"my_training.tell": 0.0, "my_training.ask": 0.0}, **size).outcomes
    without = simulate(whole, **size).outcomes
    apart = ["run_id", "scenario"]
    assert nobody.drop(columns=apart).equals(without.drop(columns=apart))


def test_example_has_another_channel(example: Path) -> None:
    """With its layer off people still find the course; with the grid more of those whom it reaches do."""
    trained = {}
    for on in (True, False):
        model = JointPointModel(example, households=600, years=8, organizational=on, views=False, rng=1)
        model.run()
        reached = model.world.points.reaches("grid")
        trained[on] = model.world.households.trained
        if on:
            in_grid = reached
        else:
            assert not reached.any()
        model.close()
    assert 0 < trained[False].mean() < trained[True].mean()
    assert trained[True][in_grid].mean() > trained[False][in_grid].mean()


# --- pages ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def make_docs() -> ModuleType:
    spec = spec_from_file_location("make_docs", ROOT / "docs" / "make_docs.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_made_pages_are_fresh(make_docs: ModuleType) -> None:
    assert set(make_docs.PAGES) == set(MADE)
    assert make_docs.stale_pages() == [], "run: python docs/make_docs.py"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_arrive(page: Path) -> None:
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not re.match(r"\w+:", target):
            assert (page.parent / target.partition("#")[0]).exists(), f"{page.name} links to {target}"


@pytest.mark.parametrize("page", WRITTEN, ids=name_of)
def test_files_that_pages_name_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = re.findall(r"`((?:abm|docs|scenarios|notebooks|tests|experiments)/[\w./-]*)`", text)
    named += [
        f"abm/mechanisms/{f}" for f in re.findall(r"`((?:background|[a-z]+al|interest)/\w+\.py)`", text)
    ]
    for name in named:
        if not re.search(r"[A-Z]{4}", Path(name).stem):  # NAME and LAYER stand for what a user writes
            assert (ROOT / name).exists(), f"{page.name} names {name}"


def test_the_page_on_the_paper_follows_its_headings_and_names_every_rule_of_a_layer() -> None:
    text = (ROOT / "docs" / "papers.md").read_text(encoding="utf-8")
    found = re.findall(r"^(##+) ([一二三四五六]、|（[一二三四]）)", text, re.MULTILINE)
    numbers, parts = "一二三四五六", {"二": 2, "三": 3, "四": 3, "五": 4}
    wanted = []
    for number in numbers:
        wanted.append(("##", f"{number}、"))
        wanted += [("###", f"（{part}）") for part in numbers[: parts.get(number, 0)]]
    assert found == wanted
    for rule in mechanism_classes(load_scenario("t_district")):
        if rule.layer in LAYERS:
            assert re.search(rf"[/`]{rule.name}(\.py)?`", text), f"docs/papers.md does not name {rule.name}"


@pytest.mark.parametrize("text", TEXTS, ids=name_of)
def test_no_page_names_a_machine_or_an_address_to_install_from(text: Path) -> None:
    content = text.read_text(encoding="utf-8")
    paths = re.findall(
        r"(?:^|[\s\"'`(=])/(?:work|root|opt|home|tmp|srv|mnt|usr|var)\b", content, re.MULTILINE
    )
    hosts = re.findall(
        r"pypi|pythonhosted|anaconda\.(?:org|com)|conda-forge|index-url", content, re.IGNORECASE
    )
    assert paths + hosts == []


def test_scenario_page_names_every_key() -> None:
    page = ROOT / "docs" / "scenario.md"
    text = page.read_text(encoding="utf-8")
    named = (
        schema.Header,
        schema.District,
        schema.Outside,
        schema.Population,
        schema.PlaceKind,
        schema.Place,
        schema.Contract,
        schema.ContractWeights,
    )
    for table in (*named, schema.JointPointPlan, schema.Programme, schema.Calibration, Switch):
        missing = [key for key in table.model_fields if f"`{key}`" not in text]
        assert missing == [], f"{table.__name__} has keys that docs/scenario.md does not name"
    for table_name in schema.Scenario.model_fields:
        assert re.search(rf"^## `\[+{table_name}", text, re.MULTILINE), f"no heading for {table_name}"


def test_fragments_of_the_scenario_page_lie_over_a_scenario(tmp_path: Path) -> None:
    head = 'extends = "t_district"\n[scenario]\nname = "fragment"\ntitle = "fragment"\n'
    fragments = blocks(ROOT / "docs" / "scenario.md", "toml")
    assert len(fragments) >= 4
    for fragment in fragments:
        content = tomllib.loads(fragment)
        if "rural_mean_income" in content:
            fragment = f"[population]\n{fragment}"
        file = tmp_path / "fragment.toml"
        file.write_text(fragment if "extends" in content else head + fragment, encoding="utf-8")
        load_scenario(file)


def test_notebooks_are_stored_clean() -> None:
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        assert notebook["metadata"]["kernelspec"]["name"] == "python3"
        for cell in notebook["cells"]:
            assert not cell.get("outputs")
            assert cell.get("execution_count") is None
