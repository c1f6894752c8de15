"""The economy by itself: thirty years without a switch, what narrows the spread meanwhile, and what breaks it.

    python experiments/economy/run.py [--households 3000] [--seeds 4] [--out experiments/economy]

Writes ``thirty_years.png``, ``breaks.csv``, ``breaks.md``, ``demography.md`` and ``by_size.md`` into the folder.
"""

import argparse
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from breaks import BREAKS, DEMOGRAPHY

from abm import JointPointModel, load_scenario
from abm.core.draws import replication_seed
from abm.measures import gini
from abm.records.schema import RunKey
from abm.scenario.switches import ALL_ON, Arm

YEARS = 30
OFF = Arm(organizational=0.0, interest=0.0, social=0.0)
RURAL = {
    "mean_income": "mean, 1 000 yuan at the trend of 2021",
    "gini": "Gini",
    "share_wage": "share of wages",
    "share_business": "share of business",
    "share_transfer": "share of transfers",
    "migrant_share": "migrants, share of workers",
    "local_job_share": "local jobs, share of workers",
    "savings_years": "savings, years of income",
    "shorrocks_r_5": "Shorrocks R, five years",
}
BY_SIZE = (
    "Gini of households' total incomes",
    "correlation of size and income per head",
    "correlation of size and number of workers",
)


def run(case: tuple[str, Arm, int], households: int) -> pd.DataFrame:
    """Outcomes of the rural population in one run, by year."""
    name, arm, seed = case
    scenario = load_scenario("t_district", {"scenario.end_year": 2014 + YEARS - 1})
    model = JointPointModel(scenario, households, arm=arm, views=False, rng=seed)
    bend = (BREAKS | DEMOGRAPHY)[name](model)
    sizes: dict[int, dict[str, float]] = {}
    while model.running:
        bend()
        model.step()
        if model.world.calendar.year_ends:
            sizes[model.world.year] = by_size(model)
    key = RunKey("run", "t_district", "OIS", "cut", "neutral", 0, True, True, True, seed)
    table = model.recorder.tables(key)["outcomes"].to_pandas()
    rural = table[table.population == "rural"].set_index("year")
    rural["mean_income"] /= 1000.0 * rural.index.map(model.world.outside.index)
    rural["enterprises"] = float(model.world.enterprises.open.sum())
    model.close()
    return rural.join(pd.DataFrame(sizes).T).assign(case=name, on=arm == ALL_ON)


def by_size(model: JointPointModel) -> dict[str, float]:
    """How the incomes of villages' households hang together with their size, at a year's end; size: usual residents."""
    h = model.world.households
    there = ~h.urban & (h.residents_last > 0)
    size, income = h.residents_last[there].astype(np.float64), h.income_last[there]
    figures = (
        gini(income),
        np.corrcoef(size, income / size)[0, 1],
        np.corrcoef(size, h.workers[there])[0, 1],
    )
    return dict(zip(BY_SIZE, map(float, figures), strict=True))


def picture(runs: pd.DataFrame, path: Path) -> None:
    """Thirty years with the joint-points of each year, and with every layer off; a line a seed, the mean in bold."""
    figure, panels = plt.subplots(3, 3, figsize=(11, 8), sharex=True, layout="constrained")
    for panel, (measure, label) in zip(panels.flat, RURAL.items(), strict=True):
        for on, colour, words in (
            (True, "C0", "joint-points of each year"),
            (False, "C1", "every layer off"),
        ):
            mine = runs[runs.on == on]
            for _, one in mine.groupby("seed"):
                panel.plot(one.index, one[measure], color=colour, alpha=0.25, linewidth=0.8)
            mean = mine.groupby(mine.index)[measure].mean()
            panel.plot(mean.index, mean, color=colour, linewidth=2, label=words)
        panel.set_title(label, fontsize=9)
        panel.set_ylim(bottom=0)
    panels[0, 0].legend(fontsize=8, loc="lower right")
    figure.suptitle("T District, villages: thirty years without a switch", fontsize=11)
    figure.savefig(path, dpi=130)


