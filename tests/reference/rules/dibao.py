"""The subsistence allowance (低保)."""

from math import exp

from tests.reference.agents import Household
from tests.reference.model import Rule


class Dibao(Rule):
    name = "dibao"

    @property
    def line(self) -> float:
        return self.p.line * self.model.index

    def seen(self, home: Household, stream: str, error: float) -> float:
        """Last year's income per head as somebody sees it, ln ŷ = ln y + σξ with one ξ a year."""
        noise = self.model.luck.normal(stream, self.model.year, home.key)
        return max(home.own_income, 1.0) * exp(error * noise)

    def needs(self) -> None:
        """At the start of a year households look back; those entitled apply by themselves at a hazard."""
        m = self.model
        for home in m.households:
            if m.year_begins:
                home.own_income = (home.income_last - home.dibao_received) / max(home.residents_last, 1)
                home.dibao_received = 0.0
                remembered = self.seen(home, "dibao.memory", self.p.memory)
                home.entitled = home.registered and home.inhabited and remembered < self.line
            thinks_of_it = home.entitled and not home.dibao and not home.applied
            u = m.luck.uniform("dibao.apply", m.tick, home.key)
            if thinks_of_it and u < m.chance(self.p.apply_rate):
                home.applied = True

    def targeting(self) -> None:
        """The yearly review takes off who is seen far above the line; who has applied is listed if seen below it."""
        for home in self.model.households:
            if self.model.year_begins and home.dibao:
                limit = self.p.exit_factor * self.line
                home.dibao = self.seen(home, "dibao.review", self.p.error) <= limit
            if home.applied:
                home.applied = False
                home.dibao = self.seen(home, "dibao.first_look", self.p.error) < self.line
                if not home.dibao:
                    home.entitled = False  # not before next year again

    def distribution(self) -> None:
        """The district pays the same to each resident of those listed, as far as its budget goes."""
        m = self.model
        listed = [home for home in m.households if home.dibao]
        each = self.p.benefit * self.line * m.dt
        due = [(home, each * home.residents) for home in listed]
        for home, yuan in zip(listed, m.ledger.share_out(m.government, due, "dibao"), strict=True):
            home.dibao_received += yuan
