"""The courtyard economy (庭院经济): side production in idle yards, alone or with the village's association."""

import numpy as np
from numpy.typing import NDArray

from abm.core.draws import key_of
from abm.mechanisms.base import Mechanism
from abm.population.households import IDLE, LET, OWN_TRADE
from abm.scenario.parameters import Parameter, values_of
from abm.world.credit import borrow, room, spare_cash
from abm.world.world import OUTSIDE, World

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


class Courtyard(Mechanism):
    """y = X · A · P · (yard)^θ · ℓ^{1−θ} · e^{s + ε + g·k} a year, less inputs worth a share of its expected value.

    The yard (its size lognormal with mean 1) belongs to the dwelling of a registered household. What the scenario calls
    idle lies idle at its start: nobody uses it in the burn-in. A household thinks at a rate of a trade in it and knows
    how it is done by an idea of its own, from kin who do it, from what it sees in the village, or because the
    association tells its members. ℓ is the elders' time and as much of own workers' as brings more here than on own
    account: (net price)(1 − θ)y/ℓ = w, w the marginal net product there. It starts if what the yard leaves beyond that
    time, upkeep and, for elders, rest is above the interest on the cost of starting, which it pays from spare cash and
    credit; it gives up, at a rate, when nothing is left. The price falls with the number doing the same in the
    district's villages, P = (1 + n/m)^−ε. Technique k ∈ 0–1 comes slowly by doing.

    Alone one sells to a trader, who keeps a margin. Members sell jointly what their association can handle: a smaller
    margin, a fee, and meetings. Where a rural bank is linked with it, the bank lends members beyond the limit, since
    the association vouches; where an academy is, members may take courses, which cost days and material and raise
    technique.

    The other channel: kin and the village show how, the trader buys, own cash and ordinary credit pay. Break-point:
    no association, no idle yard. Failure: crowding; a debt that the trade does not serve (default: debt); fees that
    do not carry the association (社会组织乏力); courses that few attend.

    Reads: ``idle_yards`` of places, links, ``own_product``, participation, cash. Writes: ``yard``, ``yard_use``,
    ``yard_worth``, ``busy``, ``debt``; money. Draws: yards of dwellings once; households with an idle yard.
    Source: 000_dc7ebc0f9aeec511.txt, 四 (二) 发展动力下的共富项目机制 and 表1 (SJ); docs/MECHANISMS.md M6, M18 (ε). Its
    1 000–8 000 yuan a household and year are to be compared with what comes out.
    """

    name, layer = "courtyard", "social"
    requires = ("own_account",)
    parameters = (
        Parameter("gross", 16000.0, "yuan a year, one worker, ordinary yard", (8000.0, 30000.0), "output", "assumed"),
        Parameter("yard_exponent", 0.5, "exponent", (0.4, 0.7), "output, θ", "docs/MECHANISMS.md M6"),
        Parameter("yard_spread", 0.5, "log standard deviation", (0.0, 1.0), "size of yards", "assumed"),
        Parameter("inputs", 0.3, "share of expected output", (0.15, 0.5), "costs", "assumed"),
        Parameter("elder_time", 0.15, "workers per elder", (0.0, 0.4), "output", "assumed"),
        Parameter("rest", 0.3, "share of a worker's time's worth", (0.0, 1.0), "what elders' time is worth", "assumed"),
        Parameter("most_time", 0.5, "share of own-account time", (0.1, 0.8), "what a yard can take at most", "assumed"),
        Parameter("start_up", 6000.0, "yuan", (1000.0, 15000.0), "cost of starting", "assumed"),
        Parameter("wear", 0.1, "share of the start-up cost a year", (0.04, 0.25), "upkeep", "assumed"),
        Parameter("on_credit", 0.5, "share of the credit limit", (0.0, 1.0), "debt taken up alone", "assumed"),
        Parameter("vouched", 1.2, "share of the credit limit", (1.0, 2.0), "debt the rural bank accepts", "assumed"),
        Parameter("thinks", 0.5, "1/year", (0.1, 2.0), "who thinks of it", "assumed"),
        Parameter("idea", 0.02, "probability", (0.0, 0.3), "knowing by oneself", "assumed"),
        Parameter("kin_shows", 0.2, "probability per kin who do it", (0.0, 0.5), "knowing", "assumed"),
        Parameter("told", 0.5, "probability", (0.0, 1.0), "knowing through the association", "assumed"),
        Parameter("gives_up", 1.0, "1/year", (0.2, 4.0), "leaving what does not pay", "assumed"),
        Parameter("market", 0.1, "share of villages' households", (0.02, 0.5), "crowding, m", "assumed"),
        Parameter("crowding", 0.4, "exponent", (0.2, 0.8), "crowding, ε", "docs/MECHANISMS.md M18"),
        Parameter("margin", 0.25, "share of the price", (0.1, 0.4), "what a trader keeps", "assumed"),
        Parameter("joint_margin", 0.1, "share of the price", (0.0, 0.25), "what joint sale costs", "assumed"),
        Parameter("fee", 0.04, "share of joint sales", (0.0, 0.1), "fee of the association", "assumed"),
        Parameter("running", 6000.0, "yuan per 1000 people and year", (1000.0, 20000.0), "full service", "assumed"),
        Parameter("unpaid", 0.2, "share of full service", (0.0, 0.5), "done for nothing", "assumed"),
        Parameter("meetings", 0.01, "share of working time", (0.0, 0.05), "members in the trade", "assumed"),
        Parameter("courses", 0.5, "1/year", (0.0, 2.0), "courses offered", "assumed"),
        Parameter("course_time", 0.03, "worker years", (0.0, 0.1), "a course", "assumed"),
        Parameter("course_fee", 300.0, "yuan", (0.0, 1000.0), "a course, material", "assumed"),
        Parameter("course_gain", 0.25, "share of what is missing", (0.05, 0.6), "technique by a course", "assumed"),
        Parameter("doing_gain", 0.05, "1/year", (0.0, 0.2), "technique by doing", "assumed"),
        Parameter("technique", 0.3, "log points", (0.0, 0.6), "best technique over none, g", "assumed"),
    )  # fmt: skip
    columns = (
        ("households", "yard_time", np.float64, 0.0),  # share of its own-account time that the yard takes
        ("households", "yard_technique", np.float64, 0.0),  # k
    )

    def start(self, world: World) -> None:
        self.interest = values_of(world.settings, "credit").interest
        self.labour_exponent = values_of(world.settings, "own_account").labour_exponent
        self.price = 1.0
        self.service = np.ones(len(world.places))

    def ties(self, world: World) -> None:
        """At the start of a year: whose yards lie idle, and what each association can do."""
        if not world.calendar.year_begins or world.burning_in:
            return
        h, places, draws = world.households, world.places, world.draws
        rows = np.flatnonzero((places.idle_yards[h.place] > 0) & h.registered & world.points.inhabited)
        dwelling = key_of(places.id[h.place[rows]], h.number[rows])
        lies_idle = draws.uniform("courtyard.yard", 0, dwelling) < places.idle_yards[h.place[rows]]
        spread = self.p.yard_spread
        size = np.exp(spread * draws.normal("courtyard.size", 0, dwelling) - 0.5 * spread**2)
        h.yard = 0.0
        h.yard[rows] = np.where(lies_idle, size, 0.0)
        h.yard_use[h.yard == 0] = IDLE
        self.service[:] = [a.plan(self.p.unpaid) for a in world.institutions.associations]

    def enterprise(self, world: World) -> None:
        """Who starts, who gives up, and how much time the yards take."""
        h, chance = world.households, world.calendar.chance
        h.yard_time = 0.0
        rows = np.flatnonzero(h.yard > 0)
        if len(rows) == 0:
            return
        self.price = self._price(world)
        member = world.points.reaches("courtyard")
        share, worth = self._plan(world, rows, member[rows])
        h.yard_worth[rows] = worth
        trades = h.yard_use[rows] == OWN_TRADE
        u = world.draws.uniform("courtyard.gives_up", world.tick, h.key[rows])
        h.yard_use[rows[trades & (worth < 0) & (u < chance(self.p.gives_up))]] = IDLE
        u = world.draws.uniform("courtyard.thinks", world.tick, h.key[rows])
        pays = worth > self.interest * self.p.start_up * world.index
        idle = ~trades & (h.yard_use[rows] != LET)
        self._begin(world, rows[idle & pays & (u < chance(self.p.thinks))], member)
        trades = h.yard_use[rows] == OWN_TRADE
        rows, share = rows[trades], share[trades]
        h.yard_time[rows] = share
        self._meet(world, rows[member[rows]])
        h.busy[rows] = np.minimum(h.busy[rows] + share, 1.0)

    def production(self, world: World) -> None:
        """Sell the produce, to the trader or jointly; pay for inputs and upkeep."""
        h, ledger, dt = world.households, world.ledger, world.dt
        rows = np.flatnonzero(h.yard_use == OWN_TRADE)
        if len(rows) == 0:
            return
        place, labour = h.place[rows], h.yard_time[rows] * h.own_workers[rows] + self._elders(world, rows)
        expected = self._gross(world, rows) * labour ** (1.0 - self.p.yard_exponent) * dt
        output = expected * np.exp(h.season[rows])
        joint = np.where(world.points.reaches("courtyard")[rows], self.service[place], 0.0) * output
        accounts = ("household", rows)
        ledger.transfer(OUTSIDE, accounts, (1.0 - self.p.margin) * (output - joint), "courtyard_sales")
        through = (1.0 - self.p.joint_margin) * joint
        ledger.transfer(OUTSIDE, accounts, through, "courtyard_sales", self.layer)
        saved = ledger.yuan("association") > self._running(world)
        fees = np.where(saved[place], 0.0, self.p.fee * joint)
        ledger.transfer(accounts, ("association", place), fees, "association_fee", self.layer)
        costs = self.p.inputs * expected + self.p.wear * self.p.start_up * world.index * dt
        ledger.transfer(accounts, OUTSIDE, costs, "courtyard_costs")
        h.yard_technique[rows] += (1.0 - h.yard_technique[rows]) * -np.expm1(-self.p.doing_gain * dt)

    def distribution(self, world: World) -> None:
        """Associations pay for their work as far as fees reach."""
        working = world.by_place(world.points.reaches("courtyard")) > 0
        if not working.any():
            return
        rows = np.flatnonzero(working)
        due = self.service[rows] * self._running(world)[rows] * world.dt
        paid = (
            world.ledger.transfer(("association", rows), OUTSIDE, due, "association_work", self.layer) / 100.0
        )
        for place, cost, part in zip(rows.tolist(), due.tolist(), paid.tolist(), strict=True):
            world.institutions.associations[place].pay(cost, part)

    def year_end(self, world: World) -> None:
        """What an association without members has left goes to the collective."""
        left = world.ledger.yuan("association")
        rows = np.flatnonzero((left > 0) & (world.by_place(world.points.reaches("courtyard")) == 0))
        world.ledger.transfer(("association", rows), ("collective", rows), left[rows], "wound_up")

    def _price(self, world: World) -> float:
        h = world.households
        village = np.count_nonzero(~h.urban & world.points.inhabited)
        doing = int(np.count_nonzero(h.yard_use == OWN_TRADE)) / max(int(village), 1)
        return float((1.0 + doing / self.p.market) ** -self.p.crowding)

    def _running(self, world: World) -> Floats:
        """Cost of a year's full service of each association, yuan."""
        return np.asarray(self.p.running * world.index * world.places.members_first / 1000.0)

    def _elders(self, world: World, rows: Rows) -> Floats:
        return np.asarray(self.p.elder_time * world.households.elders[rows])

    def _gross(self, world: World, rows: Rows) -> Floats:
        """Output of a year at ℓ = 1 in an ordinary season at the market's price, yuan."""
        h = world.households
        power = h.skill[rows] + self.p.technique * h.yard_technique[rows]
        base = self.p.gross * world.index * self.price
        return np.asarray(base * h.yard[rows] ** self.p.yard_exponent * np.exp(power))

    def _plan(self, world: World, rows: Rows, member: NDArray[np.bool_]) -> tuple[Floats, Floats]:
        """Share of own-account time that the yard would take, and what a year would leave beyond all costs, yuan."""
        h, p = world.households, self.p
        joint = np.where(member, self.service[h.place[rows]], 0.0)
        kept = 1.0 - p.margin + joint * (p.margin - p.joint_margin - p.fee)
        net = np.maximum(kept - p.inputs, 0.0) * self._gross(world, rows)
        hour = np.maximum(self.labour_exponent * h.own_product[rows], 1.0)
        free, own = self._elders(world, rows), h.own_workers[rows].astype(np.float64)
        best = (net * (1.0 - p.yard_exponent) / hour) ** (1.0 / p.yard_exponent)
        taken = np.clip(best - free, 0.0, p.most_time * (1.0 - h.busy[rows]) * own)
        left = net * (taken + free) ** (1.0 - p.yard_exponent) - hour * (taken + p.rest * free)
        costs = p.wear * p.start_up * world.index + p.meetings * member * hour * own
        return taken / np.maximum(own, 1.0), left - costs

    def _begin(self, world: World, rows: Rows, member: NDArray[np.bool_]) -> None:
        """Those who know how and can pay for it start."""
        h, p = world.households, self.p
        if len(rows) == 0:
            return
        doing = h.yard_use == OWN_TRADE
        here = np.bincount(h.place[doing], minlength=len(world.places))
        seen = (here / np.maximum(world.places.households, 1))[h.place[rows]]
        kin = world.points.pairs["kin"].neighbours(len(h))[rows] @ doing.astype(np.float64)
        alone = (1.0 - p.idea) * (1.0 - seen) * (1.0 - p.kin_shows) ** kin
        u = world.draws.uniform("courtyard.knows", world.tick, h.key[rows])
        told = (u >= 1.0 - alone) & (u < 1.0 - alone * (1.0 - p.told * member[rows]))
        world.message(self.layer, int(told.sum()))
        rows = rows[(u < 1.0 - alone) | told]
        if len(rows) == 0:
            return
        cost = p.start_up * world.index
        lack = np.maximum(cost - spare_cash(world, rows), 0.0)
        vouched = member[rows] & self._tied(world, "rural_bank")[h.place[rows]]
        own = room(world, rows, p.on_credit) >= lack
        bank = ~own & vouched & (room(world, rows, p.vouched) >= lack)
        borrow(world, rows[own], lack[own], p.on_credit)
        borrow(world, rows[bank], lack[bank], p.vouched, "interest")
        world.message("interest", int(bank.sum()))
        rows = rows[own | bank]
        world.ledger.transfer(("household", rows), OUTSIDE, cost, "household_investment")
        h.yard_use[rows] = OWN_TRADE

    def _meet(self, world: World, rows: Rows) -> None:
        """Meetings of members in the trade, and the courses of the academies."""
        h, p = world.households, self.p
        world.message(self.layer, 4.0 * world.dt * len(rows))
        h.busy[rows] = np.minimum(h.busy[rows] + p.meetings, 1.0)
        rows = rows[self._tied(world, "academy")[h.place[rows]]]
        u = world.draws.uniform("courtyard.course", world.tick, h.key[rows])
        rows = rows[u < world.calendar.chance(p.courses) * h.participation[rows]]
        rows = rows[spare_cash(world, rows) >= p.course_fee * world.index]
        fee = np.full(len(rows), p.course_fee * world.index)
        world.ledger.transfer(("household", rows), OUTSIDE, fee, "courtyard_costs", "organizational")
        days = p.course_time / world.dt / np.maximum(h.own_workers[rows], 1)
        h.busy[rows] = np.minimum(h.busy[rows] + days, 1.0)
        h.yard_technique[rows] += p.course_gain * (1.0 - h.yard_technique[rows])
        world.message("organizational", len(rows))

    @staticmethod
    def _tied(world: World, kind: str) -> NDArray[np.bool_]:
        """Places whose association has an active link of this kind; shape (places,)."""
        names = {link.target for link in world.points.active_links(kind)}
        return np.array([a.name in names for a in world.institutions.associations])
