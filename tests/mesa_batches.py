"""Mesa's batch runner with seeds, whatever Mesa's version."""

import inspect
from collections.abc import Sequence
from typing import Any

import mesa
from mesa.batchrunner import batch_run


def batch_of(
    model: type[mesa.Model], parameters: dict[str, Any], seeds: Sequence[int]
) -> list[dict[str, Any]]:
    """``mesa.batch_run`` with these seeds: a parameter like others on Mesa 3.3; an argument of its own on 3.5, where
    one among the parameters is written over."""
    options: dict[str, Any] = {"number_processes": 1, "display_progress": False, "max_steps": 1000}
    if "rng" in inspect.signature(batch_run).parameters:
        return batch_run(model, parameters, rng=list(seeds), **options)
    return batch_run(model, {**parameters, "rng": list(seeds)}, **options)
