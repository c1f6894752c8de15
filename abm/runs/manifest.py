"""The manifest of a results folder: what was run, on what, with which numbers, and what came out.

Everything in it follows from the experiment and the environment; no time, host, worker or path stands in it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

import abm
from abm.core.errors import InputError
from abm.core.names import LAYERS
from abm.model import plan
from abm.model.environment import environment
from abm.records.store import MANIFEST, read_json
from abm.runs.design import RunSpec
from abm.runs.digest import combined
from abm.runs.rebuild import sources_in
from abm.runs.treated import added_links
from abm.scenario.numbers import numbers_of
from abm.scenario.schema import Scenario

FORMAT = 1


def experiment_of(specs: Sequence[RunSpec], command: str, design: Mapping[str, Any] | None = None) -> str:
    """What identifies an experiment: its command, its runs, the tables that it keeps, and the points of its design."""
    what = [FORMAT, command, sorted(spec.run_id for spec in specs), any(spec.snapshots for spec in specs)]
    if design is not None and command == "batch":  # a factorial by file is one with 'abm factorial'
        what += [design[key] for key in ("names", "points", "runs", "outputs")]
    elif any(spec.tables for spec in specs):  # with a design they are its outputs
        what.append(sorted({spec.tables for spec in specs}))
    return sha256(json.dumps(what).encode()).hexdigest()


def begun(
    specs: Sequence[RunSpec], command: str, seed: int, design: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The manifest of an experiment before its first run.

    Args:
        specs: its runs, in order; numbers of the scenario are those of the first.
        command: ``run``, ``factorial``, ``placebo``, ``displacement`` or ``batch``.
        seed: the first seed, from which those of the replications derive.
        design: of an experiment's file: its points (``abm.runs.planned.Planned.record``).
    """
    first = specs[0]
    scenario = first.scenario
    drawn: dict[int, dict[str, float]] = {}
    for spec in specs:
        if spec.draw:
            drawn.setdefault(spec.draw, dict(spec.parameters))
    scenarios = {spec.scenario.content_hash: spec.scenario for spec in specs}
    return {
        "format": FORMAT,
        "version": abm.__version__,
        "command": command,
        "experiment": experiment_of(specs, command, design),
        "complete": False,
        "scenario": {
            "name": scenario.name,
            "title": scenario.scenario.title,
            "title_zh": scenario.scenario.title_zh,
            "paper": scenario.scenario.paper,
            "content_hash": scenario.content_hash,
            "start_year": scenario.start_year,
            "end_year": scenario.end_year,
            "switch_year": scenario.switch_year,
            "base_year": scenario.scenario.base_year,
            "burn_in": scenario.burn_in,
            "ticks_per_year": scenario.scenario.ticks_per_year,
            "mechanisms": list(scenario.scenario.mechanisms),
            "file": Path(scenario.file).name,
        },
        "questions": _distinct(spec.question for spec in specs),
        "budgets": _distinct(spec.budget for spec in specs),
        "seed": seed,
        "replications": len({spec.replication for spec in specs}),
        "draws": max(spec.draw for spec in specs),
        "households": first.households,
        "years": first.years,
        "snapshots": first.snapshots,
        "tables": list(first.tables),
        "arms": _distinct(spec.arm.name for spec in specs),
        "runs": [_run(spec, scenario, drawn) for spec in specs],
        "design": design,
        "drawn": [{"draw": draw, "parameters": parameters} for draw, parameters in drawn.items()],
        "parameters": _parameters(scenario),
        "programmes": [
            {"name": p.name, **p.model_dump(mode="json", exclude={"name"})} for p in scenario.programmes
        ],
        "added_links": added_links(scenario),
        "sources": sources_in(list(scenarios.values())),
        "numbers": [asdict(number) for number in numbers_of(scenario)],
        "environment": environment(scenario),
        "other_environments": [],
        "failures": [],
        "digests": {},
    }


