"""Writing beside and renaming, so that a file or folder is there whole or not at all."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from abm.core.errors import InputError


def new_folder(target: Path) -> None:
    """Check that a folder is not there yet, or empty.

    Raises:
        InputError: it is a file, or holds something.
    """
    if target.exists() and not target.is_dir():
        raise InputError("is a file", file=target, key="--out", mend="name a folder")
    if target.is_dir() and any(target.iterdir()):
        raise InputError("is there already", file=target, key="--out", mend="name a new folder")


@contextmanager
def aside_of(target: Path) -> Iterator[Path]:
    """A name beside the target to write under; whatever is there at the end goes."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        problem = f"cannot be made: {error.strerror}"
        raise InputError(problem, file=target.parent, key="--out", mend="name another place") from None
    aside = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        yield aside
    finally:
        if aside.is_dir():
            shutil.rmtree(aside)
        else:
            aside.unlink(missing_ok=True)
