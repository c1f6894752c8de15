"""Luck: a draw is a function of seed, stream, time and key. So it does not matter who else there is, who else draws,
in which order anybody asks, or what happens after the switch."""

import random
from collections import defaultdict
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from abm.core.columns import Columns
from abm.core.draws import Draws, Floats, Keys
from abm.core.names import LAYERS
from abm.laws import elsewhere
from abm.laws.idle import Idle
from abm.laws.trial import Trial, standing_in, with_head
from abm.laws.verdicts import Breach, Law, breach_at, breach_of
from abm.laws.watching import CALENDAR, Hidden, Step, Trace, checksums, parting, run_watched
from abm.model.model import JointPointModel
from abm.population.synthesis import households_by_place
from abm.scenario.schema import Scenario
from abm.scenario.switches import Arm
from abm.world import build
from abm.world.world import World

SHARED = frozenset({"labour.reserved"})
"""An enterprise rounds its reserved share once in a tick, for all who apply."""


class WatchedDraws(Draws):
    """Draws that remember what they were asked, and in whose turn."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.asked: defaultdict[tuple[str, int], list[Keys]] = defaultdict(list)
        self.asker: dict[tuple[str, int], Step] = {}
        self.turn = Step(-1, 0, "", "the start")

    def uniform(self, stream: str, when: int, keys: Keys) -> Floats:
        self.asked[(stream, when)].append(np.array(keys, copy=True).reshape(-1))
        self.asker.setdefault((stream, when), self.turn)
        return super().uniform(stream, when, keys)


def by_row_number(asked: dict[tuple[str, int], list[Keys]]) -> Iterator[tuple[str, int]]:
    """Streams asked by row number: a hashed key below 2³² has a chance of 2⁻³², and row numbers all lie there."""
    for name, keys in asked.items():
        if any(some.dtype != np.uint64 or (some < 2**32).any() for some in keys):
            yield name


def asked_twice(asked: dict[tuple[str, int], list[Keys]], first_year: int) -> Iterator[tuple[str, int]]:
    """Streams in which somebody is asked twice in one tick. Draws at 0 and of a year may be looked up again."""
    for (stream, when), some in asked.items():
        keys = np.concatenate(some)
        if 0 < when < first_year and stream not in SHARED and len(np.unique(keys)) < len(keys):
            yield stream, when


class AnyOrder(Draws):
    """Draws asked in another order: of other streams in between, and from the last key to the first."""

    def uniform(self, stream: str, when: int, keys: Keys) -> Floats:
        flat = np.asarray(keys).reshape(-1)
        super().uniform("laws.between", when, flat)
        backwards = super().uniform(stream, when, flat[::-1].copy())
        return backwards[::-1].reshape(np.shape(keys))


# --- one more household -------------------------------------------------------------------------------

FIXED = {
    "households": ("number", "place", "urban", "registered", "party_member", "children", "workers", "elders",
        "disabled", "worker_effect", "standing", "schooling", "skill", "land", "trust", "participation", "capital"),
    "workers": ("schooling", "skill", "moving_cost", "activity"),
}  # fmt: skip
"""What luck alone decides about people before the first tick."""
MATERIAL, FEW = 0.05, 0.05
"""A number differs materially by 5 %; one household more moves markets, and through them a few others, not 5 % of
them. In T District's small world the most is .013."""
MOVED_BY_MARKETS = frozenset({"household", "employer", "place"})
"""Columns that hold row numbers, which one more row shifts."""
WATCHED_YEARS = 2


