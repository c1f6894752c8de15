"""The report page of a results folder: one HTML file that opens offline, without scripts or outside fonts."""

import os
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from abm.analysis.arms import ARMS
from abm.core.names import LAYERS
from abm.reports import dynamics, dynamics_figures, figures, tables
from abm.reports.findings import Finding, findings, limits
from abm.reports.labels import layer_name, number
from abm.reports.numbers import MAIN, Numbers, ResultTables, numbers_of

PAGE = "report.html"


@dataclass(frozen=True)
class Picture:
    """A picture with its words.

    Args:
        name: unique on the page.
        title: says what is shown.
        svg: the ``<svg>`` element.
        caption: what is shown, over what, and with what uncertainty.
    """

    name: str
    title: str
    svg: str
    caption: str


@dataclass(frozen=True)
class Part:
    """All that the page shows about one question under one budget."""

    numbers: Numbers
    name: str
    findings: list[Finding]
    over_years: list[Picture]
    effects: list[Picture]
    money: list[Picture]
    dynamics: list[Picture]
    moves: tables.Table | None
    arms: tables.Table
    contrasts: list[tables.Table]
    further: tables.Table | None
    flows: tables.Table
    checks: tables.Table
    limits: list[str]

    @property
    def checks_hold(self) -> bool:
        return tables.checks_hold(self.checks)

    @property
    def missing_arms(self) -> list[str]:
        return [arm for arm in ARMS if arm not in self.numbers.arms]


def write_report(results: ResultTables, out_dir: str | Path) -> Path:
    """Write the report page into a results folder and return its path.

    Args:
        results: tables and manifest of the folder (``abm.read_results``).
        out_dir: where ``report.html`` goes; an older one is replaced, at once or not at all.

    Raises:
        InputError: the results hold no outcomes.
    """
    text = render(results)
    path = Path(out_dir) / PAGE
    draft = path.with_name(f".{PAGE}.{os.getpid()}")
    try:
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return path


def render(results: ResultTables) -> str:
    """The page as text. The same results give the same text: no date and no path stands in it."""
    parts = [_part(numbers, f"p{place}") for place, numbers in enumerate(numbers_of(results), 1)]
    source = files("abm.reports").joinpath("page.html.jinja").read_text(encoding="utf-8")
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(source).render(
        manifest=results.manifest,
        scenario=results.manifest["scenario"],
        facts=_facts(results.manifest, parts[0].numbers),
        warnings=_warnings(results.manifest),
        parts=parts,
        layers=[layer_name(layer, chinese=True) for layer in LAYERS],
        assumed=tables.assumed_table(results.manifest),
        counts=tables.status_counts(results.manifest),
    )


def _part(numbers: Numbers, name: str) -> Part:
    whole = numbers.complete
    return Part(
        numbers=numbers,
        name=name,
        findings=findings(numbers),
        over_years=_over_years(numbers, name) if whole else [_single(numbers, name)],
        effects=_effects(numbers, name) if whole else [],
        money=_money(numbers, name),
        dynamics=_dynamics(numbers, name),
        moves=dynamics.dynamics_table(numbers) if dynamics.known(numbers) else None,
        arms=tables.arms_table(numbers),
        contrasts=[
            tables.contrasts_table(numbers),
            tables.shapley_table(numbers),
            tables.interactions_table(numbers),
        ]
        if whole
        else [],
        further=tables.further_table(numbers) if whole else None,
        flows=tables.flows_table(numbers),
        checks=tables.checks_table(numbers),
        limits=limits(numbers),
    )


def _bands(numbers: Numbers, what: str) -> str:
    return f" Bands: 95 % intervals {what}." if numbers.units > 1 else " One seed: no intervals."


def _title(numbers: Numbers, measure: str) -> str:
    return {
        "gini": "Gini of income per head, all residents",
        "headcount_anchored_60": (
            f"Share of people below 60 % of the rural median of {numbers.anchor_year} (anchored line), all "
            "residents"
        ),
        "mean_income": (
            "Mean disposable income per head, all residents, in yuan at prices of "
            f"{numbers.manifest['scenario']['base_year']}"
        ),
    }[measure]


