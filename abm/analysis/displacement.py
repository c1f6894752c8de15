"""What joint-points in some places do to others: spill-over (外溢) and crowding out (挤出).

Jobs, sales, land and workers reach over the borders of villages, so a pilot may help or harm places that have none.
Places are grouped by when and in which layers a scenario adds links to them, and an effect is told for each group.

In a factorial every place with the layer is cut, and the effect on a group is its own and what spills over together
(only a group without added links shows the latter by itself, under the question *programme*). In the runs of ``abm
displacement`` only the pilot's added links are cut: on every other group the effect is spill-over and nothing else.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from abm.analysis.arms import UNIT, arm_of, in_order, independent, require_one_comparison
from abm.analysis.contrasts import EVERY_LAYER, contrast, difference_weights
from abm.core.names import LAYERS

OTHERS = "all but the pilot"
NOTHING_ADDED = "no links added"


def groups_of_places(manifest: Mapping[str, Any], places: Iterable[str]) -> dict[str, list[str]]:
    """The pilot, all other places, and these by year and layers of what is added to them; empty groups are left out.

    Args:
        manifest: of the results folder; its ``added_links`` says who gets links when.
        places: those of the table of villages.
    """
    added: Mapping[str, Any] = manifest.get("added_links") or {}
    places = list(places)
    first = min((place["year"] for place in added.values()), default=None)
    pilot = [name for name in places if name in added and added[name]["year"] == first]
    others = [name for name in places if name not in pilot]
    groups = {f"pilot, {first}": pilot, OTHERS: others}
    waves: dict[tuple[int, str], list[str]] = {}
    for name in others:
        if name in added:
            layers = added[name]["layers"]
            only = "" if len(layers) == len(LAYERS) else f", {' and '.join(layers)} only"
            waves.setdefault((added[name]["year"], only), []).append(name)
    groups |= {f"links added in {year}{only}": names for (year, only), names in sorted(waves.items())}
    groups[NOTHING_ADDED] = [name for name in others if name not in added]
    return {label: names for label, names in groups.items() if names}


def group_by_arm(
    villages: pd.DataFrame, places: Collection[str], measure: str, years: Iterable[int]
) -> pd.DataFrame:
    """Mean of a measure over places, weighted by their residents, and over years; a column per arm.

    One row for each of what is independent, as in ``contrasts.by_arm``.
    Of means and headcounts that is the group's own; of the Gini it is the mean spread *within* places. A run that lacks
    a year is NaN, as in ``contrasts.by_arm``.

    Raises:
        ValueError: the table mixes questions or budgets.
    """
    require_one_comparison(villages)
    years = list(years)
    rows = villages[villages["village"].isin(list(places)) & villages["year"].isin(years)]
    rows = rows[rows[measure].notna() & (rows["persons"] > 0)]
    weighted = rows.assign(total=rows[measure] * rows["persons"])
    sums = weighted.groupby([*UNIT, "arm", "year"])[["total", "persons"]].sum()
    of_year = (sums["total"] / sums["persons"]).unstack("year").reindex(columns=years)
    means = of_year.mean(axis=1).where(of_year.notna().all(axis=1), np.nan)
    table = means.unstack("arm")
    return independent(table[in_order(table.columns)])


def arms_without(arms: Iterable[str]) -> dict[str, str]:
    """For each layer, and for all three, the arm that lacks it: everywhere, or in some villages (``OS@BQ``)."""
    cut = {layer: arm_of(set(LAYERS) - {layer}) for layer in LAYERS} | {EVERY_LAYER: arm_of(set())}
    by_letters = {arm.partition("@")[0]: arm for arm in arms}
    return {layer: by_letters[name] for layer, name in cut.items() if name in by_letters}


def group_effects(
    villages: pd.DataFrame, manifest: Mapping[str, Any], measures: Iterable[str], years: Iterable[int]
) -> pd.DataFrame:
    """The effect of each layer (others on) and of all three on each group of places, on minus off, paired.

    Returns:
        One row per measure, group and layer, with the number of ``places`` and the fields of ``Estimate``.
    """
    years, everything, rows = list(years), arm_of(set(LAYERS)), []
    without = arms_without(villages["arm"].unique())
    groups = groups_of_places(manifest, sorted(villages["village"].unique()))
    for measure in measures:
        for group, names in groups.items():
            values = group_by_arm(villages, names, measure, years)
            for layer, off in without.items():
                found = contrast(values, difference_weights(everything, off))
                key = {"measure": measure, "group": group, "layer": layer, "places": len(names)}
                rows.append(key | asdict(found))
    return pd.DataFrame(rows)
