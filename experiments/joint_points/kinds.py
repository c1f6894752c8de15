"""What each kind of link does by itself, from the results of ``kinds.toml``, and the money behind it.

    python experiments/joint_points/kinds.py RESULTS [--out experiments/joint_points]

Effects are on minus off in the mean of the last five years, all other kinds on, paired within seeds, with 95 %
intervals. Writes ``kinds.csv`` and ``kinds.md`` (three rural measures; p and Holm's step-down p over all that is in the
table) and ``kinds_money.csv`` (the parts of mean income per head of all residents by kind of flow).
"""

import sys

import numpy as np
import pandas as pd
from scipy import stats
from tables import asked, cell

from abm.analysis.arms import last_years
from abm.analysis.contrasts import Estimate, estimate
from abm.analysis.money import mean_income_parts, per_head
from abm.runs.results import Results

MEASURES = {"mean_income": ("mean, yuan", 1.0, 0), "gini": ("Gini × 1000", 1000.0, 1)}
MEASURES["headcount_anchored_60"] = ("poor, points", 100.0, 2)
PREFIX, BASE = "switches.kind.", "base"
NAMES = {
    "grid": "grid (网格)",
    "pairing": "pairing (村企结对)",
    "digital": "digital (数据赋能)",
    "fund": "fund (共富基金)",
    "project": "project (项目合同)",
    "membership": "membership (社员)",
    "case_channel": "case channel (便民服务)",
    "grant": "grant (专项资金)",
    "course": "courses (培训)",
    "courtyard": "courtyard (庭院经济)",
    "volunteer": "volunteers (志愿服务)",
    "points": "points (积分)",
    "alliance": "alliance (党建联盟)",
    "liaison": "liaison (横向联结)",
    "mutual_aid": "mutual aid (互助)",
}


def cut_in(points: pd.DataFrame) -> pd.Series:
    """The kind that each run cuts, or ``base``, by run id."""
    levels = points.set_index("run_id").filter(like=PREFIX)
    named = levels.rename(columns=lambda name: name.removeprefix(PREFIX))
    return named.eq(0.0).idxmax(axis=1).where(named.eq(0.0).any(axis=1), BASE)


def p_value(found: Estimate) -> float:
    """Two-sided, of the t that the interval rests on."""
    return float(2.0 * stats.t.sf(abs(found.mean) / found.se, found.n - 1))


def step_down(p: pd.Series) -> pd.Series:
    """Holm's adjusted p over all values of the series."""
    ordered = p.sort_values()
    adjusted = (ordered * np.arange(len(ordered), 0, -1)).cummax().clip(upper=1.0)
    return adjusted.reindex(p.index)


def effects_of(outcomes: pd.DataFrame, years: tuple[int, ...]) -> pd.DataFrame:
    """One row per kind and measure, in the units of ``MEASURES``; *outcomes* with the kind cut as ``arm``."""
    rows = []
    rural = outcomes[(outcomes["population"] == "rural") & outcomes["year"].isin(years)]
    for measure, (_, factor, _) in MEASURES.items():
        by_seed = rural.groupby(["seed", "arm"])[measure].mean().unstack("arm") * factor
        for kind in NAMES:
            found = estimate((by_seed[BASE] - by_seed[kind]).dropna())
            numbers = {"mean": found.mean, "low": found.low, "high": found.high, "n": found.n}
            rows.append({"kind": kind, "measure": measure, **numbers, "p": p_value(found)})
    table = pd.DataFrame(rows)
    return table.assign(p_holm=step_down(table["p"]))


def money_of(results: Results, arm: pd.Series, years: tuple[int, ...]) -> pd.DataFrame:
    """Yuan per head of all residents and year, on minus off, by kind of link, kind of flow and layer."""
    outcomes, flows = (
        table.assign(arm=table["run_id"].map(arm)) for table in (results.outcomes, results.flows)
    )
    parts = mean_income_parts(per_head(flows, outcomes, years), outcomes, years)
    rows = []
    for kind in NAMES:
        gap = (parts.xs(BASE, level="arm") - parts.xs(kind, level="arm")).dropna(how="all")
        for flow, layer in gap.columns[gap.abs().max() >= 0.05]:
            found = estimate(gap[flow, layer])
            numbers = {"mean": found.mean, "low": found.low, "high": found.high, "n": found.n}
            rows.append({"cut": kind, "flow": flow, "layer": layer, **numbers})
    return pd.DataFrame(rows)


def as_markdown(effects: pd.DataFrame) -> str:
    """A row per kind, the greatest effect on the mean first; intervals that leave out 0 are bold."""
    heads = [label for label, _, _ in MEASURES.values()]
    lines = [f"| kind of link | {' | '.join(heads)} |", "| --- | --- | --- | --- |"]
    table = effects.set_index(["kind", "measure"])
    order = table.xs("mean_income", level="measure")["mean"].sort_values(ascending=False)
    for kind in order.index:
        cells = []
        for measure, (_, _, digits) in MEASURES.items():
            cells.append(cell(table.loc[(kind, measure)], digits))
        lines.append(f"| {NAMES[kind]} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Read, tabulate; returns the exit code."""
    given, results = asked(__doc__)
    if results is None:
        return 2
    years = last_years(results.manifest, results.outcomes, 5)
    arm = cut_in(results.points)
    effects = effects_of(results.outcomes.assign(arm=results.outcomes["run_id"].map(arm)), years)
    effects.to_csv(given.out / "kinds.csv", index=False, float_format="%.6g")
    (given.out / "kinds.md").write_text(as_markdown(effects), encoding="utf-8")
    money_of(results, arm, years).to_csv(given.out / "kinds_money.csv", index=False, float_format="%.4g")
    print(as_markdown(effects))
    print(effects.sort_values("p").head(10).to_string(index=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
