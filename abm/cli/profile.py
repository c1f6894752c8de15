"""Where the time of a run goes, phase by phase."""

from time import perf_counter
from typing import Any

from abm.cli.show import table
from abm.model.model import JointPointModel
from abm.runs.design import RunSpec


def profile_table(spec: RunSpec) -> Any:
    """Do a run and time its phases.

    Returns:
        A rich table: seconds, share, and microseconds per household and tick.
    """
    begun = perf_counter()
    model = JointPointModel(
        scenario=spec.scenario,
        households=spec.households,
        years=spec.years,
        views=False,
        rng=spec.seed,
        arm=spec.arm,
        budget=spec.budget,
        profile=True,
        cache=spec.cache,
    )
    try:
        built = perf_counter()
        model.run()
        ended = perf_counter()
        outcomes = model.recorder.tables(spec.key)["outcomes"].to_pandas()
        seconds = dict(model.phase_seconds)
    finally:
        model.close()
    households = outcomes.loc[outcomes["population"] == "all", "households"].mean()
    ticks = spec.years * spec.scenario.scenario.ticks_per_year
    run = ended - built
    seconds["rest"] = run - sum(seconds.values())
    rows = [_row(name, value, run, households * ticks) for name, value in seconds.items()]
    rows.append(_row("all ticks", run, run, households * ticks))
    title = f"{spec.scenario.name}, {households:.0f} households, {ticks} ticks; set-up {built - begun:.2f} s"
    heads = ["seconds", "share", "µs per household and tick"]
    return table(title, ["phase", *heads], rows, heads)


def _row(name: str, seconds: float, run: float, household_ticks: float) -> list[str]:
    return [name, f"{seconds:.3f}", f"{100 * seconds / run:.0f} %", f"{1e6 * seconds / household_ticks:.3f}"]
