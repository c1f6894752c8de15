"""Whether a restatement would notice: each parameter that a rule reads goes to one of its bounds, then to the
other, and what the rule does must change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any

import mesa

from abm.scenario.parameters import Setting
from abm.world.world import World
from tests.reference.agents import row_of
from tests.reference.mirror import AGENTS_OF, copy_state
from tests.reference.mirrored_points import states
from tests.reference.model import PlainModel
from tests.reference.watch import Watch

Name = tuple[str, str]
"""Owner and name of a parameter."""


class Tuner:
    """Knows which parameters have been read since ``read`` was emptied, and which one is changed now."""

    def __init__(self, plain: PlainModel, settings: dict[str, Setting]) -> None:
        self.read: set[Name] = set()
        self.changed: dict[Name, float] = {}
        """The parameter that is changed now, and its other value."""
        self.bounds = {tuple(key.split(".", 1)): s.parameter.bounds for key, s in settings.items()}
        plain.parameters = {
            owner: Tuned(owner, vars(values), self) for owner, values in plain.parameters.items()
        }
        for rule in plain.rules:
            rule.p = plain.parameters.get(rule.name, rule.p)


class Tuned:
    """The parameters of one owner, as rules see them."""

    def __init__(self, owner: str, values: dict[str, float], tuner: Tuner) -> None:
        self._owner, self._values, self._tuner = owner, values, tuner

    def __getattr__(self, name: str) -> float:
        me = (self._owner, name)
        self._tuner.read.add(me)
        return self._tuner.changed.get(me, self._values[name])


class Sensitivity:
    """Asked before each step of a watch (``Watch.before``): which parameters change what the step does.

    Args:
        tries: steps in which a parameter that is read may do nothing before it is left alone.

    ``noticed`` are those that do; ``in_vain`` counts for the others the steps in which they were read and did nothing.
    """

    def __init__(self, tries: int = 20) -> None:
        self.tries = tries
        self.noticed: set[Name] = set()
        self.in_vain: Counter[Name] = Counter()
        self._tuner: Tuner | None = None

    def __call__(self, watch: Watch, restated: Callable[[], None]) -> None:
        tuner = self._tuner = self._tuner or Tuner(watch.plain, watch.world.settings)
        tuner.read.clear()
        usual = self._outcome(watch, restated)
        for name in sorted(tuner.read - self.noticed):
            if self.in_vain[name] >= self.tries:
                continue
            for other in tuner.bounds[name]:
                tuner.changed = {name: other}
                if self._outcome(watch, restated) != usual:
                    self.noticed.add(name)
                    break
            else:
                self.in_vain[name] += 1
            tuner.changed = {}

    @staticmethod
    def _outcome(watch: Watch, restated: Callable[[], None]) -> list[Any]:
        """What a step pays and writes, from the production's state of now."""
        world, plain = watch.world, watch.plain
        copy_state(world, watch.mechanisms, plain)
        restated()
        kept = [getattr(rule, name) for rule in plain.rules for name in (*rule.remembers, *rule.knows)]
        few = states(plain)
        return [list(plain.ledger.journal), list(plain.events), kept, few, *_columns(world, plain)]


def _columns(world: World, plain: PlainModel) -> list[Any]:
    return [
        _values(agents, list(table))
        for agents, table in (
            (plain.places, world.places),
            (plain.households, world.households),
            (plain.firms, world.enterprises),
            (list(plain.workers), world.workers),
        )
    ]


def _values(agents: Sequence[mesa.Agent], names: list[str]) -> list[Any]:
    others = [name for name in names if name in AGENTS_OF]
    numbers = attrgetter(*(name for name in names if name not in AGENTS_OF))
    return [(numbers(agent), [row_of(getattr(agent, name)) for name in others]) for agent in agents]
