"""Where people come and go: here alone rows of workers appear, move to another household or vanish.

Households have a fixed number of rows. A row is a dwelling (宅基地, in towns a flat): its place, number and land stay,
and its ties to neighbours and institutions: possible ties of mutual aid, the grid, the case channel, volunteers, the
membership of the registered. Kinship goes with people: it ends where a household dies out or leaves, and a family that
divides founds new. The household that lives in a dwelling may leave or die out, and another may move in, which is the
next ``generation`` with a key of its own. All this happens in the yearly phase ``people``. The table of workers stands
sorted by household at any time, and the counts of households, places and enterprises agree with it.
"""

from collections.abc import Mapping
from types import SimpleNamespace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from abm.core.draws import key_of, pair_key
from abm.graph.links import PairLinks
from abm.population.households import LOCAL_JOB, MIGRANT, OWN_ACCOUNT, members
from abm.population.synthesis import skill_in_jobs
from abm.scenario.parameters import Parameter, values_of
from abm.world.enterprises import release
from abm.world.world import BANK, OUTSIDE, World

Rows = NDArray[np.int64]
Reals = NDArray[np.float64]

PARAMETERS = (
    Parameter("schooling_kept", 0.4, "correlation", (0.2, 0.6), "parents' and children's years of schooling",
        "assumed; Hertz et al. 2007, The B.E. Journal of Economic Analysis & Policy 7(2), about .2–.5, recalled"),
    Parameter("schooling_ahead", 1.5, "years", (0.0, 4.0), "the young over the mean of workers", "assumed"),
)  # fmt: skip
"""Parameters of those who come of age; owner ``people``."""

LEAST_TOOLS = 100.0
"""Productive capital that is always there, yuan of the base year."""
GROWN = 100
"""Numbers of those who come of age in a household begin here, beyond all who can be there from the first."""
STAYS = frozenset({"key", "number", "place", "urban", "registered", "generation", "land", "standing", "schooling",
    "line"})  # fmt: skip
"""What of a dwelling's row outlives a household, beside columns ``…_first``: what the trust of a start was."""
INHERITED = ("party_member", "standing", "schooling", "worker_effect", "skill", "fortune", "trust",
    "participation", "school_missed", "line", "own_product", "no_credit_until")  # fmt: skip
"""What a family that divides takes along."""
NOBODY = np.zeros(0, np.int64)
_SETTLED = 3
"""Beside the three activities: away for half a year or more."""
KIN_OF_PARENTS = 4
"""To how many of its parents' kin a household that divides off is kin at most, beside the parents themselves."""


def chance(rate: float | Reals) -> Reals:
    """Probability within a year of an event with a rate per year."""
    return np.asarray(-np.expm1(-np.asarray(rate, np.float64)))


def meets(world: World, stream: str, counts: NDArray[np.integer], rate: float | Reals) -> NDArray[np.int64]:
    """How many of the members of each household meet an event this year; shape (households,).

    Args:
        counts: members at risk of each household; they draw under (household's key, their number).
        rate: per year, one for all or one for each household.
    """
    rows = np.flatnonzero(counts > 0)
    hits = np.zeros(len(counts), np.int64)
    hits[rows] = meets_at(world, stream, counts, rows, np.broadcast_to(chance(rate), (len(counts),))[rows])
    return hits


def meets_at(
    world: World,
    stream: str,
    counts: NDArray[np.integer],
    rows: Rows,
    probability: Reals,
) -> NDArray[np.int64]:
    """``meets`` for some households, with a probability for each instead of a rate; shape of ``rows``."""
    h, hits, here = world.households, np.zeros(len(rows), np.int64), counts[rows]
    for k in range(int(here.max(initial=0))):
        has = np.flatnonzero(here > k)
        u = world.draws.uniform(stream, world.year, key_of(h.key[rows[has]], k))
        hits[has] += u < probability[has]
    return hits


def leave(world: World, rows: Rows) -> None:
    """Workers retire, become unable to work or move away: their jobs are free, their rows gone."""
    households = world.workers.household[rows]
    _rebuild(world, rows, {}, 0)
    recount(world, households)


def join(world: World, households: Rows, keys: NDArray[np.uint64], schooling: Reals) -> None:
    """New workers of households, on own account; skill and cost of moving by their own draws."""
    _rebuild(world, NOBODY, _newcomers(world, households, keys, schooling), len(households))
    recount(world, households)


