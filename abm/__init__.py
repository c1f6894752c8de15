"""Integrative governance (融合治理) as an agent-based laboratory of joint-points (接点).

The names below load on first use, so that ``import abm.measures`` or ``abm --help`` does not load Mesa.
"""

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

_HOMES = {
    "JointPointModel": "abm.model.model",
    "load_scenario": "abm.model.plan",
    "simulate": "abm.runs.simulate",
    "factorial": "abm.runs.batch",
    "placebo": "abm.runs.experiments",
    "displacement": "abm.runs.experiments",
    "run_experiment": "abm.runs.experiments",
    "model_function": "abm.runs.outcome",
    "design_points": "abm.runs.planned",
    "read_results": "abm.runs.results",
}

__all__ = [
    "JointPointModel",
    "design_points",
    "displacement",
    "factorial",
    "load_scenario",
    "model_function",
    "placebo",
    "read_results",
    "run_experiment",
    "simulate",
]

try:
    __version__ = version("jiedian")
except PackageNotFoundError:  # a source tree that is on the path without being installed
    __version__ = "0+unknown"


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'abm' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
