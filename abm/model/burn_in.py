"""The burn-in: years that the rules run before a scenario's first, so that its start is a state of their own making.

What happens before the first year cannot depend on what is dated after it. So the burn-in runs on the scenario
*without* that (``before_start``): no switches, no plans and programmes that begin later. All arms, budgets and
horizons of one seed have it in common, and ``abm.model.cache`` keeps it. A run then adopts the state and
brings what is its own.
"""

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import mesa

from abm.agents.enterprise import Enterprise
from abm.core.draws import Luck
from abm.mechanisms.base import Mechanism
from abm.model import cache
from abm.model.environment import environment, own_code_is_on_file
from abm.model.letting_go import forget
from abm.model.plan import mechanism_classes
from abm.model.ticks import run_tick
from abm.population.synthesis import households_by_place
from abm.records.recorder import Recorder
from abm.scenario.parameters import Setting
from abm.scenario.schema import Programme, Scenario
from abm.scenario.switches import Arm
from abm.world.build import Hosts, build_world, programmes_with_places
from abm.world.outside import read_outside
from abm.world.programmes import open_envelopes
from abm.world.world import World

_OF_LATER = ("switches", "calibration", "posterior", "targets", "reports")
"""Tables of a scenario that say nothing about its start; not every version has all of them."""


@dataclass
class Eve:
    """A world at the eve of the scenario's first tick, before any run has made it its own.

    ``agents`` are all its Mesa agents in the order in which they came; they belong to no model yet.
    """

    world: World
    mechanisms: list[Mechanism]
    recorder: Recorder
    agents: list[mesa.Agent] = field(default_factory=list)


def before_start(scenario: Scenario) -> Scenario:
    """The scenario without labels and without what is dated after its start."""
    start = scenario.start_year
    head = scenario.scenario.model_copy(
        update={
            "title": "",
            "title_zh": "",
            "paper": "",
            "end_year": start,
            "switch_year": start,
            "budget": "neutral",
        }
    )
    fields = {name: what for name, what in type(scenario).model_fields.items() if name in _OF_LATER}
    return scenario.model_copy(
        update={
            **{name: what.get_default(call_default_factory=True) for name, what in fields.items()},
            "scenario": head,
            "joint_points": tuple(plan for plan in scenario.joint_points if plan.from_year <= start),
            "programmes": tuple(
                _at_start(programme, start)
                for programme in scenario.programmes
                if programme.from_year <= start
            ),
        }
    )


def _at_start(programme: Programme, start: int) -> Programme:
    """When a programme that pays at the start will end is of no concern yet."""
    ends_later = programme.to_year is not None and programme.to_year >= start
    return programme.model_copy(update={"to_year": None}) if ends_later else programme


def eve_of(
    scenario: Scenario,
    settings: dict[str, Setting],
    seed: int,
    *,
    households: int | None,
    luck: Luck | None = None,
    journal: bool = False,
    keep: bool = True,
) -> Eve:
    """Build the world of a scenario and burn it in, or take what an earlier run has kept.

    Args:
        luck, journal: as in ``build_world``; a world with either is made afresh and not kept.
        keep: whether to use the cache.
    """
    early = before_start(scenario)
    keep = keep and scenario.burn_in > 0 and luck is None and not journal and own_code_is_on_file(scenario)
    key = cache_key(early, settings, seed, households) if keep else ""
    if keep:
        kept = cache.read(key)
        if isinstance(kept, Eve):
            return kept
    eve = _burn_in(early, settings, seed, households, luck, journal)
    if keep:
        cache.write(key, eve)
    return eve


def adopt(
    eve: Eve,
    model: mesa.Model,
    scenario: Scenario,
    settings: dict[str, Setting],
    arm: Arm,
    budget: str,
    snapshots: bool,
) -> None:
    """Give the world what is the run's own, and its agents to the run's model."""
    world = eve.world
    world.scenario, world.settings, world.budget = scenario, settings, budget
    world.outside = read_outside(scenario)
    programmes = programmes_with_places(scenario, world.place_names)
    world.envelopes = open_envelopes(programmes, len(world.places), world.ledger, world.envelopes)
    eve.recorder.snapshots = snapshots
    for agent in eve.agents:
        mesa.Agent.__init__(agent, model)  # numbers and registers it, whichever Mesa this is
    eve.agents.clear()
    world.switches[:] = [*scenario.switches, *arm.switches()]
    world.rewired_since = arm.rewired_since
    world.refresh_masks()


def cache_key(early: Scenario, settings: dict[str, Setting], seed: int, households: int | None) -> str:
    """What decides a burn-in, as a SHA-256: code and libraries, seed, size, and the scenario before its start.

    Args:
        early: a scenario as ``before_start`` returns it.
    """
    outside, start = read_outside(early), early.start_year
    what = {
        "environment": environment(early),
        "seed": seed,
        "households": households_by_place(early, households).tolist(),
        "scenario": early.model_dump(mode="json", exclude={"parameters", "outside"}),
        "parameters": {name: setting.value for name, setting in settings.items()},
        "outside": [outside.wage(start), outside.index(start), outside.prices[start]],
        "fifths": early.data(early.population.fifths),
    }
    return sha256(_canonical(what).encode()).hexdigest()


def _canonical(what: Any) -> str:
    """Text that is the same for the same content; numbers to the last bit."""
    if isinstance(what, dict):
        return "{" + ",".join(f"{key!r}:{_canonical(what[key])}" for key in sorted(what)) + "}"
    if isinstance(what, list | tuple):
        return "[" + ",".join(map(_canonical, what)) + "]"
    return repr(what)


def _burn_in(
    early: Scenario,
    settings: dict[str, Setting],
    seed: int,
    households: int | None,
    luck: Luck | None,
    journal: bool,
) -> Eve:
    host = mesa.Model(rng=0)  # draws nothing; lends itself to the agents until the run's own model takes them
    world = build_world(
        early,
        settings,
        seed,
        Hosts(host, _enterprise_agent),
        households=households,
        luck=luck,
        journal=journal,
    )
    world.new_enterprise_agent = _EnterpriseAgents(world)
    mechanisms = [make(world) for make in mechanism_classes(early)]
    for mechanism in mechanisms:
        mechanism.start(world)
    eve = Eve(world, mechanisms, Recorder(world, False))
    for _ in range(early.burn_in * early.scenario.ticks_per_year):
        run_tick(world, mechanisms, eve.recorder)
    eve.agents = list(host.agents)
    for agent in eve.agents:
        mesa.Agent.remove(agent)
        agent.model = None
    forget(host)
    for ties in world.points.pairs.values():
        ties.forget_adjacency()
    return eve


def _enterprise_agent(world: World, row: int) -> Enterprise:
    return Enterprise(world.institutions.government.model, world, row)


@dataclass
class _EnterpriseAgents:
    """Makes the agents of new enterprises, in the model that the government's agent lives in."""

    world: World

    def __call__(self, row: int) -> Enterprise:
        return _enterprise_agent(self.world, row)