def turn_over(
    world: World, leaving: Rows, households: Rows, keys: NDArray[np.uint64], schooling: Reals
) -> None:
    """``leave`` and ``join`` at once, of the young, who have yet to decide whether to stay. Counts everything anew."""
    young = {**_newcomers(world, households, keys, schooling), "undecided": True}
    _rebuild(world, leaving, young, len(households))
    recount(world)


def _newcomers(
    world: World, households: Rows, keys: NDArray[np.uint64], schooling: Reals
) -> dict[str, ArrayLike]:
    skill, moving_cost = _abilities(world, households, keys, schooling)
    return {
        "household": households,
        "key": keys,
        "schooling": schooling,
        "skill": skill,
        "moving_cost": moving_cost,
    }


def move(world: World, rows: Rows, households: Rows) -> None:
    """Workers change household and keep what they do."""
    workers = world.workers
    concerned = np.concatenate([workers.household[rows], households])
    workers.household[rows] = households
    workers.select(np.argsort(workers.household, kind="stable"))
    recount(world, concerned)


def _rebuild(world: World, leaving: Rows, joining: Mapping[str, ArrayLike], count: int) -> None:
    """The table of workers without some rows and with ``count`` others, sorted by household; counts are to follow."""
    workers = world.workers
    release(world, leaving[workers.activity[leaving] == LOCAL_JOB])
    if len(leaving) + count == 0:
        return
    stays = np.ones(len(workers) + count, bool)
    stays[leaving] = False
    if count == 0:
        workers.select(np.flatnonzero(stays))
        return
    workers.append(joining, count)
    order = np.argsort(workers.household, kind="stable")
    workers.select(order[stays[order]])


def come_home(world: World) -> None:
    """Where nobody is left at home, one of those away comes back (留守), by lot: some member is a usual resident."""
    h, workers = world.households, world.workers
    forsaken = (h.migrants > 0) & (members(h) == h.migrants)
    rows = np.flatnonzero(forsaken[workers.household])  # all of them are away
    lot = world.draws.uniform("people.comes_home", world.year, workers.key[rows])
    rows = rows[np.lexsort((lot, workers.household[rows]))]
    household = workers.household[rows]
    back = rows[np.diff(household, prepend=-1) > 0]
    workers.activity[back] = OWN_ACCOUNT
    workers.ticks_away[back] = 0
    recount(world, workers.household[back])


def least_tools(world: World) -> float:
    """Some tools are always left to a household and in an empty dwelling; yuan of this year."""
    return LEAST_TOOLS * world.index


def move_out(world: World, rows: Rows) -> None:
    """Households are no more, or live elsewhere: their workers leave, their debt has gone, their dwellings stand empty.

    Their kinship ends. Money and enterprises must have found their owners before (``wind_up``,
    ``pass_on_enterprises``).
    """
    h = world.households
    gone = np.zeros(len(h), bool)
    gone[rows] = True
    _rebuild(world, np.flatnonzero(gone[world.workers.household]), {}, 0)
    h.reset(rows, {"capital"} | STAYS | {name for name in h if name.endswith("_first")})
    h.capital[rows] = least_tools(world)
    world.points.inhabited[rows] = False
    world.points.pairs["kin"].end(gone)
    recount(world, rows)


def move_in(world: World, rows: Rows, registered: NDArray[np.bool_]) -> None:
    """The next households move into empty dwellings: new keys; persons are the caller's to bring.

    They have no kin here yet (``tie_to_kin``). Other links stay with the dwelling, but who is not registered here is no
    member of the collective.
    """
    h = world.households
    h.registered[rows] = registered
    world.points.household["membership"].end(rows[~registered])
    h.generation[rows] += 1
    h.key[rows] = key_of(world.places.id[h.place[rows]], h.number[rows], h.generation[rows])
    world.points.inhabited[rows] = True


def tie_to_kin(world: World, parents: Rows, homes: Rows) -> None:
    """Households that have divided off, with keys of their own, are kin to the parents' household and to kin of it.

    To all of the latter up to ``KIN_OF_PARENTS``, else to those whose lots are lowest. Draws: pairs of households.
    """
    h, kin, draws = world.households, world.points.pairs["kin"], world.draws
    to = np.full(len(h), -1, np.int64)
    to[parents] = homes
    of_a, of_b = to[kin.a], to[kin.b]
    child = np.concatenate([of_a[of_a >= 0], of_b[of_b >= 0]])
    relative = np.concatenate([kin.b[of_a >= 0], kin.a[of_b >= 0]]).astype(np.int64)
    lot = draws.uniform("people.kin", 0, pair_key(h.key[child], h.key[relative]))
    order = np.lexsort((lot, child))
    child, relative = child[order], relative[order]
    kept = np.arange(len(child)) - np.searchsorted(child, child, side="left") < KIN_OF_PARENTS
    one, other = np.concatenate([homes, child[kept]]), np.concatenate([parents, relative[kept]])
    pairs = pair_key(h.key[one], h.key[other])
    kin.append(
        PairLinks(
            "kin",
            np.minimum(one, other).astype(np.int32),
            np.maximum(one, other).astype(np.int32),
            draws.uniform("form.kin", 0, pairs),
            draws.uniform("mask.kin", 0, pairs),
            np.full(len(pairs), world.plan_year, np.int16),
            np.zeros(len(pairs), bool),
        )
    )
    world.refresh_masks()


