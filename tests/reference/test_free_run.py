"""The plain model and the production go their own ways from one start, with the rules of the background: after each of
20 ticks they have made the same payments to one fen each, and are in the same state."""

import pytest

from tests.reference.free import Pair, background
from tests.reference.mirror import differences
from tests.reference.watch import unlike_payments
from tests.worlds import HARD_TIMES

CENT = 1e-6
"""Yuan that sums in another order may come to after 20 ticks, where large amounts cancel out."""


@pytest.mark.parametrize(
    ("overrides", "seed"),
    [({"scenario__start_year": 2017}, 3), (HARD_TIMES, 11)],
    ids=["from 2017", "hard times from 2014"],
)
def test_columns_and_agents_agree_through_20_ticks(overrides: dict[str, object], seed: int) -> None:
    pair = Pair(background(**overrides), households=300, years=5, seed=seed)
    production, payments = pair.production, 0
    while production.running:
        pair.step()
        apart, _ = unlike_payments(pair.plain.ledger.journal, pair.heard)
        apart += differences(production.world, production.mechanisms, pair.plain, near=CENT)
        assert not apart, f"tick {production.world.tick}\n" + "\n".join(apart[:20])
        payments += len(pair.heard)
    assert production.world.tick == pair.plain.tick == 19
    assert payments > 50_000
