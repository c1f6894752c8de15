"""``abm digest``: one line per table, to compare two results folders by eye."""

from abm.cli.options import ResultsFolder
from abm.cli.show import show


def digest(folder: ResultsFolder) -> None:
    """Print the digest of each table of a results folder.

    A digest is a SHA-256. Two folders hold the same results, to the last bit, if and only if their digests
    are equal.

    \b
    Example:
      abm digest results/t_district-factorial
    """
    from abm.runs.results import read_results

    for name, value in read_results(folder).digests().items():
        show(f"{value}  {name}")
