"""Files of burn-ins that are done, kept from run to run in a folder of the user's own.

The folder is ``$JIEDIAN_CACHE/burn_in``, or ``jiedian/burn_in`` below the user's cache folder (``$XDG_CACHE_HOME``,
``~/.cache``). A file is a pickle with its SHA-256 behind it. Unpickling trusts a file, so the folder is made for
its user alone (mode 0700), and a file that is another user's or that others may write is not read. A cache may
fail in any way without a run being the worse for it: what cannot be read is computed again and replaced.
"""

import os
import pickle
import stat
import sys
import time
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, BinaryIO

import numpy as np

FOLDER = "JIEDIAN_CACHE"
LIMIT = "JIEDIAN_CACHE_GB"
"""Environment variables: where the cache lies, and how many gigabytes it may fill (2)."""

_MAGIC = b"jiedian burn-in 1\n"
_DIGEST = 32
_A_DAY = 86_400.0
_said: set[str] = set()


def folder() -> Path:
    """Where the files lie; it may not be there yet."""
    root = os.environ.get(FOLDER)
    if root:
        return Path(root) / "burn_in"
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "jiedian" / "burn_in"


def read(key: str) -> Any:
    """What was kept under a key; None if nothing was, or nothing that can be used."""
    path = folder() / f"{key}.pickle"
    try:
        with path.open("rb") as file:
            if not _ours(file):
                _say(f"{path} is not yours alone, so it is not read; the burn-in is computed")
                return None
            content = memoryview(file.read())
    except FileNotFoundError:
        return None
    except OSError as error:
        _say(f"{path} cannot be read ({error.strerror}); the burn-in is computed")
        return None
    body, digest = content[len(_MAGIC) : -_DIGEST], content[-_DIGEST:]
    if content[: len(_MAGIC)] == _MAGIC and sha256(body).digest() == digest:
        try:
            kept = pickle.loads(body)
        except Exception:  # written by this code on these libraries; but whatever it is, computing helps
            kept = None
        if kept is not None:
            with suppress(OSError):
                os.utime(path)  # so that the files used longest ago are known
            return kept
    _say(f"{path} is damaged; the burn-in is computed and the file replaced")
    return None


def write(key: str, content: Any) -> None:
    """Keep something under a key, and drop what has been used longest ago beyond the limit."""
    limit = _limit()
    if limit <= 0:
        return
    place = folder()
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        # made for this user alone, under a name of its own: others who write the same do not meet it
        with NamedTemporaryFile(dir=place, prefix="writing-", delete=False) as file:
            beside = Path(file.name)
            try:
                _dump(content, file)
                size = file.tell()
            except BaseException:
                file.close()
                beside.unlink(missing_ok=True)
                raise
        if size > limit or not _make_room(place, limit - size, key):
            beside.unlink(missing_ok=True)
            _say(f"a burn-in of {size / 1e6:.0f} MB is beyond the limit of the cache ({LIMIT})")
            return
        try:
            beside.replace(place / f"{key}.pickle")
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
    except OSError as error:
        _say(
            f"{place} cannot be written ({error.strerror}), so no burn-in is kept; {FOLDER} names another folder"
        )
    except Exception as error:  # a user's own mechanism may hold what does not pickle
        _say(f"this burn-in cannot be kept: {type(error).__name__}: {error}")


class _Summing:
    """A file that reckons the SHA-256 of what is written to it."""

    def __init__(self, file: Any) -> None:
        self.file, self.sum = file, sha256()

    def write(self, part: Any) -> int:
        self.sum.update(part)
        return int(self.file.write(part))


class _Pickler(pickle.Pickler):
    """Writes types of numbers by name, so that arrays read back have NumPy's own and no copy of it: with a copy
    ``np.add.at`` takes 30 times as long."""

    def reducer_override(self, what: Any) -> Any:
        return (np.dtype, (what.str,)) if isinstance(what, np.dtype) and what.isbuiltin else NotImplemented


def _dump(content: Any, file: Any) -> None:
    file.write(_MAGIC)
    summing = _Summing(file)
    _Pickler(summing, protocol=5).dump(content)
    file.write(summing.sum.digest())
    file.flush()


def _ours(file: BinaryIO) -> bool:
    """Whether nobody but this user can have written the file."""
    about = os.fstat(file.fileno())
    if not hasattr(os, "getuid"):
        return True
    return about.st_uid == os.getuid() and not about.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _make_room(place: Path, room: float, key: str) -> bool:
    """Remove files, those used longest ago first, until all the others fit; what a crash left goes too."""
    kept = []
    for path in place.iterdir():
        with suppress(FileNotFoundError):  # another worker was quicker
            about = path.stat()
            if path.name.startswith("writing-"):
                if about.st_mtime < time.time() - _A_DAY:
                    path.unlink()
            elif path.suffix == ".pickle" and path.stem != key:
                kept.append((about.st_mtime, about.st_size, path))
    total = sum(size for _, size, _ in kept)
    for _, size, path in sorted(kept):
        if total <= room:
            break
        path.unlink(missing_ok=True)
        total -= size
    return total <= room


def _limit() -> float:
    """Bytes that the cache may fill."""
    text = os.environ.get(LIMIT) or "2"
    try:
        return float(text) * 1e9
    except ValueError:
        _say(f"{LIMIT}={text} is no number; the cache may fill 2 GB")
        return 2e9


def _say(text: str) -> None:
    """One line on stderr, once in a process."""
    if text not in _said:
        _said.add(text)
        print(f"abm: {text}", file=sys.stderr)