def leave_district(world: World, rows: Rows) -> None:
    """Households move away with all that they have; their dwellings stand empty."""
    wind_up(world, rows, np.zeros(len(rows), bool))
    savings = world.ledger.yuan("household", rows)
    world.ledger.transfer(("household", rows), OUTSIDE, savings, "moved_out")
    move_out(world, rows)


def empty_dwellings(world: World) -> NDArray[np.bool_]:
    """Dwellings in which nobody lives; shape (households,)."""
    return np.asarray(~world.points.inhabited)


def recount(world: World, households: Rows | None = None) -> None:
    """Counts of households from the table of workers, and those of places.

    Args:
        households: whose workers have changed, in any order and number of times; None: all.
    """
    h, workers = world.households, world.workers
    rows: Rows | slice = slice(None)
    who, group, n = np.arange(len(workers)), workers.household, len(h)
    if households is not None:
        concerned = np.zeros(len(h), bool)
        concerned[households] = True
        rows, who = np.flatnonzero(concerned), np.flatnonzero(concerned[workers.household])
        group, n = np.searchsorted(rows, workers.household[who]), len(rows)
    state = workers.activity[who].astype(np.int64)
    away = np.flatnonzero(state == MIGRANT)
    state[away[world.settled(who[away])]] = _SETTLED
    counts = np.bincount(state * n + group, minlength=4 * n).reshape(4, n)
    total = counts.sum(axis=0)
    h.workers[rows], h.own_workers[rows], h.local_workers[rows] = (
        total,
        counts[OWN_ACCOUNT],
        counts[LOCAL_JOB],
    )
    h.migrants[rows], h.settled_migrants[rows] = counts[MIGRANT] + counts[_SETTLED], counts[_SETTLED]
    years = np.bincount(group, weights=workers.schooling[who], minlength=n)
    # a household without workers keeps what it had
    h.schooling[rows] = np.where(total > 0, years / np.maximum(total, 1), h.schooling[rows])
    recount_places(world)


def recount_places(world: World) -> None:
    """Members and workers of places, from the counts of households."""
    world.places.members = world.by_place(members(world.households))
    world.places.workers = world.by_place(world.households.workers)


def years_of_the_young(world: World, household: Rows, keys: NDArray[np.uint64]) -> Reals:
    """Years of schooling of those who come of age: mean of the side + ahead + σ · s − missed.

    The score s = a S + k (P − c S) + ξ follows the household's standing S as closely as at the start (a), and beyond
    that its parents' years P, in standard deviations. c is how closely P and S go together now, since new heads wear
    that down; k is such that s goes with P by ρ in all (or by a c, what the common standing makes it, if that is more),
    and the spread of ξ such that the variance of s is 1.
    """
    h, p, first = world.households, values_of(world.settings, "people"), _synthesis(world)
    close = first.rank_correlation
    parents, together = (column[household] for column in _parents(world))
    beyond = 1.0 - together**2
    kept = np.maximum(p.schooling_kept - close * together, 0.0) / beyond
    own = np.sqrt(1.0 - close**2 - kept**2 * beyond) * world.draws.normal("people.schooling", 0, keys)
    standing = h.standing[household]
    score = close * standing + kept * (parents - together * standing) + own
    mean = np.where(h.urban[household], *_mean_years(world))
    years = mean + p.schooling_ahead + first.schooling_spread * score
    return np.asarray(np.clip(years - h.school_missed[household], 0.0, 19.0))


