"""Projects (共富项目): capital from outside founds enterprises under contract with the village collective."""

import numpy as np
from numpy.typing import NDArray

from abm.core.draws import name_key
from abm.core.names import SECTORS
from abm.mechanisms.base import Mechanism
from abm.scenario.parameters import Parameter, values_of
from abm.world.choosing import choose_sectors
from abm.world.dated import link_draw
from abm.world.economics import capital_for, productivity_for, suitability
from abm.world.enterprises import enterprise_name, found_enterprises, next_keys
from abm.world.world import OUTSIDE, World

_PROJECT = np.uint64(name_key("project"))


class Project(Mechanism):
    """Where households of a village are tied to its collective (membership), the capital of the programme founds
    project enterprises there, or strengthens those that are small. A project grown inside (内育) takes what the
    place is good at, one brought from outside (外引) what went best in the district last year.

    By contract it reserves a share of its vacancies for members and tells them of it. The other channel: it could
    hire anybody, and anybody can hear of a vacancy on the spot market. Break-point: no membership, no project.
    Failure: a sector that does not fit the place; reserved places that stay empty and cost money; fewer applicants
    to choose from, so a worse fit; crowding with others of its sector (enterprises).

    Reads: membership and project links, envelope. Writes: enterprises, project links, ``contract``, ``reserved``,
    ``news_interest``; money. Draws: by new enterprise.
    Source: 000_dc7ebc0f9aeec511.txt, 三 (二) 利益接点 and 四 (二); docs/MECHANISMS.md M4.
    """

    name, layer = "project", "interest"
    parameters = (
        Parameter("reserved", 0.6, "share of vacancies", (0.4, 0.9), "local hiring", "docs/MECHANISMS.md M4"),
        Parameter("news", 1.5, "1/year", (0.0, 4.0), "telling members of vacancies", "assumed"),
        Parameter("from_outside", 0.5, "share of projects", (0.0, 1.0), "who chooses the sector", "assumed"),
        Parameter("fit_exponent", 0.3, "exponent", (0.0, 1.0), "what a place is good at", "assumed"),
        Parameter("largest", 40.0, "jobs", (5.0, 200.0), "capital of one project at most", "assumed"),
        Parameter("smallest", 0.5, "jobs", (0.1, 10.0), "capital worth founding a project with", "assumed"),
    )  # fmt: skip

    def start(self, world: World) -> None:
        self.shared = values_of(world.settings, "enterprise")

    def enterprise(self, world: World) -> None:
        members = world.by_place(world.points.reaches("membership"))
        self._spend(world, members > 0)
        self._bind(world)

    def _spend(self, world: World, possible: NDArray[np.bool_]) -> None:
        """Turn the envelope into capital of projects, where there is a collective of members to contract with."""
        envelope = world.envelope("project")
        if envelope is None or not world.calendar.year_begins:
            return
        money = world.ledger.yuan("programme", envelope.accounts)
        for place in np.flatnonzero(possible & (money > 0)).tolist():
            account = ("programme", int(envelope.accounts[place]))
            self._invest(world, account, place, float(money[place]))

    def _invest(self, world: World, account: tuple[str, int], place: int, yuan: float) -> None:
        firms, wage = world.enterprises, world.places.wage[place]
        of_one_job = float(capital_for(self.shared, np.array(1.0), wage))
        while yuan > 0:
            here = np.flatnonzero(firms.open & firms.project & (firms.place == place))
            small = here[firms.capital[here] < 0.5 * self.p.largest * of_one_job]
            jobs = min(yuan / (1.1 * of_one_job), self.p.largest)
            if len(small):
                rows, part = small[:1], min(yuan, 0.5 * self.p.largest * of_one_job)
            elif jobs >= self.p.smallest or len(here) == 0:
                rows, part = self._found(world, place, jobs), min(yuan, 1.1 * jobs * of_one_job)
            else:
                rows, part = here[:1], yuan
            world.ledger.transfer(account, ("enterprise", rows), part, "founding_capital", self.layer)
            bought = world.ledger.transfer(("enterprise", rows), OUTSIDE, part / 1.1, "enterprise_investment")
            firms.capital[rows] += bought / 100.0
            yuan -= part if part > 1.0 else yuan

    def _found(self, world: World, place: int, jobs: float) -> NDArray[np.int64]:
        where = np.array([place])
        keys, _ = next_keys(world, where)
        keys = keys ^ _PROJECT
        amenity = world.places.amenity[where]
        sector = choose_sectors(amenity, world.draws.uniform("project.sector", 0, keys))
        if world.draws.uniform("project.from_outside", 0, keys)[0] < self.p.from_outside:
            sector = np.array([self._best(world)])
        suits = suitability(amenity, amenity[:, sector[0]]) ** self.p.fit_exponent
        size = np.array([max(jobs, self.p.smallest)])
        a = productivity_for(self.shared, world.index, size, world.places.wage[where]) * suits
        rows = found_enterprises(world, where, sector, np.array([-1]), np.zeros(1), a, project=True)
        source = enterprise_name(world, int(rows[0]))
        target = world.institutions.collectives[place].name
        world.form_link("project", source, target, place, link_draw(world, "project", source, target))
        world.note(place, "project_founded", SECTORS[int(sector[0])])
        return rows

    @staticmethod
    def _best(world: World) -> int:
        """The sector with the best return on capital in the last year."""
        firms = world.enterprises
        rows = np.flatnonzero(firms.open)
        profit = np.bincount(firms.sector[rows], weights=firms.profit_year[rows], minlength=len(SECTORS))
        capital = np.bincount(firms.sector[rows], weights=firms.capital[rows], minlength=len(SECTORS))
        return int(np.argmax(profit / np.maximum(capital, 1.0)))

    def _bind(self, world: World) -> None:
        """What active contracts mean for hiring this tick."""
        firms, h = world.enterprises, world.households
        firms.contract.fill(False)
        firms.reserved.fill(0.0)
        for link in world.points.active_links("project"):
            row = world.points.graph.nodes[link.source]["agent"].row
            firms.contract[row] = True
            firms.reserved[row] = self.p.reserved
        with_contract = np.bincount(firms.place[firms.contract], minlength=len(world.places)) > 0
        told = world.points.reaches("membership") & with_contract[h.place]
        h.news_interest = np.where(told, world.calendar.chance(self.p.news), 0.0)
