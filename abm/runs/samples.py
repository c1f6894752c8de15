"""Samples of many parameters at once, by SALib: Latin hypercube, Morris and Sobol, with or without groups.

A sample's rows are points, in SALib's order, so that ``SALib.analyze`` takes the outcomes as they come.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from abm.core.errors import InputError, nearest
from abm.core.names import LAYERS
from abm.model import plan
from abm.runs.design import DRAWN_OWNERS
from abm.runs.factors import Factor, Names
from abm.runs.posterior import posterior_of
from abm.scenario.overlay import BY_SETTING
from abm.scenario.schema import Scenario

ASSUMED = "assumed"
"""Stands for all assumed parameters of the layers' mechanisms, of ties and of capital."""
BY_MECHANISM = "mechanism"


@dataclass(frozen=True)
class Sample:
    """Points of several numbers.

    Args:
        values: one row a point, one column a factor.
        problem: ``names``, ``bounds``, ``num_vars`` and, where there are any, ``groups``: what SALib calls a problem.
    """

    values: NDArray[np.float64]
    problem: dict[str, Any]


def assumed_names(scenario: Scenario) -> list[str]:
    """The assumed parameters that a sensitivity analysis walks through, in the order of ``abm describe``.

    Those of the layers' mechanisms, of ties and of capital, whose bounds differ. What a calibration has fitted, papers
    give or a setting has fixed is not among them.
    """
    posterior = posterior_of(scenario)
    fitted = frozenset(posterior.names if posterior else ())
    owners = {m.name for m in plan.mechanism_classes(scenario) if m.layer in LAYERS} | DRAWN_OWNERS
    return [name for name in free_names(scenario) if name.partition(".")[0] in owners and name not in fitted]


def free_names(scenario: Scenario) -> list[str]:
    """All assumed parameters whose bounds differ and that no setting has fixed."""
    return [
        name
        for name, setting in plan.settings(scenario).items()
        if setting.status == "assumed"
        and setting.source != BY_SETTING
        and setting.parameter.bounds[0] < setting.parameter.bounds[1]
    ]


def sampled_factors(names: Names, wanted: Sequence[str], key: str) -> list[Factor]:
    """The factors that a list names: by their own names, ``assumed``, or ``OWNER.*`` for one owner's assumed ones.

    Raises:
        InputError: an unknown name, one that is no number, none at all, or one that stands twice.
    """
    found: dict[str, Factor] = {}
    for word in wanted:
        own = [name for name in _expanded(names, word, key) if name not in found]
        factors = [names.factor(name, key) for name in own]
        if not factors:
            mend = "name each once"
            raise InputError(f"'{word}' is named already", file=names.file, key=key, mend=mend)
        for factor in factors:
            if factor.bounds is None:
                mend = "vary it in a grid"
                raise InputError(f"'{word}' has no bounds to sample in", file=names.file, key=key, mend=mend)
            found[factor.name] = factor
    return list(found.values())


def problem_of(
    factors: Sequence[Factor],
    bounds: Mapping[str, tuple[float, float]],
    groups: Mapping[str, Sequence[str]] | str | None = None,
    *,
    file: str = "",
) -> dict[str, Any]:
    """What SALib calls a problem.

    Args:
        bounds: narrower bounds of some factors, by name.
        groups: names of factors by group, each in one; ``"mechanism"``: by owner; None: none.

    Raises:
        InputError: a group that names no factor of these, one in two groups or in none.
    """
    names = [factor.name for factor in factors]
    problem: dict[str, Any] = {
        "num_vars": len(names),
        "names": names,
        "bounds": [list(bounds.get(factor.name, factor.bounds or ())) for factor in factors],
    }
    if groups == BY_MECHANISM:
        problem["groups"] = [factor.group for factor in factors]
    elif isinstance(groups, Mapping):
        problem["groups"] = _grouped(names, groups, file)
    return problem


def latin_hypercube(problem: Mapping[str, Any], samples: int, seed: int) -> Sample:
    """Each factor's range cut into as many parts as there are points, one point in each part."""
    from SALib.sample import latin

    return _sample(latin.sample(_ungrouped(problem), samples, seed=_seed(seed)), problem)


def morris(problem: Mapping[str, Any], trajectories: int, seed: int, levels: int = 4) -> Sample:
    """Morris's trajectories: (number of groups, or of factors, plus 1) points each, one step at a time.

    Source: Morris (1991), Technometrics 33, 161–174; groups: Campolongo, Cariboni & Saltelli (2007).
    """
    from SALib.sample.morris import sample

    return _sample(sample(dict(problem), trajectories, num_levels=levels, seed=_seed(seed)), problem)


def sobol(problem: Mapping[str, Any], samples: int, seed: int, second_order: bool = False) -> Sample:
    """Saltelli's sample on scrambled Sobol sequences: ``samples`` times (D + 2) points, (2 D + 2) with second order.

    Source: Saltelli et al. (2010), Computer Physics Communications 181, 259–270.
    """
    from SALib.sample.sobol import sample

    made = sample(dict(problem), samples, calc_second_order=second_order, seed=_seed(seed))
    return _sample(made, problem)


def size(problem: Mapping[str, Any], kind: str, number: int, second_order: bool = False) -> int:
    """How many points a sample will have."""
    dimensions = len(set(problem.get("groups") or problem["names"]))
    if kind == "morris":
        return number * (dimensions + 1)
    if kind == "sobol":
        return number * ((2 if second_order else 1) * dimensions + 2)
    return number


def _sample(values: Any, problem: Mapping[str, Any]) -> Sample:
    low, high = np.array(problem["bounds"], dtype=float).T
    return Sample(
        np.clip(np.asarray(values, dtype=float), low, high), dict(problem)
    )  # scaling may end an ulp out


def _seed(seed: int) -> int:
    return seed % 2**32  # all that the generators of SALib take


def _ungrouped(problem: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in problem.items() if name != "groups"}


def _expanded(names: Names, word: str, key: str) -> list[str]:
    if word == ASSUMED:
        return assumed_names(names.scenario)
    owner, dot, star = word.rpartition(".")
    if dot and star == "*":
        owner = owner.removeprefix("parameters.")
        free = free_names(names.scenario)
        found = [name for name in free if name.partition(".")[0] == owner]
        if not found:
            mend = nearest(owner, {name.partition(".")[0] for name in free})
            problem = f"'{owner}' has no assumed parameters"
            raise InputError(problem, file=names.file, key=key, mend=mend)
        return found
    return [names.factor(word, key).name]


def _grouped(names: Sequence[str], groups: Mapping[str, Sequence[str]], file: str) -> list[str]:
    of: dict[str, str] = {}
    for group, members in groups.items():
        for member in members:
            key, name = f"design.groups.{group}", member.removeprefix("parameters.")
            owned = [n for n in names if n == name or (name.endswith(".*") and n.startswith(name[:-1]))]
            if not owned:
                mend = nearest(name, names)
                raise InputError(f"'{member}' is not varied", file=file, key=key, mend=mend)
            twice = [n for n in owned if n in of]
            if twice:
                problem = f"'{twice[0]}' is in the group '{of[twice[0]]}' already"
                raise InputError(problem, file=file, key=key, mend="put it in one group")
            of |= dict.fromkeys(owned, group)
    missing = [name for name in names if name not in of]
    if missing:
        problem = f"'{missing[0]}' is in no group"
        raise InputError(problem, file=file, key="design.groups", mend="put it in one, or leave groups out")
    return [of[name] for name in names]
