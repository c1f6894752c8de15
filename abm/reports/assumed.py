"""The parameters that a report's results rest on, and which of them are only assumed."""

from collections.abc import Mapping
from typing import Any

from abm.reports.labels import NONE
from abm.reports.language import say
from abm.reports.tables import Table


def assumed_table(manifest: Mapping[str, Any]) -> Table:
    """The parameters that are only assumed, by the rule that reads them."""
    groups: dict[str, list[list[str]]] = {}
    for row in manifest.get("parameters", []):
        if row.get("status") != "assumed":
            continue
        owner, _, name = str(row["name"]).rpartition(".")
        low, high = row.get("low"), row.get("high")
        bounds = NONE if low is None or high is None else f"{low:g} {say('to', '至')} {high:g}"
        value = f"{row['value']:g}" + (say(" (set)", "（已改）") if row.get("changed") else "")
        cells = [name or owner, value, bounds, str(row.get("unit", "")), str(row.get("role", ""))]
        groups.setdefault(owner, []).append([*cells, str(row.get("source", ""))])
    head = [say("parameter", "参数"), say("value", "取值"), say("bounds", "范围"), say("unit", "单位")]
    head += [say("role", "作用"), say("source", "来源")]
    caption = say(
        "Parameters that are priors, neither in the papers nor published; (set): changed from the default.",
        "属于先验假定的参数，既不见于论文，也无公开数据；（已改）：已改动默认值。名称、单位、作用和来源按代码原文。",
    )
    rows = [(owner.replace("_", " "), rows) for owner, rows in groups.items()]
    return Table(caption, head, rows, last_words=3)


def status_counts(manifest: Mapping[str, Any], key: str = "parameters") -> dict[str, int]:
    """How many parameters (or numbers of the scenario) there are of each status."""
    counts: dict[str, int] = {}
    for row in manifest.get(key) or []:
        status = str(row.get("status", "unknown"))
        counts[status] = counts.get(status, 0) + 1
    return counts
