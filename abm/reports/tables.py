"""Tables of the report page: text ready to show, made from ``Numbers``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from abm.analysis.contrasts import EVERY_LAYER, by_arm, estimate
from abm.core.names import LAYERS
from abm.reports.labels import (
    LAYER_NAMES,
    NONE,
    POPULATION_NAMES,
    account_name,
    arm_name,
    capital,
    channel_name,
    flow_meaning,
    flow_name,
    interval,
    label,
    number,
    percent,
    signed,
)
from abm.reports.numbers import FURTHER, MAIN, OUTSIDE, Numbers


@dataclass(frozen=True)
class Table:
    """A table of text.

    Args:
        caption: what it shows, over what, with what uncertainty.
        head: one heading per column.
        groups: (heading, rows) pairs; an empty heading is not shown.
        words: how many leading columns are words and not numbers.
    """

    caption: str
    head: Sequence[str]
    groups: Sequence[tuple[str, Sequence[Sequence[str]]]]
    words: int = 1
    last_words: int = field(default=0)
    """How many trailing columns are words."""


def span(numbers: Numbers) -> str:
    """The years that effects are averaged over, in words."""
    first, last = numbers.years[0], numbers.years[-1]
    return f"{first}\N{EN DASH}{last}" if last > first else str(first)


def seeds(numbers: Numbers) -> str:
    """How many replications there are, in words."""
    seeds, draws = (numbers.outcomes[key].nunique() for key in ("seed", "draw"))
    if draws > 1:
        return f"{numbers.units} replications ({seeds} seeds, {draws} draws of the parameters)"
    return "1 seed" if seeds == 1 else f"{seeds} seeds"


def arms_table(numbers: Numbers) -> Table:
    """Levels of the main outcomes in every arm; of a single arm in every population."""
    over = f"over {seeds(numbers)}"
    head = [cell for measure in MAIN for cell in (label(measure).with_unit, "95 %")]
    if len(numbers.arms) == 1:
        rows = [
            [POPULATION_NAMES[population][0], *_levels(numbers, numbers.arms[0], population)]
            for population in numbers.populations
        ]
        caption = f"Mean of {span(numbers)} by population, {over}"
        spread = ", with 95 % t-intervals over seeds." if numbers.units > 1 else ". One seed has no interval."
        return Table(caption + spread, ["population", *head], [("", rows)])
    groups = [
        (
            POPULATION_NAMES[population][0].capitalize(),
            [[arm, arm_name(arm), *_levels(numbers, arm, population)] for arm in numbers.arms],
        )
        for population in numbers.compared
    ]
    caption = f"Mean of {span(numbers)} in each arm, {over}" + (
        ", with 95 % t-intervals over seeds. These intervals hold the luck that all arms share; "
        "arms are to be compared by the paired differences."
        if numbers.units > 1
        else ". One seed has no interval."
    )
    return Table(caption, ["arm", "joint-points", *head], groups, words=2)


def _levels(numbers: Numbers, arm: str, population: str) -> list[str]:
    """Mean and half of the interval of each main outcome in one arm."""
    cells = []
    for measure in MAIN:
        values = by_arm(numbers.outcomes, measure, numbers.years, population)
        text, found = label(measure), estimate(values[arm])
        half = (found.high - found.low) / 2 * text.scale
        digits = text.digits + 1 if text.digits else 0
        cells.append(number(found.mean * text.scale, digits))
        cells.append(NONE if half != half else f"\N{PLUS-MINUS SIGN} {number(half, digits)}")
    return cells


def contrasts_table(numbers: Numbers) -> Table:
    """Paired effects of each layer with the unpaired interval and the net outside money beside them."""
    groups = []
    outside = numbers.outside
    for population in numbers.compared:
        for measure in MAIN:
            text = label(measure)
            rows = []
            for layer in (*LAYERS, EVERY_LAYER):
                row = numbers.effect(measure, layer, population)
                apart, paired = row["unpaired_high"] - row["unpaired_low"], row["high"] - row["low"]
                money = outside[(outside["layer"] == layer) & (outside["others"] == "on")]
                cells = [
                    LAYER_NAMES[layer][0],
                    text.effect(row["mean"]),
                    text.effect_interval(row["low"], row["high"]),
                    text.effect_interval(row["unpaired_low"], row["unpaired_high"]),
                    f"{number(apart / paired, 1)} times" if paired > 0 else NONE,
                ]
                for state in ("averaged", "off"):
                    if layer == EVERY_LAYER:
                        cells.append(NONE)
                    else:
                        other = numbers.effect(measure, layer, population, state)
                        cells.append(_with_interval(other, text.effect_scale, text.effect_digits))
                cells.append(_with_interval(money.iloc[0], 1.0, 0) if len(money) else NONE)
                rows.append(cells)
            groups.append((f"{capital(text.with_effect_unit)}, {POPULATION_NAMES[population][0]}", rows))
    head = [
        "layer",
        "on minus off, other two on",
        "95 %, paired",
        "95 %, if seeds were not shared",
        "wider by",
        "on minus off, averaged over the other two",
        "on minus off, other two off",
        f"{label(OUTSIDE).english}, yuan, on minus off, all residents",
    ]
    caption = (
        f"Effect of the joint-points: on minus off, mean of {span(numbers)}, paired within {seeds(numbers)}; "
        + ("95 % intervals by Student t. " if numbers.units > 1 else "one seed has no interval. ")
        + "The last column says how much more money came from outside with the layer on."
    )
    return Table(caption, head, groups)


def shapley_table(numbers: Numbers) -> Table:
    """Shapley values of each layer, which add up to the whole difference."""
    groups = []
    for population in numbers.compared:
        told = {measure: share_is_told(numbers, measure, population) for measure in MAIN}
        rows = []
        for layer in (*LAYERS, EVERY_LAYER):
            cells = ["all three (the sum)" if layer == EVERY_LAYER else layer]
            for measure in MAIN:
                text, row = label(measure), numbers.shapley_of(measure, layer, population)
                cells.append(_with_interval(row, text.effect_scale, text.effect_digits))
                cells.append(percent(row["share"]) if told[measure] else NONE)
            rows.append(cells)
        groups.append((POPULATION_NAMES[population][0].capitalize(), rows))
    head = ["layer"]
    for measure in MAIN:
        head += [capital(label(measure).with_effect_unit), "share"]
    caption = (
        "Exact Shapley value of each layer: what switching it on adds, averaged over the six orders in which "
        f"the three can be switched on; mean of {span(numbers)} over {seeds(numbers)}, with 95 % paired "
        "intervals. Shares are left out where the whole difference cannot be told from zero."
    )
    return Table(caption, head, groups)


def share_is_told(numbers: Numbers, measure: str, population: str = "all") -> bool:
    """Whether shares of the whole mean something: it can be told from luck, or there is one seed only."""
    whole = numbers.shapley_of(measure, EVERY_LAYER, population)
    if whole["n"] <= 1:
        return bool(whole["mean"] != 0)
    return bool(whole["low"] > 0 or whole["high"] < 0)


def interactions_table(numbers: Numbers) -> Table:
    """Interactions of pairs of layers for the main outcomes."""
    table = numbers.interactions
    rows = []
    for first, second in table[["first", "second"]].drop_duplicates().itertuples(index=False, name=None):
        cells = [f"{first} with {second}"]
        for measure in MAIN:
            text = label(measure)
            row = table[
                (table["measure"] == measure) & (table["first"] == first) & (table["second"] == second)
            ]
            cells.append(_with_interval(row.iloc[0], text.effect_scale, text.effect_digits))
        rows.append(cells)
    caption = (
        "How much more or less two layers do together than the sum of each alone, averaged over the third "
        f"layer on and off; all residents, mean of {span(numbers)} over {seeds(numbers)}, with 95 % paired "
        "intervals."
    )
    return Table(caption, ["pair", *(capital(label(m).with_effect_unit) for m in MAIN)], [("", rows)])


def further_table(numbers: Numbers) -> Table:
    """Effects on further outcomes, all residents."""
    table = numbers.further
    rows = []
    for measure in [name for name in FURTHER if name in set(table.get("measure", []))]:
        text = label(measure)
        cells = [text.with_effect_unit]
        for layer in (*LAYERS, EVERY_LAYER):
            row = table[(table["measure"] == measure) & (table["layer"] == layer)].iloc[0]
            cells.append(_with_interval(row, text.effect_scale, text.effect_digits))
        rows.append(cells)
    caption = (
        "Effects on further outcomes: on minus off with the other two on, all residents, mean of "
        f"{span(numbers)} over {seeds(numbers)}, with 95 % paired intervals. Among so many intervals some "
        "exclude zero by luck."
    )
    return Table(
        caption, ["outcome", *(LAYER_NAMES[layer][0] for layer in (*LAYERS, EVERY_LAYER))], [("", rows)]
    )


def flows_table(numbers: Numbers) -> Table:
    """Every flow per head, by payer, payee, kind and layer, with what each layer changes of it."""
    means = numbers.flow_means
    base = numbers.arms[0]
    main = means[means["arm"] == base].sort_values("mean", ascending=False)
    keys = ["payer", "payee", "kind", "layer"]
    differences = numbers.flow_differences
    gaps = {
        (row["cut"], *(row[key] for key in keys)): row
        for row in differences.to_dict("records")
        if "payer" in row
    }
    rows = []
    for row in main.to_dict("records"):
        flow = tuple(row[key] for key in keys)
        cells = [account_name(row["payer"]), account_name(row["payee"]), flow_name(row["kind"])]
        cells += [channel_name(row["layer"]), number(row["mean"], 1)]
        if numbers.complete:
            for layer in (*LAYERS, EVERY_LAYER):
                gap = gaps.get((layer, *flow))
                cells.append(NONE if gap is None else _with_half_width(gap))
        rows.append([*cells, flow_meaning(row["kind"])])
    head = ["payer", "payee", "what for", "joint-point", arm_name(base)]
    caption = (
        f"Every flow of money, yuan per resident and year, mean of {span(numbers)} over {seeds(numbers)}"
    )
    if numbers.complete:
        head += [f"{LAYER_NAMES[layer][0]}, on \N{MINUS SIGN} off" for layer in (*LAYERS, EVERY_LAYER)]
        caption += "; beside it what each layer changes (on minus off, other two on; 95 % paired intervals)"
    return Table(caption + ".", [*head, "meaning"], [("", rows)], words=4, last_words=1)


def checks_table(numbers: Numbers) -> Table:
    """Checks of honesty: equal arms before the switch, and a ledger that adds up."""
    rows = []
    before = [year for year in numbers.all_years if year < numbers.switch_year]
    if len(numbers.arms) > 1 and before:
        gaps = numbers.gaps
        years = f"{before[0]}\N{EN DASH}{before[-1]}" if len(before) > 1 else str(before[0])
        worst = float(gaps.max())
        where = "" if worst == 0 else f" ({', '.join(gaps[gaps > 0].index)})"
        rows.append(
            [
                f"Largest difference between the arms of a seed in {years}, all {len(gaps)} measures, "
                "all populations",
                f"{worst:g}{where}",
                "0",
                _verdict(worst == 0),
            ]
        )
        rows.append(
            [
                f"Largest difference between the arms of a seed in {years}, any flow of money, yuan",
                f"{numbers.flow_gap:g}",
                "0",
                _verdict(numbers.flow_gap == 0),
            ]
        )
    rows.append(
        [
            "Largest sum over all accounts, the outside world included, at any year's end, fen",
            f"{numbers.imbalance:g}",
            "0",
            _verdict(numbers.imbalance == 0),
        ]
    )
    for layer in LAYERS if len(numbers.arms) > 1 else ():
        passed = _passed_while_cut(numbers, layer)
        if passed is not None:
            since = f"from {numbers.switch_year} on, yuan"
            text = f"Money through {layer} joint-points in the arms that cut them, {since}"
            rows.append([text, f"{passed:g}", "0", _verdict(passed == 0)])
    caption = "Checks that every results folder has to pass."
    return Table(caption, ["check", "found", "must be", "verdict"], [("", rows)], last_words=1)


def checks_hold(table: Table) -> bool:
    """Whether every check of a table of checks holds."""
    return all(row[-1] == _verdict(True) for _, rows in table.groups for row in rows)


def _passed_while_cut(numbers: Numbers, layer: str) -> float | None:
    if numbers.question != "cut":
        return None  # under "programme" the links of before the switch go on
    flows = numbers.flows
    cut = flows[
        ~flows[layer].astype(bool) & (flows["year"] >= numbers.switch_year) & (flows["layer"] == layer)
    ]
    return float(cut["amount"].sum())


def _verdict(holds: bool) -> str:
    return "holds" if holds else "BROKEN"


def assumed_table(manifest: Mapping[str, Any]) -> Table:
    """The parameters that are only assumed, by the rule that reads them."""
    groups: dict[str, list[list[str]]] = {}
    for row in manifest.get("parameters", []):
        if row.get("status") != "assumed":
            continue
        owner, _, name = str(row["name"]).rpartition(".")
        low, high = row.get("low"), row.get("high")
        bounds = NONE if low is None or high is None else f"{low:g} to {high:g}"
        value = f"{row['value']:g}" + (" (set)" if row.get("changed") else "")
        cells = [name or owner, value, bounds, str(row.get("unit", "")), str(row.get("role", ""))]
        groups.setdefault(owner, []).append([*cells, str(row.get("source", ""))])
    head = ["parameter", "value", "bounds", "unit", "role", "source"]
    caption = (
        "Parameters that are priors, neither in the papers nor published; (set): changed from the default."
    )
    rows = [(flow_name(owner), rows) for owner, rows in groups.items()]
    return Table(caption, head, rows, last_words=3)


def status_counts(manifest: Mapping[str, Any], key: str = "parameters") -> dict[str, int]:
    """How many parameters (or numbers of the scenario) there are of each status."""
    counts: dict[str, int] = {}
    for row in manifest.get(key) or []:
        status = str(row.get("status", "unknown"))
        counts[status] = counts.get(status, 0) + 1
    return counts


def joint_point_total(numbers: Numbers, layer: str) -> float:
    """Money through a layer's joint-points with everything on, yuan per head and year."""
    flows = numbers.joint_point_flows
    return float(flows[flows["layer"] == layer]["mean"].sum())


def _with_half_width(row: Any) -> str:
    """ "−8.8 ± 1.7"; without an interval only the mean, and a plain zero where nothing differs at all."""
    half = (row["high"] - row["low"]) / 2
    digits = 0 if abs(row["mean"]) >= 10 else 1
    text = signed(row["mean"], digits)
    if half != half or (row["mean"] == 0 and half == 0):
        return text
    return f"{text} \N{PLUS-MINUS SIGN} {number(half, digits)}"


def _with_interval(row: Any, scale: float, digits: int) -> str:
    """ "−8.8 (−10.5 to −7.1)"; without an interval only the mean."""
    text = signed(row["mean"] * scale, digits)
    between = interval(row["low"] * scale, row["high"] * scale, digits)
    return text if between == NONE else f"{text} ({between})"
