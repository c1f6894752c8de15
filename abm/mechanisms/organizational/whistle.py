"""Grid and whistle (网格·吹哨办理): patrol sees needs, passes them on, and somebody handles them."""

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from abm.agents.party_branch import help_from_allies
from abm.mechanisms.base import Mechanism
from abm.scenario.parameters import Parameter
from abm.world.enterprises import buy_here
from abm.world.grids import tied_to_branch
from abm.world.world import OUTSIDE, World


class Whistle(Mechanism):
    """Cases of households reach a branch and are handled there, or are lost on the way.

    A need is a dispute, which the village settles, or an open claim or an entitlement not applied for, on which the
    district decides. With an active grid link a patrol sees it at rate v; with the village's case channel the
    household brings it, too, at rate r; who is ``online`` (digital) hands it in at the same rate, and it is lost on one
    hop at most. A message through n hops arrives with (1 − a)^n, n being the length of the
    shortest path of active organizational links from where it starts to who decides. No path from the village to
    who decides, no case, by whatever way.

    Favours made general (特惠→普惠): before the year ``general_from`` a patrol calls f times as often on those listed
    for the allowance as on others, with as many visits in all; from then on all are visited alike. Who is poor and
    not listed is then seen the less, so that it is open whom it serves.

    A village branch handles its queue in the order of arrival, within its capacity and what its allies can spare. Where
    a branch or the district does not work for a time, what lies there waits, and nothing new arrives. The grid brings
    staff, paid from its programme for the time they give, and trifles: small matters whistled up that nobody can tell
    from real cases before looking. The grid also tells of vacancies of enterprises that the village branch is linked
    with. Who had a case handled relies on the branch, the more the fresher: ``relied`` is the cases handled a year,
    averaged over the past with weight e^{−m t}, at most 1.

    The other channel: own means (needs), own application (dibao), the spot market (labour). Break-point: no grid,
    no vertical link. Failure: information lost per hop; a queue that overloads (一针串起千条线); staff whose own
    work is left undone; people who leave their affairs to the branch (自治消解, trust).

    Reads: links, ``online``, ``claim``, ``entitled``, ``dispute``, ``dibao``. Writes: the queues (own columns),
    ``applied``, ``claim``, ``dispute``, ``contact``, ``relied``, ``news_organizational``, ``busy``, what is told where;
    money. Draws: those with a need, and nobody else.
    Source: 000_dc7ebc0f9aeec511.txt, 三 (一) 组织接点 and 四 (一); 二 (二) (the campaign against poverty
    ends in 2021) and 六, 一是 (特惠, 普惠); docs/MECHANISMS.md M1, M2, M60.
    """

    name, layer = "whistle", "organizational"
    spends = ("grid",)
    parameters = (
        Parameter("patrol", 4.0, "visits per household and year", (1.0, 12.0), "who is seen", "assumed"),
        Parameter("favour", 3.0, "factor", (1.0, 20.0), "visits to listed poor at first, f", "assumed"),
        Parameter("general_from", 2021.0, "calendar year", (2000.0, 2100.0), "all visited alike", "assumed; 六"),
        Parameter("bring", 0.3, "1/year", (0.05, 1.0), "cases brought to the village", "assumed"),
        Parameter("loss", 0.12, "probability per hop", (0.05, 0.25), "information lost", "docs/MECHANISMS.md M2"),
        Parameter("base_capacity", 10.0, "cases per 1000 people and year", (2.0, 50.0), "village branch", "assumed"),
        Parameter("grid_capacity", 80.0, "cases per 1000 people and year", (20.0, 300.0), "grid staff", "assumed"),
        Parameter("trifles", 0.15, "1/year per household in a grid", (0.0, 1.0), "overload", "assumed"),
        Parameter("news", 0.3, "probability per search", (0.0, 0.8), "telling of vacancies", "assumed"),
        Parameter("grid_size", 300.0, "households", (150.0, 500.0), "one grid worker", "docs/MODEL.md"),
        Parameter("memory", 0.5, "1/year", (0.2, 2.0), "how long it is remembered who saw to a case", "assumed"),
        Parameter("post_time", 0.3, "share of working time", (0.05, 1.0), "what a post takes", "assumed"),
    )  # fmt: skip
    columns = (
        (
            "households",
            "case_since",
            np.int32,
            -1,
        ),  # in the queue with a claim or an entitlement since this tick
        ("households", "dispute_since", np.int32, -1),  # in the queue with a dispute since this tick
    )

    def start(self, world: World) -> None:
        self.money = np.zeros(len(world.places))
        """In each place's account when the year began, yuan."""

    def needs(self, world: World) -> None:
        h = world.households
        if world.calendar.year_begins:
            self.posts = self._choose_posts(world)
        self.tied, up = tied_to_branch(world), self._hops(world)
        self._staff(world)
        branches = world.institutions.village_branches
        out = np.array([branch.name in world.points.down for branch in branches])
        self.stuck = out | (world.institutions.district.name in world.points.down)
        for_district = (h.claim > 0) | (h.entitled & ~h.dibao & ~h.applied)
        self.visits = self._visits(world)
        self._raise(world, "case_since", for_district, up[h.place], self.stuck)
        self._raise(world, "dispute_since", h.dispute, np.zeros(len(h)), out)
        self._serve(world)

    def enterprise(self, world: World) -> None:
        """Which enterprises the village branches hear from, and how likely news reaches a household."""
        h, nodes = world.households, world.points.graph.nodes
        linked = [(nodes[k.target]["agent"].row, k.village) for k in world.points.active_links("liaison")]
        world.tell(self.layer, *np.array(linked, np.int64).reshape(-1, 2).T)
        heard = self.p.news * (1.0 - self.p.loss)  # one hop from the branch to the grid
        h.news_organizational = np.where(world.points.reaches("grid") & self.tied, heard, 0.0)

    def distribution(self, world: World) -> None:
        """Pay grid workers for their time, and the cost of handling, from the programme where it has links."""
        envelope = world.envelope("grid")
        if envelope is None:
            return
        h, dt = world.households, world.dt
        money = world.ledger.yuan("programme", envelope.accounts)
        if world.calendar.year_begins:
            self.money = money
        kept = (1.0 - world.paid_share(envelope)) * self.money
        due = np.maximum(money - kept, 0.0) / world.calendar.ticks_left
        rows = self._at_work(world, world.paid_links(envelope) & self.tied)
        place = h.place[rows]
        wish = world.places.wage[place] * self._time(world, rows) * dt
        wages = np.bincount(place, weights=wish, minlength=len(due))
        pay = wish * np.minimum(1.0, due / np.maximum(wages, 0.01))[place]
        accounts = ("programme", envelope.accounts[place])
        paid = world.ledger.transfer(accounts, ("household", rows), pay, "grid_post", self.layer) / 100.0
        rest = np.maximum(due - np.bincount(place, weights=paid, minlength=len(due)), 0.0)
        everywhere = np.arange(len(rest))
        buy_here(world, ("programme", envelope.accounts), everywhere, rest, "handling", self.layer)

    def _choose_posts(self, world: World) -> NDArray[np.int64]:
        """Grid workers of the year: of the households with somebody on own account, party members first, by lot."""
        h, few = world.households, world.institutions
        able = np.flatnonzero(h.own_workers > 0)
        lot = world.draws.uniform("whistle.post", 0, h.key[able]) + ~h.party_member[able]
        able = able[np.lexsort((lot, h.place[able]))]
        first = np.searchsorted(h.place[able], h.place[able], side="left")
        posts = np.array([len(grids) for grids in few.grid_branches])
        return np.sort(able[np.arange(len(able)) - first < posts[h.place[able]]])

    def _at_work(self, world: World, linked: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Grid workers who serve now: their own grid link is active, and somebody is at home to do it."""
        return self.posts[linked[self.posts] & (world.households.own_workers[self.posts] > 0)]

    def _time(self, world: World, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Share of one worker's time that each post takes; in a small world a post serves fewer households."""
        h = world.households
        posts = np.bincount(h.place[self.posts], minlength=len(world.places))
        served = world.places.households / np.maximum(posts, 1) / self.p.grid_size
        return np.asarray(np.minimum(self.p.post_time * served[h.place[rows]], 1.0))

    def _staff(self, world: World) -> None:
        """Capacity of each village branch, the trifles that patrols bring in, and the time of grid workers."""
        h, places = world.households, world.places
        # what a grid without a branch sees ends there
        grid = world.points.reaches("grid") & self.tied
        in_grid = world.by_place(grid)
        share = in_grid / np.maximum(places.households, 1)
        rows = self._at_work(world, grid)
        posts = np.bincount(h.place[self.posts[grid[self.posts]]], minlength=len(places))
        manned = np.bincount(h.place[rows], minlength=len(places)) / np.maximum(posts, 1)
        capacity = self.p.base_capacity + self.p.grid_capacity * share * manned
        capacity = capacity * places.members / 1000.0
        for place, branch in enumerate(world.institutions.village_branches):
            branch.capacity = 0.0 if branch.name in world.points.down else float(capacity[place])
            branch.trifles += float(self.p.trifles * in_grid[place] * world.dt)
            if in_grid[place] == 0:
                branch.trifles = 0.0
        h.busy[rows] = np.minimum(h.busy[rows] + self._time(world, rows) / h.own_workers[rows], 1.0)

    @staticmethod
    def _hops(world: World) -> NDArray[np.float64]:
        """Hops from each village branch to the district, inf without a path; shape (places,)."""
        few = world.institutions
        tiers = nx.Graph()
        tiers.add_node(few.district.name)
        tiers.add_nodes_from(b.name for b in few.village_branches)
        for kind in ("vertical", "grid_branch"):
            tiers.add_edges_from((link.source, link.target) for link in world.points.active_links(kind))
        above = nx.single_source_shortest_path_length(tiers, few.district.name)
        return np.array([above.get(b.name, np.inf) for b in few.village_branches], float)

    def _raise(
        self,
        world: World,
        column: str,
        need: NDArray[np.bool_],
        beyond: NDArray[np.float64],
        stuck: NDArray[np.bool_],
    ) -> None:
        """Needs that become cases in a queue this tick; ``beyond`` are the hops from the village to who decides, and
        ``stuck`` the places where an institution on the way does not work: what lies there waits."""
        h, draws = world.households, world.draws
        grid, channel = world.points.reaches("grid"), world.points.reaches("case_channel")
        since, keep = h[column], 1.0 - self.p.loss
        grid = grid & self.tied
        way = (grid | channel | h.online) & ~np.isinf(beyond)
        since[~need | (~way & ~stuck[h.place])] = -1  # settled otherwise, or no way left
        rows = np.flatnonzero(need & (since < 0) & way & ~stuck[h.place])
        by_grid = self.visits[rows] * keep ** (1.0 + beyond[rows]) * grid[rows]
        online = h.online[rows]
        hops = np.where(online, 1.0, 1.0 + beyond[rows])
        by_hand = self.p.bring * keep**hops * (channel[rows] | online)
        arrives = -np.expm1(-(by_grid + by_hand) * world.dt)  # a report that is lost is a visit in vain
        new = rows[draws.uniform(f"whistle.{column}", world.tick, h.key[rows]) < arrives]
        since[new] = world.tick
        world.message(self.layer, len(new))

    def _visits(self, world: World) -> NDArray[np.float64]:
        """Visits of a patrol that a household would get this year: patrol · w_i / mean w of the grid households of its
        place, w = f for the listed poor before they are general and 1 for all others; shape (households,)."""
        h = world.households
        if world.year >= self.p.general_from:
            return np.full(len(h), self.p.patrol)
        grid = world.points.reaches("grid") & self.tied
        weight = np.where(h.dibao, self.p.favour, 1.0)
        mean = world.by_place(weight * grid) / np.maximum(world.by_place(grid), 1)
        return np.asarray(self.p.patrol * weight / np.maximum(mean, 1.0)[h.place])

    def _serve(self, world: World) -> None:
        """Branches handle what their capacity allows, oldest cases first."""
        h, branches = world.households, world.institutions.village_branches
        with_case = np.flatnonzero((h.case_since >= 0) & ~self.stuck[h.place])
        with_dispute = np.flatnonzero(h.dispute_since >= 0)
        rows = np.concatenate([with_case, with_dispute])
        is_case = np.arange(len(rows)) < len(with_case)
        since = np.where(is_case, h.case_since[rows], h.dispute_since[rows])
        order = np.lexsort((is_case, h.key[rows], since, h.place[rows]))
        rows, is_case = rows[order], is_case[order]
        place = h.place[rows]
        waiting = np.bincount(place, minlength=len(branches))
        helped = help_from_allies(branches, waiting.tolist(), world.dt)
        ready = zip(branches, waiting.tolist(), helped, strict=True)
        slots = np.array([branch.slots(world.dt, n, extra) for branch, n, extra in ready])
        first = np.searchsorted(place, place, side="left")
        served = np.arange(len(rows)) - first < slots[place]
        self._handle(world, rows[served & is_case], rows[served & ~is_case])

    def _handle(self, world: World, cases: NDArray[np.int64], disputes: NDArray[np.int64]) -> None:
        """See claims through, pass on applications, settle disputes."""
        h = world.households
        world.ledger.transfer(OUTSIDE, ("household", cases), h.claim[cases], "reimbursement", self.layer)
        h.claim[cases] = 0.0
        h.applied[cases] |= h.entitled[cases] & ~h.dibao[cases]
        h.case_since[cases] = -1
        h.dispute[disputes] = False
        h.dispute_since[disputes] = -1
        done = np.concatenate([cases, disputes])
        np.add.at(h.contact, done, 1.0)
        kept = world.calendar.kept(self.p.memory)
        h.relied *= kept
        np.add.at(h.relied, done, (1.0 - kept) / world.dt)  # in sum over time one for each case, at any Δ
        np.minimum(h.relied, 1.0, out=h.relied)
        world.message(self.layer, len(cases) + len(disputes))
