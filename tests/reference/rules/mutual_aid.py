"""Mutual aid among neighbours."""

from tests.reference.model import Rule
from tests.reference.shared.helping import help_along, in_need


class MutualAid(Rule):
    name = "mutual_aid"

    def enterprise(self) -> None:
        """Who has neighbours in a job hears of vacancies: P = 1 − (1 − q)^n."""
        for home in self.model.households:
            employed = sum(other.local_workers > 0 for other in home.ties["mutual_aid"])
            home.news_social = 1.0 - (1.0 - self.p.news) ** employed

    def distribution(self) -> None:
        """After kin, those tied to one in need give out of spare cash, the more the more they trust."""
        m = self.model
        m.messages["social"] += help_along(
            m,
            "mutual_aid",
            in_need(m, m.parameters["consumption"].floor * m.index),
            generosity=self.p.generosity,
            buffer=self.p.buffer,
            by_trust=True,
            kind="mutual_aid",
            layer="social",
        )
