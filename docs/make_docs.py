"""Writes the pages of docs/ that are made from the code: parameters.md, outputs.md, rules.md, claims.md.

python docs/make_docs.py            write them
python docs/make_docs.py --check    say which are stale; exit code 1 if any is
"""

import inspect
import re
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from abm.analysis.hypotheses import Hypothesis, HypothesisTest, read_hypotheses
from abm.core.ledger import ACCOUNT_KINDS, FLOW_KINDS, UNLIMITED
from abm.core.phases import YEARLY
from abm.graph.kinds import LINK_KINDS
from abm.mechanisms.base import Mechanism
from abm.model.plan import load_scenario, mechanism_classes, plan_lines, settings
from abm.records.schema import COLUMNS, KEYS, OUTCOME_COLUMNS, SORT_KEYS

HERE = Path(__file__).resolve().parent
SCENARIO = "t_district"
MADE = "*Made from the code by `python docs/make_docs.py`; do not edit it by hand.*"


def parameters_page() -> str:
    """Every parameter of the scenario, by owner."""
    scenario = load_scenario(SCENARIO)
    chosen = settings(scenario)
    layer_of = {m.name: m.layer for m in mechanism_classes(scenario)}
    counts = Counter(setting.status for setting in chosen.values())
    counted = ", ".join(f"{number} {status}" for status, number in sorted(counts.items()))
    lines = [
        "# Parameters",
        MADE,
        f"The {len(chosen)} parameters of `{SCENARIO}` ({counted}), by the rule that reads them. Status: `seed`, "
        "stands in one of the five papers; `published`, seen on the page that is named; `assumed`, a prior. "
        "**A default is not an estimate.** A value in bold differs from the rule's default, which stands in "
        "brackets; the scenario says why.",
        "Sources such as `docs/TRIAL.md` are pages of this folder; M1, M2 … are the numbered mechanisms of "
        "[MECHANISMS.md](MECHANISMS.md). The numbers of the scenario file itself (people, places, programmes) "
        f"are listed by `abm describe {SCENARIO}`.",
    ]
    owners = dict.fromkeys(name.partition(".")[0] for name in chosen)
    for owner in owners:
        mine = {n: s for n, s in chosen.items() if n.partition(".")[0] == owner}
        lines.append(f"## {owner} ({layer_of.get(owner, 'shared by several rules')})")
        rows = []
        for name, setting in mine.items():
            parameter = setting.parameter
            value = _number(setting.value)
            if setting.value != parameter.default:
                value = f"**{value}** ({_number(parameter.default)})"
            low, high = parameter.bounds
            bounds = f"{_number(low)} to {_number(high)}"
            rows.append(
                (f"`{name}`", value, parameter.unit, bounds, parameter.role, setting.source, setting.status)
            )
        lines.append(_table(("name", "value", "unit", "bounds", "role", "source", "status"), rows))
    return "\n\n".join(lines) + "\n"


