"""Writing beside and renaming, so that a file or folder is there whole or not at all."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from abm.core.errors import InputError, StoppedError

DISK_FULL = (errno.ENOSPC, errno.EDQUOT)


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
    """A name beside the target to write under; whatever is there at the end goes.

    Raises:
        InputError: the folder that the target is to lie in cannot be made.
        StoppedError: the disk is full, or may not be written.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        problem = f"cannot be made: {error.strerror}"
        raise InputError(problem, file=target.parent, key="--out", mend="name another place") from None
    aside = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        yield aside
    except OSError as error:
        if error.errno not in DISK_FULL and not str(error.filename).startswith(str(aside)):
            raise  # such as of a file that is read
        problem = (
            f"cannot be written: {error.strerror}; nothing is left of it, mend it and give the command again"
        )
        raise StoppedError(f"{target}: {problem}") from error
    finally:
        if aside.is_dir():
            shutil.rmtree(aside, ignore_errors=True)
        else:
            with suppress(OSError):
                aside.unlink(missing_ok=True)
