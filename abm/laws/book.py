"""The book of laws: all of them, by chapter."""

from collections.abc import Callable, Iterable, Iterator

from abm.core.errors import InputError, nearest
from abm.laws import luck, money, scale, sources, switches, symmetry, time
from abm.laws.trial import Trial
from abm.laws.verdicts import Law

Laws = Callable[[Trial], Iterator[Law]]

CHAPTERS: dict[str, Laws] = {
    "sources": sources.laws,
    "money": money.laws,
    "luck": luck.laws,
    "symmetry": symmetry.laws,
    "scale": scale.laws,
    "time": time.laws,
    "switches": switches.laws,
}
"""What can be read first; what takes long last."""


def laws(trial: Trial, chapters: Iterable[str] = ()) -> list[Law]:
    """The laws of some chapters for a trial, or all of them.

    Raises:
        InputError: a chapter that there is not.
    """
    chosen = tuple(chapters) or tuple(CHAPTERS)
    for chapter in chosen:
        if chapter not in CHAPTERS:
            mend = nearest(chapter, CHAPTERS)
            raise InputError(f"there are no laws of '{chapter}'", key="--only", mend=mend)
    return [law for chapter, made in CHAPTERS.items() if chapter in chosen for law in made(trial)]
