"""The few as ordinary Mesa agents: party branches, collectives, social organisations, associations and partners."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import mesa

from tests.reference.agents import Payer

if TYPE_CHECKING:
    from tests.reference.agents import Place
    from tests.reference.model import PlainModel


class Branch(mesa.Agent):
    """党组织 of the district, of a village or of a grid; only those of villages have a queue."""

    model: PlainModel

    def __init__(self, model: PlainModel, place: Place | None = None) -> None:
        super().__init__(model)
        self.place = place
        self.capacity = 0.0
        self.meetings = 0.0
        self.allies: list[tuple[Branch, float]] = []
        self.trifles = 0.0
        self.queue = self.served = 0
        self.carry = 0.0
        """Part of a case that is left over."""

    @property
    def able(self) -> float:
        """Cases of a tick that it can handle beside meetings."""
        return self.capacity * (1.0 - self.meetings) * self.model.dt

    def handled(self, waiting: int, helped: float) -> int:
        """Whole cases of this tick: nobody can tell a case from a trifle before looking."""
        self.queue = waiting
        if waiting + self.trifles <= 0:
            self.carry = 0.0
            return 0
        part = min((self.able + helped) / (waiting + self.trifles), 1.0)
        self.trifles -= part * self.trifles
        self.carry = min(self.carry + part * waiting, float(waiting))
        whole = int(self.carry)
        self.carry -= whole
        self.served += whole
        return whole


def help_among(branches: Sequence[Branch], waiting: Sequence[int]) -> list[float]:
    """What allies see to: who has capacity left shares it equally among its overloaded allies, up to what these cannot
    handle themselves; a part of the help gets there."""
    spare = {b: b.able - n - b.trifles for b, n in zip(branches, waiting, strict=True)}
    helped = dict.fromkeys(branches, 0.0)
    for branch in branches:
        overloaded = [(ally, kept) for ally, kept in branch.allies if spare[ally] < 0]
        if spare[branch] > 0:
            for ally, kept in overloaded:
                helped[ally] += min(kept * spare[branch] / len(overloaded), -spare[ally])
    return list(helped.values())


class OfPlace(Payer):
    """An institution of a place that has an account."""

    def __init__(self, model: PlainModel, place: Place) -> None:
        super().__init__(model, place.row)
        self.place = place


class Collective(OfPlace):
    """村集体; incomes in yuan."""

    account = "collective"
    income_year = 0.0
    income_last = 0.0


class Organization(OfPlace):
    """社会组织: the volunteers of a village."""

    account = "social_organization"
    activity = 0.0
    dormant = False

    def plan(self, means: float, participation: float, wake: float, guidance: float) -> float:
        """Activity: means · participation, and a guide does a part of what is left. It falls dormant below ``wake`` and
        wakes half as high again."""
        if participation < wake:
            self.dormant = True
        elif participation >= 1.5 * wake:
            self.dormant = False
        own = 0.0 if self.dormant else means * participation
        self.activity = own + (1.0 - own) * guidance * means
        return self.activity


class Association(OfPlace):
    """庭院经济协会."""

    account = "association"
    service = 1.0
    """Share of its members' produce that it can sell jointly."""
    cost_year = 0.0
    paid_year = 0.0

    def plan(self, unpaid: float) -> None:
        """Service of a new year: full in the first; then that of last year times what it had over what that cost, not
        below what some do for nothing."""
        if self.cost_year > 0:
            carried = (self.cash + self.paid_year) / self.cost_year
            self.service = min(max(self.service * carried, unpaid), 1.0)
        else:
            self.service = 1.0
        self.cost_year = self.paid_year = 0.0


class Fund(OfPlace):
    """共富基金."""

    account = "fund"


class Partner(mesa.Agent):
    """What villages tie themselves to: station, rural bank, academy; and the platform of a place."""

    def __init__(self, model: PlainModel, kind: str, place: Place | None = None) -> None:
        super().__init__(model)
        self.kind, self.place = kind, place
