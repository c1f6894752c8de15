"""The subsistence allowance (低保): on application, by observed income, paid from the district's budget."""

import numpy as np

from abm.mechanisms.base import Mechanism
from abm.scenario.parameters import Parameter
from abm.world.world import GOVERNMENT, World


class Dibao(Mechanism):
    """A registered household whose true income per head lies under the line is entitled. It applies by itself at a
    hazard. Income is observed with an error, ln ŷ = ln y + σξ, for the applicant and at each yearly review:
    listed if ŷ < line, taken off if ŷ > exit · line. The benefit is flat per resident, apart from the listing.

    Reads: ``income_last``. Writes: ``entitled``, ``applied``, ``dibao``; money. Draws: applications of the
    entitled, observations of those concerned.
    Source: docs/MODEL.md, *Targeting*; docs/TRIAL.md on keeping listing and benefit apart; M16.
    """

    name, layer = "dibao", "background"
    parameters = (
        Parameter("line", 6000.0, "yuan per head and year", (3000.0, 9000.0), "listing", "assumed; M16 floor"),
        Parameter("benefit", 0.5, "share of the line", (0.2, 1.0), "payment", "assumed"),
        Parameter("apply_rate", 0.4, "1/year", (0.05, 2.0), "own application", "assumed; M16 take-up"),
        Parameter("error", 0.3, "log standard deviation", (0.0, 0.8), "observed income", "assumed; M31"),
        Parameter("exit_factor", 1.3, "factor of the line", (1.0, 2.0), "review", "assumed"),
    )  # fmt: skip

    def needs(self, world: World) -> None:
        """The entitled learn of it at the start of a year, and some apply by themselves."""
        h = world.households
        if world.calendar.year_begins:
            per_head = h.income_last / np.maximum(h.residents_last, 1)
            h.entitled = h.registered & (per_head < self.p.line * world.index)
        rows = np.flatnonzero(h.entitled & ~h.dibao & ~h.applied)
        u = world.draws.uniform("dibao.apply", world.tick, h.key[rows])
        h.applied[rows[u < world.calendar.chance(self.p.apply_rate)]] = True

    def targeting(self, world: World) -> None:
        h = world.households
        rows = np.flatnonzero(h.applied)
        h.dibao[rows] = self._observed(world, rows, "dibao.first_look") < self.p.line * world.index
        h.applied[rows] = False
        if world.calendar.year_begins:
            rows = np.flatnonzero(h.dibao)
            stays = (
                self._observed(world, rows, "dibao.review") <= self.p.exit_factor * self.p.line * world.index
            )
            h.dibao[rows] = stays

    def _observed(self, world: World, rows: np.ndarray, stream: str) -> np.ndarray:
        h = world.households
        per_head = np.maximum(h.income_last[rows] / np.maximum(h.residents_last[rows], 1), 1.0)
        return per_head * np.exp(self.p.error * world.draws.normal(stream, world.tick, h.key[rows]))

    def distribution(self, world: World) -> None:
        rows = np.flatnonzero(world.households.dibao)
        each = self.p.benefit * self.p.line * world.index * world.dt
        world.ledger.transfer(GOVERNMENT, ("household", rows), each * world.residents()[rows], "dibao")
