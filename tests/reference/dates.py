"""What the calendar brings, as ``abm.world.dated`` and ``abm.model.ticks`` state it: fresh ticks, planned links, money
for programmes, and the year's close."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abm.graph.kinds import LINK_KINDS
from abm.scenario.schema import JointPointPlan
from tests.reference.institutions import Partner
from tests.reference.planned import institutional

if TYPE_CHECKING:
    from tests.reference.model import PlainModel

OF_ONE_TICK = ("busy", "contact", "care_due", "spent", "joint_activity", "helping", "at_stake", "shown",
    "shown_product", "news_organizational", "news_interest", "news_social")  # fmt: skip
LATER_TOO = ("liaison", "pairing")
"""Kinds of links that enterprises founded since get, too."""


class Dates:
    """Acts before the first phase of a tick and after the last of a year."""

    def __init__(self, model: PlainModel) -> None:
        self.model = model

    def begin_tick(self) -> None:
        """What belongs to one tick only starts from nothing."""
        m = self.model
        m.tick += 1
        m.told.clear()
        for home in m.households:
            for name in OF_ONE_TICK:
                setattr(home, name, 0.0)
            home.online = False
            home.cash_first = home.cash
        if m.year_begins:
            self.begin_year()

    def begin_year(self) -> None:
        """Planned links form, those of the start in all years up to the first; masks apply; money arrives."""
        m = self.model
        for plan, covered in m.plans:
            of_the_start = plan.from_year <= m.first_year
            begins = m.year <= m.first_year if of_the_start else plan.from_year == m.year
            if begins or (plan.kind in LATER_TOO and plan.from_year <= m.plan_year):
                self.form(plan, covered)
        m.points.refresh(m.households)
        m.points.refresh_ties()
        for envelope in m.envelopes:
            for place in m.places:
                due = envelope.per_head(m.plan_year, place) * place.members_first * m.index
                m.ledger.pay(m.outside, envelope.purses[place.row], due, "envelope")

    def form(self, plan: JointPointPlan, covered: frozenset[int]) -> None:
        """A share of the households, of their possible ties or of the institutions, each by a draw of its own."""
        m, kind = self.model, plan.kind
        if LINK_KINDS[kind].ends == "household":
            for home in m.households:
                eligible = home.place.row in covered and (home.registered or kind != "membership")
                if eligible and m.luck.uniform(f"form.{kind}", 0, home.key) < plan.share:
                    home.since.setdefault(kind, m.plan_year)
            if kind == "digital":
                for place in m.places:  # whose households are linked to it, has a platform
                    if place.platform is None and any(kind in home.since for home in place.dwellings):
                        place.platform = Partner(m, "platform", place)
        elif LINK_KINDS[kind].ends == "households":
            m.points.ties[kind] = [
                tie._replace(since=m.plan_year)
                if not tie.since and tie.one.place.row in covered and tie.draw < plan.share
                else tie
                for tie in m.points.ties[kind]
            ]
        else:
            institutional(m, plan, [place for place in m.places if place.row in covered])

    def close_year(self) -> None:
        """Incomes are counted anew."""
        m = self.model
        for home in m.households:
            home.income_last, home.residents_last = home.income_so_far, home.residents
            home.income, home.received = dict.fromkeys(home.income, 0), dict.fromkeys(home.received, 0)
            home.consumed = 0
        m.ledger.shortfalls.clear()
        m.messages.clear()
