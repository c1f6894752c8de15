"""What becomes of a law: held, or broken by whom and when."""

from collections.abc import Callable
from dataclasses import dataclass

from abm.laws.watching import Parting, RuleFailed, Step


@dataclass(frozen=True)
class Breach:
    """A law that is broken.

    Args:
        what: the account, column or link, and how it differs.
        mechanism: whose turn it was; where no turn is to blame, what else acts.
        tick: the first tick that shows it; None where it shows in a whole run or in the source.
    """

    what: str
    mechanism: str
    tick: int | None = None
    year: int | None = None

    def __str__(self) -> str:
        when = "" if self.tick is None else f", tick {self.tick} ({self.year})"
        return f"{self.mechanism}{when}: {self.what}"


@dataclass(frozen=True)
class Verdict:
    """What was compared for one law, and the first breach of it, if any."""

    law: str
    compared: str
    breach: Breach | None = None

    @property
    def held(self) -> bool:
        return self.breach is None


def breach_at(step: Step, what: str) -> Breach:
    return Breach(what, step.mechanism, step.tick, step.year)


def breach_of(parting: Parting | None) -> Breach | None:
    """Two runs that should be one and the same, and part."""
    return None if parting is None else breach_at(parting.step, f"{parting} differ")


def judged(law: str, compared: str, find: Callable[[], Breach | None]) -> Verdict:
    """The verdict on a law; a rule that fails in a run made for it has broken it, too."""
    try:
        return Verdict(law, compared, find())
    except RuleFailed as failed:
        what = f"fails: {type(failed.error).__name__}: {failed.error}"
        return Verdict(law, compared, breach_at(failed.step, what))
