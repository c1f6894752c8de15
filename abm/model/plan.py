"""From a scenario to what will run: mechanisms in order, and every parameter with its value."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from abm.core.errors import InputError, nearest
from abm.core.phases import PHASES
from abm.graph import formation
from abm.graph.kinds import LINK_KINDS
from abm.graph.link_ids import check_link_id
from abm.mechanisms.base import Mechanism
from abm.mechanisms.registry import find_mechanism
from abm.population import synthesis
from abm.scenario.load import read_scenario, settings_of
from abm.scenario.parameters import Catalogue, Setting, catalogue_of
from abm.scenario.references import check_switch
from abm.scenario.schema import Scenario
from abm.scenario.switches import Arm, Switch
from abm.world import build, capital, credit, economics, partners, people, technique

SHARED = (
    ("synthesis", synthesis.PARAMETERS),
    ("ties", formation.PARAMETERS),
    ("start", build.PARAMETERS),
    ("enterprise", economics.PARAMETERS),
    ("capital", capital.PARAMETERS),
    ("credit", credit.PARAMETERS),
    ("technique", technique.PARAMETERS),
    ("people", people.PARAMETERS),
    ("partners", partners.PARAMETERS),
)
"""Parameters that belong to no mechanism, by owner."""


PLANNED = frozenset(LINK_KINDS) - {"kin"}
"""Kinds of links that a scenario can plan; kin are there from the start."""


def load_scenario(name: str | Path, overrides: Mapping[str, object] | None = None) -> Scenario:
    """Read a scenario by path or name and check all of it, mechanisms and parameters included.

    Args:
        name: path of a TOML file, or the name of a ready one (``t_district``).
        overrides: dotted keys and values laid over the file, e.g. ``{"labour.quit_rate": 0.2}``.

    Raises:
        InputError: one line that names file, key and mend.
    """
    scenario = read_scenario(name, overrides)
    check_scenario(scenario)
    return scenario


def check_scenario(scenario: Scenario) -> None:
    """Check what the file's shape alone does not show: mechanisms, parameters, kinds of links."""
    _check_company(scenario)  # first: the file may set parameters of the one that is missing
    chosen = settings(scenario)
    for rule in mechanism_classes(scenario):
        rule.check(scenario, chosen)
    paid_for = frozenset(kind for rule in mechanism_classes(scenario) for kind in rule.spends)
    for table, field in (("joint_points", "kind"), ("programmes", "pays_for")):
        for i, row in enumerate(getattr(scenario, table), 1):
            kind = getattr(row, field)
            key = f"{table}.{i}.{field}"
            _check_kind(scenario, kind, key)
            known = PLANNED if table == "joint_points" else paid_for
            if kind not in known:
                raise InputError(
                    f"'{kind}' is not formed by plan"
                    if table == "joint_points"
                    else f"no rule spends money on '{kind}'",
                    file=scenario.file,
                    key=key,
                    mend=f"use one of: {', '.join(sorted(known))}"
                    if table == "joint_points"
                    else f"list a mechanism that does; those listed spend on: {', '.join(sorted(known)) or 'nothing'}",
                )
            if table == "programmes" and LINK_KINDS[kind].layer != row.layer:
                raise InputError(
                    f"'{kind}' is {LINK_KINDS[kind].layer}, not {row.layer}",
                    file=scenario.file,
                    key=f"{table}.{i}.layer",
                    mend="give the layer of the links it pays for",
                )
    for i, plan in enumerate(scenario.joint_points, 1):
        if plan.kind == "alliance" and len(scenario.selected(plan.places)) == 1:
            raise InputError(
                "an alliance of one place",
                file=scenario.file,
                key=f"joint_points.{i}.places",
                mend="name two places or more",
            )
    for i, switch in enumerate(scenario.switches, 1):
        _check_links(scenario, switch, f"switches.{i}")


def _check_company(scenario: Scenario) -> None:
    """Each mechanism has a name of its own and finds those listed that it cannot do without."""
    listed = mechanism_classes(scenario)
    names = {rule.name for rule in listed}
    known = dict.fromkeys((owner for owner, _ in SHARED), "parameters that rules share")
    for shown, rule in zip(scenario.scenario.mechanisms, listed, strict=True):
        if rule.name in known:
            raise InputError(
                f"'{shown}' has the name '{rule.name}' of {known[rule.name]}",
                file=scenario.file,
                key="scenario.mechanisms",
                mend="give the class another name, or list one of the two",
            )
        known[rule.name] = f"'{shown}'"
    for rule in listed:
        missing = [name for name in rule.requires if name not in names]
        if missing:
            raise InputError(
                f"'{rule.name}' needs {', '.join(repr(name) for name in missing)}, which is not listed",
                file=scenario.file,
                key="scenario.mechanisms",
                mend=f"list {', '.join(missing)} as well, or leave out {rule.name}",
            )


