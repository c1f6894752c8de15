"""Pydantic's complaints about a file in one plain line: file, key, what is wrong, how to mend it."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from abm.core.errors import InputError, nearest
from abm.scenario.schema import ParameterValue, Provenance, Scenario, Sourced

_MUST = {
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "string_type": "must be text",
    "string_too_short": "must not be empty",
    "bool_type": "must be true or false",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "model_type": "must be a table",
    "dict_type": "must be a table",
}
"""What is wrong, by pydantic's type of error."""

_LIMITS = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}
_UNION = ("str", "tuple[str, ...]", "constrained-str", "dict[str,constrained-float]")
"""What pydantic adds to the location of a field that may be text or a list."""


def first_problem(
    error: ValidationError,
    content: Mapping[str, Any],
    files: Sequence[tuple[str, Mapping[str, Any]]],
    settings: Iterable[str] = (),
    root: type[BaseModel] = Scenario,
) -> InputError:
    """The complaint that helps most, as an ``InputError``.

    Args:
        error: all complaints.
        content: what was checked, all files and settings merged.
        files: name and content of each file, the lowest first; the uppermost that holds the key is named.
        settings: dotted keys that were set on top of the files.
        root: the model that was checked.
    """
    problems = error.errors(include_url=False)
    # A misspelt key is also a missing one: the misspelling is the better news.
    problem = next((p for p in problems if p["type"] == "extra_forbidden"), problems[0])
    location = [part for part in problem["loc"] if part not in _UNION]
    what, mend = _what_and_mend(problem, location, root)
    if len(location) < len(problem["loc"]):
        what = what.replace("must be text", "must be text or a list of texts")
    holders = [name for name, held in files if len(_steps(held, location)) == len(location)]
    key = _shown(content, location)
    bare = key.removeprefix("parameters.")
    if any(f"{bare}.".startswith(f"{name.removeprefix('parameters.')}.") for name in settings):
        key = f"setting {bare}"
    return InputError(what, file=(holders or [files[-1][0]])[-1], key=key, mend=mend)


def _what_and_mend(
    problem: ErrorDetails, location: list[int | str], root: type[BaseModel]
) -> tuple[str, str]:
    kind, limits, last = problem["type"], problem.get("ctx", {}), location[-1]
    got = problem.get("input")
    shown = repr(got)[:40] if isinstance(got, int | float | str) else ""
    but = f", not {shown}" if shown else ""
    if kind == "extra_forbidden":
        return "unknown key", nearest(str(last), _keys_at(location[:-1], root))
    if kind == "model_type" and location[0] == "parameters":
        return "has no source", f'write {{ value = {got!r}, source = "where from", status = "assumed" }}'
    if kind == "missing":
        if isinstance(last, int):
            return "is missing", "give every entry of the list"
        if location[0] == "parameters" and last == "value":
            return "has no value", "add value = …"
        return "is missing", f"add [{last}]" if len(location) == 1 and root is Scenario else f"add {last} = …"
    if kind == "value_error":
        return str(limits["error"]), "correct it"
    if kind == "literal_error":
        choices = str(limits["expected"]).replace(" or ", ", ").split(", ")
        return f"must be {limits['expected']}{but}", nearest(str(got), [c.strip("'") for c in choices])
    for limit, words in _LIMITS.items():
        if limit in limits:
            return f"{shown} is out of bounds", f"give {words} {limits[limit]:g}"
    if kind == "string_pattern_mismatch":
        if "mechanisms" in location:
            return f"{shown} is no name of a mechanism", "write its name, or my_module:MyMechanism"
        return f"{shown} is no good name", "use small letters a-z, digits and _, a letter first"
    if kind == "too_short":
        return "is empty", "give at least one entry"
    if kind in ("tuple_type", "list_type") and isinstance(got, Mapping):
        of_numbers = all(isinstance(part, int | float) for part in got.values())
        mend = f"write {last} = [1.0, …], the numbers alone" if of_numbers else f"write [[{last}]]"
        return "must be a list" if of_numbers else "must be a list of tables", mend
    return f"{_MUST.get(kind, problem['msg'])}{but}", "correct the value"


def _steps(content: Any, location: Sequence[int | str]) -> list[Any]:
    """What stands at each step down a location, as far as there is anything."""
    steps: list[Any] = []
    for part in location:
        if isinstance(content, Mapping) and part not in content and "value" in content:
            content = content["value"]  # a number or list written out with its source
        try:
            content = content[part]
        except (KeyError, IndexError, TypeError):
            break
        steps.append(content)
    return steps


def _shown(content: Any, location: Sequence[int | str]) -> str:
    """The dotted key as a reader of the file counts: entries of a list by name, or by number from 1."""
    words: list[str] = []
    for part, step in zip_longest(location, _steps(content, location)):
        name = step.get("name") if isinstance(step, Mapping) else None
        if isinstance(part, int):
            words.append(name if isinstance(name, str) and name else str(part + 1))
        else:
            words.append(part)
    if words[0] == "parameters" and words[-1] == "value":
        words.pop()
    return ".".join(words)


def _keys_at(location: Sequence[int | str], root: type[BaseModel]) -> list[str]:
    """Names of the keys that the table at a location knows, found by walking down the models."""
    current: Any = root
    owner: Any = None
    for part in location:
        origin = get_origin(current)
        if origin in (tuple, list):
            current = get_args(current)[0]
        elif origin is dict:
            current = get_args(current)[1]
        elif isinstance(current, type) and issubclass(current, BaseModel) and part in current.model_fields:
            owner, current = current, current.model_fields[str(part)].annotation
            given = [kind for kind in get_args(current) if kind is not type(None)]
            current = given[0] if type(None) in get_args(current) and len(given) == 1 else current
    if isinstance(current, type) and issubclass(current, BaseModel):
        return list(current.model_fields)
    if isinstance(owner, type) and issubclass(owner, Sourced | ParameterValue):
        return ["value", *Provenance.model_fields]  # a number written out with its source
    return []
