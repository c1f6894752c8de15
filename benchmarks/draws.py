"""Keyed hashes against a generator's block gathered by slot, side by side in one run.

    python benchmarks/draws.py [--households N] [--rounds R]

Prints nanoseconds a draw (median over rounds, the two in turn) and their ratio. The block holds three slots a
household: places differ in size, and slots have to be kept free for households to come.
"""

import argparse
from hashlib import sha256
from statistics import median
from time import perf_counter

import numpy as np

from abm.core.draws import Draws, key_of

SLOTS_PER_HOUSEHOLD = 3


def block(seed: int, stream: str, tick: int, slots: np.ndarray) -> np.ndarray:
    """One seeded generator per (seed, stream, tick), gathered by slot."""
    name = int.from_bytes(sha256(stream.encode()).digest()[:8], "little")
    generator = np.random.Generator(np.random.SFC64(np.random.SeedSequence([seed, name, tick])))
    return generator.random(SLOTS_PER_HOUSEHOLD * len(slots))[slots]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--households", type=int, default=105_000)
    parser.add_argument("--rounds", type=int, default=200)
    given = parser.parse_args()
    keys = key_of(np.arange(given.households))
    slots = np.arange(given.households) * SLOTS_PER_HOUSEHOLD
    draws = Draws(1)
    seconds: dict[str, list[float]] = {"hash": [], "block": []}
    for tick in range(given.rounds):
        began = perf_counter()
        draws.uniform("benchmark", tick, keys)
        between = perf_counter()
        block(1, "benchmark", tick, slots)
        seconds["hash"].append(between - began)
        seconds["block"].append(perf_counter() - between)
    cost = {name: median(times) / given.households * 1e9 for name, times in seconds.items()}
    print(
        f"hash {cost['hash']:.2f} ns, block {cost['block']:.2f} ns, ratio {cost['hash'] / cost['block']:.2f}"
    )


if __name__ == "__main__":
    main()
