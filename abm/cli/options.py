"""Arguments and options that several commands share, and what their words mean."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from abm.core.errors import InputError, nearest
from abm.core.names import LAYERS, POPULATIONS

LANGUAGES = ("en", "zh")
MOST_HOUSEHOLDS = 2_000_000
MOST_SEED = 2**63 - 1
"""The largest seed that a column of whole numbers holds."""

ScenarioName = Annotated[
    str, typer.Argument(metavar="SCENARIO", help="A scenario file (.toml) or the name of a ready scenario.")
]
ResultsFolder = Annotated[Path, typer.Argument(metavar="DIR", help="A results folder.")]
Households = Annotated[
    int | None,
    typer.Option(metavar="N", help="Number of households, 200 or more; full size if left out."),
]
Years = Annotated[
    int | None,
    typer.Option(metavar="Y", help="Calendar years from the scenario's first; all of them if left out."),
]
Workers = Annotated[
    int | None,
    typer.Option(metavar="W", help="Processes of this machine; one per core if left out."),
]
Cluster = Annotated[
    str | None,
    typer.Option(metavar="ADDRESS", help="Address of a running Dask scheduler, instead of --workers."),
]
PartOfRuns = Annotated[
    str | None,
    typer.Option(
        "--shard",
        metavar="I/N",
        help="Do the I-th of N parts alone, such as in a job array; 'abm merge' puts them together.",
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Change a parameter or a number of the scenario; may be given several times.",
    ),
]
NoCache = Annotated[
    bool,
    typer.Option("--no-cache", help="Compute the burn-in anew and keep none; the results are the same."),
]
Budget = Annotated[
    str,
    typer.Option(
        metavar="neutral|withheld|both",
        help="What becomes of money that a cut programme cannot spend: another use in the same places, "
        "or it stays outside.",
    ),
]
Replications = Annotated[int, typer.Option(metavar="R", help="Number of seeds.")]
ParameterDraws = Annotated[
    int,
    typer.Option("--draws", metavar="K", help="Parameter draws to run beside the scenario's own values."),
]
FirstSeed = Annotated[int, typer.Option("--seed", metavar="S", help="First seed; the others derive from it.")]
BatchFolder = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", help="Results folder; results/SCENARIO-COMMAND if left out."),
]
OutcomeName = Annotated[
    str, typer.Option("--outcome", metavar="MEASURE", help="A column of the table of outcomes.")
]
Population = Annotated[str, typer.Option(metavar="|".join(POPULATIONS), help="Whose incomes.")]
LastYears = Annotated[
    int, typer.Option("--years", metavar="Y", help="How many of the last years to average.")
]
Language = Annotated[str, typer.Option("--lang", metavar="en|zh", help="Language of tables and pictures.")]
TableFile = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", help="Also write all tables as one CSV file.")
]


@dataclass(frozen=True)
class LayerWord:
    """What ``--off`` or ``--strength`` says about one layer; no year: from the first tick."""

    layer: str
    strength: float
    year: int | None
    option: str


def check_limits(**numbers: int | None) -> None:
    """Refuse numbers beyond what a table's columns or a computer can hold."""
    most = {"households": MOST_HOUSEHOLDS, "seed": MOST_SEED}
    for name, number in numbers.items():
        limit = most.get(name, 1_000_000)
        if number is not None and number > limit:
            raise InputError(f"{number} is too many", key=f"--{name}", mend=f"use {limit} or fewer")


def check_choice(word: str, known: Sequence[str], key: str) -> None:
    """Refuse a word that an option does not know."""
    if word not in known:
        raise InputError(f"there is no '{word}'", key=key, mend=nearest(word, known))


def check_file(file: Path | None, end: str, key: str = "--out") -> None:
    """Refuse a file to write that has another ending, such as ``.csv``, or is a folder."""
    if file is not None and (file.is_dir() or file.suffix != end):
        kind = end[1:].upper()
        raise InputError(f"is no {kind} file", file=file, key=key, mend=f"name a file that ends in {end}")


def check_place(file: Path, key: str = "--out") -> None:
    """Refuse a file that is a folder, or whose folder cannot be made or written to, before the hours that make it."""
    if file.is_dir():
        raise InputError("is a folder", file=file, key=key, mend="name a file")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        problem, mend = f"cannot be made: {error.strerror}", "name another place"
        raise InputError(problem, file=file.parent, key=key, mend=mend) from None
    if not os.access(file.parent, os.W_OK):
        raise InputError("may not be written to", file=file.parent, key=key, mend="name another place")


def check_answer(population: str, lang: str, years: int, out: Path | None) -> None:
    """Refuse what cannot be of the options that all commands on an outcome of many runs share."""
    check_choice(population, POPULATIONS, "--population")
    check_choice(lang, LANGUAGES, "--lang")
    check_file(out, ".csv")
    if years < 1:
        raise InputError(f"{years} is too few", key="--years", mend="use 1 or more")


def layer_words(off: Sequence[str], strength: Sequence[str]) -> list[LayerWord]:
    """The words of ``--off LAYER[@YEAR]`` and ``--strength LAYER=S[@YEAR]``.

    Raises:
        InputError: a word that cannot be read, an unknown layer, or a layer that is named twice.
    """
    words: list[LayerWord] = []
    for word in off:
        layer, year = _layer_and_year(word, "--off", word, "--off LAYER or --off LAYER@YEAR")
        words.append(LayerWord(layer, 0.0, year, f"--off {word}"))
    for word in strength:
        form = "--strength LAYER=S or --strength LAYER=S@YEAR, S from 0 to 1"
        name, equals, rest = word.partition("=")
        text, at, after = rest.partition("@")
        if not equals or not text.strip():
            raise InputError("has no value", key=f"--strength {word}", mend=f"write {form}")
        layer, year = _layer_and_year(f"{name}{at}{after}", "--strength", word, form)
        words.append(LayerWord(layer, _strength(text, word, form), year, f"--strength {word}"))
    named = [word.layer for word in words]
    for i, layer in enumerate(named):
        if layer in named[:i]:
            mend = "name each layer once"
            raise InputError(f"the layer '{layer}' is named already", key=words[i].option, mend=mend)
    return words


def check_years(words: Sequence[LayerWord], first: int, last: int, file: str) -> None:
    """Refuse a switch that would do nothing, or that lies before the beginning."""
    for word in words:
        if word.year is not None and not first <= word.year <= last:
            raise InputError(
                f"the run goes from {first} to {last}",
                file=file,
                key=word.option,
                mend="give a year within, or none to switch from the first tick",
            )


def _layer_and_year(text: str, option: str, word: str, form: str) -> tuple[str, int | None]:
    name, at, after = (part.strip() for part in text.partition("@"))
    if name not in LAYERS:
        raise InputError(f"there is no layer '{name}'", key=f"{option} {word}", mend=nearest(name, LAYERS))
    if not at:
        return name, None
    if not (after.isascii() and after.isdecimal()):
        raise InputError(f"'{after}' is no year", key=f"{option} {word}", mend=f"write {form}")
    return name, int(after)


def _strength(text: str, word: str, form: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise InputError(f"'{text}' is no number", key=f"--strength {word}", mend=f"write {form}") from None
    if not 0.0 <= value <= 1.0:  # nan is within no bounds
        raise InputError(f"{text} is out of bounds", key=f"--strength {word}", mend=f"write {form}")
    return value
