"""Trust and participation: what people learn from what happened to them."""

import numpy as np

from abm.mechanisms.base import Mechanism
from abm.scenario.parameters import Parameter
from abm.world.world import World


class Trust(Mechanism):
    """τ' = g (1 − τ)(c₀ + joint activity) − (δ + w · waiting) τ per year, exact over a tick; each time that a
    household is helped, or has a case handled, τ rises by h (1 − τ) at once. What looks unfair wears trust like
    waiting. Participation moves toward p₀ + a (τ − τ₀) + b · joint activity + r · √(rewards seen) − w · (waiting +
    unfairness seen) − c · what others see to, p₀ and τ₀ being where it started: who is rewarded for taking part, and
    sees it, takes part more (concave, M7); who finds that rewards go to others, or that all is seen to by the branch,
    less (自治消解, M14).

    Reads: ``joint_activity``, ``contact``, ``waiting``, ``rewarded``, ``unfair``, ``relied``. Writes: ``trust``,
    ``participation``. Draws: none.
    Source: docs/MODEL.md, *Trust*; M8 (δ .05–.2), M1 (long waits), M7, M14; 000_dc7ebc0f9aeec511.txt, 六 (自治消解).
    """

    name, layer = "trust", "background"
    parameters = (
        Parameter("gain", 0.3, "1/year", (0.1, 0.6), "trust from contact, g", "assumed"),
        Parameter("everyday", 0.25, "contact", (0.05, 0.5), "contact without any joint-point, c₀", "assumed"),
        Parameter("helped", 0.03, "share of what is missing", (0.0, 0.2), "trust from help received, h", "assumed"),
        Parameter("decay", 0.1, "1/year", (0.05, 0.2), "trust, δ", "docs/MECHANISMS.md M8"),
        Parameter("waiting_cost", 0.2, "1/year", (0.0, 0.6), "waiting for one's case, w", "assumed"),
        Parameter("follow", 0.5, "1/year", (0.1, 2.0), "participation", "assumed"),
        Parameter("from_trust", 0.5, "per unit of trust", (0.0, 1.0), "participation, a", "assumed"),
        Parameter("from_activity", 0.2, "per unit of activity", (0.0, 0.5), "participation, b", "assumed"),
        Parameter("from_rewards", 0.15, "per root of rewards seen", (0.0, 0.4), "participation, r", "assumed; M7"),
        Parameter("relying", 0.1, "per unit", (0.0, 0.4), "participation, c", "assumed; M14"),
    )  # fmt: skip
    columns = (
        ("households", "trust_first", np.float64, 0.0),
        ("households", "participation_first", np.float64, 0.0),
    )

    def start(self, world: World) -> None:
        h = world.households
        h.trust_first = h.trust
        h.participation_first = h.participation

    def adaptation(self, world: World) -> None:
        h = world.households
        h.trust += (1.0 - h.trust) * (1.0 - (1.0 - self.p.helped) ** h.contact)
        up = self.p.gain * (self.p.everyday + h.joint_activity)
        sore = h.waiting + h.unfair
        down = self.p.decay + self.p.waiting_cost * sore
        level = up / (up + down)
        h.trust += -np.expm1(-(up + down) * world.dt) * (level - h.trust)
        target = (
            h.participation_first
            + self.p.from_trust * (h.trust - h.trust_first)
            + self.p.from_activity * h.joint_activity
            + self.p.from_rewards * np.sqrt(h.rewarded)
            - self.p.waiting_cost * sore
            - self.p.relying * h.relied
        )
        h.participation += -np.expm1(-self.p.follow * world.dt) * (
            np.clip(target, 0.0, 1.0) - h.participation
        )
