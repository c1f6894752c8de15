"""Designs beside the factorial: some levels, each a scenario's settings and an arm, all on the same seeds.

The results of a level go to OUT/DESIGN/LEVEL, where ``abm hypotheses OUT`` looks for them. Designs themselves stand
in ``experiments/``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from abm.model import plan
from abm.runs.batch import run_batch
from abm.runs.design import RunSpec, arms_design
from abm.runs.results import Results
from abm.scenario.switches import Arm


@dataclass(frozen=True)
class Level:
    """One level of a design.

    Args:
        arm: strengths of the layers, where and since when.
        settings: numbers laid over the scenario, by dotted name.
        snapshots: whether to keep the table of households.
    """

    arm: Arm
    settings: Mapping[str, object] = field(default_factory=dict)
    snapshots: bool = False


def level_specs(
    level: Level,
    scenario: str | Path = "t_district",
    *,
    replications: int = 16,
    seed: int = 1,
    households: int | None = None,
    years: int | None = None,
) -> list[RunSpec]:
    """The runs of a level, on the seeds that ``abm factorial --seed`` would use.

    Raises:
        InputError: a setting, an arm or a number that cannot be.
    """
    read = plan.load_scenario(scenario, dict(level.settings))
    specs = arms_design(
        read, [level.arm], replications=replications, seed=seed, households=households, years=years
    )
    return [replace(spec, snapshots=level.snapshots) for spec in specs]


def run_levels(
    name: str,
    levels: Mapping[str, Level],
    out: Path,
    *,
    scenario: str | Path = "t_district",
    replications: int = 16,
    seed: int = 1,
    households: int | None = None,
    years: int | None = None,
    workers: int | None = None,
    progress: bool = False,
) -> Iterator[tuple[str, Results]]:
    """Do the runs of a design that are not done yet, and give each level with its results.

    All levels are read and checked before the first run.

    Args:
        name: of the design, and of its folder in *out*.

    Raises:
        InputError: as ``level_specs`` and ``run_batch``.
    """
    specs = {
        label: level_specs(
            level, scenario, replications=replications, seed=seed, households=households, years=years
        )
        for label, level in levels.items()
    }
    for label, mine in specs.items():
        place = out / name / label
        yield (
            label,
            run_batch(mine, command="batch", seed=seed, workers=workers, out=place, progress=progress),
        )
