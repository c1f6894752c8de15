"""Volunteers (志愿服务): joint activity, which costs time and money and may build trust."""

import numpy as np
from numpy.typing import NDArray

from abm.mechanisms.base import Mechanism
from abm.scenario.parameters import Parameter
from abm.world.enterprises import buy_here
from abm.world.world import World


class Volunteers(Mechanism):
    """Members of a village's volunteers meet as often as its means and their participation allow (the social
    organisation plans its activity). Who takes part this season spends time on it and comes into contact with others.

    The other channel: everyday contact (trust). Break-point: no volunteers. Failure: with members who hardly take
    part the organisation falls dormant (社会组织乏力); time spent is time not worked.

    Reads: volunteer and station links, participation, envelope. Writes: ``joint_activity``, ``busy``; money.
    Draws: members only.
    Source: 000_dc7ebc0f9aeec511.txt, 三 (三) 社会接点; docs/MECHANISMS.md M8.
    """

    name, layer = "volunteers", "social"
    spends = ("volunteer",)
    parameters = (
        Parameter("full_cost", 60.0, "yuan per member and year", (10.0, 300.0), "full activity", "assumed"),
        Parameter("time", 0.03, "share of working time", (0.0, 0.1), "taking part", "assumed"),
        Parameter("wake", 0.15, "participation", (0.0, 0.4), "below it the organisation falls dormant", "assumed"),
        Parameter("guidance", 0.2, "share of activity", (0.0, 0.5), "social-work station", "assumed"),
        Parameter("own_means", 0.3, "share of full activity", (0.0, 1.0), "activity without any money", "assumed"),
    )  # fmt: skip

    def needs(self, world: World) -> None:
        h = world.households
        members = np.flatnonzero(world.points.reaches("volunteer"))
        guided = {link.target for link in world.points.active_links("station")}
        number = np.bincount(h.place[members], minlength=len(world.places))
        part = np.bincount(h.place[members], weights=h.participation[members], minlength=len(number))
        money = self._money(world)
        activity, spent = np.zeros(len(number)), np.zeros(len(number))
        for place, organization in enumerate(world.institutions.organizations):
            if number[place] == 0:
                organization.activity, organization.dormant = 0.0, False
                continue
            full = self.p.full_cost * world.index * number[place] * world.dt
            means = min(1.0, self.p.own_means + money[place] / full)
            guidance = self.p.guidance if organization.name in guided else 0.0
            activity[place] = organization.plan(means, part[place] / number[place], self.p.wake, guidance)
            spent[place] = min(money[place], activity[place] * full)
        everywhere = np.arange(len(number))
        buy_here(world, ("social_organization", everywhere), everywhere, spent, "activity", self.layer)
        u = world.draws.uniform("volunteers.part", world.calendar.season, h.key[members])
        joins = members[u < h.participation[members]]
        h.joint_activity[joins] = activity[h.place[joins]]
        h.busy[joins] = np.minimum(h.busy[joins] + self.p.time * h.joint_activity[joins], 1.0)
        meetings = 4.0 * world.dt  # one a quarter, however many ticks that is
        world.message(self.layer, meetings * float((h.joint_activity[joins] > 0).sum()))

    def year_end(self, world: World) -> None:
        """What an organisation could not use goes back to its programme, whose unspent money has a use of its own."""
        envelope = world.envelope("volunteer")
        if envelope is not None:
            left = world.ledger.yuan("social_organization")
            accounts = ("programme", envelope.accounts)
            world.ledger.transfer(("social_organization", None), accounts, left, "envelope_return")

    def _money(self, world: World) -> NDArray[np.float64]:
        """Cash of each organisation, yuan, after the programme has paid this tick's part where it has members."""
        envelope = world.envelope("volunteer")
        if envelope is not None:
            possible = world.by_place(world.paid_links(envelope)) > 0
            due = np.where(
                possible, world.ledger.yuan("programme", envelope.accounts) / world.calendar.ticks_left, 0.0
            )
            accounts = ("programme", envelope.accounts)
            world.ledger.transfer(
                accounts, ("social_organization", None), due, "volunteer_budget", self.layer
            )
        return world.ledger.yuan("social_organization")
