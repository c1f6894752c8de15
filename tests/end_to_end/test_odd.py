"""docs/ODD.md answers every question of ODD+D, and each answer points at code that is there."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from abm.model.plan import load_scenario, mechanism_classes

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "ODD.md").read_text(encoding="utf-8")
RULES = ROOT / "abm" / "mechanisms"
QUESTIONS = {
    "I.i": "ab", "I.ii": "abcde", "I.iii": "a",
    "II.i": "abcde", "II.ii": "abcdefgh", "II.iii": "ab", "II.iv": "abcde", "II.v": "abc", "II.vi": "abcd",
    "II.vii": "ab", "II.viii": "ab", "II.ix": "a", "II.x": "ab",
    "III.i": "ab", "III.ii": "abc", "III.iii": "a", "III.iv": "abc",
}  # fmt: skip
"""The elements of Müller et al. 2013 and the guiding questions of each."""
POINTER = re.compile(r"`((?:abm|tests|background|organizational|interest|social)/[\w/]+\.py)(?::([\w.]+))?`")


def answers(text: str) -> dict[str, str]:
    """What is said to each question, from its bold label to the next or the next heading."""
    found: dict[str, str] = {}
    part = r"^\*\*(I{1,3}\.[ivx]+\.[a-h][^*]*)\*\*(.*?)(?=^\*\*I|^#|\Z)"
    for label, said in re.findall(part, text, re.MULTILINE | re.DOTALL):
        for element, letters in re.findall(r"(I{1,3}\.[ivx]+)\.([a-h](?:, [a-h])*)\b", label):
            for letter in letters.split(", "):
                found[f"{element}.{letter}"] = said
    return found


def file_of(name: str) -> Path:
    return ROOT / name if name.startswith(("abm/", "tests/")) else RULES / name


@cache
def names_in(file: Path) -> frozenset[str]:
    """What a module defines, and what its classes do, as ``Class.name``."""
    found: set[str] = set()

    def look(body: list[ast.stmt], before: str) -> None:
        for node in body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef):
                found.add(before + node.name)
            if isinstance(node, ast.ClassDef):
                look(node.body, f"{before}{node.name}.")
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            found.update(before + target.id for target in targets if isinstance(target, ast.Name))

    look(ast.parse(file.read_text(encoding="utf-8")).body, "")
    return frozenset(found)


def wrong_pointers(text: str) -> list[str]:
    """Pointers that lead nowhere."""
    wrong = []
    for name, what in POINTER.findall(text):
        file = file_of(name)
        if not file.is_file() or (what and what not in names_in(file)):
            wrong.append(f"{name}:{what}")
    return wrong


def test_every_question_is_answered_in_order() -> None:
    wanted = [f"{element}.{letter}" for element, letters in QUESTIONS.items() for letter in letters]
    found = answers(TEXT)
    assert sorted(found) == sorted(wanted)
    headings = re.findall(r"^### (I{1,3}\.[ivx]+) ", TEXT, re.MULTILINE)
    assert headings == list(QUESTIONS)


@pytest.mark.parametrize("element", QUESTIONS)
def test_every_element_points_into_the_code(element: str) -> None:
    found = answers(TEXT)
    assert POINTER.search("".join(found[f"{element}.{letter}"] for letter in QUESTIONS[element]))


def test_every_pointer_arrives() -> None:
    assert len(POINTER.findall(TEXT)) > 150
    assert wrong_pointers(TEXT) == []


def test_a_pointer_that_is_off_would_be_seen() -> None:
    off = "`abm/core/draws.py:Drawings` `background/labour.py:Labour.hear` `social/nothing.py`"
    assert len(wrong_pointers(off)) == 3
    assert wrong_pointers("`abm/core/draws.py:Draws.uniform` `background/trust.py:Trust.parameters`") == []
    whole = set(answers(TEXT))
    assert whole - set(answers(TEXT.replace("*II.iv.c", "*II.iv.x"))) == {"II.iv.c"}


def test_every_rule_of_the_scenario_is_a_submodel() -> None:
    """Named where submodels are, by file and class."""
    said = answers(TEXT)["III.iv.a"]
    for rule in mechanism_classes(load_scenario("t_district")):
        file = rule.__module__.removeprefix("abm.mechanisms.").replace(".", "/") + ".py"
        assert f"`{file}:{rule.__name__}`" in said, rule.name
