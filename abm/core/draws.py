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
from functools import cache, reduce
from hashlib import sha256
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

Floats = NDArray[np.float64]
Keys = NDArray[np.uint64]

_M1, _M2, _GOLDEN = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 0x9E3779B97F4A7C15
_U1, _U2, _S30, _S27, _S31, _S12 = (np.array(word, np.uint64) for word in (_M1, _M2, 30, 27, 31, 12))
_shift, _xor, _times = np.right_shift, np.bitwise_xor, np.multiply
_WORD = 2**64 - 1
_FEW = 6
"""Up to so many keys are hashed one by one: as arrays they would take as long as a hundred keys do."""
_STEP = 2.0**-52
_HALF_STEP = 2.0**-53  # keeps a uniform off 0 and 1 (exactly: 53 bits), where an inverse CDF is infinite


def mix(keys: Keys) -> Keys:
    """SplitMix64's finalizer, a bijection of 64-bit words; shape kept."""
    x: Keys = np.array(keys)
    _mix(x, np.empty_like(x))
    return x[()]  # a single word as a number


def _mix(x: Keys, spare: Keys) -> None:
    """``mix`` in place; ``spare`` is as large as ``x`` and holds nothing."""
    _shift(x, _S30, spare)
    _xor(x, spare, x)
    _times(x, _U1, x)
    _shift(x, _S27, spare)
    _xor(x, spare, x)
    _times(x, _U2, x)
    _shift(x, _S31, spare)
    _xor(x, spare, x)


def _mix_one(x: int) -> int:
    """``mix`` of one word."""
    x = (x ^ (x >> 30)) * _M1 & _WORD
    x = (x ^ (x >> 27)) * _M2 & _WORD
    return x ^ (x >> 31)


def _fold_in(word: int, number: int) -> int:
    """A key of one part more."""
    return _mix_one((word ^ number) + _GOLDEN & _WORD)


def key_of(*parts: ArrayLike) -> Keys:
    """One 64-bit key for each row of whole numbers, e.g. (place id, founder number, birth order).

    Shapes broadcast; a negative part is an error, since it would share a key with a huge positive one.
    """
    if all(isinstance(part, int | np.integer) and 0 <= part <= _WORD for part in parts):
        return np.array([reduce(_fold_in, map(int, parts), 0)], np.uint64)  # type: ignore[arg-type]
    key = np.zeros(1, dtype=np.uint64)
    for part in parts:
        key = key_with(key, part)
    return key


def key_with(key: Keys, part: ArrayLike) -> Keys:
    """What ``key_of`` gives for the parts that ``key`` was made of and one part more."""
    numbers = np.asarray(part)
    if numbers.dtype.kind != "u":
        if (numbers < 0).any():
            raise ValueError("a key is made of whole numbers of at least 0")
        numbers = numbers.astype(np.uint64)
    if key.shape == numbers.shape and key.ndim == 1 and key.size <= _FEW:
        return np.array(list(map(_fold_in, key.tolist(), numbers.tolist())), np.uint64)
    x: Keys = key ^ numbers
    x += _GOLDEN
    _mix(x, np.empty_like(x))
    return x


def pair_key(a: Keys, b: Keys) -> Keys:
    """A key for each unordered pair: the same for (a, b) and (b, a)."""
    low, high = np.minimum(a, b), np.maximum(a, b)
    return mix(mix(low + _GOLDEN) ^ high)


def _split(number: int) -> list[int]:
    """A whole number of at least 0 as words of 32 bits, the lowest first."""
    words = [number & 0xFFFFFFFF]
    while number := number >> 32:
        words.append(number & 0xFFFFFFFF)
    return words


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
        self._constants: dict[tuple[str, int], tuple[int, int]] = {}
        self._of_stream: dict[tuple[int, str], list[int]] = {}

    def uniform(self, stream: str, when: int, keys: Keys) -> Floats:
        """A uniform in (0, 1) for each key; shape of ``keys``."""
        a, b = self._words(stream, when)
        keys = np.asarray(keys)
        if keys.size <= _FEW and keys.dtype == np.uint64:
            words = (_mix_one(_mix_one(key ^ a) + b & _WORD) for key in keys.ravel().tolist())
            few = [(word >> 12) * _STEP + _HALF_STEP for word in words]
            return np.array(few, np.float64).reshape(keys.shape)[()]
        x = _xor(keys, np.uint64(a))
        spare = np.empty_like(x)
        _mix(x, spare)
        x += np.uint64(b)
        _mix(x, spare)
        _shift(x, _S12, x)
        u: Floats = _times(x, _STEP, spare.view(np.float64))
        u += _HALF_STEP
        return u

    def normal(self, stream: str, when: int, keys: Keys) -> Floats:
        """A standard normal for each key, by inverse CDF; shape of ``keys``."""
        normals: Floats = ndtri(self.uniform(stream, when, keys))
        return normals

    def _words(self, stream: str, when: int) -> tuple[int, int]:
        known = self._constants.get((stream, when))
        if known is None:
            if when < 0 or self.seed < 0:
                raise ValueError(f"a seed and a time are whole numbers of at least 0: {self.seed}, {when}")
            first = self._of_stream.get((self.seed, stream))
            if first is None:
                first = [*_split(self.seed), *_split(name_key(stream))]
                self._of_stream[(self.seed, stream)] = first
            # what SeedSequence makes of [seed, name_key(stream), when], in two thirds of the time
            entropy = np.array([*first, *_split(int(when))], np.uint32)
            a, b = np.random.SeedSequence(entropy).generate_state(2, np.uint64).tolist()
            known = (a, b)
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
