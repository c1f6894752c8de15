"""``abm effects``: what each layer of a factorial does to one outcome, and how."""

from typing import Annotated

import typer

from abm.cli.options import (
    Language,
    LastYears,
    OutcomeName,
    Population,
    ResultsFolder,
    TableFile,
    check_answer,
    check_choice,
)
from abm.cli.show import show, table, tell_gaps, write_text
from abm.core.errors import InputError

SHOWN = ("paired", "shared", "together", "sources", "places")


def effects(
    folder: ResultsFolder,
    outcome: OutcomeName = "gini",
    population: Population = "all",
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="|".join(SHOWN), help="This table alone; may be given several times."),
    ] = None,
    years: LastYears = 5,
    lang: Language = "en",
    out: TableFile = None,
) -> None:
    """Take apart what the layers of a factorial do to an outcome.

    paired: the effect of each layer, and how much sharing seeds narrowed its interval. shared: Shapley values, which
    add up, with their shares. together: whether layers do more together than the sum of each alone. sources: the
    change in Gini by source of income. places: the change in Theil's L within and between villages. Equations and
    references are in docs/analysis.md.

    \b
    Examples:
      abm effects results/t_district-factorial
      abm effects r --outcome mean_income --population rural --only paired --only together
      abm effects r --out effects.csv --lang zh
    """
    check_answer(population, lang, years, out)
    for name in only or ():
        check_choice(name, SHOWN, "--only")

    import pandas as pd

    from abm.analysis.arms import check_told_by_arms, comparisons, is_complete, last_years, measures_of
    from abm.reports.effects import Question, shown_of
    from abm.reports.language import say, speaking
    from abm.runs.results import read_results

    results = read_results(folder)
    tell_gaps(results.manifest)
    check_told_by_arms(results.manifest, folder)
    if not is_complete(results.outcomes):
        raise InputError("is no factorial with all eight arms", file=folder, mend="run 'abm factorial'")
    check_choice(outcome, measures_of(results.outcomes), "--outcome")
    span = last_years(results.manifest, results.outcomes, years)
    with speaking(lang):
        frames = []
        for question, budget in comparisons(results.outcomes):
            asked = Question(results, outcome, population, span, question, budget)
            for name in [name for name in SHOWN if name in (only or SHOWN)]:
                lacking = asked.lacks(name)
                if lacking and not only:
                    show(
                        say(f"{name}: the runs kept no table '{lacking}'", f"{name}：运行未保留表 {lacking}")
                    )
                    continue
                found = shown_of(asked, name)
                show(table(found.title, found.head, found.rows, found.head[1:]))
                for note in found.notes:
                    show(note)
                frames.append(found.frame)
        if out is not None:
            write_text(out, pd.concat(frames, ignore_index=True).to_csv(index=False, lineterminator="\n"))
            show(say(f"Written to {out}", f"已写入 {out}"))
