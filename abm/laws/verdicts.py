"""What becomes of a law: held, or broken by whom and when."""

from collections.abc import Callable
from dataclasses import dataclass
from traceback import walk_tb

from abm.laws.watching import Parting, RuleFailed, Step
from abm.mechanisms.base import Mechanism


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


@dataclass(frozen=True)
class Law:
    """A law, and how to find the first breach of it in a trial.

    Args:
        name: chapter and statement.
        compared: what is compared with what.
        find: makes the runs it needs; None where the law holds.
    """

    name: str
    compared: str
    find: Callable[[], Breach | None]

    def judge(self) -> Verdict:
        """The verdict; a rule that fails in a run made for a law has broken it, too."""
        try:
            return Verdict(self.name, self.compared, self.find())
        except RuleFailed as failed:
            return Verdict(self.name, self.compared, breach_by(failed))
        except Exception as error:
            rule = _rule_in(error)
            if rule is None:
                raise
            breach = Breach(f"fails: {type(error).__name__}: {error}", rule.name)
            return Verdict(self.name, self.compared, breach)


def _rule_in(error: Exception) -> Mechanism | None:
    """The mechanism that an error has come out of, in a run that nobody watches turn by turn."""
    own = (frame.f_locals.get("self") for frame, _ in walk_tb(error.__traceback__))
    return next((one for one in own if isinstance(one, Mechanism)), None)


def breach_by(failed: RuleFailed) -> Breach:
    """A run that a rule has ended by an error."""
    return breach_at(failed.step, f"fails: {type(failed.error).__name__}: {failed.error}")
