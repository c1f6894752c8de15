"""Made-up results of a factorial, in the shape of real ones, for the tests of analysis and reports.

The effects are put in, so that a test knows what has to come out; incomes equal the flows that make them up.
"""

from types import SimpleNamespace

import numpy as np
import pandas as pd

from abm.analysis.arms import ARMS
from abm.analysis.money import FLOW
from abm.core.names import LAYERS, POPULATIONS
from abm.records.schema import MEASURE_COLUMNS

SWITCH, FIRST, LAST = 2019, 2014, 2026
EFFECTS = {
    "organizational": (-0.001, -0.013, 300.0),
    "interest": (-0.009, -0.017, 350.0),
    "social": (0.0, 0.0, -15.0),
}
"""Effect of each layer on Gini, anchored headcount and mean income, yuan."""
INTERACTION = -0.003
"""Of organizational with interest, on Gini."""


def manifest(**changes):
    parameter = {
        "name": "labour.quit_rate",
        "value": 0.1,
        "default": 0.1,
        "unit": "per year",
        "low": 0.0,
        "high": 0.5,
        "role": "workers leave jobs",
        "source": "a prior <of ours>",
        "status": "assumed",
        "changed": False,
    }
    return {
        "format": 1,
        "version": "0.1.0",
        "command": "factorial",
        "complete": True,
        "scenario": {
            "name": "made_up",
            "title": "A made-up district",
            "title_zh": "虚构的区",
            "content_hash": "0123456789abcdef" * 4,
            "start_year": FIRST,
            "end_year": LAST,
            "switch_year": SWITCH,
            "base_year": 2021,
            "ticks_per_year": 4,
        },
        "seed": 1,
        "replications": 4,
        "households": 3000,
        "years": LAST - FIRST + 1,
        "arms": list(ARMS),
        "parameters": [
            parameter,
            {**parameter, "name": "labour.city_wage", "status": "published", "source": "a yearbook"},
            {**parameter, "name": "grid.capacity", "value": 40.0, "changed": True, "role": "cases per tick"},
        ],
        "numbers": [
            {"key": "district.people", "unit": "persons", "value": 325_200, "source": "S0", "status": "seed"}
        ],
        "failures": [],
        **changes,
    }


def factorial(seeds=4, arms=ARMS, first=FIRST, last=LAST, question="cut", budget="neutral"):
    """Outcomes, flows and manifest of a factorial, its ``EFFECTS`` acting from the switch year on."""
    outcomes, flows = [], []
    for seed in range(seeds):
        luck = np.random.default_rng([7, seed])
        level = luck.normal(0, 0.004)
        walk = luck.normal(0, 0.002, last - first + 1).cumsum()
        own = {arm: np.random.default_rng([8, seed, i]) for i, arm in enumerate(ARMS)}
        for arm in arms:
            on = {layer: layer[0].upper() in arm if arm != "none" else False for layer in LAYERS}
            key = {
                "run_id": f"{arm}-{seed}-{question}-{budget}",
                "scenario": "made_up",
                "arm": arm,
                "question": question,
                "budget": budget,
                "draw": 0,
                **on,
                "seed": 1000 + seed,
            }
            for year in range(first, last + 1):
                after = year >= SWITCH
                noise = own[arm].normal(0, 1, 3) if after else np.zeros(3)
                strength = min(year - SWITCH + 1, 4) / 4 if after else 0.0
                gini, poor, gain = (
                    strength * sum(EFFECTS[layer][i] for layer in LAYERS if on[layer]) for i in range(3)
                )
                if on["organizational"] and on["interest"]:
                    gini += strength * INTERACTION
                common = level + walk[year - first]
                persons = 9000.0
                base = 15000 * (1 + common) * 1.03 ** (year - first)
                shares = _flows(on, after, gain + noise[2] * 20, base)
                mean = sum(yuan for (_, payee, kind, _), yuan in shares.items() if kind not in OTHER)
                flows += [
                    {**key, "year": year, **dict(zip(FLOW, flow, strict=True)), "amount": yuan * persons}
                    for flow, yuan in shares.items()
                    if yuan
                ]
                for population in POPULATIONS:
                    row = dict.fromkeys(MEASURE_COLUMNS, 0.5 + common)
                    factor = {"urban": 1.3, "rural": 0.7}.get(population, 1.0)
                    row |= {
                        "households": 3000,
                        "persons": persons * (1.0 if population == "all" else 0.5),
                        "mean_income": mean * factor,
                        "median_income": mean * factor * 0.87,
                        "gini": 0.35 + common + gini + noise[0] * 0.0012,
                        "headcount_anchored_60": 0.205 - common + poor + noise[1] * 0.002,
                        "headcount_60": 0.21 + common,
                        "outside_net_per_head": 100.0 + 20.0 * on["interest"] * after,
                        "urban_rural_ratio": 1.3 / 0.7 if population == "all" else np.nan,
                        "poverty_entry": np.nan if year == first else 0.05 + common,
                        "ledger_imbalance": 0,
                    }
                    outcomes.append({**key, "year": year, "population": population, **row})
    names = {"run": "run"} if len(arms) == 1 else {}
    made = manifest(replications=seeds, arms=list(arms), command=names.get("run", "factorial"))
    return SimpleNamespace(outcomes=_typed(outcomes), flows=_typed(flows), manifest=made)


