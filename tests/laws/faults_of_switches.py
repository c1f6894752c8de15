"""Planted faults: rules that read switches, what passes a mask, and masks that do more or less than mask."""

import numpy as np

from abm.graph import switching
from abm.graph.joint_points import JointPoints
from abm.graph.kinds import LINK_KINDS
from abm.mechanisms.background.kin_help import KinHelp
from abm.mechanisms.background.trust import Trust
from abm.mechanisms.organizational.whistle import Whistle
from abm.mechanisms.social.mutual_aid import MutualAid
from abm.mechanisms.social.points import Points
from abm.mechanisms.social.volunteers import Volunteers
from abm.scenario.switches import Switch
from abm.world import dated
from abm.world import world as worlds
from abm.world.world import OUTSIDE
from tests.laws.planting import after, fault, instead


def _formed(world, kind):
    """Households whose link has formed, masked or not."""
    return np.flatnonzero((world.points.household[kind].since > 0) & world.points.inhabited)


def _gift(kind, layer, link):
    def give(rule, world):
        world.ledger.transfer(
            OUTSIDE, ("household", _formed(world, link)), 10.0 * world.index * world.dt, kind, layer
        )

    return give


@fault("a rule that reads a switch", "switches")
def _():
    def act(rule, world):
        if any(switch.layer == "social" and switch.in_force(world.year) for switch in world.switches):
            world.households.trust *= 0.99

    return after(Trust, "adaptation", act)


@fault("a rule that reads the strength of a mask", "switches")
def _():
    def act(rule, world):
        for switch in world.switches:
            world.households.participation *= 0.99 + 0.01 * switch.strength

    return after(Trust, "adaptation", act)


@fault("a flow past a mask", "switches")
def _():
    return after(Points, "distribution", _gift("points_goods", "social", "volunteer"))


@fault("a flow past a mask under no layer's name", "switches")
def _():
    return after(Points, "distribution", _gift("points_goods", "", "volunteer"))


@fault("a flow past a mask under another layer's name", "switches")
def _():
    return after(KinHelp, "distribution", _gift("mutual_aid", "interest", "volunteer"))


@fault("messages past a mask", "switches")
def _():
    def tell(rule, world):
        world.message("organizational", len(_formed(world, "case_channel")))

    return after(Whistle, "needs", tell)


@fault("trust past a mask", "switches")
def _():
    def meet(rule, world):
        world.households.trust[_formed(world, "volunteer")] *= 0.99

    return after(Volunteers, "needs", meet)


@fault("a reach that forgets the mask", "switches")
def _():
    def make(own):
        def reaches(points, kind):
            return (
                (points.household[kind].since > 0) & points.inhabited
                if kind == "membership"
                else own(points, kind)
            )

        return reaches

    return instead(JointPoints, "reaches", make)


@fault("news that outlives a cut", "switches")
def _():
    return instead(
        dated, "_FRESH_EACH_TICK", lambda own: tuple(name for name in own if name != "news_social")
    )


@fault("a mask that acts a year late", "switches")
def _():
    return instead(Switch, "in_force", lambda own: lambda switch, year: own(switch, year - 1))


def _apply(change):
    """``apply_switches`` with something else after it."""

    def make(own):
        def apply(points, switches, year, around=None):
            own(points, switches, year, around)
            change(points, [switch for switch in switches if switch.in_force(year)])

        return apply

    return instead(worlds, "apply_switches", make)


@fault("a mask that leaves ties of households alone", "switches")
def _():
    def lift(points, now):
        ties = points.pairs["mutual_aid"]
        ties.active[:] = ties.since > 0
        ties.forget_adjacency()

    return _apply(lift)


@fault("a mask that leaves links of institutions alone", "switches")
def _():
    def lift(points, now):
        for link in points.links_of_kind("vertical"):
            points.set_active(link, True)

    return _apply(lift)


@fault("a switch of a kind that nobody heeds", "switches")
def _():
    def make(own):
        return lambda switch, kind: own(switch, kind) and (kind != "fund" or switch.kind is None)

    return instead(switching, "_names_kind", make)


@fault("a village's mask that leaves links with other villages", "switches")
def _():
    def make(own):
        def limit(switches, kind, village, since, link_id, names, other=-1):
            return own(
                [s for s in switches if other < 0 or s.village is None],
                kind,
                village,
                since,
                link_id,
                names,
                other,
            )

        return limit

    return [instead(switching, "link_limit", make), instead(worlds, "link_limit", make)]


@fault("a link's own switch that nobody heeds", "switches")
def _():
    def make(own):
        return lambda switches, *rest: own([s for s in switches if s.link is None], *rest)

    return [instead(switching, "link_limit", make), instead(worlds, "link_limit", make)]


@fault("a cut that ends links for good", "switches")
def _():
    def end(points, now):
        for kind in ("grid", "points", "case_channel") if any(s.strength == 0 for s in now) else ():
            points.household[kind].draw[~points.household[kind].active] = 1.0

    return _apply(end)


@fault("a cut that rebuilds on lifting", "switches")
def _():
    def rebuild(points, now):
        links = points.household["volunteer"]
        if now:
            links.since[:] = np.roll(links.since, 1)

    return _apply(rebuild)


@fault("weaker masks that do not nest", "switches")
def _():
    def make(own):
        def activate(links, limit, year):
            turned = np.where((limit > 0) & (limit < 0.5), 1.0 - links.draw, links.draw)
            kept, links.draw = links.draw, turned
            try:
                return own(links, limit, year)
            finally:
                links.draw = kept

        return activate

    return instead(switching, "_activate", make)


@fault("a layer's switch that takes the kin along", "switches")
def _():
    def cut(points, now):
        if any(switch.layer == "social" and switch.strength < 1.0 for switch in now):
            points.pairs["kin"].active[:] = False
            points.pairs["kin"].forget_adjacency()

    return _apply(cut)


@fault("help along ties that are masked", "switches")
def _():
    def help_all(rule, world):
        ties = world.points.pairs["mutual_aid"]
        ends = np.unique(np.concatenate([ties.a[ties.since > 0], ties.b[ties.since > 0]]))
        world.ledger.transfer(("household", ends), OUTSIDE, 1.0, "consumption")

    return after(MutualAid, "distribution", help_all)


assert set(LINK_KINDS) >= {"volunteer", "membership", "case_channel"}
