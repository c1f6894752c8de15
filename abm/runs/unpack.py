"""Opening a pack or a results folder that somebody else made: as data, and nowhere but in a folder of our own.

A name that climbs out, an absolute path, a link, an encrypted entry, a name that comes twice and a file that unpacks to
far more than it may are refused before anything is written.
"""

import errno
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from lzma import LZMAError
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from abm.core.errors import DamageError, InputError, StoppedError
from abm.records.store import MANIFEST
from abm.runs.aside import DISK_FULL

CHECKSUMS = "checksums.sha256"
RESULTS = "results"
LARGEST_RATIO = 200
"""Times that a zip may grow when it is unpacked; Parquet hardly grows, text about twentyfold."""
ALWAYS_FINE = 2**26
"""Bytes up to which nobody asks how a zip has been compressed."""
MOST_ENTRIES = 2_000_000

_UNSAFE = frozenset('\\:*?"<>|')
_DO_NOT_USE = "do not use this pack"


@dataclass(frozen=True)
class Opened:
    """A pack or a results folder that has been opened.

    Args:
        results: folder of the results; a temporary one if it came as a zip.
        is_pack: whether it has checksums of its own.
        name: what the user called it.
    """

    results: Path
    is_pack: bool
    name: str


@contextmanager
def opened_pack(path: Path) -> Iterator[Opened]:
    """Open a pack (zip or folder) or a plain results folder, and check the pack's files against its checksums.

    Raises:
        InputError: there is no such thing, it is neither, or it is not safe to unpack.
        DamageError: a file of a pack is missing or altered.
    """
    if path.is_dir():
        refuse_links(path)
        yield _found(path, path)
    elif path.is_file():
        with TemporaryDirectory(prefix="abm-pack-") as folder:
            unzip(path, Path(folder))
            yield _found(Path(folder), path)
    else:
        raise InputError("there is no such file or folder", file=path, mend="name a pack or a results folder")


def unzip(path: Path, folder: Path) -> None:
    """Unpack a zip into an empty folder, once all of it has been found safe.

    Raises:
        InputError: it is no zip, cannot be read or is not safe.
        DamageError: an entry is damaged.
        StoppedError: the disk is full.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            _check_entries(entries, path, folder)
            for entry in entries:
                target = folder.joinpath(*PurePosixPath(entry.filename).parts)
                if entry.is_dir():
                    target.mkdir(parents=True, exist_ok=True)
                    continue
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(entry) as source, target.open("xb") as file:
                    shutil.copyfileobj(source, file)
    except InputError:
        raise
    except (FileExistsError, NotADirectoryError) as error:
        raise _unsafe(path, Path(error.filename).name, "is a file and a folder, or is there twice") from None
    except OSError as error:
        if error.errno in DISK_FULL:
            mend = "set TMPDIR to a folder on a larger disk"
            raise StoppedError(
                f"{path}: cannot be unpacked in {folder.parent}: {error.strerror}; {mend}"
            ) from None
        if error.errno not in (None, errno.EINVAL):  # those come of damage
            raise InputError(
                f"cannot be read: {error.strerror}", file=path, mend="check its rights"
            ) from None
        raise _damaged(path, error) from None
    except (
        zipfile.BadZipFile,
        zlib.error,
        LZMAError,
        struct.error,
        NotImplementedError,
        EOFError,
        ValueError,
    ) as error:
        raise _damaged(path, error) from None


def refuse_links(folder: Path) -> None:
    """Refuse a folder that holds anything but ordinary files and folders.

    Raises:
        InputError: names the first link or special file.
    """
    for path in sorted(folder.rglob("*")):
        mode = path.lstat().st_mode
        if not (stat.S_ISDIR(mode) or stat.S_ISREG(mode)):
            what = "is a link" if stat.S_ISLNK(mode) else "is no ordinary file"
            raise _unsafe(folder, path.relative_to(folder).as_posix(), what)


def check_name(name: str) -> str | None:
    """What is wrong with the name of an entry; None for one that stays below the folder on every system."""
    parts = name.removesuffix("/").split("/")
    if name.startswith("/"):
        return "is an absolute path"
    if ".." in parts:
        return "climbs out of the pack"
    if not name.isprintable() or _UNSAFE & set(name):
        return "holds a sign that no path of a pack has"
    if "" in parts or "." in parts or any(len(part.encode()) > 200 for part in parts) or len(name) > 1000:
        return "is no path that a pack has"
    return None


def read_checksums(home: Path) -> dict[str, str]:
    """SHA-256 of each file of a pack, by its path.

    Raises:
        InputError: a path that climbs out.
        DamageError: a line that cannot be read.
    """
    sums: dict[str, str] = {}
    try:
        lines = (home / CHECKSUMS).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise DamageError(f"{home / CHECKSUMS}: cannot be read") from None
    for line in lines:
        digest, gap, name = line[:64], line[64:66], line[66:]
        if gap != "  " or not name:
            raise DamageError(f"{CHECKSUMS}: the line '{line[:80]}' cannot be read")
        wrong = check_name(name)
        if wrong:
            raise _unsafe(home / CHECKSUMS, name, wrong)
        sums[name] = digest
    return sums


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    digest = sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _found(folder: Path, path: Path) -> Opened:
    """The pack in a folder, or in the one folder that it holds, as where a zip was unpacked and zipped again."""
    inside = [entry for entry in folder.iterdir() if not entry.name.startswith((".", "__MACOSX"))]
    for home in (folder, *(inside if len(inside) == 1 and inside[0].is_dir() else ())):
        if (home / CHECKSUMS).is_file():
            _check_files(home, path)
            return Opened(home / RESULTS, True, str(path))
        if (home / MANIFEST).is_file():
            return Opened(home, False, str(path))
    problem = f"is neither a pack (no {CHECKSUMS}) nor a results folder (no {MANIFEST})"
    raise InputError(
        problem, file=path, mend="name what 'abm pack' made, or what 'abm run' or 'abm factorial' did"
    )


def _check_files(home: Path, path: Path) -> None:
    """Check a pack's files against its checksums; files that it does not list are never read."""
    sums = read_checksums(home)
    for name, digest in sums.items():
        file = home.joinpath(*PurePosixPath(name).parts)
        if not file.is_file():
            raise DamageError(f"{path}: {name}: the file is missing")
        if file_digest(file) != digest:
            raise DamageError(f"{path}: {name}: the file was altered or damaged after it was packed")
    results = home / RESULTS
    for file in sorted(results.rglob("*")) if results.is_dir() else ():
        name = file.relative_to(home).as_posix()
        if file.is_file() and name not in sums:
            raise DamageError(f"{path}: {name}: the file is not one of the pack's")
    if f"{RESULTS}/{MANIFEST}" not in sums:
        raise DamageError(f"{path}: {CHECKSUMS}: does not list {RESULTS}/{MANIFEST}")


