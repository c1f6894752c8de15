"""Promise 1, read in the sources: a mechanism sees neither switch nor arm, only links that are active now, and only
the ledger writes money and incomes."""

from pathlib import Path

import pytest

import abm.mechanisms
from abm.laws.sources import BLIND, DRAWS, LEDGER, READINGS, read
from abm.mechanisms.registry import find_mechanism, known_names

FILES = sorted(Path(abm.mechanisms.__file__).parent.rglob("*.py"))
RULES = [path for path in FILES if path.name not in ("__init__.py", "base.py", "registry.py")]


def test_the_files_of_all_mechanisms_are_looked_at() -> None:
    classes = {find_mechanism(name).__module__.rpartition(".")[2] for name in known_names()}
    assert classes <= {path.stem for path in RULES}
    assert len(RULES) >= 19


@pytest.mark.parametrize("path", RULES, ids=[path.stem for path in RULES])
@pytest.mark.parametrize("law", READINGS)
def test_no_line_of_a_mechanism_breaks_a_law(law: str, path: Path) -> None:
    assert [str(remark) for remark in read(law, path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize(
    ("line", "law"),
    [
        ("world.ledger.income[0] += 5", LEDGER),
        ("np.add.at(world.ledger.balances['household'], 0, 5)", LEDGER),
        ("world.ledger.received.fill(0)", LEDGER),
        ("np.maximum(1, 2, out=world.ledger.income)", LEDGER),
        ("income = world.ledger.income", LEDGER),
        ("if world.switches: pass", BLIND),
        ("x = getattr(world, 'switches')", BLIND),
        ("x = world.points.links", BLIND),
        ("x = world.points.household['grid'].draw", BLIND),
        ("x = world.points.household['grid'].active", BLIND),
        ("from abm.graph import switching", BLIND),
        ("import abm.scenario.switches", BLIND),
        ("treatment = 1", BLIND),
        ("u = np.random.random(3)", DRAWS),
        ("from numpy.random import default_rng", DRAWS),
        ("import random", DRAWS),
    ],
)
def test_these_readings_would_see_it(line: str, law: str) -> None:
    """The reading itself is put to the test with lines that break each law."""
    assert [remark.line for remark in read(law, f"x = 1\n{line}\n")][:1] == [2]
