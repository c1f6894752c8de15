"""The plain model and the production go their own ways from one start, with all rules of T District: after each of 20
ticks they have made the same payments to one fen each, and are in the same state."""

from dataclasses import dataclass, field

import pytest

from abm.core.names import LAYERS
from abm.scenario.switches import ALL_ON, Arm
from tests.reference.free import Pair
from tests.reference.lively import KINDS, LIVELY
from tests.reference.mirror import differences
from tests.reference.watch import unlike_payments
from tests.worlds import HARD_TIMES, t_district

CENT = 1e-6
"""Yuan that sums in another order may come to after 20 ticks, where large amounts cancel out."""


@dataclass(frozen=True)
class Case:
    """A world, how long it runs, and how many payments are made in it at least."""

    overrides: dict[str, object] = field(default_factory=dict)
    arm: Arm = ALL_ON
    years: int = 5
    ticks: int = 20
    households: int = 250
    payments: int = 40_000


CASES = {
    "pilot of 2019": Case({"scenario__start_year": 2017}),
    "hard times, a weak layer and one masked in mid-run": Case(
        {**HARD_TIMES, "scenario__start_year": 2018},
        Arm(organizational=0.7, social=False, years=(("organizational", None),), from_year=2020),
    ),
    "all that is rare": Case(LIVELY),
    "monthly": Case(
        {**LIVELY, "scenario__start_year": 2019, "scenario__ticks_per_year": 12},
        years=1,
        ticks=12,
        payments=25_000,
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_columns_and_agents_agree(case: Case) -> None:
    pair = Pair(t_district(**case.overrides), case.households, case.years, seed=11, arm=case.arm)
    production, payments, passed, rounded = pair.production, 0, set(), 0
    while production.running:
        pair.step()
        apart, off = unlike_payments(pair.plain.ledger.journal, pair.heard)
        rounded += off  # a fen apart, where sums in another order round the other way
        apart += differences(production.world, production.mechanisms, pair.plain, fen=rounded, near=CENT)
        assert not apart, f"tick {production.world.tick}\n" + "\n".join(apart[:20])
        payments += len(pair.heard)
        passed |= {line.kind for line in pair.heard if line.layer in LAYERS}
    assert production.world.tick == pair.plain.tick == case.ticks - 1
    assert payments > case.payments
    assert rounded < 3e-4 * payments  # public purchases hand one that rounds the other way on to several
    assert case.overrides is not LIVELY or passed >= KINDS
