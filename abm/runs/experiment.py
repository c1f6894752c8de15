"""Experiment files (``experiment.toml``): what to run, written down, read and checked before anything runs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, ValidationError

from abm.core.errors import InputError, nearest
from abm.core.names import BUDGETS, LAYERS, QUESTIONS
from abm.population.synthesis import SMALLEST
from abm.records.schema import TABLES
from abm.scenario.complaints import first_problem
from abm.scenario.load import library_names, read_toml
from abm.scenario.overlay import as_tuples
from abm.scenario.schema import Table, Text, Year

FILE = "experiment.toml"
"""Name of an experiment's file in its folder."""
RANGE = frozenset({"from", "to", "steps"})
MOST_POINTS = 1_000_000

Levels = dict[str, Any]
Number = Annotated[int, Field(ge=1, le=MOST_POINTS)]


class Factorial(Table):
    """Every combination of levels: switches on and off, or at the levels given."""

    kind: Literal["factorial"]
    switches: tuple[Text, ...] = ()
    levels: Levels = Field(default_factory=dict)


class Grid(Table):
    """Every combination of the levels of parameters and switches."""

    kind: Literal["grid"]
    levels: Levels


class OneAtATime(Table):
    """The base, and each level of each name alone."""

    kind: Literal["one_at_a_time"]
    levels: Levels


class Listed(Table):
    """Points from a CSV file: one row a point, dotted names above the columns."""

    kind: Literal["list"]
    file: Text


class Sampled(Table):
    """What all samples have: the names, their bounds where they are narrower, and a seed of their own.

    ``each`` holds tables of values, such as the arms of a comparison: every row of the sample is run under each of
    them, and what a table does not name stays as it is. Effects then vary over the sample, and not levels alone.
    """

    vary: tuple[Text, ...] = Field(min_length=1)
    bounds: dict[str, Any] = Field(default_factory=dict)
    sample_seed: Annotated[int, Field(ge=0)] | None = None
    each: tuple[dict[str, Any], ...] = ()


class LatinHypercube(Sampled):
    """A Latin hypercube of ``samples`` points."""

    kind: Literal["latin_hypercube"]
    samples: Number


class Morris(Sampled):
    """Morris's trajectories on a grid of ``grid_levels`` values, of names or of groups."""

    kind: Literal["morris"]
    trajectories: Annotated[int, Field(ge=2, le=MOST_POINTS)]
    grid_levels: Annotated[int, Field(ge=2, le=1000)] = 4
    groups: dict[str, Any] | str | None = None


class Sobol(Sampled):
    """Saltelli's sample for Sobol's indices, of names or of groups."""

    kind: Literal["sobol"]
    samples: Number
    second_order: bool = False
    groups: dict[str, Any] | str | None = None


class Timing(Table):
    """The year in which switches go off, or come on; one point a year, and one where they never do."""

    kind: Literal["timing"]
    switches: tuple[Text, ...] = Field(min_length=1)
    years: tuple[Year, ...] = Field(min_length=1)
    turn: Literal["off", "on"] = "off"
    strength: Annotated[float, Field(ge=0, lt=1)] = 0.0


class VillagesInSteps(Table):
    """Switches that are cut in more and more places."""

    kind: Literal["villages_in_steps"]
    switches: tuple[Text, ...] = LAYERS
    villages: tuple[Text, ...] | Text = "villages"
    steps: tuple[Annotated[int, Field(ge=0)], ...] | None = None
    strength: Annotated[float, Field(ge=0, lt=1)] = 0.0


AnyDesign = (
    Factorial | Grid | OneAtATime | Listed | LatinHypercube | Morris | Sobol | Timing | VillagesInSteps
)
DESIGNS: Mapping[str, type[AnyDesign]] = {
    "factorial": Factorial,
    "grid": Grid,
    "one_at_a_time": OneAtATime,
    "list": Listed,
    "latin_hypercube": LatinHypercube,
    "morris": Morris,
    "sobol": Sobol,
    "timing": Timing,
    "villages_in_steps": VillagesInSteps,
}
"""Kinds of designs, by the word in ``[design] kind``."""


class Header(Table):
    """All of an experiment's file but its design.

    Args:
        scenario: name of a ready scenario, or path of a file, from the experiment's folder.
        name: of the experiment; its folder's, or else its file's, where it is left out.
        households, years: as in ``abm factorial``; left out: full size, all years.
        seed: the first seed; those of the replications derive from it.
        replications: seeds of each point.
        draws: draws of the assumed parameters beside the scenario's own values.
        budget: ``neutral``, ``withheld``, ``both`` or a list.
        question: ``cut`` or ``programme``.
        from_year: since when switches mask that have no year of their own; left out: the scenario's switch year.
        seeds: ``same``: all points run on the same seeds; ``own``: each has seeds of its own.
        snapshots: whether to make the table of households.
        outputs: tables to keep; left out: all.
        fixed: values that all points have, by dotted name.
        design: what differs between points.
    """

    scenario: Text
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][\w.-]*$")] | None = None
    title: str = ""
    households: Annotated[int, Field(ge=SMALLEST, le=2_000_000)] | None = None
    years: Annotated[int, Field(ge=1)] | None = None
    seed: Annotated[int, Field(ge=0, le=2**63 - 1)] = 1
    replications: Annotated[int, Field(ge=1, le=MOST_POINTS)] = 4
    draws: Annotated[int, Field(ge=0, le=MOST_POINTS)] = 0
    budget: str | tuple[str, ...] = BUDGETS[0]
    question: str = QUESTIONS[0]
    from_year: Year | None = None
    seeds: Literal["same", "own"] = "same"
    snapshots: bool = False
    outputs: tuple[str, ...] = ()
    fixed: dict[str, Any] = Field(default_factory=dict)
    design: dict[str, Any]


