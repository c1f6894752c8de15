"""One tick of a world, in the burn-in and in the run alike."""

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any

from abm.core.phases import PHASE_NAMES, YEARLY
from abm.mechanisms.base import Mechanism
from abm.records.recorder import Recorder
from abm.world.dated import begin_tick
from abm.world.invariants import check_world
from abm.world.world import World


def run_tick(
    world: World,
    mechanisms: Sequence[Mechanism],
    recorder: Recorder,
    clock: Callable[[str, float], Any] = lambda phase, began: None,
) -> None:
    """Every phase in order (``abm.core.phases``); at the end of a year it is measured and closed.

    Args:
        clock: told of each phase when it has ended, with the moment when it began.
    """
    began = perf_counter()
    begin_tick(world)
    clock("calendar", began)
    for phase in PHASE_NAMES:
        if phase in YEARLY and not world.calendar.due(phase):
            continue
        began = perf_counter()
        for mechanism in mechanisms:
            act = getattr(mechanism, phase, None)
            if act is not None:
                act(world)
        clock(phase, began)
    if world.calendar.year_ends:
        began = perf_counter()
        _close_year(world, recorder)
        clock("measuring", began)


def _close_year(world: World, recorder: Recorder) -> None:
    h = world.households
    check_world(world)
    recorder.year_end()
    h.income_last = world.ledger.income.sum(axis=0) / 100.0
    h.residents_last = world.residents()
    world.ledger.close_year()
    world.messages.clear()
