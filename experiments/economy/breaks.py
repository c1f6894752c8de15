"""What holds the income distribution, shown by breaking it: one rule of the economy is bent at a time.

Each break takes a model that stands at the eve of its first tick and returns what it does before every tick
(nothing, as a rule). The list is that of docs/TRIAL.md, *What breaks it*, tried again in the finished model.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from abm import JointPointModel
from abm.mechanisms.base import Mechanism
from abm.world import people
from abm.world.world import World

EachTick = Callable[[], None]


def rule(model: JointPointModel, name: str) -> Mechanism:
    """The rule of that name in a model."""
    return next(m for m in model.mechanisms if m.name == name)


def _once() -> None:
    """Nothing more to do."""


def nothing(model: JointPointModel) -> EachTick:
    """The economy as it is."""
    return _once


def schooling_alone(model: JointPointModel) -> EachTick:
    """Pay by schooling alone: workers have no effect of their own."""
    world = model.world
    years = world.households.schooling[world.workers.household]
    return_ = world.settings["synthesis.schooling_return"].value
    norm = world.settings["synthesis.schooling_norm"].value

    def level() -> None:
        workers, h = world.workers, world.households
        skill = np.exp(return_ * (h.schooling[workers.household] - norm))
        local = workers.employer >= 0
        change = (skill - workers.skill) * np.exp(workers.fit)
        np.add.at(world.enterprises.labour, workers.employer[local], change[local])
        workers.skill = skill

    assert len(years) == len(world.workers)
    return level


def steep_returns_to_capital(model: JointPointModel) -> EachTick:
    """Capital exponent of .35 on own account: who has, gets."""
    rule(model, "own_account").p.capital_exponent = 0.35
    rule(model, "investment").own.capital_exponent = 0.35
    return _once


def own_account_off_trend(model: JointPointModel) -> EachTick:
    """Wages grow with the trend, what households make on own account does not."""
    own, world = rule(model, "own_account"), model.world
    gross, first = own.p.gross, world.outside.index(world.scenario.start_year)

    def hold_back() -> None:
        own.p.gross = gross * first / world.outside.index(world.calendar.year)

    return hold_back


def no_exit(model: JointPointModel) -> EachTick:
    """No enterprise closes but in distress."""
    rule(model, "enterprises").p.exit_rate = 0.0
    return _once


def alike_and_drawn_along(model: JointPointModel) -> EachTick:
    """One cost of moving for all, and strong networks of those who are away."""
    workers, h = model.world.workers, model.world.households
    rural = ~h.urban[workers.household]
    workers.moving_cost[rural] = workers.moving_cost[rural].mean()
    rule(model, "migration").p.kin_bonus = 1.5
    return _once


def little_spent_from_savings(model: JointPointModel) -> EachTick:
    """Three per cent of savings are spent a year (φ = .03)."""
    rule(model, "consumption").p.from_savings = 0.03
    return _once


def entry_by_place(model: JointPointModel) -> EachTick:
    """As many founders in every place, however large its economy is."""
    model.world.places.first_enterprises = 1
    return _once


def children_by_schooling(model: JointPointModel) -> EachTick:
    """The less schooling parents have, the more children: births · e^(−.07 · years from the villages' mean)."""
    births, h = rule(model, "births"), model.world.households
    mean = h.schooling[~h.urban].mean()

    def rate_of(world: World, workers: NDArray[np.int64]) -> NDArray[np.float64]:
        years = world.households.schooling[world.workers.household[workers]]
        return np.asarray(births.p.rate * np.exp(-0.07 * (years - mean)))

    births.rate_of = rate_of  # type: ignore[attr-defined]
    return _once


def a_tenth_left(model: JointPointModel) -> EachTick:
    """A tenth of the villages' households has left with all that they have; their dwellings are empty."""
    world = model.world
    h = world.households
    leaves = world.draws.uniform("study.left", 0, h.key) < 0.1
    rows = np.flatnonzero(leaves & ~h.urban & world.points.inhabited)
    people.leave_district(world, rows)
    return _once


def without(*names: str) -> Callable[[JointPointModel], EachTick]:
    """Rules taken out, from the first year on."""

    def take_out(model: JointPointModel) -> EachTick:
        for name in names:
            model.mechanisms.remove(rule(model, name))
        return _once

    return take_out


BREAKS: dict[str, Callable[[JointPointModel], EachTick]] = {
    "as it is": nothing,
    "pay by schooling alone": schooling_alone,
    "capital exponent .35": steep_returns_to_capital,
    "own account off the trend": own_account_off_trend,
    "no exit of enterprises": no_exit,
    "one moving cost, strong networks": alike_and_drawn_along,
    "φ = .03": little_spent_from_savings,
    "entry not by size": entry_by_place,
}
"""Name in the table, and what it bends."""

DEMOGRAPHY: dict[str, Callable[[JointPointModel], EachTick]] = {
    "without floating households": without("floating"),
    "without deaths of households, division, new heads": without("succession"),
    "without ageing and births": without("ageing", "births"),
    "without all of these": without("floating", "succession", "ageing", "births"),
    "more children where parents have less schooling": children_by_schooling,
    "a tenth of villages' dwellings empty from 2014 on": a_tenth_left,
}
"""Name in the table, and what it takes out or bends."""
