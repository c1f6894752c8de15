"""Choices by weight that several rules make, each by inverse CDF of one uniform per chooser."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from abm.core.draws import Luck, key_of, key_with
from abm.core.names import SECTORS
from abm.world.world import World


def choose_sectors(weights: NDArray[np.float64], u: NDArray[np.float64]) -> NDArray[np.int64]:
    """One sector per row of ``weights`` (rows, sectors) by inverse CDF of ``u``."""
    cumulative = np.cumsum(weights, axis=1)
    below = u[:, None] * cumulative[:, -1:] >= cumulative
    return np.minimum(below.sum(axis=1), len(SECTORS) - 1)


def choose_owners(world: World, where: NDArray[np.int64], keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Half of the enterprises belong to a household of the place, the best off of three drawn; -1: elsewhere."""
    h, counts = world.households, world.places.households
    first = np.cumsum(counts) - counts
    best = np.full(len(where), -1, np.int64)
    for candidate in range(3):
        row = first[where] + one_of(world.draws, f"enterprise.owner{candidate}", keys, counts[where])
        better = ((best < 0) | (h.standing[row] > h.standing[best])) & world.points.inhabited[row]
        best = np.where(better, row, best)
    local = world.draws.uniform("enterprise.local", 0, keys) < 0.5
    return np.where(local, best, -1)


def one_of(
    draws: Luck, stream: str, keys: NDArray[np.uint64], counts: NDArray[np.integer[Any]]
) -> NDArray[np.int64]:
    """For each key one of 0 … count − 1 with equal chances. With one more to choose from, a key keeps its choice or
    takes the newcomer, so nobody else's lot changes (jump consistent hash: Lamping & Veach 2014, arXiv:1406.2294).
    """
    chosen = np.zeros(len(keys), np.int64)
    going, own = np.arange(len(keys)), key_of(keys)
    while len(going):
        u = draws.uniform(stream, 0, key_with(own[going], chosen[going]))
        following = np.floor((chosen[going] + 1) / u)
        within = following < counts[going]
        going = going[within]
        chosen[going] = following[within]
    return chosen


def pick_by_weight(
    weights: NDArray[np.float64],
    group: NDArray[np.int64],
    groups: int,
    wanted: NDArray[np.int64],
    u: NDArray[np.float64],
) -> NDArray[np.int64]:
    """For each entry of ``wanted`` a row of that group (any group at -1), with chances by weight; -1 if none.

    Args:
        weights: weight of each row, at least 0.
        group: group of each row.
        u: a uniform for each entry of ``wanted``.
    """
    order = np.argsort(group, kind="stable")
    cumulative = np.cumsum(weights[order])
    sums = np.bincount(group, weights=weights, minlength=groups)
    ends = np.cumsum(sums)
    low = np.where(wanted >= 0, (ends - sums)[wanted], 0.0)
    high = np.where(wanted >= 0, ends[wanted], ends[-1] if groups else 0.0)
    spot = np.minimum(np.searchsorted(cumulative, low + u * (high - low), side="right"), len(order) - 1)
    rows = order[spot] if len(order) else np.full(len(wanted), -1)
    bad = (high - low <= 0) | (weights[rows] <= 0) | ((wanted >= 0) & (group[rows] != wanted))
    return np.where(bad, -1, rows)
