"""Effort (等靠要): support lost by earning against what is gained by it."""

from tests.reference.agents import Household
from tests.reference.model import Rule


class Effort(Rule):
    name = "effort"

    def needs(self) -> None:
        """Who is on the list before anybody is added to it this year."""
        if self.model.year_begins:
            self.on_list = {home for home in self.model.households if home.dibao}

    def targeting(self) -> None:
        """The branch names who held back; then those on the list choose how much of their free time to work."""
        m, p, dibao = self.model, self.p, self.model.parameters["dibao"]
        if m.year_begins:
            self.review()
        line = dibao.line * m.index
        for home in m.households:
            home.effort = 1.0
            if not home.dibao:
                continue
            allowance = dibao.benefit * line * home.residents
            income = max(home.expected_income, allowance)
            if income - allowance >= dibao.exit_factor * line * home.residents:
                continue
            home.at_stake += p.withdrawal * allowance
            if home.own_workers > 0:
                part = allowance / max(income, 1.0)
                gain = max(1.0 - self.withdrawn(home) * part + self.esteem(home), 0.0)
                home.effort = min(max(gain**p.elasticity, p.least), 1.0)
                home.busy = 1.0 - (1.0 - home.busy) * home.effort

    def withdrawn(self, home: Household) -> float:
        """w′ = max(0, w − sanction · (1 − 2 · error)) where the grid asks, else w."""
        if not self.known(home):
            return self.p.withdrawal
        return max(self.p.withdrawal - self.p.sanction * (1.0 - 2.0 * self.p.error), 0.0)

    def known(self, home: Household) -> bool:
        """To the branch, by way of the grid: both links work."""
        grid = home.place.grids[home.grid - 1]
        links = self.model.points.active("grid_branch")
        return home.reaches("grid") and any(
            link.source == home.place.branch and link.target == grid for link in links
        )

    def esteem(self, home: Household) -> float:
        """v · n/(n + n₀), seen by n neighbours and by the volunteers."""
        n = sum(other.inhabited for other in home.ties["mutual_aid"]) + home.reaches("volunteer")
        return self.p.esteem * n / (n + self.p.onlookers)

    def review(self) -> None:
        """P = error + (1 − 2 · error) (1 − e)/(1 − e_min); who is named is taken off with a probability."""
        m, p = self.model, self.p
        for home in m.households:
            if home.dibao and home in self.on_list and self.known(home) and home.own_workers > 0:
                m.messages["organizational"] += 1
                named = p.error + (1.0 - 2.0 * p.error) * (1.0 - home.effort) / (1.0 - p.least)
                if m.luck.uniform("effort.review", m.year, home.key) < p.sanction * named:
                    home.dibao = home.entitled = False
