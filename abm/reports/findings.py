"""What is found, in plain sentences made from the numbers, and what limits it.

A sentence gives a direction only where the interval lies on one side of zero; otherwise it says that no
difference can be told from luck. Nothing is called significant.
"""

from dataclasses import dataclass

import pandas as pd

from abm.analysis.contrasts import EVERY_LAYER
from abm.core.names import LAYERS
from abm.reports.labels import (
    LAYER_NAMES,
    POPULATION_NAMES,
    Label,
    capital,
    income_name,
    interval,
    label,
    number,
    percent,
    signed,
)
from abm.reports.numbers import MAIN, Numbers
from abm.reports.tables import seeds, share_is_told, span, status_counts


@dataclass(frozen=True)
class Finding:
    """A short heading and its sentences."""

    about: str
    sentences: list[str]


def findings(numbers: Numbers) -> list[Finding]:
    """What a factorial shows; empty where not all eight arms are there."""
    if not numbers.complete:
        return []
    found = [_outcome(numbers, measure) for measure in MAIN]
    return [*found, _together(numbers), _money(numbers)]


def _outcome(numbers: Numbers, measure: str) -> Finding:
    text = label(measure)
    about = {
        "gini": "Spread of income (Gini)",
        "headcount_anchored_60": f"Poverty (below 60 % of the rural median of {numbers.anchor_year})",
        "mean_income": "Mean income per head",
    }[measure]
    sentences = [
        _effect_sentence(numbers, text, numbers.effect(measure, layer), layer)
        for layer in (*LAYERS, EVERY_LAYER)
    ]
    for population in numbers.compared:
        if population != "all":
            parts = [
                f"{LAYER_NAMES[layer][0]} {_brief(text, numbers.effect(measure, layer, population))}"
                for layer in (*LAYERS, EVERY_LAYER)
            ]
            name = POPULATION_NAMES[population][0]
            sentences.append(f"Among {name}, on minus off in {unit(text)}: {', '.join(parts)}.")
    return Finding(about, sentences)


def _effect_sentence(numbers: Numbers, text: Label, row: pd.Series, layer: str) -> str:
    subject = (
        "All three kinds of joint-points" if layer == EVERY_LAYER else f"{layer.capitalize()} joint-points"
    )
    if row["n"] == 0:
        return f"{subject}: not measured in any seed."
    if row["mean"] == 0 and not row["se"] > 0:
        return f"{subject}: no difference at all, in {seeds(numbers)}."
    amount = f"{number(abs(row['mean']) * text.effect_scale, text.effect_digits)} {unit(text)}"
    way = f"{amount} {'higher' if row['mean'] > 0 else 'lower'} with them on than with them cut"
    if row["n"] == 1:
        return f"{subject}: {way}, in the one seed there is; no interval."
    between = f"95 % interval {text.effect_interval(row['low'], row['high'])}"
    if row["low"] > 0 or row["high"] < 0:
        return f"{subject}: {way} ({between}, which excludes zero)."
    return f"{subject}: no difference can be told from luck with {seeds(numbers)} ({between})."


def _brief(text: Label, row: pd.Series) -> str:
    between = text.effect_interval(row["low"], row["high"])
    return text.effect(row["mean"]) + (f" ({between})" if row["low"] == row["low"] else "")


def _together(numbers: Numbers) -> Finding:
    sentences = []
    for measure in MAIN:
        text = label(measure)
        whole = numbers.shapley_of(measure, EVERY_LAYER)
        if not share_is_told(numbers, measure):
            sentences.append(
                f"{capital(text.english)}: the whole difference cannot be told from luck, so it is not "
                "shared out."
            )
            continue
        parts = []
        for layer in LAYERS:
            row = numbers.shapley_of(measure, layer)
            parts.append(f"{layer} {text.effect(row['mean'])} ({percent(row['share'])})")
        sentences.append(
            f"{capital(text.english)}: of the whole {text.effect(whole['mean'])} {unit(text)}, "
            f"{', '.join(parts)}."
        )
    pairs = []
    for row in numbers.interactions.to_dict("records"):
        if row["low"] > 0 or row["high"] < 0:
            text = label(row["measure"])
            pairs.append(
                f"{row['first']} with {row['second']} on the {text.english} "
                f"({text.effect(row['mean'])}, 95 % interval {text.effect_interval(row['low'], row['high'])} "
                f"{unit(text)})"
            )
    if pairs:
        sentences.append(f"Two layers do other than the sum of each alone: {'; '.join(pairs)}.")
    elif numbers.units > 1:
        sentences.append(
            "That two layers do more or less together than the sum of each alone cannot be seen."
        )
    return Finding("Shares of each layer (Shapley values) and interactions", sentences)


