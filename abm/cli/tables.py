"""Which tables a command shows of a results folder: they follow from what was run."""

from typing import Any

from abm.cli.outcomes import outcomes_table
from abm.reports.console import summary_table
from abm.reports.experiments import placebo_table, places_table
from abm.runs.results import Results


def tables_of(results: Results) -> list[Any]:
    """Rich tables of one run, a factorial, a placebo or a displacement."""
    if len(results.manifest["runs"]) == 1:
        return [outcomes_table(results)]
    command = results.manifest["command"]
    if command == "placebo":
        return [placebo_table(results)]
    places = places_table(results)
    first = [] if command == "displacement" else [summary_table(results)]
    return [*first, *([] if places is None else [places])]