def outputs_page() -> str:
    """Every table and column of a results folder, and what the words in them mean."""
    lines = [
        "# Outputs",
        MADE,
        "A results folder holds `manifest.json`, one folder of Parquet files per table (one file per run), and "
        "`runs/` with a note on each finished run; of a batch also `batch.log`, which alone holds times. "
        "`abm report` adds `report.html` (`--lang zh`: `report.zh.html`). "
        "Read all of it with "
        "`abm.read_results(folder)`, or one table with "
        '`pandas.read_parquet("folder/outcomes")`, Polars or DuckDB.',
        "`manifest.json` says what was run: scenario with its content hash, arms, seeds, every parameter and "
        "number with source and status, library versions and processor features, and the digest of each table.",
        "Incomes are yearly disposable income per head (人均可支配收入) by the definition of the statistics "
        "office. Persons (usual residents at year-end) are divisor and weight everywhere. A number that cannot "
        "be is missing (NaN).",
        "## Columns that every table begins with",
        _columns(KEYS.items()),
    ]
    for table, columns in COLUMNS.items():
        own = {name: column for name, column in columns.items() if name not in KEYS}
        lines.append(f"## {table}")
        lines.append(f"One row per {_per(table)}.")
        if table in ("villages", "burn_in"):
            own = {name: column for name, column in own.items() if name not in OUTCOME_COLUMNS}
            lines.append(f"{_columns(own.items())}\n\nThen the same measures as `outcomes`.")
        else:
            lines.append(_columns(own.items()))
        if table == "events":
            named = ", ".join(f"`{name}`" for name in _events())
            lines.append(f"Events that the present rules write: {named}.")
    lines += [
        "## Kinds of flow",
        "What a payment is for (column `kind` of `flows`), and as which source of disposable income it is booked "
        "when a household receives or pays it. Empty: no income, or spending out of it.",
        _table(
            ("kind", "received as", "paid as", "meaning"),
            [(f"`{n}`", k.received or "", k.paid or "", k.meaning) for n, k in FLOW_KINDS.items()],
        ),
        f"Payers and payees are: {', '.join(f'`{kind}`' for kind in ACCOUNT_KINDS)}. All accounts together sum "
        f"to exactly zero; only {' and '.join(f'`{kind}`' for kind in sorted(UNLIMITED))} may be overdrawn.",
    ]
    return "\n\n".join(lines) + "\n"


def rules_page() -> str:
    """The order of a tick, the mechanisms with what they say of themselves, and the kinds of joint-points."""
    scenario = load_scenario(SCENARIO)
    lines = [
        "# Rules",
        MADE,
        f"What acts in `{SCENARIO}`: the order of a tick, then each mechanism in its own words. "
        f"`abm plan {SCENARIO}` prints the order on the command line.",
        "## The order of a tick",
        _table(
            ("phase", "what for", "mechanisms, in order"),
            [
                (
                    f"{phase} (yearly)" if phase in YEARLY else phase,
                    sentence,
                    ", ".join(name for name, _ in acting) or "none in this scenario",
                )
                for phase, sentence, acting in plan_lines(scenario)
            ],
        ),
        "Before the first phase of a year the scenario's planned joint-points form, switches are applied and "
        "programme money comes in (`abm/world/dated.py`). After the last one the year is measured "
        "(`abm/records/recorder.py`).",
        "## Mechanisms",
        *(_mechanism(mechanism) for mechanism in mechanism_classes(scenario)),
        "## Kinds of joint-points",
        "Kin is no joint-point: a background tie that no layer's switch masks.",
        _table(
            ("kind", "中文", "layer", "ties", "what passes along it"),
            [(f"`{n}`", k.chinese, k.layer, _ends(k.ends), k.resource) for n, k in LINK_KINDS.items()],
        ),
    ]
    return "\n\n".join(lines) + "\n"


