"""What compiling would bring: loops of the core, and the functions that rules use, by Numba and by NumPy.

    python benchmarks/compiled.py [--households N]

Numba is no dependency of this project: an environment of its own needs ``pip install numba`` beside what ``make setup``
installs. Prints nanoseconds an element, the best of five, and which share of the results is the same to the last bit:
NumPy reckons logarithms and powers on several numbers at once, and its last bits are its own.
"""

import argparse
import sys
import timeit
from functools import partial
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from abm.core.draws import Draws, key_of

try:
    from numba import njit
except ImportError:
    raise SystemExit("compiled.py: needs Numba; pip install numba, in an environment of its own") from None

M1, M2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


@njit
def mix(x):  # type: ignore[no-untyped-def]
    x = (x ^ (x >> np.uint64(30))) * M1
    x = (x ^ (x >> np.uint64(27))) * M2
    return x ^ (x >> np.uint64(31))


@njit
def uniform(keys, a, b):  # type: ignore[no-untyped-def]
    found = np.empty(keys.size)
    for row in range(keys.size):
        found[row] = np.float64(mix(mix(keys[row] ^ a) + b) >> np.uint64(12)) * 2.0**-52 + 2.0**-53
    return found


@njit
def gather(column, rows):  # type: ignore[no-untyped-def]
    found = np.empty(rows.size)
    for row in range(rows.size):
        found[row] = column[rows[row]]
    return found


@njit
def sums(place, values, places):  # type: ignore[no-untyped-def]
    found = np.zeros(places)
    for row in range(place.size):
        found[place[row]] += values[row]
    return found


def of_each(function):  # type: ignore[no-untyped-def]
    """A compiled loop that takes a function of each number."""

    @njit
    def loop(values):  # type: ignore[no-untyped-def]
        found = np.empty(values.size)
        for row in range(values.size):
            found[row] = function(values[row])
        return found

    return loop


@njit
def power(value):  # type: ignore[no-untyped-def]
    return value**0.6


FUNCTIONS = {
    "log": (np.log, of_each(np.log)),
    "log(1 + x)": (np.log1p, of_each(np.log1p)),
    "exp": (np.exp, of_each(np.exp)),
    "power": (lambda values: values**0.6, of_each(power)),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--households", type=int, default=100_000)
    count = parser.parse_args().households
    luck, chance, keys = Draws(1), np.random.default_rng(1), key_of(np.arange(count))
    a, b = (np.uint64(word) for word in luck._words("benchmark", 0))
    column, rows = chance.random(count), chance.integers(0, count, count)
    place = np.sort(chance.integers(0, 40, count))
    loops = {
        "hash": (lambda: luck.uniform("benchmark", 0, keys), lambda: uniform(keys, a, b)),
        "gather": (lambda: column[rows], lambda: gather(column, rows)),
        "sum by place": (
            lambda: np.bincount(place, weights=column, minlength=40),
            lambda: sums(place, column, 40),
        ),
        **{name: (partial(one, column), partial(other, column)) for name, (one, other) in FUNCTIONS.items()},
    }
    for name, (ours, compiled) in loops.items():
        same = np.mean(ours() == compiled())
        one, other = (
            min(timeit.repeat(way, number=50, repeat=5)) / 50 / count * 1e9 for way in (ours, compiled)
        )
        print(
            f"{name:14} NumPy {one:5.2f} ns, Numba {other:5.2f} ns, ratio {one / other:.2f}, same {same:.1%}"
        )


if __name__ == "__main__":
    main()