def _one_more(trial: Trial) -> JointPointModel:
    """The trial's world with one household more in the middle one of its places."""

    def counts(scenario: Scenario, households: int | None) -> NDArray[np.int64]:
        found = households_by_place(scenario, households)
        places = np.flatnonzero(found)
        found[places[len(places) // 2]] += 1
        return found

    with standing_in(build, "households_by_place", counts):
        return trial.model(years=WATCHED_YEARS)


def _twins(a: Columns, b: Columns) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows of those who are in both worlds."""
    _, mine, theirs = np.intersect1d(a.key, b.key, return_indices=True)
    return mine, theirs


def born_the_same(a: World, b: World) -> str:
    """What differs in somebody else's people, ties or links between two built worlds; nothing: an empty text."""
    for table, columns in FIXED.items():
        one, other = getattr(a, table), getattr(b, table)
        mine, theirs = _twins(one, other)
        for name in columns:
            wrong = np.flatnonzero(one[name][mine] != other[name][theirs])
            if len(wrong):
                return f"{table}.{name} of {len(wrong)} others"
    old = set(a.households.key.tolist())
    for kind in a.points.pairs:
        before, after = _ties(a, kind), _ties(b, kind)
        kept = {ends: draws for ends, draws in after.items() if old.issuperset(ends)}
        if kept != before:
            return f"{len(set(kept.items()) ^ set(before.items()))} ties of {kind} among others"
    mine, theirs = _twins(a.households, b.households)
    for kind, links in a.points.household.items():
        if not np.array_equal(links.draw[mine], b.points.household[kind].draw[theirs]):
            return f"draws of {kind} of others"
    return ""


def _ties(world: World, kind: str) -> dict[tuple[int, int], tuple[float, float]]:
    """Ties by the keys of their ends, with their draws."""
    ties, key = world.points.pairs[kind], world.households.key
    ends = zip(key[ties.a].tolist(), key[ties.b].tolist(), strict=True)
    return dict(zip(ends, zip(ties.form_draw.tolist(), ties.draw.tolist(), strict=True), strict=True))


def _state(world: World) -> dict[str, tuple[Keys, NDArray[np.generic]]]:
    """Columns of households and workers, with whose they are, and who has which links."""
    found: dict[str, tuple[Keys, NDArray[np.generic]]] = {}
    for name, table in (("households", world.households), ("workers", world.workers)):
        key = table.key.copy()
        found |= {f"{name}.{c}": (key, table[c].copy()) for c in table if c not in MOVED_BY_MARKETS}
    key = world.households.key.copy()
    for kind, links in world.points.household.items():
        found[f"links of {kind}"] = (key, links.active.copy())
    return found


def _moved(a: tuple[Keys, NDArray], b: tuple[Keys, NDArray]) -> float:
    """Share of those in both worlds for whom a column differs materially."""
    _, mine, theirs = np.intersect1d(a[0], b[0], return_indices=True)
    one, other = a[1][mine], b[1][theirs]
    if one.dtype.kind == "f":
        far = np.abs(one - other) > MATERIAL * np.maximum(np.abs(one), np.abs(other)) + 1e-9
    else:
        far = one != other
    return float(far.reshape(len(far), -1).any(axis=1).mean()) if len(far) else 0.0


def one_more_household(trial: Trial) -> Breach | None:
    """Whom one more household changes beyond what markets carry on, turn by turn."""
    few, more = trial.model(years=WATCHED_YEARS), _one_more(trial)
    born = born_the_same(few.world, more.world)
    if born:
        return Breach(born, "the start", 0, trial.scenario.start_year)
    states: list[dict[str, tuple[Keys, NDArray]]] = []
    run_watched(few, lambda step: states.append(_state(few.world)))
    found: list[Breach] = []
    turns = iter(states)

    def end(step: Step) -> None:
        before, now = next(turns), _state(more.world)
        if not found:
            shares = {name: _moved(before[name], now[name]) for name in before.keys() & now.keys()}
            worst = max(shares, key=lambda name: (shares[name], name))
            if shares[worst] > FEW:
                found.append(breach_at(step, f"{worst} of {shares[worst]:.0%} of the others"))

    run_watched(more, end)
    return found[0] if found else None


# --- laws ---------------------------------------------------------------------------------------------


def laws(trial: Trial) -> Iterator[Law]:
    """The laws of luck."""
    exact = f"{trial.years} years to the last bit"
    yield Law(
        "luck: the same run twice is the same",
        f"another run beside it, generators disturbed, {exact}",
        lambda: _side_by_side(trial),
    )
    yield Law(
        "luck: another process does the same",
        f"two with other hashes of texts, {exact}",
        lambda: elsewhere.apart(trial),
    )
    yield Law(
        "luck: streams may be asked in any order",
        f"other streams in between and keys backwards, {exact}",
        lambda: breach_of(trial.parting(luck=AnyOrder(trial.seed))),
    )
    yield Law(
        "luck: an unused mechanism changes nothing",
        f"one that draws in every phase, listed first and last, {exact}",
        lambda: _with_idle(trial),
    )
    yield Law(
        "luck: all arms are one run before the switch",
        f"cut, programme, thinned and rewired from {trial.switch_year} on",
        lambda: _before_the_switch(trial),
    )
    watched = WatchedDraws(trial.seed)
    yield Law(
        "luck: nobody draws by position",
        "every key of every draw is a hashed one",
        lambda: _asked(trial, watched, by_row=True),
    )
    yield Law(
        "luck: each decision of a tick has a draw of its own",
        "nobody is asked twice by one stream in a tick",
        lambda: _asked(trial, watched, by_row=False),
    )
    yield Law(
        "luck: one more household changes no other's draws or ties",
        f"the start to the last bit, {WATCHED_YEARS} years turn by turn but for {FEW:.0%} of the others",
        lambda: one_more_household(trial),
    )


def _side_by_side(trial: Trial) -> Breach | None:
    """The run again, while another one goes on beside it and the generators of the process are disturbed."""
    model, twin = trial.model(), trial.model()
    disturbed = Trace()

    def begin(step: Step) -> None:
        np.random.seed(step.tick + len(step.mechanism))  # noqa: NPY002
        random.seed(step.tick)
        if step.mechanism == CALENDAR:
            twin.step()

    def end(step: Step) -> None:
        disturbed.steps.append((step, checksums(model.world)))

    plain = Trace()
    run_watched(model, end, begin)
    again = trial.model()
    run_watched(again, lambda step: plain.steps.append((step, checksums(again.world))))
    return breach_of(parting(plain, disturbed))


def _with_idle(trial: Trial) -> Breach | None:
    listed = trial.scenario.scenario.mechanisms
    columns = frozenset(f"{table}.{name}" for table, name, *_ in Idle.columns)
    for mechanisms in (("abm.laws.idle:Idle", *listed), (*listed, "abm.laws.idle:Idle")):
        case = with_head(trial.scenario, mechanisms=mechanisms)
        parted = trial.parting(case, hidden=Hidden(Idle.name, columns))
        if parted is not None:
            return breach_of(parted)
    return None


def _before_the_switch(trial: Trial) -> Breach | None:
    year = trial.switch_year
    arms = (
        Arm(False, False, False, from_year=year),
        Arm(False, False, False, question="programme", from_year=year),
        Arm(0.3, 0.5, 0.7, from_year=year),
        Arm(question="programme", from_year=year, placebo=LAYERS),
    )
    for arm in arms:
        years = year - trial.scenario.start_year
        parted = trial.parting(arm=arm, years=years, until=year)
        if parted is not None:
            return breach_of(parted)
    return None


def _asked(trial: Trial, luck: WatchedDraws, *, by_row: bool) -> Breach | None:
    if not luck.asked:

        def begin(step: Step) -> None:
            luck.turn = step

        run_watched(trial.model(luck=luck), begin=begin)
    if by_row:
        bad, what = next(by_row_number(luck.asked), None), "is asked by row number"
    else:
        bad, what = (
            next(asked_twice(luck.asked, trial.scenario.start_year), None),
            "asks somebody twice in a tick",
        )
    return None if bad is None else breach_at(luck.asker[bad], f"stream {bad[0]} {what}")
