"""Printing: tables and lines on stdout, a sign of life on stderr."""

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Literal

WIDTH_WITHOUT_TERMINAL = 120


def console(*, errors: bool = False) -> Any:
    """A rich console; where there is no terminal that says how wide it is, wide enough for our tables."""
    from rich.console import Console

    stream = sys.stderr if errors else sys.stdout
    known = stream.isatty() or "COLUMNS" in os.environ
    return Console(
        file=stream, width=None if known else WIDTH_WITHOUT_TERMINAL, highlight=False, markup=False
    )


def show(content: object) -> None:
    """Print a rich table, or a line that may be longer than the terminal is wide."""
    console().print(content, soft_wrap=isinstance(content, str))


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[str] = ()) -> Any:
    """A rich table of text; the columns named in ``numbers`` are set to the right."""
    from rich.table import Table
    from rich.text import Text

    made = Table(title=title, title_justify="left")
    for i, name in enumerate(head):
        justify: Literal["left", "right"] = "right" if name in numbers else "left"
        made.add_column(name, justify=justify, overflow="fold", no_wrap=i == 0)
    for row in rows:
        made.add_row(*(Text(cell) for cell in row))
    return made


def track(what: Sequence[Any], name: str) -> Iterable[Any]:
    """The entries of a list one by one, with a bar on stderr that says how far along they are."""
    from rich.progress import track as bar

    return bar(what, description=name, console=console(errors=True), transient=True)


def working(message: str) -> AbstractContextManager[object]:
    """A moving sign on a terminal's stderr while something takes long."""
    status: AbstractContextManager[object] = console(errors=True).status(message)
    return status


def tell_gaps(manifest: Mapping[str, Any]) -> None:
    """Say on stderr that results are those of a batch that has not ended, or that some of its runs failed."""
    lacking = []
    if not manifest.get("complete", True):
        lacking.append(
            "the batch is not complete, and only finished runs are read; the same command goes on with it"
        )
    if failed := len(manifest.get("failures") or ()):
        lacking.append(
            f"{failed} run{'s' * (failed > 1)} failed and {'are' if failed > 1 else 'is'} left out"
        )
    for line in lacking:
        console(errors=True).print(f"abm: note: {line}", soft_wrap=True)


def one_line(message: str) -> str:
    """A message in one line, without signs that would steer the terminal: it may quote a file of somebody else's."""
    return "".join(sign if sign.isprintable() else "?" for sign in " ".join(message.split()))


def write_text(path: Path, text: str) -> None:
    """Written aside and renamed, so that what stood there before is never half lost.

    Raises:
        InputError, StoppedError: as ``aside_of``.
    """
    from abm.runs.aside import aside_of

    with aside_of(path) as draft:
        draft.write_text(text, encoding="utf-8", newline="\n")
        draft.replace(path)
