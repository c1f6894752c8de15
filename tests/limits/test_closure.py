"""The outside position over income does not drift over fifty years without a trend, and no account swallows money."""

import numpy as np
import pytest

from abm.model.model import JointPointModel
from tests.worlds import t_district

AWAY = ("outside", "bank")


@pytest.mark.slow
def test_the_outside_position_settles() -> None:
    still = t_district(scenario__burn_in=0, scenario__end_year=2083, outside__growth_after=0.0)
    model = JointPointModel(
        still, 800, organizational=False, interest=False, social=False, views=False, rng=4
    )
    world = model.world
    position, net = [], []
    while model.running:
        model.step()
        if world.calendar.year_ends:
            flows = model.recorder.years[-1].flows
            income = float(world.households.income_last.sum())
            came = sum(fen for (a, b, *_), fen in flows.items() if a in AWAY and b not in AWAY)
            went = sum(fen for (a, b, *_), fen in flows.items() if b in AWAY and a not in AWAY)
            net.append((came - went) / 100.0 / income)
            position.append(world.ledger.balances["outside"][0] / 100.0 / income)
    assert world.ledger.imbalance() == 0
    # the trend of the first ten years is that of the city wage on file; from 2024 on the world stands still
    late = np.array(position[20:])
    assert len(late) == 50
    slope = np.polyfit(np.arange(50), late, 1)[0]
    assert abs(slope) < 0.02, slope  # of a position of about three years of income
    assert abs(np.mean(net[20:])) < 0.03
