"""Sampled Shapley values of many players: mechanisms, kinds of links, or whatever a design can switch.

A player's value is what it adds when it is switched on, averaged over the orders in which the players can be
switched on. With n players there are n! orders; m of them are drawn (Castro, Gómez and Tejada 2009). In an order π
the gains

    v(before_π(i) ∪ {i}) − v(before_π(i))

add up to v(all) − v(none), order by order and so for any number of them: only the uncertainty of the single values
depends on m. An order drawn is followed by its reverse, since the two err in opposite directions where effects
saturate (Mitchell et al. 2022); such a pair counts once. A run of a coalition serves all orders that pass through
it, and with common seeds each order is run on all of them. The variance of a mean over P pairs of orders and R
seeds is

    (MS_orders + MS_seeds − MS_rest) / (P R),

the mean squares of a two-way table with one number a cell (random effects, Searle, Casella and McCulloch 1992),
with degrees of freedom by Satterthwaite; it takes no smaller value than either of the first two by itself. Where
all n! orders are run, only the seeds are left to be uncertain about.

Sources: J. Castro, D. Gómez and J. Tejada (2009), "Polynomial calculation of the Shapley value based on sampling",
Computers & Operations Research 36(5), 1726–1730; R. Mitchell, J. Cooper, E. Frank and G. Holmes (2022), "Sampling
permutations for Shapley value estimation", Journal of Machine Learning Research 23(43), 1–46.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import permutations as every_order
from math import factorial, nan, sqrt

import numpy as np
import pandas as pd

from abm.analysis.contrasts import EVERY_LAYER, half_width
from abm.core.draws import Draws, name_key

WHOLE = EVERY_LAYER
"""In the table of values, the row for all players at once."""


@dataclass(frozen=True)
class ShapleyDesign:
    """Orders of the players, and the coalitions that they pass through.

    Args:
        players: names, such as the dotted names of switches.
        orders: each a rearrangement of the players, from the first switched on to the last.
        paired: whether orders come in pairs, each followed by its reverse.
        complete: whether they are all orders that there are.
    """

    players: tuple[str, ...]
    orders: tuple[tuple[str, ...], ...]
    paired: bool
    complete: bool

    @cached_property
    def coalitions(self) -> tuple[frozenset[str], ...]:
        """The different coalitions, nobody and everybody first."""
        met = dict.fromkeys([frozenset[str](), frozenset(self.players)])
        for order in self.orders:
            met.update(dict.fromkeys(frozenset(order[:size]) for size in range(len(order) + 1)))
        return tuple(met)

    def settings(self, on: float = 1.0, off: float = 0.0) -> pd.DataFrame:
        """Which switch stands where: a row per coalition, numbered as in ``coalitions``, a column per player."""
        rows = [[on if player in met else off for player in self.players] for met in self.coalitions]
        index = pd.RangeIndex(len(rows), name="coalition")
        return pd.DataFrame(rows, index=index, columns=list(self.players))


def shapley_design(
    players: Sequence[str], permutations: int, seed: int = 1, *, paired: bool = True
) -> ShapleyDesign:
    """Orders drawn at random; the same seed gives the same orders, and more permutations only add to them.

    Args:
        players: different names, in any order: luck goes by name.
        permutations: how many orders; all that there are, each once, where that is no more.
        paired: each order drawn is followed by its reverse; *permutations* is even then.

    Raises:
        ValueError: no player, one named twice, or a number of permutations that cannot be.
    """
    names = tuple(players)
    if not names or len(set(names)) < len(names):
        raise ValueError("give at least one player, each of them once")
    if permutations < 1:
        raise ValueError(f"{permutations} permutations are too few: give 1 or more")
    if len(names) <= 12 and permutations >= factorial(len(names)):
        return ShapleyDesign(names, tuple(every_order(sorted(names))), paired=False, complete=True)
    if paired and permutations % 2:
        raise ValueError(f"{permutations} permutations make no pairs: give an even number, or paired=False")
    orders: list[tuple[str, ...]] = []
    keys, luck = np.array([name_key(name) for name in names], dtype=np.uint64), Draws(seed)
    for number in range(permutations // 2 if paired else permutations):
        place = np.argsort(luck.uniform("shapley.order", number, keys), kind="stable")
        order = tuple(names[i] for i in place)
        orders += [order, order[::-1]] if paired else [order]
    return ShapleyDesign(names, tuple(orders), paired, complete=False)


def gains(design: ShapleyDesign, values: pd.DataFrame) -> np.ndarray:
    """What each player adds in each order and unit.

    Args:
        values: one row per unit (seed), one column per coalition's number; NaN or a lacking column where a run
        failed.

    Returns:
        Shape (orders, units, players), in the design's order; over players it adds up to what all add to nobody. NaN
        for all players of an order in a unit that lacks one of its coalitions.
    """
    number = {met: i for i, met in enumerate(design.coalitions)}
    place = {player: i for i, player in enumerate(design.players)}
    table = values.reindex(columns=range(len(design.coalitions))).to_numpy(dtype=float)
    found = np.empty((len(design.orders), len(table), len(design.players)))
    for row, order in enumerate(design.orders):
        path = table[:, [number[frozenset(order[:size])] for size in range(len(order) + 1)]]
        steps = np.diff(path, axis=1)
        steps[np.isnan(path).any(axis=1)] = nan
        found[row][:, [place[player] for player in order]] = steps
    return found


def shapley_of(design: ShapleyDesign, values: pd.DataFrame) -> pd.DataFrame:
    """Shapley values with 95 % intervals over orders and seeds.

    Only orders (pairs of orders) that every unit has are used, or only units that have every order, whichever leaves
    more; the values add up to the row of all players in either case. Where all orders are run, a unit that lacks one is
    left out: those that are left would be no average over all.

    Args:
        values: as for ``gains``.

    Returns:
        One row per player, and one (``WHOLE``) for all at once: ``player``, ``mean``, ``se``, ``low``, ``high``,
        ``orders``, ``units``, ``share`` of the whole. NaN where nothing is complete; an interval needs two pairs of
        orders, or two units where the design is complete.
    """
    added = gains(design, values)
    if design.paired:
        added = added.reshape(len(added) // 2, 2, *added.shape[1:]).mean(axis=1)
    added = _complete(added, all_orders=design.complete)
    whole = added.sum(axis=2, keepdims=True)
    rows = []
    total = float(whole.mean()) if whole.size else nan
    for player, cells in zip(
        (*design.players, WHOLE), [*np.moveaxis(added, 2, 0), whole[:, :, 0]], strict=True
    ):
        # the whole is the same in every order: only seeds make it uncertain
        mean, se, degrees = _crossed(cells, only_units=design.complete or player == WHOLE)
        half = float(half_width(se, degrees))
        rows.append(
            {
                **{"player": player, "mean": mean, "se": se, "low": mean - half, "high": mean + half},
                "orders": len(cells) * (2 if design.paired else 1),
                "units": cells.shape[1],
                "share": mean / total if total else nan,
            }
        )
    return pd.DataFrame(rows)


def _complete(added: np.ndarray, *, all_orders: bool) -> np.ndarray:
    """The larger block without gaps: orders that all units have, or units that have all orders (needed or not)."""
    there = ~np.isnan(added).any(axis=2)
    by_order, by_unit = there.all(axis=1), there.all(axis=0)
    if not all_orders and by_order.sum() * there.shape[1] >= by_unit.sum() * there.shape[0]:
        return np.asarray(added[by_order])
    return np.asarray(added[:, by_unit])


def _crossed(cells: np.ndarray, *, only_units: bool) -> tuple[float, float, float]:
    """Mean of a table of orders and units, its standard error, and the degrees of freedom of that."""
    orders, units = cells.shape
    if cells.size == 0:
        return nan, nan, 0.0
    mean = float(cells.mean())
    by_order, by_unit = cells.mean(axis=1), cells.mean(axis=0)
    if only_units:
        return (mean, float(by_unit.std(ddof=1)) / sqrt(units), units - 1) if units > 1 else (mean, nan, 0.0)
    if orders < 2:
        return mean, nan, 0.0
    if units < 2:
        return mean, float(by_order.std(ddof=1)) / sqrt(orders), orders - 1
    rest = cells - by_order[:, None] - by_unit[None, :] + mean
    squares = np.array(
        [
            units * by_order.var(ddof=1),
            orders * by_unit.var(ddof=1),
            float((rest**2).sum()) / ((orders - 1) * (units - 1)),
        ]
    )
    freedom = np.array([orders - 1, units - 1, (orders - 1) * (units - 1)])
    both = squares[0] + squares[1] - squares[2]
    used, least = float(max(both, squares[0], squares[1])), min(orders, units) - 1
    spread = float((squares**2 / freedom).sum())
    degrees = max(used**2 / spread, least) if spread > 0 else least
    return mean, sqrt(used / cells.size), degrees


def design_of(x: pd.DataFrame, permutations: int, seed: int = 1) -> tuple[ShapleyDesign, pd.Series]:
    """The design that points were listed from (``ShapleyDesign.settings``), and each point's coalition.

    Args:
        x: one row per point, one column per player, 1 (on) or 0 (off).
        permutations, seed: those that the list was made with.

    Returns:
        The design, and the coalition's number by point.

    Raises:
        ValueError: the points are not those of that design.
    """
    design = shapley_design([str(name) for name in x.columns], permutations, seed)
    number = {met: i for i, met in enumerate(design.coalitions)}
    try:
        on = x.astype(float)
    except (TypeError, ValueError):
        raise ValueError("a switch is neither on nor off") from None
    if not on.isin([0.0, 1.0]).all(axis=None):
        raise ValueError("a switch is neither on nor off")
    met = [frozenset(str(name) for name in x.columns[row]) for row in on.to_numpy() == 1.0]
    if len(met) != len(number) or set(met) != set(number):
        raise ValueError(
            f"the points are not the {len(number)} coalitions of {permutations} permutations with the seed {seed}"
        )
    return design, pd.Series([number[coalition] for coalition in met], index=x.index)
