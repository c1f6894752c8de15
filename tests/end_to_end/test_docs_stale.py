"""What is written by hand and could grow stale is compared with what it is about; what is made is seen to be stale."""

import re
import shutil
import tomllib
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from abm.core.ledger import FLOW_KINDS
from abm.records.schema import COLUMNS
from tests.luck import bad_luck, battery

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
BAR = r"\|"


def text_of(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[ModuleType, Path]:
    """make_docs as a module that reads and writes its pages in a copy of docs/."""
    spec = spec_from_file_location("make_docs_copied", DOCS / "make_docs.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    folder = tmp_path / "docs"
    folder.mkdir()
    for name in module.PAGES:
        shutil.copy(DOCS / name, folder / name)
    for name in ("abm", "experiments"):  # what the pages are made from beside what is imported
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.setattr(module, "HERE", folder)
    return module, folder


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("parameters.md", "| 0.6 |", "| 0.7 |"),
        ("outputs.md", "Gini coefficient (基尼系数)", "Gini index (基尼系数)"),
        ("rules.md", "**Births.**", "**Birth.**"),
    ],
)
def test_a_page_that_was_changed_by_hand_is_called_stale(
    copied: tuple[ModuleType, Path], capsys: pytest.CaptureFixture[str], name: str, old: str, new: str
) -> None:
    module, folder = copied
    assert module.stale_pages() == []
    page = folder / name
    text = page.read_text(encoding="utf-8")
    assert old in text
    page.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert module.stale_pages() == [name]
    assert module.main(["--check"]) == 1
    assert f"docs/{name} is stale" in capsys.readouterr().err
    assert module.main([]) == 0
    assert module.main(["--check"]) == 0
    assert page.read_text(encoding="utf-8") == text


def test_outputs_says_what_every_table_column_and_flow_means() -> None:
    sections = dict(
        re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", text_of("outputs.md"), re.MULTILINE | re.DOTALL)
    )
    shared = sections["Columns that every table begins with"] + sections["outcomes"]
    for table, columns in COLUMNS.items():
        for name, column in columns.items():
            row = f"| `{name}` | {column.type} | {column.unit} | {column.meaning.replace('|', BAR)} |"
            assert row in sections[table] + shared, f"{table}.{name}"
            assert len(column.meaning) > 3, f"{table}.{name}"
    for name, kind in FLOW_KINDS.items():
        assert re.search(
            rf"^\| `{name}` \|.*\| {re.escape(kind.meaning)} \|$", sections["Kinds of flow"], re.MULTILINE
        )


def test_architecture_lists_the_packages_in_the_order_of_the_import_contract() -> None:
    block = re.search(r"```\n(cli .*?)```", text_of("ARCHITECTURE.md"), re.DOTALL)
    assert block
    listed = [re.split(r"\s{3,}", line)[0] for line in block[1].strip().splitlines() if line[0] != " "]
    content = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = content["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["id"] == "one-way")
    assert listed == [layer for layer in layers if layer != "__main__"]
    drawn = text_of("ARCHITECTURE.md").split("```")[1]
    for layer in listed:
        for package in layer.split(" | "):
            assert re.search(rf"\b{package}\b", drawn), f"the drawing lacks {package}"


def test_luck_says_the_battery_as_it_is() -> None:
    text = " ".join(text_of("luck.md").split())
    assert battery.FALSE_ALARM == 1e-6
    assert "Holm's step-down at **10⁻⁶**" in text
    assert "Twenty generators with a planted fault each" in text
    assert len(bad_luck.BAD) + len(bad_luck.BAD_PAIRS) == 20
