"""A design from a CSV file: dotted names above the columns, one row a point."""

import csv
from pathlib import Path

from abm.core.errors import InputError
from abm.runs.factors import Factor, Names, Value

WORDS = {"true": True, "false": False}


def read_list(path: Path, names: Names) -> tuple[tuple[Factor, ...], tuple[tuple[Value, ...], ...]]:
    """What the columns vary, and the points.

    Raises:
        InputError: a file that is missing or no table, an unknown name, an empty cell, a value that cannot be, or a row
            that stands twice.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        mend = f"put it beside {Path(names.file).name}, under that name"
        raise InputError(
            f"there is no '{path.name}'", file=names.file, key="design.file", mend=mend
        ) from None
    except UnicodeDecodeError:
        raise InputError("is not text in UTF-8", file=path, mend="give a CSV file") from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=path, mend="check its rights") from None
    lines = csv.reader(text.splitlines())
    try:
        rows = [(lines.line_num, [cell.strip() for cell in row]) for row in lines if any(row)]
    except csv.Error as error:  # such as a quotation mark that nobody closes, far above
        key, mend = f"line {lines.line_num}", "give a CSV file"
        raise InputError(f"cannot be read: {error}", file=path, key=key, mend=mend) from None
    if len(rows) < 2:
        mend = "give names in the first row, and a point in each further row"
        raise InputError("holds no points", file=path, mend=mend)
    at = Names(names.scenario, str(path))
    factors = _columns(rows[0][1], at)
    seen: dict[tuple[Value, ...], int] = {}
    for line, cells in rows[1:]:
        if len(cells) != len(factors):
            problem, mend = f"has {len(cells)} cells", f"give {len(factors)}, one a column"
            raise InputError(problem, file=path, key=f"line {line}", mend=mend)
        row = tuple(_value(cell, factor, line, at) for cell, factor in zip(cells, factors, strict=True))
        if row in seen:
            problem, mend = f"is the same as line {seen[row]}", "leave out one; 'replications' repeats points"
            raise InputError(problem, file=path, key=f"line {line}", mend=mend)
        seen[row] = line
    return factors, tuple(seen)


def _columns(heads: list[str], names: Names) -> tuple[Factor, ...]:
    found: list[Factor] = []
    for number, head in enumerate(heads, 1):
        key = f"column {number}"
        if not head:
            raise InputError("has no name", file=names.file, key=key, mend="write a dotted name above it")
        factor = names.factor(head, key)
        if factor in found:
            mend = "keep one of them"
            raise InputError(f"'{head}' stands above two columns", file=names.file, key=key, mend=mend)
        found.append(factor)
    return tuple(found)


def _value(cell: str, factor: Factor, line: int, names: Names) -> Value:
    key = f"line {line}, {factor.name}"
    if not cell:
        raise InputError("is empty", file=names.file, key=key, mend="give every cell a value")
    return names.checked(factor, _read(cell), key)


def _read(cell: str) -> Value:
    """A cell as TOML would have it: a number, true or false (spreadsheets write TRUE), or else a word."""
    if cell.lower() in WORDS:
        return WORDS[cell.lower()]
    for kind in (int, float):
        try:
            return kind(cell)
        except ValueError:
            continue
    return cell
