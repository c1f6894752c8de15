"""``abm signs``: in how many draws of the assumed parameters each layer raises or lowers an outcome."""

from typing import Annotated

import typer

from abm.cli.options import Population, ResultsFolder, TableFile, check_choice, check_file
from abm.cli.show import show, table, tell_gaps, write_text
from abm.core.errors import InputError
from abm.core.names import POPULATIONS

STATES = ("on", "off", "averaged")
HEAD = ("measure", "layer", "draws", "raises", "lowers", "told", "")


def signs(
    folder: ResultsFolder,
    population: Population = "all",
    others: Annotated[
        str, typer.Option(metavar="|".join(STATES), help="The other two layers meanwhile.")
    ] = "on",
    out: TableFile = None,
) -> None:
    """Count in how many parameter draws a layer raises or lowers Gini, poverty and the mean.

    The factorial needs draws (--draws K). Each share has its Wilson interval; 'told' is the share of draws in which
    the effect can be told from luck over the draw's own seeds. A layer with one sign in every draw is marked: its
    sign may be built in, and is to be traced to its line.

    \b
    Example:
      abm factorial t_district --households 3000 --draws 200 --replications 2 --out r
      abm signs r
    """
    check_choice(population, POPULATIONS, "--population")
    check_choice(others, STATES, "--others")
    check_file(out, ".csv")

    from abm.analysis.arms import check_told_by_arms, is_complete, last_years
    from abm.analysis.signs import signs as counted
    from abm.reports.labels import label, percent
    from abm.runs.results import read_results

    results = read_results(folder)
    tell_gaps(results.manifest)
    check_told_by_arms(results.manifest, folder)
    if not is_complete(results.outcomes):
        raise InputError("is no factorial with all eight arms", file=folder, mend="run 'abm factorial'")
    if not (results.outcomes["draw"] > 0).any():
        mend = "run 'abm factorial' with --draws K"
        raise InputError("holds no draws of the parameters", file=folder, mend=mend)
    years = last_years(results.manifest, results.outcomes)
    found = counted(results.outcomes, years, population=population, others=others)
    for (question, budget), part in found.groupby(["question", "budget"], sort=False):
        rows = [
            (
                label(row.measure).english,
                row.layer,
                str(row.draws),
                _share(row.raises, row.raises_low, row.raises_high),
                _share(row.lowers, row.lowers_low, row.lowers_high),
                percent(row.told),
                row.flag,
            )
            for row in part.itertuples()
        ]
        span = f"{years[0]} to {years[-1]}, {population}, other two layers {others}"
        title = f"Sign of each layer's effect over draws ({question}, {budget}; {span})"
        show(table(title, HEAD, rows, HEAD[2:6]))
    if out is not None:
        write_text(out, found.to_csv(index=False, lineterminator="\n"))
        show(f"Written to {out}")


def _share(share: float, low: float, high: float) -> str:
    from abm.reports.labels import percent

    return f"{percent(share)} ({percent(low).removesuffix(' %')} to {percent(high).removesuffix(' %')})"
