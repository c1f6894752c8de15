"""Coming of age, retirement and death."""

import numpy as np

from abm.core.draws import key_of
from abm.mechanisms.base import Mechanism
from abm.scenario.parameters import Parameter
from abm.world import people
from abm.world.world import World


class Ageing(Mechanism):
    """Members pass from role to role at constant rates: child → able worker 1/16, worker or disabled member → elder
    1/42, elder → death 1/19 a year, so that time in a role is that of the ages 0–15, about 42 years of work, and life
    after 60. Households keep counts by role, not ages: a role is geometric in length.

    Who comes of age has schooling by ``world/people.py``, searches from own account, and may leave. Who retires leaves
    its job, and a migrant comes home. Where nobody is left at home one of those away comes back. Deaths before
    60 are left out.

    Reads: members, schooling. Writes: members, workers. Draws: children, disabled and elders by (household, number),
    every worker. Nothing happens in the burn-in.
    Source: Gertler 1999, Government debt and social security in a life-cycle economy, Carnegie-Rochester Conference
    Series on Public Policy 50: 61–110.
    """

    name, layer = "ageing", "background"
    parameters = (
        Parameter("of_age", 1 / 16, "1/year", (0.05, 0.07), "child to worker", "ages 0–15"),
        Parameter("retirement", 1 / 42, "1/year", (0.02, 0.03), "worker to elder", "ages 16–59, men and women"),
        Parameter("death", 1 / 19, "1/year", (0.04, 0.07), "death of an elder", "assumed: life expectancy at 60"),
    )  # fmt: skip

    def people(self, world: World) -> None:
        if world.burning_in:
            return
        h, workers = world.households, world.workers
        grown = people.meets(world, "ageing.of_age", h.children, self.p.of_age)
        dead = people.meets(world, "ageing.death", h.elders, self.p.death)
        unable = people.meets(world, "ageing.disabled", h.disabled, self.p.retirement)
        u = world.draws.uniform("ageing.retirement", world.year, workers.key)
        retiring = np.flatnonzero(u < people.chance(self.p.retirement))
        h.children -= grown
        h.disabled -= unable
        h.elders += unable + np.bincount(workers.household[retiring], minlength=len(h)) - dead
        household = np.repeat(np.arange(len(h)), grown)
        number = np.arange(len(household)) - np.repeat(np.cumsum(grown) - grown, grown)
        keys = key_of(h.key[household], people.GROWN + h.persons_born[household] + number)
        years = people.years_of_the_young(world, household, keys)
        h.persons_born += grown
        people.turn_over(world, retiring, household, keys, years)
        people.come_home(world)
