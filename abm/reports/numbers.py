"""All numbers that a report shows about one comparison (one question under one budget), computed once."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import pandas as pd

from abm.analysis import arms, contrasts, honesty, money, shapley
from abm.core.errors import InputError
from abm.core.names import LAYERS, POPULATIONS

MAIN = ("gini", "headcount_anchored_60", "mean_income")
"""The three outcomes that the report is about."""

FURTHER = (
    "headcount_60",
    "headcount_anchored_40",
    "poverty_gap_60",
    "poverty_entry",
    "poverty_exit",
    "poverty_reentry",
    "poverty_spell",
    "chronic_poverty",
    "transient_poverty",
    "rank_correlation_5",
    "shorrocks_r_5",
    "median_income",
    "theil_l",
    "palma",
    "s80_s20",
    "share_fifth_1",
    "share_fifth_5",
    "wolfson",
    "middle_share",
    "relative_deprivation",
    "theil_t_between_villages",
    "urban_rural_ratio",
    "employment_rate",
    "migrant_share",
    "vacancy_rate",
    "savings_years",
    "share_wage",
    "share_business",
    "share_property",
    "share_transfer",
    "mean_trust",
    "mean_participation",
    "mean_effort",
    "reach_poor",
)
"""Further outcomes, shown in a table."""

OUTSIDE = "outside_net_per_head"

OPTIONAL = ("fifths", "mobility", "burn_in", "lorenz", "gains", "graph")
"""Tables that not every results folder has."""


class ResultTables(Protocol):
    """What a report needs of a results folder; ``abm.read_results`` gives it."""

    @property
    def outcomes(self) -> pd.DataFrame: ...

    @property
    def flows(self) -> pd.DataFrame: ...

    @property
    def manifest(self) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Numbers:
    """One comparison's tables and what follows from them.

    Args:
        question, budget: what was asked.
        outcomes, flows: the rows that answer it, of every draw: the checks look at all, estimates at draw 0 alone where
            it is there (``arms.independent``).
        manifest: of the whole results folder.
        fifths, mobility, burn_in, lorenz, gains, graph: rows of these tables, of draw 0 alone where it is there; None
            where the folder has none.
        left_out: units whose rows are in no table here, since some arm of theirs is missing (``numbers_of``).
    """

    question: str
    budget: str
    outcomes: pd.DataFrame
    flows: pd.DataFrame
    manifest: Mapping[str, Any]
    fifths: pd.DataFrame | None = None
    mobility: pd.DataFrame | None = None
    burn_in: pd.DataFrame | None = None
    lorenz: pd.DataFrame | None = None
    gains: pd.DataFrame | None = None
    graph: pd.DataFrame | None = None
    left_out: int = 0

    @cached_property
    def arms(self) -> list[str]:
        """The arms that were run, in order."""
        return arms.in_order(self.outcomes["arm"].unique())

    @cached_property
    def complete(self) -> bool:
        """Whether all eight arms are there, so that layers can be compared."""
        return arms.is_complete(self.outcomes)

    @cached_property
    def units(self) -> int:
        """Number of what intervals are over: seeds of the scenario's own values, or draws where these are missing."""
        return arms.count_independent(self.outcomes)

    @cached_property
    def over_draws(self) -> bool:
        """Whether intervals are over draws of the parameters."""
        draws = set(self.outcomes["draw"])
        return 0 not in draws and len(draws) > 1

    @cached_property
    def all_years(self) -> list[int]:
        """Every year of the runs."""
        return sorted({int(year) for year in self.outcomes["year"].unique()})

    @cached_property
    def years(self) -> tuple[int, ...]:
        """The years that effects are averaged over."""
        return arms.last_years(self.manifest, self.outcomes)

    @cached_property
    def switch_year(self) -> int:
        """From this year on the arms differ."""
        return int(self.manifest["scenario"]["switch_year"])

    @cached_property
    def anchor_year(self) -> int:
        """The year whose rural median anchors the poverty line: before the switch, or the first there is."""
        return max(self.switch_year - 1, self.all_years[0])

    @cached_property
    def populations(self) -> list[str]:
        """The populations that have people."""
        alive = self.outcomes[self.outcomes["persons"] > 0]["population"].unique()
        return [population for population in POPULATIONS if population in alive]

    @cached_property
    def compared(self) -> list[str]:
        """The populations that effects are shown for."""
        return [population for population in ("all", "rural") if population in self.populations]

    @cached_property
    def effects(self) -> pd.DataFrame:
        """Effect of each layer on the main outcomes, in all three states of the other layers."""
        states = ("on", "averaged", "off")
        return contrasts.layer_effects(self.outcomes, MAIN, self.years, self.compared, states)

    @cached_property
    def further(self) -> pd.DataFrame:
        """Effect of each layer on further outcomes that any run filled, all residents, other layers on."""
        filled = [name for name in FURTHER if name in self.outcomes and self.outcomes[name].notna().any()]
        return contrasts.layer_effects(self.outcomes, filled, self.years)

    @cached_property
    def outside(self) -> pd.DataFrame:
        """Effect of each layer on net money from outside per head."""
        known = [OUTSIDE] if OUTSIDE in self.outcomes else []
        return contrasts.layer_effects(self.outcomes, known, self.years, ("all",), ("on", "averaged", "off"))

    @cached_property
    def shapley(self) -> pd.DataFrame:
        """Shapley value of each layer for the main outcomes."""
        return shapley.shapley_table(self.outcomes, MAIN, self.years, self.compared)

    @cached_property
    def interactions(self) -> pd.DataFrame:
        """Interaction of each pair of layers, all residents."""
        return contrasts.interactions(self.outcomes, MAIN, self.years)

    @cached_property
    def per_head(self) -> pd.DataFrame:
        """Every flow of every run, yuan per head and year."""
        return money.per_head(self.flows, self.outcomes, self.years)

    @cached_property
    def flow_means(self) -> pd.DataFrame:
        """Every flow's mean in every arm."""
        return money.arm_means(self.per_head)

    @cached_property
    def joint_point_flows(self) -> pd.DataFrame:
        """The flows through joint-points in the arm with most of them on, largest first."""
        means = self.flow_means
        kept = means[means["layer"].isin(LAYERS) & (means["arm"] == self.arms[0]) & (means["mean"] > 0)]
        return kept.sort_values("mean", ascending=False, ignore_index=True)

    @cached_property
    def income_differences(self) -> pd.DataFrame:
        """What households gain and lose by flow when a layer is on: parts of the effect on mean income."""
        return money.layer_differences(money.mean_income_parts(self.per_head, self.outcomes, self.years))

    @cached_property
    def flow_differences(self) -> pd.DataFrame:
        """The difference in every flow when a layer is on."""
        return money.layer_differences(self.per_head)

    @cached_property
    def gaps(self) -> pd.Series:
        """Largest difference between arms before the switch year, by measure."""
        return honesty.gaps_before(self.outcomes, self.switch_year)

    @cached_property
    def flow_gap(self) -> float:
        """Largest difference of any flow between arms before the switch year, yuan."""
        return honesty.flow_gap_before(self.flows, self.switch_year)

    @cached_property
    def imbalance(self) -> float:
        """Largest sum over all accounts, fen."""
        return honesty.largest_imbalance(self.outcomes)

    def effect(self, measure: str, layer: str, population: str = "all", others: str = "on") -> pd.Series:
        """One row of ``effects``."""
        return _row(self.effects, measure=measure, layer=layer, population=population, others=others)

    def shapley_of(self, measure: str, layer: str, population: str = "all") -> pd.Series:
        """One row of ``shapley``."""
        return _row(self.shapley, measure=measure, layer=layer, population=population)


