"""T District keeps every law, and so does the example of the documentation; bad input is told."""

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from abm.cli.main import execute
from abm.core.errors import InputError
from abm.core.names import LAYERS
from abm.laws import book, switches
from abm.laws.book import CHAPTERS
from abm.laws.own import names_in
from abm.laws.sources import DRAWS, read
from abm.laws.trial import YEARS, Trial, trial_of
from abm.laws.verdicts import Breach, Verdict

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "my_training.py"


@pytest.fixture(scope="module")
def trial() -> Trial:
    return trial_of("t_district", names_in(EXAMPLE))


IN_PROOFS = {"switches"}
"""Chapters that take long; the test below asks the same of fewer kinds of links and villages."""


@pytest.mark.parametrize(
    "chapter", [pytest.param(one, marks=[pytest.mark.long] if one in IN_PROOFS else []) for one in CHAPTERS]
)
def test_t_district_with_a_rule_of_ones_own_keeps_the_laws(chapter: str, trial: Trial) -> None:
    found = [law.judge() for law in book.laws(trial, [chapter])]
    assert len(found) > 1
    assert [str(v.breach) for v in found if not v.held] == []


@pytest.mark.slow
def test_a_few_kinds_and_villages_keep_the_laws_of_switches(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All laws of the chapter: all layers, but only some of the kinds and villages that they go through one by one."""
    few, asked, first_of = {"grid", "project", "points", "BQ", "C01"}, set(), switches._first_of

    def of_few(cases: Iterable[str], find: Callable[[str], Breach | None]) -> Breach | None:
        chosen = [case for case in cases if case in few or case in LAYERS]
        asked.update(chosen)
        return first_of(chosen, find)

    monkeypatch.setattr(switches, "_first_of", of_few)
    found = [law.judge() for law in book.laws(trial, ["switches"])]
    assert [str(v.breach) for v in found if not v.held] == []
    assert asked == {*few, *LAYERS}


def test_the_small_world_shows_what_it_is_to_show(trial: Trial) -> None:
    """Money passes every layer, and every kind of link is there: else the laws of switches would say little."""
    model = trial.model()
    model.run()
    flows = {key[3] for record in model.recorder.years for key in record.flows}
    assert flows == {"", "background", "organizational", "interest", "social"}
    assert len(model.recorder.years) == YEARS
    planned = {plan.kind for plan in trial.scenario.joint_points}
    assert all(switches.active_links(model.world)[kind] for kind in planned)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "no Python file"),
        ("x = 1\n", "defines no mechanism"),
        ("import nowhere_at_all\n", "cannot be imported"),
        (
            "from abm.mechanisms.base import Mechanism\nclass Mine(Mechanism):\n    name = 'm'\n    layer = 'socal'\n",
            "has no layer",
        ),
    ],
)
def test_a_file_that_is_no_mechanism_is_bad_input(text: str | None, said: str, tmp_path: Path) -> None:
    file = tmp_path / f"rule{abs(hash(said))}.py"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=said):
        names_in(file)


def test_the_command_tells_the_laws_and_its_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert execute(["laws", "t_district", "--only", "sources"]) == 0
    assert "3 of 3 laws held" in capsys.readouterr().out
    bad = tmp_path / "gives_away.py"
    bad.write_text(
        "from abm.mechanisms.base import Mechanism\n\n\n"
        "class GivesAway(Mechanism):\n"
        "    name, layer = 'gives_away', 'background'\n\n"
        "    def distribution(self, world):\n"
        "        world.ledger.balances['household'][3] += 1\n",
        encoding="utf-8",
    )
    words = ["laws", "t_district", "--mechanism", str(bad), "--only", "money"]
    assert execute(words) == 1
    said = " ".join(capsys.readouterr().out.split())
    assert "broken by gives_away, tick 0 (2014)" in said
    assert "they sum to 1 fen" in said


@pytest.mark.parametrize(
    "words",
    [
        ["laws", "t_distict"],
        ["laws", "t_district", "--only", "monny"],
        ["laws", "t_district", "--mechanism", "nowhere.py"],
        ["laws", "t_district", "--households", "10", "--only", "money"],
    ],
)
def test_bad_words_are_exit_code_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert execute(words) == 2
    assert capsys.readouterr().err.count("\n") == 1


RULE = """
import numpy as np
from abm.mechanisms.base import Mechanism

class Odd(Mechanism):
    name, layer = "odd", "social"
    def adaptation(self, world):
        {line}
"""


def put_to(chapter: str, line: str, folder: Path, name: str) -> list[Verdict]:
    """The verdicts of a chapter on T District with a rule of this line."""
    file = folder / f"{name}.py"
    file.write_text(RULE.format(line=line), encoding="utf-8")
    trial = trial_of("t_district", names_in(file))
    return [law.judge() for law in book.laws(trial, [chapter])]


def test_what_differs_from_process_to_process_is_found(tmp_path: Path) -> None:
    """Within one process a set keeps its order and a text its hash, however often it runs."""
    line = "world.households.trust[0] = len(next(iter({'a', 'bbb', 'ccccc', 'ddddddd', 'e' * 9}))) / 10"
    broken = [str(v.breach) for v in put_to("luck", line, tmp_path, "odd_set") if not v.held]
    assert len(broken) == 1
    assert broken[0].startswith("odd, tick 0 (2014): households.trust differs from process to process")


@pytest.mark.parametrize(
    "line",
    [
        "hash('a')",
        "id(world)",
        "os.urandom(1)",
        "from os import urandom",
        "import time",
        "from numpy import random",
        "import uuid",
    ],
)
def test_what_no_draw_has_given_is_read_in_the_source(line: str) -> None:
    assert read(DRAWS, RULE.format(line=line))


def test_a_rule_that_fails_breaks_laws_and_ends_no_chapter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(switches, "_first_of", lambda cases, find: find(next(iter(cases))))
    found = put_to("switches", "world.households.cash", tmp_path, "odd_cash")
    assert len(found) > 5
    assert all("odd" in str(v.breach) and "no column 'cash'" in str(v.breach) for v in found)
