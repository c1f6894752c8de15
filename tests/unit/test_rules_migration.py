"""Who leaves for a city: somebody of each household stays, whoever that is."""

import numpy as np

from abm.core.draws import FixedDraws
from abm.mechanisms.background.migration import Migration
from abm.model.model import JointPointModel
from abm.population.households import MIGRANT, OWN_ACCOUNT, members
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


def test_who_comes_home_does_not_leave_again_in_the_same_tick() -> None:
    model = JointPointModel(t_district(), households=400, years=2, rng=3, views=False)
    for _ in range(4):
        model.step()
    world, workers = model.world, model.world.workers
    migration = next(m for m in model.mechanisms if m.name == "migration")
    migration.p.return_rate = migration.p.leave_rate = 1e9  # everybody thinks of it
    world.draws = FixedDraws({"migration.return.choice": 1.0, "migration.leave.choice": 0.001})
    world.calendar.advance()
    before = workers.activity.copy()
    back = np.flatnonzero(before == MIGRANT)
    assert len(back) > 5
    migration.labour(world)
    assert (workers.activity[back] == OWN_ACCOUNT).all()
    assert ((before == OWN_ACCOUNT) & (workers.activity == MIGRANT)).any()
