"""From results of a design to one number per point and seed, which all that is said of points starts from.

A *point* is one setting of what a design varies; its runs are repeated over seeds, and where they are repeated over
arms, too, an effect of theirs is formed within each seed. Of runs with draws of the assumed parameters those of the
scenario's own values (draw 0) are taken, as everywhere, and the draws only where these are missing. Years are averaged
as in ``contrasts``: by default the last five.
"""

from collections.abc import Iterable, Mapping

import pandas as pd

from abm.analysis.arms import UNIT, own_values, require_one_comparison


def observed(
    outcomes: pd.DataFrame,
    points: pd.DataFrame,
    measure: str,
    years: Iterable[int],
    population: str = "all",
    weights: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """A measure by point and seed: its mean over years, or a contrast of arms of it.

    Args:
        outcomes: one row per run, year and population.
        points: columns ``run_id`` and ``point``, one row per run and point (``Results.points``); a run may serve
            several points. A column ``slot`` says which of its point's runs it is where points have seeds of their
            own.
        measure: a column.
        years: averaged over; a run that lacks one of them is NaN.
        weights: arm to weight; None: the runs of a point have one arm.

    Returns:
        One row per point, in ascending order, one column per seed. Where points do not all have the same seeds,
        columns number the seeds of each point; ``attrs["common"]`` says whether they have, and ``attrs["seeds"]``
        which seed stands where if not.

    Raises:
        ValueError: a point has runs of several questions or budgets; without weights, of several arms; or two on one
            seed.
    """
    years = list(years)
    rows = outcomes[(outcomes["population"] == population) & outcomes["year"].isin(years)]
    rows = own_values(rows).merge(
        points[[name for name in ("run_id", "point", "slot") if name in points]], on="run_id"
    )
    grouped = rows.groupby(["point", *UNIT, "arm", "run_id"])[measure]
    runs = grouped.mean().where(grouped.count() == len(years)).reset_index("run_id", drop=True)
    if runs.index.duplicated().any():
        require_one_comparison(rows)
        raise ValueError("a point has two runs of the same arm on the same seed")
    if weights is None:
        if (rows.groupby("point")["arm"].nunique() > 1).any():
            named = ", ".join(sorted(rows["arm"].unique()))
            raise ValueError(f"a point has several arms ({named}); choose a contrast of them")
        values = runs.droplevel("arm")
    else:
        wide = runs.unstack("arm").reindex(columns=list(weights))
        values = wide.mul(pd.Series(weights)).sum(axis=1, skipna=False)
    slots = rows.groupby(["point", *UNIT])["slot"].first() if "slot" in rows else None
    if values.index.get_level_values("draw").nunique() == 1:
        values = values.droplevel("draw")
        slots = None if slots is None else slots.droplevel("draw")
    return by_point(values, sorted(points["point"].unique()), slots)


def by_point(values: pd.Series, points: Iterable[int], slots: pd.Series | None = None) -> pd.DataFrame:
    """A table of points and seeds from one number per point and seed, see ``observed``.

    Args:
        values: index level ``point`` and one or two more that name the seed.
        points: all that there should be; one without a run is a row of NaN.
        slots: the column of each number, where points have seeds of their own; None: in the order of the seeds, which
            tells nothing of the numbers that are missing.
    """
    names = [name for name in values.index.names if name != "point"]
    runs = values.groupby(level="point").size()
    # a seed that failed at some points is common still
    common = len(values.index.droplevel("point").unique()) <= runs.max() if len(runs) else True
    if not common and slots is not None:  # or each point lacks another one of them
        places = slots.reindex(values.index).to_numpy()
        common = pd.Series(values.index.get_level_values("seed")).groupby(places).nunique().max() == 1
    seeds: dict[tuple[int, int], int] = {}
    if common:
        table = values.unstack(names)
    else:
        frame = values.rename("value").reset_index()
        place = frame.groupby("point").cumcount() if slots is None else slots.reindex(values.index).to_numpy()
        frame = frame.assign(place=place)
        table = frame.pivot(index="point", columns="place", values="value")
        keys = zip(frame["point"], frame["place"], frame["seed"], strict=True)
        seeds = {(int(point), int(place)): int(seed) for point, place, seed in keys}
    table = table.reindex(pd.Index(list(points), name="point"))
    table.attrs = {"common": bool(common), "seeds": seeds}
    return table


def averaged(values: pd.DataFrame) -> pd.Series:
    """The mean of each point over its seeds; NaN for a point that lacks one, since its luck would be another."""
    return values.mean(axis=1, skipna=False)
