"""The book of laws: all of them, by chapter."""

from collections.abc import Callable, Iterable, Iterator

from abm.core.errors import InputError, nearest
from abm.laws import luck, money, scale, sources, switches, symmetry, time
from abm.laws.trial import Trial
from abm.laws.verdicts import Verdict

Laws = Callable[[Trial], Iterator[Verdict]]

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


def verdicts(trial: Trial, chapters: Iterable[str] = ()) -> Iterator[Verdict]:
    """Put a trial to the laws of some chapters, or to all, one by one.

    Raises:
        InputError: a chapter that there is not.
    """
    chosen = tuple(chapters) or tuple(CHAPTERS)
    for chapter in chosen:
        if chapter not in CHAPTERS:
            mend = nearest(chapter, CHAPTERS)
            raise InputError(f"there are no laws of '{chapter}'", key="--only", mend=mend)
    for chapter in CHAPTERS:
        if chapter in chosen:
            yield from CHAPTERS[chapter](trial)