def _row(table: pd.DataFrame, **wanted: str) -> pd.Series:
    chosen = table
    for column, value in wanted.items():
        chosen = chosen[chosen[column] == value]
    return chosen.iloc[0]


def numbers_of(results: ResultTables) -> list[Numbers]:
    """One ``Numbers`` for each question and budget in a results folder.

    Units that lack an arm, as where a run failed, are left out: arms would differ by their seeds. Where all do, all
    stay.

    Raises:
        InputError: the folder has no outcomes, or its arms do not tell its points apart.
    """
    arms.check_told_by_arms(results.manifest, getattr(results, "folder", None))
    outcomes = results.outcomes
    if outcomes.empty:
        raise InputError("there are no outcomes to report", key="outcomes", mend="run it again")
    further = {name: _optional(results, name) for name in OPTIONAL}
    return [_of_comparison(results, further, *pair) for pair in arms.comparisons(outcomes)]


def _of_comparison(
    results: ResultTables, further: Mapping[str, pd.DataFrame | None], question: str, budget: str
) -> Numbers:
    outcomes = arms.select(results.outcomes, question, budget)
    units, whole = outcomes[arms.UNIT].drop_duplicates(), arms.whole_units(outcomes)
    kept = units if whole.empty else whole

    def rows(table: pd.DataFrame) -> pd.DataFrame:
        return arms.select(table, question, budget).merge(kept, on=arms.UNIT)

    return Numbers(
        question,
        budget,
        rows(results.outcomes),
        rows(results.flows),
        results.manifest,
        **{name: None if table is None else arms.own_values(rows(table)) for name, table in further.items()},
        left_out=len(units) - len(kept),
    )


def _optional(results: ResultTables, name: str) -> pd.DataFrame | None:
    """A table that folders of older versions, or of runs without a burn-in, do not have."""
    try:
        table: pd.DataFrame = getattr(results, name)
    except (AttributeError, InputError):
        return None
    return None if table.empty else table
