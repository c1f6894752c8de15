"""The report page of a results folder: one HTML file that opens offline, without scripts or outside fonts."""

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from abm.analysis.arms import ARMS
from abm.core.names import LAYERS
from abm.reports import distribution, dynamics, graph_figure, pictures, tables
from abm.reports.assumed import assumed_table, status_counts
from abm.reports.findings import Finding, findings, limits
from abm.reports.labels import arm_name, budget_name, layer_name, number, question_name
from abm.reports.language import LANGUAGES, language, picture_language, say, speaking
from abm.reports.numbers import Numbers, ResultTables, numbers_of
from abm.reports.pictures import Picture
from abm.runs.aside import aside_of

PAGE = "report.html"


@dataclass(frozen=True)
class Part:
    """All that the page shows about one question under one budget."""

    numbers: Numbers
    name: str
    findings: list[Finding]
    over_years: list[Picture]
    effects: list[Picture]
    gains: list[Picture]
    gains_table: tables.Table | None
    money: list[Picture]
    graph: list[Picture]
    breaks: tables.Table | None
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

    @property
    def left_out(self) -> str:
        return tables.left_out(self.numbers)

    @property
    def question(self) -> str:
        return question_name(self.numbers.question)

    @property
    def budget(self) -> str:
        return budget_name(self.numbers.budget)


def page_name(lang: str) -> str:
    """Name of the page's file: that in Chinese stands beside the English one."""
    return PAGE if lang == LANGUAGES[0] else f"report.{lang}.html"


def write_report(results: ResultTables, out_dir: str | Path, lang: str = "en") -> Path:
    """Write the report page into a results folder and return its path.

    Args:
        results: tables and manifest of the folder (``abm.read_results``).
        out_dir: where ``report.html`` goes (``report.zh.html`` in Chinese); an older one is replaced, at once or not
            at all.
        lang: ``en`` or ``zh``.

    Raises:
        InputError: the results hold no outcomes, or an unknown language.
        StoppedError: the disk is full, or may not be written.
    """
    text = render(results, lang)
    path = Path(out_dir) / page_name(lang)
    with aside_of(path) as draft:
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    return path


def render(results: ResultTables, lang: str = "en") -> str:
    """The page as text. The same results give the same text: no date and no path stands in it.

    In Chinese its pictures rest on the measures of the fonts that this computer has, and stay English without any.
    """
    with speaking(lang):
        return _render(results)


def _render(results: ResultTables) -> str:
    parts = [_part(numbers, f"p{place}") for place, numbers in enumerate(numbers_of(results), 1)]
    source = files("abm.reports").joinpath("page.html.jinja").read_text(encoding="utf-8")
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(source).render(
        say=say,
        lang=language(),
        manifest=results.manifest,
        scenario=results.manifest["scenario"],
        facts=_facts(results.manifest, parts[0].numbers),
        warnings=_warnings(results.manifest),
        parts=parts,
        layers=[layer_name(layer, chinese=True) for layer in LAYERS],
        arm_name=arm_name,
        assumed=assumed_table(results.manifest),
        counts=status_counts(results.manifest),
    )


def _part(numbers: Numbers, name: str) -> Part:
    whole = numbers.complete
    return Part(
        numbers=numbers,
        name=name,
        findings=findings(numbers),
        over_years=pictures.over_years(numbers, name) if whole else [pictures.single(numbers, name)],
        effects=pictures.effects(numbers, name) if whole else [],
        gains=distribution.pictures(numbers, name),
        gains_table=distribution.gains_table(numbers),
        money=pictures.money(numbers, name),
        graph=graph_figure.pictures(numbers, name),
        breaks=graph_figure.breaks_table(numbers),
        dynamics=pictures.moves(numbers, name),
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


def _facts(manifest: dict[str, Any], numbers: Numbers) -> list[tuple[str, str]]:
    scenario = manifest["scenario"]
    households = manifest.get("households")
    years = numbers.all_years
    span, ticks = f"{years[0]}\N{EN DASH}{years[-1]}", scenario["ticks_per_year"]
    facts = [
        (say("Scenario", "情景"), f"{scenario['name']}{say(', ', '，')}{scenario['content_hash'][:12]}"),
        (say("Years", "年份"), say(f"{span}, {ticks} ticks a year", f"{span}，每年 {ticks} 步")),
        (say("Households", "户数"), number(households) if households else say("full size", "实际规模")),
        (say("Arms", "方案"), str(len(numbers.arms))),
        (say("Replications", "重复"), tables.seeds(numbers)),
        (say("First seed", "首个种子"), str(manifest["seed"])),
        (say("Version", "版本"), f"abm {manifest['version']}"),
    ]
    if len(numbers.arms) > 1:
        when = say(f"{numbers.switch_year}, first tick", f"{numbers.switch_year} 年第一步")
        facts.insert(2, (say("Switch year", "切换年"), when))
    return facts


def _warnings(manifest: dict[str, Any]) -> list[str]:
    found = []
    if not manifest.get("complete", True):
        found.append(
            say(
                "The experiment is not complete: this page shows the runs that are finished.",
                "实验尚未完成：本页只显示已完成的运行。",
            )
        )
    failures = manifest.get("failures") or []
    if failures:
        first = failures[0].get("message", "")
        found.append(
            say(
                f"{len(failures)} runs failed; the first: {first}",
                f"{len(failures)} 次运行失败；第一个：{first}",
            )
        )
    if language() != picture_language():
        found.append("本机没有中文字体，图中文字保留英文；安装一种（如 fonts-wqy-microhei）后重新生成即可。")
    return found
