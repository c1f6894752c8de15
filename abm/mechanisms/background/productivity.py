"""Good and bad years on own account."""

import numpy as np

from abm.mechanisms.base import Mechanism
from abm.scenario.parameters import Parameter
from abm.world.world import World


class Productivity(Mechanism):
    """Log productivity beside its fixed part: a slow part z and a part ε of the year.

    z' = ρ^Δ z + σ √(1 − ρ^{2Δ}) ξ, exact for any Δ, with stationary variance σ²; ε ~ N(−σ_ε²/2, σ_ε²), drawn once a
    year and keyed by the year, so that 4 and 12 ticks agree. With a small chance a year brings a loss besides (drought,
    storm, herd disease): most of the year's output is gone and its costs are not, so that income is negative.

    Reads: z. Writes: ``fortune`` (z), ``season`` (ε, and the loss). Draws: for every household.
    Source: docs/MODEL.md, *Productivity*; values docs/TRIAL.md.
    """

    name, layer = "productivity", "background"
    parameters = (
        Parameter("persistence", 0.75, "per year", (0.5, 0.95), "how slowly fortunes change", "docs/TRIAL.md"),
        Parameter("variance", 0.06, "log variance", (0.02, 0.25), "spread of fortunes", "docs/TRIAL.md"),
        Parameter("season_spread", 0.25, "log standard deviation", (0.05, 0.4), "good and bad years", "docs/TRIAL.md"),
        Parameter("loss_chance", 0.04, "per year", (0.0, 0.15), "who suffers a loss", "assumed"),
        Parameter("loss", 0.75, "share of the year's output", (0.3, 1.0), "what a loss takes", "assumed"),
    )  # fmt: skip

    def start(self, world: World) -> None:
        h = world.households
        h.fortune = np.sqrt(self.p.variance) * world.draws.normal("productivity.start", 0, h.key)

    def shocks(self, world: World) -> None:
        h, draws = world.households, world.draws
        kept = self.p.persistence**world.dt
        h.fortune *= kept
        h.fortune += np.sqrt(self.p.variance * (1.0 - kept**2)) * draws.normal(
            "productivity.fortune", world.tick, h.key
        )
        if world.calendar.year_begins:
            spread = self.p.season_spread
            h.season = spread * draws.normal("productivity.season", world.year, h.key) - 0.5 * spread**2
            lost = draws.uniform("productivity.loss", world.year, h.key) < self.p.loss_chance
            h.season[lost] += np.log(max(1.0 - self.p.loss, 1e-3))
