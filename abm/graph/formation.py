"""How links form: by fixed draws of those concerned, the same in every arm, whatever is masked."""

import numpy as np
from numpy.typing import NDArray

from abm.core.draws import Keys, Luck, pair_key
from abm.graph.joint_points import JointPoints
from abm.graph.links import HouseholdLinks, PairLinks
from abm.graph.rewiring import drawn_households, rewire_ties
from abm.scenario.parameters import Parameter

PARAMETERS = (
    Parameter(
        "kin_chance", 0.35, "probability per pair of a lineage", (0.1, 0.8), "who is kin",
        "assumed: about four related households each",
    ),
    Parameter(
        "aid_chance", 0.2, "probability per pair of neighbours", (0.05, 0.5), "who could be tied by trust",
        "assumed: about four possible ties each",
    ),
    Parameter(
        "homophily", 0.5, "per standard deviation of standing", (0.0, 2.0), "who could be tied by trust",
        "assumed; rival claim on social capital in docs/HYPOTHESES.md",
    ),
    Parameter(
        "dud_share", 0.05, "share of links between institutions", (0.0, 0.2), "links that never connect (连接不畅)",
        "assumed; M14",
    ),
)  # fmt: skip
"""Parameters of the ties between households, and of links that form in vain; owner ``ties``."""

LINEAGE = 12
"""Founders with consecutive numbers that make up one lineage (宗族) within a place."""
NEIGHBOURHOOD = 20
"""Founders with consecutive numbers live near each other; ties of trust reach this far."""


def pair_candidates(
    place: NDArray[np.int64], number: NDArray[np.int32], reach: int, *, blocks: bool
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Pairs of rows of one place whose founder numbers lie within ``reach`` of each other (or in one block of
    that size). Rows must be sorted by place and number. A household appended to a place adds pairs of its own
    and changes no other."""
    earlier, later = [], []
    rows = np.arange(len(place), dtype=np.int32)
    for distance in range(1, reach if blocks else reach + 1):
        a, b = rows[:-distance], rows[distance:]
        near = (place[a] == place[b]) & (number[b] - number[a] == distance)
        if blocks:
            near &= number[a] // reach == number[b] // reach
        earlier.append(a[near])
        later.append(b[near])
    return np.concatenate(earlier), np.concatenate(later)


def kin_ties(
    luck: Luck, keys: Keys, place: NDArray[np.int64], number: NDArray[np.int32], chance: float, year: int
) -> PairLinks:
    """Kin: each pair of one lineage with the same chance; there from the start."""
    a, b = pair_candidates(place, number, LINEAGE, blocks=True)
    pairs = pair_key(keys[a], keys[b])
    kept = luck.uniform("kin.tie", 0, pairs) < chance
    return _pairs("kin", luck, a[kept], b[kept], pairs[kept], year)


def mutual_aid_ties(
    luck: Luck,
    keys: Keys,
    place: NDArray[np.int64],
    number: NDArray[np.int32],
    standing: NDArray[np.float64],
    chance: float,
    homophily: float,
) -> PairLinks:
    """Possible ties of mutual aid: neighbours, the likelier the nearer their standing.

    P(tie) = chance · exp(−homophily · |standing_a − standing_b|), standing in standard deviations at the start.
    They are possible ties only; they form where and when the scenario plans it.
    """
    a, b = pair_candidates(place, number, NEIGHBOURHOOD, blocks=False)
    pairs = pair_key(keys[a], keys[b])
    likely = chance * np.exp(-homophily * np.abs(standing[a] - standing[b]))
    kept = luck.uniform("mutual_aid.tie", 0, pairs) < likely
    return _pairs("mutual_aid", luck, a[kept], b[kept], pairs[kept], 0)


def household_links(kind: str, luck: Luck, keys: Keys) -> HouseholdLinks:
    """No link yet for anybody, but the draw that a mask will compare with."""
    n = len(keys)
    return HouseholdLinks(
        kind, luck.uniform(f"mask.{kind}", 0, keys), np.zeros(n, np.int16), np.zeros(n, bool)
    )


def form_household_links(
    points: JointPoints,
    kind: str,
    luck: Luck,
    keys: Keys,
    places: NDArray[np.int64],
    share: float,
    year: int,
    eligible: NDArray[np.bool_],
    *,
    rewired: bool = False,
) -> int:
    """Form links of one kind for a share of the eligible households of some places; returns how many are new.

    A larger share later on keeps those who are linked and adds others (the same draw decides). With ``rewired`` as
    many households of the whole district are linked in their stead.
    """
    links = points.household[kind]
    chosen = np.isin(points.place, places) & eligible & (links.planned == 0)
    chosen[chosen] = luck.uniform(f"form.{kind}", 0, keys[chosen]) < share
    links.planned[chosen] = year
    rows = np.flatnonzero(chosen)
    if rewired:
        rows = drawn_households(links, luck, keys, len(rows), eligible)
    links.since[rows] = year
    return len(rows)


def form_pair_links(
    points: JointPoints,
    kind: str,
    places: NDArray[np.int64],
    share: float,
    year: int,
    rewired_by: tuple[Luck, Keys] | None = None,
) -> int:
    """Form a share of the possible ties between households of some places; returns how many are new.

    With ``rewired_by``, luck and the households' keys, each of them ties two others of its place.
    """
    ties = points.pairs[kind]
    chosen = (ties.since == 0) & np.isin(points.place[ties.a], places) & (ties.form_draw < share)
    if rewired_by is not None:
        rewire_ties(ties, np.flatnonzero(chosen), points.place, *rewired_by)
    ties.since[chosen] = year
    return int(chosen.sum())


def _pairs(
    kind: str, luck: Luck, a: NDArray[np.int32], b: NDArray[np.int32], pairs: Keys, since: int
) -> PairLinks:
    return PairLinks(
        kind,
        a,
        b,
        luck.uniform(f"form.{kind}", 0, pairs),
        luck.uniform(f"mask.{kind}", 0, pairs),
        np.full(len(a), since, np.int16),
        np.zeros(len(a), bool),
    )
