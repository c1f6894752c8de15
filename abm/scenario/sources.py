"""What a scenario was read from, word for word: enough to read it again where its files are not.

A results folder keeps this in its manifest, so that runs can be repeated after the files have changed or gone, and on
another machine.
"""

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath, PureWindowsPath
from posixpath import normpath
from typing import Any

from pydantic import BaseModel, ConfigDict


class Laid(BaseModel):
    """Values of parameters that code has laid over a scenario that was read already."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    values: dict[str, float]


class Sources(BaseModel):
    """The files of a scenario, and what was set on top of them.

    ``texts`` holds each file's text under a short name of its own; ``files`` names the scenario file and then what
    it extends, one after another; ``data`` gives the short name of each data file by the name that the scenario uses,
    targets and posterior of a calibration included where they were there; ``settings`` came with the reading
    (``--set``), ``laid`` after it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    texts: dict[str, str]
    files: tuple[str, ...]
    data: dict[str, str] = {}
    settings: dict[str, Any] = {}
    laid: tuple[Laid, ...] = ()

    def with_laid(self, source: str, values: Mapping[str, float]) -> "Sources":
        """The same, with parameters set on top."""
        return self.model_copy(update={"laid": (*self.laid, Laid(source=source, values=dict(values)))})


def sources_of(
    files: Sequence[tuple[str, str, str | None]], data: Mapping[str, str], settings: Mapping[str, object]
) -> Sources:
    """Short names for the files of a scenario.

    A short name is a path below the scenario's own folder, and where it can be the one by which the scenario names
    the file, so that files laid out by their short names read as before.

    Args:
        files: name, text and ``extends`` of the scenario file and of what it extends, one after another.
        data: text of each data file, by the name that the scenario uses.
        settings: by dotted key.
    """
    texts: dict[str, str] = {}
    labels, named = [], PurePosixPath(files[0][0]).name
    for name, text, base in files:
        label = _free(_below(named) or PurePosixPath(name).name, text, texts)
        texts[label] = text
        labels.append(label)
        if base is not None:
            beside = base if base.endswith(".toml") else f"{base}.toml"
            named = str(PurePosixPath(label).parent / PurePosixPath(beside.replace("\\", "/")))
    chosen = {}
    for name, text in data.items():
        chosen[name] = _free(_below(name) or f"data/{PureWindowsPath(name).name}", text, texts)
        texts[chosen[name]] = text
    plain = {key: _plain(value) for key, value in settings.items()}
    return Sources(texts=texts, files=tuple(labels), data=chosen, settings=plain)


def _below(name: str) -> str | None:
    """A relative path in its plainest form; None where it climbs out, is absolute or is of one system alone."""
    path = normpath(name)
    climbs = path.startswith(("/", "..")) or path == "." or any(sign in path for sign in '\\:*?"<>|')
    return None if climbs else path


def _free(label: str, text: str, texts: Mapping[str, str]) -> str:
    """The label, or one with a number where another file has it."""
    path, number = PurePosixPath(label), 1
    while texts.get(label, text) != text:
        number += 1
        label = str(path.with_name(f"{path.stem}-{number}{path.suffix}"))
    return label


def _plain(value: Any) -> Any:
    """A setting as JSON has it."""
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value.item() if hasattr(value, "item") else value
