"""What the values of a point make of a scenario: an arm, a budget, parameters laid over, numbers of the file."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from abm.core.errors import InputError
from abm.core.names import LAYERS, QUESTIONS
from abm.model import plan
from abm.runs.factors import NEVER, REWIRED, Factor, Target, Value
from abm.scenario.schema import Scenario
from abm.scenario.switches import Arm, Switch

VILLAGES_CUT = "villages_cut"
"""What varies in a design of villages in steps: in how many places the links are cut."""


@dataclass(frozen=True)
class Steps:
    """Switches that act in a growing set of places.

    Args:
        targets: what is masked there: layers and kinds of links.
        villages: the places, in the order in which they come.
        strength: what is left of the links.
    """

    targets: tuple[Target, ...]
    villages: tuple[str, ...]
    strength: float = 0.0


@dataclass(frozen=True)
class Laid:
    """A point, ready to be run on any seed.

    Args:
        budget: the point's own, if it has one.
        parameters: the point's, by name.
        own: the scenario's values of the same.
    """

    scenario: Scenario
    arm: Arm
    budget: str | None
    parameters: Mapping[str, float]
    own: Mapping[str, float]

    def over(self, drawn: Mapping[str, float] | None = None) -> tuple[tuple[str, float], ...]:
        """Parameters laid over the scenario: the point's over a draw's; what the scenario has already is left out."""
        before = drawn or {}
        values = {**before, **self.parameters}
        return tuple(sorted((n, v) for n, v in values.items() if n in before or v != self.own[n]))


def lay(
    scenario: Scenario,
    values: Sequence[tuple[Factor, Value | None]],
    *,
    fixed: Sequence[tuple[Factor, Value]] = (),
    question: str = QUESTIONS[0],
    from_year: int | None = None,
    steps: Steps | None = None,
    own: Mapping[str, float] | None = None,
) -> Laid:
    """Values laid over a scenario that has the point's numbers of its file already.

    Args:
        values: what the point says.
        fixed: switches that all points have.
        question: what masks ask, where the point does not say.
        from_year: since when they act that have no year of their own; None: the scenario's switch year.
        own: the scenario's parameters, where the caller knows them (``own_parameters``).

    Raises:
        InputError: a combination that cannot be.
    """
    parameters, named = parameters_of(values), words(values)
    reached = next((value for factor, value in values if factor.name == VILLAGES_CUT), 0)
    arm = arm_of_point(
        [*fixed, *values],
        question=named.get("question", question),
        from_year=scenario.switch_year if from_year is None else from_year,
        start_year=scenario.start_year,
        steps=steps,
        reached=int(reached or 0),
    )
    plan.check_arm(scenario, arm)
    known = (own_parameters(scenario) if parameters else {}) if own is None else own
    return Laid(scenario, arm, named.get("budget"), parameters, known)


def own_parameters(scenario: Scenario) -> dict[str, float]:
    """The scenario's value of every parameter."""
    return {name: setting.value for name, setting in plan.settings(scenario).items()}


def parameters_of(values: Iterable[tuple[Factor, Value | None]]) -> dict[str, float]:
    """Parameters among the values of a point."""
    return {f.name: float(value) for f, value in values if f.sort == "parameter" and value is not None}


def words(values: Iterable[tuple[Factor, Value | None]]) -> dict[str, str]:
    """Budget and question among the values of a point."""
    return {f.name: str(value) for f, value in values if f.sort == "word" and value is not None}


def arm_of_point(
    values: Sequence[tuple[Factor, Value | None]],
    *,
    question: str = QUESTIONS[0],
    from_year: int | None,
    start_year: int,
    steps: Steps | None = None,
    reached: int = 0,
) -> Arm:
    """The arm that a point's switches make.

    Args:
        values: factors with the point's values.
        question: what its masks ask.
        from_year: since when what has no year of its own is masked.
        start_year: the scenario's first.
        steps: switches that act in some places alone, in the first ``reached`` of them.

    Raises:
        InputError: layers all alike and one by one.
    """
    switches: dict[Target, dict[str, Value]] = {}
    for factor, value in values:
        if factor.target is not None and value is not None:
            switches.setdefault(factor.target, {})[factor.aspect] = value
    layers: dict[str, Any] = {}
    rewired: list[str] = []
    masks: list[Switch] = []
    for target, given in switches.items():
        strength = given.get("strength", 0.0)
        alone = not set(given) - {"strength"}
        if strength == REWIRED or (target.is_layer and alone and steps is None):
            if not alone:
                mend = "leave out the year"
                raise InputError("is rewired from the arm's year on", key=_shown(target), mend=mend)
            for layer in _layers(target):
                if layer in layers or layer in rewired:
                    mend = "name all layers alike, or one by one"
                    raise InputError(f"says twice what becomes of '{layer}'", key=_shown(target), mend=mend)
                if strength == REWIRED:
                    rewired.append(layer)
                else:
                    layers[layer] = float(strength)
        else:
            masks += _masks(target, given, from_year, start_year)
    villages: tuple[str, ...] = ()
    if steps is not None and reached:
        villages = steps.villages[:reached]
        named = [layer for target in steps.targets if target.is_layer for layer in _layers(target)]
        layers |= dict.fromkeys(named, steps.strength)
        masks += [
            Switch(kind=target.kind, village=village, strength=steps.strength, from_year=from_year)
            for target in steps.targets
            if target.kind is not None
            for village in villages
        ]
        villages = villages if named else ()
    return Arm(
        **layers,
        question=question,
        from_year=from_year,
        placebo=tuple(layer for layer in LAYERS if layer in rewired),
        villages=villages,
        masks=tuple(masks),
    )


def _layers(target: Target) -> tuple[str, ...]:
    return LAYERS if target.layer is None else (target.layer,)


def _shown(target: Target) -> str:
    return f"switches.{target.layer or 'all'}"


def _masks(
    target: Target, given: Mapping[str, Value], from_year: int | None, start_year: int
) -> list[Switch]:
    """The switches of one target: at a strength, from a year on, up to a year, or both."""
    strength = float(given.get("strength", 0.0))
    spans = _spans(given, from_year, start_year)
    layers = _layers(target) if target == Target() else (target.layer,)
    if strength >= 1.0:
        return []
    return [
        Switch(
            layer=layer,
            kind=target.kind,
            village=target.village,
            link=target.link,
            strength=strength,
            from_year=first,
            to_year=last,
        )
        for first, last in spans
        for layer in layers
    ]


def _spans(
    given: Mapping[str, Value], from_year: int | None, start_year: int
) -> list[tuple[int | None, int | None]]:
    """Years in which a switch masks: from ``off_from`` on, and until the year before ``on_from``."""
    off, on = given.get("off_from"), given.get("on_from")
    if off is None and on is None:
        return [(from_year, None)]
    if on is None:
        return [] if off == NEVER else [(_year(off), None)]
    before: tuple[int | None, int | None] = (None, None if on == NEVER else _year(on) - 1)
    masks_before = on == NEVER or _year(on) > start_year
    if off is None or off == NEVER:
        return [before] if masks_before else []
    if on == NEVER:
        return [(_year(off), None)]
    if _year(off) < _year(on):
        return [(_year(off), _year(on) - 1)]
    return [*([before] if masks_before else []), (_year(off), None)]


def _year(value: Value | None) -> int:
    assert isinstance(value, int)
    return value
