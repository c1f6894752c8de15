"""Luck: the same uniforms for the same key, whatever else happens in a run.

A draw is a function of four things and of nothing else: the run's seed, the name of the *stream* (what it
decides), *when* (a tick or a year), and the *key* of whom it concerns. No order of calls and no position in a
table enters, so one more household or one more mechanism changes nobody else's draws, and all arms of an
experiment share their luck (common random numbers).

Each uniform is a keyed hash: ``u = mix(mix(key XOR a) + b) / 2⁶⁴`` where *mix* is the finalizer of SplitMix64
and (a, b) are 128 bits that NumPy's ``SeedSequence`` makes of (seed, stream, when). Other distributions come by
inverse CDF, since samplers that reject would use up luck at different rates in different arms. On this kind of
table a hash costs about .7 of a block of generator output gathered by slot (benchmarks/draws.py), serves any subset of
the households at the cost of that subset, and needs no slots kept free for households to come.

References: Steele, Lea & Flood (2014), *Fast splittable pseudorandom number generators*, OOPSLA, for the mix;
Salmon et al. (2011), *Parallel random numbers: as easy as 1, 2, 3*, SC11, for keyed draws; the test suite holds
uniformity and independence across keys, streams and ticks.
"""

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

Floats = NDArray[np.float64]
Keys = NDArray[np.uint64]

_M1 = np.uint64(0xBF58476D1CE4E5B9)
_M2 = np.uint64(0x94D049BB133111EB)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_S30, _S27, _S31, _S12 = (np.uint64(s) for s in (30, 27, 31, 12))
_STEP = 2.0**-52
_HALF_STEP = 2.0**-53  # keeps a uniform off 0 and 1 (exactly: 53 bits), where an inverse CDF is infinite


def mix(keys: Keys) -> Keys:
    """SplitMix64's finalizer, a bijection of 64-bit words; shape kept."""
    x = keys ^ (keys >> _S30)
    x *= _M1
    x ^= x >> _S27
    x *= _M2
    x ^= x >> _S31
    return x


def key_of(*parts: ArrayLike) -> Keys:
    """One 64-bit key for each row of whole numbers, e.g. (place id, founder number, birth order).

    Shapes broadcast; a negative part is an error, since it would share a key with a huge positive one.
    """
    shape = np.broadcast_shapes((1,), *(np.shape(p) for p in parts))
    key = np.zeros(shape, dtype=np.uint64)
    for part in parts:
        numbers = np.asarray(part)
        if numbers.dtype.kind != "u" and (numbers < 0).any():
            raise ValueError("a key is made of whole numbers of at least 0")
        key = mix((key ^ numbers.astype(np.uint64)) + _GOLDEN)
    return key


def pair_key(a: Keys, b: Keys) -> Keys:
    """A key for each unordered pair: the same for (a, b) and (b, a)."""
    low, high = np.minimum(a, b), np.maximum(a, b)
    return mix(mix(low + _GOLDEN) ^ high)


@cache
def name_key(text: str) -> int:
    """A 64-bit key for a name; stable across processes, unlike ``hash``."""
    return int.from_bytes(sha256(text.encode()).digest()[:8], "little")


class Luck(Protocol):
    """What a rule may ask of luck. ``Draws`` gives it; ``FixedDraws`` gives what a test wants."""

    seed: int

    def uniform(self, stream: str, when: int, keys: Keys) -> Floats: ...

    def normal(self, stream: str, when: int, keys: Keys) -> Floats: ...


class Draws:
    """The luck of one run.

    Args:
        seed: any whole number of at least 0.
    """

    def __init__(self, seed: int) -> None:
        self.seed = int(seed)
        self._constants: dict[tuple[str, int], tuple[np.uint64, np.uint64]] = {}

    def uniform(self, stream: str, when: int, keys: Keys) -> Floats:
        """A uniform in (0, 1) for each key; shape of ``keys``."""
        a, b = self._words(stream, when)
        x = mix(mix(keys ^ a) + b)
        x >>= _S12
        u = x.astype(np.float64)
        u *= _STEP
        u += _HALF_STEP
        return u

    def normal(self, stream: str, when: int, keys: Keys) -> Floats:
        """A standard normal for each key, by inverse CDF; shape of ``keys``."""
        normals: Floats = ndtri(self.uniform(stream, when, keys))
        return normals

    def _words(self, stream: str, when: int) -> tuple[np.uint64, np.uint64]:
        known = self._constants.get((stream, when))
        if known is None:
            entropy = [self.seed, name_key(stream), int(when)]
            a, b = np.random.SeedSequence(entropy).generate_state(2, np.uint64)
            known = (np.uint64(a), np.uint64(b))
            if len(self._constants) > 1000:  # streams of past ticks never come back
                self._constants.clear()
            self._constants[(stream, when)] = known
        return known

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, Draws) and other.seed == self.seed

    __hash__ = None  # type: ignore[assignment]


class FixedDraws:
    """Luck that a test has chosen: one uniform per stream, the middle (.5) where none is named."""

    def __init__(self, uniforms: Mapping[str, float] | None = None, default: float = 0.5) -> None:
        self.seed = 0
        self.uniforms = dict(uniforms or {})
        self.default = default

    def uniform(self, stream: str, when: int, keys: Keys) -> Floats:
        return np.full(np.shape(keys), self.uniforms.get(stream, self.default))

    def normal(self, stream: str, when: int, keys: Keys) -> Floats:
        normals: Floats = ndtri(self.uniform(stream, when, keys))
        return normals


def replication_seed(first: int, replication: int) -> int:
    """The seed of one replication, derived from the batch's first seed; the same in every arm."""
    state = np.random.SeedSequence([int(first), int(replication)]).generate_state(1, np.uint64)
    return int(state[0] >> np.uint64(1))  # fits a signed 64-bit column


def fresh_seed() -> int:
    """A new seed from the operating system, for a run that names none."""
    state = np.random.SeedSequence().generate_state(1, np.uint64)
    return int(state[0] >> np.uint64(1))