def ended(
    manifest: Mapping[str, Any], markers: Mapping[str, Mapping[str, Any]], failures: Mapping[str, str]
) -> dict[str, Any]:
    """The manifest after the runs, with the digest of each table over all runs that are finished.

    Args:
        markers: of the finished runs, by run.
        failures: what went wrong, by run.
    """
    ids = [run["run_id"] for run in manifest["runs"]]
    done = {run: markers[run] for run in ids if run in markers}
    others = _distinct(json.dumps(marker["environment"], sort_keys=True) for marker in done.values())
    others = sorted(set(others) - {json.dumps(manifest["environment"], sort_keys=True)})
    complete = len(done) == len(ids)
    return {
        # that parts of it were done apart is told until it is whole
        **{key: value for key, value in manifest.items() if key != "shards" or not complete},
        "complete": complete,
        "other_environments": [json.loads(text) for text in others],
        "failures": [{"run_id": run, "message": failures[run]} for run in ids if run in failures],
        "digests": table_digests(done),
    }


def table_digests(markers: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Digest of each table over some runs, from the notes on them."""
    digests: dict[str, dict[str, str]] = {}
    for run, marker in markers.items():
        for table, digest in marker["digests"].items():
            # A run without rows in a table leaves nothing there that a reader of the table could digest.
            digests.setdefault(table, {}).update({run: digest} if marker["rows"][table] else {})
    return {table: combined(runs) for table, runs in digests.items()}


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a results folder.

    Raises:
        InputError: there is no such folder, it holds no results, or they are damaged or of another format.
    """
    mend = "name a folder that 'abm run' or 'abm factorial' has written"
    if not folder.exists():
        raise InputError("there is no such folder", file=folder, mend=mend)
    if not folder.is_dir():
        raise InputError("is no folder", file=folder, mend=mend)
    if not (folder / MANIFEST).is_file():
        raise InputError(f"holds no results (no {MANIFEST})", file=folder, mend=mend)
    manifest = read_json(folder / MANIFEST)
    if manifest.get("format") != FORMAT:
        raise InputError(
            f"has format {manifest.get('format')!r}, and this version reads {FORMAT}",
            file=folder / MANIFEST,
            mend=f"use the version of abm that wrote it ({manifest.get('version', 'unknown')})",
        )
    return manifest


def _distinct(words: Any) -> list[str]:
    return list(dict.fromkeys(words))


def _run(spec: RunSpec, scenario: Scenario, drawn: Mapping[int, Mapping[str, float]]) -> dict[str, Any]:
    """A run in full; its scenario and parameters only where they are not those of the experiment or the draw."""
    own: dict[str, Any] = {}
    if spec.scenario.content_hash != scenario.content_hash:
        own["content_hash"] = spec.scenario.content_hash
    if dict(spec.parameters) != drawn.get(spec.draw, {}):
        own["parameters"] = dict(spec.parameters)
    return {
        "run_id": spec.run_id,
        "arm": spec.arm.name,
        **{layer: strength > 0 for layer, strength in spec.arm.strengths.items()},
        "strengths": [spec.arm.strengths[layer] for layer in LAYERS],
        "masks": [mask.model_dump(exclude_none=True) for mask in spec.arm.masks],
        "from_year": spec.arm.from_year,
        "layer_years": dict(spec.arm.years),
        "placebo": list(spec.arm.placebo),
        "villages": list(spec.arm.villages),
        "question": spec.question,
        "budget": spec.budget,
        "draw": spec.draw,
        "replication": spec.replication,
        "seed": spec.seed,
        "households": spec.households,
        "years": spec.years,
        "snapshots": spec.snapshots,
        "tables": list(spec.tables),
        **own,
    }


def _parameters(scenario: Scenario) -> list[dict[str, Any]]:
    """Every parameter with value, unit, bounds, role, source and status."""
    return [
        {
            "name": name,
            "value": setting.value,
            "default": setting.parameter.default,
            "unit": setting.parameter.unit,
            "low": setting.parameter.bounds[0],
            "high": setting.parameter.bounds[1],
            "role": setting.parameter.role,
            "source": setting.source,
            "status": setting.status,
            "changed": setting.changed,
        }
        for name, setting in plan.settings(scenario).items()
    ]
