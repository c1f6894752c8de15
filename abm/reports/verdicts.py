"""Verdicts on hypotheses as lines of a table, in English or Chinese, and as rows of a CSV file."""

from collections.abc import Sequence
from math import inf, isfinite, isnan, log10

import pandas as pd

from abm.analysis.judging import NO_RESULTS, REFUTED, SUPPORTED, UNDECIDED, Finding, Judgement
from abm.reports.labels import NONE, signed

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
    "never": "无法判定",
}
"""Words of the table; the notes stay in English."""


def lines(judgements: Sequence[Judgement], lang: str = "en") -> list[tuple[str, ...]]:
    """Rows under (id, verdict, test, estimate, interval, expected, over, to decide): a claim, then its tests."""
    several = len({(j.question, j.budget) for j in judgements if j.question}) > 1
    rows: list[tuple[str, ...]] = []
    for judged in judgements:
        hypothesis = judged.hypothesis
        claim = hypothesis.claim_zh if lang == "zh" else hypothesis.claim
        if several and judged.question:
            claim += f" ({_word(judged.question, lang)}, {_word(judged.budget, lang)})"
        if judged.note:
            claim += f" [{judged.note}]"
        rows.append((hypothesis.id, _word(judged.verdict, lang).upper(), claim, "", "", "", "", ""))
        rows += [_line(finding, lang) for finding in judged.findings]
    return rows


def _line(finding: Finding, lang: str) -> tuple[str, ...]:
    test, found = finding.test, finding.estimate
    name = test.name_zh if lang == "zh" else test.name
    if test.role != "test":
        name += f" ({_word(test.role, lang)})"
    if finding.note:
        name += f" [{finding.note}]"
    size = max(abs(x) for x in (found.mean, found.low, found.high, test.sesoi) if isfinite(x))
    ends = f"{_figure(found.low, size)} … {_figure(found.high, size)}"
    expected = (
        f"±{test.sesoi:g}" if test.sign == "0" else f"{'>' if test.sign == '+' else '< −'}{test.sesoi:g}"
    )
    return (
        "",
        _word(finding.verdict, lang),
        name,
        _figure(found.mean, size),
        ends if isfinite(found.low) else NONE,
        expected,
        f"{found.n} {_word(finding.unit, lang)}" if found.n else NONE,
        _needed(finding, lang),
    )


def as_table(judgements: Sequence[Judgement]) -> pd.DataFrame:
    """One row per test (or per hypothesis without results), all that was decided and by what."""
    rows = []
    for judged in judgements:
        hypothesis = judged.hypothesis
        head = {
            "id": hypothesis.id,
            "kind": hypothesis.kind,
            "claim": hypothesis.claim,
            "claim_zh": hypothesis.claim_zh,
            "design": hypothesis.design_name,
            "question": judged.question,
            "budget": judged.budget,
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
        "population": judged.hypothesis.population,
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
        "needed": finding.needed,
        "note": finding.note,
    }


def _needed(finding: Finding, lang: str) -> str:
    if isnan(finding.needed):
        return ""
    if finding.needed == inf:
        return _word("never", lang)
    return f"{finding.needed:.0f} {_word(finding.unit, lang)}"


def _figure(value: float, size: float) -> str:
    """A number with three figures of the largest beside it."""
    return signed(value, max(0, min(6, 2 - int(log10(size) // 1)))) if isfinite(value) else NONE


def _word(word: str, lang: str) -> str:
    return CHINESE.get(word, word) if lang == "zh" else word
