"""The three villages under one layer alone each, as they are, equalised, and with their lacks turned round.

    python experiments/three_villages/run.py [DESIGN …] --out DIR [--households 5000] [--replications 16] [--workers W]

Running it again finishes what is missing. Then: abm hypotheses DIR, and permutations.py.
"""

import sys

from designs import DESIGNS

from abm.cli.levels import run_designs

if __name__ == "__main__":
    sys.exit(run_designs(DESIGNS, __doc__))
