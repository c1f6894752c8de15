"""``abm hypotheses``: what a results folder says of the claims that were written down before."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from abm.cli.options import LANGUAGES, Language, ResultsFolder, TableFile, check_choice, check_file
from abm.cli.show import show, table, write_text
from abm.core.errors import InputError, nearest

HERE = Path("experiments") / "hypotheses"
CLAIMS = {"en": ("", "verdict", "claim"), "zh": ("", "结论", "命题")}
TESTS = {
    "en": ("", "test", "verdict", "estimate", "95 % interval", "expected", "over", "to decide"),
    "zh": ("", "检验", "结论", "估计值", "95 % 区间", "预期", "样本", "所需样本"),
}


def hypotheses(
    folder: ResultsFolder,
    files: Annotated[
        Path | None,
        typer.Option(
            "--hypotheses", metavar="FOLDER", help="Hypothesis files; experiments/hypotheses if left out."
        ),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="ID", help="Judge this one alone; may be given several times."),
    ] = None,
    lang: Language = "en",
    out: TableFile = None,
) -> None:
    """Judge hypotheses: supported, refuted or undecided.

    Each has its file, committed before the runs: results that are older than what the file decides are refused.
    Supported: the whole 95 % interval lies beyond the smallest effect of interest; refuted: all of it falls short of
    the cut-off. The interval is over draws of the parameters, each averaged over its seeds, or over seeds where
    there are no draws. 'to decide': how many seeds or draws an undecided one needs for 80 % power; 'beyond': the
    share of draws whose own mean lies beyond the smallest effect of interest. The file says which question and
    budget decide and how many seeds make a verdict final; other comparisons are shown as secondary.

    \b
    Examples:
      abm hypotheses results/t_district-factorial
      abm hypotheses r --only H1 --only H7 --lang zh --out verdicts.csv
    """
    check_choice(lang, LANGUAGES, "--lang")
    check_file(out, ".csv")

    from abm.analysis.design_results import results_for
    from abm.analysis.hypotheses import read_hypotheses
    from abm.analysis.judging import judge
    from abm.analysis.registration import check_registered
    from abm.reports.verdicts import as_table, codes, finding_lines, verdict_lines

    chosen = _chosen(read_hypotheses(files if files is not None else _default()), only)
    judgements, unregistered = [], []
    for hypothesis in chosen:
        results, missing = results_for(hypothesis, folder)
        if results is not None and not check_registered(hypothesis, results.folders):
            unregistered.append(hypothesis.id)
        judgements += judge(hypothesis, results, missing)
    if unregistered:
        print(
            f"abm: git does not hold {', '.join(unregistered)}: nothing shows that they were written down before "
            "the runs",
            file=sys.stderr,
        )
    titles = {"en": ("Verdicts", "Tests"), "zh": ("结论", "检验")}[lang]
    made = codes(judgements)
    code = {"en": f" (code {made})", "zh": f"（代码 {made}）"}[lang] if made else ""
    show(table(f"{titles[0]}: {folder}{code}", CLAIMS[lang], verdict_lines(judgements, lang)))
    show(table(titles[1], TESTS[lang], finding_lines(judgements, lang), TESTS[lang][3:4]))
    if out is not None:
        write_text(out, as_table(judgements).to_csv(index=False, lineterminator="\n"))
        show(f"Written to {out}")


def _default() -> Path:
    """The hypotheses of the current folder, else those of the checkout that this code stands in."""
    return HERE if HERE.is_dir() else Path(__file__).resolve().parents[2] / HERE


def _chosen(found: list[Any], only: list[str] | None) -> list[Any]:
    known = [hypothesis.id for hypothesis in found]
    for name in only or ():
        if name not in known:
            raise InputError(f"there is no hypothesis '{name}'", key="--only", mend=nearest(name, known))
    return [hypothesis for hypothesis in found if not only or hypothesis.id in only]
