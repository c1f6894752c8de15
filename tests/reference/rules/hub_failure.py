"""Hubs that fail: for a time a branch, the social-work station or a platform carries nothing."""

from math import exp

import mesa

from tests.reference.agents import Place
from tests.reference.luck import key_of, name_key
from tests.reference.model import Rule


class HubFailure(Rule):
    name = "hub_failure"

    def hubs(self) -> list[tuple[mesa.Agent, Place | None, str, str]]:
        """Institution, its place, its kind and what it is called."""
        m = self.model
        found = [
            (m.district, None, "district", "district branch"),
            (m.station, None, "social_work_station", "social-work station"),
        ]
        found += [(place.branch, place, "village", "village branch") for place in m.places]
        found += [(place.platform, place, "platform", "platform") for place in m.places if place.platform]
        return found

    def ties(self) -> None:
        """P(fails) = λ/(λ + μ) · (1 − e^{−(λ + μ)Δ}), P(works again) likewise with μ."""
        m, fails, mends = self.model, self.p.rate, 1.0 / self.p.length
        moves = (1.0 - exp(-(fails + mends) * m.dt)) / (fails + mends)
        down = set(m.points.down)
        for hub, place, kind, what in self.hubs():
            key = key_of(place.id if place else 0, name_key(kind))
            u = m.luck.uniform("hub_failure.state", m.tick, key)
            if hub in down and u < mends * moves:
                down.discard(hub)
                m.note(place, "hub_works_again", what)
            elif hub not in down and u < fails * moves:
                down.add(hub)
                m.note(place, "hub_fails", what)
        m.points.break_down(down)
