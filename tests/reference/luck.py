"""The keyed draws of ``docs/luck.md``, one key at a time, in whole Python numbers."""

from hashlib import sha256
from statistics import NormalDist

import numpy as np

_ALL = 2**64 - 1
_GOLDEN = 0x9E3779B97F4A7C15
_STANDARD = NormalDist()


def mix(x: int) -> int:
    """SplitMix64's finalizer."""
    x ^= x >> 30
    x = x * 0xBF58476D1CE4E5B9 & _ALL
    x ^= x >> 27
    x = x * 0x94D049BB133111EB & _ALL
    return x ^ (x >> 31)


def key_of(*parts: int) -> int:
    """A key made of whole numbers."""
    key = 0
    for part in parts:
        key = mix((key ^ part) + _GOLDEN & _ALL)
    return key


def pair_key(a: int, b: int) -> int:
    """The same key for (a, b) and (b, a)."""
    return mix(mix(min(a, b) + _GOLDEN & _ALL) ^ max(a, b))


def name_key(text: str) -> int:
    """A key made of a name."""
    return int.from_bytes(sha256(text.encode()).digest()[:8], "little")


class Luck:
    """The luck of one run: a draw depends on seed, stream, when and key, and on nothing else."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._words: dict[tuple[str, int], tuple[int, int]] = {}

    def uniform(self, stream: str, when: int, key: int) -> float:
        """Within (0, 1)."""
        words = self._words.get((stream, when))
        if words is None:
            entropy = np.random.SeedSequence([self.seed, name_key(stream), when])
            words = tuple(entropy.generate_state(2, np.uint64).tolist())
            self._words[stream, when] = words
        a, b = words
        return (mix(mix(key ^ a) + b & _ALL) >> 12) * 2.0**-52 + 2.0**-53

    def normal(self, stream: str, when: int, key: int) -> float:
        """Standard normal."""
        return _STANDARD.inv_cdf(self.uniform(stream, when, key))
