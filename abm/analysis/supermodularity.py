"""Do joint-points do more together than each by itself? Second differences of the 2³ factorial.

With v(S) the outcome when the layers S are on, v is *supermodular* iff every second difference is non-negative: for
each pair of layers i, j and each state S of the third,

    Δ_ij(S) = v(S ∪ ij) − v(S ∪ i) − v(S ∪ j) + v(S) ≥ 0,

six conditions (Topkis 1978; Milgrom and Roberts 1990 call such i, j complements); *submodular* iff all are ≤ 0.
Beside them stand the *joint* effect beyond the sum of each alone, OIS − O − I − S + 2 none, and the interaction of
all three, Δ_ij(third on) − Δ_ij(third off), which is the same for every pair. All eight are formed within units and
their intervals hold at once (Bonferroni), so that a verdict on all of them has the stated confidence.

Sources: D. Topkis (1978), "Minimizing a submodular function on a lattice", Operations Research 26(2), 305–321; P.
Milgrom and J. Roberts (1990), "The economics of modern manufacturing", American Economic Review 80(3), 511–528.
"""

from collections.abc import Iterable
from dataclasses import asdict
from itertools import combinations

import pandas as pd

from abm.analysis.arms import ARMS, LETTERS, arm_of
from abm.analysis.contrasts import by_arm, contrast, simultaneous
from abm.analysis.terms import SUPERADDITIVITY
from abm.core.names import LAYERS

JOINT, THREE_WAY = "joint", "three-way"
SUPERMODULAR, SUBMODULAR, NEITHER = "supermodular", "submodular", "neither"
NOT_SUPERMODULAR, NOT_SUBMODULAR, UNDECIDED = "not supermodular", "not submodular", "undecided"


def second_differences() -> dict[str, dict[str, float]]:
    """Weights of the six conditions, by name: ``OI|S=0`` is O with I where S is off."""
    found = {}
    for first, second in combinations(LAYERS, 2):
        (third,) = [layer for layer in LAYERS if layer not in (first, second)]
        for state, rest in enumerate((set[str](), {third})):
            name = f"{LETTERS[first]}{LETTERS[second]}|{LETTERS[third]}={state}"
            found[name] = {
                arm_of(rest | {first, second}): 1.0,
                arm_of(rest | {first}): -1.0,
                arm_of(rest | {second}): -1.0,
                arm_of(rest): 1.0,
            }
    return found


def three_way_weights() -> dict[str, float]:
    """Weights of the interaction of all three: plus where an odd number of layers is on."""
    return {arm: -1.0 if arm == "none" or len(arm) == 2 else 1.0 for arm in ARMS}


def family() -> dict[str, dict[str, float]]:
    """All eight contrasts: the six conditions, the joint effect, the interaction of three."""
    return second_differences() | {JOINT: dict(SUPERADDITIVITY), THREE_WAY: three_way_weights()}


def supermodularity(
    outcomes: pd.DataFrame,
    measures: Iterable[str],
    years: Iterable[int],
    populations: Iterable[str] = ("all",),
) -> pd.DataFrame:
    """The eight contrasts with simultaneous 95 % intervals, in the measures' own units.

    Units that lack an arm are left out of all eight.

    Returns:
        One row per population, measure and term: ``mean``, ``se``, ``low``, ``high``, ``n``.

    Raises:
        ValueError: the table mixes questions or budgets.
    """
    years, terms, rows = list(years), family(), []
    for population in populations:
        for measure in measures:
            values = by_arm(outcomes, measure, years, population).reindex(columns=list(ARMS)).dropna()
            for term, weights in terms.items():
                found = asdict(simultaneous(contrast(values, weights), len(terms)))
                kept = {name: found[name] for name in ("mean", "se", "low", "high", "n")}
                rows.append({"population": population, "measure": measure, "term": term} | kept)
    return pd.DataFrame(rows)


def verdicts(table: pd.DataFrame) -> pd.DataFrame:
    """What the intervals say, one row per population and measure.

    Args:
        table: of ``supermodularity``.

    Returns:
        ``layers``: supermodular (all six intervals above 0), submodular (all below), neither (one above, another
        below), not supermodular (some below, none above), not submodular, or undecided; ``joint``: whether the joint
        effect exceeds the sum of each alone, falls short of it, or undecided.
    """
    rows = []
    for (population, measure), part in table.groupby(["population", "measure"], sort=False):
        by_term = part.set_index("term")
        pairs, joint = by_term.loc[list(second_differences())], by_term.loc[JOINT]
        words = "exceeds the sum" if joint["low"] > 0 else "falls short" if joint["high"] < 0 else UNDECIDED
        rows.append({"population": population, "measure": measure, "layers": _verdict(pairs), "joint": words})
    return pd.DataFrame(rows)


def _verdict(pairs: pd.DataFrame) -> str:
    above, below = pairs["low"] > 0, pairs["high"] < 0
    if above.all() or below.all():
        return SUPERMODULAR if above.all() else SUBMODULAR
    if above.any() and below.any():
        return NEITHER
    if below.any():
        return NOT_SUPERMODULAR
    return NOT_SUBMODULAR if above.any() else UNDECIDED
