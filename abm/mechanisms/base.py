"""What a mechanism is: a name, a layer, parameters, columns of its own, and methods named after phases."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import ClassVar

from abm.core.errors import InputError
from abm.core.phases import PHASE_NAMES
from abm.scenario.parameters import Parameter, Setting, values_of
from abm.scenario.schema import Scenario
from abm.world.world import World

TABLES = ("households", "workers", "enterprises", "places")
"""Tables of the world that a mechanism may add columns to."""


class Mechanism:
    """Base of all rules.

    A rule moves money, jobs, information, skill, health and trust; it never acts on an outcome. It sees the world
    and the links that are active now, never a switch. To add one of your own, write such a class and name it in
    the scenario as ``"my_module:MyMechanism"``.

    Class attributes:
        name: plain name, as in a scenario's list.
        layer: organizational, interest, social or background.
        parameters: declared once; ``self.p`` holds their values in this run.
        columns: columns that it owns, as (table, name, dtype, fill).
        spends: kinds of links whose programme money it spends; a scenario may then have programmes for them.
        requires: plain names of mechanisms without which it would do nothing or harm.

    A method named after a phase (``abm.core.phases``) is called in that phase with the world.
    """

    name: ClassVar[str]
    layer: ClassVar[str]
    parameters: ClassVar[tuple[Parameter, ...]] = ()
    columns: ClassVar[tuple[tuple[str, str, type, float], ...]] = ()
    spends: ClassVar[tuple[str, ...]] = ()
    requires: ClassVar[tuple[str, ...]] = ()

    def __init__(self, world: World) -> None:
        self.p: SimpleNamespace = values_of(world.settings, self.name)
        for table, column, dtype, fill in self.columns:
            try:
                getattr(world, table).declare(column, dtype, fill)
            except ValueError as error:
                key, mend = f"{type(self).__name__}.columns", "give the column another name"
                raise InputError(f"the mechanism '{self.name}': {error}", key=key, mend=mend) from None

    def start(self, world: World) -> None:
        """Called once before the first tick, when all mechanisms have declared their columns."""

    @classmethod
    def check(cls, scenario: Scenario, settings: Mapping[str, Setting]) -> None:
        """Refuse a scenario in which it makes no sense, by an ``InputError`` that names key and mend."""

    @classmethod
    def phases(cls) -> tuple[str, ...]:
        """The phases that it acts in, in order."""
        return tuple(phase for phase in PHASE_NAMES if callable(getattr(cls, phase, None)))
