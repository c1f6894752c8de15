"""Births."""

from abm.population.households import MIGRANT
from tests.reference.model import Rule
from tests.reference.shared.people import within_a_year


class Births(Rule):
    name = "births"

    def people(self) -> None:
        """A worker at home in a household of two adults or more has a child at a rate."""
        m = self.model
        if m.burning_in:
            return
        for home in m.households:
            if home.members - home.children < 2:
                continue
            for worker in home.people:
                born = m.luck.uniform("births.child", m.year, worker.key) < within_a_year(self.p.rate)
                home.children += worker.activity != MIGRANT and born
