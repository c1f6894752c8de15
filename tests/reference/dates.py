"""What the calendar brings, as ``abm.world.dated`` and ``abm.model.ticks`` state it: fresh ticks, planned links, money
for programmes, and the year's close. Links between institutions are not restated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abm.graph.joint_points import LINK_KINDS
from abm.scenario.schema import JointPointPlan

if TYPE_CHECKING:
    from tests.reference.model import PlainModel

OF_ONE_TICK = ("busy", "contact", "care_due", "spent", "joint_activity", "helping", "at_stake", "shown",
    "shown_product", "news_organizational", "news_interest", "news_social")  # fmt: skip


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
        """Planned links form, those of before the start with the first year; programme money arrives."""
        m = self.model
        for plan, covered in m.plans:
            if max(plan.from_year, m.first_year) == m.year:
                self.form(plan, covered)
        for envelope in m.envelopes:
            for place in m.places:
                due = envelope.per_head(m.year, place) * place.members_first * m.index
                m.ledger.pay(m.outside, envelope.purses[place.row], due, "envelope")

    def form(self, plan: JointPointPlan, covered: frozenset[int]) -> None:
        """A share of the households, or of their possible ties, by draws of their own; active are those whose other
        draw lies below the strength of the layer."""
        m, kind = self.model, plan.kind
        strength = m.strengths[LINK_KINDS[kind].layer]
        if LINK_KINDS[kind].ends == "household":
            for home in m.households:
                eligible = home.place.row in covered and (home.registered or kind != "membership")
                forms = eligible and m.luck.uniform(f"form.{kind}", 0, home.key) < plan.share
                if forms and home.masks[kind] < strength:
                    home.links.add(kind)
        elif LINK_KINDS[kind].ends == "households":
            left = []
            for tie in m.possible_ties[kind]:
                if tie.one.place.row not in covered or tie.draw >= plan.share:
                    left.append(tie)
                elif tie.mask < strength:
                    tie.one.ties[kind].append(tie.other)
                    tie.other.ties[kind].append(tie.one)
            m.possible_ties[kind] = left

    def close_year(self) -> None:
        """Incomes are counted anew."""
        m = self.model
        for home in m.households:
            home.income_last, home.residents_last = home.income_so_far, home.residents
            home.income, home.received = dict.fromkeys(home.income, 0), dict.fromkeys(home.received, 0)
            home.consumed = 0
        m.ledger.shortfalls.clear()
        m.messages.clear()
