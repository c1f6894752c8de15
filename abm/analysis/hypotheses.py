"""Hypotheses as data: one TOML file each, written down and committed before the runs that judge it.

A file says what is claimed and where, which outcome is looked at, which contrast of arms, in which direction, the
smallest effect of interest (SESOI) and the cut-off below which the claim is refuted. ``abm.analysis.judging`` judges.
"""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, PrivateAttr, ValidationError

from abm.analysis.terms import Cell, TermError, weights_of
from abm.core.errors import InputError, nearest
from abm.core.ledger import FLOW_KINDS
from abm.records.schema import MEASURE_COLUMNS
from abm.scenario.complaints import first_problem
from abm.scenario.schema import Table, Text

FACTORIAL = "factorial"
HOUSEHOLD_GROUPS = ("member", "other")
"""Households with a party member, and the others."""

MEASURES: Mapping[str, tuple[str, ...]] = {
    "outcomes": MEASURE_COLUMNS,
    "villages": MEASURE_COLUMNS,
    "fifths": (
        *("income", "income_wage", "income_business", "income_property", "income_transfer"),
        *("consumption", "savings"),
    ),
    "flows": ("amount_per_head",),
    "households": ("dibao",),
}
"""What each table offers. ``flows``: yuan a year of one kind of flow over all residents. ``households``: share of the
persons with the status, among the poorest two fifths by income per head before transfers."""
ROWS: Mapping[str, str] = {
    "outcomes": "none",
    "villages": "a village's name",
    "fifths": "a fifth, 1 to 5",
    "flows": "a kind of flow",
    "households": " or ".join(HOUSEHOLD_GROUPS),
}
"""What stands in front of a term, by table."""

Number = Annotated[float, Field(allow_inf_nan=False)]
Population = Literal["all", "urban", "rural", "registered", "floating"]


class Design(Table):
    """Runs other than the factorial: a results folder (or several) for each level, below DIR/name/level.

    Args:
        name: name of the folder below DIR.
        levels: its levels, the contrast's arms.
        how: the commands that make them, in words; they decide what is judged, so they may not change after the runs.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    levels: list[Text] = Field(min_length=2)
    how: Text


class HypothesisTest(Table):
    """One contrast of one outcome.

    Args:
        population: whose; None: the hypothesis's own.
        role: ``test`` decides; ``premise`` has to be supported for any verdict; ``detail`` is only shown.
        sign: expected direction, ``0``: no effect of interest.
        sesoi: smallest effect of interest, in the measure's unit (of its logarithm with ``scale = "log"``).
        cutoff: counted in the expected direction, like ``sesoi``; refuted where all of the interval falls short of
            it. With sign ``0``: where all of the interval lies further than this from 0.
        why: where SESOI and cut-off come from.
    """

    name: Text
    name_zh: Text
    role: Literal["test", "premise", "detail"] = "test"
    table: Literal["outcomes", "villages", "fifths", "flows", "households"] = "outcomes"
    measure: Text
    population: Population | None = None
    scale: Literal["level", "log"] = "level"
    contrast: Text | dict[str, Number]
    sign: Literal["+", "-", "0"]
    sesoi: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    cutoff: Number
    why: Text

    @property
    def formula(self) -> str:
        """The contrast in one line."""
        if isinstance(self.contrast, str):
            return self.contrast
        return " ".join(f"{weight:+g} {term}" for term, weight in self.contrast.items())


class Hypothesis(Table):
    """A claim and the tests that judge it.

    Args:
        kind: ``claim`` of the paper, or ``rival`` to it.
        reading: how the claim became these tests, and what they leave out.
        years: how many of the last years count, none before the switch.
        question, budget: the comparison that decides; others found in the results are shown as secondary.
        seeds: the fewest with which a verdict is final (draws, where the interval is over draws); with fewer it is
            provisional.
        combine: ``all``: each test must hold, and one that is refuted refutes the claim; ``agree``: only refuted
            where all tests are (the same thing measured in several ways).
        design: None: the factorial.
    """

    id: str = Field(pattern=r"^[A-Z][0-9]+[a-z]?$")
    kind: Literal["claim", "rival"]
    claim: Text
    claim_zh: Text
    source: Text
    reading: Text
    scenario: Text
    population: Population
    question: Literal["cut", "programme"] = "cut"
    budget: Literal["neutral", "withheld"] = "neutral"
    seeds: Annotated[int, Field(ge=2, le=10_000)] = 16
    years: Annotated[int, Field(ge=1, le=100)] = 5
    combine: Literal["all", "agree"] = "all"
    design: Design | None = None
    tests: list[HypothesisTest] = Field(min_length=1)
    _file: Path = PrivateAttr(default=Path())

    @property
    def file(self) -> Path:
        return self._file

    @property
    def design_name(self) -> str:
        return FACTORIAL if self.design is None else self.design.name

    def population_of(self, test: HypothesisTest) -> str:
        """Whose incomes a test looks at."""
        return test.population or self.population

    def weights(self, test: HypothesisTest) -> dict[Cell, float]:
        """Weight of each row and arm in a test's contrast."""
        return weights_of(test.contrast, self.design.levels if self.design else ())


