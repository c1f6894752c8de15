"""Both from one start and each its own way: the production and the plain model, with all rules of T District."""

from __future__ import annotations

from abm.model.model import JointPointModel
from abm.scenario.schema import Scenario
from abm.scenario.switches import ALL_ON, Arm
from tests.reference.ledger import Line
from tests.reference.mirror import copy_state, plain_model
from tests.reference.model import PlainModel
from tests.reference.restated import RULES
from tests.reference.watch import listen


class Pair:
    """A production model and a plain one that starts as its copy."""

    def __init__(self, scenario: Scenario, households: int, years: int, seed: int, arm: Arm = ALL_ON) -> None:
        self.production = JointPointModel(
            scenario, households=households, years=years, views=False, rng=seed, arm=arm
        )
        self.heard: list[Line] = []
        listen(self.production.world.ledger, self.heard)
        self.plain: PlainModel = plain_of(self.production)

    def step(self) -> None:
        """One tick of each."""
        self.heard.clear()
        self.production.step()
        self.plain.step()


def plain_of(production: JointPointModel) -> PlainModel:
    """A plain model in the state of a production one, with its rules in the same order."""
    own = {rule.name: rule for rule in RULES}
    plain = plain_model(production.world, [own[mechanism.name] for mechanism in production.mechanisms])
    copy_state(production.world, production.mechanisms, plain)
    return plain