CLAIMS = """Each claim has a file in [experiments/hypotheses](../experiments/hypotheses): outcome, contrast of arms,
expected sign, smallest effect of interest (SESOI), cut-off. It is committed before the runs that judge it. `abm
hypotheses DIR` judges, `abm signs DIR` counts in how many parameter draws a layer raises and lowers an outcome.

## How a claim is judged (判定规则)

Everything is counted in the expected direction.

- **supported (支持)**: the whole 95 % interval lies beyond the SESOI. That is stricter than an interval that
  excludes 0: a minimum-effect test (Murphy & Myors 1999).
- **refuted (否定)**: the whole interval falls short of the cut-off. Where the cut-off is the SESOI, an effect
  that is too small to matter refutes (Lakens 2017, *Social Psychological and Personality Science* 8:355–362);
  where it is 0, only the wrong sign does.
- **undecided (未定)**: neither. The table says how many seeds or draws would decide with 80 % power, were the
  estimate the truth (noncentral t). Where the estimate lies between cut-off and SESOI no number would.
- Sign 0 expects no effect of interest: supported where the interval lies within ± SESOI, refuted where all of
  it lies beyond the cut-off on one side. With 95 % intervals each of the two one-sided tests has 2.5 %.

A claim may have several tests. One with the role *premise* must be supported, else the claim is undecided:
there is nothing to judge. A *detail* is only shown. With `combine = "all"` each test must hold, and one that is
refuted refutes the claim; that all hold needs no correction for their number, that one of k fails has an error
of up to k times 2.5 %, and is not corrected. With `combine = "agree"` the tests measure one thing in several
ways (H4: yuan and logs), and where they disagree the claim is undecided.

**What the interval is over.** A contrast is formed within each seed of each draw, since all arms share their
luck. With two parameter draws or more (`abm factorial --draws K`) seeds are averaged within a draw and the
t-interval is over draws, so that it carries the variance between them; draw 0, the scenario's own values, is no
draw from the bounds and is left out. With fewer it is over the seeds of draw 0, and says nothing of other
parameter values. It is an interval of the mean effect, not of the effects of single draws: beside it stands the
share of draws whose own mean lies beyond the SESOI. Each draw has seeds of its own, so that draws are independent.

**What came first.** A manifest holds no time. The command compares when git came to hold what the file decides
(its commit; `claim`, `claim_zh`, `source`, `reading`, `name_zh` and `why` may be bettered later) with the time
of the earliest note in the results' `runs/`, and refuses results that are older (exit code 2). A file
that is not committed is refused too. Outside git the command says so and goes on. This keeps an honest user
from mixing up the order, no more: a copied results folder is as young as the copy.

**Other designs.** Where a factorial of the layers cannot judge, the file names a design with its levels. Its
runs lie in `DIR/NAME/LEVEL/`, one results folder or several; the factorial in `DIR` itself or in
`DIR/factorial`. What is missing is named: *no results for this design*. So are levels whose manifests differ in
code, households, years or replications: these are not compared. `python experiments/hypotheses/run.py` and
`python experiments/three_villages/run.py` make the designs; the file's `how` says with what, and decides.

**Which comparison decides, and from how many seeds.** The one that the file names: `question` (*cut* unless it
says otherwise) and `budget` (*neutral*). Others found in the results are shown as *secondary*. With fewer seeds
(or draws, where the interval is over these) than `seeds`, 16 unless the file says otherwise, a verdict is
*provisional*. The table names the code that made the runs by the first digits of its digest.

**Real but too small.** Where the whole interval lies above 0 and between cut-off and SESOI, there is an effect in
the expected direction that is too small to matter, and the note says so; the verdict stays undecided. A premise
that is refuted makes a claim *moot*.

**How many are supported by chance.** A claim whose effect is no larger than the SESOI is supported with a chance of at
most 2.5 % (one side of the interval). Of 16 files that makes at most .4 false supports on average, without any
correction; a claim of several tests that must all hold has less.

**One sign everywhere.** A layer that raises (or lowers) an outcome in every draw of the assumed parameters, or
never touches it, is marked: its sign may be built in, and is to be traced to the line that makes it. Shares
carry Wilson intervals; *told* is the share of draws whose own interval over seeds excludes 0."""


def claims_page() -> str:
    """How hypotheses are judged, and all of them."""
    found = read_hypotheses(HERE.parent / "experiments" / "hypotheses")
    lines = ["# Claims put to the test (假设检验)", MADE, CLAIMS]
    for kind, title in (("claim", "Claims of the paper"), ("rival", "Rival claims")):
        lines.append(f"## {title}")
        lines += [_hypothesis(hypothesis) for hypothesis in found if hypothesis.kind == kind]
    return "\n\n".join(lines) + "\n"


