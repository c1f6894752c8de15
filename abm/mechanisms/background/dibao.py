"""The subsistence allowance (低保): on application, by observed income, paid from the district's budget."""

import numpy as np
from numpy.typing import NDArray

from abm.mechanisms.base import Mechanism
from abm.scenario.parameters import Parameter
from abm.world.world import GOVERNMENT, World


class Dibao(Mechanism):
    """A registered household thinks itself entitled in a year if its income of last year per head, without the
    allowance and as it remembers it, lies under the line. It applies by itself at a hazard, once a year. The office
    observes income with an error of its own: ln ŷ = ln y + σξ, one ξ a year; listed if ŷ < line, at the yearly
    review taken off if ŷ > exit · line. The benefit is flat per resident, apart from the listing.

    Reads: ``income_last``. Writes: ``entitled``, ``applied``, ``dibao``; money. Draws: memory of
    every household once a year, applications of the entitled, observations of those concerned.
    Source: docs/MODEL.md, *Targeting*; docs/TRIAL.md on keeping listing and benefit apart; M16.
    """

    name, layer = "dibao", "background"
    parameters = (
        Parameter("line", 6000.0, "yuan per head and year", (3000.0, 9000.0), "listing", "assumed; M16 floor"),
        Parameter("benefit", 0.5, "share of the line", (0.2, 1.0), "payment", "assumed"),
        Parameter("apply_rate", 0.4, "1/year", (0.05, 2.0), "own application", "assumed; M16 take-up"),
        Parameter("error", 0.3, "log standard deviation", (0.0, 0.8), "observed income", "assumed; M31"),
        Parameter("memory", 0.2, "log standard deviation", (0.0, 0.8), "who thinks itself entitled", "assumed"),
        Parameter("exit_factor", 1.3, "factor of the line", (1.0, 2.0), "review", "assumed"),
    )  # fmt: skip

    columns = (
        ("households", "own_income", np.float64, 0.0),
        ("households", "dibao_received", np.float64, 0.0),
    )

    def needs(self, world: World) -> None:
        """At the start of a year households look at the last one; those entitled apply by themselves at a hazard."""
        h, line = world.households, self.p.line * world.index
        if world.calendar.year_begins:
            h.own_income = (h.income_last - h.dibao_received) / np.maximum(h.residents_last, 1)
            h.dibao_received = 0.0
            remembered = self._seen(world, np.arange(len(h)), "dibao.memory", self.p.memory)
            h.entitled = h.registered & world.points.inhabited & (remembered < line)
        rows = np.flatnonzero(h.entitled & ~h.dibao & ~h.applied)
        u = world.draws.uniform("dibao.apply", world.tick, h.key[rows])
        h.applied[rows[u < world.calendar.chance(self.p.apply_rate)]] = True

    def targeting(self, world: World) -> None:
        h, line = world.households, self.p.line * world.index
        if world.calendar.year_begins:
            rows = np.flatnonzero(h.dibao)
            h.dibao[rows] = self._seen(world, rows, "dibao.review", self.p.error) <= self.p.exit_factor * line
        rows = np.flatnonzero(h.applied)
        h.dibao[rows] = self._seen(world, rows, "dibao.first_look", self.p.error) < line
        h.applied[rows] = False
        h.entitled[rows[~h.dibao[rows]]] = False  # turned down, and not before next year again

    @staticmethod
    def _seen(world: World, rows: NDArray[np.int64], stream: str, error: float) -> NDArray[np.float64]:
        """Income per head as somebody sees it, one error a year."""
        h = world.households
        noise = np.exp(error * world.draws.normal(stream, world.year, h.key[rows]))
        return np.asarray(np.maximum(h.own_income[rows], 1.0) * noise)

    def distribution(self, world: World) -> None:
        rows = np.flatnonzero(world.households.dibao)
        each = self.p.benefit * self.p.line * world.index * world.dt
        due = each * world.residents()[rows]
        paid = world.ledger.transfer(GOVERNMENT, ("household", rows), due, "dibao")
        world.households.dibao_received[rows] += paid / 100.0
