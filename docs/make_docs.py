"""Writes the pages of docs/ that are made from the code: parameters.md, outputs.md, rules.md.

python docs/make_docs.py            write them
python docs/make_docs.py --check    say which are stale; exit code 1 if any is
"""

import inspect
import re
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from abm.core.ledger import ACCOUNT_KINDS, FLOW_KINDS, UNLIMITED
from abm.core.phases import YEARLY
from abm.graph.joint_points import LINK_KINDS
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
        "`runs/` with a note on each finished run. `abm report` adds `report.html` (`--lang zh`: `report.zh.html`). "
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


PAGES = {"parameters.md": parameters_page, "outputs.md": outputs_page, "rules.md": rules_page}


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