def _check_links(scenario: Scenario, switch: Switch, key: str) -> None:
    """Refuse a switch that names no link, or two things of which no link is both."""
    file, named = scenario.file, []
    if switch.kind is not None:
        _check_kind(scenario, switch.kind, f"{key}.kind")
        named.append(("kind", switch.kind))
    if switch.link is not None:
        check_link_id(switch.link, scenario.village_names, key=f"{key}.link", file=file)
        named.append(("link", switch.link.partition(":")[0]))
    for part, kind in named:
        layer = LINK_KINDS[kind].layer
        if switch.layer not in (None, layer):
            what, mend = f"'{kind}' is {layer}, not {switch.layer}", "leave out the layer"
            raise InputError(what, file=file, key=f"{key}.{part}", mend=mend)
    if len({kind for _, kind in named}) > 1:
        what = f"the link is no '{switch.kind}'"
        raise InputError(what, file=file, key=f"{key}.link", mend="leave out the kind")


def _check_kind(scenario: Scenario, kind: str, key: str) -> None:
    if kind not in LINK_KINDS:
        mend = nearest(kind, LINK_KINDS)
        raise InputError(f"there is no kind of link '{kind}'", file=scenario.file, key=key, mend=mend)


def check_added(scenario: Scenario, switch: Switch, key: str) -> None:
    """Check a switch that is added to a scenario.

    Raises:
        InputError: it names what is not there, or nothing that a link could be.
    """
    check_switch(scenario, switch, key)
    _check_links(scenario, switch, key)


def check_arm(scenario: Scenario, arm: Arm) -> None:
    """Check what an arm's shape alone does not show: what its switches name, and that it leaves the start as it is.

    Raises:
        InputError: an unknown village, kind or link, a placebo for links that are there from the start, or a question
        about what a programme has added that does not say since when.
    """
    if arm.question == "programme" and arm.from_year is None and arm.switches():
        raise InputError(
            "asks about links that a programme has added, without saying since when",
            key="from_year",
            mend="give the arm a year, such as the scenario's switch year",
        )
    for switch in arm.switches():
        check_added(scenario, switch, "arm")
    for layer, year in arm.rewired_since.items():
        if year <= scenario.start_year:
            raise InputError(
                f"rewires the {layer} links of {year}, and those of the start {scenario.start_year} are there already",
                file=scenario.file,
                key="placebo",
                mend="name a later year, as scenario.switch_year",
            )


def check_last_year(scenario: Scenario, years: int, key: str) -> None:
    """A run has to end within the scenario's years.

    Raises:
        InputError: it does not; ``key`` is the argument that says so.
    """
    longest = scenario.end_year - scenario.start_year + 1
    if years > longest:
        raise InputError(
            f"{years} goes beyond the scenario's last year {scenario.end_year}",
            key=key,
            mend=f"use {longest} or fewer, or set scenario.end_year",
        )


def mechanism_classes(scenario: Scenario) -> list[type[Mechanism]]:
    """The classes that the scenario lists, in its order."""
    return [find_mechanism(name, file=scenario.file) for name in scenario.scenario.mechanisms]


def catalogue(scenario: Scenario) -> Catalogue:
    """All parameters that the scenario can set."""
    own = [(m.name, m.parameters) for m in mechanism_classes(scenario)]
    return catalogue_of([*SHARED, *own])


def settings(scenario: Scenario) -> dict[str, Setting]:
    """Every parameter with its value, source and status in this scenario."""
    return settings_of(scenario, catalogue(scenario))


def check_values(scenario: Scenario, laid: Iterable[Mapping[str, float]]) -> None:
    """Check that rules accept parameters together: each within its bounds may still make no sense beside the others.

    Args:
        laid: for each run, values by dotted name to be laid over the scenario's, each within its bounds.

    Raises:
        InputError: what a rule refuses, as it would before a run.
    """
    own = settings(scenario)
    rules = mechanism_classes(scenario)
    for values in laid:
        changed = own | {name: replace(own[name], value=value) for name, value in values.items()}
        for rule in rules:
            rule.check(scenario, changed)


def plan_lines(scenario: Scenario) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """What will run, in order: (phase, what it is for, [(mechanism, layer), …])."""
    classes = mechanism_classes(scenario)
    return [
        (phase, sentence, [(m.name, m.layer) for m in classes if phase in m.phases()])
        for phase, sentence in PHASES
    ]