def _money(numbers: Numbers) -> Finding:
    table = numbers.income_differences
    sentences = []
    for layer in LAYERS:
        rows = table[table["cut"] == layer]
        rows = rows[rows["mean"].abs() >= 0.5]
        if numbers.units > 1:
            rows = rows[(rows["low"] > 0) | (rows["high"] < 0)]
        rows = rows.reindex(rows["mean"].abs().sort_values(ascending=False).index).head(4)
        if rows.empty:
            sentences.append(
                f"{layer.capitalize()} joint-points: no flow of income that differs beyond luck."
            )
            continue
        parts = [
            f"{income_name(row['kind'], row['layer'])} {signed(row['mean'])}"
            for row in rows.to_dict("records")
        ]
        whole = numbers.effect("mean_income", layer)
        sentences.append(
            f"{layer.capitalize()} joint-points: {', '.join(parts)}; "
            f"all flows together {signed(whole['mean'])} yuan of mean income."
        )
    outside = numbers.outside
    rows = outside[(outside["others"] == "on") & (outside["layer"] != EVERY_LAYER)]
    if len(rows):
        parts = [
            f"{row['layer']} {signed(row['mean'])}"
            + (f" ({interval(row['low'], row['high'])})" if row["low"] == row["low"] else "")
            for row in rows.to_dict("records")
        ]
        sentences.append(f"Net money from outside, yuan per head and year, on minus off: {', '.join(parts)}.")
    return Finding("By which flows of income, yuan per head and year", sentences)


def limits(numbers: Numbers) -> list[str]:
    """What the results rest on, in plain sentences."""
    counts = status_counts(numbers.manifest)
    total, assumed = sum(counts.values()), counts.get("assumed", 0)
    sentences = []
    if total:
        drawn = numbers.outcomes["draw"].nunique() > 1
        sentences.append(
            f"The rules read {total} parameters, of which {assumed} are only assumed; they are listed below. "
            + (
                "Intervals are over draws of parameters too, and so hold part of the doubt about them."
                if drawn
                else "How far the results move within the bounds of these parameters is not explored here."
            )
        )
    stated = status_counts(numbers.manifest, "numbers")
    if stated:
        sentences.append(
            f"Of {sum(stated.values())} numbers that the scenario states about the place, "
            f"{stated.get('assumed', 0)} are only assumed."
        )
    if numbers.units > 1:
        sentences.append(
            f"Intervals are over {seeds(numbers)}: they measure luck within the model, not doubt about the "
            "model. About one in twenty 95 % intervals misses the true value, and this page shows many."
        )
        if numbers.units < 5:
            sentences.append(
                f"With {seeds(numbers)} an interval rests on {numbers.units - 1} "
                f"degree{'s' if numbers.units > 2 else ''} of freedom and is wide; five or more are better."
            )
    else:
        sentences.append("There is one seed: nothing here can be told from luck.")
    households = numbers.manifest.get("households")
    if households:
        sentences.append(f"The district is drawn at {number(households)} households, not at its real size.")
    if numbers.complete:
        sentences.append(
            f"Effects are means of {span(numbers)}; what comes about later or has faded by then is not in "
            "them."
        )
        sentences.append(QUESTIONS.get(numbers.question, numbers.question))
        sentences.append(BUDGETS.get(numbers.budget, numbers.budget))
    return sentences


QUESTIONS = {
    "cut": "The question is cut: from the switch year every joint-point of the layer is off, older ones too.",
    "programme": "The question is programme: only joint-points added since the switch year are off.",
}
BUDGETS = {
    "neutral": (
        "The budget is neutral: money that a cut layer's programmes do not spend goes to a named other use "
        "in the same places that is no household's income."
    ),
    "withheld": "The budget is withheld: money that a cut layer's programmes do not spend stays outside.",
}


def unit(text: Label) -> str:
    """The unit of a difference in a sentence."""
    return "thousandths" if text.effect_scale == 1000.0 else text.effect_unit
