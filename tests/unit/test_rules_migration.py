"""Who leaves for a city: somebody of each household stays, whoever that is."""

import numpy as np

from abm.core.draws import FixedDraws
from abm.mechanisms.background.migration import Migration
from abm.model.model import JointPointModel
from abm.population.households import members
from tests.worlds import t_district


class Lots(FixedDraws):
    """The lot of a worker by its key."""

    def __init__(self, lots: dict[int, float]) -> None:
        super().__init__()
        self.lots = lots

    def uniform(self, stream, when, keys):
        return np.array([self.lots.get(int(key), 0.5) for key in keys])


def test_where_all_would_go_the_lot_says_who_stays_and_not_the_order_of_the_table() -> None:
    model = JointPointModel(t_district(), households=300, years=1, rng=3, views=False)
    world, h, workers = model.world, model.world.households, model.world.workers
    h.migrants.fill(0)
    couples = np.flatnonzero((h.workers == 2) & (members(h) == 2))
    household = int(couples[0])
    rows = np.flatnonzero(workers.household == household)
    for luckier in (0, 1):
        keys = workers.key[rows].tolist()
        world.draws = Lots({keys[luckier]: 0.1, keys[1 - luckier]: 0.9})
        assert Migration._not_the_last(world, rows).tolist() == [rows[luckier]]
    larger = int(np.flatnonzero((h.workers == 2) & (members(h) > 2))[0])
    both = np.flatnonzero(workers.household == larger)
    some = np.sort(np.concatenate([rows, both]))
    assert set(both) <= set(Migration._not_the_last(world, some).tolist())  # the others of a household stay
