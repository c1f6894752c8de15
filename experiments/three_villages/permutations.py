"""All six ways to give one layer to each village, on the same nine cells: does the true one lead the most?

    python experiments/three_villages/permutations.py DIR [--design three_villages] [--out experiments/three_villages]

Writes DESIGN_permutations.csv and .md. It needs no run of its own.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from itertools import permutations
from pathlib import Path

import pandas as pd
from designs import DESIGNS, LAYERS, PILOT, level, matching

from abm.analysis.contrasts import estimate
from abm.analysis.design_results import DesignResults, results_for
from abm.analysis.hypotheses import Hypothesis, read_hypothesis
from abm.analysis.judging import unit_values
from abm.analysis.terms import Cell
from abm.core.errors import InputError

HYPOTHESIS = Path(__file__).resolve().parents[1] / "hypotheses" / "H6.toml"


def lead_weights(given: Mapping[str, str]) -> dict[Cell, float]:
    """Lead of each village's given layer over the mean of its two others, mean over the villages."""
    return {
        (village, level(village, layer)): (1.0 if layer == given[village] else -0.5) / len(PILOT)
        for village in PILOT
        for layer in LAYERS
    }


def permuted(results: DesignResults, hypothesis: Hypothesis, design: str) -> pd.DataFrame:
    """The lead under each assignment, the greatest first, with its interval over seeds.

    Returns:
        Columns BQ, BL, SJ (the layers given), true, lead, low, high, n, best (share of the seeds in which it leads
        all others). In logs of village mean income; the six leads of a seed add up to 0.
    """
    test, years = hypothesis.tests[0], results.last_years(hypothesis.years)
    frame = results.table("villages")
    frame = frame[(frame["question"] == hypothesis.question) & (frame["budget"] == hypothesis.budget)]
    each = {
        layers: unit_values(frame, test, lead_weights(dict(zip(PILOT, layers, strict=True))), years)
        for layers in permutations(LAYERS)
    }
    leads = pd.DataFrame({str(layers): values for layers, values in each.items()}).dropna()
    best = leads.idxmax(axis=1).value_counts(normalize=True)
    true = tuple(matching(design)[village] for village in PILOT)
    rows = []
    for layers in each:
        found = estimate(leads[str(layers)])
        numbers = {"lead": found.mean, "low": found.low, "high": found.high, "n": found.n}
        named = dict(zip(PILOT, layers, strict=True))
        rows.append({**named, "true": layers == true, **numbers, "best": float(best.get(str(layers), 0.0))})
    return pd.DataFrame(rows).sort_values("lead", ascending=False, ignore_index=True)


def markdown(table: pd.DataFrame) -> str:
    """The table for a README."""
    head = ["rank", *table.columns]
    lines = [head, ["---"] * len(head)]
    for rank, row in enumerate(table.itertuples(index=False), 1):
        lines.append([str(rank), *(f"{x:.4f}" if isinstance(x, float) else str(x) for x in row)])
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines) + "\n"


def main(words: Sequence[str] | None = None) -> int:
    """Write the table of one design."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("folder", type=Path, metavar="DIR", help="what run.py --out has filled")
    options.add_argument("--design", choices=DESIGNS, default="three_villages")
    options.add_argument("--out", type=Path, default=Path(__file__).parent)
    given = options.parse_args(words)
    hypothesis = read_hypothesis(HYPOTHESIS)
    assert hypothesis.design is not None
    design = hypothesis.design.model_copy(update={"name": given.design})
    try:
        results, missing = results_for(hypothesis.model_copy(update={"design": design}), given.folder)
        if results is None:
            raise InputError(missing, mend="run experiments/three_villages/run.py")
    except InputError as error:
        print(f"permutations.py: {error}", file=sys.stderr)
        return 2
    table = permuted(results, hypothesis, given.design)
    given.out.mkdir(parents=True, exist_ok=True)
    table.to_csv(given.out / f"{given.design}_permutations.csv", index=False, float_format="%.6g")
    (given.out / f"{given.design}_permutations.md").write_text(markdown(table), encoding="utf-8")
    print(markdown(table), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