def _check_entries(entries: list[zipfile.ZipInfo], path: Path, folder: Path) -> None:
    seen: set[str] = set()
    if len(entries) > MOST_ENTRIES:
        raise InputError(f"holds {len(entries)} files", file=path, mend=_DO_NOT_USE)
    for entry in entries:
        name = entry.orig_filename  # the other one has lost what follows a zero byte
        wrong = check_name(name)
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if wrong is None and kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            wrong = "is a link" if kind == stat.S_IFLNK else "is no ordinary file"
        if wrong is None and entry.flag_bits & 0x1:
            wrong = "is encrypted"
        if wrong is None and name.removesuffix("/").casefold() in seen:
            wrong = "is there twice"
        if wrong is not None:
            raise _unsafe(path, name, wrong)
        seen.add(name.removesuffix("/").casefold())
    size, packed = sum(entry.file_size for entry in entries), path.stat().st_size
    if size > ALWAYS_FINE and size > LARGEST_RATIO * packed:
        problem = f"would unpack from {packed} bytes to {size}, more than {LARGEST_RATIO} times as much"
        raise InputError(problem, file=path, mend=_DO_NOT_USE)
    free = shutil.disk_usage(folder).free
    if size > free:
        problem = f"would unpack to {size / 1e9:.1f} GB, and {folder.parent} has {free / 1e9:.1f} GB left"
        raise InputError(problem, file=path, mend="set TMPDIR to a folder on a larger disk")


def _damaged(path: Path, error: Exception) -> Exception:
    """What is wrong with a file that could not be unpacked: damage, or that it never was a zip."""
    with path.open("rb") as file:
        begins_like_a_zip = file.read(2) == b"PK"
    if begins_like_a_zip:
        return DamageError(f"{path}: is damaged ({error})")
    return InputError(
        "is no zip file", file=path, mend="name a pack that 'abm pack' made, or a results folder"
    )


def _unsafe(path: Path, name: str, wrong: str) -> InputError:
    return InputError(f"'{name}' {wrong}", file=path, mend=_DO_NOT_USE)
