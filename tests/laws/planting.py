"""Planting a fault: a few lines laid over a rule or a function of the world, for as long as a test lasts."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any
from unittest.mock import patch

from abm.laws import book
from abm.laws.trial import Trial, trial_of
from abm.laws.verdicts import Verdict

Plant = Callable[[], Any]
"""Gives one patch, or several."""


@dataclass(frozen=True)
class Fault:
    """A planted fault.

    Args:
        name: what is wrong, in a few words.
        chapter: the laws that ought to see it; all others are asked if they do not.
        plant: makes the patches.
    """

    name: str
    chapter: str
    plant: Plant

    @contextmanager
    def planted(self) -> Iterator[None]:
        """While the fault is there."""
        patches = self.plant()
        with ExitStack() as stack:
            for one in patches if isinstance(patches, list) else [patches]:
                stack.enter_context(one)
            yield


FAULTS: dict[str, Fault] = {}


def fault(name: str, chapter: str) -> Callable[[Plant], Plant]:
    """Enter a planted fault into ``FAULTS``."""

    def enter(plant: Plant) -> Plant:
        assert name not in FAULTS
        FAULTS[name] = Fault(name, chapter, plant)
        return plant

    return enter


def after(owner: Any, method: str, extra: Callable[..., None]) -> Any:
    """``extra`` happens after a method or function, with the same arguments."""
    own = getattr(owner, method)

    @wraps(own)
    def both(*arguments: Any, **named: Any) -> Any:
        result = own(*arguments, **named)
        extra(*arguments)
        return result

    return patch.object(owner, method, both)


def instead(owner: Any, name: str, make: Callable[[Any], Any]) -> Any:
    """What ``make`` makes of something stands in for it."""
    return patch.object(owner, name, make(getattr(owner, name)))


def caught(one: Fault, *, elsewhere: bool = True) -> Verdict | None:
    """The first law that a fault breaks, of its own chapter or else of any; None: it goes unseen."""
    chapters = [one.chapter, *(chapter for chapter in book.CHAPTERS if elsewhere and chapter != one.chapter)]
    with one.planted():
        for chapter in chapters:
            for law in book.laws(_trial(), [chapter]):
                verdict = law.judge()
                if not verdict.held:
                    return verdict
    return None


def _trial() -> Trial:
    read = _read.setdefault("t_district", trial_of("t_district"))
    return Trial(
        read.scenario, read.households, read.years, read.seed
    )  # nothing of what it saw without the fault


_read: dict[str, Trial] = {}


def table(found: Mapping[str, Verdict | None]) -> str:
    """Faults by name: caught or not, by which law, and who is named."""
    lines = [
        f"{'caught' if verdict else 'UNSEEN':7} {name:58} {f'{verdict.law} | {verdict.breach}' if verdict else ''}"
        for name, verdict in found.items()
    ]
    seen = sum(verdict is not None for verdict in found.values())
    return "\n".join([*lines, f"{seen} of {len(found)} planted faults are caught"])
