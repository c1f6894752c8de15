"""``abm report``: the report page of a results folder."""

from abm.cli.options import ResultsFolder
from abm.cli.show import show


def report(folder: ResultsFolder) -> None:
    """Write the report page of a results folder.

    The page is report.html in that folder, and opens offline; its main table is shown here too.

    \b
    Example:
      abm report results/t_district-factorial
    """
    from abm.cli.outcomes import outcomes_table
    from abm.reports.console import summary_table
    from abm.reports.page import write_report
    from abm.runs.results import read_results

    results = read_results(folder)
    path = write_report(results, folder)
    show(outcomes_table(results) if len(results.manifest["runs"]) == 1 else summary_table(results))
    show(f"The report page is {path}")
