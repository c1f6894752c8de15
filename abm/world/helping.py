"""Help in need along ties between households: who is in need, and what those tied to them give."""

import numpy as np
from numpy.typing import NDArray

from abm.graph.links import PairLinks
from abm.world.world import World


def in_need(world: World, floor: float) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Households whose cash does not cover the care they owe and the food of this tick.

    Args:
        floor: yuan a person and year that nobody can go without, at the trend of this year.

    Returns:
        Their rows, ascending, and what each lacks in yuan.
    """
    h = world.households
    lack = h.care_due + floor * world.residents() * world.dt - world.ledger.yuan("household")
    rows = np.flatnonzero(lack > 1.0)
    return rows, lack[rows]


def help_along(
    world: World,
    ties: PairLinks,
    rows: NDArray[np.int64],
    lack: NDArray[np.float64],
    *,
    generosity: float,
    buffer: float,
    by_trust: bool,
    kind: str,
    layer: str,
) -> float:
    """Let those tied to the needy give; returns how many gifts were made, counted as contacts are.

    Each giver can spare a share of its cash beyond a buffer: generosity · (cash − buffer · expected income) a quarter
    for food, and at once for care (times its trust, with ``by_trust``). A needy household takes from each in
    proportion to what each can spare, up to what it lacks. Who is asked by several gives to each a part.

    Care is owed once, but want of food lasts: help with it counts as one contact a quarter, in however many ticks.

    Args:
        rows, lack: the needy and what they lack, yuan.
        generosity: share of spare cash that a giver parts with at most in a quarter, 0–1.
        buffer: years of income that givers keep.
    """
    h = world.households
    neighbours = ties.neighbours(len(h))
    starts, ends = neighbours.indptr[rows], neighbours.indptr[rows + 1]
    counts = ends - starts
    if counts.sum() == 0:
        return 0.0
    taker = np.repeat(np.arange(len(rows)), counts)
    offset = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    giver = neighbours.indices[np.repeat(starts, counts) + offset]
    cash = world.ledger.yuan("household", giver)
    a_tick = 1.0 - (1.0 - generosity) ** (4.0 * world.dt)
    share = np.where(h.care_due[rows] > 0, generosity, a_tick)[taker]
    spare = share * np.maximum(cash - buffer * h.expected_income[giver], 0.0)
    if by_trust:
        spare *= h.trust[giver]
    asked = np.bincount(giver, minlength=len(h))[giver]
    spare = np.where(np.isin(giver, rows), 0.0, spare / asked)  # the needy give nothing
    offered = np.bincount(taker, weights=spare, minlength=len(rows))
    fraction = np.minimum(1.0, lack / np.maximum(offered, 1e-9))
    gifts = spare * fraction[taker]
    given = gifts > 0.005
    order = np.argsort(giver[given], kind="stable")
    payer, payee = giver[given][order].astype(np.int64), rows[taker[given][order]]
    paid = world.ledger.transfer(("household", payer), ("household", payee), gifts[given][order], kind, layer)
    contacts = np.where(h.care_due > 0, 1.0, 4.0 * world.dt)
    helped = np.unique(payee)
    h.contact[helped] += contacts[helped]
    np.maximum.at(h.helping, payer[paid > 0], contacts[payee[paid > 0]] / (4.0 * world.dt))
    return float(contacts[payee[paid > 0]].sum())
