"""The laws bite: planted faults are caught, and the right mechanism is named. All of them: ``make faults``."""

import re

import pytest

from tests.laws.faults import FAULTS, LEAST
from tests.laws.planting import caught

TEN = {
    "a leaked yuan": "consumption, tick 0 ",
    "double pay": "dibao, tick ",
    "income written outside the ledger's transfers": "wages, tick 0 ",
    "a draw by table row": "illness, tick 0 ",
    "a draw by position": "illness, tick 0 ",
    "luck by call order": "the calendar, tick 0 ",
    "a name used as a key": "needs, tick 0 ",
    "an absolute yuan constant without the index": "pensions, tick 0 ",
    "a rule that reads a switch": "trust, tick 0 ",
    "a flow past a mask": "points, tick ",
}
"""Ten faults, and whom the verdict names."""


@pytest.mark.parametrize("name", TEN)
def test_a_planted_fault_is_caught_and_named(name: str) -> None:
    verdict = caught(FAULTS[name], elsewhere=False)
    assert verdict is not None
    assert str(verdict.breach).startswith(TEN[name])
    assert verdict.law.startswith(f"{FAULTS[name].chapter}: ")


def test_there_are_as_many_faults_as_promised() -> None:
    assert len(FAULTS) >= LEAST
    assert set(TEN) <= set(FAULTS)
    chapters = {fault.chapter for fault in FAULTS.values()}
    assert chapters == {"money", "luck", "switches", "time", "symmetry", "scale"}
    assert all(re.match(r"\w", name) for name in FAULTS)


def test_a_fault_is_gone_when_it_is_lifted() -> None:
    from abm.mechanisms.background.consumption import Consumption

    own = Consumption.spending
    with FAULTS["a leaked yuan"].planted():
        assert Consumption.spending is not own
    assert Consumption.spending is own
