"""Trust and participation."""

from math import exp, sqrt

from tests.reference.model import Rule


class Trust(Rule):
    name = "trust"

    def start(self) -> None:
        """p₀ and τ₀ are where they started."""
        for home in self.model.households:
            home.trust_first, home.participation_first = home.trust, home.participation

    def adaptation(self) -> None:
        """τ' = g (1 − τ)(c₀ + joint activity) − (δ + w · waiting) τ, exact over a tick; participation follows."""
        p, dt = self.p, self.model.dt
        for home in self.model.households:
            home.trust += (1.0 - home.trust) * (1.0 - (1.0 - p.helped) ** home.contact)
            sore = home.waiting + home.unfair
            up = p.gain * (p.everyday + home.joint_activity)
            down = p.decay + p.waiting_cost * sore
            home.trust += (1.0 - exp(-(up + down) * dt)) * (up / (up + down) - home.trust)
            target = home.participation_first
            target += p.from_trust * (home.trust - home.trust_first)
            target += p.from_activity * home.joint_activity + p.from_rewards * sqrt(home.rewarded)
            target -= p.waiting_cost * sore + p.relying * home.relied
            step = 1.0 - exp(-p.follow * dt)
            home.participation += step * (min(max(target, 0.0), 1.0) - home.participation)
