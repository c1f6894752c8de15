"""Parameters: declared once, with unit, bounds, role, source and status.

A default is not an estimate. ``seed`` stands in one of the five papers, ``published`` was seen on the page
named, ``assumed`` is a prior whose bounds a sensitivity analysis has to walk through.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from types import SimpleNamespace

from abm.core.errors import InputError, nearest
from abm.scenario.schema import Provenance, Status, is_file_key, keys_of_table


@dataclass(frozen=True)
class Parameter:
    """One number that a rule reads.

    Args:
        name: lower case, words joined by underscores; the full name is ``mechanism.name``.
        default: value where a scenario says nothing.
        unit: unit in words; rates are per year.
        bounds: smallest and largest value that makes sense, both allowed.
        role: the step of the rule that it belongs to.
        source: where it comes from.
        status: ``seed``, ``published`` or ``assumed``.
    """

    name: str
    default: float
    unit: str
    bounds: tuple[float, float]
    role: str
    source: str
    status: Status = "assumed"

    def __post_init__(self) -> None:
        low, high = self.bounds
        if not low <= self.default <= high:
            raise ValueError(f"default of '{self.name}' lies outside its own bounds")


@dataclass(frozen=True)
class Setting:
    """A parameter's value in one scenario, with where it comes from."""

    parameter: Parameter
    value: float
    source: str
    status: Status
    changed: bool
    """True where the scenario or the command line set it."""


Catalogue = Mapping[str, Mapping[str, Parameter]]
"""All parameters by owner (a mechanism's name) and name."""


def catalogue_of(owners: Iterable[tuple[str, Iterable[Parameter]]]) -> Catalogue:
    """Catalogue of (owner, parameters) pairs.

    Raises:
        InputError: a parameter with the name of a number of the file; ``--set`` could not tell the two apart.
    """
    catalogue = {owner: {p.name: p for p in parameters} for owner, parameters in owners}
    for key in (f"{owner}.{name}" for owner, owned in catalogue.items() for name in owned):
        if is_file_key(key):
            what = "this parameter has the name of a key of scenario files"
            raise InputError(what, key=key, mend="give the parameter or its mechanism another name")
    return catalogue


def check_value(parameter: Parameter, value: object, *, file: object = None, key: str = "") -> float:
    """The value as a number within bounds, or an ``InputError`` that names the key."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(
            f"must be a number, not {value!r}",
            file=str(file or ""),
            key=key,
            mend=f"give a number in {parameter.unit}",
        )
    low, high = parameter.bounds
    if not low <= value <= high:  # nan is within no bounds
        raise InputError(
            f"{repr(value)[:40]} is out of bounds",
            file=str(file or ""),
            key=key,
            mend=f"use a value from {low:g} to {high:g} ({parameter.unit})",
        )
    return float(value)


def find_parameter(catalogue: Catalogue, key: str, *, file: object = None, shown: str = "") -> Parameter:
    """The parameter with a dotted name, or an ``InputError`` with the nearest right name."""
    owner, _, name = key.partition(".")
    if owner in catalogue and name in catalogue[owner]:
        return catalogue[owner][name]
    names = [f"{o}.{n}" for o, owned in catalogue.items() for n in owned]
    names += [f"{owner}.{k}" for k in keys_of_table(owner) if k not in Provenance.model_fields]
    near = get_close_matches(key, names, n=1, cutoff=0.6)
    if near:
        what, mend = "there is no such parameter", f"did you mean '{near[0]}'?"
    elif owner in catalogue:
        what, mend = f"there is no such parameter of {owner}", nearest(name, catalogue[owner])
    else:
        what = f"nothing that this scenario lists is called '{owner}'"
        mend = f"add '{owner}' to scenario.mechanisms, or use a name that 'abm describe' shows"
    raise InputError(what, file=str(file or ""), key=shown or key, mend=mend)


class Settings(dict[str, Setting]):
    """Every parameter's value by dotted name, filled once."""

    @cached_property
    def by_owner(self) -> dict[str, dict[str, float]]:
        """Values by owner and name: rules ask for them some hundred times a year."""
        found: dict[str, dict[str, float]] = {}
        for key, setting in self.items():
            owner, _, name = key.rpartition(".")
            found.setdefault(owner, {})[name] = setting.value
        return found


def values_of(settings: Mapping[str, Setting], owner: str) -> SimpleNamespace:
    """One owner's values as attributes: ``p.quit_rate``; a copy, which the caller may change."""
    given = settings if isinstance(settings, Settings) else Settings(settings)
    return SimpleNamespace(**given.by_owner.get(owner, {}))
