"""Who allies with whom: partners of villages are found by what each has (owner ``partners``).

The score of a pair of places is

    φ · fit − κ · distance + a · z_i z_j + ε,

fit the mean difference of their natural advantages by sector in logs (each has what the other lacks), distance the
larger of their distances from the centre (the mean of the least and the greatest way between two places whose
direction nobody knows), z their strength in standard deviations (management, and nearness to markets, on which
wages hang), ε a logistic draw of the pair, so that who prefers whom is logistic in the scores. Partners are the
matching of greatest total score in which as many as can find one, so that ``assortativity`` decides who pairs with
whom and not how many do. As a product of strengths is supermodular (Becker 1973, *A theory of marriage: Part I*,
J. Political Economy 81), a > 0 pairs the strong with the strong (强强联合), a < 0 with the weak (强弱结合). All of
it is fixed, so partners are the same in every arm.

Source: docs/MECHANISMS.md M3; 000_dc7ebc0f9aeec511.txt, 五 (三) (强强联合, 强弱结合).
"""

import networkx as nx
import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from abm.core.draws import key_of
from abm.scenario.parameters import Parameter, values_of
from abm.world.world import World

PARAMETERS = (
    Parameter("assortativity", 0.0, "per product of two standard deviations", (-2.0, 2.0), "who pairs with whom, a",
              "docs/MECHANISMS.md M3 (0–2); below 0 the strong pair with the weak"),
    Parameter("fit", 1.0, "per log point", (0.2, 3.0), "resources that complement each other, φ", "assumed; M3"),
    Parameter("distance", 0.25, "per unit of market distance", (0.0, 1.0), "who pairs with whom, κ", "assumed; M3"),
    Parameter("chance", 0.1, "scale of a logistic draw", (0.01, 0.5), "who pairs with whom, ε", "assumed; M3"),
)  # fmt: skip
"""Parameters of the search for partners; owner ``partners``."""

_FINE = 1e9
"""Scores are matched as whole numbers, in which the algorithm is exact."""


def find_allies(world: World, seekers: list[int]) -> list[tuple[int, int]]:
    """Pairs of places (rows, the smaller first) of those that seek an ally among each other; who is left over stays
    alone."""
    score = _score(world, seekers, seekers, "form.alliance")
    here = range(len(seekers))
    pairs = _match([(i, j, score[i, j]) for i in here for j in here if i < j])
    return sorted((seekers[i], seekers[j]) for i, j in pairs)


def find_hosts(world: World, seekers: list[int]) -> list[tuple[int, int]]:
    """For each place that seeks enterprises to pair with another place that has them, as (place, host); no
    place is host to two."""
    if not seekers:
        return []
    taken = set(world.places.paired_with.tolist())
    hosts = [row for row in range(len(world.places)) if row not in taken]
    score = _score(world, seekers, hosts, "form.pairing")
    n = len(seekers)
    edges = [
        (i, n + j, score[i, j])
        for i, place in enumerate(seekers)
        for j, host in enumerate(hosts)
        if place != host
    ]
    return sorted((seekers[i], hosts[j - n]) for i, j in _match(edges))


def strength(world: World) -> NDArray[np.float64]:
    """z of each place: mean of management and nearness to markets in standard deviations; shape (places,)."""
    places = world.places
    return np.asarray(_standard(_standard(places.management) - _standard(places.market_distance)))


def _score(world: World, one: list[int], other: list[int], stream: str) -> NDArray[np.float64]:
    """Score of each pair; shape (len(one), len(other)). A pair has one draw, whoever is named first."""
    p, places = values_of(world.settings, "partners"), world.places
    advantage, z, ids = np.log(places.amenity), strength(world), places.id
    a, b = np.ix_(one, other)
    fit = np.abs(advantage[a] - advantage[b]).mean(axis=-1)
    distance = np.maximum(places.market_distance[a], places.market_distance[b])
    keys = key_of(np.minimum(ids[a], ids[b]), np.maximum(ids[a], ids[b]))
    luck = p.chance * logit(world.draws.uniform(stream, 0, keys))
    return np.asarray(p.fit * fit - p.distance * distance + p.assortativity * z[a] * z[b] + luck)


def _match(edges: list[tuple[int, int, float]]) -> list[tuple[int, int]]:
    """Pairs of greatest total score among those that leave the fewest alone, the smaller number first."""
    graph = nx.Graph()
    graph.add_weighted_edges_from((i, j, round(_FINE * float(score))) for i, j, score in edges)
    return [(min(pair), max(pair)) for pair in nx.max_weight_matching(graph, maxcardinality=True)]


def _standard(values: NDArray[np.float64]) -> NDArray[np.float64]:
    spread = float(values.std())
    return (values - values.mean()) / spread if spread > 1e-12 else np.zeros(len(values))
