"""What beside scenario and seed may decide a result: code, libraries, processor."""

import platform
import sys
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

import abm
from abm.model import plan
from abm.scenario.schema import Scenario

PACKAGES = ("mesa", "numpy", "scipy", "networkx", "pandas", "pyarrow", "pydantic")
"""Libraries whose version may move a last bit."""

_DECIDING = (
    "core",
    "scenario",
    "graph",
    "population",
    "agents",
    "world",
    "mechanisms",
    "model",
    "measures",
    "records",
)


def environment(scenario: Scenario) -> dict[str, Any]:
    """Digest of the code that acts in a scenario, versions, and the processor's features."""
    return {**_machine(), "code": code_digest(scenario)}


def code_digest(scenario: Scenario) -> str:
    """SHA-256 over the Python files that decide its results, a user's own mechanisms included."""
    digest = sha256(_own_code().encode())
    for name in _modules_of_users(scenario):
        source = getattr(sys.modules[name], "__file__", None)
        digest.update(name.encode() + b"\n" + (Path(source).read_bytes() if source else b""))
    return digest.hexdigest()


def own_code_is_on_file(scenario: Scenario) -> bool:
    """Whether ``code_digest`` sees all mechanisms: those that a notebook or a prompt has made stand in no file."""
    return all(getattr(sys.modules[name], "__file__", None) for name in _modules_of_users(scenario))


def _modules_of_users(scenario: Scenario) -> list[str]:
    """Modules of the scenario's mechanisms that are no part of this package."""
    modules = {mechanism.__module__ for mechanism in plan.mechanism_classes(scenario)}
    return sorted(name for name in modules if name.partition(".")[0] != "abm")


@cache
def _own_code() -> str:
    home = Path(abm.__file__).parent
    digest = sha256()
    for package in _DECIDING:
        for path in sorted((home / package).rglob("*.py")):
            text = path.read_bytes().replace(b"\r\n", b"\n")
            digest.update(f"{path.relative_to(home).as_posix()} {len(text)}\n".encode() + text)
    return digest.hexdigest()


@cache
def _machine() -> dict[str, Any]:
    versions = {}
    for package in PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = "unknown"
    return {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "system": platform.system(),
        "machine": platform.machine(),
        "libc": " ".join(platform.libc_ver()).strip(),
        "abm": abm.__version__,
        **versions,
        "cpu_features": _cpu_features(),
    }


def _cpu_features() -> list[str]:
    """Vector instructions that NumPy has found and may use."""
    found = np.show_config(mode="dicts").get("SIMD Extensions", {})
    return sorted({*found.get("baseline", ()), *found.get("found", ())})
