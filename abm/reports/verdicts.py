"""Verdicts on hypotheses as lines of a table, in English or Chinese, and as rows of a CSV file."""

from collections.abc import Sequence
from math import inf, isfinite, isnan, log10

import pandas as pd

from abm.analysis.judging import NO_RESULTS, REFUTED, SUPPORTED, UNDECIDED, Finding, Judgement
from abm.reports.labels import MINUS, NONE, signed

CHINESE = {
    SUPPORTED: "支持",
    REFUTED: "否定",
    UNDECIDED: "未定",
    NO_RESULTS: "无结果",
    "premise": "前提",
    "detail": "参考",
    "seeds": "个种子",
    "draws": "组参数",
    "cut": "切断",
    "programme": "项目",
    "neutral": "中性预算",
    "withheld": "扣留预算",
    "no number": "无法判定",
    "secondary": "次要",
    "beyond": "超出阈值",
}
"""Words of the table; the notes stay in English."""


def verdict_lines(judgements: Sequence[Judgement], lang: str = "en") -> list[tuple[str, ...]]:
    """Rows under (id, verdict, claim), one per hypothesis and comparison."""
    rows: list[tuple[str, ...]] = []
    for judged in judgements:
        claim = judged.hypothesis.claim_zh if lang == "zh" else judged.hypothesis.claim
        notes = [_word("secondary", lang)] if judged.secondary else []
        notes += [judged.note] if judged.note else []
        note = f" [{'; '.join(notes)}]" if notes else ""
        rows.append((_name(judgements, judged, lang), _word(judged.verdict, lang), claim + note))
    return rows


def finding_lines(judgements: Sequence[Judgement], lang: str = "en") -> list[tuple[str, ...]]:
    """Rows under (id, test, verdict, estimate, interval, expected, over, to decide), one per test."""
    rows: list[tuple[str, ...]] = []
    for judged in judgements:
        for i, finding in enumerate(judged.findings):
            rows.append(("" if i else _name(judgements, judged, lang), *_line(finding, lang)))
    return rows


def _name(judgements: Sequence[Judgement], judged: Judgement, lang: str) -> str:
    """The id, with question and budget where several are judged."""
    several = len({(j.question, j.budget) for j in judgements if j.question}) > 1
    if not (several and judged.question):
        return judged.hypothesis.id
    return f"{judged.hypothesis.id} {_word(judged.question, lang)}, {_word(judged.budget, lang)}"


def _line(finding: Finding, lang: str) -> tuple[str, ...]:
    test, found = finding.test, finding.estimate
    name = test.name_zh if lang == "zh" else test.name
    if test.role != "test":
        name += f" ({_word(test.role, lang)})"
    if finding.note:
        name += f" [{finding.note}]"
    size = max(abs(x) for x in (found.mean, found.low, found.high, test.sesoi) if isfinite(x))
    ends = f"{_figure(found.low, size)} … {_figure(found.high, size)}"
    expected = {"0": "±", "+": "> ", "-": f"< {MINUS}"}[test.sign] + f"{test.sesoi:g}"
    return (
        name,
        _word(finding.verdict, lang),
        _figure(found.mean, size),
        ends if isfinite(found.low) else NONE,
        expected,
        _over(finding, lang),
        _needed(finding, lang),
    )


def _over(finding: Finding, lang: str) -> str:
    """How many seeds or draws; of draws also the share beyond the SESOI."""
    if not finding.estimate.n:
        return NONE
    count = f"{finding.estimate.n} {_word(finding.unit, lang)}"
    if isnan(finding.beyond):
        return count
    return f"{count}, {100 * finding.beyond:.0f} % {_word('beyond', lang)}"


def codes(judgements: Sequence[Judgement]) -> str:
    """The code that made the results, in twelve digits of its digest; empty without results."""
    return ", ".join(dict.fromkeys(judged.code[:12] for judged in judgements if judged.code))


def as_table(judgements: Sequence[Judgement]) -> pd.DataFrame:
    """One row per test (or per hypothesis without results), all that was decided and by what."""
    rows = []
    for judged in judgements:
        hypothesis = judged.hypothesis
        head: dict[str, object] = {
            "id": hypothesis.id,
            "kind": hypothesis.kind,
            "claim": hypothesis.claim,
            "claim_zh": hypothesis.claim_zh,
            "design": hypothesis.design_name,
            "question": judged.question,
            "budget": judged.budget,
            "secondary": judged.secondary,
            "code": judged.code,
            "verdict": judged.verdict,
            "verdict_note": judged.note,
        }
        rows += [head | _row(judged, finding) for finding in judged.findings] or [head]
    return pd.DataFrame(rows)


def _row(judged: Judgement, finding: Finding) -> dict[str, object]:
    test, found = finding.test, finding.estimate
    return {
        "test": test.name,
        "role": test.role,
        "test_verdict": finding.verdict,
        "table": test.table,
        "measure": test.measure,
        "scale": test.scale,
        "population": judged.hypothesis.population_of(test),
        "years": judged.hypothesis.years,
        "contrast": test.formula,
        "sign": test.sign,
        "sesoi": test.sesoi,
        "cutoff": test.cutoff,
        "estimate": found.mean,
        "low": found.low,
        "high": found.high,
        "n": found.n,
        "unit": finding.unit,
        "beyond": finding.beyond,
        "needed": finding.needed,
        "note": finding.note,
    }


def _needed(finding: Finding, lang: str) -> str:
    if isnan(finding.needed):
        return ""
    if finding.needed == inf:
        return _word("no number", lang)
    return f"{finding.needed:.0f} {_word(finding.unit, lang)}"


def _figure(value: float, size: float) -> str:
    """A number with three figures of the largest beside it."""
    return signed(value, max(0, min(6, 2 - int(log10(size) // 1)))) if isfinite(value) else NONE


def _word(word: str, lang: str) -> str:
    return CHINESE.get(word, word) if lang == "zh" else word
