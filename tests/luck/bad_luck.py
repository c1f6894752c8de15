"""Bad luck: generators with a planted fault each, and one that is sound and has nothing to do with ours.

A fault is laid over ``Draws``: what it does to draws is in a line or two, and beside it stands what of the battery must
see it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from abm.core.draws import Draws, Floats, Keys, Luck, mix, name_key

Uniform = Callable[[int, str, int, Keys], Floats]
"""A uniform of (seed, stream, when, keys)."""


@dataclass
class Planted:
    """Luck that draws as ``of`` says."""

    seed: int
    of: Uniform

    def uniform(self, stream: str, when: int, keys: Keys) -> Floats:
        return self.of(self.seed, stream, when, keys)

    def normal(self, stream: str, when: int, keys: Keys) -> Floats:
        return np.asarray(ndtri(self.uniform(stream, when, keys)))


def good(seed: int, stream: str, when: int, keys: Keys) -> Floats:
    """As it should be."""
    return Draws(seed).uniform(stream, when, keys)


def of_numpy(seed: int, stream: str, when: int, keys: Keys) -> Floats:
    """NumPy's own generator, dealt out in the order of the keys: sound for a set of keys asked at once."""
    known, back = np.unique(keys, return_inverse=True)
    entropy = [seed, name_key(stream), when, int(np.bitwise_xor.reduce(known))]
    return np.random.default_rng(entropy).random(len(known))[back]


def _shifted(by: Callable[[int, str, int], float], **fixed: Any) -> Uniform:
    """One table for what ought to be many, shifted around the circle."""

    def of(seed: int, stream: str, when: int, keys: Keys) -> Floats:
        asked = {"seed": seed, "stream": stream, "when": when} | fixed
        u = (good(asked["seed"], asked["stream"], asked["when"], keys) + by(seed, stream, when)) % 1.0
        return np.clip(u, 2.0**-53, 1.0 - 2.0**-53)

    return of


def _together(share: float, **fixed: Any) -> Uniform:
    """A normal score of which a part is common to what ought to be independent."""

    def of(seed: int, stream: str, when: int, keys: Keys) -> Floats:
        asked = {"seed": seed, "stream": stream, "when": when} | fixed
        common = ndtri(good(asked["seed"], asked["stream"], asked["when"], keys))
        own = ndtri(good(seed, f"own {stream}", when, keys))
        return np.asarray(ndtr(np.sqrt(share) * common + np.sqrt(1.0 - share) * own))

    return of


def _of_keys(change: Callable[[Keys], Keys]) -> Uniform:
    return lambda seed, stream, when, keys: good(seed, stream, when, change(keys))


def _of_draws(change: Callable[[Floats], Floats]) -> Uniform:
    return lambda seed, stream, when, keys: change(good(seed, stream, when, keys))


def _a_few_alike(keys: Keys) -> Keys:
    """One household in a thousand has the key of the one before it."""
    return np.where(np.arange(len(keys)) % 1000 == 999, np.roll(keys, 1), keys)


def _by_turns() -> Uniform:
    """One generator that moves on with each call, as without keys."""
    rng = np.random.default_rng(1)
    return lambda seed, stream, when, keys: rng.random(len(keys))


def _weak_hash(seed: int, stream: str, when: int, keys: Keys) -> Floats:
    """A multiplication instead of a mix."""
    a, b = Draws(seed)._words(stream, when)
    return ((keys ^ a) * np.uint64(0x9E3779B97F4A7C15) + b).astype(np.float64) * 2.0**-64


def _linear(seed: int, stream: str, when: int, keys: Keys) -> Floats:
    """A good hash of the key, and of seed, stream and time no more than bits laid over it."""
    a, b = Draws(seed)._words(stream, when)
    return (((mix(keys) ^ a ^ b) >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52


def _strata(u: Floats) -> Floats:
    """Too even: one draw in each of as many equal cells as there are draws."""
    return (np.argsort(np.argsort(u)) + 0.5) / len(u)


BAD: dict[str, tuple[Uniform, str]] = {
    "streams are one another shifted by a constant": (
        _shifted(lambda seed, stream, when: name_key(stream) % 997 / 997, stream="one"), "streams: independent"),
    "ticks are the first one shifted by the golden section": (
        _shifted(lambda seed, stream, when: when * 0.6180339887, when=0), "ticks: independent"),
    "seeds are one another shifted": (
        _shifted(lambda seed, stream, when: seed % 1009 / 1009, seed=0), "seeds: independent"),
    "all streams are one": (_shifted(lambda *_: 0.0, stream="one"), "streams: no number twice"),
    "the year is forgotten": (_shifted(lambda *_: 0.0, when=0), "ticks: no number twice"),
    "seed and tick are added": (
        lambda seed, stream, when, keys: good(seed + when, stream, 0, keys), "seed and tick: no number twice"),
    "a twentieth of luck is common to all streams": (_together(0.05, stream="one"), "streams: uncorrelated"),
    "a twentieth of luck stays from tick to tick": (_together(0.05, when=0), "ticks: uncorrelated"),
    "a twentieth of luck is common to all seeds": (_together(0.05, seed=0), "seeds: uncorrelated"),
    "a household in a thousand shares the key of the last": (_of_keys(_a_few_alike), "households: no number twice"),
    "keys of half the bits": (_of_keys(lambda keys: keys & np.uint64(2**32 - 1)), "high bits only: no number twice"),
    "numbers share a key with their neighbours": (
        _of_keys(lambda keys: keys >> np.uint64(1)), "numbers in a row: no number twice"),
    "households draw by turns": (_by_turns(), "order"),
    "a multiplication for a hash": (_weak_hash, "numbers in a row"),
    "streams that differ by fixed bits": (_linear, "streams: independent"),
    "draws that lean upwards by a fortieth": (_of_draws(lambda u: u ** (1 / 1.05)), "streams: uniform"),
    "too even": (_of_draws(_strata), "streams: uniform"),
    "sixteen bits": (_of_draws(lambda u: (np.floor(u * 2**16) + 0.5) / 2**16), "streams: no number twice"),
}  # fmt: skip
"""Planted faults by name, with what in the battery ought to see them."""


SUBTLE = frozenset(name for name in BAD if name.startswith(("a twentieth", "draws that lean")))
"""Faults that a small battery may miss."""

BAD_PAIRS: dict[str, tuple[Callable[[Keys, Keys], Keys], str]] = {
    "a tie draws as one of its ends": (np.minimum, "ties: no number twice"),
    "a tie has two keys, one from each end": (lambda a, b: mix(mix(a) ^ b), "ties: the same from both ends"),
}  # fmt: skip
"""Faults of the keys of pairs."""


def planted(name: str) -> Callable[[int], Luck]:
    """Makes the bad luck of a seed."""
    of = BAD[name][0]
    return lambda seed: Planted(seed, of)
