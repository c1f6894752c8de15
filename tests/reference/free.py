"""Both from one start and each its own way: the production with the rules of the background, and the plain model."""

from __future__ import annotations

from abm.model.model import JointPointModel
from abm.scenario.schema import Scenario
from tests.reference.ledger import Line
from tests.reference.mirror import copy_state, plain_model
from tests.reference.model import PlainModel
from tests.reference.restated import BACKGROUND
from tests.reference.watch import listen
from tests.worlds import t_district

SHARED = {"synthesis", "start", "ties", "enterprise", "capital", "credit", "technique", "people", "partners"}
"""Owners of parameters that belong to no rule."""


def background(**overrides: object) -> Scenario:
    """T District with the rules of the background alone; its joint-points form, but nobody spends on programmes."""
    scenario = t_district(**overrides)
    own = {rule.name for rule in BACKGROUND}
    listed = tuple(name for name in scenario.scenario.mechanisms if name in own)
    return scenario.model_copy(
        update={
            "scenario": scenario.scenario.model_copy(update={"mechanisms": listed}),
            "programmes": (),
            "parameters": {
                key: value
                for key, value in scenario.parameters.items()
                if key.partition(".")[0] in own | SHARED
            },
        }
    )


class Pair:
    """A production model and a plain one that starts as its copy."""

    def __init__(self, scenario: Scenario, households: int, years: int, seed: int) -> None:
        self.production = JointPointModel(scenario, households=households, years=years, views=False, rng=seed)
        self.heard: list[Line] = []
        listen(self.production.world.ledger, self.heard)
        self.plain: PlainModel = plain_of(self.production)

    def step(self) -> None:
        """One tick of each."""
        self.heard.clear()
        self.production.step()
        self.plain.step()


def plain_of(production: JointPointModel) -> PlainModel:
    """A plain model in the state of a production one of the background, with its rules in the same order."""
    own = {rule.name: rule for rule in BACKGROUND}
    plain = plain_model(production.world, [own[mechanism.name] for mechanism in production.mechanisms])
    copy_state(production.world, production.mechanisms, plain)
    return plain
