"""Grid and whistle (网格·吹哨办理): patrol sees needs, passes them on, and somebody handles them."""

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from abm.mechanisms.base import Mechanism
from abm.scenario.parameters import Parameter
from abm.world.world import OUTSIDE, World


class Whistle(Mechanism):
    """Cases of households reach a branch and are handled there, or are lost on the way.

    A need is an open claim, an entitlement not applied for, or a dispute. With an active grid link a patrol sees it
    at rate v; with only the village's case channel the household has to bring it, at rate r. A message through n
    hops arrives with (1 − a)^n, n being the length of the shortest path of active organizational links from where it
    starts to who decides: the district for claims and entitlements, the village for disputes. No path, no case.
    Case channels of the village end with the village branch; a vertical link leads on to the district.

    A branch handles its queue in the order of arrival, within its capacity. The grid brings staff, paid from its
    programme, and trifles: small matters whistled up that nobody can tell from real cases before looking. The grid
    also tells of vacancies of enterprises that the village branch is linked with.

    The other channel: own means (needs), own application (dibao), the spot market (labour). Break-point: no grid,
    no vertical link. Failure: information lost per hop; a queue that overloads (一针串起千条线); waiting, which costs
    trust.

    Reads: links, ``claim``, ``entitled``, ``dispute``. Writes: the queue (own columns), ``waiting``, ``applied``,
    ``claim``, ``dispute``, ``news_organizational``, ``busy``; money. Draws: those with a need, and nobody else.
    Source: 000_dc7ebc0f9aeec511.txt, 三 (一) 组织接点 and 四 (一); docs/MECHANISMS.md M1, M2.
    """

    name, layer = "whistle", "organizational"
    parameters = (
        Parameter("patrol", 4.0, "visits per household and year", (1.0, 12.0), "who is seen", "assumed"),
        Parameter("bring", 0.3, "1/year", (0.05, 1.0), "cases brought to the village", "assumed"),
        Parameter("loss", 0.12, "probability per hop", (0.05, 0.25), "information lost", "docs/MECHANISMS.md M2"),
        Parameter("base_capacity", 10.0, "cases per 1000 people and year", (2.0, 50.0), "village branch", "assumed"),
        Parameter("grid_capacity", 120.0, "cases per 1000 people and year", (20.0, 300.0), "grid staff", "assumed"),
        Parameter("trifles", 0.15, "1/year per household in a grid", (0.0, 1.0), "overload", "assumed"),
        Parameter("news", 1.0, "1/year", (0.0, 4.0), "telling of vacancies", "assumed"),
        Parameter("posts", 0.6, "share of the programme", (0.0, 1.0), "pay of grid workers", "assumed"),
        Parameter("post_time", 0.3, "share of working time", (0.0, 1.0), "what a post takes", "assumed"),
    )  # fmt: skip
    columns = (("households", "queued_since", np.int32, -1),)

    def start(self, world: World) -> None:
        self.posts = self._choose_posts(world)

    def enterprise(self, world: World) -> None:
        """Which enterprises the village branches hear from, and how likely news reaches a household."""
        firms, h = world.enterprises, world.households
        firms.liaison.fill(False)
        graph = world.points.graph
        few = world.institutions
        for branch in few.village_branches:
            for _, target, data in graph.out_edges(branch.name, data=True):
                if data["kind"] == "liaison":
                    firms.liaison[graph.nodes[target]["agent"].row] = True
        grid = world.points.reaches("grid")
        down, _ = self.hops
        heard = world.calendar.chance(self.p.news) * (1.0 - self.p.loss) ** down
        h.news_organizational = np.where(grid, heard[h.place], 0.0)

    def needs(self, world: World) -> None:
        h, few = world.households, world.institutions
        grid, channel = world.points.reaches("grid"), world.points.reaches("case_channel")
        self.hops = self._hops(world)
        self._staff(world, grid)
        need = (h.claim > 0) | h.dispute | (h.entitled & ~h.dibao & ~h.applied)
        h.queued_since[~need | ~(grid | channel)] = -1
        self._raise(world, need, grid, channel)
        queue = np.flatnonzero(h.queued_since >= 0)
        in_place = np.bincount(h.place[queue], minlength=len(world.places))
        slots = np.array(
            [b.slots(world.dt, int(n)) for b, n in zip(few.village_branches, in_place, strict=True)]
        )
        order = np.lexsort((h.key[queue], h.queued_since[queue], h.place[queue]))
        queue = queue[order]
        first = np.searchsorted(h.place[queue], h.place[queue], side="left")
        served = np.arange(len(queue)) - first < slots[h.place[queue]]
        self._handle(world, queue[served])
        left = queue[~served]
        h.waiting.fill(False)
        h.waiting[left] = world.tick - h.queued_since[left] >= world.calendar.ticks_per_year / 2

    def distribution(self, world: World) -> None:
        """Pay those who hold a post, and the cost of handling, from the programme where a grid is active."""
        envelope = world.envelope("grid")
        if envelope is None:
            return
        h = world.households
        active = world.by_place(world.points.reaches("grid")) > 0
        ticks_left = world.calendar.ticks_per_year - world.tick % world.calendar.ticks_per_year
        due = np.where(active, world.ledger.yuan("programme", envelope.accounts) / ticks_left, 0.0)
        here = self.posts[active[h.place[self.posts]]]
        number = np.bincount(h.place[here], minlength=len(due))
        each = self.p.posts * due / np.maximum(number, 1)
        accounts = envelope.accounts[h.place[here]]
        world.ledger.transfer(
            ("programme", accounts), ("household", here), each[h.place[here]], "grid_post", self.layer
        )
        rest = np.where(number > 0, (1.0 - self.p.posts) * due, due)
        world.ledger.transfer(("programme", envelope.accounts), OUTSIDE, rest, "handling", self.layer)

    def _choose_posts(self, world: World) -> NDArray[np.int64]:
        """One grid worker per grid: of the households with a worker, party members first, by lot."""
        h, few = world.households, world.institutions
        able = np.flatnonzero(h.workers > 0)
        lot = world.draws.uniform("whistle.post", 0, h.key[able]) + ~h.party_member[able]
        order = np.lexsort((lot, h.place[able]))
        able = able[order]
        first = np.searchsorted(h.place[able], h.place[able], side="left")
        posts = np.array([len(grids) for grids in few.grid_branches])
        return np.sort(able[np.arange(len(able)) - first < posts[h.place[able]]])

    def _staff(self, world: World, grid: NDArray[np.bool_]) -> None:
        """Capacity of each village branch, and the trifles that patrols bring in."""
        h, places = world.households, world.places
        in_grid = world.by_place(grid)
        share = in_grid / np.maximum(places.households, 1)
        people = world.by_place(world.residents()) / 1000.0
        capacity = people * (self.p.base_capacity + self.p.grid_capacity * share)
        for place, branch in enumerate(world.institutions.village_branches):
            branch.capacity = float(capacity[place])
            branch.trifles += float(self.p.trifles * in_grid[place] * world.dt)
        here = self.posts[grid[self.posts]]
        h.busy[here] = np.minimum(h.busy[here] + self.p.post_time / np.maximum(h.own_workers[here], 1), 1.0)

    def _hops(self, world: World) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Hops from the grid to the village branch and from there to the district, by place; inf without a path."""
        graph, few = world.points.graph, world.institutions
        tiers = nx.Graph()
        tiers.add_node(few.district.name)
        tiers.add_nodes_from(b.name for b in few.village_branches)
        edges = graph.edges(data="kind")
        tiers.add_edges_from((a, b) for a, b, kind in edges if kind in ("vertical", "grid_branch"))
        above = nx.single_source_shortest_path_length(tiers, few.district.name)
        up = np.array([above.get(b.name, np.inf) for b in few.village_branches], float)
        down = np.array(
            [
                1.0 if any(tiers.has_edge(b.name, g.name) for g in grids) else np.inf
                for b, grids in zip(few.village_branches, few.grid_branches, strict=True)
            ]
        )
        return down, up

    def _raise(
        self, world: World, need: NDArray[np.bool_], grid: NDArray[np.bool_], channel: NDArray[np.bool_]
    ) -> None:
        """Needs that become cases in a queue this tick."""
        h, draws, chance = world.households, world.draws, world.calendar.chance
        rows = np.flatnonzero(need & (h.queued_since < 0) & (grid | channel))
        down, up = self.hops
        place, keep = h.place[rows], 1.0 - self.p.loss
        beyond = np.where(h.dispute[rows], 0.0, up[place])  # the village settles disputes itself
        by_grid = np.where(grid[rows], chance(self.p.patrol) * keep ** (down[place] + beyond), 0.0)
        by_hand = np.where(channel[rows], chance(self.p.bring) * keep ** (1.0 + beyond), 0.0)
        arrives = 1.0 - (1.0 - by_grid) * (1.0 - by_hand)
        new = rows[draws.uniform("whistle.arrives", world.tick, h.key[rows]) < arrives]
        h.queued_since[new] = world.tick
        world.message(self.layer, len(new))

    def _handle(self, world: World, rows: NDArray[np.int64]) -> None:
        """What a branch does for a household: sees a claim through, lists an applicant, settles a dispute."""
        h = world.households
        world.ledger.transfer(OUTSIDE, ("household", rows), h.claim[rows], "reimbursement", self.layer)
        h.claim[rows] = 0.0
        h.dispute[rows] = False
        h.applied[rows] |= h.entitled[rows] & ~h.dibao[rows]
        h.queued_since[rows] = -1
        world.message(self.layer, len(rows))
