"""What beside scenario and seed may decide a result: code, libraries, processor."""

import ast
import platform
import sys
import sysconfig
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
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
    """SHA-256 over the Python files that decide its results: this package's, those of a user's own mechanisms, and what
    these import of the user's, directly or through others."""
    digest = sha256(_own_code().encode())
    users = _modules_of_users(scenario)
    sources: dict[str, bytes] = dict.fromkeys(users, b"")
    for name in users:
        _follow(name, sources)
    for name, source in sorted(sources.items()):
        digest.update(name.encode() + b"\n" + source)
    return digest.hexdigest()


def own_code_is_on_file(scenario: Scenario) -> bool:
    """Whether ``code_digest`` sees all mechanisms: those that a notebook or a prompt has made stand in no file."""
    return all(getattr(sys.modules[name], "__file__", None) for name in _modules_of_users(scenario))


def _modules_of_users(scenario: Scenario) -> list[str]:
    """Modules of the scenario's mechanisms that are no part of this package."""
    modules = {mechanism.__module__ for mechanism in plan.mechanism_classes(scenario)}
    return sorted(name for name in modules if name.partition(".")[0] != "abm")


def _follow(name: str, sources: dict[str, bytes]) -> None:
    """Add the source of a module, and of all that it imports and that is part of no library, to what is known."""
    file = _file_of(name)
    if file is None or sources.get(name):
        return
    sources[name] = file.read_bytes()
    package = name if file.name == "__init__.py" else name.rpartition(".")[0]
    home = name.partition(".")[0]
    for node in ast.walk(ast.parse(sources[name])):
        if isinstance(node, ast.Import):
            found = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*above, *filter(None, [node.module])])
            found = [base, *(f"{base}.{alias.name}" for alias in node.names)]
        else:
            continue
        for other in found:
            if other.partition(".")[0] == home or not _is_of_a_library(other):
                _follow(other, sources)


def _file_of(name: str) -> Path | None:
    """The Python file of a module; None where it has none, or where there is no such module (as of a function)."""
    loaded = sys.modules.get(name)
    if loaded is not None:
        source = getattr(loaded, "__file__", None)
    else:
        try:
            spec = find_spec(name)
        except (ImportError, ValueError):  # its parent is no package
            return None
        source = None if spec is None else spec.origin
    return Path(source) if source and source.endswith(".py") else None


@cache
def _is_of_a_library(name: str) -> bool:
    """Whether a module comes with Python, has been installed, or is part of this package, whose code counts anyway."""
    if name.partition(".")[0] in ("abm", *sys.stdlib_module_names):
        return True
    file = _file_of(name)
    homes = {sysconfig.get_path(which) for which in ("stdlib", "platstdlib", "purelib", "platlib")}
    return file is None or any(file.resolve().is_relative_to(Path(home).resolve()) for home in homes)


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
