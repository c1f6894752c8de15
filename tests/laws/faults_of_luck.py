"""Planted faults: luck by position, by order, by name, from elsewhere, or that knows what is to come."""

from itertools import count

import numpy as np

from abm.core.draws import Draws, key_of, name_key
from abm.mechanisms.background.illness import Illness
from abm.mechanisms.background.needs import Needs
from abm.mechanisms.background.productivity import Productivity
from abm.mechanisms.background.trust import Trust
from abm.world import build
from tests.laws.planting import after, fault, instead


def _fall_ill(world, u):
    world.households.ill |= (u < 0.1) & world.points.inhabited


@fault("a draw by position", "luck")
def _():
    def draw(rule, world):
        rng = np.random.default_rng([world.draws.seed, world.tick])
        _fall_ill(world, rng.random(len(world.households)))

    return after(Illness, "shocks", draw)


@fault("a draw by table row", "luck")
def _():
    def draw(rule, world):
        rows = np.arange(len(world.households), dtype=np.uint64)
        _fall_ill(world, world.draws.uniform("illness.more", world.tick, rows))

    return after(Illness, "shocks", draw)


@fault("a draw by the hash of a table row", "luck")
def _():
    def draw(rule, world):
        keys = key_of(np.arange(len(world.households)))
        _fall_ill(world, world.draws.uniform("illness.more", world.tick, keys))

    return after(Illness, "shocks", draw)


@fault("workers who draw by table row", "luck")
def _():
    def draw(rule, world):
        keys = key_of(np.arange(len(world.workers)))
        u = world.draws.uniform("productivity.more", world.tick, keys)
        world.workers.skill *= np.exp(0.2 * (u - 0.5))

    return after(Productivity, "shocks", draw)


@fault("luck by call order", "luck")
def _():
    def make(own):
        def uniform(draws, stream, when, keys):
            draws.calls = getattr(draws, "calls", 0) + 1
            return own(draws, f"{stream} {draws.calls}", when, keys)

        return uniform

    return instead(Draws, "uniform", make)


@fault("luck by place among the keys asked", "luck")
def _():
    def make(own):
        def uniform(draws, stream, when, keys):
            u = own(draws, stream, when, keys)
            return np.roll(u, 1) if stream == "illness.onset" else u

        return uniform

    return instead(Draws, "uniform", make)


@fault("luck from the global generator", "luck")
def _():
    return after(
        Illness,
        "shocks",
        lambda rule, world: _fall_ill(world, np.random.random(len(world.households))),  # noqa: NPY002
    )


@fault("luck without a seed", "luck")
def _():
    def draw(rule, world):
        _fall_ill(world, np.random.default_rng().random(len(world.households)))

    return after(Illness, "shocks", draw)


@fault("a counter that all runs of a process share", "luck")
def _():
    calls = count()
    return after(
        Needs, "needs", lambda rule, world: world.households.trust.__imul__(1.0 - 1e-5 * (next(calls) % 7))
    )


@fault("one draw for two decisions", "luck")
def _():
    def draw(rule, world):
        h = world.households
        u = world.draws.uniform("illness.onset", world.tick, h.key)
        h.dispute |= (u < 0.02) & world.points.inhabited

    return after(Illness, "shocks", draw)


@fault("every tenth row is favoured", "luck")
def _():
    def favour(rule, world):
        world.households.trust[::10] = 0.99

    return after(Trust, "adaptation", favour)


@fault("ties that form by row number", "luck")
def _():
    def make(own):
        return lambda draws, key, *rest: own(draws, key_of(np.arange(len(key))), *rest)

    return instead(build, "mutual_aid_ties", make)


@fault("a population shuffled as a whole", "luck")
def _():
    def make(own):
        def synthesise(scenario, rows, counts, luck, p):
            people = own(scenario, rows, counts, luck, p)
            order = np.random.default_rng(luck.seed).permutation(len(people.households))
            people.households.participation = people.households.participation[order]
            return people

        return synthesise

    return instead(build, "synthesise", make)


@fault("a rule that counts the scenario's mechanisms", "luck")
def _():
    def act(rule, world):
        world.households.trust *= 1.0 - 1e-4 * (len(world.scenario.scenario.mechanisms) % 2)

    return after(Trust, "adaptation", act)


@fault("a stream whose luck other streams use up", "luck")
def _():
    def make(own):
        def uniform(draws, stream, when, keys):
            draws.pool = getattr(draws, "pool", None) or np.random.default_rng(draws.seed)
            return (
                draws.pool.random(np.shape(keys))
                if stream == "needs.dispute"
                else own(draws, stream, when, keys)
            )

        return uniform

    return instead(Draws, "uniform", make)


@fault("a rule that knows the switch of years to come", "luck")
def _():
    def act(rule, world):
        if world.switches:
            world.households.trust *= 0.999

    return after(Trust, "adaptation", act)


@fault("a name used as a key", "symmetry")
def _():
    def draw(rule, world):
        names = np.array([name_key(name) for name in world.place_names], np.uint64)
        u = world.draws.uniform("needs.village", world.tick, names)
        world.households.trust *= 1.0 - 0.01 * u[world.households.place]

    return after(Needs, "needs", draw)


@fault("the first village by the alphabet is favoured", "symmetry")
def _():
    def favour(rule, world):
        first = int(np.argmin(np.array(world.place_names)))
        world.households.trust[world.households.place == first] = 0.9

    return after(Trust, "adaptation", favour)


@fault("a village that a rule knows by name", "symmetry")
def _():
    def favour(rule, world):
        world.households.trust[world.households.place == world.place_names.index("BQ")] = 0.9

    return after(Trust, "adaptation", favour)


@fault("the first village of the file is favoured", "symmetry")
def _():
    def favour(rule, world):
        first = world.scenario.places.rows[0]
        here = np.flatnonzero(world.places.id == first.id)
        world.households.trust[np.isin(world.households.place, here)] = 0.9

    return after(Trust, "adaptation", favour)


@fault("a title that decides something", "symmetry")
def _():
    def act(rule, world):
        world.households.trust *= 1.0 - 1e-6 * len(world.scenario.scenario.title)

    return after(Trust, "adaptation", act)


@fault("a Chinese name that decides something", "symmetry")
def _():
    def act(rule, world):
        world.households.trust *= 1.0 - 1e-6 * sum("村" in p.name_zh for p in world.scenario.places.rows)

    return after(Trust, "adaptation", act)
