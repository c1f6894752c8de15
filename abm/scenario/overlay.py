"""Laying content over content: a scenario over the one it extends, and settings (``--set``) over both.

Tables merge key by key, anything else is replaced. A number keeps the source of the file that gave it: before
two files are merged, each number is written out as ``{ value, source, status }``, so that a new number never
stands under the old one's source.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from types import UnionType
from typing import Any, get_args, get_origin

from abm.core.errors import InputError, nearest
from abm.scenario.schema import Provenance, Scenario, Sourced, is_file_key

BY_SETTING = "set on the command line or in code"
"""Source of a number that a setting changed."""

REST = "..."
"""In a list: what the list below holds."""

_ORIGIN = frozenset(Provenance.model_fields)


def written_out(content: Mapping[str, Any], file: str, extends: bool) -> dict[str, Any]:
    """A file's content in its plainest form: lists as tuples, flat parameters, each number with its source.

    Args:
        content: as read from TOML.
        file: its name, for errors.
        extends: whether it lies over another scenario; then a number without a source is an error here, since
            it would inherit that of the number it replaces.
    """
    plain: dict[str, Any] = as_tuples(content)
    if "parameters" in plain:
        plain["parameters"] = _flat_parameters(plain["parameters"], file)
    for name, field in Scenario.model_fields.items():
        table = plain.get(name)
        if not isinstance(table, dict):
            continue
        if _is_sourced(field.annotation):
            plain[name] = _numbers_with_source(table, file, name, extends)
        elif get_origin(field.annotation) is dict and _is_sourced(get_args(field.annotation)[1]):
            plain[name] = {
                key: _numbers_with_source(inner, file, f"{name}.{key}", extends)
                if isinstance(inner, dict)
                else inner
                for key, inner in table.items()
            }
    return plain


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Content laid over content; a number with its source is replaced as a whole.

    A list replaces the one below; ``"..."`` in it stands for all that the one below holds.
    """
    result = dict(below)
    for key, value in above.items():
        old = result.get(key)
        if (
            isinstance(old, Mapping)
            and isinstance(value, Mapping)
            and not (_has_value(old) or _has_value(value))
        ):
            result[key] = merged(old, value)
        elif isinstance(old, tuple) and isinstance(value, tuple) and REST in value:
            spot = value.index(REST)
            result[key] = (*value[:spot], *old, *value[spot + 1 :])
        else:
            result[key] = value
    return result


def with_setting(content: dict[str, Any], key: str, value: object, file: str) -> dict[str, Any]:
    """Content with one dotted key set: a number of the file, or else a parameter ``owner.name``."""
    parts, tables = key.split("."), Scenario.model_fields
    first, rest = parts[0], ".".join(parts[1:])
    if not all(parts):
        raise InputError("is no setting", file=file, key=key, mend="write OWNER.NAME as in 'abm describe'")
    if is_file_key(key):
        whole: dict[str, Any] = _set_inside(content, parts, as_tuples(value), key, file)
        return whole
    name = rest if first == "parameters" else key
    if "." not in name:
        inside = [t for t, inner in content.items() if isinstance(inner, Mapping) and name in inner]
        mend = f"did you mean '{inside[0]}.{name}'?" if inside else "write OWNER.NAME as in 'abm describe'"
        raise InputError("is no setting", file=file, key=key, mend=mend)
    listed = content.get("scenario", {})
    mechanisms = listed.get("mechanisms", ()) if isinstance(listed, Mapping) else ()
    near = get_close_matches(first, tables, n=1, cutoff=0.8)
    if near and first not in (*mechanisms, *tables):
        raise InputError("unknown key", file=file, key=key, mend=f"did you mean '{near[0]}.{rest}'?")
    given = {"value": as_tuples(value), "source": BY_SETTING, "status": "assumed"}
    return merged(content, {"parameters": {name: given}})


def _set_inside(content: Any, parts: list[str], value: object, key: str, file: str) -> Any:
    """A copy of nested tables and lists with one entry replaced; entries of a list go by name or number."""
    part, rest = parts[0], parts[1:]
    if isinstance(content, Mapping) and "value" in content and part not in (*_ORIGIN, "value"):
        inner = _set_inside(content["value"], parts, value, key, file)
        source = f"{content.get('source', '')}; {key} {BY_SETTING}"
        return {**content, "value": inner, "source": source, "status": "assumed"}
    if isinstance(content, Mapping):
        if rest:
            return {**content, part: _set_inside(content.get(part, {}), rest, value, key, file)}
        if _ORIGIN.issubset(content) and part not in (*_ORIGIN, "value") and not _has_value(value):
            value = {"value": value, "source": BY_SETTING, "status": "assumed"}
        return {**content, part: value}
    if isinstance(content, tuple):
        rows = [row if isinstance(row, Mapping) else {} for row in content]
        names = [str(row.get("name", number)) for number, row in enumerate(rows, 1)]
        row = names.index(part) if part in names else int(part) - 1 if part.isdecimal() else -1
        if not 0 <= row < len(content):
            raise InputError(f"there is no entry '{part}'", file=file, key=key, mend=nearest(part, names))
        inner = _set_inside(content[row], rest, value, key, file) if rest else value
        return (*content[:row], inner, *content[row + 1 :])
    raise InputError(f"there is nothing below '{part}'", file=file, key=key, mend="shorten the key")


def _has_value(value: object) -> bool:
    return isinstance(value, Mapping) and "value" in value


def as_tuples(content: Any) -> Any:
    """Lists as tuples all the way down: a scenario does not change once read."""
    if isinstance(content, Mapping):
        return {str(key): as_tuples(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return tuple(as_tuples(value) for value in content)
    return content.item() if hasattr(content, "item") else content  # a NumPy number set in code


def _is_sourced(annotation: Any) -> bool:
    if isinstance(annotation, UnionType):  # a table that may be left out
        return any(_is_sourced(kind) for kind in get_args(annotation))
    return isinstance(annotation, type) and issubclass(annotation, Sourced)


def _numbers_with_source(table: dict[str, Any], file: str, key: str, extends: bool) -> dict[str, Any]:
    if _ORIGIN.issubset(table):
        origin = {name: table[name] for name in _ORIGIN}
        return {
            name: value if name in _ORIGIN or _has_value(value) else {"value": value, **origin}
            for name, value in table.items()
        }
    bare = [name for name, value in table.items() if name not in _ORIGIN and not _has_value(value)]
    if extends and bare:
        raise InputError(
            "is changed without saying where the new number comes from",
            file=file,
            key=f"{key}.{bare[0]}",
            mend=f'write {bare[0]} = {{ value = …, source = "…", status = "assumed" }}',
        )
    return table


def _flat_parameters(given: Any, file: str) -> dict[str, Any]:
    """Accept ``"labour.quit_rate"`` and ``[parameters.labour] quit_rate`` alike."""
    if not isinstance(given, Mapping):
        raise InputError("must be a table", file=file, key="parameters", mend="write [parameters]")
    flat: dict[str, Any] = {}
    for owner, inner in given.items():
        if isinstance(inner, Mapping) and not _has_value(inner) and "." not in owner:
            pairs = {f"{owner}.{name}": value for name, value in inner.items()}
        else:
            pairs = {owner: inner}
        for key, value in pairs.items():
            if key in flat:
                raise InputError("is set twice", file=file, key=f"parameters.{key}", mend="keep one of them")
            flat[key] = value
    return flat
