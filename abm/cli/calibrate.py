"""``abm calibrate``: parameters whose runs look like the published figures."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from abm.cli.options import Cluster, Households, ScenarioName, Workers, check_limits
from abm.cli.show import console, show, table
from abm.core.errors import InputError

MINUTES = 60.0
"""Budget where neither minutes nor simulations are given."""


def calibrate(
    scenario: ScenarioName,
    targets: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Targets; those of the scenario's [calibration] if left out."),
    ] = None,
    method: Annotated[
        str,
        typer.Option(
            metavar="moments|abc|both",
            help="Simulated moments give the best point, ABC-SMC the posterior; both: one after the other.",
        ),
    ] = "both",
    households: Households = None,
    seeds: Annotated[int, typer.Option(metavar="K", help="Seeds that simulated moments are means over.")] = 2,
    budget_minutes: Annotated[
        float | None, typer.Option(metavar="M", help="Minutes, over all sessions; 60 if no budget is given.")
    ] = None,
    simulations: Annotated[
        int | None, typer.Option(metavar="S", help="Number of simulations, over all sessions.")
    ] = None,
    population: Annotated[int, typer.Option(metavar="P", help="Draws in a generation of ABC-SMC.")] = 100,
    workers: Workers = None,
    cluster: Cluster = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder; results/SCENARIO-calibration if left out.")
    ] = None,
    seed: Annotated[int, typer.Option(metavar="S", help="First seed; the others derive from it.")] = 1,
) -> None:
    """Fit the scenario's free parameters to targets (rows with use = fit).

    The table [calibration] of the scenario names at most twelve free parameters. Stopped by Ctrl-C, by the budget
    or by a crash, the same command goes on from there; a larger budget goes further.

    \b
    Examples:
      abm calibrate t_district --budget-minutes 45
      abm calibrate t_district --method moments --simulations 400 --households 1000 --out fit
      abm calibrate my_town.toml --targets my_targets.csv --workers 8
    """
    check_limits(households=households, seed=seed, simulations=simulations, workers=workers, seeds=seeds)
    for key, number in (("--budget-minutes", budget_minutes), ("--simulations", simulations)):
        if number is not None and not number > 0:
            raise InputError(f"{number:g} is too few", key=key, mend="use more than 0")

    from abm.analysis.calibration import calibrate as fit_into
    from abm.analysis.calibration import problem_of
    from abm.analysis.evaluations import Budget
    from abm.analysis.fit_report import PAGE, write_report
    from abm.analysis.fit_tables import fit_tables
    from abm.model.plan import load_scenario

    read = load_scenario(scenario)
    problem = problem_of(
        read, targets=targets, households=households, seeds=seeds, population=population, seed=seed
    )
    folder = out if out is not None else Path("results") / f"{read.name}-calibration"
    if budget_minutes is None and simulations is None:
        budget_minutes = MINUTES
    budget = Budget(None if budget_minutes is None else 60.0 * budget_minutes, simulations)
    with simulators(read, workers, cluster) as pool, _shown(budget) as watch:
        fit = fit_into(problem, folder, method=method, budget=budget, workers=pool, watch=watch)
    if fit.best is None and fit.posterior is None:
        mend = "run the same command again with a larger budget"
        raise InputError(
            f"the budget ended after {fit.simulations} simulations, before there was anything to report",
            key="--simulations" if simulations else "--budget-minutes",
            mend=mend,
        )
    write_report(fit, folder)
    from abm.analysis.fit_report import number as shown

    met, parameters = fit_tables(fit)
    show(
        table(
            f"Targets of {read.name}: {int(met.met.sum())} of {len(met)} met",
            ("target", "value", "tolerance", "model", "5 %", "95 %", "best point", ""),
            [
                (
                    r.id, *(shown(v) for v in (r.target, r.tolerance, r.model, r.low, r.high, r.best_point)),
                    "met" if r.met else "missed",
                )
                for r in met.itertuples()
            ],
            ("value", "tolerance", "model", "5 %", "95 %", "best point"),
        )
    )  # fmt: skip
    show(
        table(
            "Parameters",
            ("parameter", "prior mean", "posterior mean", "sd", "contraction", "verdict", "best point"),
            [
                (
                    r["parameter"],
                    *(shown(r.get(k)) for k in ("prior_mean", "mean", "sd", "contraction")),
                    str(r.get("verdict", "no posterior")).removesuffix(" by these data"),
                    shown(r["best_point"]),
                )
                for r in parameters.to_dict("records")
            ],
            ("prior mean", "posterior mean", "sd", "contraction", "best point"),
        )
    )
    show(f"{fit.simulations} simulations ({fit.failed} failed); read {folder / PAGE}")
    if fit.posterior is not None:
        named = read.calibration.posterior if read.calibration else None
        where = f"copy it to {Path(read.file).parent / named}" if named else "name it in [calibration]"
        show(f"Posterior in {folder / 'posterior.csv'}; {where}, and 'abm factorial --draws K' draws from it")


@contextmanager
def simulators(scenario: Any, workers: int | None, cluster: str | None) -> Iterator[Any]:
    """Where simulations are done, as for a batch: this process, some of this machine, or a cluster's."""
    import re

    from abm.analysis.evaluations import Workers
    from abm.runs.design import check_number

    if workers is not None:
        check_number(workers, 1, "--workers")
    if cluster is not None:
        if not re.fullmatch(r"(\w+://)?\S+:\d+", cluster):
            raise InputError(
                f"'{cluster}' is no address", key="--cluster", mend="write it as tcp://HOST:PORT"
            )
        from abm.model.environment import code_digest
        from abm.runs.cluster import connected

        with connected(cluster) as client:
            if set(client.run(code_digest, scenario).values()) - {code_digest(scenario)}:
                raise InputError("a worker has other code than this", mend="install the same version there")
            yield Workers(client)
        return
    if workers == 1:
        yield Workers()
        return
    from abm.runs.cluster import cores, local_workers

    with local_workers(workers or cores()) as client:
        yield Workers(client)


@contextmanager
def progress() -> Iterator[Callable[[str, float, str], None]]:
    """A line on stderr, from the first call of (what, share that is done, words) on."""
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(bar_width=24), TextColumn("{task.fields[said]}"))
    bar = Progress(*columns, console=console(errors=True))
    task = bar.add_task("", total=1.0, said="")

    def update(what: str, share: float, said: str) -> None:
        bar.update(task, description=what, completed=min(share, 1.0), said=said)
        bar.start()  # does nothing the second time

    try:
        yield update
    finally:
        if bar.live.is_started:  # it would print an empty line
            bar.stop()


@contextmanager
def _shown(budget: Any) -> Iterator[Callable[[Any, str], None]]:
    """Progress of a calibration: simulations, rate, smallest distance, time left."""
    with progress() as update:

        def watch(log: Any, stage: str) -> None:
            done, spent = len(log.known), log.seconds
            rate = done / max(spent, 1e-9)
            parts, left = [0.0], []
            if budget.seconds is not None:
                parts.append(spent / budget.seconds)
                left.append(budget.seconds - spent)
            if budget.simulations is not None:
                parts.append(done / budget.simulations)
                left.append((budget.simulations - done) / max(rate, 1e-9))
            said = f"{done} simulations, {rate:.2g} a second, smallest distance {log.best:.3g}"
            if log.failed:
                said += f", {log.failed} failed"
            if left:
                said += f", at most {max(min(left), 0.0) / 60.0:.0f} min left"
            update(stage, max(parts), said)

        yield watch
