"""Party members set an example: what they have tried they show to the households of their grid."""

from collections import defaultdict
from math import exp
from statistics import fmean

from tests.reference.agents import Household
from tests.reference.model import Rule
from tests.reference.shared.technique import factor


class Example(Rule):
    name = "example"

    def needs(self) -> None:
        """P = 1 − exp(−v · m/n · Δ), m who show it in a grid and n who lack it; who shows gives time."""
        m = self.model
        showing: defaultdict[tuple[int, int], list[Household]] = defaultdict(list)
        lacking: defaultdict[tuple[int, int], list[Household]] = defaultdict(list)
        for home in m.households:
            if not home.reaches("grid") or home.own_workers == 0:
                continue
            if not home.improved:
                lacking[home.place.row, home.grid].append(home)
            elif home.party_member:
                showing[home.place.row, home.grid].append(home)
        for grid, members in showing.items():
            others = lacking[grid]
            product = fmean(home.own_value / factor(m, home) for home in members)
            for home in others:
                home.shown = 1.0 - exp(-self.p.visits * len(members) / len(others) * m.dt)
                home.shown_product = product
                m.messages["organizational"] += home.shown
            for home in members if others else ():
                home.busy = min(home.busy + self.p.time / home.own_workers, 1.0)
