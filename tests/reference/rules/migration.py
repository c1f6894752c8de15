"""Migration to cities elsewhere, and return."""

from collections import Counter
from math import exp, log

from abm.population.households import MIGRANT, OWN_ACCOUNT
from tests.reference.agents import Worker
from tests.reference.model import Rule


class Migration(Rule):
    name = "migration"

    def labour(self) -> None:
        """Migrants reconsider and those on own account think of leaving; somebody of each household stays."""
        m = self.model
        returning = self.choosing(MIGRANT, self.p.return_rate, "migration.return", city=False)
        leaving = self.choosing(OWN_ACCOUNT, self.p.leave_rate, "migration.leave", city=True)
        for worker in returning:
            worker.activity, worker.ticks_away = OWN_ACCOUNT, 0
        gone: Counter[object] = Counter()
        away = {home: home.migrants for home in m.households}
        for worker in sorted(leaving, key=lambda who: m.luck.uniform("migration.stays", m.tick, who.key)):
            home = worker.household
            if gone[home] < home.members - away[home] - 1:
                gone[home] += 1
                worker.activity, worker.ticks_away = MIGRANT, 0
        for worker in m.workers:
            worker.undecided = False
            if worker.activity == MIGRANT:
                worker.ticks_away += 1

    def choosing(self, activity: int, rate: float, stream: str, *, city: bool) -> list[Worker]:
        """Those of an activity who think of it now, or have just come of age, and prefer the city, or home."""
        m, luck = self.model, self.model.luck
        found = []
        for worker in m.workers:
            if worker.activity != activity:
                continue
            thinks = luck.uniform(stream, m.tick, worker.key) < m.chance(rate)
            if thinks or worker.undecided:
                prefers_city = luck.uniform(f"{stream}.choice", m.tick, worker.key) < self.city(worker)
                if prefers_city == city:
                    found.append(worker)
        return found

    def city(self, worker: Worker) -> float:
        """P = logit⁻¹[(g − c + b·n)/s]."""
        m, p, home = self.model, self.p, worker.household
        gain = m.city_wage * worker.skill - p.away_cost * m.index - home.at_stake
        g = log(max(gain, 1.0) / max(home.own_product, 1.0))
        n = any(kin.migrants > 0 for kin in home.ties["kin"])
        return 1.0 / (1.0 + exp(-(g - worker.moving_cost + p.kin_bonus * n) / p.scale))
