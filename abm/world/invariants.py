"""What must hold in every tick, whatever the rules do. Cheap enough to check at each year-end."""

import numpy as np

from abm.core.ledger import UNLIMITED
from abm.population.households import LOCAL_JOB, MIGRANT, OWN_ACCOUNT, members
from abm.world.world import World


class BrokenWorld(RuntimeError):
    """A rule has broken an invariant; the run's numbers cannot be trusted."""


def check_world(world: World) -> None:
    """Raise ``BrokenWorld`` if money, counts of workers or states are inconsistent."""
    problems = [*_money(world), *_work(world), *_people(world), *_states(world)]
    if problems:
        raise BrokenWorld(f"tick {world.tick} ({world.year}): {'; '.join(problems)}")


def _money(world: World) -> list[str]:
    problems = []
    if world.ledger.imbalance() != 0:
        problems.append(f"accounts sum to {world.ledger.imbalance()} fen")
    for kind, held in world.ledger.balances.items():
        if kind not in UNLIMITED and (held < 0).any():
            problems.append(f"an account of kind {kind} is overdrawn")
    return problems


def _work(world: World) -> list[str]:
    h, workers, firms = world.households, world.workers, world.enterprises
    problems = []
    state = workers.activity * np.int64(len(h)) + workers.household
    counted = np.bincount(state, minlength=3 * len(h)).reshape(3, len(h))
    for activity, column in (
        (OWN_ACCOUNT, "own_workers"),
        (LOCAL_JOB, "local_workers"),
        (MIGRANT, "migrants"),
    ):
        if not np.array_equal(counted[activity], h[column]):
            problems.append(f"column {column} is not the count of workers")
    employed = workers.activity == LOCAL_JOB
    staff = np.bincount(workers.employer[employed], minlength=len(firms))
    if not np.array_equal(staff, firms.workers):
        problems.append("enterprises do not have the workers that work for them")
    if firms.workers[~firms.open].any():
        problems.append("a closed enterprise has workers")
    return problems


def _people(world: World) -> list[str]:
    """Counts of members agree with the table of workers, and an empty dwelling holds nobody."""
    h, workers, places = world.households, world.workers, world.places
    persons = members(h)
    problems = []
    if not np.array_equal(np.bincount(workers.household, minlength=len(h)), h.workers):
        problems.append("households do not have the workers that are theirs")
    if (workers.household[1:] < workers.household[:-1]).any():
        problems.append("workers do not stand sorted by household")
    if (h.settled_migrants > h.migrants).any():
        problems.append("more migrants are settled than away")
    if any((h[role] < 0).any() for role in ("children", "workers", "elders", "disabled")):
        problems.append("a role has fewer than no members")
    if (persons[~world.points.inhabited] != 0).any():
        problems.append("somebody lives in an empty dwelling")
    if not np.array_equal(world.by_place(persons), places.members):
        problems.append("places do not have the members that are theirs")
    if not np.array_equal(world.by_place(h.workers), places.workers):
        problems.append("places do not have the workers that are theirs")
    return problems


def _states(world: World) -> list[str]:
    h = world.households
    problems = [
        f"{name} leaves 0–1"
        for name in ("trust", "participation", "busy")
        if not ((h[name] >= 0) & (h[name] <= 1)).all()
    ]
    for name in ("expected_income", "capital", "claim", "own_product"):
        if not np.isfinite(h[name]).all():
            problems.append(f"{name} is not a number")
    return problems
