"""``abm sensitivity``: what of all that an experiment varied moves an outcome, and by how much."""

from pathlib import Path
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
    check_file,
)
from abm.cli.show import show, table, tell_gaps, write_text
from abm.core.errors import InputError


def sensitivity(
    folder: ResultsFolder,
    outcome: OutcomeName = "gini",
    population: Population = "all",
    years: LastYears = 5,
    minus: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Subtract these results point by point, seed by seed."),
    ] = None,
    effect: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Look at what this switch does at each point, on minus off."),
    ] = None,
    at: Annotated[
        list[str] | None,
        typer.Option(
            "--at", metavar="NAME=VALUE", help="Only points with this value; may be given several times."
        ),
    ] = None,
    permutations: Annotated[
        int | None,
        typer.Option(metavar="M", help="Shapley values: how many orders the list of switches was made from."),
    ] = None,
    order_seed: Annotated[int, typer.Option(metavar="S", help="The seed that it was made with.")] = 1,
    lang: Language = "en",
    out: TableFile = None,
    picture: Annotated[
        Path | None, typer.Option("--picture", metavar="FILE", help="Also draw it, as an SVG file.")
    ] = None,
) -> None:
    """Say which parameters and switches of an experiment move an outcome.

    Of a Morris design: elementary effects μ* and σ, by group. Of a Sobol design: shares of variance, S1 and ST. Of
    a Latin hypercube: partial rank correlations. Of levels one at a time: changes from the base. Of a grid: the
    response to one name, step by step, or a map over two. Replications are averaged, and the luck of their seeds is
    told beside. Where each row of a sample was run under several arms ('each' in the design), the outcome is the
    effect of each switch in turn; with --minus, that of what the other results lack. With --permutations: Shapley
    values of the switches of a list that 'abm.analysis.coalitions.shapley_design' has made (docs/analysis.md).

    \b
    Examples:
      abm sensitivity results/screening --outcome gini --population rural
      abm sensitivity results/sobol --minus results/sobol_without_interest --out shares.csv
      abm sensitivity results/grid --effect switches.social --picture map.svg --lang zh
    """
    check_answer(population, lang, years, out)
    check_file(picture, ".svg", "--picture")
    fixed = dict(_fixed(word) for word in at or ())

    import pandas as pd

    from abm.analysis.designed import at_values, designs_of, effect_of
    from abm.reports.drawing import pictured
    from abm.reports.language import say, speaking
    from abm.reports.sensitivity import answer_of
    from abm.reports.sensitivity_figures import as_file
    from abm.reports.shapley_answer import shapley_answer
    from abm.runs.results import read_results

    results = read_results(folder)
    tell_gaps(results.manifest)
    apart = None if minus is None else read_results(minus)
    with speaking(lang):
        answers = []
        for found in designs_of(results, outcome, population, length=years, minus=apart):
            found = at_values(found, fixed)
            for name in [effect] if effect else [arm for arm in found.arms if arm in found.varying] or [""]:
                words = "_".join(word for word in (name.rpartition(".")[2], found.budget) if word)
                chosen = effect_of(found, name) if name else found
                if permutations is None:
                    answers.append((words, answer_of(chosen)))
                else:
                    answers.append((words, shapley_answer(chosen, permutations, order_seed)))
        for _, answer in answers:
            show(table(answer.title, answer.head, answer.rows, answer.numbers))
            for note in answer.notes:
                show(note)
        if out is not None:
            frame = pd.concat([answer.frame for _, answer in answers], ignore_index=True)
            write_text(out, frame.to_csv(index=False, lineterminator="\n"))
            show(say(f"Written to {out}", f"已写入 {out}"))
        for words, answer in answers if picture is not None else ():
            assert picture is not None
            place = picture if len(answers) == 1 else picture.with_stem(f"{picture.stem}_{words}")
            write_text(place, as_file(pictured(answer.picture)))
            show(say(f"Drawn in {place}", f"图已存为 {place}"))


def _fixed(word: str) -> tuple[str, str]:
    name, equals, value = word.partition("=")
    if not equals or not name.strip() or not value.strip():
        raise InputError("has no value", key=f"--at {word}", mend="write --at NAME=VALUE")
    return name.strip(), value.strip()
