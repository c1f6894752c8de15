"""Promise 1, read in the sources: a mechanism sees neither switch nor arm, only links that are active now, and only
the ledger writes money and incomes."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import abm.mechanisms
from abm.mechanisms.registry import find_mechanism, known_names

FILES = sorted(Path(abm.mechanisms.__file__).parent.rglob("*.py"))
RULES = [path for path in FILES if path.name not in ("__init__.py", "base.py", "registry.py")]
ids = [path.stem for path in RULES]

NOT_THEIRS = (
    "abm.scenario.switches",
    "abm.graph.switching",
    "abm.model",
    "abm.records",
    "abm.runs",
    "abm.measures",
)
"""What shows a switch or an arm, or measures an outcome."""

HIDDEN = {
    "switches", "arm", "in_force", "strength", "strengths", "from_year", "added_since", "refresh_masks", "set_active",
    "links", "links_of_kind", "pairs_all", "form_draw", "draw", "since", "switch", "switch_year", "question",
    "rewired_since", "is_rewired", "meant_for", "planned", "placebo",
}  # fmt: skip
"""Attributes that tell what is masked, how strongly, or what is rewired."""

BOOKS = {"income", "received", "balances", "flows", "shortfalls", "journal"}
"""What the ledger alone writes."""


def walk(path: Path) -> Iterator[ast.AST]:
    yield from ast.walk(ast.parse(path.read_text(encoding="utf-8")))


def owner(node: ast.AST) -> str:
    """Dotted name of an expression, as far as it has one; subscripts are looked through."""
    if isinstance(node, ast.Attribute):
        return f"{owner(node.value)}.{node.attr}"
    if isinstance(node, ast.Subscript):
        return owner(node.value)
    return node.id if isinstance(node, ast.Name) else ""


def test_the_files_of_all_mechanisms_are_looked_at() -> None:
    classes = {find_mechanism(name).__module__.rpartition(".")[2] for name in known_names()}
    assert classes <= set(ids)
    assert len(RULES) >= 19


@pytest.mark.parametrize("path", RULES, ids=ids)
def test_a_mechanism_imports_nothing_that_shows_a_switch(path: Path) -> None:
    for node in walk(path):
        modules = []
        if isinstance(node, ast.ImportFrom):
            modules = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        for module in modules:
            assert not module.startswith(NOT_THEIRS), f"line {node.lineno}: {module}"


@pytest.mark.parametrize("path", RULES, ids=ids)
def test_a_mechanism_asks_for_active_links_only(path: Path) -> None:
    for node in walk(path):
        if isinstance(node, ast.Attribute):
            assert node.attr not in HIDDEN, f"line {node.lineno}: .{node.attr}"
        if isinstance(node, ast.Constant) and node.value in HIDDEN:
            raise AssertionError(f"line {node.lineno}: '{node.value}'")
        if isinstance(node, ast.Subscript) and owner(node.value).endswith("points.household"):
            raise AssertionError(
                f"line {node.lineno}: arrays of household links hold masked ones too; use reaches"
            )


@pytest.mark.parametrize("path", RULES, ids=ids)
def test_no_source_line_mentions_arms_or_switches(path: Path) -> None:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        code = line.partition("#")[0].lower()
        for word in ("switch", "factorial", "off_from", "treatment"):
            assert word not in code, f"line {number}: {word}"


@pytest.mark.parametrize("path", RULES, ids=ids)
def test_a_mechanism_never_writes_the_books(path: Path) -> None:
    """No assignment to a column of the ledger, no call that changes one in place, nor by an alias."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):  # income = world.ledger.income
        if isinstance(node, ast.Assign) and owner(node.value).rpartition(".")[2] in BOOKS:
            assert "ledger" not in owner(node.value), f"line {node.lineno}: an alias of the books"
    for node in ast.walk(tree):
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AugAssign | ast.AnnAssign):
            targets = [node.target]
        elif isinstance(node, ast.Call):
            targets = [*node.args[:1], *(k.value for k in node.keywords if k.arg == "out")]
            in_place = owner(node.func).rpartition(".")[2] in (
                "at",
                "copyto",
                "put",
                "place",
                "putmask",
                "fill",
            )
            if owner(node.func).rpartition(".")[2] in ("fill", "sort", "put", "clear", "update"):
                targets = [node.func]
            elif not in_place:
                targets = targets[len(node.args[:1]) :]
        for target in targets:
            parts = owner(target).split(".")
            written = "ledger" in parts and BOOKS.intersection(parts)
            assert not written, f"line {node.lineno}: writes {'.'.join(parts)}"


@pytest.mark.parametrize("path", RULES, ids=ids)
def test_luck_comes_from_draws_alone(path: Path) -> None:
    for node in walk(path):
        if isinstance(node, ast.Attribute):
            assert owner(node) not in ("np.random", "numpy.random", "model.random"), f"line {node.lineno}"


def test_these_tests_would_see_it(tmp_path: Path) -> None:
    """The reading itself is put to the test with lines that break each rule."""
    cases = {
        "world.ledger.income[0] += 5\n": test_a_mechanism_never_writes_the_books,
        "np.add.at(world.ledger.balances['household'], 0, 5)\n": test_a_mechanism_never_writes_the_books,
        "world.ledger.received.fill(0)\n": test_a_mechanism_never_writes_the_books,
        "np.maximum(1, 2, out=world.ledger.income)\n": test_a_mechanism_never_writes_the_books,
        "income = world.ledger.income\n": test_a_mechanism_never_writes_the_books,
        "if world.switches: pass\n": test_a_mechanism_asks_for_active_links_only,
        "x = getattr(world, 'switches')\n": test_a_mechanism_asks_for_active_links_only,
        "x = world.points.links\n": test_a_mechanism_asks_for_active_links_only,
        "x = world.points.household['grid'].draw\n": test_a_mechanism_asks_for_active_links_only,
        "from abm.graph import switching\n": test_a_mechanism_imports_nothing_that_shows_a_switch,
        "import abm.scenario.switches\n": test_a_mechanism_imports_nothing_that_shows_a_switch,
        "treatment = 1\n": test_no_source_line_mentions_arms_or_switches,
        "u = np.random.random(3)\n": test_luck_comes_from_draws_alone,
    }
    for number, (line, reads) in enumerate(cases.items()):
        path = tmp_path / f"rule{number}.py"
        path.write_text(line, encoding="utf-8")
        with pytest.raises(AssertionError):
            reads(path)
