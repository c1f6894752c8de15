"""Good and bad years on own account."""

from math import log, sqrt

from tests.reference.model import Rule


class Productivity(Rule):
    name = "productivity"

    def start(self) -> None:
        """z from its stationary distribution."""
        for home in self.model.households:
            noise = self.model.luck.normal("productivity.start", 0, home.key)
            home.fortune = sqrt(self.p.variance) * noise

    def shocks(self) -> None:
        """z' = ρ^Δ z + σ √(1 − ρ^{2Δ}) ξ; once a year ε ~ N(−σ_ε²/2, σ_ε²), and now and then a loss."""
        m, p, luck = self.model, self.p, self.model.luck
        kept = p.persistence**m.dt
        for home in m.households:
            noise = luck.normal("productivity.fortune", m.tick, home.key)
            home.fortune = kept * home.fortune + sqrt(p.variance * (1.0 - kept**2)) * noise
            if m.year_begins:
                year = luck.normal("productivity.season", m.year, home.key)
                home.season = p.season_spread * year - p.season_spread**2 / 2
                if luck.uniform("productivity.loss", m.year, home.key) < p.loss_chance:
                    home.season += log(max(1.0 - p.loss, 1e-3))
