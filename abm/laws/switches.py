"""Switches: what is masked carries nothing, whatever rules call it; and a mask is all that a switch is.

The strongest of these laws compare two runs to the last bit. A link that is masked from the first tick might as well
never have been planned; and where there is nothing to mask, a switch changes nothing. So a rule that reads a switch, or
lets anything pass a masked link under whatever name, breaks one of them.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from itertools import pairwise

import numpy as np

from abm.core.ledger import Entry
from abm.core.names import LAYERS
from abm.graph.kinds import LINK_KINDS
from abm.laws.trial import Trial, with_switches, without_plans
from abm.laws.verdicts import Breach, Law, breach_at, breach_of
from abm.laws.watching import Step, first_parting, run_watched
from abm.model.model import JointPointModel
from abm.scenario.switches import Arm, Switch
from abm.world.world import World

STRENGTHS = (0.0, 0.3, 0.6, 1.0)
LINKS = 12
"""Single links that are masked as a sample."""
_OF_PLANS = frozenset({"places.paired_with"})
"""Columns that say what is planned, masked or not."""


def active_links(world: World) -> dict[str, set[object]]:
    """Active links by kind: rows, pairs of rows, or ids of links between institutions."""
    points = world.points
    links: dict[str, set[object]] = {kind: set() for kind in LINK_KINDS}
    for kind, of_households in points.household.items():
        links[kind].update(np.flatnonzero(of_households.active).tolist())
    for kind, ties in points.pairs.items():
        links[kind].update(zip(ties.a[ties.active].tolist(), ties.b[ties.active].tolist(), strict=True))
    for link in points.links.values():
        if link.active:
            links[link.kind].add(link.id)
    return links


def kinds_of(layer: str) -> tuple[str, ...]:
    """Kinds of links of a layer."""
    return tuple(kind for kind, what in LINK_KINDS.items() if what.layer == layer)


# --- nothing passes -----------------------------------------------------------------------------------


class _Silence:
    """Watches that nothing of some layers moves while they are masked, in some places or everywhere."""

    def __init__(
        self, model: JointPointModel, layers: Iterable[str], since: int, place: str | None = None
    ) -> None:
        self.model, self.layers, self.since, self.place = model, tuple(layers), since, place
        self.breach: Breach | None = None
        self.seen: dict[str, float] = {}
        self.entered = 0

    def begin(self, step: Step) -> None:
        self.seen = dict(self.model.world.messages)
        self.entered = len(self.model.world.ledger.journal or ())

    def end(self, step: Step) -> None:
        world = self.model.world
        new = (world.ledger.journal or [])[self.entered :]
        self.entered += len(new)
        if self.breach is None and step.year >= self.since:
            what = next(self._moved(world, new), None) or next(self._left(world), None)
            self.breach = breach_at(step, what) if what else None
        self.seen = dict(world.messages)

    def _moved(self, world: World, entries: list[Entry]) -> Iterator[str]:
        for entry in entries:
            if entry.layer in self.layers and self._concerns(world, entry):
                yuan = int(entry.paid.sum()) / 100
                yield f"{yuan:.2f} yuan of {entry.kind} pass what is masked ({entry.layer})"
        for layer in self.layers if self.place is None else ():
            more = world.messages[layer] - self.seen.get(layer, 0.0)
            if more > 0.0:
                yield f"{more:g} messages pass what is masked ({layer})"

    def _concerns(self, world: World, entry: Entry) -> bool:
        """Whether a flow has a household of the masked place at an end; without a place, all flows do."""
        if self.place is None:
            return True
        here = world.households.place == world.place_names.index(self.place)
        ends = (rows for who, rows in (entry.payer, entry.payee) if who == "household" and rows is not None)
        return any(bool(here[np.atleast_1d(rows)].any()) for rows in ends)

    def _left(self, world: World) -> Iterator[str]:
        for layer in self.layers if self.place is None else ():
            if world.households[f"news_{layer}"].any():
                yield f"news of the masked {layer} layer"
            if any(active_links(world)[kind] for kind in kinds_of(layer)):
                yield f"an active link of the masked {layer} layer"


def silent(trial: Trial, arm: Arm, layers: Iterable[str], since: int) -> Breach | None:
    """The first that moves through masked layers, if anything does."""
    model = trial.model(arm=arm, journal=True)
    watch = _Silence(model, layers, since)
    run_watched(model, watch.end, watch.begin)
    return watch.breach


def _silent_village(trial: Trial, village: str) -> Breach | None:
    case = with_switches(trial.scenario, Switch(village=village))
    model = trial.model(case, journal=True)
    watch = _Silence(model, LAYERS, trial.scenario.start_year, village)

    def end(step: Step) -> None:
        watch.end(step)
        points, place = model.world.points, model.world.place_names.index(village)
        here = model.world.households.place == place
        if watch.breach is None and points.degrees()[:, here].any():
            watch.breach = breach_at(step, f"a household of {village} has an active link")
        links = (link for link in points.links.values() if place in (link.village, link.other))
        if watch.breach is None and any(link.active for link in links):
            watch.breach = breach_at(step, f"an institution of {village} has an active link")

    run_watched(model, end, watch.begin)
    return watch.breach


def _masked_links(trial: Trial) -> Breach | None:
    """Whether a sample of links is absent from the graph in every turn of a run in which each is masked."""
    plain = trial.model()
    run_watched(plain)
    active = sorted(link.id for link in plain.world.points.links.values() if link.active)
    ids = active[:: max(len(active) // LINKS, 1)]
    model = trial.model(with_switches(trial.scenario, *(Switch(link=link) for link in ids)))
    found: list[Breach] = []

    def end(step: Step) -> None:
        if not found:
            keys = {key for *_, key in model.graph.edges(keys=True)}
            found.extend(
                breach_at(step, f"the masked link {link} is in the graph") for link in ids if link in keys
            )

    run_watched(model, end)
    return found[0] if found else None


# --- laws ---------------------------------------------------------------------------------------------


def laws(trial: Trial) -> Iterator[Law]:
    """Layers, kinds, villages and single links; off and on; nesting."""
    start, year = trial.scenario.start_year, trial.switch_year
    planned = {plan.kind for plan in trial.scenario.joint_points}
    kinds = [kind for kind in LINK_KINDS if kind in planned]
    names = trial.places
    yield Law(
        "switches: where there is nothing to mask, one changes nothing",
        "no plans of joint-points, every layer on and off, to the last bit",
        lambda: _nothing_to_mask(trial, planned),
    )
    yield Law(
        "switches: nothing passes a layer at strength 0",
        "flows, messages, news and links in every turn",
        lambda: _first_of(LAYERS, lambda layer: silent(trial, _without(layer), [layer], start)),
    )
    yield Law(
        "switches: nothing passes any layer once it is cut",
        f"all three at once, from {year} on",
        lambda: silent(trial, Arm(False, False, False, from_year=year), LAYERS, year),
    )
    yield Law(
        "switches: a masked layer is one that was never planned",
        f"{len(LAYERS)} layers, to the last bit",
        lambda: _first_of(LAYERS, lambda one: _never_planned(trial, kinds_of(one), Switch(layer=one))),
    )
    yield Law(
        "switches: a masked kind is one that was never planned",
        f"{len(kinds)} kinds of links, to the last bit",
        lambda: _first_of(kinds, lambda kind: _never_planned(trial, (kind,), Switch(kind=kind))),
    )
    yield Law(
        "switches: nothing passes a masked village",
        f"{len(names)} villages, flows and links of their households and institutions",
        lambda: _first_of(names, lambda village: _silent_village(trial, village)),
    )
    yield Law(
        "switches: a masked link is in the graph at no time",
        f"a sample of {LINKS} links between institutions and more, each masked",
        lambda: _masked_links(trial),
    )
    yield Law(
        "switches: off and on again restores the links",
        f"all layers off in {start + 1} alone",
        lambda: _off_and_on(trial),
    )
    yield Law(
        "switches: masks nest in strength",
        f"strengths {', '.join(f'{s:g}' for s in STRENGTHS)}, kind by kind",
        lambda: _nested(trial),
    )


def _without(layer: str) -> Arm:
    organizational, interest, social = (one != layer for one in LAYERS)
    return Arm(organizational, interest, social)


def _first_of(cases: Iterable[str], find: Callable[[str], Breach | None]) -> Breach | None:
    """The breach of the first case that has one, which it names."""
    for case in cases:
        breach = find(case)
        if breach is not None:
            return replace(breach, what=f"{breach.what} ({case} masked)")
    return None


def _nothing_to_mask(trial: Trial, planned: Iterable[str]) -> Breach | None:
    bare = without_plans(trial.scenario, planned)
    off = (Arm(False, False, False), Arm(False, False, False, from_year=trial.switch_year))
    for arm in off:
        parted = first_parting(partial(trial.model, bare), partial(trial.model, bare, arm=arm))
        if parted is not None:
            return breach_of(parted)
    return None


def _never_planned(trial: Trial, kinds: Iterable[str], switch: Switch) -> Breach | None:
    masked, never = with_switches(trial.scenario, switch), without_plans(trial.scenario, kinds)
    if any(plan.pays_for == switch.kind for plan in never.programmes):
        never = with_switches(never, switch)  # a programme founds what it ties without a plan
    return breach_of(first_parting(lambda: trial.model(masked), lambda: trial.model(never), but=_OF_PLANS))


STABLE = tuple(
    kind for kind, what in LINK_KINDS.items() if what.ends != "institutions" and what.layer in LAYERS
)
"""Kinds whose links do not hang on the fortunes of enterprises or families."""


def _off_and_on(trial: Trial) -> Breach | None:
    """Households' links of a run that is cut in its second year alone, beside those of one that is not."""
    year = trial.scenario.start_year + 1
    cut = Switch(from_year=year, to_year=year)
    model, plain = trial.model(with_switches(trial.scenario, cut)), trial.model()
    found: list[Breach] = []

    def end(step: Step) -> None:
        if found or not model.world.calendar.year_ends:
            return
        here = active_links(model.world)
        if step.year == year:
            left = [kind for layer in LAYERS for kind in kinds_of(layer) if here[kind]]
            found.extend(breach_at(step, f"links of {kind} are active while all are off") for kind in left)
            return
        there = at_year_end[step.year]
        found.extend(
            breach_at(
                step, f"{len(here[kind] ^ there[kind])} links of {kind} are not as if they had stayed on"
            )
            for kind in STABLE
            if here[kind] != there[kind] and kind not in _HANG_ON_FORTUNE
        )
        found.extend(
            breach_at(step, f"link {link.id} does not come back")
            for link in model.world.points.links.values()
            if link.active is (link.dud or bool(model.world.points.down & {link.source, link.target}))
        )

    at_year_end: dict[int, dict[str, set[object]]] = {}
    run_watched(plain, lambda step: at_year_end.update({step.year: active_links(plain.world)}))
    run_watched(model, end)
    return found[0] if found else None


_HANG_ON_FORTUNE = frozenset({"membership"})
"""Who comes and goes decides who can be a member, and hangs on work."""


def _nested(trial: Trial) -> Breach | None:
    """Links of households in years of different histories; those of institutions before histories differ."""
    found = []
    for strength in STRENGTHS:
        model = trial.model(arm=Arm(strength, strength, strength), years=2)
        model.step()
        first = active_links(model.world)
        model.run()
        found.append((strength, first, active_links(model.world), model.world))
    for (weak, a, later_a, world), (strong, b, later_b, _) in pairwise(found):
        for kind, what in LINK_KINDS.items():
            beyond = a[kind] - b[kind] if what.layer in LAYERS else a[kind] ^ b[kind]
            if kind in STABLE and kind not in _HANG_ON_FORTUNE:
                beyond |= later_a[kind] - later_b[kind]
            if beyond:
                step = Step(world.tick, world.year, "", "the calendar")
                return breach_at(
                    step, f"{len(beyond)} links of {kind} at strength {weak:g} and not at {strong:g}"
                )
    return None
