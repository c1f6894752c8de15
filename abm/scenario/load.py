"""Reading scenario files: TOML, ``extends``, settings, data files, content hash, and errors that help."""

import json
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from abm.core.errors import InputError, nearest
from abm.scenario.complaints import first_problem
from abm.scenario.numbers import numbers_of
from abm.scenario.overlay import BY_SETTING, merged, with_setting, written_out
from abm.scenario.parameters import Catalogue, Setting, Settings, check_value, find_parameter
from abm.scenario.references import check_references
from abm.scenario.schema import Scenario
from abm.scenario.sources import Sources, sources_of
from abm.scenario.tables import read_fifths, read_paths

_CHECKOUT = Path(__file__).resolve().parents[2] / "scenarios"
_WHEEL = Path(__file__).resolve().parent / "library"


@dataclass(frozen=True)
class _File:
    """A scenario file: its text, what it extends, and its content written out."""

    path: Path
    text: str
    base: str | None
    content: dict[str, Any]


_Files = list[_File]
"""Files of a scenario, the lowest (what the others extend) first."""


def library() -> Path:
    """The folder of ready scenarios: ``scenarios/`` in a checkout, a copy of it in an installed wheel."""
    return _WHEEL if _WHEEL.is_dir() else _CHECKOUT


def library_names() -> list[str]:
    """Names of the ready scenarios."""
    return sorted(path.stem for path in library().glob("*.toml"))


def find_file(name: str | Path) -> Path:
    """Path of a scenario given by path or by name."""
    path, names = Path(name), library_names()
    try:
        if path.is_file():
            return path
        if str(name) in names:
            return library() / f"{name}.toml"
        if path.is_dir():
            mend = f"give a .toml file or a name: {', '.join(names)}"
            raise InputError("is a folder, not a scenario file", file=path, mend=mend)
        if path.exists():
            raise InputError("is not an ordinary file", file=path, mend="give a .toml file")
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=path, mend="check the path") from None
    raise InputError("there is no such scenario", file=path, mend=nearest(path.stem, names))


def read_scenario(name: str | Path, overrides: Mapping[str, object] | None = None) -> Scenario:
    """Read a scenario by path or name and check its shape.

    Args:
        name: path of a TOML file, or the name of one in the library.
        overrides: dotted keys and values laid over the file, as by ``--set``: a parameter
            (``labour.quit_rate``) or a number of the file (``scenario.end_year``); an entry of a list goes by
            its name or its number from 1 (``programmes.grid_fund.per_head``, ``switches.1.strength``).

    Raises:
        InputError: names file, key, what was wrong and the mend.
    """
    path = find_file(name)
    files = _with_bases(path, ())
    scenario = _made(files, overrides or {}, str(path), lambda key, data: _read_data(files, key, data))
    said = [(file.path.name, file.text, file.base) for file in reversed(files)]
    scenario._sources = sources_of(said, {**scenario._data, **_of_calibration(scenario)}, overrides or {})
    return scenario


def scenario_from(sources: Sources) -> Scenario:
    """Read a scenario again from what it was read from before; no file is looked at.

    What code has laid over it since (``sources.laid``) is left out.

    Raises:
        InputError: as ``read_scenario``, or a text is missing.
    """

    def text(label: str) -> str:
        if label not in sources.texts:
            raise InputError(f"the text of '{label}' is missing", key="sources", mend="get the results anew")
        return sources.texts[label]

    if not sources.files:
        raise InputError("no scenario file is named", key="sources.files", mend="get the results anew")
    files = [_file(Path(label), text(label)) for label in reversed(sources.files)]
    scenario = _made(
        files, sources.settings, sources.files[0], lambda _, data: text(sources.data.get(data, data))
    )
    scenario._sources = sources.model_copy(update={"laid": ()})
    return scenario


def _made(
    files: _Files, overrides: Mapping[str, object], shown: str, read: Callable[[str, str], str]
) -> Scenario:
    """A scenario out of its files, the settings and its data files, which ``read`` gives by key and name."""
    content: dict[str, Any] = {}
    for file in files:
        content = merged(content, file.content)
    for key, value in overrides.items():
        content = with_setting(content, key, value, shown)
    try:
        scenario = Scenario.model_validate(content)
    except ValidationError as error:
        held = [(str(file.path), file.content) for file in files]
        raise first_problem(error, content, held, overrides) from None
    scenario._file = shown
    check_references(scenario)
    named = {"outside.paths": scenario.outside.paths, "population.fifths": scenario.population.fifths}
    for key, data in named.items():
        scenario._data[data] = read(key, data)
    read_paths(scenario)
    read_fifths(scenario)
    scenario._content_hash = hash_of_content(scenario)
    return scenario


def settings_of(scenario: Scenario, catalogue: Catalogue) -> Settings:
    """Value, source and status of every parameter of the catalogue in this scenario.

    Raises:
        InputError: a parameter that does not exist or is out of bounds.
    """
    settings = Settings(
        (f"{owner}.{name}", Setting(parameter, parameter.default, parameter.source, parameter.status, False))
        for owner, owned in catalogue.items()
        for name, parameter in owned.items()
    )
    for key, given in scenario.parameters.items():
        shown = f"setting {key}" if given.source == BY_SETTING else f"parameters.{key}"
        parameter = find_parameter(catalogue, key, file=scenario.file, shown=shown)
        value = check_value(parameter, given.value, file=scenario.file, key=shown)
        settings[key] = Setting(parameter, value, given.source, given.status, True)
    return settings