def with_dynamics(results, burn_in=True):
    """The same results with the tables that only newer folders have: fifths, mobility and, on request, a burn-in."""
    keys = ["run_id", "scenario", "arm", "question", "budget", "draw", *LAYERS, "seed"]
    runs = results.outcomes[keys].drop_duplicates().to_dict("records")
    fifths, mobility = [], []
    for run in runs:
        for year in range(FIRST, LAST + 1):
            for population in POPULATIONS:
                place = {**run, "year": year, "population": population}
                for fifth in range(1, 6):
                    income = 4000.0 * fifth + 100.0 * (run["seed"] - 1000)
                    parts = {"wage": 0.5, "business": 0.4, "property": -0.05, "transfer": 0.15}
                    fifths.append(
                        {**place, "fifth": fifth, "persons": 1800.0, "income": income}
                        | {f"income_{source}": part * income for source, part in parts.items()}
                        | {"consumption": 0.7 * income, "savings": 2.0 * income}
                    )
                    for lag in (1, 5):
                        if year - lag < FIRST:
                            continue
                        stays = 0.8 if lag == 1 else 0.44
                        mobility += [
                            {**place, "lag": lag, "from_fifth": fifth, "to_fifth": to}
                            | {"share": stays if to == fifth else (1 - stays) / 4}
                            for to in range(1, 6)
                        ]
    results.fifths, results.mobility = _typed(fifths), _typed(mobility)
    if burn_in:
        before = results.outcomes[results.outcomes["year"] < FIRST + 10].copy()
        results.burn_in = before.assign(year=before["year"] - 10)
    return results


CURVE = (0.05, 0.5, 0.95)
"""Points of the made-up Lorenz curves."""
KINDS = ("community", "mountain")
LINKS = (
    ("vertical", "organizational", "district", "branch", 1, np.nan),
    ("liaison", "organizational", "branch", "enterprise/farm", 3, np.nan),
    ("grid", "organizational", "household", "grid", 40, 1.0),
    ("project", "interest", "enterprise/farm", "collective", 2, np.nan),
    ("membership", "interest", "household", "collective", 20, 0.5),
    ("volunteer", "social", "household", "volunteers", 8, 0.2),
    ("mutual_aid", "social", "household", "household", 60, 0.9),
    ("kin", "background", "household", "household", 90, 1.0),
)
"""Links of a made-up place: kind, layer, ends, number and the share of households reached."""