def _over_years(numbers: Numbers, name: str) -> list[Picture]:
    pictures = []
    for measure in MAIN:
        title = _title(numbers, measure)
        caption = (
            f"Mean over {tables.seeds(numbers)} in each year. Each panel: all three kinds of joint-points on "
            f"(black), the one kind cut from {numbers.switch_year} on (colour), all three cut (grey, "
            "dashed). Pale lines: the other arms of the eight."
        )
        caption += _bands(
            numbers,
            "of each arm's own level; they hold the luck that all arms share, so differences are read below, "
            "where effects are shown",
        )
        key = f"{name}-{measure.replace('_', '-')}"
        pictures.append(Picture(key, title, figures.levels_figure(numbers, measure, key), caption))
    return pictures


def _effects(numbers: Numbers, name: str) -> list[Picture]:
    over_years = Picture(
        f"{name}-effects-by-year",
        "What the joint-points make of the three outcomes in each year: on minus off, all residents",
        figures.effects_over_years_figure(numbers, f"{name}-effects-by-year"),
        "Difference between the arm with all three kinds on and the arm with one kind (or all three) cut, "
        f"formed within each seed and averaged over {tables.seeds(numbers)}. Above zero: the outcome is "
        f"higher with the joint-points on. Until {numbers.switch_year} all arms are the same run."
        + _bands(numbers, "of the paired difference"),
    )
    window = Picture(
        f"{name}-effects",
        f"Effect of each layer and its Shapley value, on minus off, mean of {tables.span(numbers)}",
        figures.effects_figure(numbers, f"{name}-effects"),
        "Filled dots with numbers: the layer on minus off while the other two are on (all three: on minus "
        "off). Open diamonds: Shapley values, averaged over the six orders of switching on, which add up to "
        "the effect of all three."
        + (
            f" Lines: 95 % intervals of paired differences over {tables.seeds(numbers)}; one that crosses "
            "zero cannot be told from luck."
            if numbers.units > 1
            else " One seed: no intervals."
        ),
    )
    return [over_years, window]


def _single(numbers: Numbers, name: str) -> Picture:
    who = "all, urban and rural residents" if len(numbers.arms) == 1 else "each arm, all residents"
    key = f"{name}-levels"
    return Picture(
        key,
        f"Gini, poverty and mean income over the years: {who}",
        figures.single_figure(numbers, key),
        f"Poverty: share of people below 60 % of the rural median of {numbers.anchor_year} (anchored line). "
        f"Income: yuan per head and year at prices of {numbers.manifest['scenario']['base_year']}. Mean over "
        f"{tables.seeds(numbers)}." + _bands(numbers, "over seeds"),
    )


def _money(numbers: Numbers, name: str) -> list[Picture]:
    pictures = []
    arm = tables.arm_name(numbers.arms[0])
    over = f"mean of {tables.span(numbers)} over {tables.seeds(numbers)}"
    spread = ", with 95 % intervals" if numbers.units > 1 else ""
    if len(numbers.joint_point_flows):
        key = f"{name}-money"
        totals = ", ".join(
            f"{layer} {number(tables.joint_point_total(numbers, layer), 0)}" for layer in LAYERS
        )
        pictures.append(
            Picture(
                key,
                f"Money through joint-points by payer, payee and layer, {arm}",
                figures.joint_point_money_figure(numbers, key),
                f"The largest flows that pass a joint-point, yuan per resident and year, {over}{spread}. The "
                "number and the layer stand at each bar's end. In all by layer, passing between any two "
                f"accounts: {totals}.",
            )
        )
    if numbers.complete:
        key = f"{name}-income"
        pictures.append(
            Picture(
                key,
                "By which flows of households' income the effect on mean income comes about",
                figures.income_figure(numbers, key),
                "Difference in what households receive less what they pay, by kind of flow and by the "
                "joint-point that it passes (in brackets and by colour; grey: none), on minus off with the "
                f"other two on; {over}{spread}. Left out: income of households whose members are all away at "
                "year-end, who are no residents. The eight largest of each layer; with the smaller ones they "
                "add up to its effect on mean income.",
            )
        )
    return pictures


