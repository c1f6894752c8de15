"""The short table at the end of a run: how income is spread, in a few of its years."""

from collections.abc import Mapping, Sequence
from typing import Any

from abm.cli.show import table
from abm.reports.labels import number, population_name
from abm.reports.language import say
from abm.runs.results import Results

SHOWN = ("all", "urban", "rural")
MOST_YEARS = 6
_MEASURES: Mapping[str, tuple[tuple[str, str], float, int]] = {
    "mean_income": (("mean", "均值"), 1.0, 0),
    "median_income": (("median", "中位数"), 1.0, 0),
    "gini": (("Gini", "基尼系数"), 1.0, 3),
    "headcount_anchored_60": (("% poor", "贫困率 %"), 100.0, 1),
    "urban_rural_ratio": (("urban/rural", "城乡比"), 1.0, 2),
}
"""Headings, factor and digits by measure."""


def outcomes_table(results: Results) -> Any:
    """A rich table of the run's main outcomes for all, urban and rural residents."""
    outcomes = results.outcomes
    years = some_years(sorted(outcomes["year"].unique()), results.manifest["scenario"]["switch_year"])
    rows = []
    for year in years:
        for population in SHOWN:
            chosen = outcomes[(outcomes["year"] == year) & (outcomes["population"] == population)]
            if chosen.empty:
                continue
            row = chosen.iloc[0]
            cells = [number(row[name] * factor, digits) for name, (_, factor, digits) in _MEASURES.items()]
            rows.append([str(year) if population == SHOWN[0] else "", population_name(population), *cells])
    heads = [say(*head) for head, _, _ in _MEASURES.values()]
    base = results.manifest["scenario"]["base_year"]
    name = results.manifest["scenario"]["name"]
    title = say(
        f"{name}: income per head, yuan a year at prices of {base}; poor: below the anchored 60 % line",
        f"{name}：人均可支配收入，元/年，{base} 年价格；贫困：低于 60 % 锚定线",
    )
    return table(title, [say("year", "年份"), say("population", "人群"), *heads], rows, heads)


def some_years(years: Sequence[int], switch_year: int) -> list[int]:
    """The first and the last year, the two around the switch, and others between, at most six."""
    wanted = {years[0], years[-1], *(year for year in (switch_year - 1, switch_year) if year in years)}
    step = max(1, (len(years) - 1) // (MOST_YEARS - 1))
    for year in years[::-step]:
        if len(wanted) < MOST_YEARS:
            wanted.add(year)
    return sorted(wanted)
