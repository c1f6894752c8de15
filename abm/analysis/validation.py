"""Validation: figures that no calibration has looked at (use = check), beside what the scenario gives.

A row is *met* when the model's median over draws and seeds lies within target ± tolerance, else *missed*; the
interval (5 % to 95 % of the runs) says how far single runs of the posterior reach. Nothing is tuned to these rows.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from abm.analysis.calibration import HOUSEHOLDS, ScenarioModel
from abm.analysis.evaluations import Done, Workers, attempt_there
from abm.analysis.fit_report import markdown, number
from abm.analysis.fit_tables import targets_table
from abm.analysis.targets import digest_of, read_targets, targets_file, years_for
from abm.core.draws import replication_seed
from abm.core.errors import InputError
from abm.model.environment import code_digest
from abm.runs.design import check_number, run_spec_of
from abm.runs.parcel import wrap
from abm.runs.posterior import posterior_of
from abm.scenario.schema import Scenario


@dataclass(frozen=True)
class Validation:
    """Tables of the rows that were kept back and of those that were fitted, and what they rest on."""

    check: pd.DataFrame
    fit: pd.DataFrame
    about: dict[str, str]
    failed: tuple[str, ...]


def validate(
    scenario: Scenario,
    *,
    targets: str | Path | None = None,
    draws: int | None = None,
    households: int | None = None,
    replications: int = 2,
    seed: int = 1,
    workers: Workers,
    watch: Callable[[int, int], None] = lambda done, total: None,
) -> Validation:
    """Run draws from the posterior, or the scenario's own values, and look at all targets.

    Args:
        draws: from the posterior; 0: the scenario's own values. None: 10 where there is a posterior, else 0.
        watch: called with (runs done, runs in all).

    Raises:
        InputError: targets, posterior or a number that cannot be.
        RuntimeError: every run failed.
    """
    path = targets_file(scenario, targets)
    rows = [t for t in read_targets(path, scenario) if t.use != "none"]
    if not any(t.use == "check" for t in rows):
        raise InputError("has no row with use = check", file=path, key="use", mend="mark some rows so")
    posterior = posterior_of(scenario) if draws is None or draws > 0 else None
    if draws is None:
        draws = 10 if posterior is not None else 0
    for key, given, least in (
        ("--draws", draws, 0),
        ("--replications", replications, 1),
        ("--seed", seed, 0),
    ):
        check_number(given, least, key)
    if draws and posterior is None:
        mend = "make one with 'abm calibrate' and name it in [calibration], or use --draws 0"
        raise InputError("the scenario names no posterior", file=scenario.file, key="--draws", mend=mend)
    own = scenario.calibration.households if scenario.calibration else None
    size = households or own or HOUSEHOLDS
    spec = run_spec_of(scenario, seed=0, households=size, years=years_for(rows, scenario))
    model = ScenarioModel(replace(spec, cache=False), tuple(rows))
    values = [posterior.picked(seed, k) for k in range(1, draws + 1)] if posterior else [{}]
    seeds = [replication_seed(seed, r) for r in range(replications)]
    moments, failed = _run(model, values, seeds, workers, watch)
    weights = np.ones(len(moments))
    about = {
        "scenario": f"{scenario.name} ({scenario.content_hash[:16]})",
        "code": code_digest(scenario)[:16],
        "targets": f"{path.name} ({digest_of(rows)[:16]})",
        "households": str(size),
        "years": f"{scenario.start_year} to {scenario.start_year + spec.years - 1}",
        "seeds": f"{replications}, derived from {seed}",
        "draws": f"{draws} from the posterior, chosen by weight"
        if draws
        else "none: the scenario's own values",
    }
    if posterior is not None:
        same = posterior.about.get("code") == code_digest(scenario)
        about["posterior"] = (
            f"{len(posterior)} draws, threshold {posterior.about.get('threshold', float('nan')):.3g}, made "
            + ("by this code" if same else "**by other code than this**")
        )
    made = targets_table(rows, moments, weights)
    uses = np.array([t.use for t in rows])
    return Validation(made[uses == "check"], made[uses == "fit"], about, tuple(failed))


def _run(
    model: ScenarioModel,
    values: Sequence[dict[str, float]],
    seeds: Sequence[int],
    workers: Workers,
    watch: Callable[[int, int], None],
) -> tuple[np.ndarray, list[str]]:
    """Moments of each run that went well, one row each, and what went wrong with the others."""
    parcel = wrap(model)
    arguments = [(parcel, given, seed) for given in values for seed in seeds]
    rows, failed = [], []
    for number_, done in enumerate(workers.in_order(attempt_there, arguments), 1):
        watch(number_, len(arguments))
        assert isinstance(done, Done)
        if done.moments is None:
            failed.append(done.error)
        else:
            rows.append(done.moments)
    if not rows:
        raise RuntimeError(f"all {len(failed)} runs failed, the first: {failed[0]}")
    return np.array(rows), failed


def page(found: Validation) -> str:
    """``docs/validation.md``: the same text for the same scenario, code, posterior and seeds."""
    check, fit = found.check, found.fit
    lines = ["# Validation", "", "Made by `abm validate`; do not edit.", ""]
    lines += [f"- {key}: {value}" for key, value in found.about.items()]
    if found.failed:
        lines.append(f"- failed runs: {len(found.failed)}, the first: {found.failed[0]}")
    lines += [
        "",
        "A row is *met* when the model's median over draws and seeds lies within target ± tolerance, else *missed*.",
        "The interval holds 5 % to 95 % of the runs. Money is in yuan of the base year.",
        "",
        f"## Kept back (use = check): {int(check.met.sum())} of {len(check)} met",
        "",
        "No parameter was fitted or set by hand to these rows. Misses are shown, not tuned away.",
        "",
        *_table(check),
        "",
        f"## Fitted (use = fit): {int(fit.met.sum())} of {len(fit)} met",
        "",
        *_table(fit),
    ]
    return "\n".join(lines) + "\n"


def _table(rows: pd.DataFrame) -> list[str]:
    return markdown(
        ("target", "population", "year", "measure", "value", "tolerance", "model", "interval", "", "source"),
        [
            (
                r.id, r.population, str(r.year), r.measure, number(r.target), number(r.tolerance),
                number(r.model), f"{number(r.low)} to {number(r.high)}", "met" if r.met else "**missed**",
                f"{r.source}; {r.note}" if r.note else r.source,
            )
            for r in rows.itertuples()
        ],
    )  # fmt: skip


def target_rows(rows: pd.DataFrame) -> list[tuple[str, ...]]:
    """The same for a terminal."""
    return [
        (
            r.id, number(r.target), number(r.tolerance), number(r.model), number(r.low), number(r.high),
            "met" if r.met else "missed",
        )
        for r in rows.itertuples()
    ]  # fmt: skip
