"""``abm report``: the report page of a results folder."""

from typing import Annotated

import typer

from abm.cli.options import ResultsFolder
from abm.cli.show import show


def report(
    folder: ResultsFolder,
    lang: Annotated[
        str, typer.Option(metavar="en|zh", help="Language of the page and of the table: English or Chinese.")
    ] = "en",
) -> None:
    """Write the report page of a results folder.

    The page is report.html in that folder (report.zh.html in Chinese), and opens offline; its main tables are
    shown here too.

    \b
    Examples:
      abm report results/t_district-factorial
      abm report results/t_district-factorial --lang zh
    """
    from abm.cli.tables import tables_of
    from abm.reports.language import say, speaking
    from abm.reports.page import write_report
    from abm.runs.results import read_results

    with speaking(lang):
        results = read_results(folder)
        path = write_report(results, folder, lang)
        for table in tables_of(results):
            show(table)
        show(say(f"The report page is {path}", f"报告页为 {path}"))
