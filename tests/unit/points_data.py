"""Made-up outcomes of points: what a run of a design would leave behind, with numbers that a test knows."""

import numpy as np
import pandas as pd

YEARS = (2019, 2020)


def outcomes_of(values, *, arm="OIS", draw=0, common=True, first=0):
    """Outcomes of runs, one per point (row) and seed (column): ``gini`` is the number; and the table of points.

    The years lie 1 around it, so that only a mean over both gives it back.
    """
    rows, points = [], []
    for point, numbers in enumerate(np.atleast_2d(values)):
        for seed, number in enumerate(numbers):
            run = f"{arm}-{point}-{seed}"
            points.append((run, point))
            own = 1000 + seed if common else 1000 + 100 * point + seed
            key = {
                "run_id": run,
                "arm": arm,
                "question": "cut",
                "budget": "neutral",
                "draw": draw,
                "seed": own,
            }
            for year, more in zip(YEARS, (-1.0, 1.0), strict=True):
                rows.append({**key, "year": year, "population": "all", "gini": number + more})
                rows.append({**key, "year": year, "population": "rural", "gini": 10 * number})
    return pd.DataFrame(rows), pd.DataFrame(points, columns=["run_id", "point"])
