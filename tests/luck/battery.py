"""A battery of tests that luck is luck: uniform, and independent across streams, ticks, seeds, slots and pairs.

Each check looks at many tables at once and gives a p-value for each, by name. All of them are pooled: ``alarms`` names
those that Holm's step-down rejects at ``FALSE_ALARM``, which is the chance that a sound generator fails *anything at
all* in the battery, however many values it has and however they hang together (Holm 1979, *A simple sequentially
rejective multiple test procedure*, Scand. J. Statistics 6:65-70). Seeds are fixed, so that the battery passes always or
fails always: the rate is of the day on which the seeds were chosen.

Statistics that can be too good as well as too bad are two-sided: strata, or a sequence of low discrepancy, fail too.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from abm.core.draws import Keys, Luck, key_of, pair_key, replication_seed

FALSE_ALARM = 1e-6
"""Chance that a sound generator sets off the battery."""

Floats = NDArray[np.float64]
Make = Callable[[int], Luck]
"""Makes the luck of a seed."""
Named = Iterator[tuple[str, float]]

STREAMS = ("labour.separation", "labour.search", "illness.onset", "needs.dispute", "kin.tie", "people.comes_home",
    "a", "b", "a1", "a2", "ab", "ba")  # fmt: skip
"""Names of rules, and names that are near each other."""
CELLS, SQUARE, BITS = 256, 16, 52
LAGS = (1, 2, 3, 6, 45)
"""Neighbours in the table: the next row, members of a household, the same row of the next place."""


# --- p-values ---------------------------------------------------------------------------------------------


def _both_sides(below: Floats, above: Floats) -> Floats:
    return np.minimum(2.0 * np.minimum(below, above), 1.0)


def chi_square(counts: NDArray[np.int64]) -> Floats:
    """Two-sided p that counts (tables, cells) are of equal chances; shape (tables,)."""
    cells = counts.shape[1]
    expected = counts.sum(axis=1, keepdims=True) / cells
    statistic = ((counts - expected) ** 2 / expected).sum(axis=1)
    return _both_sides(stats.chi2.cdf(statistic, cells - 1), stats.chi2.sf(statistic, cells - 1))


def cells_of(u: Floats, cells: int) -> NDArray[np.int64]:
    """Counts of each row of ``u`` (tables, draws) in equal cells of (0, 1); shape (tables, cells)."""
    tables = np.arange(len(u))[:, None] * cells
    where = np.minimum((u * cells).astype(np.int64), cells - 1) + tables
    return np.bincount(where.ravel(), minlength=len(u) * cells).reshape(len(u), cells)


def uniform(u: Floats) -> Floats:
    """p that each row of ``u`` is uniform: chi-square over cells and Kolmogorov-Smirnov; shape (2 · tables,)."""
    n = u.shape[1]
    s = np.sort(u, axis=1)
    step = np.arange(1, n + 1) / n
    distance = np.maximum(np.abs(s - step), np.abs(s - step + 1.0 / n)).max(axis=1)
    shape = (np.sqrt(n) + 0.12 + 0.11 / np.sqrt(n)) * distance  # Stephens 1970
    ks = _both_sides(stats.kstwobign.cdf(shape), stats.kstwobign.sf(shape))
    return np.concatenate([chi_square(cells_of(u, CELLS)), ks])


def independent(u: Floats, v: Floats) -> Floats:
    """p that rows of ``u`` and ``v`` are independent, each uniform: a square of cells, the correlation, and their
    difference around the circle, which is constant where one is the other shifted; shape (3 · tables,).

    The square is judged against its own margins. So it may be made of pairs that overlap, as neighbours in a table do
    (Good 1953, *The serial test for sampling numbers*, Proc. Cambridge Philos. Society 49:276-284).
    """
    n = u.shape[1]
    square = cells_of((np.floor(u * SQUARE) + v) / SQUARE, SQUARE * SQUARE).reshape(-1, SQUARE, SQUARE)
    expected = square.sum(axis=1, keepdims=True) * square.sum(axis=2, keepdims=True) / n
    statistic, free = ((square - expected) ** 2 / expected).sum(axis=(1, 2)), (SQUARE - 1) ** 2
    boxed = _both_sides(stats.chi2.cdf(statistic, free), stats.chi2.sf(statistic, free))
    r = 12.0 * ((u - 0.5) * (v - 0.5)).mean(axis=1)  # of uniforms, means and variances being known
    correlated = 2.0 * stats.norm.sf(np.abs(r) * np.sqrt(n))
    around = chi_square(cells_of((v - u) % 1.0, CELLS))
    return np.concatenate([boxed, correlated, around])


def uncorrelated(rows: Floats) -> Floats:
    """p that rows (tables, draws) are uncorrelated: the largest of all correlations, and their sum of squares."""
    n, pairs = rows.shape[1], len(rows) * (len(rows) - 1) // 2
    r = np.corrcoef(rows)[np.triu_indices(len(rows), 1)]
    largest = min(1.0, pairs * 2.0 * stats.norm.sf(np.abs(r).max() * np.sqrt(n)))
    squares = n * (r**2).sum()
    sides = _both_sides(stats.chi2.cdf(squares, pairs), stats.chi2.sf(squares, pairs))
    return np.array([largest, float(sides)])


def repeated(u: Floats) -> float:
    """p of so many equal numbers among uniforms of 52 bits: Poisson, and hardly one is to be expected."""
    found = u.size - len(np.unique(u))
    return float(stats.poisson.sf(found - 1, u.size * (u.size - 1) / 2.0 / 2.0**BITS))


def bits(u: Floats) -> Floats:
    """p that each of the 52 bits of these uniforms is a fair coin, and that no two go together."""
    words = (u * 2.0**BITS).astype(np.uint64)
    coins = (words[None, :] >> np.arange(BITS, dtype=np.uint64)[:, None]) & np.uint64(1)
    fair = 2.0 * stats.norm.sf(np.abs(coins.mean(axis=1) - 0.5) * 2.0 * np.sqrt(len(u)))
    return np.concatenate([fair, uncorrelated(coins.astype(np.float64))])


# --- what is looked at ------------------------------------------------------------------------------------


def households(count: int) -> Keys:
    """Keys of the households of a district, in the order of the table."""
    number = np.arange(count)
    return key_of(number % 45 + 1, number // 45, 0)


def _keys(n: int) -> dict[str, Keys]:
    """Keys as rules make them, and keys that a weak hash would take badly."""
    number = np.arange(n)
    return {
        "households": households(n),
        "workers of few households": key_of(key_of(1, number // 6, 0), number % 6),
        "numbers in a row": number.astype(np.uint64),
        "even numbers": number.astype(np.uint64) * np.uint64(2),
        "high bits only": number.astype(np.uint64) << np.uint64(46),
        "neighbours in pairs": pair_key(key_of(1, number, 0), key_of(1, number + 1, 0)),
        "pairs with one end in common": pair_key(key_of(1, 0, 0), key_of(1, number + 1, 0)),
    }


def _many(luck: Luck, asked: Sequence[tuple[str, int]], keys: Keys) -> Floats:
    return np.array([luck.uniform(stream, when, keys) for stream, when in asked])


def _all(name: str, values: Floats) -> Named:
    return ((f"{name} [{i}]", float(p)) for i, p in enumerate(np.atleast_1d(values)))


def _rows(name: str, rows: Floats) -> Named:
    """All that is asked of rows that ought to be independent of each other."""
    yield from _all(f"{name}: uniform", uniform(rows))
    yield from _all(f"{name}: independent", independent(rows[:-1], rows[1:]))
    yield from _all(f"{name}: uncorrelated", uncorrelated(rows))
    yield f"{name}: no number twice", repeated(rows)


def of_streams(make: Make, n: int) -> Named:
    """Streams of one tick."""
    yield from _rows("streams", _many(make(1), [(stream, 3) for stream in STREAMS], households(n)))


def of_many_streams(make: Make, n: int) -> Named:
    """Ten streams in ten ticks: 4 950 correlations."""
    asked = [(f"stream{i % 10}", i // 10) for i in range(100)]
    yield from _all("many streams: uncorrelated", uncorrelated(_many(make(1), asked, households(n // 4))))


def of_ticks(make: Make, n: int) -> Named:
    """Ticks of one stream."""
    yield from _rows("ticks", _many(make(5), [("labour.search", tick) for tick in range(12)], households(n)))


def of_seeds(make: Make, n: int) -> Named:
    """Seeds in a row and far apart, replications of one first seed, and a seed's tick against the next seed's tick
    before."""
    keys = households(n)
    near = [make(seed).uniform("labour.search", 0, keys) for seed in (0, 1, 2, 3, 2**32, 2**32 + 1, 2**62)]
    yield from _rows("seeds", np.array(near))
    runs = [make(replication_seed(1, r)).uniform("labour.search", 0, keys) for r in range(6)]
    yield from _rows("replications", np.array(runs))
    slanted = [make(5 + step).uniform("labour.search", 9 - step, keys) for step in range(4)]
    yield from _rows("seed and tick", np.array(slanted))


def of_slots(make: Make, n: int) -> Named:
    """Neighbours in the table, and bit by bit, for every kind of key."""
    for name, keys in _keys(n).items():
        u = make(11).uniform("labour.separation", 8, keys)
        yield from _all(f"{name}: uniform", uniform(u[None, :]))
        for lag in LAGS:
            yield from _all(f"{name}: {lag} apart", independent(u[None, :-lag], u[None, lag:]))
        yield from _all(f"{name}: bits", bits(u))
        yield f"{name}: no number twice", repeated(u)


def of_lives(make: Make, n: int) -> Named:
    """What a few households meet over their lives: one key, tick after tick."""
    luck, keys = make(3), key_of(7, np.arange(6), 0)
    lives = np.array([luck.uniform("illness.onset", tick, keys) for tick in range(n // 5)]).T.copy()
    yield from _rows("lives", lives)
    for lag in (1, 4, 12):
        yield from _all(f"lives: {lag} ticks apart", independent(lives[:, :-lag], lives[:, lag:]))


def of_pairs(make: Make, n: int) -> Named:
    """Ties: of each other, of their ends, and jointly around triangles, squares and stars."""
    luck, ends = make(9), [key_of(3, np.arange(n) + i * n, 0) for i in range(4)]

    def tie(i: int, j: int) -> Floats:
        return luck.uniform("kin.tie", 0, pair_key(ends[i], ends[j]))

    ab, bc, cd, da, ac, ad = tie(0, 1), tie(1, 2), tie(2, 3), tie(3, 0), tie(0, 2), tie(0, 3)
    a, b = (luck.uniform("kin.tie", 0, end) for end in ends[:2])
    yield from _rows("ties", np.array([ab, bc, ac, a, b, ad]))
    joint = np.array([ab + bc + ac, ab - bc + cd - da, ab - a - b, ab + ac + ad]) % 1.0
    yield from _all("ties: triangles, squares, ends, stars", uniform(joint))
    chain = luck.uniform("kin.tie", 0, pair_key(ends[0][:-1], ends[0][1:]))[None, :]
    yield from _all("ties: along a chain", independent(chain[:, :-1], chain[:, 1:]))
    yield "ties: the same from both ends", float(np.array_equal(ab, tie(1, 0)))


def of_later_households(make: Make, n: int) -> Named:
    """Households that follow each other in one dwelling, and those who come of age in them."""
    luck, place = make(2), np.arange(n) % 45 + 1
    follow = [key_of(place, np.arange(n) // 45, generation) for generation in range(4)]
    young = key_of(follow[1], 100)
    yield from _rows(
        "later households", np.array([luck.uniform("illness.onset", 30, k) for k in (*follow, young)])
    )


def of_order(make: Make, n: int) -> Named:
    """A draw hangs on its key and on nothing else: not on the order of keys, nor on what was asked before."""
    keys = households(n)
    order = np.argsort(keys)
    whole = make(8).uniform("needs.dispute", 4, keys)
    yield (
        "order: of keys",
        float(np.array_equal(make(8).uniform("needs.dispute", 4, keys[order]), whole[order])),
    )
    used = make(8)
    used.uniform("needs.dispute", 3, keys)
    yield "order: of calls", float(np.array_equal(used.uniform("needs.dispute", 4, keys), whole))


def of_normals(make: Make, n: int) -> Named:
    """Normals are uniforms through the inverse of their distribution function."""
    z = make(4).normal("labour.fit", 0, households(n))
    yield from _all("normals", uniform(stats.norm.cdf(z)[None, :]))


CHECKS = (
    of_streams,
    of_many_streams,
    of_ticks,
    of_seeds,
    of_slots,
    of_lives,
    of_pairs,
    of_later_households,
    of_order,
    of_normals,
)


def run(make: Make, n: int = 20_000) -> dict[str, float]:
    """All p-values of a generator, by name; those of ``order`` are 0 or 1, and chance has no part in them."""
    found: dict[str, float] = {}
    with np.errstate(invalid="ignore", divide="ignore"):  # of luck that is always the same
        for check in CHECKS:
            for name, p in check(make, n):
                assert name not in found, name
                found[name] = 0.0 if np.isnan(p) else p
    return found


def alarms(found: Mapping[str, float], level: float = FALSE_ALARM) -> list[str]:
    """Names that Holm's procedure rejects, the smallest p first; a sound generator has one with chance ``level``."""
    rejected = []
    for left, (name, p) in enumerate(sorted(found.items(), key=lambda item: item[1])):
        if p > level / (len(found) - left):
            break
        rejected.append(name)
    return rejected
