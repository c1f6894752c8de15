"""Grid and whistle (网格·吹哨办理): patrol sees needs, passes them on, and somebody handles them."""

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from abm.mechanisms.base import Mechanism
from abm.scenario.parameters import Parameter
from abm.world.world import OUTSIDE, World


class Whistle(Mechanism):
    """Cases of households reach a branch and are handled there, or are lost on the way.

    A need is a dispute, which the village settles, or an open claim or an entitlement not applied for, on which the
    district decides. With an active grid link a patrol sees it at rate v; with only the village's case channel the
    household has to bring it, at rate r. A message through n hops arrives with (1 − a)^n, n being the length of the
    shortest path of active organizational links from where it starts to who decides. No path, no case.

    A village branch handles its queue in the order of arrival, within its capacity. The grid brings staff, paid from
    its programme for the time they give, and trifles: small matters whistled up that nobody can tell from real cases
    before looking. The grid also tells of vacancies of enterprises that the village branch is linked with.

    The other channel: own means (needs), own application (dibao), the spot market (labour). Break-point: no grid,
    no vertical link. Failure: information lost per hop; a queue that overloads (一针串起千条线); staff whose own
    work is left undone.

    Reads: links, ``claim``, ``entitled``, ``dispute``. Writes: the queues (own columns), ``applied``, ``claim``,
    ``dispute``, ``contact``, ``news_organizational``, ``busy``; money. Draws: those with a need, and nobody else.
    Source: 000_dc7ebc0f9aeec511.txt, 三 (一) 组织接点 and 四 (一); docs/MECHANISMS.md M1, M2.
    """

    name, layer = "whistle", "organizational"
    parameters = (
        Parameter("patrol", 4.0, "visits per household and year", (1.0, 12.0), "who is seen", "assumed"),
        Parameter("bring", 0.3, "1/year", (0.05, 1.0), "cases brought to the village", "assumed"),
        Parameter("loss", 0.12, "probability per hop", (0.05, 0.25), "information lost", "docs/MECHANISMS.md M2"),
        Parameter("base_capacity", 10.0, "cases per 1000 people and year", (2.0, 50.0), "village branch", "assumed"),
        Parameter("grid_capacity", 80.0, "cases per 1000 people and year", (20.0, 300.0), "grid staff", "assumed"),
        Parameter("trifles", 0.15, "1/year per household in a grid", (0.0, 1.0), "overload", "assumed"),
        Parameter("news", 0.3, "probability per search", (0.0, 0.8), "telling of vacancies", "assumed"),
        Parameter("grid_size", 300.0, "households", (150.0, 500.0), "one grid worker", "docs/MODEL.md"),
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

    def needs(self, world: World) -> None:
        h = world.households
        if world.calendar.year_begins:
            self.posts = self._choose_posts(world)
        self.hops = self._hops(world)
        _, up = self.hops
        self._staff(world)
        for_district = (h.claim > 0) | (h.entitled & ~h.dibao & ~h.applied)
        self._raise(world, "case_since", for_district, up[h.place])
        self._raise(world, "dispute_since", h.dispute, np.zeros(len(h)))
        self._serve(world)

    def enterprise(self, world: World) -> None:
        """Which enterprises the village branches hear from, and how likely news reaches a household."""
        firms, h = world.enterprises, world.households
        firms.liaison.fill(False)
        for link in world.points.active_links("liaison"):
            branch, enterprise = world.points.agents(link)
            firms.liaison[enterprise.row], firms.heard_in[enterprise.row] = True, branch.place
        down, _ = self.hops
        heard = self.p.news * (1.0 - self.p.loss) ** down
        h.news_organizational = np.where(world.points.reaches("grid"), heard[h.place], 0.0)

    def distribution(self, world: World) -> None:
        """Pay grid workers for their time, and the cost of handling, from the programme where it has links."""
        envelope = world.envelope("grid")
        if envelope is None:
            return
        h, dt = world.households, world.dt
        paid_for = world.paid_links(envelope)
        ticks_left = world.calendar.ticks_per_year - world.tick % world.calendar.ticks_per_year
        due = world.paid_share(envelope) * world.ledger.yuan("programme", envelope.accounts) / ticks_left
        rows = self._at_work(world, paid_for)
        place = h.place[rows]
        wish = world.places.wage[place] * self._time(world, rows) * dt
        wages = np.bincount(place, weights=wish, minlength=len(due))
        pay = wish * np.minimum(1.0, due / np.maximum(wages, 0.01))[place]
        accounts = ("programme", envelope.accounts[place])
        paid = world.ledger.transfer(accounts, ("household", rows), pay, "grid_post", self.layer) / 100.0
        rest = np.maximum(due - np.bincount(place, weights=paid, minlength=len(due)), 0.0)
        world.ledger.transfer(("programme", envelope.accounts), OUTSIDE, rest, "handling", self.layer)

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
        h, places, grid = world.households, world.places, world.points.reaches("grid")
        in_grid = world.by_place(grid)
        share = in_grid / np.maximum(places.households, 1)
        rows = self._at_work(world, grid)
        posts = np.bincount(h.place[self.posts[grid[self.posts]]], minlength=len(places))
        manned = np.bincount(h.place[rows], minlength=len(places)) / np.maximum(posts, 1)
        capacity = self.p.base_capacity + self.p.grid_capacity * share * manned
        capacity = capacity * places.members / 1000.0
        for place, branch in enumerate(world.institutions.village_branches):
            branch.capacity = float(capacity[place])
            branch.trifles += float(self.p.trifles * in_grid[place] * world.dt)
            if in_grid[place] == 0:
                branch.trifles = 0.0
        h.busy[rows] = np.minimum(h.busy[rows] + self._time(world, rows) / h.own_workers[rows], 1.0)

    def _hops(self, world: World) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Hops from the grid to the village branch and from there to the district, by place; inf without a path."""
        few = world.institutions
        tiers = nx.Graph()
        tiers.add_node(few.district.name)
        tiers.add_nodes_from(b.name for b in few.village_branches)
        for kind in ("vertical", "grid_branch"):
            tiers.add_edges_from((link.source, link.target) for link in world.points.active_links(kind))
        above = nx.single_source_shortest_path_length(tiers, few.district.name)
        up = np.array([above.get(b.name, np.inf) for b in few.village_branches], float)
        down = np.array(
            [
                1.0 if any(tiers.has_edge(b.name, g.name) for g in grids) else np.inf
                for b, grids in zip(few.village_branches, few.grid_branches, strict=True)
            ]
        )
        return down, up

    def _raise(self, world: World, column: str, need: NDArray[np.bool_], beyond: NDArray[np.float64]) -> None:
        """Needs that become cases in a queue this tick; ``beyond`` are the hops from the village to who decides."""
        h, draws, chance = world.households, world.draws, world.calendar.chance
        grid, channel = world.points.reaches("grid"), world.points.reaches("case_channel")
        since, keep = h[column], 1.0 - self.p.loss
        since[~need | ~(grid | channel) | np.isinf(beyond)] = -1  # settled otherwise, or no way left
        rows = np.flatnonzero(need & (since < 0) & (grid | channel))
        down = self.hops[0][h.place[rows]]
        by_grid = np.where(grid[rows], chance(self.p.patrol) * keep ** (down + beyond[rows]), 0.0)
        by_hand = np.where(channel[rows], chance(self.p.bring) * keep ** (1.0 + beyond[rows]), 0.0)
        arrives = 1.0 - (1.0 - by_grid) * (1.0 - by_hand)
        new = rows[draws.uniform(f"whistle.{column}", world.tick, h.key[rows]) < arrives]
        since[new] = world.tick
        world.message(self.layer, len(new))

    def _serve(self, world: World) -> None:
        """Branches handle what their capacity allows, oldest cases first."""
        h, branches = world.households, world.institutions.village_branches
        with_case, with_dispute = np.flatnonzero(h.case_since >= 0), np.flatnonzero(h.dispute_since >= 0)
        rows = np.concatenate([with_case, with_dispute])
        is_case = np.arange(len(rows)) < len(with_case)
        since = np.where(is_case, h.case_since[rows], h.dispute_since[rows])
        order = np.lexsort((is_case, h.key[rows], since, h.place[rows]))
        rows, is_case = rows[order], is_case[order]
        place = h.place[rows]
        waiting = np.bincount(place, minlength=len(branches))
        slots = np.array([b.slots(world.dt, int(n)) for b, n in zip(branches, waiting, strict=True)])
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
        np.add.at(h.contact, np.concatenate([cases, disputes]), 1.0)
        world.message(self.layer, len(cases) + len(disputes))
