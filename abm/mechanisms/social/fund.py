"""The common-prosperity fund (共富基金): three sources, and what is paid out of it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from abm.core.errors import InputError
from abm.mechanisms.base import Mechanism
from abm.scenario.parameters import Parameter, Setting, values_of
from abm.scenario.schema import Scenario
from abm.world.credit import spare_cash
from abm.world.enterprises import buy_here
from abm.world.helping import in_need
from abm.world.people import meets_at
from abm.world.subsidies import offers, small_foundings, start_ups
from abm.world.world import World

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

SCHOOL, HARDSHIP, RETURN = range(3)
STEPS = ((0.0, 1.0), (0.8, 2.0), (1.5, 4.0))
"""Rewards by step (阶梯制): marks, in standard deviations, from which it is paid, and its size in first steps."""


class Fund(Mechanism):
    """Three sources: a part of an earmarked grant (``grant``); a share of the collective's yearly income; and gifts of
    linked villagers who did well (乡贤), with an income per head above a multiple of their village's, who give a share
    of it out of spare cash if they trust (u < τ).

    Three uses, each with its share of what the fund has had this year (the first two spread what is left of it over
    the year; shares that add up to more than the whole are cut alike): *school*, where a
    family cannot pay the fee of its pupils beyond compulsory school (at most ``aid`` a pupil), and rewards by step to
    those who pass the examination of the year, marks following their parents' schooling; *hardship*, for those in
    need after kin and neighbours have helped; *return* (返乡创业), for households whose migrant has come home and who
    found a small enterprise or, if they cannot, enlarge their own business, of which it pays a part. What is left
    stays, up to a reserve; the rest buys public goods.

    A linked household in the case applies or not; the committee, a few linked households (party members first), ranks
    applicants by need + favour · tie, a tie being kin or mutual aid with one of them, until the money is used up. Who
    would have been helped by need alone sees it, and its trust falls by a part at once. Help in hardship is lost by
    earning: what came of it lately, a year, stands beside the allowance in ``at_stake`` (effort).

    The other channel: kin (kin_help), neighbours (mutual_aid), own savings and credit. Break-point: no fund.
    Failure: no collective income; villagers who did well and have no link give to their kin alone; favour, and the
    part of an investment that the poor cannot pay, lead the money to those who need it less.

    Reads: fund links, kin, mutual aid, ``trust``, cash, collectives' income. Writes: money, ``capital``, ``debt``,
    ``contact``, ``trust``, ``at_stake``, enterprises. Draws: linked households.
    Source: 000_dc7ebc0f9aeec511.txt, 四 (三) 社会协力下的共富基金机制; docs/MECHANISMS.md M9; sums assumed.
    """

    name, layer = "fund", "social"
    requires = ("consumption", "schooling", "investment", "own_account")
    parameters = (
        Parameter("set_aside", 0.1, "share of the collective's income", (0.0, 0.2), "source", "docs/MECHANISMS.md M9"),
        Parameter("gift", 0.01, "share of income a year", (0.0, 0.02), "source", "docs/MECHANISMS.md M9"),
        Parameter("well_off", 2.0, "times the village's mean", (1.0, 4.0), "who gives", "assumed"),
        Parameter("for_school", 0.5, "share of the fund", (0.0, 1.0), "use", "assumed"),
        Parameter("for_hardship", 0.3, "share of the fund", (0.0, 1.0), "use", "assumed"),
        Parameter("for_return", 0.2, "share of the fund", (0.0, 1.0), "use", "assumed"),
        Parameter("aid", 4000.0, "yuan per pupil and year", (0.0, 12000.0), "help with fees", "assumed"),
        Parameter("reward", 2000.0, "yuan", (0.0, 10000.0), "reward of the first step", "assumed"),
        Parameter("examined", 0.05, "1/year per child", (0.02, 0.1), "who takes the examination", "assumed"),
        Parameter("from_parents", 0.4, "correlation", (0.0, 0.7), "marks and parents' schooling", "assumed"),
        Parameter("applies", 0.6, "probability", (0.1, 1.0), "who in the case applies in a year", "assumed"),
        Parameter("committee", 0.01, "share of linked households", (0.003, 0.05), "who decides", "assumed"),
        Parameter("favour", 0.3, "need", (0.0, 2.0), "what a tie to the committee is worth", "assumed"),
        Parameter("wound", 0.1, "share of trust a quarter", (0.0, 0.5), "passed over for somebody's kin", "assumed"),
        Parameter("jobs", 1.0, "jobs", (0.5, 5.0), "enterprise founded after return", "assumed"),
        Parameter("start_up", 15000.0, "yuan", (2000.0, 50000.0), "enlarging a business after return", "assumed"),
        Parameter("matched", 0.3, "share of an investment", (0.1, 0.8), "subsidy", "assumed"),
        Parameter("reserve", 60.0, "yuan per head", (0.0, 500.0), "what the fund keeps", "assumed"),
    )  # fmt: skip
    columns = (
        ("households", "fund_tied", np.bool_, False),  # to the committee of its fund, now
        ("households", "aid_seen", np.float64, 0.0),  # help in hardship of a year, yuan, fading
        ("households", "away_before", np.int16, 0),  # migrants before this tick's moves
    )

    @classmethod
    def check(cls, scenario: Scenario, settings: Mapping[str, Setting]) -> None:
        """A scholarship needs a payer."""
        p = values_of(settings, cls.name)
        if p.for_school == 0 or p.aid == p.reward == 0:
            return
        granted = settings.get("grant.to_fund")  # none where the rule is not listed
        programmes = [x for x in scenario.programmes if x.pays_for == "grant" and x.per_head > 0]
        grants = granted is not None and granted.value > 0 and bool(programmes)
        shares = p.set_aside > 0 and "profit_sharing" in scenario.scenario.mechanisms
        if not (p.gift > 0 or shares or grants):
            raise InputError(
                "scholarships without a payer: no gifts, no collective income, no grant",
                file=scenario.file,
                key="fund.aid",
                mend="set fund.gift, list profit_sharing with fund.set_aside, add a programme for 'grant', "
                "or set fund.aid and fund.reward to 0",
            )

    def start(self, world: World) -> None:
        settings = world.settings
        self.food = values_of(settings, "consumption").floor
        self.school = values_of(settings, "schooling")
        self.first = values_of(settings, "synthesis")
        self.with_children = self.committee = self.donors = self.returned = np.zeros(0, np.int64)
        shares = np.array([self.p.for_school, self.p.for_hardship, self.p.for_return])
        self.shares = shares / max(1.0, shares.sum())
        self.spent = np.zeros((len(shares), len(world.places)))
        """This year, yuan by use and place."""

    def ties(self, world: World) -> None:
        """At the start of a year: the committee, and who did well and gives."""
        if not world.calendar.year_begins:
            return
        self.spent[:] = 0.0
        h, linked = world.households, world.points.reaches("fund")
        rows = np.flatnonzero(linked)
        self.with_children = rows[h.children[rows] > 0]
        self.committee = self.donors = rows[:0]
        if len(rows) == 0:
            return
        seats = np.ceil(self.p.committee * np.bincount(h.place[rows], minlength=len(world.places)))
        lot = world.draws.uniform("fund.committee", world.year, h.key[rows]) + ~h.party_member[rows]
        chosen = rows[np.lexsort((lot, h.place[rows]))]
        place = h.place[chosen]
        order = np.arange(len(chosen)) - np.searchsorted(place, place, side="left")
        self.committee = chosen[order < seats[place]]
        people = np.maximum(world.by_place(h.residents_last), 1.0)
        usual = world.by_place(h.income_last) / people
        each = h.income_last[rows] / np.maximum(h.residents_last[rows], 1)
        rows = rows[each > self.p.well_off * np.maximum(usual, 0.0)[h.place[rows]]]
        self.donors = rows[world.draws.uniform("fund.gives", world.year, h.key[rows]) < h.trust[rows]]

    def targeting(self, world: World) -> None:
        """What earning more would put at stake, beside an allowance (effort)."""
        h = world.households
        h.aid_seen *= world.calendar.kept(1.0)
        h.at_stake += h.aid_seen * world.points.reaches("fund")

    def enterprise(self, world: World) -> None:
        world.households.away_before = world.households.migrants

    def labour(self, world: World) -> None:
        """Who has come home (this rule stands after migration in the list)."""
        h = world.households
        self.returned = np.flatnonzero((h.migrants < h.away_before) & (h.own_workers > 0))

    def distribution(self, world: World) -> None:
        self._know_ties(world)
        linked = world.points.reaches("fund")
        if not linked.any():
            return
        left = world.calendar.ticks_left
        if (
            left == world.calendar.ticks_per_year // 2
        ):  # before gifts: those of half a year have come in, at any Δ
            with self._spending(world, SCHOOL):
                self._reward(world, linked, self._budgets(world)[SCHOOL])
        self._collect(world, linked)
        budgets = self._budgets(world)
        with self._spending(world, SCHOOL):
            self._pay_for_school(world, linked, budgets[SCHOOL] / left)
        with self._spending(world, HARDSHIP):
            self._relieve(world, linked, budgets[HARDSHIP] / left)
        with self._spending(world, RETURN):
            self._help_returned(world, self.returned[linked[self.returned]], budgets[RETURN])

    def _budgets(self, world: World) -> Floats:
        """What is left of each use's share of the year's money, yuan; shape (uses, places)."""
        cash = world.ledger.yuan("fund")
        had = cash + self.spent.sum(axis=0)
        return np.clip(self.shares[:, np.newaxis] * had - self.spent, 0.0, cash)

    @contextmanager
    def _spending(self, world: World, use: int) -> Iterator[None]:
        """What the funds pay inside is spent for this use."""
        before = world.ledger.yuan("fund")
        yield
        self.spent[use] += before - world.ledger.yuan("fund")

    def year_end(self, world: World) -> None:
        """The collective's share comes in; what exceeds the reserve buys public goods."""
        ledger, few = world.ledger, world.institutions
        everywhere = np.arange(len(world.places))
        active = world.by_place(world.points.reaches("fund")) > 0
        share = self.p.set_aside * np.array([c.income_last for c in few.collectives])
        rows = everywhere[active]
        ledger.transfer(("collective", rows), ("fund", rows), share[rows], "set_aside", self.layer)
        kept = self.p.reserve * world.index * world.places.members_first
        beyond = np.where(active, np.maximum(ledger.yuan("fund") - kept, 0.0), 0.0)
        buy_here(world, ("fund", everywhere), everywhere, beyond, layer=self.layer)
        left = np.where(active, 0.0, ledger.yuan("fund"))
        ledger.transfer(("fund", None), ("collective", None), left, "wound_up")

    def _know_ties(self, world: World) -> None:
        """Who is tied to the committee now: its linked members, their kin, and their ties of mutual aid."""
        h = world.households
        h.fund_tied = False
        sits = self.committee[world.points.reaches("fund")[self.committee]]
        h.fund_tied[sits] = True
        for kind in ("kin", "mutual_aid"):
            if len(sits):
                h.fund_tied[world.points.pairs[kind].neighbours(len(h))[sits].indices] = True

    def _collect(self, world: World, linked: NDArray[np.bool_]) -> None:
        """Gifts of this tick."""
        h = world.households
        rows = self.donors[linked[self.donors]]
        if len(rows):
            due = np.minimum(self.p.gift * world.dt * h.income_last[rows], spare_cash(world, rows))
            world.ledger.transfer(
                ("household", rows), ("fund", h.place[rows]), np.maximum(due, 0.0), "fund_gift", self.layer
            )
            world.message(self.layer, world.dt * len(rows))

    def _reward(self, world: World, linked: NDArray[np.bool_], budget: Floats) -> None:
        """Once a year, by step, for the examined of linked households; all get the same part if money is short."""
        h, p = world.households, self.p
        rows = self.with_children[linked[self.with_children]]
        chance = np.full(len(rows), -np.expm1(-p.examined))
        examined = meets_at(world, "fund.examined", h.children, rows, chance)
        rows, examined = rows[examined > 0], examined[examined > 0]
        parents = (h.schooling[rows] - self.first.schooling_rural) / self.first.schooling_spread
        noise = world.draws.normal("fund.marks", world.year, h.key[rows])
        marks = p.from_parents * parents + np.sqrt(1.0 - p.from_parents**2) * noise
        size = np.select([marks >= at for at, _ in reversed(STEPS)], [x for _, x in reversed(STEPS)], 0.0)
        due = p.reward * world.index * examined * size
        wanted = np.bincount(h.place[rows], weights=due, minlength=len(budget))
        due *= np.minimum(1.0, budget / np.maximum(wanted, 0.01))[h.place[rows]]
        accounts = ("fund", h.place[rows])
        world.ledger.transfer(accounts, ("household", rows), due, "exam_reward", self.layer)

    def _pay_for_school(self, world: World, linked: NDArray[np.bool_], budget: Floats) -> None:
        h = world.households
        rows = self.with_children[linked[self.with_children]]
        rows = rows[budget[h.place[rows]] > 0]
        pupils = self.school.pupils * h.children[rows] * world.index * world.dt
        food = self.food * world.index * world.dt * world.residents()[rows]
        can = np.maximum(world.ledger.yuan("household", rows) - food - h.care_due[rows], 0.0)
        lack = self.school.fee * pupils - can
        short = np.flatnonzero(lack > 1.0)
        short = short[self._apply(world, rows[short], "school")]
        due = np.minimum(lack[short], self.p.aid * pupils[short])
        need = lack[short] / np.maximum(self.school.fee * pupils[short], 0.01)
        self._award(world, budget, rows[short], due, need, "scholarship")

    def _relieve(self, world: World, linked: NDArray[np.bool_], budget: Floats) -> None:
        if not budget.any():
            return
        rows, lack = in_need(world, self.food * world.index)
        mine = linked[rows]
        rows, lack = rows[mine], lack[mine]
        mine = self._apply(world, rows, "hardship")
        rows, lack = rows[mine], lack[mine]
        food = self.food * world.index * world.dt * world.residents()[rows]
        self._award(world, budget, rows, lack, np.minimum(lack / np.maximum(food, 1.0), 1.0), "hardship_aid")

    def _apply(self, world: World, rows: Rows, use: str) -> NDArray[np.bool_]:
        u = world.draws.uniform(f"fund.applies_{use}", world.year, world.households.key[rows])
        return np.asarray(u < self.p.applies)

    def _award(self, world: World, budget: Floats, rows: Rows, due: Floats, need: Floats, kind: str) -> None:
        """Pay out of the funds what the committee offers."""
        if len(rows) == 0:
            return
        h = world.households
        lot = f"fund.lot_{kind}"
        given = offers(world, budget, rows, due, need + self.p.favour * h.fund_tied[rows], lot)
        world.ledger.transfer(("fund", h.place[rows]), ("household", rows), given, kind, self.layer)
        by_need = offers(world, budget, rows, due, need, lot)
        h.trust[rows[given < by_need - 0.005]] *= (1.0 - self.p.wound) ** (4.0 * world.dt)
        if kind == "hardship_aid":
            # it fades before it is next looked at: steady aid is to stand at what it is in a year, at any Δ
            kept = world.calendar.kept(1.0)
            h.aid_seen[rows] += given * (1.0 - kept) / (kept * world.dt)
        helped = rows[given > 0.005]
        quarters = 4.0 * world.dt  # help that goes on is met once a quarter, however many ticks that is
        h.contact[helped] += quarters
        world.message(self.layer, quarters * len(helped))

    def _help_returned(self, world: World, rows: Rows, budget: Floats) -> None:
        rows = rows[self._apply(world, rows, "return")]
        if len(rows) == 0:
            return
        favour = self.p.favour * world.households.fund_tied
        purse, part = ("fund", np.arange(len(world.places))), self.p.matched
        before = world.ledger.yuan("fund")
        founders = small_foundings(
            world, purse, budget, rows, self.p.jobs, part, favour[rows], "fund.lot_founding", self.layer
        )
        budget = np.maximum(budget - (before - world.ledger.yuan("fund")), 0.0)
        rows = rows[~np.isin(rows, founders)]
        wish = np.full(len(rows), self.p.start_up * world.index)
        start_ups(world, purse, budget, rows, wish, part, favour[rows], "fund.lot_start_up", self.layer)