def _parents(world: World) -> tuple[Reals, Reals]:
    """Years of schooling of each household's workers in standard deviations of its side, and their correlation with
    standing there, at least 0; both of shape (households,)."""
    h, inhabited = world.households, world.points.inhabited
    years, together = np.zeros(len(h)), np.zeros(len(h))
    for side in (h.urban, ~h.urban):
        lived_in = np.flatnonzero(side & inhabited)
        known, standing = h.schooling[lived_in], h.standing[lived_in]
        if len(lived_in) < 2 or min(known.std(), standing.std()) < 1e-9:
            continue  # nobody to compare with: the standing alone counts
        years[side] = (h.schooling[side] - known.mean()) / known.std()
        together[side] = np.clip(np.corrcoef(known, standing)[0, 1], 0.0, 0.99)
    return years, together


def _mean_years(world: World) -> tuple[float, float]:
    """Mean schooling of the workers of communities, and of villages."""
    workers, first = world.workers, _synthesis(world)
    urban = world.households.urban[workers.household]
    sides = ((urban, first.schooling_urban), (~urban, first.schooling_rural))
    town, village = (float(workers.schooling[s].mean()) if s.any() else float(start) for s, start in sides)
    return town, village


def _abilities(
    world: World, households: Rows, keys: NDArray[np.uint64], schooling: Reals
) -> tuple[Reals, Reals]:
    """Skill in jobs and own cost of moving of new workers, as in the synthesis."""
    p, draws = _synthesis(world), world.draws
    own = draws.normal("people.effect", 0, keys)
    shared = world.households.worker_effect[households]
    effect = np.sqrt(p.effect_variance) * (
        np.sqrt(p.effect_shared) * shared + np.sqrt(1.0 - p.effect_shared) * own
    )
    usual = p.moving_cost + p.moving_cost_urban * world.households.urban[households]
    cost = usual + p.moving_cost_spread * draws.normal("people.moving_cost", 0, keys)
    return skill_in_jobs(schooling, effect, p), cost


def wind_up(world: World, rows: Rows, has_heirs: NDArray[np.bool_]) -> None:
    """Before households leave or die out: what is due comes in, what nobody takes over is sold, debt is settled.

    Open claims on the insurance are paid. Tools beyond those always left, and shares in enterprises, go to buyers
    elsewhere at book value. What has heirs is theirs, but for tools that the debt takes.

    Args:
        rows: the households.
        has_heirs: whether somebody here inherits, shape of ``rows``.
    """
    h, ledger = world.households, world.ledger
    accounts = ("household", rows)
    ledger.transfer(OUTSIDE, accounts, h.claim[rows], "claims_settled")
    h.claim[rows] = 0.0
    tools = np.maximum(h.capital[rows] - least_tools(world), 0.0)
    unpaid = np.maximum(h.debt[rows] / 100.0 - ledger.yuan("household", rows), 0.0)
    sold = np.where(has_heirs, np.minimum(tools, unpaid), tools)
    h.capital[rows] -= ledger.transfer(OUTSIDE, accounts, sold, "tools_sold") / 100.0
    alone = np.zeros(len(h), bool)
    alone[rows] = ~has_heirs
    firms = world.enterprises
    owned = np.flatnonzero(firms.owner >= 0)
    owned = owned[alone[firms.owner[owned]]]
    value = np.bincount(
        firms.owner[owned], weights=firms.owner_share[owned] * firms.capital[owned], minlength=len(h)
    )
    ledger.transfer(OUTSIDE, accounts, value[rows], "shares_sold")
    pass_on_enterprises(world, np.where(alone, -1, np.arange(len(h))))
    settle_debt(world, rows)


def settle_debt(world: World, rows: Rows) -> None:
    """Debt of households that cease to be: repaid from what they have; the rest is the bank's loss."""
    h = world.households
    h.debt[rows] -= world.ledger.transfer(("household", rows), BANK, h.debt[rows] / 100.0, "repayment")
    lost = np.zeros(len(h))
    lost[rows] = h.debt[rows] / 100.0
    h.debt[rows] = 0
    for place, yuan in enumerate(world.by_place(lost).tolist()):
        if yuan > 0:
            world.note(place, "debt_written_off", f"{yuan:.2f}")


def pass_on_enterprises(world: World, heir: NDArray[np.int64]) -> None:
    """Enterprises get the owner that ``heir`` says for the row of theirs; −1: somebody elsewhere.

    The latter has paid before (``wind_up``).
    """
    firms = world.enterprises
    owned = np.flatnonzero(firms.owner >= 0)
    firms.owner[owned] = heir[firms.owner[owned]]
    firms.owner_share[owned[firms.owner[owned] < 0]] = 0.0


def _synthesis(world: World) -> SimpleNamespace:
    return values_of(world.settings, "synthesis")