def gap_of(cut, share, unit):
    """How much more of all income the poorest share of persons has when so many layers are cut, by the seed's place."""
    return (0.001 * cut + 0.0001 * cut * unit) * (1.0 - abs(2.0 * share - 1.0))


def income_of(cut, fifth, unit):
    """Income of a starting fifth (0: all) with so many layers cut, by the seed's place."""
    return 4000.0 * (fifth or 3) + 100.0 * unit - 50.0 * cut * (fifth or 3) - 5.0 * cut * unit


def with_distribution(results):
    """The same results with the tables of Lorenz curves, gains and links that only newer folders have."""
    keys = ["run_id", "scenario", "arm", "question", "budget", "draw", *LAYERS, "seed"]
    runs = results.outcomes[keys].drop_duplicates().to_dict("records")
    last = int(results.outcomes["year"].max())
    lorenz, gains, graph = [], [], []
    for run in runs:
        unit, off = run["seed"] - 1000, sum(not run[layer] for layer in LAYERS)
        for year in range(FIRST, last + 1):
            cut = off if year >= SWITCH else 0
            for population in POPULATIONS:
                lorenz += [
                    {**run, "year": year, "population": population, "persons_share": share}
                    | {"income_share": share**2 + gap_of(cut, share, unit)}
                    for share in CURVE
                ]
            groups = [(population, "") for population in ("all", "rural", "urban")]
            for population, kind in [*groups, *(("all", kind) for kind in KINDS)]:
                if year >= SWITCH - 1:
                    gains += [
                        {
                            **run,
                            "year": year,
                            "population": population,
                            "place_kind": kind,
                            "start_fifth": fifth,
                        }
                        | {"persons": 100.0 if year < SWITCH else 90.0, "income": income_of(cut, fifth, unit)}
                        for fifth in range(6)
                    ]
            for row, village in enumerate(("BQ", "BL", "SJ", "V04", "C01", "C02")):
                for kind, layer, source, target, count, reached in LINKS:
                    formed = 0 if row > 2 and layer == "interest" else count
                    on = bool(formed) and (layer == "background" or year < SWITCH or run[layer])
                    graph.append(
                        {**run, "year": year, "village": village, "kind": kind, "layer": layer}
                        | {"source": source if formed else "", "target": target if formed else ""}
                        | {
                            "formed": formed,
                            "active": formed if on else 0,
                            "reached": reached if on else 0.0 * reached,
                        }
                    )
    results.lorenz, results.gains, results.graph = _typed(lorenz), _typed(gains), _typed(graph)
    return results


OTHER = ("mutual_aid", "consumption", "grant", "envelope", "collective_share", "handling")
"""Flows of the made-up district that are no household's income."""


def _flows(on, after, gain, base):
    """Yuan per head by (payer, payee, kind, layer); those that are income add up to mean income."""
    project = 420.0 * on["interest"] * after
    share = 90.0 * on["interest"] * after
    post = 60.0 * (on["organizational"] or not after)
    aid = 35.0 * (on["social"] or not after)
    return {
        ("enterprise", "household", "local_wage", ""): base * 0.45 + gain - project - share - post,
        ("enterprise", "household", "local_wage", "interest"): project,
        ("enterprise", "household", "profit_share", "interest"): share,
        ("government", "household", "grid_post", "organizational"): post,
        ("outside", "household", "own_account_sales", ""): base * 0.34,
        ("outside", "household", "pension", ""): base * 0.21,
        ("household", "outside", "consumption", ""): base * 0.8,
        ("outside", "government", "grant", ""): 900.0,
        ("outside", "programme", "envelope", ""): 150.0,
        ("enterprise", "collective", "collective_share", "interest"): share * 0.4,
        ("programme", "outside", "handling", "organizational"): post * 0.3,
        ("household", "household", "mutual_aid", "social"): aid,
    }


def _typed(rows):
    frame = pd.DataFrame(rows)
    return frame.astype({"year": "int16", "draw": "int32", "seed": "int64"})
