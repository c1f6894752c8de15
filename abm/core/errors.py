"""One clear error for bad input: which file, which key, what is wrong, how to mend it."""

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path


class InputError(ValueError):
    """Bad input by the user. The command line prints it as one line and ends with exit code 2.

    Args:
        problem: what is wrong, in a few words.
        file: the file it stands in.
        key: the key, option or argument that is wrong.
        mend: what to do about it.
    """

    def __init__(
        self,
        problem: str,
        *,
        file: str | Path | None = None,
        key: str | None = None,
        mend: str | None = None,
    ) -> None:
        self.problem, self.file, self.key, self.mend = problem, file, key, mend
        where = [str(part) for part in (file, key) if part]
        text = ": ".join([*where, problem])
        super().__init__(" ".join((f"{text}; {mend}" if mend else text).split()))

    def __reduce__(self) -> tuple[object, ...]:
        # Exceptions with keyword arguments do not pickle by themselves, and workers send theirs home.
        return (_rebuild, (self.problem, self.file, self.key, self.mend))


def _rebuild(problem: str, file: str | Path | None, key: str | None, mend: str | None) -> InputError:
    return InputError(problem, file=file, key=key, mend=mend)


class StoppedError(Exception):
    """Work that cannot go on for a reason outside of it: a disk that is full, a scheduler that has gone.

    The command line prints the message as it is, in one line, and ends with exit code 1.
    """


class DamageError(Exception):
    """Something was altered or lost after it had been written; the message says what and where. Exit code 1, too."""


def nearest(word: str, choices: Iterable[str]) -> str:
    """A mend that names the nearest right name, or all of them where none is near."""
    options = sorted(choices)
    near = get_close_matches(word, options, n=1, cutoff=0.5)
    if near:
        return f"did you mean '{near[0]}'?"
    return f"use one of: {', '.join(options)}" if options else "there is none to choose from"