def parse_settings(pairs: list[str]) -> dict[str, object]:
    """``KEY=VALUE`` words of the command line; values are read as TOML (numbers, true, "text")."""
    settings: dict[str, object] = {}
    for pair in pairs:
        key, equals, text = (part.strip() for part in pair.partition("="))
        if not equals or not key or not text:
            what = "has no value" if key else "has no key"
            raise InputError(what, key=f"--set {pair}", mend="write --set KEY=VALUE")
        try:
            settings[key] = text if "\n" in text else tomllib.loads(f"value = {text}")["value"]
        except tomllib.TOMLDecodeError:
            settings[key] = text
    return settings


def hash_of_content(scenario: Scenario) -> str:
    """SHA-256 of what the scenario says: comments, order and defaults written out count for nothing.

    Neither does the table ``calibration``, which decides nothing in a run.
    """
    origins = [(number.key, number.source, number.status) for number in numbers_of(scenario)]
    said = scenario.model_dump(mode="json", exclude_defaults=True, exclude={"calibration"})
    everything = [said, origins, sorted(scenario._data.items())]
    canonical = json.dumps(everything, sort_keys=True, ensure_ascii=False)
    return sha256(canonical.encode()).hexdigest()


def beside(scenario: Scenario, name: str) -> Path:
    """Path of a file that a scenario names: beside it if it is there, else in the library."""
    here = Path(scenario.file).parent / name
    return here if here.is_file() or not (library() / name).is_file() else library() / name


def read_toml(path: Path) -> dict[str, Any]:
    """Content of a TOML file, or an ``InputError`` that says why it cannot be read."""
    return _toml(path, _read_text(path))


def _of_calibration(scenario: Scenario) -> dict[str, str]:
    """Texts of the files that calibrations and parameter draws read, as far as they are there."""
    texts = {}
    table = scenario.calibration
    for name in (table.targets, table.posterior) if table else ():
        try:
            texts[str(name)] = beside(scenario, str(name)).read_text(encoding="utf-8-sig") if name else ""
        except (OSError, ValueError):  # no run needs them: whoever reads them complains
            continue
    return {name: text for name, text in texts.items() if text}


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")  # Windows editors put a mark in front
    except UnicodeDecodeError:
        raise InputError("is not a text file", file=path, mend="give a TOML file in UTF-8") from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=path, mend="check its rights") from None


def _file(path: Path, text: str) -> _File:
    """A scenario file's text, read as TOML and written out."""
    content = _parsed(path, text)
    base = content.pop("extends", None)
    if base is not None and not isinstance(base, str):
        raise InputError("must be text", file=path, key="extends", mend="name a scenario")
    return _File(path, text, base, written_out(content, str(path), extends=base is not None))


def _toml(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"is not valid TOML: {error}", file=path, mend="mend that line") from None
    except RecursionError:
        raise InputError("is nested too deeply", file=path, mend="give a plainer file") from None


def _parsed(path: Path, text: str) -> dict[str, Any]:
    content = _toml(path, text)
    if "scenario" not in content and "extends" not in content:
        raise InputError(
            "has no [scenario] table" if content else "is empty",
            file=path,
            mend="add [scenario] with name, title, paper, years and mechanisms",
        )
    return content


def _with_bases(path: Path, seen: tuple[Path, ...]) -> _Files:
    """The file, and below it what it extends."""
    file = _file(path, _read_text(path))
    if file.base is None:
        return [file]
    here = (*seen, path.resolve())
    return [*_with_bases(_find_base(path, file.base, here), here), file]


def _find_base(path: Path, base: str, seen: tuple[Path, ...]) -> Path:
    beside = [path.parent / base, path.parent / f"{base}.toml"]
    try:
        found = next((file for file in beside if file.is_file()), None) or find_file(base)
    except InputError as error:
        raise InputError(f"'{base}' {error.problem}", file=path, key="extends", mend=error.mend) from None
    if found.resolve() in seen:
        raise InputError("extends itself", file=path, key="extends", mend="break the circle")
    return found


def _read_data(files: _Files, key: str, name: str) -> str:
    """Text of a data file: beside the scenario, else beside what it extends, else in the library."""
    folders = [*(file.path.parent for file in reversed(files)), library()]
    try:
        path = next((folder / name for folder in folders if (folder / name).is_file()), None)
        if path is not None:
            return path.read_text(encoding="utf-8-sig")
        problem = f"the data file '{name}' is missing"
    except UnicodeDecodeError:
        problem = f"the data file '{name}' is not text in UTF-8"
    except (OSError, ValueError):
        problem = f"the data file '{name}' cannot be read"
    raise InputError(
        problem, file=files[-1].path, key=key, mend="put it beside the scenario, under that name"
    )
