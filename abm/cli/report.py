"""``abm report``: the report page of a results folder."""

from abm.cli.options import ResultsFolder
from abm.cli.show import show


def report(folder: ResultsFolder) -> None:
    """Write the report page of a results folder.

    The page is report.html in that folder, and opens offline; its main tables are shown here too.

    \b
    Example:
      abm report results/t_district-factorial
    """
    from abm.cli.tables import tables_of
    from abm.reports.page import write_report
    from abm.runs.results import read_results

    results = read_results(folder)
    path = write_report(results, folder)
    for table in tables_of(results):
        show(table)
    show(f"The report page is {path}")
