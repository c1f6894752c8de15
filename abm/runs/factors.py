"""What an experiment varies, by dotted name: parameters, switches, budget, question, numbers of the scenario's file.

| name | what | values |
|---|---|---|
| ``fund.set_aside``, ``parameters.fund.set_aside`` | a parameter | a number within its bounds |
| ``switches.social``, ``switches.all`` | a layer, all three alike | true, false, 0 to 1, or ``"rewired"`` |
| ``switches.kind.grid`` | a kind of link | true, false, a strength |
| ``switches.village.BQ``, ``switches.village.BQ.social``, ``switches.village.BQ.grid`` | a place's links | as above |
| ``switches.link.KIND:SOURCE>TARGET`` | one link between institutions | as above |
| ``….off_from`` behind a switch | the year from which it masks | a year, ``"never"`` |
| ``….on_from`` behind a switch | the year up to which it has masked | a year, ``"never"`` |
| ``budget``, ``question`` | as in ``abm factorial`` | their words |
| ``scenario.end_year``, ``programmes.grid_fund.per_head`` | a number of the file (``--set``) | as in the file |
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from abm.core.errors import InputError, nearest
from abm.core.names import BUDGETS, LAYERS, QUESTIONS
from abm.graph.kinds import LINK_KINDS
from abm.graph.link_ids import check_link_id
from abm.model import plan
from abm.scenario.parameters import Parameter, check_value, find_parameter
from abm.scenario.schema import Scenario, is_file_key

Value = float | int | str | bool
NEVER, REWIRED = "never", "rewired"
TIMINGS = ("off_from", "on_from")
WORDS: Mapping[str, Sequence[str]] = {"budget": BUDGETS, "question": QUESTIONS}
EVERYTHING = "all"


@dataclass(frozen=True)
class Target:
    """What a switch masks; no field set: all three layers alike."""

    layer: str | None = None
    kind: str | None = None
    village: str | None = None
    link: str | None = None

    @property
    def is_layer(self) -> bool:
        """Whether an arm's own strengths can say it."""
        return self.village is None and self.kind is None and self.link is None


@dataclass(frozen=True)
class Factor:
    """One thing that an experiment varies.

    Args:
        name: its dotted name, parameters without ``parameters.`` in front.
        sort: ``parameter``, ``switch``, ``word`` (budget or question) or ``file``.
        base: its value where nothing is laid over the scenario.
        bounds: smallest and largest value; None where it is no number.
        target: of a switch.
        aspect: of a switch: ``strength``, ``off_from`` or ``on_from``.
    """

    name: str
    sort: str
    base: Value | None
    bounds: tuple[float, float] | None = None
    target: Target | None = None
    aspect: str = ""
    parameter: Parameter | None = None

    @property
    def group(self) -> str:
        """What it belongs to: a parameter's owner, or ``switches``."""
        return self.name.partition(".")[0]


