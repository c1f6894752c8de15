"""Households, workers, enterprises and places as ordinary Mesa agents.

Their attributes bear the names of the production's columns (``abm.population.households`` says what each means). What
follows from who belongs to whom is counted when it is asked for and stored nowhere: a household's workers on own
account, an enterprise's staff and labour, the members of a place.
"""

from __future__ import annotations

from math import exp
from typing import TYPE_CHECKING

import mesa

from abm.core.names import INCOME_SOURCES, LAYERS
from abm.population.households import LOCAL_JOB, MIGRANT, OWN_ACCOUNT

if TYPE_CHECKING:
    from tests.reference.institutions import Association, Branch, Collective, Fund, Organization, Partner
    from tests.reference.model import PlainModel


class Payer(mesa.Agent):
    """Somebody with an account: ``fen`` is what is in it."""

    account: str
    overdraws = False
    model: PlainModel

    def __init__(self, model: PlainModel, row: int, account: str = "") -> None:
        super().__init__(model)
        self.row = row
        self.fen = 0
        if account:
            self.account = account
            self.overdraws = account in ("bank", "outside")

    @property
    def cash(self) -> float:
        """Yuan."""
        return self.fen / 100.0


class Household(Payer):
    """农户; an empty dwelling (``inhabited`` False) is one with nobody in it."""

    account = "household"

    def __init__(self, model: PlainModel, row: int) -> None:
        super().__init__(model, row)
        self.place: Place
        self.people: list[Worker] = []
        """Its able workers, in the order of the table."""
        self.ties: dict[str, list[Household]] = {}
        """Households at the other end of its active ties, by kind."""
        self.links: set[str] = set()
        """Kinds of its active links to institutions."""
        self.since: dict[str, int] = {}
        """Kinds of links to institutions that have formed, and in which year."""
        self.grid = 1
        """Number of its grid within its place, from 1."""
        self.masks: dict[str, float] = {}
        """By kind of link the draw that its dwelling's is compared with where a layer is weak."""
        self.inhabited = True
        self.income = dict.fromkeys(INCOME_SOURCES, 0)
        """Disposable income of this year so far by source, fen."""
        self.consumed = 0
        self.received = dict.fromkeys(LAYERS, 0)

    def reaches(self, kind: str) -> bool:
        """Whether something can pass a link of this kind to it."""
        return self.inhabited and kind in self.links

    @property
    def income_so_far(self) -> float:
        """Yuan of this year."""
        return sum(self.income.values()) / 100.0

    @property
    def local(self) -> bool:
        """Of the registered urban population."""
        return self.urban and self.registered

    @property
    def members(self) -> int:
        return self.children + len(self.people) + self.elders + self.disabled

    @property
    def residents(self) -> int:
        """Usual residents: those away for half a year or more are none."""
        return self.members - self.settled_migrants

    @property
    def workers(self) -> int:
        return len(self.people)

    @property
    def own_workers(self) -> int:
        return sum(worker.activity == OWN_ACCOUNT for worker in self.people)

    @property
    def local_workers(self) -> int:
        return sum(worker.activity == LOCAL_JOB for worker in self.people)

    @property
    def migrants(self) -> int:
        return sum(worker.activity == MIGRANT for worker in self.people)

    @property
    def settled_migrants(self) -> int:
        return sum(worker.settled for worker in self.people)


class Worker(mesa.Agent):
    """An able member of a household."""

    model: PlainModel

    def __init__(self, model: PlainModel, household: Household, key: int) -> None:
        super().__init__(model)
        self.household = household
        self.key = key
        self.employer: Firm | None = None

    @property
    def settled(self) -> bool:
        """Away since half a year before this tick."""
        return self.activity == MIGRANT and (self.ticks_away - 1) * self.model.dt >= 0.5

    @property
    def effective_labour(self) -> float:
        """In the present job."""
        return self.skill * exp(self.fit)


class Firm(Payer):
    """企业; one that has closed stays in the list, ``open`` False."""

    account = "enterprise"

    def __init__(self, model: PlainModel, row: int) -> None:
        super().__init__(model, row)
        self.place: Place
        self.owner: Household | None = None
        self.contract_with: Place
        self.staff: list[Worker] = []

    @property
    def workers(self) -> int:
        return len(self.staff)

    @property
    def labour(self) -> float:
        """Effective units."""
        return sum(worker.effective_labour for worker in self.staff)

    @property
    def sells(self) -> bool:
        return self.open and self.sales > 0


class Place(mesa.Agent):
    """A village or community."""

    model: PlainModel

    def __init__(self, model: PlainModel, row: int, name: str) -> None:
        super().__init__(model)
        self.row, self.name = row, name
        self.dwellings: list[Household] = []
        self.firms: list[Firm] = []
        self.branch: Branch
        self.grids: list[Branch] = []
        self.collective: Collective
        self.organization: Organization
        self.association: Association
        self.fund: Fund
        self.platform: Partner | None = None

    @property
    def households(self) -> int:
        return len(self.dwellings)

    @property
    def members(self) -> int:
        return sum(home.members for home in self.dwellings)

    @property
    def workers(self) -> int:
        return sum(home.workers for home in self.dwellings)


COUNTED = {
    Household: ("workers", "own_workers", "local_workers", "migrants", "settled_migrants"),
    Worker: (),
    Firm: ("workers", "labour"),
    Place: ("households", "members", "workers"),
}
"""Columns of the production that the plain agents do not store."""


COUNTS_FOLLOW = {"activity", "employer", "household", "ticks_away", "skill", "fit", "schooling", "children", "elders",
    "disabled"}  # fmt: skip
"""Attributes from which these columns are counted."""


def row_of(agent: Payer | Place | None) -> int:
    """As the production's columns hold a reference to another agent: its row, −1 for nobody."""
    return -1 if agent is None else agent.row
