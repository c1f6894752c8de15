"""All arms of an experiment are one and the same run until the switch year: every row, to the last bit."""

import pandas as pd
import pytest

from abm.core.names import QUESTIONS
from abm.scenario.switches import ALL_ON, Arm, eight_arms, pilot_arms, placebo_arms
from tests.worlds import TABLES, finished

SWITCH_YEAR = 2019
DESIGNS = [
    *(eight_arms(question, SWITCH_YEAR) for question in QUESTIONS),
    placebo_arms(SWITCH_YEAR)[1:4],
    pilot_arms(SWITCH_YEAR, ("BQ", "BL", "SJ")),
]
ARMS = [arm for design in DESIGNS for arm in design if arm.name != "OIS"]


@pytest.mark.parametrize("arm", ARMS, ids=lambda arm: f"{arm.question}-{arm.name}")
def test_rows_before_the_switch_are_equal_in_all_arms(arm: Arm) -> None:
    base, other = finished(), finished(arm)
    for name in TABLES:
        a, b = base.tables[name], other.tables[name]
        a, b = (t[t.year < SWITCH_YEAR].reset_index(drop=True) for t in (a, b))
        assert len(a) > 10
        pd.testing.assert_frame_equal(a, b, check_exact=True)


@pytest.mark.parametrize(
    "arm", [arm for arm in ARMS if not arm.placebo], ids=lambda arm: f"{arm.question}-{arm.name}"
)
def test_the_switch_does_something(arm: Arm) -> None:
    """Without it, the test above would say nothing. What is rewired needs more years: ``switches/test_placebo.py``."""
    base, other = (
        f.flows[f.flows.year >= SWITCH_YEAR].reset_index(drop=True) for f in (finished(), finished(arm))
    )
    assert not base.equals(other)


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_arm_with_all_layers_on_is_the_run_without_an_arm(question: str) -> None:
    plain, arm = finished(), finished(Arm(question=question, from_year=SWITCH_YEAR))
    assert ALL_ON.name == "OIS"
    for name in TABLES:
        pd.testing.assert_frame_equal(plain.tables[name], arm.tables[name], check_exact=True)


def test_the_two_questions_differ() -> None:
    """What was there before the switch goes on in the one and ends in the other."""
    cut, programme = (
        finished(Arm(organizational=False, question=q, from_year=SWITCH_YEAR)) for q in QUESTIONS
    )
    assert not cut.flows.equals(programme.flows)
