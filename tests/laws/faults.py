"""All planted faults, and the table of who catches which: ``python -m tests.laws.faults [NAME…]``."""

import sys

from tests.laws import (  # noqa: F401  they enter their faults
    faults_of_luck,
    faults_of_money,
    faults_of_switches,
    faults_of_time_and_scale,
)
from tests.laws.planting import FAULTS, Fault, caught, table

LEAST, MAY_BE_MISSED = 70, 0
"""So many faults are planted at least, and so many of them may go unseen."""


def main(names: list[str]) -> int:
    """Print the table; 1 if too many go unseen."""
    found = {}
    for name in names or FAULTS:
        print(name, file=sys.stderr, flush=True)
        found[name] = caught(FAULTS[name])
    print(table(found))
    unseen = [name for name, verdict in found.items() if verdict is None]
    return int(len(unseen) > MAY_BE_MISSED)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

__all__ = ["FAULTS", "LEAST", "MAY_BE_MISSED", "Fault", "main"]
