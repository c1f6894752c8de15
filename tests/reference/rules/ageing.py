"""Coming of age, retirement and death."""

from tests.reference.luck import key_of
from tests.reference.model import Rule
from tests.reference.shared.people import (
    GROWN,
    Families,
    come_home,
    how_many,
    join,
    leave,
    mean_schooling,
    within_a_year,
    years_of_the_young,
)


class Ageing(Rule):
    name = "ageing"

    def people(self) -> None:
        """Members pass from child to worker, from worker or disabled to elder, and die."""
        m, p = self.model, self.p
        if m.burning_in:
            return
        mean, families = mean_schooling(m), Families(m)
        retires = within_a_year(p.retirement)
        for home in m.households:
            grown = how_many(m, "ageing.of_age", home, home.children, within_a_year(p.of_age))
            dead = how_many(m, "ageing.death", home, home.elders, within_a_year(p.death))
            unable = how_many(m, "ageing.disabled", home, home.disabled, retires)
            retiring = [
                w for w in home.people if m.luck.uniform("ageing.retirement", m.year, w.key) < retires
            ]
            keys = [key_of(home.key, GROWN + home.persons_born + k) for k in range(grown)]
            young = [(key, years_of_the_young(m, home, key, mean[home.urban], families)) for key in keys]
            home.children -= grown
            home.persons_born += grown
            home.disabled -= unable
            home.elders += unable + len(retiring) - dead
            leave(retiring)
            for key, years in young:
                join(m, home, key, years, undecided=True)
        come_home(m)
