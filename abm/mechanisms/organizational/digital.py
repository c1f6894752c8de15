"""Platforms of villages and communities (数据赋能·智慧社区·智慧乡村): who can use them saves hops and distance."""

import numpy as np
from numpy.typing import NDArray

from abm.core.draws import key_of
from abm.mechanisms.base import Mechanism
from abm.scenario.parameters import Parameter
from abm.world.enterprises import buy_here
from abm.world.world import OUTSIDE, World


class Digital(Mechanism):
    """A household with an active link to the platform of its place can use it with

        P = f · d / (1 + e^{−(y − ȳ)/σ}),    d = 1, or d₀ where no worker lives at home,

    by a fixed lot: y are the mean years of schooling of its workers, f the part of the linked households whose upkeep
    the programme's money covers. Who can learns it at a rate, which takes time once, and from then on is ``online``.

    What passes: a household online hands in a case itself, and the message goes straight to who decides, by one hop
    (whistle), to be handled with all others; and the district's vacancies are as near to it as to the town, whatever
    its distance from the market (labour). Sales over a platform (电商) are left out: no source tells the trader's
    margin from the platform's, and own-account produce has one price per place here, so that a better one for some
    would be put in by hand.

    The other channel: the window of the branch and the patrol; the spot market by distance, kin. Break-point: no link,
    a platform that is down (``hub_failure``) or unpaid. Failure: the digital divide (数字鸿沟), so that who has little
    schooling, or is old and alone, gains least; more cases for a branch of the same capacity; breaches (数据泄露): at a
    rate data of a place are stolen and a part of those online is defrauded of money. Each of them loses a share ω of
    its trust at once, directly: ``unfair`` is the running level of another rule, and a swindle is no rewarded idler.

    Reads: digital links, ``schooling``, workers at home, cash. Writes: ``online``, ``busy``, ``trust``, own column;
    money; ``events``. Draws: linked households; breaches by place.
    Source: 000_dc7ebc0f9aeec511.txt, 五 (四) (数据赋能); docs/MECHANISMS.md M13, M2.
    """

    name, layer = "digital", "organizational"
    spends = ("digital",)
    parameters = (
        Parameter("schooling", 9.0, "years", (5.0, 14.0), "of whom half can use it, ȳ", "assumed"),
        Parameter("divide", 2.0, "years", (0.5, 6.0), "how gently use rises with schooling, σ", "assumed"),
        Parameter("elders", 0.3, "factor", (0.0, 1.0), "where no worker lives at home, d₀", "assumed"),
        Parameter("learns", 1.0, "1/year", (0.2, 6.0), "who can and does not yet", "assumed"),
        Parameter("time", 0.005, "years of work", (0.0, 0.03), "learning it, once", "assumed: a day or two"),
        Parameter("upkeep", 40.0, "yuan per linked household and year", (5.0, 200.0), "the platform", "assumed"),
        Parameter("breach", 0.1, "1/year per place", (0.0, 0.5), "data stolen", "assumed"),
        Parameter("defrauded", 0.03, "share of those online", (0.0, 0.2), "in a breach", "assumed"),
        Parameter("loss", 3000.0, "yuan", (200.0, 20000.0), "of each, at most its cash", "assumed"),
        Parameter("wound", 0.1, "share of trust", (0.0, 0.4), "of each, ω", "assumed"),
    )  # fmt: skip
    columns = (("households", "platform_learnt", np.bool_, False),)

    def needs(self, world: World) -> None:
        """Keep the platforms going; who can use one learns to, and who has learnt uses it."""
        h = world.households
        able = self._able(world)
        if len(able) == 0:
            return
        new = able[~h.platform_learnt[able]]
        u = world.draws.uniform("digital.learns", world.tick, h.key[new])
        new = new[u < world.calendar.chance(self.p.learns)]
        h.platform_learnt[new] = True
        at_home = new[h.own_workers[new] > 0]
        spent = self.p.time / world.dt / h.own_workers[at_home]
        h.busy[at_home] = np.minimum(h.busy[at_home] + spent, 1.0)
        online = able[h.platform_learnt[able]]
        h.online[online] = True
        world.message(
            self.layer, 4.0 * world.dt * len(online)
        )  # once a quarter each, however many ticks that is

    def distribution(self, world: World) -> None:
        """Breaches, and who is defrauded."""
        h, p = world.households, self.p
        rows = np.flatnonzero(h.online)
        if len(rows) == 0:
            return
        u = world.draws.uniform("digital.breach", world.tick, key_of(world.places.id))
        rows = rows[(u < world.calendar.chance(p.breach))[h.place[rows]]]
        lot = world.draws.uniform("digital.defrauded", world.tick, h.key[rows])
        lost = rows[lot < p.defrauded]
        money = np.minimum(p.loss * world.index, world.ledger.yuan("household", lost))
        world.ledger.transfer(("household", lost), OUTSIDE, money, "fraud", self.layer)
        h.trust[lost] *= 1.0 - p.wound
        for place in np.unique(h.place[rows]).tolist():
            world.note(place, "data_breach", f"{int((h.place[lost] == place).sum())} households")

    def _able(self, world: World) -> NDArray[np.int64]:
        """Rows of the households that can use a platform in this tick; pays for its upkeep."""
        h, envelope = world.households, world.envelope("digital")
        if envelope is None:
            return np.zeros(0, np.int64)
        paid = world.paid_links(envelope)
        if not paid.any():
            return np.zeros(0, np.int64)
        money = world.ledger.yuan("programme", envelope.accounts) / world.calendar.ticks_left
        due = self.p.upkeep * world.index * world.dt * world.by_place(paid)
        covered = np.minimum(money / np.maximum(due, 0.01), 1.0)
        accounts, everywhere = ("programme", envelope.accounts), np.arange(len(money))
        buy_here(world, accounts, everywhere, np.minimum(due, money), "platform_upkeep", self.layer)
        rows = np.flatnonzero(paid)
        alone = h.own_workers[rows] + h.local_workers[rows] == 0
        logit = (h.schooling[rows] - self.p.schooling) / self.p.divide
        chance = np.where(alone, self.p.elders, 1.0) / (1.0 + np.exp(-logit))
        lot = world.draws.uniform("digital.able", 0, h.key[rows])
        return rows[lot < covered[h.place[rows]] * chance]
