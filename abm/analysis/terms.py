"""The words in which a hypothesis writes its contrast, and the weights on arms that they stand for.

A contrast is a table of terms and weights, or one term alone (weight 1). A term is

- an arm: ``OIS`` … ``none``, or a level of the hypothesis's own design;
- ``effect(I)``: interest on minus off, averaged over the states of the other layers; ``effect(I | O=1)``: only
  where O is on; ``effect(all)``: all three on minus all off;
- ``interaction(O, I)``: what two layers do together beyond the sum of each alone, averaged over the third;
- ``superadditivity``: OIS − O − I − S + 2 none, what all three do beyond the sum of each alone;

each with a row of the table in front where the table has several in a year (``BQ: effect(I)`` in villages).
"""

import re
from collections.abc import Collection, Mapping
from itertools import product

from abm.analysis.arms import ARMS, LETTERS, arm_of
from abm.analysis.contrasts import EVERY_LAYER, difference_weights, interaction_weights, layer_weights
from abm.core.errors import nearest

LAYER_OF = {letter: layer for layer, letter in LETTERS.items()}
SUPERADDITIVITY = {"OIS": 1.0, "O": -1.0, "I": -1.0, "S": -1.0, "none": 2.0}
_FORM = "write effect(I), effect(I | O=1), interaction(O, I) or superadditivity"

Cell = tuple[str, str]
"""A row of the table (empty where it has one a year) and an arm."""


class TermError(ValueError):
    """A term that cannot be read; ``mend`` says what to write."""

    def __init__(self, problem: str, mend: str) -> None:
        super().__init__(problem)
        self.problem, self.mend = problem, mend


def weights_of(contrast: str | Mapping[str, float], levels: Collection[str] = ()) -> dict[Cell, float]:
    """Weight of each cell in a contrast; they add up to 0.

    Args:
        contrast: a term, or terms with weights.
        levels: names of the design's own arms; none: the eight arms of the factorial.

    Raises:
        TermError: a term that cannot be read, or weights that do not add up to 0.
    """
    total: dict[Cell, float] = {}
    for term, times in ({contrast: 1.0} if isinstance(contrast, str) else contrast).items():
        row, _, body = (part.strip() for part in term.rpartition(":"))
        for arm, weight in _arms(body, levels).items():
            total[row, arm] = total.get((row, arm), 0.0) + times * weight
    if abs(sum(total.values())) > 1e-9:
        problem = f"the weights add up to {sum(total.values()):g}, and a contrast has to add up to 0"
        raise TermError(problem, "take as much away as is added")
    kept = {cell: weight for cell, weight in total.items() if abs(weight) > 1e-12}
    if not kept:
        raise TermError("the weights cancel out", "compare two different things")
    return kept


def _arms(body: str, levels: Collection[str]) -> dict[str, float]:
    arms = tuple(levels) or ARMS
    if body in arms:
        return {body: 1.0}
    called = re.fullmatch(r"(\w+)(?:\s*\((.*)\))?", body)
    name, inside = called.groups() if called else (body, None)
    if levels or name not in ("effect", "interaction", "superadditivity"):
        named = (*arms, *(() if levels else ("effect(O)", "interaction(O, I)", "superadditivity")))
        raise TermError(f"there is no arm or term '{body}'", nearest(body, named))
    if name == "superadditivity" and inside is None:
        return dict(SUPERADDITIVITY)
    if name == "interaction" and inside is not None:
        first, second = [_layer(word, body) for word in _parts(inside, body, 2)]
        if first == second:
            raise TermError(f"'{body}' names one layer twice", _FORM)
        return interaction_weights(first, second)
    if name == "effect" and inside is not None:
        return _effect(inside, body)
    raise TermError(f"'{body}' cannot be read", _FORM)


def _effect(inside: str, body: str) -> dict[str, float]:
    letter, bar, given = (part.strip() for part in inside.partition("|"))
    if letter == EVERY_LAYER and not bar:
        return layer_weights(EVERY_LAYER)
    layer = _layer(letter, body)
    fixed: dict[str, bool] = {}
    for word in given.split(",") if bar else ():
        state = re.fullmatch(r"\s*([OIS])\s*=\s*([01])\s*", word)
        if not state or LAYER_OF[state[1]] == layer or LAYER_OF[state[1]] in fixed:
            raise TermError(f"'{word.strip()}' in '{body}' is no state of another layer", _FORM)
        fixed[LAYER_OF[state[1]]] = state[2] == "1"
    others = [other for other in LETTERS if other != layer]
    states = [
        {other for other, on in zip(others, state, strict=True) if on}
        for state in product((True, False), repeat=2)
        if all(fixed.get(other, on) == on for other, on in zip(others, state, strict=True))
    ]
    return difference_weights([arm_of(s | {layer}) for s in states], [arm_of(s) for s in states])


def _layer(letter: str, body: str) -> str:
    if letter.strip() not in LAYER_OF:
        raise TermError(f"there is no layer '{letter.strip()}' in '{body}'", nearest(letter, LAYER_OF))
    return LAYER_OF[letter.strip()]


def _parts(inside: str, body: str, count: int) -> list[str]:
    parts = inside.split(",")
    if len(parts) != count:
        raise TermError(f"'{body}' cannot be read", _FORM)
    return parts
