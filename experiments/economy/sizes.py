"""The fitted targets at several sizes: the same within noise?

    python experiments/economy/sizes.py [--seeds 4] [--full-seeds 1] [--out experiments/economy]

Runs the scenario at its own values with the joint-points of each year, at 3 000 and 10 000 households and at full size,
once more at 3 000 with every layer off. Writes ``sizes.csv`` and ``sizes.md``.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from run import OFF, markdown

from abm import load_scenario, simulate
from abm.analysis.targets import read_targets, targets_file, values_in
from abm.core.draws import replication_seed
from abm.scenario.switches import ALL_ON


def main() -> None:
    """Run it all and write the files."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seeds", type=int, default=4)
    options.add_argument("--full-seeds", type=int, default=1)
    options.add_argument("--out", type=Path, default=Path(__file__).parent)
    given = options.parse_args()
    scenario = load_scenario("t_district")
    targets = read_targets(targets_file(scenario), scenario)
    targets = [t for t in targets if t.use == "fit" or t.measure == "gini_drift"]
    cases = (
        ("3 000", 3000, ALL_ON, given.seeds),
        ("10 000", 10000, ALL_ON, given.seeds),
        ("full size", None, ALL_ON, given.full_seeds),
        ("3 000, every layer off", 3000, OFF, given.seeds),
    )
    made = pd.DataFrame({"target": [t.value for t in targets], "tolerance": [t.tolerance for t in targets]})
    made.index = [t.id for t in targets]
    for name, households, arm, seeds in cases:
        values = []
        for replication in range(seeds):
            seed = replication_seed(1, replication)
            tables = simulate(scenario, seed=seed, arm=arm, households=households, years=20)
            values.append(values_in(tables, scenario, targets))
        made[name] = np.mean(values, axis=0)
        if seeds > 1:
            made[f"± {name}"] = 2.0 * np.std(values, axis=0, ddof=1) / np.sqrt(seeds)
    made.to_csv(given.out / "sizes.csv", float_format="%.5g")
    (given.out / "sizes.md").write_text(markdown(made) + "\n", encoding="utf-8")
    print(made.to_string(float_format=lambda x: f"{x:.4g}"))


if __name__ == "__main__":
    main()
