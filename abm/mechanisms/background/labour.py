"""The local labour market: separations, vacancies, who hears of them, and who is hired."""

import numpy as np
from numpy.typing import NDArray

from abm.core.draws import pair_key
from abm.mechanisms.base import Mechanism
from abm.population.households import LOCAL_JOB, OWN_ACCOUNT
from abm.scenario.parameters import Parameter
from abm.world.choosing import pick_by_weight
from abm.world.enterprises import hire, release
from abm.world.world import OUTSIDE, World

_CHANNELS = ("spot", "kin", "organizational", "interest", "social")


class Labour(Mechanism):
    """A worker on own account searches at a rate. It hears of a vacancy through any of its channels: the spot
    market (always; less with distance), kin with a job (always), and the news that joint-points carry (the columns
    ``news_…``, set by the mechanisms of the layers). It looks at one vacancy per channel, applies for the best
    by pay and fit, and only if the pay beats what it adds on own account.

    An enterprise fills its vacancies by fit. Where a contract reserves a share for members, members come first
    and reserved places stay empty when too few apply. Worker and enterprise fit more or less well:
    log fit ~ N(0, σ²), a fixed draw of the pair; effective labour is skill · e^fit, pay rises with half of it.
    A vacancy that stays open costs the enterprise.

    Reads: ``wanted``, ``liaison``, ``contract``, ``reserved``, ``own_product``, news. Writes: jobs, vacancies.
    Draws: separations of the employed, search of workers on own account, the rest for searchers only.
    Source: docs/MODEL.md, *Labour*; docs/TRIAL.md on why a fit of their own is needed.
    """

    name, layer = "labour", "background"
    parameters = (
        Parameter("quit_rate", 0.10, "1/year", (0.03, 0.4), "separations", "assumed; M50 has .1–.4 for low wages"),
        Parameter("search_rate", 1.0, "1/year", (0.5, 6.0), "who looks for a job", "assumed"),
        Parameter("spot_news", 0.35, "probability per search", (0.05, 0.8), "spot market", "assumed"),
        Parameter("spot_distance", 0.5, "log per unit of distance", (0.0, 1.5), "spot market", "assumed"),
        Parameter("spot_near", 0.5, "probability", (0.2, 1.0), "spot vacancy in the own place", "assumed"),
        Parameter("kin_news", 0.08, "probability per employed kin", (0.0, 0.3), "news from kin", "assumed"),
        Parameter("fit_spread", 0.15, "log standard deviation", (0.0, 0.4), "worker and enterprise", "assumed"),
        Parameter("commuting", 0.25, "share of pay", (0.0, 0.4), "a job in another place", "assumed"),
        Parameter("recruiting", 0.15, "share of the wage", (0.0, 0.5), "cost of an open vacancy", "assumed"),
        Parameter("slack", 1.15, "factor", (1.05, 1.5), "staff over need before dismissals", "assumed"),
    )  # fmt: skip

    def labour(self, world: World) -> None:
        self._separate(world)
        self._open_vacancies(world)
        searchers = self._searchers(world)
        worker, firm, fit, layer = self._offers(world, searchers)
        applied = self._best_offer(world, worker, firm, fit)
        worker, firm, fit, layer = worker[applied], firm[applied], fit[applied], layer[applied]
        hired = self._fill(world, worker, firm, fit)
        hire(world, worker[hired], firm[hired], fit[hired])
        firms = world.enterprises
        np.add.at(firms.vacancies, firm[hired], -1)
        rows = np.flatnonzero(firms.vacancies > 0)
        cost = self.p.recruiting * world.places.wage[firms.place[rows]] * firms.vacancies[rows] * world.dt
        world.ledger.transfer(("enterprise", rows), OUTSIDE, cost, "recruiting")

    def _separate(self, world: World) -> None:
        """Workers quit; enterprises with far too many dismiss those whose lot it is."""
        workers, firms = world.workers, world.enterprises
        rows = np.flatnonzero(workers.activity == LOCAL_JOB)
        u = world.draws.uniform("labour.separation", world.tick, workers.key[rows])
        quits = u < world.calendar.chance(self.p.quit_rate)
        release(world, rows[quits])
        over = firms.open & (firms.labour > self.p.slack * firms.wanted + 0.5)
        if over.any():
            stay, lot = rows[~quits], u[~quits]
            at_risk = over[workers.employer[stay]]
            stay, lot = stay[at_risk], lot[at_risk]
            order = np.lexsort((lot, workers.employer[stay]))
            stay = stay[order]
            employer = workers.employer[stay]
            weight = workers.skill[stay] * np.exp(workers.fit[stay])
            before = np.cumsum(weight) - weight
            first = np.searchsorted(employer, employer, side="left")
            gone = before - before[first] + weight <= (firms.labour - firms.wanted)[employer]
            release(world, stay[gone])

    def _open_vacancies(self, world: World) -> None:
        firms = world.enterprises
        firms.vacancies.fill(0)
        rows = np.flatnonzero(firms.open)
        gap = np.maximum(firms.wanted[rows] - firms.labour[rows], 0.0)
        firms.vacancies[rows] = np.floor(
            gap + world.draws.uniform("labour.vacancy", world.tick, firms.key[rows])
        )

    def _searchers(self, world: World) -> NDArray[np.int64]:
        workers = world.workers
        rows = np.flatnonzero(workers.activity == OWN_ACCOUNT)
        u = world.draws.uniform("labour.search", world.tick, workers.key[rows])
        return rows[u < world.calendar.chance(self.p.search_rate)]

    def _offers(
        self, world: World, searchers: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
        """Vacancies that searchers hear of: worker, enterprise, log fit, channel (index of ``_CHANNELS``)."""
        workers, h, firms, places = world.workers, world.households, world.enterprises, world.places
        household = workers.household[searchers]
        home, keys = h.place[household], workers.key[searchers]
        employed_kin = world.points.pairs["kin"].neighbours(len(h)) @ (h.local_workers > 0).astype(np.float64)
        vacancies = firms.vacancies.astype(float)
        chances = {
            "spot": self.p.spot_news * np.exp(-self.p.spot_distance * places.market_distance[home]),
            "kin": 1.0 - (1.0 - self.p.kin_news) ** employed_kin[household],
            "organizational": h.news_organizational[household],
            "interest": h.news_interest[household],
            "social": h.news_social[household],
        }
        pools = {"organizational": vacancies * firms.liaison, "interest": vacancies * firms.contract}
        found: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]] = []
        for number, channel in enumerate(_CHANNELS):
            hears = np.flatnonzero(
                world.draws.uniform(f"labour.news_{channel}", world.tick, keys) < chances[channel]
            )
            if len(hears) == 0:
                continue
            wanted = home[hears].astype(np.int64)
            if channel == "spot":
                near = world.draws.uniform("labour.near", world.tick, keys[hears]) < self.p.spot_near
                wanted = np.where(near, wanted, -1)
            pick = world.draws.uniform(f"labour.pick_{channel}", world.tick, keys[hears])
            firm = pick_by_weight(pools.get(channel, vacancies), firms.place, len(places), wanted, pick)
            there = firm >= 0
            if channel in ("organizational", "interest", "social"):
                world.message(channel, int(there.sum()))
            found.append((searchers[hears[there]], firm[there], np.full(there.sum(), number)))
        if not found:
            none = np.zeros(0, np.int64)
            return none, none, np.zeros(0), none
        worker, firm, layer = (np.concatenate(part) for part in zip(*found, strict=True))
        pairs = pair_key(workers.key[worker], firms.key[firm])
        fit = self.p.fit_spread * world.draws.normal("labour.fit", 0, pairs)
        return worker, firm, fit, layer

    def _best_offer(
        self, world: World, worker: NDArray[np.int64], firm: NDArray[np.int64], fit: NDArray[np.float64]
    ) -> NDArray[np.int64]:
        """For each worker the offer with the highest pay after commuting, if it beats own account."""
        workers, h, firms = world.workers, world.households, world.enterprises
        household = workers.household[worker]
        away = firms.place[firm] != h.place[household]
        pay = world.places.wage[firms.place[firm]] * workers.skill[worker] * np.exp(0.5 * fit)
        pay = pay * (1.0 - self.p.commuting * away)
        better = np.flatnonzero(pay > h.own_product[household])
        order = better[np.lexsort((-pay[better], worker[better]))]
        first = np.ones(len(order), bool)
        first[1:] = worker[order][1:] != worker[order][:-1]
        return order[first]

    def _fill(
        self, world: World, worker: NDArray[np.int64], firm: NDArray[np.int64], fit: NDArray[np.float64]
    ) -> NDArray[np.int64]:
        """Applications that succeed: members first where places are reserved, then by fit."""
        firms = world.enterprises
        vacancies = firms.vacancies[firm]
        reserved = np.ceil(firms.reserved[firm] * vacancies)
        member = (firms.reserved[firm] > 0) & self._is_member(world, worker, firm)
        order = np.lexsort((-fit, ~member, firm))
        firm, member = firm[order], member[order]
        vacancies, reserved = vacancies[order], reserved[order]
        first = np.searchsorted(firm, firm, side="left")
        rank = np.arange(len(firm)) - first
        members_of_firm = np.bincount(firm, weights=member, minlength=len(firms))[firm]
        rank_outsider = rank - members_of_firm
        open_to_all = vacancies - np.maximum(reserved, np.minimum(members_of_firm, vacancies))
        hired = np.where(member, rank < vacancies, rank_outsider < open_to_all)
        return order[hired]

    @staticmethod
    def _is_member(world: World, worker: NDArray[np.int64], firm: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether a worker's household has an active link to the collective of the enterprise's place."""
        household = world.workers.household[worker]
        here = world.households.place[household] == world.enterprises.place[firm]
        return np.asarray(world.points.reaches("membership")[household] & here)
