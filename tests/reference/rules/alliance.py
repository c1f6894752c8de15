"""Alliances: branches of two villages pool staff and news, and pair with enterprises of another place."""

from collections.abc import Iterator

from tests.reference.agents import Place
from tests.reference.luck import key_of, pair_key
from tests.reference.model import Rule


class Alliance(Rule):
    name = "alliance"

    def allied(self) -> Iterator[tuple[Place, Place]]:
        """Both ways."""
        for link in self.model.points.active("alliance"):
            yield link.place, link.other
            yield link.other, link.place

    def ties(self) -> None:
        """Who helps whom, and who meets."""
        for place in self.model.places:
            place.branch.allies, place.branch.meetings = [], 0.0
        for one, other in self.allied():
            one.branch.allies.append((other.branch, 1.0 - self.p.loss))
            one.branch.meetings = self.p.meetings

    def enterprise(self) -> None:
        """Paired enterprises tell the branch themselves; what others tell it, its ally hears, or does not."""
        m, told = self.model, self.model.told["organizational"]
        told += [(link.target, link.place) for link in m.points.active("pairing")]
        for one, other in self.allied():
            for link in m.points.active("liaison"):
                key = pair_key(link.target.key, key_of(other.id))
                lost = m.luck.uniform("alliance.news", m.tick, key) < self.p.loss
                if link.place is one and not lost:
                    told.append((link.target, other))
