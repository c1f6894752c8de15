"""Succession: a new head, a family that divides, a household that dies out."""

import numpy as np
from numpy.typing import NDArray

from abm.mechanisms.base import Mechanism
from abm.population.households import MIGRANT, members
from abm.scenario.parameters import Parameter, values_of
from abm.world import people
from abm.world.enterprises import buy_here
from abm.world.world import GOVERNMENT, World

Rows = NDArray[np.int64]

_DIVIDED = frozenset({"capital", "expected_income", "income_last", "dibao_received", "own_value"})
"""What is divided by heads when a family divides."""


class Succession(Mechanism):
    """Three things, once a year; the first acts in the burn-in too, the others do not.

    *A new head.* At a rate standing, the fixed own-account productivity s and the effect that its workers
    share are drawn anew, each x' = ρ x + √(1 − ρ²) ξ in scores: spreads, and how the three go together,
    stay as at the start. Who works already keeps what he can do; those who come of age later have the new effect.

    *A household dies out.* Where children are left alone, kin take them in (else they leave the district). The estate
    gets what the insurance owes, repays the debt, from tools too where cash does not reach (the rest is the bank's
    loss), and goes to kin households in equal parts; its enterprises to the one of them whose lot it is. Without kin
    tools and shares are sold elsewhere at book value; the village's collective, in communities the government, has the
    money and buys public goods. Land stays with the dwelling, which stands empty and without kin.

    *A family divides* (分家). A household with four able workers, three of them at home, wants to at a rate. If
    a dwelling of its place is empty, two of those at home move there with a part of children, money, debt and tools
    per head, and keep their jobs; s' is drawn from the parents' as above. They are kin to the parents and to kin of
    theirs (``people.tie_to_kin``), and no better debtors than these. Who moves where falls by lot. Without an empty
    dwelling nobody moves: new sites are not given out. Spouses are exchanged one for one between households,
    and that exchange is not modelled.

    Reads: members, kin, money. Writes: members, workers, ``skill``, ``capital``, ``debt``; money. Draws: every
    household (head, division), empty dwellings, workers and children of those who divide.
    Source: docs/TRIAL.md (once in 30 years, ρ .4); division and inheritance: docs/MODEL.md, rates assumed.
    """

    name, layer = "succession", "background"
    parameters = (
        Parameter("rate", 1 / 30, "1/year", (0.02, 0.05), "a new head", "docs/TRIAL.md"),
        Parameter("kept", 0.4, "correlation", (0.1, 0.7), "parents' and children's productivity, ρ", "docs/TRIAL.md"),
        Parameter("division", 0.3, "1/year", (0.05, 1.0), "households of four workers that want to divide", "assumed"),
        Parameter("able", 4.0, "workers", (3.0, 6.0), "from how many on a household may divide", "assumed"),
    )  # fmt: skip

    def people(self, world: World) -> None:
        h = world.households
        u = world.draws.uniform("succession.head", world.year, h.key)
        rows = np.flatnonzero(world.points.inhabited & (u < people.chance(self.p.rate)))
        self._new_head(world, rows)
        if world.burning_in:
            return
        self._dissolve(world)
        self._divide(world)
        h.cash_first = world.ledger.yuan("household")

    def _new_head(self, world: World, rows: Rows) -> None:
        """Standing, own-account skill and the effect that later workers share, each with correlation ρ to the last
        head's, and with one another as at the start."""
        h, kept, first = world.households, self.p.kept, values_of(world.settings, "synthesis")
        close = first.rank_correlation

        def next_one(score: NDArray[np.float64], name: str, spread: float = 1.0) -> NDArray[np.float64]:
            noise = world.draws.normal(f"succession.{name}", world.year, h.key[rows])
            return np.asarray(kept * score + spread * np.sqrt(1.0 - kept**2) * noise)

        beyond = np.sqrt(1.0 - close**2)
        skill = h.skill[rows] / first.skill_spread - close * h.standing[rows]
        effect = h.worker_effect[rows] - close * h.standing[rows]
        h.standing[rows] = next_one(h.standing[rows], "standing")
        h.skill[rows] = first.skill_spread * (close * h.standing[rows] + next_one(skill, "skill", beyond))
        h.worker_effect[rows] = close * h.standing[rows] + next_one(effect, "effect", beyond)

    def _dissolve(self, world: World) -> None:
        h = world.households
        kin, heirs = self._kin(world)
        self._take_in_orphans(world, kin, heirs)
        # an empty dwelling may have received something since
        cash = world.ledger.yuan("household")
        rows = np.flatnonzero((members(h) == 0) & (world.points.inhabited | (cash > 0)))
        if len(rows) == 0:
            return
        people.wind_up(world, rows, np.isin(rows, kin))
        self._bequeath(world, rows, kin, heirs)
        died_out = rows[world.points.inhabited[rows]]
        for place, number in enumerate(np.bincount(h.place[died_out], minlength=len(world.places)).tolist()):
            if number:
                world.note(place, "households_died_out", str(number))
        people.move_out(world, died_out)

    @staticmethod
    def _kin(world: World) -> tuple[Rows, Rows]:
        """Households that die out, repeated for each kin household with somebody grown up, and the latter."""
        h = world.households
        grown = members(h) - h.children > 0
        kin = world.points.pairs["kin"]
        a_grown, b_grown = grown[kin.a], grown[kin.b]
        a_dies = np.flatnonzero(kin.active & ~a_grown & b_grown)
        b_dies = np.flatnonzero(kin.active & a_grown & ~b_grown)
        line = np.concatenate([kin.a[a_dies], kin.b[b_dies]]).astype(np.int64)
        heirs = np.concatenate([kin.b[a_dies], kin.a[b_dies]]).astype(np.int64)
        pairs = np.unique(line * len(h) + heirs)  # sorted, and each once
        return pairs // len(h), pairs % len(h)

    @staticmethod
    def _chosen(world: World, line: Rows, heirs: Rows) -> Rows:
        """For each row the one of its heirs whose lot it is, −1 without any; shape (households,)."""
        h = world.households
        lot = world.draws.uniform("succession.heir", 0, h.key[line] ^ h.key[heirs])
        order = np.lexsort((lot, line))
        chosen = np.full(len(h), -1, np.int64)
        chosen[line[order][::-1]] = heirs[order][::-1]  # the first of each line is written last
        return chosen

    def _take_in_orphans(self, world: World, line: Rows, heirs: Rows) -> None:
        h = world.households
        alone = np.flatnonzero((members(h) == h.children) & (h.children > 0))
        taker = self._chosen(world, line, heirs)[alone]
        np.add.at(h.children, taker[taker >= 0], h.children[alone[taker >= 0]])
        h.children[alone] = 0

    def _bequeath(self, world: World, rows: Rows, line: Rows, heirs: Rows) -> None:
        h, ledger = world.households, world.ledger
        mine = np.isin(line, rows)
        line, heirs = line[mine], heirs[mine]
        parts = np.bincount(line, minlength=len(h))
        first = np.arange(len(line)) - np.searchsorted(line, line, side="left") == 0
        fen = np.rint(ledger.yuan("household") * 100.0).astype(np.int64)
        share = fen[line] // parts[line]
        share[first] += fen[line[first]] % parts[line[first]]
        ledger.transfer(("household", line), ("household", heirs), share / 100.0, "inheritance", "background")
        np.add.at(
            h.capital, heirs, np.maximum(h.capital[line] - people.least_tools(world), 0.0) / parts[line]
        )
        h.capital[rows] = people.least_tools(world)
        owner = np.arange(len(h))
        owner[rows] = self._chosen(world, line, heirs)[rows]
        people.pass_on_enterprises(world, owner)
        alone = rows[parts[rows] == 0]
        for urban in (False, True):
            self._to_the_public(world, alone[world.places.urban[h.place[alone]] == urban], urban)

    @staticmethod
    def _to_the_public(world: World, rows: Rows, urban: bool) -> None:
        """Money without heirs goes to the places' collectives, of communities to the government, and buys goods."""
        place = world.households.place[rows].astype(np.int64)
        ledger, left = world.ledger, world.ledger.yuan("household", rows)
        fund = GOVERNMENT if urban else ("collective", place)
        fen = ledger.transfer(("household", rows), fund, left, "inheritance")
        total = np.bincount(place, weights=fen, minlength=len(world.places))
        where = np.flatnonzero(total > 0)
        if len(where):
            account = (GOVERNMENT[0], np.zeros(len(where), np.int64)) if urban else ("collective", where)
            buy_here(world, account, where, total[where] / 100.0)

    def _divide(self, world: World) -> None:
        parents, homes = self._matched(world)
        if len(parents) == 0:
            return
        h, workers, draws, ledger = world.households, world.workers, world.draws, world.ledger
        persons, able = members(h)[parents], h.workers[parents].astype(np.int64)
        people.move_in(world, homes, h.registered[parents])
        for name in h:
            if name in people.INHERITED:
                h[name][homes] = h[name][parents]
        children = people.meets_at(world, "succession.child", h.children, parents, 2.0 / able)
        h.children[parents] -= children
        h.children[homes] = children
        part = (2 + children) / persons
        h.land_used[homes] = h.land[homes]
        for name in _DIVIDED.intersection(h):
            moved = part * h[name][parents]
            h[name][parents] -= moved
            h[name][homes] = moved
        debt = np.rint(part * h.debt[parents]).astype(np.int64)
        h.debt[parents] -= debt
        h.debt[homes] = debt
        people.tie_to_kin(world, parents, homes)
        h.residents_last[parents] -= np.minimum(2 + children, h.residents_last[parents]).astype(np.int16)
        h.residents_last[homes] = 2 + children
        due = part * ledger.yuan("household", parents)
        ledger.transfer(("household", parents), ("household", homes), due, "division")
        self._new_head(world, homes)
        to = np.full(len(h), -1, np.int64)
        to[parents] = homes
        rows = np.flatnonzero((to[workers.household] >= 0) & (workers.activity != MIGRANT))
        lot = draws.uniform("succession.leaves", world.year, workers.key[rows])
        rows = rows[np.lexsort((lot, workers.household[rows]))]
        household = workers.household[rows]
        order = np.arange(len(rows)) - np.searchsorted(household, household, side="left")
        goes = rows[order < 2]
        people.move(world, goes, to[workers.household[goes]])

    def _matched(self, world: World) -> tuple[Rows, Rows]:
        """Households that divide and the empty dwellings they get, by lot within each place."""
        h, draws = world.households, world.draws
        wants = (h.workers >= self.p.able) & (h.workers - h.migrants >= 3)
        rows = np.flatnonzero(wants)
        u = draws.uniform("succession.division", world.year, h.key[rows])
        parents = rows[u < people.chance(self.p.division)]
        homes = np.flatnonzero(people.empty_dwellings(world))
        codes = []
        for rows, stream in ((parents, "succession.lot"), (homes, "succession.dwelling")):
            place = h.place[rows].astype(np.int64)
            lot = draws.uniform(stream, world.year, h.key[rows])
            order = np.lexsort((lot, place))
            rank = np.empty(len(rows), np.int64)
            rank[order] = np.arange(len(rows)) - np.searchsorted(place[order], place[order], side="left")
            codes.append(place * (len(h) + 1) + rank)
        _, i, j = np.intersect1d(codes[0], codes[1], return_indices=True)
        order = np.argsort(parents[i])
        return parents[i][order], homes[j][order]
