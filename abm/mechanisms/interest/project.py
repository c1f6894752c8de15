"""Projects (共富项目): capital from outside founds enterprises under contract with the village collective."""

import numpy as np

from abm.mechanisms.base import Mechanism
from abm.scenario.parameters import Parameter
from abm.world.capital import lay_out, members_of
from abm.world.world import World


class Project(Mechanism):
    """At year-end the capital of the programme founds enterprises in its villages, or strengthens those that are small.
    One grown inside (内育) takes what the place is good at, one brought from outside (外引) what went best in the
    district last year. Where households are tied to the collective (membership), a link to it forms with each. While
    that is active, and some of those ties are, the enterprise is a *project* under contract; else it is an ordinary
    one, with the same capital (in a withheld budget there is none for it).

    By contract a project reserves a share of its vacancies for members and tells them of it. Farming, tourism,
    processing, solar power (光伏) and services differ by what the place is good at, by the year's demand and by how
    crowded they are, not by technique: shares of labour and capital of revenue are the same, since the enterprises of
    the start, fitted by their jobs, are of all sectors. So a solar plant here gives more jobs to its capital than
    a real one. Farm and tourism combine (农旅融合) where households let yards to a tourism project (``homestay``).

    The other channel: it could hire anybody, and anybody can hear of a vacancy on the spot market. Break-point: no
    membership, no project. Failure: a sector that does not fit the place; reserved places that stay empty and cost
    money; fewer applicants to choose from, so a worse fit; crowding with others of its sector (``demand``).

    Reads: membership and project links, envelope. Writes: enterprises, project links, ``contract``, ``reserved``,
    ``news_interest``; money. Draws: by new enterprise (``abm.world.capital``).
    Source: 000_dc7ebc0f9aeec511.txt, 三 (二) 利益接点 and 四 (二); docs/MECHANISMS.md M4. The shift between sectors
    (M11) is measured (``workers_primary`` …) and follows from where the jobs are.
    """

    name, layer = "project", "interest"
    spends = ("project",)
    parameters = (
        Parameter("reserved", 0.6, "share of vacancies", (0.4, 0.9), "local hiring", "docs/MECHANISMS.md M4"),
        Parameter("news", 0.3, "probability per search", (0.0, 0.8), "telling members of vacancies", "assumed"),
    )  # fmt: skip

    def enterprise(self, world: World) -> None:
        """What active contracts mean for hiring this tick."""
        firms, h, members = world.enterprises, world.households, members_of(world)
        firms.contract.fill(False)
        firms.reserved.fill(0.0)
        for link in world.points.active_links("project"):
            enterprise, collective = world.points.agents(link)
            row = enterprise.row
            firms.contract[row], firms.contract_with[row] = members[collective.place] > 0, collective.place
            firms.reserved[row] = self.p.reserved * firms.contract[row]
        with_contract = np.bincount(firms.contract_with[firms.contract], minlength=len(world.places)) > 0
        told = world.points.reaches("membership") & with_contract[h.place]
        h.news_interest = np.where(told, self.p.news, 0.0)

    def year_end(self, world: World) -> None:
        """Turn the envelope into capital of enterprises."""
        envelope = world.envelope("project")
        if envelope is None:
            return
        money = world.ledger.yuan("programme", envelope.accounts)
        for place in np.flatnonzero(money > 0).tolist():
            account = ("programme", int(envelope.accounts[place]))
            lay_out(world, account, place, float(money[place]), self.layer)
