"""Training (韧性就业·培训): short courses for a sector, at best for one in which there are jobs."""

import numpy as np
from numpy.typing import NDArray

from abm.core.draws import key_of
from abm.core.names import SECTORS
from abm.mechanisms.base import Mechanism
from abm.population.households import LOCAL_JOB, OWN_ACCOUNT
from abm.scenario.parameters import Parameter, values_of
from abm.world.choosing import choose_sectors
from abm.world.enterprises import buy_here
from abm.world.world import World

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


class Training(Mechanism):
    """The social organisation of a village offers courses to the households linked with it. A course is for one sector:
    for the one that the provider can teach, with probability s (供给导向, supply-led), else for one drawn by the
    vacancies of the district. Where an enterprise has an active contract with the village it says what it needs: a part
    a of the supply-led courses is given up, and what is drawn is drawn by the labour that such enterprises want.

    A worker on own account thinks of a course at a rate. With y years of schooling it keeps g · min(y/ȳ, 1) years of it
    (文化层次), added to what it has in that sector up to a most, or in place of what it has in another. It goes if it
    expects more, T · r · w · P(job) · (years after · P(sector) − the same before), than its product in the time lost,
    P(job) being the share of the village's workers in a job and P(sector) the share of vacancies of late. Seats go by
    lot until the programme's money of the year is gone; the part of a seat that is left is given by one draw a year.

    In a job of that sector, and in no other, the worker fits better and earns more by r · years in logs, from the day
    it is hired (``labour``). What is not used fades. Nobody's search, hiring or time without a job is touched.

    The other channel: schooling, and search without a course. Break-point: no course, no money. Failure: courses for
    jobs that are not there; who had little school takes little along; trades that others have learnt, too; time lost.

    Reads: course links, ``contract``, ``unfilled``, ``wanted``, ``own_product``, ``schooling``. Writes:
    ``trained_sector``, ``trained_years``, ``busy``; money. Draws: workers on own account of linked households; what
    each provider can teach.
    Source: 000_dc7ebc0f9aeec511.txt, 三 (三) (韧性就业) and 五 (二) (培训); docs/MECHANISMS.md M10.
    """

    name, layer = "training", "social"
    spends = ("course",)
    requires = ("labour", "own_account")
    parameters = (
        Parameter("years", 0.4, "years of schooling", (0.1, 0.6), "a course, g", "docs/MECHANISMS.md M10"),
        Parameter("full", 12.0, "years of schooling", (6.0, 16.0), "with which all of it is kept, ȳ", "assumed"),
        Parameter("most", 1.2, "years of schooling", (0.4, 3.0), "that courses can be worth", "assumed"),
        Parameter("fade", 0.1, "1/year", (0.0, 0.5), "what is not used", "assumed"),
        Parameter("time", 0.01, "years of work", (0.0, 0.1), "a course", "assumed: four days, the rest in slack time"),
        Parameter("price", 800.0, "yuan per seat", (200.0, 3000.0), "teachers and material", "assumed"),
        Parameter("thinks", 0.5, "1/year", (0.05, 2.0), "who thinks of a course", "assumed"),
        Parameter("horizon", 8.0, "years", (1.0, 20.0), "that a worker reckons with, T", "assumed"),
        Parameter("supply_led", 0.5, "share of courses", (0.0, 1.0), "what can be taught, s", "assumed"),
        Parameter("asked", 0.6, "share of those", (0.0, 1.0), "given up where an enterprise asks, a", "assumed"),
        Parameter("memory", 1.0, "1/year", (0.2, 4.0), "vacancies seen of late", "assumed"),
    )  # fmt: skip

    def start(self, world: World) -> None:
        self.schooling_return = values_of(world.settings, "synthesis").schooling_return
        self.labour_exponent = values_of(world.settings, "own_account").labour_exponent
        self.openings = np.zeros(len(SECTORS))
        """Vacancies of the district by sector, seen of late."""

    def enterprise(self, world: World) -> None:
        """Courses of this tick, after contracts have been read (project) and before anybody looks for a job."""
        firms, workers = world.enterprises, world.workers
        open_now = np.bincount(firms.sector, weights=firms.unfilled, minlength=len(SECTORS))
        self.openings += (1.0 - world.calendar.kept(self.p.memory)) * (open_now - self.openings)
        self._fade(world)
        envelope = world.envelope("course")
        if envelope is None:
            return
        linked = world.paid_links(envelope)
        if not linked.any():
            return
        rows = np.flatnonzero(np.repeat(linked, world.households.workers))  # workers stand by household
        rows = rows[workers.activity[rows] == OWN_ACCOUNT]
        u = world.draws.uniform("training.thinks", world.tick, workers.key[rows])
        rows = rows[u < world.calendar.chance(self.p.thinks)]
        if len(rows) == 0:
            return
        sector, asked = self._sectors(world, rows)
        years = self._years_after(world, rows, sector)
        goes = self._expected(world, rows, sector, years) > self._lost(world, rows)
        goes[goes] = self._seated(world, rows[goes], envelope.accounts)
        self._teach(world, rows[goes], sector[goes], years[goes])
        world.message(self.layer, int(goes.sum()))
        world.message("interest", int(asked[goes].sum()))

    def _fade(self, world: World) -> None:
        """Of those who do not work in the sector of their courses."""
        workers = world.workers
        rows = np.flatnonzero(workers.trained_years)
        used = workers.activity[rows] == LOCAL_JOB
        employed = rows[used]
        used[used] = world.enterprises.sector[workers.employer[employed]] == workers.trained_sector[employed]
        workers.trained_years[rows[~used]] *= world.calendar.kept(self.p.fade)

    def _sectors(self, world: World, rows: Rows) -> tuple[Rows, NDArray[np.bool_]]:
        """The sector of the course that each worker could take, and whether an enterprise under contract named it."""
        h, workers, firms, draws = world.households, world.workers, world.enterprises, world.draws
        places = len(world.places)
        needs = np.zeros((places, len(SECTORS)))
        bound = np.flatnonzero(firms.contract & firms.open)
        np.add.at(needs, (firms.contract_with[bound], firms.sector[bound]), firms.wanted[bound])
        speaks = needs.sum(axis=1) > 0
        needs[~speaks] = self.openings
        teaches = draws.uniform("training.teaches", 0, key_of(world.places.id))
        taught = choose_sectors(np.ones((places, len(SECTORS))), teaches)
        place, key = h.place[workers.household[rows]], workers.key[rows]
        led = self.p.supply_led * (1.0 - self.p.asked * speaks[place])
        supplied = draws.uniform("training.supply_led", world.tick, key) < led
        wanted = choose_sectors(needs[place], draws.uniform("training.sector", world.tick, key))
        return np.where(supplied, taught[place], wanted), speaks[place] & ~supplied

    def _years_after(self, world: World, rows: Rows, sector: Rows) -> Floats:
        """What the courses of each worker would be worth in ``sector`` after this one, years of schooling."""
        workers = world.workers
        kept = self.p.years * np.minimum(workers.schooling[rows] / self.p.full, 1.0)
        before = np.where(workers.trained_sector[rows] == sector, workers.trained_years[rows], 0.0)
        return np.asarray(np.maximum(np.minimum(before + kept, self.p.most), before))

    def _expected(self, world: World, rows: Rows, sector: Rows, years: Floats) -> Floats:
        """Pay that each worker expects to gain by a course, yuan."""
        h, workers, places = world.households, world.workers, world.places
        likely = self.openings / max(float(self.openings.sum()), 1e-9)
        before = workers.trained_years[rows] * likely[workers.trained_sector[rows]]  # sector -1: no years
        place = h.place[workers.household[rows]]
        job = (world.by_place(h.local_workers) / np.maximum(places.workers, 1))[place]
        pay = places.wage[place] * workers.skill[rows] * self.schooling_return
        return np.asarray(self.p.horizon * pay * job * (years * likely[sector] - before))

    def _lost(self, world: World, rows: Rows) -> Floats:
        """Product on own account that is lost in the time of a course, yuan: at the margin, since all stay at home."""
        product = world.households.own_product[world.workers.household[rows]]
        return np.asarray(self.p.time * self.labour_exponent * product)

    def _seated(self, world: World, rows: Rows, accounts: Rows) -> NDArray[np.bool_]:
        """Who of those who want a seat gets one; pays for it. With money for n + f seats there are n, and one more with
        probability f, for which is paid what is left."""
        workers, places = world.workers, world.places
        place, price = world.households.place[workers.household[rows]], self.p.price * world.index
        money = world.ledger.yuan("programme", accounts)
        part = world.draws.uniform("training.part", world.year, key_of(places.id))
        seats = np.floor(money / price - part) + 1.0
        lot = world.draws.uniform("training.lot", world.tick, workers.key[rows])
        order = np.lexsort((lot, place))
        rank = np.empty(len(rows), np.int64)
        rank[order] = np.arange(len(rows)) - np.searchsorted(place[order], place[order], side="left")
        seated = rank < seats[place]
        due = np.minimum(price * np.bincount(place[seated], minlength=len(places)), money)
        buy_here(world, ("programme", accounts), np.arange(len(due)), due, "course", self.layer)
        return np.asarray(seated)

    def _teach(self, world: World, rows: Rows, sector: Rows, years: Floats) -> None:
        h, workers = world.households, world.workers
        workers.trained_sector[rows] = sector
        workers.trained_years[rows] = years
        household = workers.household[rows]
        np.add.at(h.busy, household, self.p.time / world.dt / h.own_workers[household])
        np.minimum(h.busy, 1.0, out=h.busy)