def markdown(table: pd.DataFrame) -> str:
    """A table for a README."""
    head = [table.index.name or "", *table.columns]
    rows = [
        [str(name), *(f"{value:.3g}" for value in row)]
        for name, row in zip(table.index, table.values, strict=True)
    ]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [head, ["---"] * len(head), *rows])


def drift(runs: pd.DataFrame) -> pd.DataFrame:
    """By what the Gini of 2029-33 differs from that of 2014-18 where rules of demography are taken out or bent; means
    over seeds, twice their standard error, and the same of the difference from the economy as it is, seed by seed."""
    means = {
        name: runs[runs.index.isin(years)].groupby(["case", "seed"]).gini.mean()
        for name, years in (("early", range(2014, 2019)), ("late", range(2029, 2034)))
    }
    change = (means["late"] - means["early"]).unstack("seed").loc[["as it is", *DEMOGRAPHY]]
    beyond = change - change.loc["as it is"]
    columns = {
        "change of the Gini": change.mean(axis=1),
        "±": 2.0 * change.sem(axis=1),
        "beyond the change as it is": beyond.mean(axis=1),
        "± ": 2.0 * beyond.sem(axis=1),
    }
    return pd.DataFrame(columns).rename_axis("case")


def early_and_late(runs: pd.DataFrame) -> pd.DataFrame:
    """What ``by_size`` gave in 2014-18 and in 2029-33, means over seeds, and twice the standard error of the change."""
    runs = runs[runs.case == "as it is"]
    early, late = (
        runs[runs.index.isin(years)].groupby("seed")[list(BY_SIZE)].mean()
        for years in (range(2014, 2019), range(2029, 2034))
    )
    change = late - early
    columns = {
        "2014-18": early.mean(),
        "2029-33": late.mean(),
        "change": change.mean(),
        "±": 2.0 * change.sem(),
    }
    return pd.DataFrame(columns).rename_axis("villages")


def main() -> None:
    """Run it all and write the files."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--households", type=int, default=3000)
    options.add_argument("--seeds", type=int, default=4)
    options.add_argument("--out", type=Path, default=Path(__file__).parent)
    given = options.parse_args()
    seeds = [replication_seed(1, r) for r in range(given.seeds)]
    cases = [("as it is", ALL_ON, seed) for seed in seeds]
    cases += [(name, OFF, seed) for name in BREAKS for seed in seeds]
    cases += [(name, ALL_ON, seed) for name in DEMOGRAPHY for seed in seeds]
    with get_context("spawn").Pool(2) as pool:
        done = pool.map(partial(run, households=given.households), cases, chunksize=1)
    runs = pd.concat(done)
    picture(runs[runs.case == "as it is"], given.out / "thirty_years.png")
    off = runs[~runs.on]
    table = []
    for name in BREAKS:
        mine = off[off.case == name]
        late, early = mine[mine.index >= 2029], mine[mine.index <= 2016]
        row = {"case": name, "gini 2014-16": early.gini.mean(), "gini 2029-43": late.gini.mean()}
        row |= {m: late[m].mean() for m in RURAL if m not in ("gini", "shorrocks_r_5")}
        table.append(row | {"enterprises at the end": late.enterprises.mean()})
    made = pd.DataFrame(table).set_index("case")
    made.to_csv(given.out / "breaks.csv", float_format="%.4g")
    (given.out / "breaks.md").write_text(markdown(made) + "\n", encoding="utf-8")
    print(made.to_string(float_format=lambda x: f"{x:.3g}"))
    narrows = drift(runs[runs.on])
    (given.out / "demography.md").write_text(markdown(narrows) + "\n", encoding="utf-8")
    print(narrows.to_string(float_format=lambda x: f"{x:.3g}"))
    sizes = early_and_late(runs[runs.on])
    (given.out / "by_size.md").write_text(markdown(sizes) + "\n", encoding="utf-8")
    print(sizes.to_string(float_format=lambda x: f"{x:.3g}"))


if __name__ == "__main__":
    main()
