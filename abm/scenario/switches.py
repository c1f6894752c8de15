"""Switches: which joint-points are masked, from when to when, and how strongly.

A switch masks links that exist; it builds nothing. Strength *s* thins: a link is active iff its own fixed
draw lies below *s*, so that weaker masks nest in stronger ones, and 0 cuts all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from abm.core.errors import InputError, nearest
from abm.core.names import LAYERS, QUESTIONS


class Switch(BaseModel):
    """One switch of a scenario. What is not named is not narrowed: no village means all villages.

    ``added_since`` narrows it to links that formed in that year or later (the *programme* question).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    layer: str | None = None
    kind: str | None = None
    village: str | None = None
    link: str | None = None
    strength: float = Field(0.0, ge=0.0, le=1.0, allow_inf_nan=False)
    from_year: int | None = None
    to_year: int | None = None
    added_since: int | None = None

    @model_validator(mode="after")
    def _years(self) -> Self:
        if self.from_year is not None and self.to_year is not None and self.to_year < self.from_year:
            raise ValueError("to_year lies before from_year")
        return self

    def in_force(self, year: int) -> bool:
        """Whether it acts in this calendar year; ``to_year`` is the last year that it acts in."""
        after = self.from_year is None or year >= self.from_year
        return after and (self.to_year is None or year <= self.to_year)


@dataclass(frozen=True)
class Arm:
    """One arm of an experiment: the strength of each layer, and the question that its switches ask.

    Args:
        organizational, interest, social: True (1), False (0) or a strength between.
        question: ``cut`` masks all links of a layer; ``programme`` only those added since ``from_year``.
        from_year: year from which the arm acts; None: from the first tick.
        years: layers that are switched in another year than ``from_year``, as pairs of layer and year.
        placebo: layers whose links that are planned for their year or later are rewired at random.
        villages: places that the strengths act on; none: all.
        masks: further switches, such as those of a kind of link, a place or a single link; where the question is
            ``programme``, they too mask only what was added since ``from_year``.

    Raises:
        InputError: a strength outside 0 to 1, an unknown question or layer, or a placebo without a year.
    """

    organizational: bool | float = True
    interest: bool | float = True
    social: bool | float = True
    question: str = "cut"
    from_year: int | None = None
    years: tuple[tuple[str, int | None], ...] = ()
    placebo: tuple[str, ...] = ()
    villages: tuple[str, ...] = ()
    masks: tuple[Switch, ...] = ()

    def __post_init__(self) -> None:
        for layer in LAYERS:
            strength = getattr(self, layer)
            if not isinstance(strength, int | float) or not 0.0 <= strength <= 1.0:  # nan is in no bounds
                mend = "give True, False or a strength from 0 to 1"
                raise InputError(f"cannot be {strength!r}", key=layer, mend=mend)
        for key, given, choices in [
            ("question", self.question, QUESTIONS),
            *(("years", layer, LAYERS) for layer, _ in self.years),
            *(("placebo", layer, LAYERS) for layer in self.placebo),
        ]:
            if given not in choices:
                raise InputError(f"unknown {key} '{given}'", key=key, mend=nearest(given, choices))
        for layer in self.placebo:
            if self._year_of(layer) is None:
                mend = "give the arm a year, such as the scenario's switch year"
                raise InputError("rewires links without saying since when", key="from_year", mend=mend)

    def _year_of(self, layer: str) -> int | None:
        return dict(self.years).get(layer, self.from_year)

    @property
    def strengths(self) -> dict[str, float]:
        return {layer: float(getattr(self, layer)) for layer in LAYERS}

    @property
    def rewired_since(self) -> dict[str, int]:
        """Layers that are rewired, and the year of plan from which on."""
        years = {layer: self._year_of(layer) for layer in self.placebo}
        return {layer: year for layer, year in years.items() if year is not None}

    @property
    def name(self) -> str:
        """Letters of the layers that are on: ``OIS`` … ``O``, ``none``; a weaker layer shows its strength, a rewired
        one a star (``OI*S``), an arm that acts on some places names them (``OS@BQ``), and what is masked besides stands
        behind a dash (``OIS-grid``, ``OIS-grid0.5@BQ``, ``OIS-social[2022-2024]``)."""
        parts = [
            letter + ("" if s >= 1.0 else f"{s:g}") + ("*" if layer in self.placebo else "")
            for letter, (layer, s) in zip("OIS", self.strengths.items(), strict=True)
            if s > 0.0
        ]
        return ("".join(parts) or "none") + _at(self.villages) + _masks_name(self.masks, self.from_year)

    def switches(self) -> tuple[Switch, ...]:
        """The switches that make this arm out of the scenario."""
        added: dict[str, Any] = {"added_since": self.from_year} if self.question == "programme" else {}
        own = tuple(
            Switch(layer=layer, village=village, strength=strength, from_year=self._year_of(layer), **added)
            for layer, strength in self.strengths.items()
            if strength < 1.0
            for village in self.villages or (None,)
        )
        return own + tuple(
            mask.model_copy(update=added) if mask.added_since is None else mask for mask in self.masks
        )


NAMED_VILLAGES = 6
"""As many places stand in an arm's name; of more, the first three and how many others."""


def _at(villages: Sequence[str]) -> str:
    if len(villages) > NAMED_VILLAGES:
        villages = [*villages[:3], f"{len(villages) - 3} more"]
    return "@" + "+".join(villages) if villages else ""


def _masks_name(masks: Sequence[Switch], from_year: int | None) -> str:
    """Masks that differ in their place alone make one word."""
    places: dict[str, list[str]] = {}
    for mask in masks:
        years = [mask.from_year, mask.to_year]
        span = (
            "" if years == [from_year, None] else "[{}-{}]".format(*("" if y is None else y for y in years))
        )
        what = mask.link or ".".join(part for part in (mask.layer, mask.kind) if part) or "all"
        word = f"-{what}{f'{mask.strength:g}' if mask.strength else ''}{span}"
        places.setdefault(word, []).extend([mask.village] if mask.village else [])
    return "".join(word + _at(named) for word, named in places.items())


ALL_ON = Arm()


def eight_arms(question: str, switch_year: int) -> tuple[Arm, ...]:
    """All eight on/off arms of the three layers, from everything on to everything off."""
    return tuple(
        Arm(organizational=o, interest=i, social=s, question=question, from_year=switch_year)
        for o in (True, False)
        for i in (True, False)
        for s in (True, False)
    )


def placebo_arms(switch_year: int) -> tuple[Arm, ...]:
    """Everything on, and each layer rewired or without its added links, the other two on.

    Only links added since the switch year are rewired, so only those are cut: the *programme* question. Under *cut*
    the arm without a layer would lack older links, too, which no placebo has touched.
    """
    programme: dict[str, Any] = {"question": "programme", "from_year": switch_year}
    rewired = [Arm(placebo=(layer,), **programme) for layer in LAYERS]
    cut = [Arm(**{layer: False, **programme}) for layer in LAYERS]
    return Arm(**programme), *rewired, *cut


def pilot_arms(switch_year: int, villages: tuple[str, ...]) -> tuple[Arm, ...]:
    """Everything on, and each layer and all three without the links added in some villages, all other places as ever.

    What differs elsewhere has spilled over from these villages.
    """
    programme: dict[str, Any] = {"question": "programme", "from_year": switch_year, "villages": villages}
    cuts = [(layer,) for layer in LAYERS] + [LAYERS]
    on = Arm(question="programme", from_year=switch_year)
    return on, *(Arm(**{**programme, **dict.fromkeys(layers, False)}) for layers in cuts)
