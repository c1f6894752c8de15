"""Each rule beside its restatement, from the production's state before each of its methods, through 20 ticks: the same
payments to one fen each, and the same of everything else."""

import pytest

from abm.core.phases import PHASE_NAMES
from abm.model.model import JointPointModel
from tests.reference.restated import RULES
from tests.reference.watch import Watch, watch
from tests.worlds import HARD_TIMES, t_district


def watched(hard: bool) -> Watch:
    """T District with all rules and joint-points, watched for 20 ticks."""
    scenario = t_district(**HARD_TIMES) if hard else t_district()
    model = JointPointModel(scenario, households=300, years=5, views=False, rng=11)
    seen = watch(model, RULES)
    model.run()
    return seen


@pytest.mark.parametrize("hard", [False, True], ids=["usual", "hard times"])
def test_each_rule_does_what_it_says(hard: bool) -> None:
    seen = watched(hard)
    assert seen.world.tick == 19
    assert not seen.problems, "\n".join(seen.problems[:20])
    phases = {(rule.name, phase) for rule in RULES for phase in vars(rule) if phase in PHASE_NAMES}
    assert {step for step, times in seen.compared.items() if times} == phases
    assert seen.payments > 10_000