WORDS = frozenset({"claim", "claim_zh", "source", "reading", "name_zh", "why"})
"""Keys that only explain: they may be bettered after the runs."""


def read_hypotheses(folder: str | Path) -> list[Hypothesis]:
    """Read and check every file of a folder, in the order H1, H2, … H10, R1 ….

    Raises:
        InputError: names file, key, what is wrong and the mend.
    """
    folder = Path(folder)
    files = sorted(folder.glob("*.toml"))
    if not files:
        problem = "holds no hypotheses" if folder.is_dir() else "there is no such folder"
        raise InputError(
            problem, file=folder, key="--hypotheses", mend="name a folder with one .toml file each"
        )
    return sorted((read_hypothesis(file) for file in files), key=_order)


def read_hypothesis(file: Path) -> Hypothesis:
    """Read and check one file.

    Raises:
        InputError: names file, key, what is wrong and the mend.
    """
    content = _content(file)
    try:
        read = Hypothesis.model_validate(content)
    except ValidationError as error:
        raise first_problem(error, content, [(str(file), content)], root=Hypothesis) from None
    read._file = file
    _check(read)
    return read


def decisive(text: str) -> Any:
    """What a file's text decides, without the words that only explain; None where it is no TOML."""
    try:
        return _bare(tomllib.loads(text))
    except tomllib.TOMLDecodeError:
        return None


def _bare(content: Any) -> Any:
    if isinstance(content, dict):
        return {key: _bare(value) for key, value in content.items() if key not in WORDS}
    return [_bare(value) for value in content] if isinstance(content, list) else content


def _content(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        raise InputError("cannot be read", file=file, mend="give a TOML file in UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"is not valid TOML: {error}", file=file, mend="mend that line") from None


def _order(hypothesis: Hypothesis) -> tuple[str, int, str]:
    number, suffix = re.findall(r"\d+|[a-z]?$", hypothesis.id)[:2]
    return hypothesis.id[0], int(number), suffix


def _check(read: Hypothesis) -> None:
    """What the shape alone does not show."""
    if read.id != read.file.stem:
        mend = f"name the file {read.id}.toml"
        raise InputError(f"'{read.id}' is not the file's name", file=read.file, key="id", mend=mend)
    if not any(test.role == "test" for test in read.tests):
        mend = 'give at least one the role "test"'
        raise InputError("none of them decides", file=read.file, key="tests", mend=mend)
    names = [test.name for test in read.tests]
    for test in read.tests:
        if names.count(test.name) > 1:
            mend = "give each test a name of its own"
            raise InputError(
                "this name stands twice", file=read.file, key=f"tests.{test.name}.name", mend=mend
            )
        _check_test(read, test)


def _check_test(read: Hypothesis, test: HypothesisTest) -> None:
    def wrong(key: str, problem: str, mend: str) -> InputError:
        return InputError(problem, file=read.file, key=f"tests.{test.name}.{key}", mend=mend)

    known = MEASURES[test.table]
    if test.measure not in known:
        problem = f"there is no measure '{test.measure}' in {test.table}"
        raise wrong("measure", problem, nearest(test.measure, known))
    if test.sign == "0" and test.cutoff < test.sesoi:
        problem = f"{test.cutoff:g} is closer to 0 than the smallest effect of interest"
        raise wrong("cutoff", problem, f"give {test.sesoi:g} or more")
    if test.sign != "0" and test.cutoff > test.sesoi:
        problem = f"{test.cutoff:g} lies beyond the smallest effect of interest"
        raise wrong("cutoff", problem, f"give {test.sesoi:g} or less")
    if test.table in ("flows", "households") and read.population_of(test) != "all":
        raise wrong("table", f"{test.table} is of all residents", 'write population = "all"')
    try:
        cells = read.weights(test)
    except TermError as error:
        raise wrong("contrast", error.problem, error.mend) from None
    for row, _ in cells:
        if not _is_row(test.table, row):
            problem = f"'{row}' in front of a term is not {ROWS[test.table]}" if row else "lacks a row"
            mend = "leave it out" if test.table == "outcomes" else f"write {ROWS[test.table]} and a colon"
            raise wrong("contrast", problem, mend)


def _is_row(table: str, row: str) -> bool:
    """Whether a table can have such a row; which villages there are the scenario alone knows."""
    if table == "outcomes":
        return not row
    if table == "villages":
        return bool(row)
    known = {"fifths": ("1", "2", "3", "4", "5"), "flows": FLOW_KINDS, "households": HOUSEHOLD_GROUPS}
    return row in known[table]