@dataclass(frozen=True)
class Experiment:
    """An experiment's file, read; ``abm.runs.points`` makes its points and ``abm.runs.planned`` its runs."""

    header: Header
    design: AnyDesign
    path: Path
    text: str

    @property
    def file(self) -> str:
        return str(self.path)

    @property
    def name(self) -> str:
        """The experiment's own, its folder's, or its file's."""
        if self.header.name is not None:
            return self.header.name
        return self.path.resolve().parent.name if self.path.name == FILE else self.path.stem

    @property
    def budgets(self) -> tuple[str, ...]:
        given = self.header.budget
        return BUDGETS if given == "both" else (given,) if isinstance(given, str) else given

    @property
    def scenario(self) -> str | Path:
        """The scenario's name or path; a path is looked for from the experiment's folder first."""
        given = self.header.scenario
        beside = self.path.parent / given
        return beside if given not in library_names() and beside.is_file() else given


def read_experiment(place: str | Path, **changes: Any) -> Experiment:
    """Read an experiment's file and check its shape; ``abm.runs.points`` checks its names and values.

    Args:
        place: the file, a folder that holds ``experiment.toml``, or the name of a folder in ``experiments/``.
        changes: keys of the file to replace, such as ``households``; None changes nothing.

    Raises:
        InputError: names file, key, what was wrong and the mend.
    """
    path = find_experiment(place)
    content = as_tuples({**read_toml(path), **{k: v for k, v in changes.items() if v is not None}})
    file = str(path)
    try:
        header = Header.model_validate(content)
    except ValidationError as error:
        raise first_problem(error, content, [(file, content)], root=Header) from None
    for budget in header.budget if isinstance(header.budget, tuple) else (header.budget,):
        known = (*BUDGETS, "both") if isinstance(header.budget, str) else BUDGETS
        _one_of(budget, known, "budget", file)
    if isinstance(header.budget, tuple) and len(set(header.budget)) < max(len(header.budget), 1):
        raise InputError("names none, or one twice", file=file, key="budget", mend="name each once")
    _one_of(header.question, QUESTIONS, "question", file)
    _check_outputs(header, file)
    return Experiment(header, _design(content["design"], file), path, path.read_text(encoding="utf-8-sig"))


def find_experiment(place: str | Path) -> Path:
    """Path of an experiment's file.

    Raises:
        InputError: there is none.
    """
    path = Path(place)
    for candidate in (path, path / FILE, Path("experiments") / path / FILE):
        if candidate.is_file():
            return candidate
    known = sorted(found.parent.name for found in Path("experiments").glob(f"*/{FILE}"))
    if path.is_dir():
        problem, mend = f"holds no {FILE}", "name a folder that does, or a file"
    else:
        problem, mend = "there is no such experiment", nearest(path.name, known)
    raise InputError(problem, file=path, mend=mend)


def _design(content: Mapping[str, Any], file: str) -> AnyDesign:
    if "kind" not in content:
        mend = f"add kind = …, one of: {', '.join(DESIGNS)}"
        raise InputError("is missing", file=file, key="design.kind", mend=mend)
    kind = content["kind"]
    if kind not in DESIGNS:
        mend = nearest(str(kind), DESIGNS)
        raise InputError(f"there is no design '{kind}'", file=file, key="design.kind", mend=mend)
    root: type[BaseModel] = DESIGNS[kind]
    try:
        return DESIGNS[kind].model_validate(content)
    except ValidationError as error:
        found = first_problem(error, content, [(file, content)], root=root)
        key = f"design.{found.key}" if found.key else "design"
        raise InputError(found.problem, file=file, key=key, mend=found.mend) from None


def _one_of(word: str, known: tuple[str, ...], key: str, file: str) -> None:
    if word not in known:
        raise InputError(f"there is no '{word}'", file=file, key=key, mend=nearest(word, known))


def _check_outputs(header: Header, file: str) -> None:
    for name in header.outputs:
        if name not in TABLES:
            mend = nearest(name, TABLES)
            raise InputError(f"there is no table '{name}'", file=file, key="outputs", mend=mend)
    if header.outputs and header.snapshots != ("households" in header.outputs):
        raise InputError(
            "makes the table of households and does not keep it"
            if header.snapshots
            else "asks for the table of households, which is not made",
            file=file,
            key="outputs",
            mend='add "households"' if header.snapshots else "add snapshots = true",
        )


def leaves(content: Mapping[str, Any], key: str) -> Iterator[tuple[str, Any, str]]:
    """Dotted names with what stands under them, from a table that may be nested: ``(name, content, key in file)``.

    A table ``{ from, to, steps }`` is a range, and no further step of a name.
    """
    for name, inner in content.items():
        if isinstance(inner, Mapping) and not (inner and set(inner) <= RANGE):
            yield from (
                (f"{name}.{rest}", value, where) for rest, value, where in leaves(inner, f"{key}.{name}")
            )
        else:
            yield name, inner, f"{key}.{name}"
