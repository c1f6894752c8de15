"""Points and lists (积分制·清单制), with a public review (民主评议): who takes part is written down and rewarded."""

import numpy as np
from numpy.typing import NDArray

from abm.mechanisms.base import Mechanism
from abm.scenario.parameters import Parameter
from abm.world.world import World

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


class Points(Mechanism):
    """Households on the list of a village's social organisation earn a point for each year of full taking part: B′
    = a − (δ + x) B, exact over a tick, a being joint activity and, while they help others in need, some more; δ is
    what lapses, x what is taken to the village's shop. The shop gives goods at a price per point, as far as the
    programme's money reaches. Keepers of the list (party members first, by lot) enter it in their own time.

    Formalism: a share f of all entries is made on paper, as large as a usual one, for households that did nothing,
    by lot and with a weight for those close to the keepers (party members, their kin). Once a year all of the list
    meet: paper points are struck with a probability, and who has well over the mean of the village is commended.

    What is seen: rewards R = (1 − n) · B/(B + mean B) + n · part of the neighbours commended, and unfairness U =
    part of the village's points that is on paper, less where it is one's own; of fewer points than some notable number
    (a mean below it counts as that) nobody makes much. The columns ``rewarded`` and
    ``unfair`` follow them at a memory's rate; trust reads them.

    The other channel: volunteers and everyday contact without points. Break-point: no list, or nobody who keeps it.
    Failure: formalism (形式主义), which costs money and trust; time for entries and meetings.

    Reads: points and mutual-aid links, ``joint_activity``, ``helping``, ``party_member``, kin, envelope. Writes:
    ``rewarded``, ``unfair``, ``busy``, own columns; money. Draws: who keeps the list, paper points of who did nothing,
    the review of paper points; none but households of a list.
    Source: 000_dc7ebc0f9aeec511.txt, 三 (三) 社会接点 (points, lists, public review), 四 (一) (points);
    docs/MECHANISMS.md M7 (decay .1–.4), M22 (formalism .1–.4). Points for courses are left to who gives courses.
    """

    name, layer = "points", "social"
    spends = ("points",)
    requires = ("volunteers",)
    parameters = (
        Parameter("helping", 0.3, "points per year of helping", (0.0, 1.0), "help in need", "assumed"),
        Parameter("decay", 0.25, "1/year", (0.1, 0.4), "points that lapse, δ", "docs/MECHANISMS.md M7"),
        Parameter("exchange", 1.0, "1/year", (0.2, 4.0), "points taken to the shop, x", "assumed"),
        Parameter("price", 400.0, "yuan per point", (50.0, 2000.0), "goods for a year of full activity", "assumed"),
        Parameter("formalism", 0.2, "share of entries", (0.0, 0.4), "on paper, f", "assumed; M22 has .1–.4"),
        Parameter("closeness", 3.0, "factor", (1.0, 10.0), "paper points for members and their kin", "assumed"),
        Parameter("review", 0.4, "probability per year", (0.0, 0.9), "paper points found out", "assumed"),
        Parameter("commended", 1.5, "factor of the village's mean", (1.0, 4.0), "who is named", "assumed"),
        Parameter("meeting", 0.002, "years of work", (0.0, 0.01), "public review, each household", "assumed"),
        Parameter("entries", 0.0005, "years of work per household and year", (0.0, 0.005), "the list", "assumed"),
        Parameter("list_size", 150.0, "households", (30.0, 500.0), "one keeper", "assumed"),
        Parameter("neighbours", 0.3, "share", (0.0, 1.0), "of what is seen of rewards, n", "assumed"),
        Parameter("memory", 0.5, "1/year", (0.2, 2.0), "what was seen of rewards", "assumed"),
        Parameter("notable", 0.05, "points a year and household", (0.01, 0.3), "lists that are noticed", "assumed"),
    )  # fmt: skip
    columns = (
        ("households", "points_earned", np.float64, 0.0),
        ("households", "points_paper", np.float64, 0.0),
        (
            "households",
            "praise_seen",
            np.float64,
            0.0,
        ),  # part of its neighbours commended at the last meeting
    )

    def start(self, world: World) -> None:
        self.keepers = np.zeros(0, np.int64)
        self.close = np.zeros(len(world.households), bool)

    def needs(self, world: World) -> None:
        """Time for the list, and once a year for the meeting."""
        h, listed = world.households, world.points.reaches("points")
        for column in (h.points_earned, h.points_paper, h.praise_seen):
            column *= listed  # a list that comes back starts anew
        rows = np.flatnonzero(listed)
        if world.calendar.year_begins:
            self._choose_keepers(world, rows)
            self._review(world, rows)
        at_work = self._at_work(world, listed)
        on_lists = np.bincount(h.place[rows], minlength=len(world.places))
        keepers = np.bincount(h.place[at_work], minlength=len(world.places))
        time = self.p.entries * (on_lists / np.maximum(keepers, 1))[h.place[at_work]]
        h.busy[at_work] = np.minimum(h.busy[at_work] + time / h.own_workers[at_work], 1.0)

    def distribution(self, world: World) -> None:
        """Entries of this tick, goods for points, and what is seen of both."""
        h, dt = world.households, world.dt
        listed = world.points.reaches("points")
        rows, place = np.flatnonzero(listed), h.place[listed]
        size = len(world.places)
        reward, unfair = np.zeros(len(h)), np.zeros(len(h))
        if len(rows):
            kept = np.bincount(h.place[self._at_work(world, listed)], minlength=size) > 0
            done = (h.joint_activity[rows] + self.p.helping * h.helping[rows]) * kept[place]
            paper = self._on_paper(world, rows, done)
            world.message(self.layer, 4.0 * dt * float(((done > 0) | (paper > 0)).sum()))
            taken = self._pass(h.points_earned, rows, done, dt) + self._pass(h.points_paper, rows, paper, dt)
            self._give_goods(world, rows, taken)
            reward[rows], unfair[rows] = self._seen(world, rows)
        part = 1.0 - world.calendar.kept(self.p.memory)
        h.rewarded += part * (reward - h.rewarded)
        h.unfair += part * (unfair - h.unfair)

    def _choose_keepers(self, world: World, rows: Rows) -> None:
        """Keepers of the lists of this year, and the households close to them."""
        h = world.households
        able = rows[h.own_workers[rows] > 0]
        lot = world.draws.uniform("points.keeper", 0, h.key[able]) + ~h.party_member[able]
        able = able[np.lexsort((lot, h.place[able]))]
        first = np.searchsorted(h.place[able], h.place[able], side="left")
        wanted = np.ceil(np.bincount(h.place[rows], minlength=len(world.places)) / self.p.list_size)
        self.keepers = np.sort(able[np.arange(len(able)) - first < wanted[h.place[able]]])
        kin = world.points.pairs["kin"].neighbours(len(h))[rows]
        self.close = h.party_member.copy()
        self.close[rows] |= kin @ h.party_member.astype(np.int16) > 0

    def _at_work(self, world: World, listed: NDArray[np.bool_]) -> Rows:
        """Keepers who are on the list themselves and have somebody at home."""
        return self.keepers[listed[self.keepers] & (world.households.own_workers[self.keepers] > 0)]

    def _review(self, world: World, rows: Rows) -> None:
        """The meeting: who can comes, paper points are found out, and some are commended."""
        h, size = world.households, len(world.places)
        held = np.bincount(h.place[rows], weights=(h.points_earned + h.points_paper)[rows], minlength=size)
        rows = rows[held[h.place[rows]] > 0]
        if len(rows) == 0:
            return
        come = rows[h.own_workers[rows] > 0]
        h.busy[come] = np.minimum(h.busy[come] + self.p.meeting / world.dt / h.own_workers[come], 1.0)
        doubtful = rows[h.points_paper[rows] > 0]
        u = world.draws.uniform("points.review", world.year, h.key[doubtful])
        h.points_paper[doubtful[u < self.p.review]] = 0.0
        mean = _mean(h.points_earned[rows], h.place[rows], size)
        named = np.zeros(len(h))
        named[rows] = h.points_earned[rows] > self.p.commended * mean[h.place[rows]]
        neighbours = world.points.pairs["mutual_aid"].neighbours(len(h))[rows]
        h.praise_seen[rows] = (neighbours @ named) / np.maximum(np.diff(neighbours.indptr), 1)

    def _on_paper(self, world: World, rows: Rows, done: Floats) -> Floats:
        """Points a year entered for nothing, shape of ``rows``: N f/(1 − f) households for N that did something."""
        h, size = world.households, len(world.places)
        place, active = h.place[rows], done > 0
        number = np.bincount(place, weights=active, minlength=size)
        usual = np.bincount(place, weights=done, minlength=size) / np.maximum(number, 1.0)
        weight = np.where(self.close[rows], self.p.closeness, 1.0) * ~active
        all_weights = np.maximum(np.bincount(place, weights=weight, minlength=size), 1e-9)
        expected = number * self.p.formalism / (1.0 - self.p.formalism)
        chance = weight * (expected / all_weights)[place]
        idle = np.flatnonzero(chance > 0)
        lot = world.draws.uniform("points.paper", world.calendar.season, h.key[rows[idle]])
        lucky = idle[lot < chance[idle]]
        points = np.zeros(len(rows))
        points[lucky] = usual[place[lucky]]
        return points

    def _pass(self, balance: Floats, rows: Rows, entered: Floats, dt: float) -> Floats:
        """Move a balance on by a tick at ``entered`` points a year; returns the points taken to the shop."""
        rate = self.p.decay + self.p.exchange
        before = balance[rows] + entered * dt
        balance[rows] += -np.expm1(-rate * dt) * (entered / rate - balance[rows])
        return np.asarray(self.p.exchange / rate * (before - balance[rows]))

    def _give_goods(self, world: World, rows: Rows, taken: Floats) -> None:
        """Goods at the price, less where the programme's money of this tick does not reach."""
        envelope = world.envelope("points")
        if envelope is None:
            return
        place = world.households.place[rows]
        money = world.ledger.yuan("programme", envelope.accounts) / world.calendar.ticks_left
        wish = self.p.price * world.index * taken * world.paid_links(envelope)[rows]
        asked = np.bincount(place, weights=wish, minlength=len(money))
        goods = wish * np.minimum(1.0, money / np.maximum(asked, 0.01))[place]
        accounts = ("programme", envelope.accounts[place])
        world.ledger.transfer(accounts, ("household", rows), goods, "points_goods", self.layer)

    def _seen(self, world: World, rows: Rows) -> tuple[Floats, Floats]:
        """R and U above, shape of ``rows``."""
        h, size = world.households, len(world.places)
        place, earned, paper = h.place[rows], h.points_earned[rows], h.points_paper[rows]
        mean, on_paper = _mean(earned, place, size)[place], _mean(paper, place, size)[place]
        least = self.p.notable / (self.p.decay + self.p.exchange)
        own = earned / (earned + np.maximum(mean, least))
        reward = (1.0 - self.p.neighbours) * own + self.p.neighbours * h.praise_seen[rows]
        part = on_paper / np.maximum(mean + on_paper, least)
        mine = paper / np.maximum(paper + mean + on_paper, least)
        return np.asarray(reward), np.asarray(part * (1.0 - mine))


def _mean(values: Floats, place: Rows, size: int) -> Floats:
    """Mean by place; shape (size,)."""
    number = np.bincount(place, minlength=size)
    return np.asarray(np.bincount(place, weights=values, minlength=size) / np.maximum(number, 1))
