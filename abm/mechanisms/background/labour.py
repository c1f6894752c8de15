"""The local labour market: separations, vacancies, who hears of them, and who is hired."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from abm.core.calendar import MONTH
from abm.core.columns import tally
from abm.core.draws import pair_key
from abm.core.names import LAYERS
from abm.mechanisms.base import Mechanism
from abm.population.households import LOCAL_JOB, OWN_ACCOUNT
from abm.scenario.parameters import Parameter, values_of
from abm.world.choosing import pick_by_weight
from abm.world.enterprises import hire, release
from abm.world.world import OUTSIDE, World

Pool = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]
Due = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Workers to whom something happens, and in which month."""
_NOT_YET = 2**31
"""A month beyond all."""
_MOST = 3.0
"""By what factor a gap of incomes moves people at most."""


class Labour(Mechanism):
    """The market clears month by month, in a tick of a quarter three times: an enterprise takes the best of a month's
    applicants. (Over a whole quarter it would have more to choose from, and who quits at its end would be replaced
    from its beginning.)

    A worker on own account searches at a rate, the more often the more a job would add to what it has: s ·
    (w/own product)^γ, within a factor of three; a worker with a job quits at q · (own product/pay)^γ,
    likewise. It hears of a vacancy through any of its channels: the spot market (always; less with distance, but
    for who is ``online``),
    kin with a job (always), and the news that joint-points carry (the columns ``news_…``, set by the
    mechanisms of the layers), P(hear) = 1 − Π(1 − p_c), where only channels count that have a vacancy to tell
    of. However many tell it, a search leads to one vacancy, that of a channel drawn in proportion to −ln(1 −
    p_c); the worker applies if its pay after commuting beats what it has on own account.

    An enterprise fills its vacancies by fit. Where a contract reserves a share for members, those places stay
    empty when too few members apply. Worker and enterprise fit more or less well: log fit ~ N(0, σ²), a fixed
    draw of the pair; effective labour is skill · e^fit, pay rises with half of it. Those without registration
    in town who work there get the simpler posts, in which they produce and earn less, by ``outsider`` in logs
    (Meng & Zhang 2001, *The two-tier labor market in urban China*, J. Comparative Economics 29). A vacancy
    that stays open costs the enterprise. Who has taken courses for the enterprise's sector (``trained_years``) is worth
    r · years more there in logs, and is paid so, r being ``synthesis.schooling_return``.

    Reads: ``wanted``, what is told where, ``contract``, ``reserved``, ``own_product``, ``at_stake``, news, ``online``,
    ``trained_years``. Writes: jobs, vacancies.
    Draws: separations of the employed, search of workers on own account, the rest for searchers only.
    Source: docs/MODEL.md, *Labour*; docs/TRIAL.md on why a fit of their own is needed.
    """

    name, layer = "labour", "background"
    parameters = (
        Parameter("quit_rate", 0.10, "1/year", (0.03, 0.4), "separations", "assumed; M50 has .1–.4 for low wages"),
        Parameter("search_rate", 1.5, "1/year", (0.5, 6.0), "who looks for a job", "assumed"),
        Parameter("gap_exponent", 1.0, "exponent", (0.0, 2.0), "search and quits, γ", "assumed"),
        Parameter("spot_news", 0.3, "probability per search", (0.05, 0.8), "spot market", "assumed"),
        Parameter("spot_distance", 0.5, "log per unit of distance", (0.0, 1.5), "spot market", "assumed"),
        Parameter("spot_near", 0.6, "probability", (0.2, 1.0), "spot vacancy in the own place", "assumed"),
        Parameter("kin_news", 0.08, "probability per employed kin", (0.0, 0.3), "news from kin", "assumed"),
        Parameter("fit_spread", 0.15, "log standard deviation", (0.0, 0.4), "worker and enterprise", "assumed"),
        Parameter("outsider", 0.5, "log points", (0.0, 1.0), "fit of outsiders to jobs in town", "assumed"),
        Parameter("commuting", 0.3, "share of pay", (0.0, 0.4), "a job in another place", "assumed"),
        Parameter("recruiting", 0.15, "share of the wage", (0.0, 0.5), "cost of an open vacancy", "assumed"),
        Parameter("slack", 1.15, "factor", (1.05, 1.5), "staff over need before dismissals", "assumed"),
    )  # fmt: skip

    def start(self, world: World) -> None:
        self.schooling_return = values_of(world.settings, "synthesis").schooling_return

    def labour(self, world: World) -> None:
        firms, workers, months = world.enterprises, world.workers, world.calendar.months
        firms.recruiting.fill(0.0)
        firms.unfilled.fill(0.0)
        due = np.full(len(workers), _NOT_YET, np.int64)
        """Month of this tick in which each worker next quits, or searches."""
        everybody = [np.flatnonzero(workers.activity == activity) for activity in (LOCAL_JOB, OWN_ACCOUNT)]
        self._set_due(world, due, months, *everybody)
        for month in months:
            moved = self._month(world, month, np.flatnonzero(due == month))
            firms.unfilled += firms.vacancies / len(months)
            employed = workers.activity[moved] == LOCAL_JOB
            self._set_due(world, due, range(month + 1, months.stop), moved[employed], moved[~employed])

    def _month(self, world: World, month: int, due: NDArray[np.int64]) -> NDArray[np.int64]:
        """One month of the market for those whose time to quit or to search has come; returns who has to think
        anew of when that will next be."""
        firms, employed = world.enterprises, world.workers.activity[due] == LOCAL_JOB
        gone = self._separate(world, month, due[employed])
        at_once, _ = self._search(world, range(month, month + 1), gone)
        searching = np.concatenate([due[~employed], at_once])
        self._open_vacancies(world, month)
        worker, firm = self._hear(world, month, searching, self._search_rate(world, searching) * MONTH)
        pairs = pair_key(world.workers.key[worker], firms.key[firm])
        fit = self.p.fit_spread * world.draws.normal("labour.fit", 0, pairs)
        post = -self.p.outsider * self._outsider(world, worker, firm)
        learnt = post + self._learnt(world, worker, firm)
        terms, fit = 0.5 * fit + learnt, fit + learnt
        applies = np.flatnonzero(self._accepts(world, worker, firm, terms))
        worker, firm, fit, terms = worker[applies], firm[applies], fit[applies], terms[applies]
        hired = self._fill(world, month, worker, firm, fit)
        hire(world, worker[hired], firm[hired], fit[hired], terms[hired])
        tally(firms.vacancies, firm[hired], -1)
        self._recruit(world)
        return np.concatenate([due[~employed], gone])

    def _set_due(
        self,
        world: World,
        due: NDArray[np.int64],
        months: range,
        employed: NDArray[np.int64],
        others: NDArray[np.int64],
    ) -> None:
        """Write down in which of these months workers with a job next quit, and those on own account next search."""
        if len(months) == 0:
            return
        for rows, who in ((employed, self._quit), (others, self._search)):
            due[rows] = _NOT_YET
            those, month = who(world, months, rows)
            due[those] = month

    def _quit(self, world: World, months: range, rows: NDArray[np.int64]) -> Due:
        return _within(world, months, rows, "labour.separation", self._quit_rate, self.p.quit_rate)

    def _search(self, world: World, months: range, rows: NDArray[np.int64]) -> Due:
        return _within(world, months, rows, "labour.search", self._search_rate, self.p.search_rate)

    def _recruit(self, world: World) -> None:
        """What vacancies cost that are still open at a month's end."""
        firms = world.enterprises
        rows = np.flatnonzero(firms.vacancies > 0)
        cost = self.p.recruiting * world.places.wage[firms.place[rows]] * firms.vacancies[rows] * MONTH
        paid = world.ledger.transfer(("enterprise", rows), OUTSIDE, cost, "recruiting")
        firms.recruiting[rows] += paid / 100.0

    def _separate(self, world: World, month: int, quits: NDArray[np.int64]) -> NDArray[np.int64]:
        """Workers quit; enterprises with far too many dismiss those whose lot it is. Returns both."""
        workers, firms = world.workers, world.enterprises
        release(world, quits)
        over = firms.open & (firms.labour > self.p.slack * firms.wanted + 0.5)
        if not over.any():
            return quits
        stay = np.flatnonzero(workers.activity == LOCAL_JOB)
        stay = stay[over[workers.employer[stay]]]
        lot = world.draws.uniform("labour.dismissal", month, workers.key[stay])
        stay = stay[np.lexsort((lot, workers.employer[stay]))]
        employer = workers.employer[stay]
        weight = workers.skill[stay] * np.exp(workers.fit[stay])
        before = np.cumsum(weight) - weight
        first = np.searchsorted(employer, employer, side="left")
        dismissed = stay[before - before[first] + weight <= (firms.labour - firms.wanted)[employer]]
        release(world, dismissed)
        return np.concatenate([quits, dismissed])

    def _open_vacancies(self, world: World, month: int) -> None:
        firms = world.enterprises
        firms.vacancies.fill(0)
        rows = np.flatnonzero(firms.open & (firms.opens <= month) & (firms.wanted > firms.labour))
        gap = firms.wanted[rows] - firms.labour[rows]
        # a part of a worker is rounded by one draw a year: tried anew each tick it would always end rounded up
        firms.vacancies[rows] = np.floor(
            gap + world.draws.uniform("labour.vacancy", world.year, firms.key[rows])
        )

    def _quit_rate(self, world: World, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Per year, of workers with a job."""
        workers = world.workers
        pay = world.places.wage[world.enterprises.place][workers.employer[rows]]
        pay = pay * workers.skill[rows] * np.exp(workers.terms[rows])
        return self.p.quit_rate * self._gap(world.households.own_product[workers.household[rows]], pay)

    def _search_rate(self, world: World, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Searches a year, of workers on own account."""
        household = world.workers.household[rows]
        pay = world.places.wage[world.households.place[household]] * world.workers.skill[rows]
        return self.p.search_rate * self._gap(pay, world.households.own_product[household])

    def _gap(self, one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
        """By what factor ``one`` income instead of the ``other`` moves people: 1/3 to 3."""
        ratio = (one / np.maximum(other, 1.0)) ** self.p.gap_exponent
        return np.asarray(np.clip(ratio, 1.0 / _MOST, _MOST))

    def _hear(
        self, world: World, month: int, searchers: NDArray[np.int64], searches: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Searchers who hear of a vacancy, and the enterprise that has it."""
        workers, h, places = world.workers, world.households, world.places
        household = workers.household[searchers]
        home, keys = h.place[household].astype(np.int64), workers.key[searchers]
        pools = self._pools(world)
        channels = list(pools)
        force = np.array(  # −ln(1 − p) of each channel, 0 where it has nothing to tell
            [
                -np.log1p(-np.minimum(chance, 0.999)) * self._told(pools[c], home, c)
                for c, chance in self._chances(world, household, home).items()
            ]
        )
        together = force.sum(axis=0)
        # who searches has P(N ≥ 1) of a Poisson number N behind it; in N searches it hears with 1 − e^{−λ P(hear)}
        chance = np.expm1(searches * np.expm1(-together)) / np.expm1(-searches)
        hears = np.flatnonzero(world.draws.uniform("labour.news", month, keys) < chance)
        searchers, home, keys, force = searchers[hears], home[hears], keys[hears], force[:, hears]
        which = world.draws.uniform("labour.channel", month, keys) * together[hears]
        channel = np.zeros(len(which), np.int64)
        for below in np.cumsum(force, axis=0):
            channel += which >= below
        near = world.draws.uniform("labour.near", month, keys) < self.p.spot_near
        pick = world.draws.uniform("labour.pick", month, keys)
        found = np.full(len(searchers), -1, np.int64)
        for number, name in enumerate(channels):
            mine = np.flatnonzero(channel == number)
            wanted = np.where(near[mine] | (name != "spot"), home[mine], -1)
            rows, where, vacancies = pools[name]
            picked = pick_by_weight(vacancies, where, len(places), wanted, pick[mine])
            found[mine] = np.where(picked >= 0, rows[picked], -1)
            if name in LAYERS:
                world.message(name, int((found[mine] >= 0).sum()))
        there = found >= 0
        return searchers[there], found[there]

    @staticmethod
    def _pools(world: World) -> dict[str, Pool]:
        """What each channel can tell of: enterprises that hire, the place where each is told of, and its vacancies."""
        firms = world.enterprises
        hiring = np.flatnonzero(firms.vacancies > 0)
        vacancies, where = firms.vacancies[hiring].astype(np.float64), firms.place[hiring]
        rows, told_in = world.told("organizational")
        open_now = firms.vacancies[rows] > 0
        rows, told_in = rows[open_now], told_in[open_now]
        everywhere = (hiring, where, vacancies)
        return {
            "spot": everywhere,
            "kin": everywhere,
            "organizational": (rows, told_in, firms.vacancies[rows].astype(np.float64)),
            "interest": (hiring, firms.contract_with[hiring], vacancies * firms.contract[hiring]),
            "social": everywhere,
        }

    def _chances(
        self, world: World, household: NDArray[np.int64], home: NDArray[np.int64]
    ) -> dict[str, NDArray[np.float64]]:
        """p_c of each channel for searchers of these households; the order is that of ``_pools``."""
        h = world.households
        kin = world.points.pairs["kin"].neighbours(len(h))[household]
        employed_kin = kin @ (h.local_workers > 0).astype(np.float64)
        distance = world.places.market_distance[home] * ~h.online[household]
        return {
            "spot": self.p.spot_news * np.exp(-self.p.spot_distance * distance),
            "kin": 1.0 - (1.0 - self.p.kin_news) ** employed_kin,
            "organizational": h.news_organizational[household],
            "interest": h.news_interest[household],
            "social": h.news_social[household],
        }

    @staticmethod
    def _told(pool: Pool, home: NDArray[np.int64], channel: str) -> NDArray[np.bool_]:
        """Whether a vacancy is within reach of a channel for searchers at ``home``: any of the district's on the spot
        market, one that is told of in the own place otherwise."""
        _, where, vacancies = pool
        if channel == "spot":
            return np.full(len(home), vacancies.sum() > 0)
        here = np.bincount(where, weights=vacancies, minlength=int(home.max(initial=0)) + 1)
        return np.asarray(here > 0)[home]

    @staticmethod
    def _outsider(world: World, worker: NDArray[np.int64], firm: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether the job is in town and the worker's household is not registered there."""
        household, h, places = world.workers.household[worker], world.households, world.places
        local = h.urban[household] & h.registered[household]
        return np.asarray(places.urban[world.enterprises.place[firm]] & ~local)

    def _learnt(
        self, world: World, worker: NDArray[np.int64], firm: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Logs that courses add in a job of the sector that they were for."""
        workers, sector = world.workers, world.enterprises.sector[firm]
        fits = workers.trained_sector[worker] == sector
        return np.asarray(self.schooling_return * workers.trained_years[worker] * fits)

    def _accepts(
        self, world: World, worker: NDArray[np.int64], firm: NDArray[np.int64], terms: NDArray[np.float64]
    ) -> NDArray[np.bool_]:
        """Whether the pay after commuting, less the support that the household would lose by it, beats what the worker
        has on own account."""
        workers, h, firms = world.workers, world.households, world.enterprises
        household = workers.household[worker]
        away = firms.place[firm] != h.place[household]
        pay = world.places.wage[firms.place[firm]] * workers.skill[worker] * np.exp(terms)
        gain = pay * (1.0 - self.p.commuting * away) - h.at_stake[household]
        return np.asarray(gain > h.own_product[household])

    def _fill(
        self,
        world: World,
        month: int,
        worker: NDArray[np.int64],
        firm: NDArray[np.int64],
        fit: NDArray[np.float64],
    ) -> NDArray[np.int64]:
        """Applications that succeed: the reserved places go to the members that fit best, the others to whoever of the
        rest fits best; reserved places stay empty when too few members apply."""
        firms = world.enterprises
        reserved = np.zeros(len(firm))
        some = np.flatnonzero(firms.reserved[firm] > 0)
        part = world.draws.uniform("labour.reserved", month, firms.key[firm[some]])
        reserved[some] = np.floor(firms.reserved[firm[some]] * firms.vacancies[firm[some]] + part)
        member = some[(reserved[some] > 0) & self._is_member(world, worker[some], firm[some])]
        member = member[_best(firm[member], fit[member], reserved[member])]
        others = np.ones(len(firm), bool)
        others[member] = False
        rest = np.flatnonzero(others)
        left = (firms.vacancies[firm] - reserved)[rest]
        return np.concatenate([member, rest[_best(firm[rest], fit[rest], left)]])

    @staticmethod
    def _is_member(world: World, worker: NDArray[np.int64], firm: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether a worker's household has an active link to the collective under contract with the enterprise."""
        household = world.workers.household[worker]
        here = world.households.place[household] == world.enterprises.contract_with[firm]
        return np.asarray(world.points.reaches("membership")[household] & here)


def _within(
    world: World,
    months: range,
    rows: NDArray[np.int64],
    stream: str,
    rate: Callable[[World, NDArray[np.int64]], NDArray[np.float64]],
    ordinary: float,
) -> Due:
    """To which workers it happens within these months, at a rate a year of each one's own, and in which month.

    Waiting times are exponential and have no memory: drawn once, and anew for who has changed.

    Args:
        rate: rates of some workers, at most ``_MOST`` times the ``ordinary`` one.

    Raises:
        ValueError: a rate is higher than that.
    """
    most = _MOST * ordinary * (1.0 + 1e-9)
    u = world.draws.uniform(stream, months.start, world.workers.key[rows])
    # the others it would not reach at the highest rate either
    likely = np.flatnonzero(u <= -np.expm1(-most * MONTH * len(months)))
    rows = rows[likely]
    rates = rate(world, rows)
    if rates.max(initial=0.0) > most:
        raise ValueError(f"{stream}: a rate of {rates.max():g} a year, and none may be above {most:g}")
    waits = -np.log1p(-u[likely]) / (rates * MONTH)
    soon = np.flatnonzero(waits < len(months))
    return rows[soon], months.start + waits[soon].astype(np.int64)


def _best(
    firm: NDArray[np.int64], fit: NDArray[np.float64], places: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Which applications get one of the places that their enterprise has, the best fit first.

    Args:
        places: how many there are, the same for all who apply to one enterprise.
    """
    gets = np.bincount(firm)[firm] <= places
    many = np.flatnonzero(~gets)  # only where there are more of them than places do they have to be compared
    gets[many] = _rank(firm[many], fit[many]) < places[many]
    return np.asarray(gets)


def _rank(firm: NDArray[np.int64], fit: NDArray[np.float64]) -> NDArray[np.int64]:
    """Rank of each application among those to the same enterprise, the best fit being 0."""
    order = np.lexsort((-fit, firm))
    rank = np.empty(len(firm), np.int64)
    rank[order] = np.arange(len(firm)) - np.searchsorted(firm[order], firm[order], side="left")
    return rank