class Names:
    """The names that a scenario knows.

    Args:
        scenario: read and checked.
        file: the experiment's file, for errors.
        words: budget and question of points that do not say; left out: the scenario's budget, ``cut``.
    """

    def __init__(self, scenario: Scenario, file: str, words: Mapping[str, str] | None = None) -> None:
        self.scenario, self.file = scenario, file
        self._words = {"budget": scenario.scenario.budget, "question": QUESTIONS[0], **(words or {})}
        self._catalogue = plan.catalogue(scenario)
        self._settings = plan.settings(scenario)

    def factor(self, name: str, key: str) -> Factor:
        """The factor with a name.

        Args:
            key: where the name stands in the experiment's file.

        Raises:
            InputError: there is nothing of that name; the nearest is named.
        """
        first, _, rest = name.partition(".")
        if name in WORDS:
            return Factor(name, "word", self._words[name])
        if first == "switches" and not rest.partition(".")[0].isdecimal():
            return self._switch(name, rest, key)
        if is_file_key(name):
            return Factor(name, "file", _held(self.scenario, name))
        bare = name.removeprefix("parameters.")
        near = [
            word for word in ("switches", "parameters", *WORDS) if nearest(first, [word]).startswith("did")
        ]
        if first not in (*self._catalogue, "parameters") and near:
            mend = f"did you mean '{'.'.join([near[0], *([rest] if rest else [])])}'?"
            raise InputError(f"there is no '{name}'", file=self.file, key=key, mend=mend)
        found = find_parameter(self._catalogue, bare, file=self.file, shown=key)
        return Factor(bare, "parameter", self._settings[bare].value, found.bounds, parameter=found)

    def checked(self, factor: Factor, value: object, key: str) -> Value:
        """A value that the factor may have; a strength as a number.

        Raises:
            InputError: another type, out of bounds, or an unknown word.
        """
        value = value.item() if isinstance(value, np.generic) else value
        if factor.parameter is not None:
            return check_value(factor.parameter, value, file=self.file, key=key)
        if factor.sort == "word":
            return self._word(value, WORDS[factor.name], key)
        if factor.aspect == "strength":
            return self._strength(factor, value, key)
        if factor.aspect in TIMINGS:
            return self._year(value, key)
        if not isinstance(value, bool | int | float | str):
            raise InputError("is no single value", file=self.file, key=key, mend="give a number or a word")
        return value

    def _switch(self, name: str, rest: str, key: str) -> Factor:
        rest, aspect = _aspect(rest)
        target = self._target(rest, key)
        if aspect == "strength":
            return Factor(name, "switch", 1.0, (0.0, 1.0), target, aspect)
        base: Value = NEVER if aspect == "off_from" else self.scenario.start_year
        return Factor(name, "switch", base, None, target, aspect)

    def _target(self, rest: str, key: str) -> Target:
        first, _, inner = rest.partition(".")
        villages = self.scenario.village_names
        if rest == EVERYTHING:
            return Target()
        if rest in LAYERS:
            return Target(layer=rest)
        if first == "kind" and inner:
            self._one_of(inner, LINK_KINDS, "kind of link", "switches.kind", key)
            return Target(kind=inner)
        if first == "link" and inner:
            check_link_id(inner, villages, key=key, file=self.file)
            return Target(link=inner)
        if first == "village" and inner:
            village, part = _village(inner, villages)
            self._one_of(village, villages, "village", "switches.village", key)
            if part:
                self._one_of(
                    part, (*LAYERS, *LINK_KINDS), "layer or kind", f"switches.village.{village}", key
                )
            return Target(part if part in LAYERS else None, part if part in LINK_KINDS else None, village)
        if rest in LINK_KINDS or rest in villages:
            sort = "kind" if rest in LINK_KINDS else "village"
            what, mend = f"'{rest}' is no layer", f"did you mean 'switches.{sort}.{rest}'?"
            raise InputError(what, file=self.file, key=key, mend=mend)
        known = (*LAYERS, EVERYTHING, "kind", "village", "link")
        mend = nearest(first, known)
        raise InputError(f"there is no switch '{rest}'", file=self.file, key=key, mend=mend)

    def _one_of(self, word: str, known: Any, what: str, front: str, key: str) -> None:
        if word not in known:
            mend = nearest(word, known).replace("'", f"'{front}.", 1)
            raise InputError(f"there is no {what} '{word}'", file=self.file, key=key, mend=mend)

    def _word(self, value: object, known: Sequence[str], key: str) -> str:
        if not isinstance(value, str) or value not in known:
            mend = nearest(str(value), known)
            raise InputError(f"there is no '{value}'", file=self.file, key=key, mend=mend)
        return value

    def _strength(self, factor: Factor, value: object, key: str) -> Value:
        assert factor.target is not None
        if value == REWIRED and factor.target.is_layer:
            return REWIRED
        if not isinstance(value, int | float) or not 0.0 <= value <= 1.0:  # nan is within no bounds
            mend = "give true, false or a strength from 0 to 1"
            raise InputError(f"cannot be {value!r}", file=self.file, key=key, mend=mend)
        return float(value)

    def _year(self, value: object, key: str) -> Value:
        first, last = self.scenario.start_year, self.scenario.end_year
        if value == NEVER:
            return NEVER
        if isinstance(value, bool) or not isinstance(value, int) or not first <= value <= last:
            mend = f'give a year from {first} to {last}, or "{NEVER}"'
            raise InputError(f"{value!r} is no year of the scenario", file=self.file, key=key, mend=mend)
        return value


def _aspect(rest: str) -> tuple[str, str]:
    front, dot, last = rest.rpartition(".")
    return (front, last) if dot and last in TIMINGS else (rest, "strength")


def _village(inner: str, villages: Sequence[str]) -> tuple[str, str]:
    """A place's name, which may hold dots, and what stands behind it."""
    fits = [name for name in villages if inner == name or inner.startswith(f"{name}.")]
    if fits:
        village = max(fits, key=len)
        return village, inner[len(village) + 1 :]
    village, _, part = inner.partition(".")
    return village, part


def _held(scenario: Scenario, name: str) -> Value | None:
    """What the scenario holds under a key of its file; None where it is nothing simple."""
    here: Any = scenario.model_dump(mode="json")
    for part in name.split("."):
        if isinstance(here, list):
            names = [
                str(row.get("name", i)) if isinstance(row, dict) else str(i) for i, row in enumerate(here, 1)
            ]
            spot = names.index(part) if part in names else int(part) - 1 if part.isdecimal() else -1
            here = here[spot] if 0 <= spot < len(here) else None
        else:
            here = here.get(part) if isinstance(here, dict) else None
    return here if isinstance(here, bool | int | float | str) else None
