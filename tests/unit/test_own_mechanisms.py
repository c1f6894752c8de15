"""A user's own mechanism: what is refused before a run, and what belongs to its code."""

import sys
from pathlib import Path

import pytest

from abm.core.errors import InputError
from abm.mechanisms.registry import find_mechanism
from abm.model.environment import code_digest
from abm.model.plan import load_scenario
from abm.scenario.schema import Scenario

HEAD = """
from abm.mechanisms.base import Mechanism
from abm.scenario.parameters import Parameter

class Mine(Mechanism):
    name, layer = "mine", "social"
    def adaptation(self, world): pass
"""


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Writes a module under a name of its own and loads T District with its class; on the path for the test."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def load(name: str, text: str, **files: str) -> Scenario:
        for other, content in files.items():
            path = tmp_path.joinpath(*other.split("/")).with_suffix(".py")
            path.parent.mkdir(exist_ok=True)
            path.write_text(content, encoding="utf-8")
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
        file = tmp_path / f"{name}.toml"
        head = f'extends = "t_district"\n[scenario]\nname = "{name}"\nmechanisms = ["...", "{name}:Mine"]\n'
        file.write_text(head, encoding="utf-8")
        return load_scenario(file)

    before = set(sys.modules)
    yield load
    for name in set(sys.modules) - before:
        del sys.modules[name]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        (
            "own_twice",
            HEAD.replace('"mine"', '"mutual_aid"'),
            "'own_twice:Mine' has the name 'mutual_aid' of",
        ),
        ("own_shared", HEAD.replace('"mine"', '"credit"'), "parameters that rules share"),
        ("own_blank", HEAD.replace('"mine"', '"my mine"'), "has the name 'my mine'"),
        ("own_syntax", HEAD + "    def", "SyntaxError"),
        ("own_boom", HEAD + "raise RuntimeError('boom')\n", "RuntimeError: boom"),
        (
            "own_bounds",
            HEAD + "    parameters = (Parameter('a', 3.0, 'x', (0.0, 1.0), 'what', 'made up'),)\n",
            "lies outside its own bounds",
        ),
        (
            "own_comma",
            HEAD + "    parameters = (Parameter('a', 0.5, 'x', (0.0, 1.0), 'what', 'made up'))\n",
            "parameters that are no tuple",
        ),
        ("own_strange", HEAD + "    parameters = ('a',)\n", "'a' among its parameters"),
        (
            "own_word",
            HEAD + "    parameters = (Parameter('a b', 0.5, 'x', (0.0, 1.0), 'what', 'made up'),)\n",
            "a parameter named 'a b'",
        ),
        (
            "own_table",
            HEAD + "    columns = (('household', 'a', float, 0.0),)\n",
            "did you mean 'households'?",
        ),
        ("own_column", HEAD + "    columns = (('households', 'a'),)\n", "give (table, name, dtype, fill)"),
        ("own_spends", HEAD + "    spends = ('grit',)\n", "did you mean 'grid'?"),
    ],
)
def test_what_cannot_be_is_told_before_a_run(own, name: str, text: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        own(name, text)
    assert words in str(caught.value)
    assert "scenario.mechanisms" in str(caught.value)


def test_a_column_that_is_there_already_is_told_with_its_mechanism(own) -> None:
    from abm import JointPointModel

    scenario = own("own_skill", HEAD + "    columns = (('households', 'skill', float, 0.0),)\n")
    with pytest.raises(InputError, match="the mechanism 'mine': column 'skill'"):
        JointPointModel(scenario, households=200, rng=1, cache=False)


def test_a_class_at_the_prompt_is_sent_to_a_file() -> None:
    with pytest.raises(InputError, match="put the class into a file of its own, or use one worker"):
        find_mechanism("__main__:Nowhere")


def test_what_a_mechanism_imports_of_its_users_belongs_to_its_code(own, tmp_path: Path) -> None:
    """Else a batch would go on, and a burn-in be used, that an older helper has made."""
    text = (
        "import numpy as np\nfrom pathlib import Path\nfrom own_helper import STEP\n"
        "from own_package.inner import size\n" + HEAD
    )
    scenario = own(
        "own_helped",
        text,
        own_helper="import own_deeper\nSTEP = 0.01\n",
        own_deeper="DEPTH = 1\n",
        **{"own_package/__init__": "", "own_package/inner": "from . import beside\nsize = 1\n"},
        **{"own_package/beside": "there = 1\n"},
        own_unused="x = 1\n",
    )
    first = code_digest(scenario)
    assert code_digest(scenario) == first
    for name in ("own_helper", "own_deeper", "own_package/inner", "own_package/beside"):
        file = tmp_path / f"{name}.py"
        before = file.read_text(encoding="utf-8")
        file.write_text(before + "# changed\n", encoding="utf-8")
        assert code_digest(scenario) != first, name
        file.write_text(before, encoding="utf-8")
    (tmp_path / "own_unused.py").write_text("x = 2\n", encoding="utf-8")
    assert code_digest(scenario) == first
    assert code_digest(load_scenario("t_district")) != first
