"""Grid and whistle: patrol sees needs, passes them on, and somebody handles them."""

from math import exp, inf

import networkx as nx

from tests.reference.agents import Household, Place
from tests.reference.institutions import help_among
from tests.reference.model import Rule
from tests.reference.shared.choosing import members_first
from tests.reference.shared.firms import buy_here


class Whistle(Rule):
    name = "whistle"
    remembers = ("money",)
    knows = ("posts",)

    def start(self) -> None:
        self.money = [0.0] * len(self.model.places)

    def needs(self) -> None:
        """Grid workers of the year; what they and the households bring to a branch, and what it handles."""
        m = self.model
        if m.year_begins:
            self.choose_posts()
        tiers = self.tiers()
        up = nx.single_source_shortest_path_length(tiers, m.district)
        self.tied = {
            home: tiers.has_edge(home.place.branch, home.place.grids[home.grid - 1]) for home in m.households
        }
        for place in m.places:
            self.staff(place)
        visits = {place: self.visits(place) for place in m.places}
        for home in m.households:
            branch = home.place.branch
            out = branch in m.points.down
            stuck = out or m.district in m.points.down
            unheard = home.entitled and not home.dibao and not home.applied
            each = visits[home.place][home.dibao]
            need = home.claim > 0 or unheard
            home.case_since = self.queued(home, "case_since", need, up.get(branch, inf), stuck, each)
            home.dispute_since = self.queued(home, "dispute_since", home.dispute, 0, out, each)
        self.serve()

    def tiers(self) -> nx.Graph:
        """Branches and the active links between them."""
        m, tiers = self.model, nx.Graph()
        tiers.add_nodes_from([m.district, *(place.branch for place in m.places)])
        for kind in ("vertical", "grid_branch"):
            tiers.add_edges_from((link.source, link.target) for link in m.points.active(kind))
        return tiers

    # --- staff ---

    def choose_posts(self) -> None:
        """One for each grid: households with somebody on own account, party members first, by lot."""
        chosen = []
        for place in self.model.places:
            able = [home for home in place.dwellings if home.own_workers > 0]
            chosen += members_first(self.model, "whistle.post", 0, able)[: len(place.grids)]
        self.posts = sorted(chosen, key=lambda home: home.row)

    def posts_of(self, place: Place) -> list[Household]:
        return [home for home in self.posts if home.place is place]

    def time(self, place: Place) -> float:
        """Of one worker that a post takes; in a small world it serves fewer households."""
        served = place.households / max(len(self.posts_of(place)), 1)
        return min(self.p.post_time * served / self.p.grid_size, 1.0)

    def sees(self, home: Household) -> bool:
        """Whether a patrol comes and can report: what a grid without a branch sees ends there."""
        return home.reaches("grid") and self.tied[home]

    def staff(self, place: Place) -> None:
        """Capacity, the trifles that patrols bring in, and the time that posts take."""
        m, p, branch = self.model, self.p, place.branch
        seen = sum(self.sees(home) for home in place.dwellings)
        posts = [home for home in self.posts_of(place) if self.sees(home)]
        at_work = [home for home in posts if home.own_workers > 0]
        manned = len(at_work) / max(len(posts), 1)
        per_thousand = p.base_capacity + p.grid_capacity * manned * seen / max(place.households, 1)
        branch.capacity = per_thousand * place.members / 1000.0
        if branch in m.points.down:
            branch.capacity = 0.0
        branch.trifles = branch.trifles + p.trifles * seen * m.dt if seen else 0.0
        for home in at_work:
            home.busy = min(home.busy + self.time(place) / home.own_workers, 1.0)

    # --- cases ---

    def visits(self, place: Place) -> dict[bool, float]:
        """A year, to who is listed for the allowance and to others: f times as often at first, as many in all."""
        p = self.p
        if self.model.year >= p.general_from:
            return {True: p.patrol, False: p.patrol}
        seen = [home for home in place.dwellings if self.sees(home)]
        mean = sum(p.favour if home.dibao else 1.0 for home in seen) / max(len(seen), 1)
        usual = p.patrol / max(mean, 1.0)
        return {True: p.favour * usual, False: usual}

    def queued(
        self, home: Household, what: str, need: bool, beyond: float, stuck: bool, visits: float
    ) -> int:
        """Since when it waits, −1: it does not. ``beyond`` are the hops from the village to who decides."""
        m, p, since = self.model, self.p, getattr(home, what)
        patrolled, brings = self.sees(home), home.reaches("case_channel") or home.online
        way = (patrolled or brings) and beyond < inf
        if not need or not (way or stuck):
            return -1
        if since >= 0 or stuck:
            return since
        rate = 0.0
        if patrolled:
            rate += visits * (1.0 - p.loss) ** (1 + beyond)
        if brings:
            rate += p.bring * (1.0 - p.loss) ** (1 if home.online else 1 + beyond)
        if m.luck.uniform(f"whistle.{what}", m.tick, home.key) >= 1.0 - exp(-rate * m.dt):
            return -1
        m.messages["organizational"] += 1
        return m.tick

    def serve(self) -> None:
        """Branches handle what their capacity allows, oldest first; ``relied`` fades."""
        m = self.model
        queues = [self.queue(place) for place in m.places]
        waiting = [len(queue) for queue in queues]
        helped = help_among([place.branch for place in m.places], waiting)
        kept = m.kept(self.p.memory)
        for home in m.households:
            home.relied *= kept
        for place, queue, extra in zip(m.places, queues, helped, strict=True):
            for _, _, is_case, home in queue[: place.branch.handled(len(queue), extra)]:
                self.handle(home, is_case)
                home.relied += (1.0 - kept) / m.dt
        for home in m.households:
            home.relied = min(home.relied, 1.0)

    def queue(self, place: Place) -> list[tuple[int, int, bool, Household]]:
        """In the order of arrival; in that of keys within a tick. What the district decides waits with it."""
        down = self.model.points.down
        stuck = place.branch in down or self.model.district in down
        cases = [(h.case_since, h.key, True, h) for h in place.dwellings if h.case_since >= 0 and not stuck]
        disputes = [(h.dispute_since, h.key, False, h) for h in place.dwellings if h.dispute_since >= 0]
        return sorted(cases + disputes, key=lambda waiting: waiting[:3])

    def handle(self, home: Household, is_case: bool) -> None:
        """See a claim through and pass an application on, or settle a dispute."""
        m = self.model
        if is_case:
            m.ledger.pay(m.outside, home, home.claim, "reimbursement", "organizational")
            home.claim, home.case_since = 0.0, -1
            home.applied = home.applied or (home.entitled and not home.dibao)
        else:
            home.dispute, home.dispute_since = False, -1
        home.contact += 1.0
        m.messages["organizational"] += 1

    # --- news and money ---

    def enterprise(self) -> None:
        """Which enterprises the branches hear from, and how likely news reaches a household by its grid."""
        m = self.model
        m.told["organizational"] += [(link.target, link.place) for link in m.points.active("liaison")]
        for home in m.households:
            home.news_organizational = self.p.news * (1.0 - self.p.loss) if self.sees(home) else 0.0

    def distribution(self) -> None:
        """Grid workers are paid for their time and handling is bought, as far as the programme has links."""
        m, envelope = self.model, self.model.envelope("grid")
        if envelope is None:
            return
        if m.year_begins:
            self.money = [purse.cash for purse in envelope.purses]
        orders = []
        for place in m.places:
            purse, paid_for = envelope.purses[place.row], set(m.paid_for(place, envelope))
            share = len(paid_for) / max(sum(home.inhabited for home in place.dwellings), 1)
            due = max(purse.cash - (1.0 - share) * self.money[place.row], 0.0) / m.ticks_left
            serve = {home for home in paid_for if self.tied[home] and home.own_workers > 0}
            at_work = [home for home in self.posts_of(place) if home in serve]
            wish = place.wage * self.time(place) * m.dt
            each = wish * min(due / max(wish * len(at_work), 0.01), 1.0)
            wages = [(purse, home, each) for home in at_work]
            paid = m.ledger.pay_all(wages, "grid_post", "organizational")
            orders.append((purse, place, max(due - sum(paid), 0.0)))
        buy_here(m, orders, "handling", "organizational")