def _dynamics(numbers: Numbers, name: str) -> list[Picture]:
    """Mobility, fifths and burn-in, as far as the folder has their tables."""
    pictures = []
    arm, over = tables.arm_name(dynamics.base_arm(numbers)), tables.seeds(numbers)
    matrix = dynamics_figures.mobility_figure(numbers, f"{name}-mobility")
    if matrix is not None:
        pictures.append(
            Picture(
                f"{name}-mobility",
                "Where the persons of each fifth stand later (流动矩阵)",
                matrix,
                "Rows: fifth of the persons by income per head in the earlier year; columns: in the later one. "
                f"Percent of the row, mean of {tables.span(numbers)} over {over}, {arm}. Households that lived in the "
                "same dwelling throughout, fifths among them. 20 everywhere: where one stood says nothing; 100 on "
                "the diagonal: nobody moves.",
            )
        )
    if numbers.fifths is not None:
        printed = dynamics.published_fifths(numbers.manifest)
        year = dynamics.fifths_year(numbers, printed)
        key = f"{name}-fifths"
        pictures.append(
            Picture(
                key,
                "Income by source and fifth of persons (五等份), in percent of mean income",
                dynamics_figures.fifths_figure(numbers, key, year, printed),
                f"Lines: the model, {arm}, mean over {over}."
                + (
                    " Circles: printed tables of households ranked by income per head, in percent of the mean of their "
                    "five groups; levels of another place and year do not compare, shapes do."
                    if printed
                    else " No printed table is at hand."
                )
                + (" Bands: 95 % intervals over seeds; wide ones are cut off." if numbers.units > 1 else ""),
            )
        )
    if numbers.burn_in is not None:
        first, last = int(numbers.burn_in["year"].min()), int(numbers.burn_in["year"].max())
        key = f"{name}-burn-in"
        pictures.append(
            Picture(
                key,
                f"The last years of the burn-in, {first}\N{EN DASH}{last}, all residents",
                dynamics_figures.burn_in_figure(numbers, key),
                "Years that run before the scenario's first one with its outside world standing still: the state that "
                f"the scenario starts from should no longer drift. Thick: mean over {over}"
                + ("; thin: single seeds, ten at most" if numbers.units > 1 else "")
                + ". Axes reach at least a fifth of the level to either side.",
            )
        )
    return pictures


def _facts(manifest: dict[str, Any], numbers: Numbers) -> list[tuple[str, str]]:
    scenario = manifest["scenario"]
    households = manifest.get("households")
    years = numbers.all_years
    facts = [
        ("Scenario", f"{scenario['name']}, {scenario['content_hash'][:12]}"),
        ("Years", f"{years[0]}\N{EN DASH}{years[-1]}, {scenario['ticks_per_year']} ticks a year"),
        ("Households", number(households) if households else "full size"),
        ("Arms", str(len(numbers.arms))),
        ("Replications", tables.seeds(numbers)),
        ("First seed", str(manifest["seed"])),
        ("Version", f"abm {manifest['version']}"),
    ]
    if len(numbers.arms) > 1:
        facts.insert(2, ("Switch year", f"{numbers.switch_year}, first tick"))
    return facts


def _warnings(manifest: dict[str, Any]) -> list[str]:
    found = []
    if not manifest.get("complete", True):
        found.append("The experiment is not complete: this page shows the runs that are finished.")
    failures = manifest.get("failures") or []
    if failures:
        found.append(f"{len(failures)} runs failed; the first: {failures[0].get('message', '')}")
    return found
