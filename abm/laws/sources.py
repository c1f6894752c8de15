"""What can be read in a mechanism's source: that it is blind to switches, leaves the books alone, and brings no luck
of its own. Reading finds what no small run shows: a branch that is never taken, a year that is not reached."""

import ast
import inspect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from abm.laws.trial import Trial
from abm.laws.verdicts import Breach, Law
from abm.mechanisms.base import Mechanism
from abm.model.plan import mechanism_classes

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

_WORDS = ("switch", "factorial", "off_from", "treatment")
_IN_PLACE = ("at", "copyto", "put", "place", "putmask", "fill")
_OWN_LUCK = ("np.random", "numpy.random", "model.random")
_LUCKY_MODULES = ("random", "numpy.random", "secrets", "uuid", "time", "datetime", "os.urandom")
_LUCKY_CALLS = {
    "hash": "differs from process to process",
    "id": "is a place in memory",
    "os.urandom": "is no draw",
}


@dataclass(frozen=True)
class Remark:
    """What is wrong in a line of a source."""

    line: int
    what: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.what}"


def owner(node: ast.AST) -> str:
    """Dotted name of an expression, as far as it has one; subscripts are looked through."""
    if isinstance(node, ast.Attribute):
        return f"{owner(node.value)}.{node.attr}"
    if isinstance(node, ast.Subscript):
        return owner(node.value)
    return node.id if isinstance(node, ast.Name) else ""


def imports(text: str) -> Iterator[Remark]:
    """Imports that show a switch or measure an outcome."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom):
            modules = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        else:
            continue
        yield from (Remark(node.lineno, f"imports {m}") for m in modules if m.startswith(NOT_THEIRS))


def masked_links(text: str) -> Iterator[Remark]:
    """Attributes and names that show masked links, or how they are masked."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Attribute) and node.attr in HIDDEN:
            yield Remark(node.lineno, f"reads .{node.attr}; ask for active links only")
        if isinstance(node, ast.Constant) and node.value in HIDDEN:
            yield Remark(node.lineno, f"names '{node.value}'; ask for active links only")
        if isinstance(node, ast.Subscript) and owner(node.value).endswith("points.household"):
            yield Remark(node.lineno, "arrays of household links hold masked ones too; use reaches")


def words(text: str) -> Iterator[Remark]:
    """Lines of code that speak of arms or switches."""
    for number, line in enumerate(text.splitlines(), 1):
        code = line.partition("#")[0].lower()
        yield from (Remark(number, f"speaks of '{word}'") for word in _WORDS if word in code)


def written_books(text: str) -> Iterator[Remark]:
    """Assignments to a column of the ledger, calls that change one in place, and aliases of one."""
    tree = ast.parse(text)
    for node in ast.walk(tree):  # income = world.ledger.income
        parts = owner(node.value).split(".") if isinstance(node, ast.Assign) else []
        if parts and parts[-1] in BOOKS and "ledger" in parts:
            yield Remark(getattr(node, "lineno", 0), "an alias of the books")
    for node in ast.walk(tree):
        for target in _written(node):
            parts = owner(target).split(".")
            if "ledger" in parts and BOOKS.intersection(parts):
                yield Remark(target.lineno, f"writes {'.'.join(parts)}; use ledger.transfer")


def _written(node: ast.AST) -> list[ast.expr]:
    """What a statement or call writes to."""
    if isinstance(node, ast.Assign):
        return node.targets
    if isinstance(node, ast.AugAssign | ast.AnnAssign):
        return [node.target]
    if not isinstance(node, ast.Call):
        return []
    called = owner(node.func).rpartition(".")[2]
    if called in ("fill", "sort", "put", "clear", "update"):
        return [node.func]
    out = [k.value for k in node.keywords if k.arg == "out"]
    return [*(node.args[:1] if called in _IN_PLACE else ()), *out]


def own_luck(text: str) -> Iterator[Remark]:
    """Random numbers that are not the world's draws."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Attribute) and owner(node) in _OWN_LUCK:
            yield Remark(node.lineno, f"{owner(node)}; use world.draws")
        if isinstance(node, ast.Call) and owner(node.func) in _LUCKY_CALLS:
            called = owner(node.func)
            yield Remark(node.lineno, f"{called}(…) {_LUCKY_CALLS[called]}; use world.draws and keys")
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
        if any(
            name == module or name.startswith(f"{module}.") for name in names for module in _LUCKY_MODULES
        ):
            what = "imports random numbers or a clock of its own; use world.draws and world.calendar"
            yield Remark(getattr(node, "lineno", 0), what)


BLIND = "sources: a mechanism sees active links only"
LEDGER = "sources: only the ledger writes the books"
DRAWS = "sources: luck comes from the world's draws alone"
READINGS = {BLIND: (imports, masked_links, words), LEDGER: (written_books,), DRAWS: (own_luck,)}


def read(law: str, text: str) -> list[Remark]:
    """What a source says against a law, in the order of its lines."""
    return sorted((r for reading in READINGS[law] for r in reading(text)), key=lambda r: r.line)


def source_of(mechanism: type[Mechanism]) -> Path | None:
    """The file that a mechanism is written in; None for one made at a prompt."""
    try:
        file = inspect.getsourcefile(mechanism)
    except TypeError:
        return None
    return Path(file) if file and Path(file).is_file() else None


def laws(trial: Trial) -> Iterator[Law]:
    """The laws that can be read, for every mechanism of the scenario."""
    classes = mechanism_classes(trial.scenario)
    for law in READINGS:
        yield Law(law, f"{len(classes)} mechanisms, line by line", partial(_first, law, classes))


def _first(law: str, classes: Iterable[type[Mechanism]]) -> Breach | None:
    for mechanism in classes:
        file = source_of(mechanism)
        for remark in read(law, file.read_text(encoding="utf-8")) if file else ():
            return Breach(f"{file.name if file else ''}, {remark}", mechanism.name)
    return None
