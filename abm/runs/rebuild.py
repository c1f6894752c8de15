"""What a manifest keeps so that its runs can be described again, and how they are.

Kept are the texts of the scenario's files and of a user's own mechanisms, and for each run what its ``RunSpec`` holds.
Reading them again looks at no file and imports nothing, unless a user's own mechanisms are allowed.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import invalidate_caches
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import ValidationError

import abm
from abm.core.errors import DamageError, InputError
from abm.core.names import BUDGETS, LAYERS
from abm.model import plan
from abm.model.environment import code_digest
from abm.population.synthesis import SMALLEST
from abm.runs.design import RunSpec, check_number, check_word, with_parameters
from abm.scenario.load import scenario_from
from abm.scenario.schema import Scenario
from abm.scenario.sources import Sources
from abm.scenario.switches import Arm, Switch

_NEW = "run the experiment again with this version"


def sources_in(scenarios: Sequence[Scenario]) -> dict[str, Any] | None:
    """What the scenarios of an experiment were read from: ``texts`` by short name, and ``scenarios`` that use them.

    None where code has made one of them.
    """
    texts: dict[str, str] = {}
    said = []
    for scenario in scenarios:
        sources = scenario.sources
        if sources is None:
            return None
        moved = {label: _put(label, text, texts) for label, text in sources.texts.items()}
        said.append(
            {
                "content_hash": scenario.content_hash,
                "files": [moved[label] for label in sources.files],
                "data": {name: moved[label] for name, label in sources.data.items()},
                **sources.model_dump(mode="json", include={"settings", "laid"}),
            }
        )
    return {"texts": texts, "scenarios": said, "code": code_of(scenarios)}


def code_of(scenarios: Sequence[Scenario]) -> dict[str, dict[str, str | None]]:
    """Files of the mechanisms that the scenarios name as ``module:Class``, by module: ``file`` and ``text``.

    A text is None where the mechanism stands in no file, as one that a notebook has made.
    """
    modules = set()
    for scenario in scenarios:
        for name, mechanism in zip(
            scenario.scenario.mechanisms, plan.mechanism_classes(scenario), strict=True
        ):
            if ":" in name:
                modules |= {name.partition(":")[0], mechanism.__module__}
    return {name: _module(name) for name in sorted(modules) if name.partition(".")[0] != "abm"}


def specs_of(manifest: Mapping[str, Any], file: Path, *, allow_code: bool = False) -> list[RunSpec]:
    """Describe the runs of a manifest again, each as it was.

    Args:
        file: the manifest, for errors.
        allow_code: whether mechanisms of the user's own may be imported; ``own_code`` puts them on the path.

    Raises:
        InputError: the manifest does not hold what its runs were made from, this version reads it otherwise, or it
            names a mechanism of the user's own and that is not allowed.
        DamageError: a scenario or a run is not what its hash says.
    """
    if not manifest.get("sources"):
        problem = "does not say what its scenario was read from"
        raise InputError(problem, file=file, key="sources", mend=_NEW)
    read: dict[str, Scenario] = {}
    try:
        scenarios = {
            said["content_hash"]: _scenario(said, manifest, file, allow_code, read)
            for said in manifest["sources"]["scenarios"]
        }
        drawn = {row["draw"]: row["parameters"] for row in manifest["drawn"]}
        specs = [_spec(row, manifest, scenarios, drawn) for row in manifest["runs"]]
    except InputError:
        raise
    except (AttributeError, KeyError, TypeError, ValueError):
        raise InputError("does not describe its runs in full", file=file, mend=_NEW) from None
    for spec, row in zip(specs, manifest["runs"], strict=True):
        if spec.run_id != row["run_id"]:
            raise _other(manifest, specs[0].scenario, f"{file}: run {row['run_id']}", "its description")
    return specs


@contextmanager
def own_code(manifest: Mapping[str, Any]) -> Iterator[None]:
    """Put a user's own mechanisms, as the manifest keeps them, first on the path for a while.

    Raises:
        InputError: another module of that name is loaded, or the file of one climbs out.
    """
    code = (manifest.get("sources") or {}).get("code") or {}
    texts = {name: (kept["file"], kept["text"]) for name, kept in code.items() if kept["text"] is not None}
    if not texts:
        yield
        return
    with TemporaryDirectory(prefix="abm-code-") as folder:
        for name, (where, text) in texts.items():
            if PurePosixPath(where) not in _paths_of(name):
                raise InputError("is not the file of its module", file=where, key=name, mend="do not use it")
            _check_not_loaded(name, text)
            path = Path(folder, *PurePosixPath(where).parts)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        sys.path.insert(0, folder)
        invalidate_caches()
        try:
            yield
        finally:
            sys.path.remove(folder)
            for name, module in list(sys.modules.items()):
                if str(getattr(module, "__file__", None) or "").startswith(folder):
                    del sys.modules[name]


def _put(label: str, text: str, texts: dict[str, str]) -> str:
    """Keep a text under its label, or under one with a number where another text has it."""
    path, number = PurePosixPath(label), 1
    while texts.setdefault(label, text) != text:
        number += 1
        label = str(path.with_name(f"{path.stem}-{number}{path.suffix}"))
    return label


def _paths_of(module: str) -> tuple[PurePosixPath, PurePosixPath]:
    """Where a module lies below a folder of the path: as a file, or as a package."""
    if not all(part.isidentifier() for part in module.split(".")):
        raise InputError("is no name of a module", key=module, mend="do not use it")
    path = PurePosixPath(*module.split("."))
    return path.with_name(f"{path.name}.py"), path / "__init__.py"


def _module(name: str) -> dict[str, str | None]:
    plain, package = _paths_of(name)
    source = getattr(sys.modules.get(name), "__file__", None)
    where = package if source and Path(source).name == "__init__.py" else plain
    try:
        text = (
            Path(source).read_bytes().decode() if source else None
        )  # to the byte: the code's digest sees all
    except (OSError, UnicodeDecodeError):
        text = None
    return {"file": str(where), "text": text}


def _check_not_loaded(name: str, text: str) -> None:
    if name not in sys.modules:
        return
    source = getattr(sys.modules[name], "__file__", None)
    if source is None or not Path(source).is_file() or Path(source).read_bytes() != text.encode():
        problem = "a module of that name is loaded already, and it is another"
        raise InputError(problem, key=name, mend="start Python anew, without it")


def _scenario(
    said: Mapping[str, Any],
    manifest: Mapping[str, Any],
    file: Path,
    allow_code: bool,
    read: dict[str, Scenario],
) -> Scenario:
    """One scenario, read and checked again; it is the same to the last word.

    Args:
        read: scenarios that have been read, before parameters were laid over them; a design may have thousands.
    """
    rest = {key: value for key, value in said.items() if key != "content_hash"}
    try:
        sources = Sources.model_validate({"texts": manifest["sources"]["texts"], **rest})
    except ValidationError:
        raise InputError("is damaged", file=file, key="sources.scenarios", mend=_NEW) from None
    base = json.dumps([sources.files, sources.data, sources.settings])
    scenario = read[base] = read.get(base) or _base(sources, file, allow_code)
    for laid in sources.laid:
        scenario = with_parameters(scenario, laid.values, source=laid.source)
    if scenario.content_hash != said["content_hash"]:
        raise _other(manifest, scenario, str(file), f"the scenario '{scenario.file}'")
    return scenario


def _base(sources: Sources, file: Path, allow_code: bool) -> Scenario:
    """A scenario as it was read from its files."""
    scenario = scenario_from(sources)
    own = [name for name in scenario.scenario.mechanisms if ":" in name]
    if own and not allow_code:
        raise InputError(
            f"the scenario names a mechanism of its own, '{own[0]}', and to rerun it is to run its code",
            file=file,
            key="scenario.mechanisms",
            mend="read the code, and if you trust it say --allow-code",
        )
    plan.check_scenario(scenario)
    return scenario


def _other(manifest: Mapping[str, Any], scenario: Scenario, where: str, what: str) -> Exception:
    """Why something is not what its hash says: it was altered, or another version reads it otherwise."""
    if manifest["version"] == abm.__version__ and manifest["environment"]["code"] == code_digest(scenario):
        return DamageError(f"{where}: {what} is not what its hash says; it was altered after the run")
    problem = f"{what} is not what its hash says, as this version of abm reads it"
    mend = f"use version {manifest['version']}, or the code that made it"
    return InputError(problem, file=where, mend=mend)


def _spec(
    row: Mapping[str, Any],
    manifest: Mapping[str, Any],
    scenarios: Mapping[str, Scenario],
    drawn: Mapping[int, Mapping[str, float]],
) -> RunSpec:
    parameters = row.get("parameters", drawn[row["draw"]] if row["draw"] else {})
    scenario = scenarios[row.get("content_hash", manifest["scenario"]["content_hash"])]
    arm = Arm(
        **dict(zip(LAYERS, row["strengths"], strict=True)),
        question=row["question"],
        from_year=row["from_year"],
        years=tuple(row["layer_years"].items()),
        placebo=tuple(row["placebo"]),
        villages=tuple(row["villages"]),
        masks=tuple(Switch.model_validate(mask) for mask in row["masks"]),
    )
    plan.check_arm(scenario, arm)
    check_word(row["budget"], BUDGETS, "budget")
    for key in ("seed", "draw", "replication"):
        check_number(row[key], 0, key)
    if row["households"] is not None:
        check_number(row["households"], SMALLEST, "households")
    check_number(row["years"], 1, "years")
    plan.check_last_year(scenario, row["years"], "years")
    return RunSpec(
        scenario=scenario,
        arm=arm,
        budget=row["budget"],
        seed=row["seed"],
        households=row["households"],
        years=row["years"],
        draw=row["draw"],
        parameters=tuple(parameters.items()),
        replication=row["replication"],
        snapshots=row["snapshots"],
        tables=tuple(row["tables"]),
    )
