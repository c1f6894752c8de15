"""Which mechanisms there are: ours by plain name, a user's by ``module:Class`` or through an entry point."""

import re
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path

from abm.core.errors import InputError, nearest
from abm.core.names import BACKGROUND, LAYERS
from abm.core.phases import PHASE_NAMES
from abm.graph.kinds import LINK_KINDS
from abm.mechanisms.base import TABLES, Mechanism
from abm.scenario.parameters import Parameter

_HOMES = {
    "productivity": "background.productivity:Productivity",
    "insurance": "background.insurance:Insurance",
    "illness": "background.illness:Illness",
    "needs": "background.needs:Needs",
    "demand": "background.demand:Demand",
    "enterprises": "background.enterprises:Enterprises",
    "labour": "background.labour:Labour",
    "migration": "background.migration:Migration",
    "casual_work": "background.casual_work:CasualWork",
    "land_rental": "background.land_rental:LandRental",
    "own_account": "background.own_account:OwnAccount",
    "wages": "background.wages:Wages",
    "effort": "background.effort:Effort",
    "pensions": "background.pensions:Pensions",
    "dibao": "background.dibao:Dibao",
    "kin_help": "background.kin_help:KinHelp",
    "taxes": "background.taxes:Taxes",
    "consumption": "background.consumption:Consumption",
    "debt": "background.debt:Debt",
    "investment": "background.investment:Investment",
    "disability": "background.disability:Disability",
    "schooling": "background.schooling:Schooling",
    "ageing": "background.ageing:Ageing",
    "births": "background.births:Births",
    "succession": "background.succession:Succession",
    "floating": "background.floating:Floating",
    "trust": "background.trust:Trust",
    "public_budget": "background.public_budget:PublicBudget",
    "whistle": "organizational.whistle:Whistle",
    "alliance": "organizational.alliance:Alliance",
    "hub_failure": "organizational.hub_failure:HubFailure",
    "example": "organizational.example:Example",
    "grant": "organizational.grant:Grant",
    "digital": "organizational.digital:Digital",
    "project": "interest.project:Project",
    "profit_sharing": "interest.profit_sharing:ProfitSharing",
    "homestay": "interest.homestay:Homestay",
    "courtyard": "social.courtyard:Courtyard",
    "fund": "social.fund:Fund",
    "volunteers": "social.volunteers:Volunteers",
    "mutual_aid": "social.mutual_aid:MutualAid",
    "points": "social.points:Points",
    "training": "social.training:Training",
}


def known_names() -> list[str]:
    """Plain names, ours and those of installed plug-ins."""
    return sorted({*_HOMES, *(entry.name for entry in entry_points(group="abm.mechanisms"))})


def find_mechanism(name: str, *, file: str | Path | None = None) -> type[Mechanism]:
    """The class behind a name of a scenario's list.

    Raises:
        InputError: no such mechanism, or a class that is none.
    """
    key = "scenario.mechanisms"
    if name in _HOMES:
        module, _, class_name = f"abm.mechanisms.{_HOMES[name]}".partition(":")
    elif ":" in name:
        module, _, class_name = name.partition(":")
    else:
        for entry in entry_points(group="abm.mechanisms"):
            if entry.name == name:
                return _checked(_imported(name, entry.load, file), name, file)
        mend = nearest(name, known_names())
        raise InputError(f"there is no mechanism '{name}'", file=file, key=key, mend=mend)
    return _checked(_imported(name, lambda: getattr(import_module(module), class_name), file), name, file)


def _imported(name: str, load: Callable[[], object], file: str | Path | None) -> object:
    """What a module of somebody's has under a name, whose lines may fail in any way.

    Raises:
        InputError: it fails.
    """
    key = "scenario.mechanisms"
    try:
        return load()
    except (ImportError, AttributeError) as error:
        if name.startswith("__main__:"):
            mend = "put the class into a file of its own, or use one worker (workers=1)"
        else:
            mend = "put its folder on PYTHONPATH"
        raise InputError(f"'{name}' cannot be imported ({error})", file=file, key=key, mend=mend) from None
    except Exception as error:
        what = f"'{name}' cannot be imported ({type(error).__name__}: {error})"
        raise InputError(what, file=file, key=key, mend="mend its file") from None


def _checked(found: object, name: str, file: str | Path | None) -> type[Mechanism]:
    if not (isinstance(found, type) and issubclass(found, Mechanism)):
        raise InputError(
            f"'{name}' is no mechanism",
            file=file,
            key="scenario.mechanisms",
            mend="let the class derive from abm.mechanisms.base.Mechanism",
        )
    problem = _problem(found)
    if problem:
        raise InputError(f"'{name}' {problem[0]}", file=file, key="scenario.mechanisms", mend=problem[1])
    return found


def _problem(found: type[Mechanism]) -> tuple[str, str] | None:
    """What a class lacks to be a mechanism, and the mend."""
    if not isinstance(getattr(found, "name", None), str):
        return "has no name", "give the class a name"
    plain, letters = (
        "use letters a-z, digits and _, a letter first",
        re.compile(r"[a-z][a-z0-9_]*", re.IGNORECASE),
    )
    if not letters.fullmatch(found.name):
        return f"has the name '{found.name}'", plain
    layers = (*LAYERS, BACKGROUND)
    if getattr(found, "layer", None) not in layers:
        return f"has no layer of {', '.join(layers)}", nearest(str(getattr(found, "layer", "")), layers)
    if not found.phases():
        return "acts in no phase", f"name its methods after phases: {', '.join(PHASE_NAMES)}"
    for name, what in (("parameters", "Parameter"), ("columns", "columns"), ("spends", "kinds of links")):
        if not isinstance(getattr(found, name), tuple):
            return f"has {name} that are no tuple", f"write {name} = (…,) with {what}"
    for parameter in found.parameters:
        if not isinstance(parameter, Parameter):
            return f"has {parameter!r} among its parameters", "give instances of Parameter"
        if not letters.fullmatch(parameter.name):
            return f"has a parameter named '{parameter.name}'", plain
    for column in found.columns:
        if not (isinstance(column, tuple) and len(column) == 4):
            return f"has {column!r} among its columns", "give (table, name, dtype, fill)"
        if column[0] not in TABLES:
            return f"has a column of the table '{column[0]}'", nearest(str(column[0]), TABLES)
    for kind in found.spends:
        if kind not in LINK_KINDS:
            return f"spends on '{kind}', which is no kind of link", nearest(str(kind), LINK_KINDS)
    return None
