"""Disability and frailty."""

from tests.reference.model import Rule
from tests.reference.shared.people import leave, within_a_year


class Disability(Rule):
    name = "disability"

    def people(self) -> None:
        """A worker becomes unable to work at a rate."""
        m = self.model
        if m.burning_in:
            return
        chance = within_a_year(self.p.onset)
        unable = [w for w in m.workers if m.luck.uniform("disability.onset", m.year, w.key) < chance]
        for worker in unable:
            worker.household.disabled += 1
        leave(unable)

    def needs(self) -> None:
        """Care at home takes time of those on own account."""
        for home in self.model.households:
            care = self.p.care * (home.disabled + self.p.frail * home.elders)
            if home.own_workers > 0:
                home.busy = min(home.busy + care / home.own_workers, 1.0)

    def distribution(self) -> None:
        """The province pays an allowance per disabled member."""
        m = self.model
        for home in m.households:
            due = self.p.allowance * m.index * m.dt * home.disabled
            m.ledger.pay(m.outside, home, due, "disability_allowance")