def _hypothesis(hypothesis: Hypothesis) -> str:
    design = f"design `{hypothesis.design_name}`"
    if hypothesis.design is not None:
        design += f" ({_plain(hypothesis.design.how)})"
    rows = [
        (
            test.name if test.role == "test" else f"{test.name} ({test.role})",
            test.name_zh,
            f"`{test.measure}`"
            + (", log" if test.scale == "log" else "")
            + (f", {test.population}" if test.population else ""),
            f"`{test.formula}`",
            _expected(test),
            _cutoff(test),
            test.why,
        )
        for test in hypothesis.tests
    ]
    head = ("test", "检验", "measure", "contrast", "expected", "cut-off", "why")
    return "\n\n".join(
        (
            f"### {hypothesis.id}",
            f"**{hypothesis.claim}** {hypothesis.claim_zh}",
            f"{hypothesis.reading} Source: {hypothesis.source}. Last {hypothesis.years} years, "
            f"{hypothesis.population} residents of `{hypothesis.scenario}`, {design}; {hypothesis.question}, "
            f"{hypothesis.budget}, at least {hypothesis.seeds} seeds; combine: {hypothesis.combine}.",
            _table(head, rows),
        )
    )


def _expected(test: HypothesisTest) -> str:
    return {"+": "above ", "-": "below −", "0": "within ±"}[test.sign] + f"{test.sesoi:g}"


def _cutoff(test: HypothesisTest) -> str:
    """As a value of the contrast, where the file counts it in the expected direction."""
    value = -test.cutoff if test.sign == "-" and test.cutoff else test.cutoff
    return ("±" if test.sign == "0" else "") + f"{value:g}".replace("-", "−")


PAGES = {
    "parameters.md": parameters_page,
    "outputs.md": outputs_page,
    "rules.md": rules_page,
    "claims.md": claims_page,
}


def stale_pages() -> list[str]:
    """Names of the pages that are not what the code would make now."""
    return [name for name, make in PAGES.items() if _content(HERE / name) != make()]


def _mechanism(mechanism: type[Mechanism]) -> str:
    file = mechanism.__module__.replace(".", "/") + ".py"
    title = (sys.modules[mechanism.__module__].__doc__ or "").strip().partition("\n")[0]
    said = _plain(inspect.cleandoc(mechanism.__doc__ or ""))
    return f"### {mechanism.name} ({mechanism.layer})\n\n**{title}** [{file}](../{file})\n\n{said}"


def _plain(text: str) -> str:
    """A docstring as Markdown: double backquotes are code, and a star in an equation stays a star."""
    parts = re.split(r"(``.+?``|(?<!\w)\*\w[^*]*\w\*(?!\w))", text)
    for i, part in enumerate(parts):
        code = part.startswith("``")
        parts[i] = part[1:-1] if code else part if i % 2 else re.sub(r"([*<>~])", r"\\\1", part)
    return "".join(parts)


def _events() -> list[str]:
    """Names of events in the calls of ``world.note``."""
    code = "".join(path.read_text(encoding="utf-8") for path in sorted((HERE.parent / "abm").rglob("*.py")))
    return sorted(set(re.findall(r"\.note\([^\"()]*\"(\w+)\"", code)))


def _ends(ends: str) -> str:
    words = {
        "institutions": "institutions",
        "household": "a household and an institution",
        "households": "two households",
    }
    return words[ends]


def _per(table: str) -> str:
    return ", ".join("run" if key == "run_id" else key for key in SORT_KEYS[table])


def _columns(columns: Iterable[tuple[str, object]]) -> str:
    rows = [(f"`{n}`", str(c.type), c.unit, c.meaning) for n, c in columns]  # type: ignore[attr-defined]
    return _table(("column", "type", "unit", "meaning"), rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def _content(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def main(words: Sequence[str]) -> int:
    if list(words) == ["--check"]:
        stale = stale_pages()
        for name in stale:
            print(f"docs/{name} is stale: run python docs/make_docs.py", file=sys.stderr)
        return 1 if stale else 0
    if words:
        print(__doc__, file=sys.stderr)
        return 2
    for name, make in PAGES.items():
        (HERE / name).write_text(make(), encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
