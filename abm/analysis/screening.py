"""The first of two steps: which groups of parameters move any of several outcomes and effects.

Elementary effects on different outcomes have different units. Each μ* is divided by the standard deviation of its
outcome over the points of the trajectories, so that 1 says: over a group's whole range the outcome moves by one of its
standard deviations over all points. Of an outcome that is luck alone these numbers are large for all groups, since
luck is all that there is to divide by. So the groups that go on to shares of variance are the first by the largest
of those numbers that lie above luck, then the others by how many times what luck alone shows theirs are: a rule that
can be written down before the runs.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from abm.analysis.designed import YEARS, designs_of, effect_of
from abm.analysis.observed import averaged
from abm.analysis.sensitivity import LEVELS, morris_table, noise_of
from abm.core.errors import InputError
from abm.runs.results import Results

OUTCOMES = (("rural", "gini"), ("rural", "headcount_anchored_60"), ("rural", "mean_income"))
"""Populations and measures that the layers' effects are judged by unless told otherwise."""


def screening(
    results: Results, outcomes: Iterable[tuple[str, str]] = OUTCOMES, *, length: int = YEARS
) -> pd.DataFrame:
    """Standardized elementary effects of each group on several outcomes.

    Args:
        results: of a Morris design; where each row was run under several arms, of the effect of each switch.
        outcomes: pairs of population and measure.
        length: how many of the last years are averaged.

    Returns:
        One row per outcome, effect and group: ``population``, ``measure``, ``effect`` (a switch; empty for levels),
        ``question``, ``budget``, ``name``, ``mu_star``, ``low``, ``high``, ``over`` (``sensitivity.morris_table``),
        ``sd`` (of the outcome over the points), ``standardized`` (μ* over sd; 0 where nothing moves), ``luck``, what
        luck alone would show in that unit, and ``told``: whether the interval of μ* lies above luck (True where luck
        is not known: one seed a point; False where there is no interval: one trajectory). Each interval holds by
        itself: of many rows that luck alone has made, up to one in twenty may be told.

    Raises:
        InputError: another design, or results that are not those of an experiment's file.
    """
    rows = []
    for population, measure in outcomes:
        for found in designs_of(results, measure, population, length=length):
            if found.kind != "morris":
                mend = "name the results of a design of kind 'morris'"
                raise InputError(f"is a design of kind '{found.kind}'", file=results.folder, mend=mend)
            for switch in [name for name in found.arms if name in found.varying] or [""]:
                one = effect_of(found, switch) if switch else found
                levels = int(one.options.get("grid_levels", LEVELS))
                means = averaged(one.values)
                table = morris_table(one.sample, one.values, one.groups, levels)
                sd = float(means.std(ddof=1))
                luck = noise_of(one.values).elementary(levels)
                key = {"population": population, "measure": measure, "effect": switch}
                key |= {"question": one.question, "budget": one.budget}
                kept = table[["name", "mu_star", "low", "high", "over"]].assign(**key, sd=sd)
                moved = sd > 1e-12 * float(means.abs().max())
                scale = sd if moved else np.inf
                rows.append(
                    kept.assign(
                        standardized=kept["mu_star"] / scale,
                        luck=luck / scale,
                        told=(kept["low"] > luck) if luck == luck else True,
                    )
                )
    columns = [
        "population",
        "measure",
        "effect",
        "question",
        "budget",
        "name",
        "mu_star",
        "low",
        "high",
        "over",
        "sd",
    ]
    return pd.concat(rows, ignore_index=True)[[*columns, "standardized", "luck", "told"]]


def strongest(table: pd.DataFrame, count: int) -> Sequence[str]:
    """The groups with the largest standardized effect on any outcome, the strongest first; ties by name.

    Effects that are told from luck come first. Groups without any follow by the largest of their effects in parts of
    what luck alone shows; where luck is 0 or not known, by the effect itself.

    Args:
        table: of ``screening``.
        count: how many.
    """
    effect, luck = table["standardized"], table["luck"]
    keyed = table.assign(
        told=effect.where(table["told"], -1.0),  # no effect is below 0
        over_luck=(effect / luck).where(luck > 0, effect),
    )
    largest = keyed.groupby("name")[["told", "over_luck"]].max().sort_index()
    ranked = largest.sort_values(["told", "over_luck"], ascending=False, kind="stable")
    return [str(name) for name in ranked.index[:count]]
